"""The store stays whole, whatever happens to the runs that write to it."""

from __future__ import annotations

import resource
import signal
import sqlite3
import subprocess
import sys
import threading
from contextlib import closing
from pathlib import Path

import pytest

from verify.run.store import Store, cache_folder, default_path, today

ONE_BY_ONE = """
import sys
from pathlib import Path
from verify.run.store import Store

path, name, count = sys.argv[1:]
store = Store(Path(path))
assert store.prepare() == ""
for number in range(int(count)):
    store.write(f"{name} {number}", "1.0", "x" * 500)
    store.flush()
    print(number, flush=True)
"""


def writer(path: Path, name: str, count: int, **more: object) -> subprocess.Popen[str]:
    """Start a process that writes rows, and says so of each."""
    command = [sys.executable, "-c", ONE_BY_ONE, str(path), name, str(count)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, **more)  # type: ignore[call-overload, no-any-return]


@pytest.fixture(name="path")
def _path(tmp_path: Path) -> Path:
    return tmp_path / "folder" / "evidence.sqlite3"


def opened(path: Path) -> Store:
    """Return a store that is of use."""
    store = Store(path)
    assert store.prepare() == ""
    return store


def written(path: Path, **bodies: str) -> None:
    """Write rows, by their keys."""
    store = opened(path)
    for key, body in bodies.items():
        store.write(key, "1.0", body)
    store.flush()
    store.close()


def test_rows_come_back_with_date_and_version(path: Path) -> None:
    """The latest under a key; nothing under another."""
    store = opened(path)
    store.write("key", "1.0", "first")
    store.write("key", "1.1", "second")
    assert store.read("key") == (today(), "1.1", "second")
    assert store.read("other") is None
    assert opened(path).read("key") is None  # it is in memory
    store.flush()
    assert opened(path).read("key") == store.read("key") == (today(), "1.1", "second")


def test_what_is_no_longer_to_be_kept_is_forgotten(path: Path) -> None:
    """Whoever flushes says whether it is."""
    store = opened(path)
    store.write("key", "1.0", "body")
    store.flush(lambda: False)
    assert store.read("key") is None
    store.write("key", "1.0", "body")
    store.flush(lambda: True)
    assert opened(path).read("key")
    store.drop("key")
    assert store.read("key") is None and opened(path).read("key") is None


def test_the_environment_says_where(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """By a name of the program's own, by that of all caches, or not at all."""
    monkeypatch.setenv("POOLPROOF_CACHE", str(tmp_path))
    assert cache_folder() == tmp_path
    monkeypatch.setenv("POOLPROOF_CACHE", "")
    assert default_path() is None
    monkeypatch.delenv("POOLPROOF_CACHE")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert cache_folder() == tmp_path / "poolproof"
    assert str(default_path()).startswith(str(tmp_path))


def test_two_runs_at_once_lose_nothing(path: Path) -> None:
    """Both write to one file, and all that they wrote is there."""
    both = [writer(path, name, 150) for name in ("one", "two")]
    for process in both:
        process.communicate(timeout=120)
    assert [process.returncode for process in both] == [0, 0]
    store = opened(path)
    assert all(store.read(f"{name} {n}") for name in ("one", "two") for n in range(150))


def test_a_file_that_another_run_is_about_to_write_is_waited_for(path: Path) -> None:
    """SQLite itself waits for no lock where it is to change how a file is written."""
    path.parent.mkdir()
    with closing(sqlite3.connect(path, isolation_level=None, check_same_thread=False)) as other:
        other.execute("create table begun (x)")
        other.execute("begin immediate")
        later = threading.Timer(0.3, other.execute, ["rollback"])
        later.start()
        try:
            opened(path)
        finally:
            later.join()


@pytest.mark.parametrize("after", [1, 20])
def test_a_run_that_is_killed_leaves_it_whole(path: Path, after: int) -> None:
    """What it had said it wrote is there, and the next run reads and writes."""
    process = writer(path, "killed", 100_000)
    assert process.stdout is not None
    written = [process.stdout.readline() for _ in range(after)]
    process.send_signal(signal.SIGKILL)
    process.communicate()
    store = opened(path)
    assert all(store.read(f"killed {int(line)}") for line in written)
    store.write("next", "1.0", "body")
    store.flush()
    assert opened(path).read("next")


def test_a_full_disk_costs_the_new_rows_alone(path: Path) -> None:
    """What no longer fits is not kept; the run goes on, and what was kept is still read."""
    written(path, before="body")

    def little_room() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))

    process = writer(path, "too much", 2_000, preexec_fn=little_room)
    process.communicate(timeout=120)
    assert process.returncode == 0
    store = opened(path)
    assert store.read("before") and store.read("too much 0")
    assert store.read("too much 1999") is None


