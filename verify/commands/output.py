"""Where results go: files that the options name, pictures, the screen.

What could not be written at the end is refused at the beginning, before a run.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

from verify.commands.options import PICTURES, UsageError

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def targets(options: argparse.Namespace, **beside: str) -> list[str]:
    """Return the files that the options name, refusing early what could not be written at the end.

    Those of a command are some of ``--json``, ``--junit``, ``--record`` and ``--plot``. No two
    outputs may go to one place; ``beside`` are files that an option brings along.
    """
    named = {
        f"--{name}": file
        for name in ("json", "junit", "record", "plot")
        if (file := getattr(options, name, None)) is not None
    }
    if "--plot" in named:
        _refuse_picture(named["--plot"])
    if named.get("--record") == "-":
        raise UsageError("--record needs the name of a file")
    along = [(f"--{option}", file) for option, file in beside.items()]
    places: dict[object, str] = {}
    for option, target in (*named.items(), *along):
        if target != "-":
            _refuse_unwritable(target)
        here = f"{option} {target}"
        there = places.setdefault(_place(target), here)
        if there != here and _place(target) is not None:
            raise UsageError(f"{there} and {here} cannot share {_named(target)}")
    page = places.get(_place("-"))
    if page and "-" not in named.values() and _place("-") is not None:
        raise UsageError(f"{page} is where the page goes: {page.split()[0]} - leaves that out")
    return list(named.values())


def _named(target: str) -> str:
    return "standard output" if target == "-" else "one file"


def _place(target: str) -> object:
    """Return what is equal for two names of one place, ``None`` for where nothing is kept."""
    try:
        found = os.fstat(1) if target == "-" else os.stat(target)
    except OSError:
        return os.path.realpath(target)
    kept = not os.path.samestat(found, os.stat(os.devnull))
    return (found.st_dev, found.st_ino) if kept or target == "-" else None


def _refuse_picture(target: str) -> None:
    if Path(target).suffix.lower() not in PICTURES:
        raise UsageError(f"--plot must end in {', '.join(PICTURES)}, got {target!r}")
    if find_spec("matplotlib") is None:
        raise UsageError("--plot needs matplotlib: pip install 'poolproof[plot]'")


def _refuse_unwritable(target: str) -> None:
    path = Path(target)
    try:
        if path.is_dir():
            raise UsageError(f"cannot write {target}: it is a folder")
        folder = path.absolute().parent
        if not folder.is_dir():
            raise UsageError(f"cannot write {target}: there is no folder {path.parent}")
        new = not path.exists()
        # Pipes and devices are not to be opened before there is something to write.
        if new or path.is_file():
            path.open("ab").close()
        if new:
            os.unlink(os.path.realpath(path))
    except OSError as error:
        raise UsageError(f"cannot write {target}: {_reason(error)}") from None


def _reason(error: OSError) -> str:
    return (error.strerror or str(error)).lower()


def write_json(target: str, data: Any) -> None:
    """Write ``data`` as JSON to the file ``target``, or to standard output if it is ``-``."""
    import json

    text = json.dumps(data, indent=2, ensure_ascii=not _holds_unicode(target), allow_nan=False)
    _write(target, text + "\n")


def write_xml(target: str, content: str) -> None:
    """Write XML to the file ``target``, or to standard output if it is ``-``."""
    if not _holds_unicode(target):
        content = content.encode("ascii", "xmlcharrefreplace").decode()
    _write(target, content)


def _holds_unicode(target: str) -> bool:
    """Say whether every letter can be written; if not, data is escaped and not respelled."""
    return target != "-" or (sys.stdout.encoding or "utf-8").lower().startswith("utf")


def _write(target: str, content: str) -> None:
    # Only the bytes of a file's name that is no UTF-8 cannot be encoded; JSON escapes them so, too.
    data = content.encode("utf-8", "backslashreplace")
    if target == "-":
        sys.stdout.write(data.decode())
        return
    try:
        Path(target).write_bytes(data)
    except OSError as error:
        raise UsageError(f"cannot write {target}: {_reason(error)}") from None


def write_picture(target: str, figure: Figure) -> None:
    """Draw ``figure`` into the file ``target``."""
    try:
        figure.savefig(target, dpi=200)
    except OSError as error:
        raise UsageError(f"cannot write {target}: {_reason(error)}") from None


def console(stream: TextIO | None = None) -> Any:
    """Return a console on ``stream``, by default standard output."""
    from rich.console import Console

    # In a pipe rich assumes 80 columns; COLUMNS says otherwise if the user wants it to.
    return Console(file=stream or sys.stdout, highlight=False)


#: What pages are made with, by the names under which Python finds it.
_PAGES_NEED = ("jinja2", "latex2mathml", "markdown_it", "pygments", "griffe")


def refuse_pages(target: str | None) -> None:
    """Refuse a folder for pages that holds something else or cannot be made; all is well with none.

    So is what they are made with, if it is not there.
    """
    if target is None:
        return
    missing = [name for name in _PAGES_NEED if find_spec(name) is None]
    if missing:
        raise UsageError(f"pages need {', '.join(missing)}: pip install 'poolproof[site]'")
    if not target:
        raise UsageError("the folder for pages must have a name, got an empty one")
    folder = Path(target)
    with written(target):
        if folder.exists() and not folder.is_dir():
            raise UsageError(f"cannot write {target}: it is a file")
        ours = (folder / "assets" / "site.css").is_file()
        if folder.is_dir() and any(folder.iterdir()) and not ours:
            raise UsageError(f"cannot write {target}: it holds something else than such pages")
        folder.mkdir(parents=True, exist_ok=True)
        if not os.access(folder, os.W_OK):
            raise UsageError(f"cannot write {target}: permission denied")


@contextlib.contextmanager
def written(target: str) -> Iterator[Path]:
    """Yield the folder of that name; what goes wrong while it is written is a line for the user."""
    try:
        yield Path(target)
    except OSError as error:
        raise UsageError(f"cannot write {target}: {_reason(error)}") from None
