"""Make one-line edits to a copy of the project, one at a time, and see that each is noticed.

The edits are those of ``mutations.toml`` beside this file: to encodings, rules, number systems,
formulas and the runner. Each names the command that is to fail, one that passes without the edit.
``--record`` writes what comes of each to ``mutations.json``, with the commit at which it came so;
``--open`` makes only those that are not there yet, so that the record can be made in pieces.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shlex
import shutil
import subprocess
import sys
import tempfile
import time
import tomllib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from queue import SimpleQueue
from threading import Lock
from typing import Any

ROOT = Path(__file__).parents[1]
EDITS = Path(__file__).with_name("mutations.toml")
RECORD = EDITS.with_suffix(".json")
#: What a command returns that could not do what it was asked: that kills nothing.
MISUSED = {"verify": {4, 5}, "pytest": {3, 4, 5}}
#: Seconds after which a command has failed.
PATIENCE = 900
#: Bytecode is told from other bytecode by the second in which its source was written.
SECONDS = count(int(time.time()))


class MisusedError(Exception):
    """An edit or its command is not what it should be."""


@dataclass(frozen=True)
class Edit:
    """A line of a file, what is to stand in its place, and the command that is to notice."""

    title: str
    file: str
    old: str
    new: str
    kill: str
    #: Why nothing can notice it; empty if something must.
    survives: str = ""

    def edited(self, source: str) -> str:
        """Return ``source`` with the edit made; raise ``MisusedError`` unless it makes sense."""
        if source.count(self.old) != 1:
            raise MisusedError(
                f"{self.title}: {self.file} has its line {source.count(self.old)} times"
            )
        text = source.replace(self.old, self.new)
        try:
            compile(text, self.file, "exec")
        except SyntaxError as error:
            raise MisusedError(f"{self.title}: {error}") from None
        return text


@dataclass(frozen=True)
class Command:
    """A program of the project and its arguments."""

    program: str
    arguments: str

    def fails_in(self, folder: Path) -> bool:
        """Run it in a copy of the project, and say whether it failed."""
        quiet = ["-q", "-x", "-p", "no:cacheprovider"] if self.program == "pytest" else []
        environment = {**os.environ, "PYTHONPATH": str(folder), "POOLPROOF_CACHE": ""}
        command = [sys.executable, "-m", self.program, *shlex.split(self.arguments), *quiet]
        try:
            done = subprocess.run(
                command, cwd=folder, env=environment, check=False, timeout=PATIENCE,
                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            )  # fmt: skip
        except subprocess.TimeoutExpired:
            return True
        if done.returncode in MISUSED[self.program]:
            raise MisusedError(f"{shlex.join(command)} returns {done.returncode}")
        return done.returncode != 0


def read() -> tuple[list[Edit], dict[str, Command]]:
    """Return the edits and the commands that are to notice them."""
    data = tomllib.loads(EDITS.read_text(encoding="utf-8"))
    commands = {name: Command(**entry) for name, entry in data["kills"].items()}
    return [Edit(**entry) for entry in data["edit"]], commands


@contextmanager
def copies(number: int) -> Iterator[SimpleQueue[Path]]:
    """Yield so many copies of what git keeps, or would keep, of the project."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=ROOT, capture_output=True, check=True, text=True,
    )  # fmt: skip
    with tempfile.TemporaryDirectory() as place:
        free: SimpleQueue[Path] = SimpleQueue()
        for copy in range(number):
            folder = Path(place, str(copy))
            for name in filter(None, listed.stdout.split("\0")):
                if (ROOT / name).is_file():
                    (folder / name).parent.mkdir(parents=True, exist_ok=True)
                    shutil.copy2(ROOT / name, folder / name)
            free.put(folder)
        yield free