@pytest.mark.parametrize("content", [b"no database at all" * 100, b""])
def test_a_broken_file_is_begun_anew(path: Path, content: bytes) -> None:
    """It is no reason to fail."""
    path.parent.mkdir()
    path.write_bytes(content)
    written(path, key="body")
    assert opened(path).read("key")


def test_a_torn_file_is_begun_anew(path: Path) -> None:
    """So is one of which a page in the middle is lost."""
    written(path, **{f"key {number}": "x" * 500 for number in range(200)})
    content = bytearray(path.read_bytes())
    content[8192:20480] = bytes(12288)
    path.write_bytes(content)
    written(path, **{"key 7": "body"})
    assert opened(path).read("key 7") == (today(), "1.0", "body")


@pytest.mark.parametrize("column", ["key", "made", "version", "body"])
def test_a_row_that_is_not_what_was_written_is_none(path: Path, column: str) -> None:
    """A bit that has turned on a disk is seen, whatever stood there."""
    written(path, key="body")
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute(f"update evidence set {column} = 'other'")
    store = opened(path)
    assert store.read("key") is None and store.read("other") is None


@pytest.mark.parametrize("value", [7, 0.5, b"\x00\xff", "\x00"])
def test_a_row_of_other_things_is_none(path: Path, value: object) -> None:
    """SQLite keeps whatever it is given, text or not."""
    written(path, key="body")
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("update evidence set body = ?", (value,))
    assert opened(path).read("key") is None


def test_a_table_of_another_make_is_begun_anew(path: Path) -> None:
    """One that has not the same columns would keep nothing, for ever."""
    path.parent.mkdir()
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("create table evidence (key text primary key, body text)")
    written(path, key="body")
    assert opened(path).read("key")


def test_a_folder_that_cannot_be_is_told(tmp_path: Path) -> None:
    """What is of no use says why, and neither reads nor writes nor fails."""
    (tmp_path / "file").write_text("")
    store = Store(tmp_path / "file" / "evidence.sqlite3")
    assert "file" in store.prepare()
    store.write("key", "1.0", "body")
    store.flush()
    assert store.read("key") is None


def test_what_was_longest_not_used_goes_first(path: Path) -> None:
    """What is over the limit is dropped, and the file gets smaller."""
    written(path, **{f"key {number}": "x" * 10_000 for number in range(100)})
    store = opened(path)
    with sqlite3.connect(path) as connection:
        connection.execute("update evidence set used = '2001-01-01' where key <> 'key 50'")
        connection.execute("update evidence set used = '2002-01-01' where key = 'key 51'")
    connection.close()
    assert store.read("key 52") is not None  # which is a use
    store.prune(limit=31_000)
    kept = [number for number in range(100) if store.read(f"key {number}")]
    assert {50, 52} <= {*kept} and len(kept) == 3 and 51 in kept
    store.close()
    assert path.stat().st_size < 200_000


def test_a_reader_does_not_wait_for_a_writer(path: Path) -> None:
    """Another run in the midst of a transaction keeps nobody from what is stored."""
    written(path, key="body")
    busy = sqlite3.connect(path, isolation_level=None)
    busy.execute("begin immediate")
    assert Store(path).read("key")
    busy.close()
