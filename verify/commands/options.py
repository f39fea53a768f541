"""What the commands share: their options, what these choose, and what is wrong with a call.

Nothing heavy is imported before it is known to be needed, so that ``--help`` answers at once.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

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
    parser.add_argument(
        "--require",
        action="append",
        metavar="NAME",
        help="refuse to run unless this engine works here, and have it do again what records "
        "say; may be repeated",
    )
    add_fresh(parser)
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


def add_fresh(parser: argparse.ArgumentParser) -> None:
    """Add the option that leaves what is kept of earlier runs alone."""
    parser.add_argument(
        "--fresh",
        action="store_true",
        help="ask about everything, and take nothing from what earlier runs have kept",
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


def add_html(parser: argparse.ArgumentParser, what: str) -> None:
    """Add the option that writes ``what`` as pages."""
    parser.add_argument("--html", metavar="DIR", help=f"write pages that stand alone: {what}")


def add_output(parser: argparse.ArgumentParser) -> None:
    """Add the options that write the report as data."""
    add_json(parser)
    parser.add_argument("--junit", metavar="FILE", help="write the report as JUnit; - for stdout")


def whole_number(text: str, least: int = 0) -> int:
    """Return the whole number from ``least`` on that an option was given."""
    try:
        number = int(text)
    except ValueError:
        number = least - 1
    if number < least:
        raise argparse.ArgumentTypeError(f"must be a whole number from {least} on, got {text!r}")
    return number


positive_int = partial(whole_number, least=1)


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

    required = getattr(options, "require", None)
    for name in one_of("--require", required, ENGINES) if required else ():
        if absent := ENGINES[name].missing() or ENGINES[name].recorded():
            raise UsageError(f"--require {name}: {absent}")
    chosen = one_of("--engine", options.engine, ENGINES)
    return {name: ENGINES[name] for name in chosen}


def settings(options: argparse.Namespace, *, draws: bool = True) -> Settings:
    """Return what the engines are told: the seed, a time limit if given, how many are asked.

    With ``draws``, some of what is kept of earlier runs is asked for again.

    Engines that are named are all asked, and so they are by commands that leave no choice.
    """
    from verify.engines.engine import Settings

    given = {} if options.timeout is None else {"timeout": options.timeout}
    engines, required = (getattr(options, name, None) or () for name in ("engine", "require"))
    thorough = getattr(options, "thorough", True) or bool(engines)
    # Records are made anew where an engine is asked for by name; sweeps also where all are asked.
    swept = ("exhaustive",) if getattr(options, "thorough", False) else ()
    anew = frozenset((*engines, *required, *swept))
    return Settings(
        seed=options.seed,
        thorough=thorough,
        anew=anew,
        store=_store(),
        fresh=getattr(options, "fresh", False),
        drawn_on=_today() if draws else "",
        **given,
    )


def _store() -> str:
    """Return the file in which answers are kept; nothing, and why, if that is not to be had."""
    from verify.run.store import default_path, opened

    try:
        path = default_path()
    except RuntimeError:  # nobody's home is known
        path = None
    if path is None:
        return ""
    if trouble := opened(str(path)).prepare():
        print(f"{program()}: nothing is kept for the next run: {trouble}", file=sys.stderr)
        return ""
    return str(path)


def _today() -> str:
    from verify.run.store import today

    return today()


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
