"""The command line: ``python -m verify``.

Results go to standard output, progress to standard error. Nothing heavy is imported before it is
known to be needed, so ``--help`` and ``list`` answer at once.
"""

from __future__ import annotations

import argparse
import contextlib
import inspect
import json
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn, TextIO

if TYPE_CHECKING:
    from proofs.claim import Claim
    from verify.engines.engine import Engine, Settings
    from verify.report import RunReport
    from verify.runner import Finding

USAGE = 4
INTERRUPTED = 2
INTERNAL = 3
NOTHING_SELECTED = 5

DESCRIPTION = """\
Check what is claimed of pooling layers, in every number system a tensor can hold.

exit codes:
  0  every verdict is the declared one
  1  some verdict is not
  2  interrupted
  3  engines disagree, or something broke
  4  wrong usage
  5  nothing selected
"""


class UsageError(Exception):
    """A mistake in how the command was called; the message is one line for the user."""


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        self.print_usage(sys.stderr)
        print(f"{self.prog}: {message}", file=sys.stderr)
        raise SystemExit(USAGE)


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="python -m verify",
        description=DESCRIPTION,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)

    everything = commands.add_parser("all", help="check everything; print the matrix")
    _selection(everything)
    _effort(everything)
    everything.add_argument(
        "-x",
        dest="stop_early",
        action="store_true",
        help="stop at the first verdict that is not the declared one",
    )
    _output(everything)

    listing = commands.add_parser("list", help="what is claimed")
    _selection(listing)

    show = commands.add_parser("show", help="one claim's page, with its counterexample")
    show.add_argument("claim", metavar="CLAIM", help="a claim's id, as `list` prints it")
    _domain(show)
    _effort(show)

    mutants = commands.add_parser(
        "mutants", help="which false neighbours of the claims were refuted, by what"
    )
    _selection(mutants)
    _effort(mutants)
    _output(mutants)

    export = commands.add_parser("export", help="write every solver obligation as .smt2")
    export.add_argument("folder", metavar="DIR", type=Path, help="where to; made if missing")
    _selection(export)

    commands.add_parser("doctor", help="engines, versions, devices; what is missing")
    return parser


def _selection(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "-k",
        dest="expression",
        metavar="EXPR",
        default="",
        help="claims whose id contains a word; and, or, not, parentheses; "
        "a whole id selects that claim only",
    )
    _domain(parser)


def _domain(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--domain",
        action="append",
        metavar="NAME",
        help="only this number system, such as float32; may be repeated",
    )


def _effort(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--engine",
        action="append",
        metavar="NAME",
        help="ask only this engine, such as z3; may be repeated. A word weaker than "
        "the declared one is then no failure",
    )
    parser.add_argument(
        "-j",
        dest="jobs",
        metavar="N",
        type=_positive_int,
        default=None,
        help="worker processes (default: one per core)",
    )
    parser.add_argument(
        "--seed",
        metavar="N",
        type=_whole_number,
        default=0,
        help="seed of every random choice (default: 0)",
    )
    parser.add_argument(
        "--timeout",
        metavar="S",
        type=_positive_float,
        default=None,
        help="wall-clock limit of one solver call, behind its resource limit (default: 60)",
    )


