"""What the commands share: their options, where results go, and what is wrong with a call.

Nothing heavy is imported before it is known to be needed, so that ``--help`` answers at once.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

from verify.names import program

if TYPE_CHECKING:
    from proofs.claim import Claim
    from verify.engines.engine import Engine, Settings

INTERRUPTED = 2
INTERNAL = 3
USAGE = 4
NOTHING_SELECTED = 5

#: How the names of pictures end.
PICTURES = (".png", ".svg", ".pdf")

Commands = Any  # what argparse's add_subparsers returns has no public name


class UsageError(Exception):
    """A mistake in how the command was called; the message is one line for the user."""


def complain(command: str, message: str) -> None:
    """Say on standard error what is wrong, in one line, as the program's command."""
    print(f"{' '.join(filter(None, (program(), command)))}: {message}", file=sys.stderr)


def add_selection(parser: argparse.ArgumentParser) -> None:
    """Add the options that choose claims and number systems."""
    parser.add_argument(
        "-k",
        dest="expression",
        metavar="EXPR",
        default="",
        help="only claims whose id contains a word, or words joined by and, or, not and "
        "parentheses; a whole id selects that claim alone",
    )
    add_system(
        parser, action="append", help="only this number system, such as float32; may be repeated"
    )


def add_system(parser: argparse.ArgumentParser, **how: Any) -> None:
    """Add the option that chooses number systems; its older name still works and is not shown."""
    parser.add_argument("--system", metavar="NAME", **how)
    parser.add_argument("--domain", dest="system", **{**how, "help": argparse.SUPPRESS})


def add_effort(parser: argparse.ArgumentParser) -> None:
    """Add the options that say who checks, how long, and with which random numbers."""
    parser.add_argument(
        "--engine",
        action="append",
        metavar="NAME",
        help="ask only this engine, such as z3; may be repeated. A verdict weaker than "
        "the expected one is then accepted",
    )
    add_jobs(parser)
    parser.add_argument(
        "--seed",
        metavar="N",
        type=whole_number,
        default=0,
        help="seed of every random choice (default: 0)",
    )
    parser.add_argument(
        "--timeout",
        metavar="S",
        type=positive_float,
        default=None,
        help="seconds that one solver call may take; a limit on its work usually ends it "
        "earlier (default: 60)",
    )


def add_jobs(parser: argparse.ArgumentParser) -> None:
    """Add the option that says how many processes work."""
    parser.add_argument(
        "-j",
        dest="jobs",
        metavar="N",
        type=positive_int,
        default=None,
        help="worker processes (default: one per core)",
    )


def add_json(parser: argparse.ArgumentParser) -> None:
    """Add the option that writes the report as JSON."""
    parser.add_argument("--json", metavar="FILE", help="write the report as JSON; - for stdout")


def add_plot(parser: argparse.ArgumentParser, what: str) -> None:
    """Add the option that draws ``what``."""
    parser.add_argument("--plot", metavar="FILE", help=f"draw {what}: {', '.join(PICTURES)}")


def add_output(parser: argparse.ArgumentParser) -> None:
    """Add the options that write the report as data."""
    add_json(parser)
    parser.add_argument("--junit", metavar="FILE", help="write the report as JUnit; - for stdout")


def whole_number(text: str) -> int:
    """Return the whole number that an option was given."""
    try:
        number = int(text)
    except ValueError:
        number = -1
    if number < 0:
        raise argparse.ArgumentTypeError(f"must be a whole number from 0 on, got {text!r}")
    return number


def positive_int(text: str) -> int:
    """Return the whole number from 1 on that an option was given."""
    try:
        number = int(text)
    except ValueError:
        number = 0
    if number < 1:
        raise argparse.ArgumentTypeError(f"must be a whole number from 1 on, got {text!r}")
    return number


def positive_float(text: str) -> float:
    """Return the positive number of seconds that an option was given."""
    try:
        number = float(text)
    except ValueError:
        number = 0.0
    if not 0 < number < float("inf"):
        raise argparse.ArgumentTypeError(f"must be a positive number of seconds, got {text!r}")
    return number


def chosen_claims(options: argparse.Namespace) -> Mapping[str, Claim]:
    """Return the claims that ``-k`` selects; all without it."""
    from proofs import claims
    from verify.run.selection import selector

    known = claims()
    if not options.expression:
        return known
    try:
        chosen = selector(options.expression, known)
    except ValueError as mistake:
        raise UsageError(str(mistake)) from None
    # Looked up one by one: what is not chosen is not imported.
    return {name: known[name] for name in known if chosen(name)}


def chosen_systems(options: argparse.Namespace) -> list[str]:
    """Return the names of the number systems that ``--system`` selects; the columns without it."""
    from proofs.systems import SYSTEMS, by_default

    return one_of("--system", options.system, SYSTEMS) if options.system else by_default()


def chosen_engines(options: argparse.Namespace) -> dict[str, Engine]:
    """Return the engines that ``--engine`` selects; all without it."""
    from verify.engines import ENGINES

    chosen = one_of("--engine", options.engine, ENGINES)
    return {name: ENGINES[name] for name in chosen}


def settings(options: argparse.Namespace) -> Settings:
    """Return what the engines are told: the seed, a time limit if given, how many are asked.

    Engines that are named are all asked, and so they are by commands that leave no choice.
    """
    from verify.engines.engine import Settings

    given = {} if options.timeout is None else {"timeout": options.timeout}
    thorough = getattr(options, "thorough", True) or bool(options.engine)
    return Settings(seed=options.seed, thorough=thorough, **given)


def one_of(kind: str, asked: Sequence[str] | None, known: Mapping[str, Any]) -> list[str]:
    """Return what was asked for, or everything; refuse what does not exist."""
    for name in asked or ():
        if name not in known:
            raise UsageError(
                f"{kind} {name!r} is not one of {', '.join(known)}{suggestion(name, known)}"
            )
    return [name for name in known if not asked or name in asked]


def suggestion(name: str, known: Mapping[str, Any]) -> str:
    """Return a closing remark that names the known word nearest to ``name``, if one is near."""
    from difflib import get_close_matches

    close = get_close_matches(name, known, n=1)
    return f"; did you mean {close[0]}?" if close else ""


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


def console(stream: TextIO | None = None) -> Any:
    """Return a console on ``stream``, by default standard output."""
    from rich.console import Console

    # In a pipe rich assumes 80 columns; COLUMNS says otherwise if the user wants it to.
    return Console(file=stream or sys.stdout, highlight=False)
