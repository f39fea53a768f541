"""``verify equivalent``: whether modules compute what a pooling, or another module, computes."""

from __future__ import annotations

import argparse
import shlex
import sys
import time
from collections.abc import Callable, Sequence
from glob import glob
from typing import TYPE_CHECKING

from verify.commands.options import (
    INTERNAL,
    USAGE,
    Commands,
    UsageError,
    add_html,
    add_output,
    add_plot,
    add_system,
    complain,
    one_of,
    positive_float,
)
from verify.commands.output import (
    console,
    refuse_pages,
    targets,
    write_json,
    write_picture,
    write_xml,
    written,
)
from verify.names import program

if TYPE_CHECKING:
    from verify.judge import Equivalence

DESCRIPTION = """\
Judge modules: proved equal to the reference for every input of one shape, or of every shape, or
refuted by an input on which the module was run.

A module is the place of a torch module's class, of a module, of a function on tensors, or of a
function that makes one: mymodule:MyPool or "path/to/file.py:MyPool(3, stride=2)", with literal
arguments. The reference is another place, or a pooling by name,
"max_pool2d(kernel_size=3, stride=2, padding=1)"; what one needs besides its input is written down,
"roi_align2d(2, boxes=[[0, 0, 0, 3, 3]])", or scores and weights are a second --input.

The code of these files runs on this machine: judge only what you would run.

words:
  PROVED          equal for every input of every size at which there is a reference
  PROVED_BOUNDED  equal for every input of this shape, or of the sizes it names
  WITHIN          not equal in this number system, but within a proved bound (--between)
  REFUTED         an input on which the module gives another result
  TESTED          it ran, it cannot be read, and many inputs agree
  NOT_JUDGED      it cannot be run as asked, or is no function of its input
  MISSING         there is no such file, name or argument
  UNKNOWN         nobody decided it in time

exit codes:
  0  all proved, or within a proved bound
  1  one is not
  2  interrupted
  3  engines disagree: goes before 4
  4  wrong usage, or one is missing: goes before 1
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
        action="append",
        help="the input's shape, such as 1x2x7x7; of several inputs, once for each. Letters are "
        "sizes left open, NxCxHxW, equal letters equal sizes; all are if this is left out",
    )
    add_system(parser, default="real", help="the number system: real (default), float16, int8, …")
    parser.add_argument(
        "--given",
        metavar="CONDITION",
        action="append",
        help="for inputs only whose every element meets this: 'x >= 0', 'x > -1e4', 'x in [0, 1]', "
        "'x within float32', 'x is integer', 'x finite'; x is each element, the rest numbers; may "
        "be repeated",
    )
    parser.add_argument(
        "--no-why",
        dest="why",
        action="store_false",
        help="do not search for the weakest condition under which a module that is wrong is right",
    )
    parser.add_argument(
        "--between",
        metavar=("LO", "HI"),
        nargs=2,
        type=float,
        action="append",
        help="for inputs in this range, with a proved bound in a float system; of several inputs, "
        "once for all or once for each",
    )
    parser.add_argument(
        "--executed",
        action="store_true",
        help="with --between: compare with the reference as computed in that dtype",
    )
    parser.add_argument(
        "--backward",
        action="store_true",
        help="judge gradients as well: what autograd gives to the input, where taps tie too; a "
        "pooling by name is trained as torch's own",
    )
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
        help="seconds for one module, counted when it is loaded (default: 60)",
    )
    parser.add_argument(
        "--kernelbench",
        action="store_true",
        help="places are KernelBench's files: ModelNew against Model, get_inputs, get_init_inputs",
    )
    add_output(parser)
    add_plot(parser, "with --between the error around the worst input found")
    add_html(parser, "a table of the modules, and a page for each with both outputs")


def _shape(text: str) -> tuple[int | str, ...]:
    words = text.upper().replace("×", "X").split("X")
    sizes = tuple(int(word) if word.isdecimal() else word for word in words)
    if any(not size.isidentifier() if isinstance(size, str) else size < 1 for size in sizes):
        raise argparse.ArgumentTypeError(
            f"must be sizes such as 1x2x7x7, or letters for open ones, NxCxHxW, got {text!r}"
        )
    return sizes


def run(options: argparse.Namespace) -> int:
    """Run the command and return its exit code."""
    files = targets(options)
    refuse_pages(options.html)
    from proofs.verdict import Verdict

    findings = _judged(options)
    code = _exit_code(findings)
    unwritten = None
    try:
        _deliver(options, findings, code)
    except UsageError as error:  # what was found is shown all the same
        unwritten = error
    missing = [found for found in findings if found.verdict is Verdict.MISSING]
    if "-" not in files and (len(findings) > 1 or not missing):
        from verify.display.judgements import print_page, print_table

        if len(findings) > 1:
            print_table(console(), findings)
            _point_at_page(options, findings)
        else:
            print_page(console(), findings[0])
    for found in missing:
        complain("equivalent", f"{found.module}: {found.reason}")
    if unwritten is not None:
        raise unwritten
    return code


def _point_at_page(options: argparse.Namespace, findings: Sequence[Equivalence]) -> None:
    """Print the command that draws the first counterexample of the table."""
    shown = next((found.module for found in findings if found.counterexample), None)
    if shown is None:
        return
    words = ["equivalent", shown, options.reference]
    words += [w for sizes in options.input or () for w in ("--input", "x".join(map(str, sizes)))]
    words += ["--kernelbench"] if options.kernelbench else []
    words += [] if options.system == "real" else ["--system", options.system]
    for low, high in options.between or ():
        words += ["--between", f"{low:g}", f"{high:g}"]
    words += ["--executed"] if options.executed else []
    words += ["--backward"] if options.backward else []
    words += [word for given in options.given or () for word in ("--given", given)]
    words += [word for engine in options.engine or () for word in ("--engine", engine)]
    print(f"an input on which it fails: {program()} {shlex.join(words)}")


def _judged(options: argparse.Namespace) -> list[Equivalence]:
    from verify.judge import JUDGED_SYSTEMS
    from verify.judge.references import is_call, named_pooling
    from verify.judge.shape.proof import SOLVERS

    one_of("--system", [options.system], dict.fromkeys(JUDGED_SYSTEMS))
    one_of("--engine", options.engine, dict.fromkeys(SOLVERS))
    if options.executed and options.between is None:
        raise UsageError("--executed needs --between: the range of the inputs")
    if options.between is not None:
        from verify.judge.tolerance.asked import asking

        shapes = options.input or [(1,)] * len(options.between)
        least = [[1 if isinstance(size, str) else size for size in shape] for shape in shapes]
        try:
            asking(options.between, options.system, least, executed=options.executed)
        except ValueError as mistake:
            raise UsageError(f"--{mistake}") from None
    if options.plot and (options.between is None or len(options.modules) != 1):
        raise UsageError("--plot takes one MODULE, and --between: it draws errors in a range")
    if options.given is not None:
        _refuse_given(options)
    if options.backward:
        _refuse_backward(options)
    if is_call(options.reference) and not options.kernelbench:
        try:
            pooling = named_pooling(options.reference)
            options.input = options.input or [pooling.open_shape]
            shape, *further = options.input
            sized = not any(isinstance(size, str) for size in shape)
            system = options.system if options.between is None else "real"
            pooling.check(shape, system, *further, sized=sized)
        except (TypeError, ValueError) as mistake:
            raise UsageError(f"the reference: {mistake}") from None
    if options.input is None and not options.kernelbench:
        raise UsageError("the following arguments are required: --input")
    if options.plot and any(isinstance(n, str) for shape in options.input or () for n in shape):
        raise UsageError("--plot takes an --input of numbers")
    if len(options.input or ()) > 1 and any(
        isinstance(size, str) for shape in options.input for size in shape
    ):
        raise UsageError("open sizes are for modules of one --input")
    return [_judge(options, place) for written in options.modules for place in _places(written)]


def _places(written: str) -> list[str]:
    """Return the places that are meant: of a pattern, ``answers/*.py:Pool``, one for each file."""
    source, bracket, arguments = written.partition("(")
    files, colon, name = source.rpartition(":")
    pattern, more = (files, f":{name}") if colon else (source, "")  # of KernelBench files alone
    if not any(character in pattern for character in "*?"):
        return [written]
    found = sorted(glob(pattern))
    return [f"{file}{more}{bracket}{arguments}" for file in found] or [written]


def _refuse_backward(options: argparse.Namespace) -> None:
    """Refuse gradients where there are none, or where nobody can judge them."""
    from verify.judge.gradients import of_reference
    from verify.judge.judge import refuse_backward
    from verify.judge.references import is_call, named_pooling

    try:
        sizes = [size for shape in options.input or [()] for size in shape]
        if sizes or not options.kernelbench:
            refuse_backward(options.system, sizes, options.between)
        if is_call(options.reference) and not options.kernelbench:
            of_reference(named_pooling(options.reference))
    except (TypeError, ValueError) as mistake:
        raise UsageError(f"--{mistake}" if str(mistake).startswith("backward")
                         else f"the reference: {mistake}") from None  # fmt: skip


def _refuse_given(options: argparse.Namespace) -> None:
    """Refuse a condition that is none, or that no number meets."""
    import torch

    from proofs.systems import SYSTEMS
    from verify.judge.conditions.given import parsed

    system = SYSTEMS[options.system]
    if options.between is not None:
        raise UsageError("--given and --between both say which inputs are meant: give one of them")
    if options.input is None or any(isinstance(n, str) for shape in options.input for n in shape):
        raise UsageError("--given takes an --input of numbers")
    try:
        parsed(options.given).within(system, getattr(torch, system.dtype or "float32"))
    except ValueError as mistake:
        raise UsageError(f"--{mistake}") from None


class _ReferenceError(Exception):
    """The reference cannot be had, and so nothing can be judged."""


def _judge(options: argparse.Namespace, place: str) -> Equivalence:
    from proofs.verdict import Verdict
    from verify.judge import Equivalence, NoSuchPlaceError, NotJudgedError
    from verify.judge.apart import EndedError, OutOfTimeError, apart
    from verify.judge.watching.running import broken

    started = time.monotonic()
    shapes = tuple(options.input or ())

    def unsettled(verdict: Verdict, reason: str) -> Equivalence:
        shape = shapes[0] if len(shapes) == 1 else shapes
        seconds = time.monotonic() - started
        return Equivalence(place, options.reference, shape, options.system, verdict, reason,
                           seconds=seconds)  # fmt: skip

    try:
        found: Equivalence = apart(
            lambda loaded, progress: _in_child(options, place, loaded, progress),
            options.timeout,
            _live(place),
        )
        return found
    except _ReferenceError as mistake:
        raise UsageError(f"the reference: {mistake}") from None
    except NoSuchPlaceError as reason:
        return unsettled(Verdict.MISSING, str(reason))
    except NotJudgedError as reason:
        return unsettled(Verdict.NOT_JUDGED, str(reason))
    except OutOfTimeError as reason:
        return unsettled(Verdict.UNKNOWN, str(reason))
    except EndedError as reason:
        return unsettled(Verdict.NOT_JUDGED, str(reason))
    except Exception as error:
        # Whatever one module brings about, the others of its class are still judged.
        return unsettled(Verdict.NOT_JUDGED, broken(error))


def _in_child(
    options: argparse.Namespace,
    place: str,
    loaded: Callable[[], None],
    progress: Callable[[str], None],
) -> Equivalence:
    from verify import judge
    from verify.judge.loading import load, load_kernelbench
    from verify.judge.references import is_call

    shapes = list(options.input or ())
    if options.kernelbench:
        module, reference, own = load_kernelbench(place, options.reference)
        shapes = shapes or own
    else:
        reference = options.reference
        if not is_call(options.reference):
            try:
                reference = load(options.reference)
            except (judge.NoSuchPlaceError, judge.NotJudgedError) as mistake:
                raise _ReferenceError(str(mistake)) from None
        module = load(place)
    loaded()
    return judge.equivalent(
        module,
        reference,
        shapes if len(shapes) > 1 else shapes[0],
        options.system,
        engines=options.engine or (),
        timeout=options.timeout,
        name=place,
        reference_name=options.reference,
        progress=progress,
        given=options.given,
        why=options.why,
        between=_between(options),
        executed=options.executed,
        drawn=options.plot is not None,
        backward=options.backward,
    )


def _between(options: argparse.Namespace) -> Sequence[tuple[float, float]] | None:
    return None if options.between is None else [(low, high) for low, high in options.between]


def _live(place: str) -> Callable[[str], None]:
    """Return what shows on a terminal how far a judgement is."""
    if not sys.stderr.isatty():
        return lambda _: None

    def show(found: str) -> None:
        print(f"\r\x1b[K{place}: {found}\r", end="", file=sys.stderr, flush=True)

    return show


def _exit_code(findings: Sequence[Equivalence]) -> int:
    from proofs.verdict import Verdict

    verdicts = {found.verdict for found in findings}
    if Verdict.ERROR in verdicts:
        return INTERNAL
    if Verdict.MISSING in verdicts:
        return USAGE
    return 0 if all(found.proved for found in findings) else 1


def _deliver(options: argparse.Namespace, findings: Sequence[Equivalence], code: int) -> None:
    if options.json:
        report = {
            "schema": 3,
            "exit_code": code,
            "modules": [found.to_dict() for found in findings],
        }
        write_json(options.json, report)
    if options.junit:
        from verify.display.judgements import junit

        write_xml(options.junit, junit(findings))
    if options.plot:
        from verify.display.tolerances import draw

        (found,) = findings
        if found.tolerance is None or found.tolerance.around is None:
            raise UsageError(f"--plot: {found.verdict} leaves nothing to draw")
        write_picture(options.plot, draw(found.statement, found.tolerance, found.tolerance.around))
    if options.html:
        from verify.site.judgements import write

        with written(options.html) as folder:
            write(folder, findings)