def survives(edit: Edit, command: Command, folder: Path) -> bool:
    """Make an edit in a copy, see whether anybody notices, and take it back."""
    path = folder / edit.file
    source = path.read_text(encoding="utf-8")
    try:
        _write(path, edit.edited(source))
        return not command.fails_in(folder)
    finally:
        _write(path, source)


def _write(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8")
    second = next(SECONDS)
    os.utime(path, (second, second))


def main() -> int:
    """Return 0 if every edit was noticed but those that cannot be, 1 if not, 4 for a mistake."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument(
        "--sample", metavar="N", type=int, help="only N of those on record, drawn by --seed"
    )
    parser.add_argument("--seed", metavar="N", type=int, default=random.randrange(10**6))
    parser.add_argument("-k", dest="word", default="", help="only edits whose title has this word")
    parser.add_argument("-j", dest="jobs", metavar="N", type=int, default=2)
    parser.add_argument("--open", action="store_true", help=f"only those not in {RECORD.name}")
    parser.add_argument("--record", action="store_true", help=f"write {RECORD.name}")
    options = parser.parse_args()
    every, commands = read()
    edits = [edit for edit in every if options.word in edit.title]
    if options.open:
        known = recorded()
        edits = [x for x in edits if x.title not in {**known["killed"], **known["survivors"]}]
    if options.sample is not None:
        known = recorded()["killed"]
        edits = [edit for edit in edits if edit.title in known]
        edits = random.Random(options.seed).sample(edits, options.sample)
        print(f"{len(edits)} of {len(every)} edits, seed {options.seed}")
    started, writing = time.time(), Lock()
    with copies(options.jobs) as free, ThreadPoolExecutor(options.jobs) as pool:

        def without_edit(name: str) -> str:
            folder = free.get()
            try:
                return name if commands[name].fails_in(folder) else ""
            finally:
                free.put(folder)

        def outcome(edit: Edit) -> bool:
            folder = free.get()
            try:
                alive = survives(edit, commands[edit.kill], folder)
            finally:
                free.put(folder)
            print(f"{'SURVIVES' if alive else 'killed  '} {edit.title} ({edit.kill})", flush=True)
            if options.record:
                with writing:
                    record(every, edit, alive)
            return alive

        try:
            needed = dict.fromkeys(edit.kill for edit in edits)
            if failing := [*filter(None, pool.map(without_edit, needed))]:
                raise MisusedError(f"without any edit these fail: {', '.join(failing)}")
            alive = list(pool.map(outcome, edits))
        except MisusedError as mistake:
            print(mistake, file=sys.stderr)
            return 4
    wrong = [
        e.title for e, lives in zip(edits, alive, strict=True) if lives is not bool(e.survives)
    ]
    print(f"{len(edits) - sum(alive)} of {len(edits)} killed, {time.time() - started:.0f} s")
    for title in wrong:
        print(f"not as expected: {title}")
    return int(bool(wrong))


def recorded() -> dict[str, Any]:
    """Return what is on record: by title, the commit at which an edit was killed or survived."""
    record: dict[str, Any] = json.loads(RECORD.read_text(encoding="utf-8"))
    return record


def record(every: list[Edit], edit: Edit, alive: bool) -> None:
    """Put what came of one edit on record; edits that are no more are dropped from it."""
    commit = subprocess.run(
        ["git", "rev-parse", "--short=10", "HEAD"],
        cwd=ROOT, capture_output=True, check=True, text=True,
    ).stdout.strip()  # fmt: skip
    found = recorded()
    titles = [one.title for one in every]
    for word, here in (("killed", not alive), ("survivors", alive)):
        known = {**found[word], **({edit.title: commit} if here else {})}
        if not here:
            known.pop(edit.title, None)
        found[word] = {title: known[title] for title in titles if title in known}
    found["date"] = datetime.now(UTC).date().isoformat()
    found["edits"] = len(every)
    found["tried"] = len(found["killed"]) + len(found["survivors"])
    RECORD.write_text(json.dumps(found, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