def _output(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", metavar="FILE", help="write the report as JSON; - for stdout")
    parser.add_argument("--junit", metavar="FILE", help="write the report as JUnit; - for stdout")


def _whole_number(text: str) -> int:
    try:
        number = int(text)
    except ValueError:
        number = -1
    if number < 0:
        raise argparse.ArgumentTypeError(f"must be a whole number from 0 on, got {text!r}")
    return number


def _positive_int(text: str) -> int:
    try:
        number = int(text)
    except ValueError:
        number = 0
    if number < 1:
        raise argparse.ArgumentTypeError(f"must be a whole number from 1 on, got {text!r}")
    return number


def _positive_float(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = 0.0
    if not 0 < number < float("inf"):
        raise argparse.ArgumentTypeError(f"must be a number of seconds above 0, got {text!r}")
    return number


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            # Statements are full of −, ≤ and ⇔: a stream that lacks them shows "?" instead.
            stream.reconfigure(errors="replace")
    options = _parser().parse_args(arguments)
    try:
        return _COMMANDS[options.command](options)
    except UsageError as mistake:
        print(f"python -m verify {options.command}: {mistake}", file=sys.stderr)
        return USAGE
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        return INTERRUPTED
    except BrokenPipeError:
        # The reader of our output has gone, as `| head` does; it needs no traceback.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0


def _chosen_claims(options: argparse.Namespace) -> dict[str, Claim]:
    from proofs import claims
    from verify.selection import selector

    known = claims()
    if not options.expression:
        return known
    try:
        chosen = selector(options.expression, known)
    except ValueError as mistake:
        raise UsageError(str(mistake)) from None
    return {name: claim for name, claim in known.items() if chosen(name)}


def _one_of(kind: str, asked: Sequence[str] | None, known: Mapping[str, Any]) -> list[str]:
    """Return what was asked for, or everything; refuse what does not exist."""
    for name in asked or ():
        if name not in known:
            raise UsageError(
                f"{kind} {name!r} is not one of {', '.join(known)}{_near(name, known)}"
            )
    return [name for name in known if not asked or name in asked]


def _near(name: str, known: Mapping[str, Any]) -> str:
    from difflib import get_close_matches

    close = get_close_matches(name, known, n=1)
    return f"; did you mean {close[0]}?" if close else ""


def _systems(options: argparse.Namespace) -> list[str]:
    from proofs.systems import SYSTEMS

    return _one_of("--domain", options.domain, SYSTEMS)


def _engines(options: argparse.Namespace) -> dict[str, Engine]:
    from verify.engines import ENGINES

    chosen = _one_of("--engine", options.engine, ENGINES)
    return {name: ENGINES[name] for name in chosen}


def _settings(options: argparse.Namespace) -> Settings:
    from verify.engines.engine import Settings

    given = {} if options.timeout is None else {"timeout": options.timeout}
    return Settings(seed=options.seed, **given)


def _checked(
    options: argparse.Namespace, claims: Mapping[str, Claim], *, cells: bool, mutants: bool
) -> RunReport:
    from verify import runner

    systems = _systems(options)
    engines = _engines(options)
    todo = runner.tasks(claims, systems, cells=cells, mutants=mutants)
    with _progress(len(todo)) as advance:
        return runner.run(
            todo,
            _settings(options),
            jobs=options.jobs or runner.available_cores(),
            engines=engines,
            partial=bool(options.engine),
            stop_early=getattr(options, "stop_early", False),
            progress=advance,
        )


@contextlib.contextmanager
def _progress(total: int) -> Iterator[Any]:
    """Show a bar on standard error if it is a terminal, nothing in a pipe."""
    if not sys.stderr.isatty() or total < 2:
        yield lambda finding: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("{task.description}"),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("starting", total=total)

        def advance(finding: Finding) -> None:
            where = getattr(finding, "system", "") or "mutants"
            bar.update(task, advance=1, description=f"{finding.claim} · {where}")

        yield advance


def _all(options: argparse.Namespace) -> int:
    targets = _targets(options)
    # Mutants are refuted where their claim holds; a domain or an engine asks for something else.
    whole = not options.domain and not options.engine
    report = _checked(options, _chosen_claims(options), cells=True, mutants=whole)
    _deliver(options, report, targets)
    code = _exit_code(report, options)
    if "-" not in targets and code != NOTHING_SELECTED:
        from verify.display import print_run

        print_run(_console(), report)
    return code


def _mutants(options: argparse.Namespace) -> int:
    targets = _targets(options)
    report = _checked(options, _chosen_claims(options), cells=False, mutants=True)
    _deliver(options, report, targets)
    code = _exit_code(report, options)
    if "-" not in targets and code != NOTHING_SELECTED:
        from verify.display import print_mutants

        print_mutants(_console(), report)
    return code


def _exit_code(report: RunReport, options: argparse.Namespace) -> int:
    code = report.exit_code()
    if code == NOTHING_SELECTED:
        print(f"python -m verify {options.command}: nothing is selected", file=sys.stderr)
    return code


def _targets(options: argparse.Namespace) -> list[str]:
    """Return where reports go, refusing early what could not be written at the end."""
    targets = [target for target in (options.json, options.junit) if target]
    if targets.count("-") > 1:
        raise UsageError("--json - and --junit - cannot share standard output")
    for target in targets:
        if target == "-":
            continue
        path = Path(target)
        if path.is_dir():
            raise UsageError(f"cannot write {target}: it is a folder")
        if not path.absolute().parent.is_dir():
            raise UsageError(f"cannot write {target}: there is no folder {path.parent}")
    return targets


def _deliver(options: argparse.Namespace, report: RunReport, targets: Sequence[str]) -> None:
    if not targets:
        return
    from verify.junit import junit

    if options.json:
        content = json.dumps(report.to_dict(), indent=2, ensure_ascii=False) + "\n"
        _write(options.json, content)
    if options.junit:
        _write(options.junit, junit(report))


def _write(target: str, content: str) -> None:
    if target == "-":
        sys.stdout.write(content)
        return
    try:
        Path(target).write_text(content, encoding="utf-8")
    except OSError as error:
        raise UsageError(f"cannot write {target}: {error.strerror}") from None


def _console(stream: TextIO | None = None) -> Any:
    from rich.console import Console

    # In a pipe rich assumes 80 columns; COLUMNS says otherwise if the user wants it to.
    return Console(file=stream or sys.stdout, highlight=False)


def _list(options: argparse.Namespace) -> int:
    from verify.display import print_claims

    systems = set(_systems(options))
    chosen = [c for c in _chosen_claims(options).values() if systems & set(c.expected)]
    print_claims(_console(), chosen)
    if not chosen:
        print("python -m verify list: nothing is selected", file=sys.stderr)
    return 0 if chosen else NOTHING_SELECTED


def _show(options: argparse.Namespace) -> int:
    from proofs import claims
    from verify.display import print_page

    known = claims()
    if options.claim not in known:
        raise UsageError(f"no claim is called {options.claim!r}{_near(options.claim, known)}")
    claim = known[options.claim]
    options.expression = ""
    report = _checked(options, {claim.id: claim}, cells=True, mutants=False)
    print_page(_console(), claim, report, _page_of(claim))
    return _exit_code(report, options)


def _page_of(claim: Claim) -> str:
    """Return the text of the claim's file: its module's docstring."""
    import pkgutil

    import proofs

    for module in pkgutil.walk_packages(proofs.__path__, "proofs."):
        loaded = sys.modules.get(module.name)
        if getattr(loaded, "claim", None) is claim:
            return inspect.getdoc(loaded) or ""
    return ""


def _export(options: argparse.Namespace) -> int:
    from verify.export import export

    if options.folder.exists() and not options.folder.is_dir():
        raise UsageError(f"cannot write into {options.folder}: it is a file")
    try:
        written = export(_chosen_claims(options).values(), _systems(options), options.folder)
    except OSError as error:
        raise UsageError(f"cannot write into {options.folder}: {error.strerror}") from None
    print(f"{len(written)} obligations in {options.folder}")
    return 0 if written else NOTHING_SELECTED


def _doctor(options: argparse.Namespace) -> int:
    from verify.display import print_doctor
    from verify.doctor import findings

    rows = findings()
    print_doctor(_console(), rows)
    return 0 if not any(state.startswith("missing") for state, _ in rows.values()) else 1


_COMMANDS = {
    "all": _all,
    "list": _list,
    "show": _show,
    "mutants": _mutants,
    "export": _export,
    "doctor": _doctor,
}
