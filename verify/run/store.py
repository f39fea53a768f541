"""The store of evidence: one SQLite file in the user's cache folder, which any run may share.

It is a convenience and never a reason to fail: what cannot be read is asked again, what cannot be
written is not kept. SQLite sees to it that two runs at once, a full disk and a kill at any moment
leave it whole; a file that is not whole is begun anew. A row that is not what was written, as after
a bit of the disk has turned, is none.
"""

from __future__ import annotations

import math
import os
import sqlite3
import sys
import time
from collections.abc import Callable, Iterable
from contextlib import closing, suppress
from datetime import UTC, datetime
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

from verify.names import NAME

#: How many bytes of evidence are kept; what was longest not used goes first.
LIMIT = 32 << 20
#: Goes up when rows change their meaning, so that no version reads those of another.
LAYOUT = 2
#: How many seconds one run waits for another to finish writing.
PATIENCE = 5.0

COLUMNS = ("key", "made", "used", "version", "body", "seal")
_TABLE = f"""
create table if not exists evidence (
    {", ".join(f"{name} text not null" for name in COLUMNS)}, primary key (key)
) without rowid
"""


class Kept(NamedTuple):
    """What was kept under a key: when, by which version of the engine, and what it said."""

    made: str
    version: str
    body: str


def cache_folder() -> Path | None:
    """Return the folder for what this program may lose; ``None`` if nothing is to be kept.

    ``POOLPROOF_CACHE`` names it, or forbids one by being empty; otherwise it is in
    ``XDG_CACHE_HOME`` or where the platform has such folders.
    """
    if (own := os.environ.get("POOLPROOF_CACHE")) is not None:
        return Path(own) if own else None
    if named := os.environ.get("XDG_CACHE_HOME"):
        return Path(named) / NAME
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches" / NAME
    if sys.platform == "win32" and (local := os.environ.get("LOCALAPPDATA")):
        return Path(local) / NAME / "Cache"
    return Path.home() / ".cache" / NAME


def default_path() -> Path | None:
    """Return the file in which evidence is kept; ``None`` if nothing is to be kept."""
    folder = cache_folder()
    return None if folder is None else folder / f"evidence-{LAYOUT}.sqlite3"


def today() -> str:
    """Return the date, in UTC."""
    return datetime.now(UTC).date().isoformat()


class Store:
    """Evidence by key, in the file ``path``."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._connection: sqlite3.Connection | None = None
        #: What is said and not yet written, and since when something is.
        self._said: dict[str, Kept] = {}
        self._since = math.inf

    def prepare(self) -> str:
        """Make the file if there is none, and anew if it is broken; return why it is of no use."""
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            for trial in (1, 2):
                try:
                    connection = self._connected()
                    connection.execute(_TABLE)
                    ((said,),) = connection.execute("pragma quick_check(1)").fetchall()
                    if said == "ok" and _columns(connection) == COLUMNS:
                        return ""
                    raise sqlite3.DatabaseError(f"not as it should be: {said}")
                except sqlite3.OperationalError:
                    raise  # locked, or not to be written: another run may well be using it
                except sqlite3.DatabaseError:
                    if trial == 2:
                        raise
                    self._begin_anew()
        except (OSError, sqlite3.Error) as error:
            self.close()
            return f"{self.path}: {getattr(error, 'strerror', None) or error}"
        return ""

    def _connected(self) -> sqlite3.Connection:
        if self._connection is None:
            # Every statement is a transaction of its own.
            self._connection = sqlite3.connect(self.path, timeout=PATIENCE, isolation_level=None)
            _write_ahead(self._connection)
        return self._connection

    def _begin_anew(self) -> None:
        self.close()
        for suffix in ("", "-wal", "-shm"):
            Path(f"{self.path}{suffix}").unlink(missing_ok=True)

    def close(self) -> None:
        """Let go of the file."""
        if self._connection is not None:
            with suppress(sqlite3.Error):
                self._connection.close()
            self._connection = None

    def read(self, key: str) -> Kept | None:
        """Return what was kept under ``key``."""
        if (said := self._said.get(key)) is not None:
            return said
        query = "select made, version, body, seal, used from evidence where key = ?"
        try:
            found = self._connected().execute(query, (key,)).fetchone()
        except sqlite3.Error:
            return None
        if found is None or found[3] != _seal(key, kept := Kept(*found[:3])):
            return None
        if found[4] != (now := today()):
            with suppress(sqlite3.Error):
                self._connected().execute("update evidence set used = ? where key = ?", (now, key))
        return kept

    def write(self, key: str, version: str, body: str) -> None:
        """Have ``body`` kept under ``key``, in the place of what is there; for now in memory."""
        self._said[key] = Kept(today(), version, body)
        self._since = min(self._since, time.monotonic())

    def waited(self) -> float:
        """Return for how many seconds something has waited to be written; −∞ if nothing does."""
        return time.monotonic() - self._since

    def drop(self, key: str) -> None:
        """Keep nothing under ``key``."""
        self._said.pop(key, None)
        with suppress(sqlite3.Error):
            self._connected().execute("delete from evidence where key = ?", (key,))

    def flush(self, keep: Callable[[], bool] = lambda: True) -> None:
        """Write what was said since, if it is still to be kept; forget it if it is not."""
        if not self._said:
            return
        if keep():
            rows = [
                (key, said.made, said.made, said.version, said.body, _seal(key, said))
                for key, said in self._said.items()
            ]
            with suppress(sqlite3.Error):
                self._written(rows)
        self._said.clear()
        self._since = math.inf

    def _written(self, rows: Iterable[tuple[str, ...]]) -> None:
        connection = self._connected()
        connection.execute("begin immediate")
        try:
            connection.executemany(
                "insert or replace into evidence values (?, ?, ?, ?, ?, ?)", rows
            )
            connection.execute("commit")
        except sqlite3.Error:
            with suppress(sqlite3.Error):
                connection.execute("rollback")
            raise

    def prune(self, limit: int = LIMIT) -> None:
        """Drop what was longest not used, until no more than ``limit`` bytes are left."""
        query = "select key, length(body) from evidence order by used desc, made desc"
        with suppress(sqlite3.Error):
            connection, total = self._connected(), 0
            with closing(connection.execute(query)) as rows:
                late = [key for key, size in rows if (total := total + size + len(key)) > limit]
            connection.executemany("delete from evidence where key = ?", [(key,) for key in late])
            if late:
                connection.execute("vacuum")


def _columns(connection: sqlite3.Connection) -> tuple[str, ...]:
    return tuple(row[1] for row in connection.execute("pragma table_info(evidence)"))


def _seal(key: str, kept: Kept) -> str:
    """Return a digest of a row: no secret, but chance does not meet it."""
    return sha256("\0".join(map(str, (key, *kept))).encode()).hexdigest()[:16]


def _write_ahead(connection: sqlite3.Connection) -> None:
    """Let no reader wait for a writer, and nobody for the disk at every row.

    SQLite gives up at once, whatever its time-out, where another run opens the file too: so it is
    asked again.
    """
    until = time.monotonic() + PATIENCE
    while True:
        try:
            connection.execute("pragma journal_mode = wal")
            break
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > until:
                raise
        time.sleep(0.01)
    connection.execute("pragma synchronous = normal")


@cache
def opened(path: str) -> Store:
    """Return the store in the file ``path``, one for each process."""
    return Store(Path(path))
