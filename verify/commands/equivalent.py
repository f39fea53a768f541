"""``verify equivalent``: whether modules compute what a pooling, or another module, computes."""

from __future__ import annotations

import argparse
import shlex
from collections.abc import Sequence
from pathlib import Path
from traceback import extract_tb
from typing import TYPE_CHECKING, Any

from verify.commands.options import (
    INTERNAL,
    USAGE,
    Commands,
    UsageError,
    add_output,
    add_system,
    complain,
    one_of,
    positive_float,
)
from verify.commands.output import console, targets, write_json, write_xml
from verify.names import program

if TYPE_CHECKING:
    from verify.judge import Equivalence

DESCRIPTION = """\
Judge modules: proved equal to the reference for every input of one shape, or refuted by an input
on which the real module was run.

A module is the place of a torch module's class, of a module, of a function on a tensor, or of a
function that makes one: mymodule:MyPool or path/to/file.py:MyPool. The reference is another place
or a pooling by name, "max_pool2d(kernel_size=3, stride=2, padding=1)".

The code of these files runs in this process: judge only what you would run.

exit codes:
  0  all proved
  1  one refuted or undecided
  2  interrupted
  3  engines disagree, or the judge broke: goes before 4
  4  wrong usage, or a module that cannot be judged: goes before 1
"""


def add(commands: Commands) -> None:
    """Add the command's parser."""
    parser = commands.add_parser(
        "equivalent",
        help="whether modules compute what a pooling, or another module, computes",
        description=DESCRIPTION,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("modules", metavar="MODULE", nargs="+", help="a module's place")
    parser.add_argument("reference", metavar="REFERENCE", help="a place, or a pooling by name")
    parser.add_argument(
        "--input",
        metavar="SHAPE",
        type=_shape,
        required=True,
        help="the input's shape, such as 1x2x7x7",
    )
    add_system(parser, default="real", help="the number system: real (default), float16, int8, …")
    parser.add_argument(
        "--engine",
        action="append",
        metavar="NAME",
        help="ask only this solver, such as z3; may be repeated",
    )
    parser.add_argument(
        "--timeout",
        metavar="S",
        type=positive_float,
        default=60.0,
        help="seconds for one module (default: 60)",
    )
    add_output(parser)


def _shape(text: str) -> tuple[int, ...]:
    try:
        sizes = tuple(int(size) for size in text.lower().replace("×", "x").split("x"))
    except ValueError:
        sizes = (0,)
    if any(size < 1 for size in sizes):
        raise argparse.ArgumentTypeError(f"must be sizes such as 1x2x7x7, got {text!r}")
    return sizes


def run(options: argparse.Namespace) -> int:
    """Run the command and return its exit code."""
    files = targets(options)
    from proofs.verdict import Verdict

    findings = _judged(options)
    code = _exit_code(findings)
    _deliver(options, findings, code)
    unjudged = [found for found in findings if found.verdict is Verdict.SKIPPED]
    if "-" not in files and (len(findings) > 1 or not unjudged):
        from verify.display.judgements import print_page, print_table

        if len(findings) > 1:
            print_table(console(), findings)
            _point_at_page(options, findings)
        else:
            print_page(console(), findings[0])
    for found in unjudged:
        complain("equivalent", f"{found.module} cannot be judged: {found.reason}")
    return code


def _point_at_page(options: argparse.Namespace, findings: Sequence[Equivalence]) -> None:
    """Print the command that draws the first counterexample of the table."""
    shown = next((found.module for found in findings if found.counterexample), None)
    if shown is None:
        return
    size = "x".join(map(str, options.input))
    words = ["equivalent", shown, options.reference, "--input", size]
    words += [] if options.system == "real" else ["--system", options.system]
    words += [word for engine in options.engine or () for word in ("--engine", engine)]
    print(f"an input on which it fails: {program()} {shlex.join(words)}")


def _judged(options: argparse.Namespace) -> list[Equivalence]:
    import torch

    from verify.judge import JUDGED_SYSTEMS
    from verify.judge.judge import SOLVERS
    from verify.judge.loading import load
    from verify.judge.references import is_call, named_pooling
    from verify.judge.tracing import NotJudgedError

    one_of("--system", [options.system], dict.fromkeys(JUDGED_SYSTEMS))
    one_of("--engine", options.engine, dict.fromkeys(SOLVERS))
    try:
        if is_call(options.reference):
            named_pooling(options.reference).check(options.input, options.system)
            reference: Any = options.reference
        else:
            reference = load(options.reference)
    except (NotJudgedError, TypeError, ValueError) as mistake:
        raise UsageError(f"the reference: {mistake}") from None
    # On inputs this small threads only wait for each other.
    torch.set_num_threads(1)
    return [_judge(options, place, reference) for place in options.modules]


def _judge(options: argparse.Namespace, place: str, reference: Any) -> Equivalence:
    from proofs.verdict import Verdict
    from verify.judge import Equivalence, NotJudgedError, equivalent
    from verify.judge.loading import load
    from verify.judge.tracing import first_line

    def unsettled(verdict: Verdict, reason: str) -> Equivalence:
        return Equivalence(place, options.reference, options.input, options.system, verdict, reason)

    try:
        return equivalent(
            load(place),
            reference,
            options.input,
            options.system,
            engines=options.engine or (),
            timeout=options.timeout,
            name=place,
            reference_name=options.reference,
        )
    except NotJudgedError as reason:
        return unsettled(Verdict.SKIPPED, str(reason))
    except (Exception, SystemExit) as error:
        # Whatever one module brings about, the others of its class are still judged.
        where = extract_tb(error.__traceback__)[-1]
        return unsettled(
            Verdict.ERROR,
            f"the judge broke: {type(error).__name__}: {first_line(error)}, "
            f"line {where.lineno} of {Path(where.filename).name}",
        )


def _exit_code(findings: Sequence[Equivalence]) -> int:
    from proofs.verdict import Verdict

    verdicts = {found.verdict for found in findings}
    if Verdict.ERROR in verdicts:
        return INTERNAL
    if Verdict.SKIPPED in verdicts:
        return USAGE
    return 0 if all(verdict.settles for verdict in verdicts) else 1


def _deliver(options: argparse.Namespace, findings: Sequence[Equivalence], code: int) -> None:
    if options.json:
        report = {
            "schema": 2,
            "exit_code": code,
            "modules": [found.to_dict() for found in findings],
        }
        write_json(options.json, report)
    if options.junit:
        from verify.display.judgements import junit

        write_xml(options.junit, junit(findings))
