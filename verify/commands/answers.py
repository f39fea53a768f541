"""``verify answers``: the chapter's seven exercises, each with its answer and the evidence."""

from __future__ import annotations

import argparse
import textwrap
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from verify.commands.options import (
    Commands,
    UsageError,
    add_jobs,
    add_json,
    console,
    settings,
    targets,
    whole_number,
    write_json,
)

if TYPE_CHECKING:
    from proofs.answers import Exercise, WrongAnswer
    from proofs.claim import Claim
    from verify.run.report import CellReport, MutantReport, RunReport


def add(commands: Commands) -> None:
    """Add the command's parser."""
    parser = commands.add_parser(
        "answers", help="the chapter's seven exercises, answered, with the evidence"
    )
    parser.add_argument(
        "exercise",
        metavar="N",
        nargs="?",
        type=whole_number,
        help="only this exercise, checked now, with counterexamples to wrong answers",
    )
    parser.add_argument(
        "--check",
        action="store_true",
        help="check the claims behind all answers now; otherwise their expected verdicts are shown",
    )
    add_json(parser)
    add_jobs(parser)
    # As `show exercise-N` has them for options.
    parser.set_defaults(seed=0, timeout=None)


def run(options: argparse.Namespace) -> int:
    """Run the command and return its exit code."""
    from proofs.answers import EXERCISES

    files = targets(options)
    known = {exercise.number: exercise for exercise in EXERCISES}
    if options.exercise is not None and options.exercise not in known:
        raise UsageError(f"there is no exercise {options.exercise}; there are 1 to {len(known)}")
    chosen = list(EXERCISES) if options.exercise is None else [known[options.exercise]]
    report = None
    if options.exercise is not None or options.check:
        report = _checked(options, chosen)
    code = 0 if report is None else report.exit_code()
    if options.json:
        data = {
            "schema": 1,
            "exit_code": code,
            "checked": report is not None,
            "exercises": [_to_dict(exercise, report) for exercise in chosen],
        }
        write_json(options.json, data)
    if "-" not in files:
        _print(_overview if options.exercise is None else _in_detail, chosen, report)
    return code


def systems_of(claim: Claim) -> list[str]:
    """Return the number systems in which an answer needs ``claim``: those of mathematics.

    >>> from proofs import claims
    >>> systems_of(claims()["max-is-relu"]), systems_of(claims()["no-parameters"])
    (['real', 'integer'], ['float32'])
    """
    from proofs.systems import EXACT

    return [name for name in claim.expected if name in EXACT] or list(claim.expected)[:1]


def _checked(options: argparse.Namespace, exercises: Sequence[Exercise]) -> RunReport:
    """Check the claims behind some answers, and refute the wrong answers beside them."""
    from proofs import claims
    from proofs.answers import SAYINGS
    from verify.cores import available_cores
    from verify.run import runner

    known = claims()
    ids = [name for exercise in exercises for name in exercise.claims]
    if options.exercise is None:
        ids += SAYINGS.values()
    todo = [runner.Task(name, system) for name in ids for system in systems_of(known[name])]
    for exercise in exercises:
        for wrong in exercise.wrong:
            names = [mutant.name for mutant in known[wrong.claim].mutants]
            mutant = names.index(wrong.mutant) if wrong.mutant else -1
            todo.append(runner.Task(wrong.claim, wrong.system, mutant))
    return runner.run(
        list(dict.fromkeys(todo)),
        settings(options),
        jobs=options.jobs or available_cores(),
    )


def _verdicts(claim: Claim, report: RunReport | None) -> dict[str, str]:
    """Return number system → verdict: as checked, or as expected where nothing was."""
    if report is None:
        return {name: str(claim.expected[name]) for name in systems_of(claim)}
    return {
        cell.system: str(cell.verdict)
        for cell in report.cells
        if cell.claim == claim.id and cell.system in systems_of(claim)
    }


def _refutation(wrong: WrongAnswer, report: RunReport | None) -> CellReport | MutantReport | None:
    if report is None:
        return None
    findings: Iterator[CellReport | MutantReport] = (
        (cell for cell in report.cells if cell.system == wrong.system)
        if wrong.system
        else (mutant for mutant in report.mutants if mutant.name == wrong.mutant)
    )
    return next((finding for finding in findings if finding.claim == wrong.claim), None)


def _cost(exercise: Exercise) -> int:
    import costmodel
    from proofs.answers import SHAPE

    return int(costmodel.flops(exercise.operator, SHAPE, **exercise.arguments))


def _cost_command(exercise: Exercise) -> str:
    from proofs.answers import SHAPE

    given = "".join(f" --{k.replace('_', '-')} {v}" for k, v in exercise.arguments.items())
    shape = "x".join(map(str, SHAPE))
    return f"python -m verify cost {exercise.operator} --input {shape}{given}"


def _to_dict(exercise: Exercise, report: RunReport | None) -> dict[str, Any]:
    from proofs import claims
    from proofs.answers import SHAPE

    known = claims()
    wrong_answers = []
    for wrong in exercise.wrong:
        found = _refutation(wrong, report)
        shown = None if found is None else found.counterexample
        wrong_answers.append(
            {
                "says": wrong.says,
                "claim": wrong.claim,
                "system": wrong.system or None,
                "mutant": wrong.mutant or None,
                "refuted": None if found is None else found.ok,
                "counterexample": None if shown is None else shown.assignment,
            }
        )
    return {
        "number": exercise.number,
        "question": exercise.question,
        "answer": exercise.answer,
        "evidence": [
            {
                "claim": name,
                "title": known[name].title,
                "holds": known[name].holds,
                "verdicts": _verdicts(known[name], report),
            }
            for name in exercise.claims
        ],
        "wrong": wrong_answers,
        "module": exercise.module,
        "cost": {
            "operator": exercise.operator,
            "shape": list(SHAPE),
            "arguments": dict(exercise.arguments),
            "operations": _cost(exercise),
        },
    }


Line = tuple[str, str]
Page = Callable[["Sequence[Exercise]", "RunReport | None", int], Iterator[Line]]


def _print(page: Page, exercises: Sequence[Exercise], report: RunReport | None) -> None:
    from rich.text import Text

    from verify.display.claims import print_failure, print_summary, print_survivor
    from verify.display.layout import page_width

    screen = console()
    for line, style in page(exercises, report, page_width(screen)):
        screen.print(Text(line, style=style), soft_wrap=True)
    if report is None:
        return
    for cell in report.failures():
        print_failure(screen, cell, report.seed)
    for mutant in report.survivors():
        print_survivor(screen, mutant, report.seed)
    print_summary(screen, report)


def _wrapped(words: str, width: int, indent: str, style: str = "", first: str = "") -> list[Line]:
    wrapped = textwrap.wrap(
        words, width, initial_indent=first or indent, subsequent_indent=indent,
        break_on_hyphens=False,
    )  # fmt: skip
    return [(line, style) for line in wrapped]


def _overview(
    exercises: Sequence[Exercise], report: RunReport | None, width: int
) -> Iterator[Line]:
    """Yield every exercise with its answer in a few lines, then what else the chapter says."""
    from proofs.answers import SAYINGS, SHAPE

    for exercise in exercises:
        yield from _wrapped(exercise.question, width, "   ", "bold", f"{exercise.number}  ")
        yield from _wrapped(exercise.answer, width, "   ")
        yield from _wrapped(_evidence(exercise.claims, report), width, "   ", "green")
        yield f"   {exercise.module}: {_cost(exercise):,} operations", "dim"
        yield "", ""
    for words, name in SAYINGS.items():
        yield f"·  {words:<40}{_evidence([name], report)}", ""
    yield "", ""
    said = "Verdicts checked now." if report else "Verdicts as expected; --check checks them."
    yield from _wrapped(
        f"{said} Operations on {'×'.join(map(str, SHAPE))}. `answers 3` checks one exercise and "
        "shows where wrong answers fail.",
        width,
        "",
    )


def _evidence(names: Iterable[str], report: RunReport | None) -> str:
    """Return the claims behind an answer, each after its verdict."""
    from proofs import claims

    by_verdict: dict[str, list[str]] = {}
    for name in names:
        word = "/".join(dict.fromkeys(_verdicts(claims()[name], report).values()))
        by_verdict.setdefault(word, []).append(name)
    return "; ".join(f"{word} {', '.join(names)}" for word, names in by_verdict.items())


def _in_detail(
    exercises: Sequence[Exercise], report: RunReport | None, width: int
) -> Iterator[Line]:
    """Yield one exercise with its claims, and the inputs on which wrong answers fail."""
    from proofs import claims

    known = claims()
    for exercise in exercises:
        yield from _wrapped(exercise.question, width, "   ", "bold", f"{exercise.number}  ")
        yield from _wrapped(exercise.answer, width, "   ")
        yield "", ""
        for name in exercise.claims:
            words = ", ".join(f"{v} in {s}" for s, v in _verdicts(known[name], report).items())
            yield f"   {name}: {words}", "green"
            yield from _wrapped(known[name].title, width, "     ")
            if known[name].holds:
                yield from _wrapped(f"holds: {known[name].holds}", width, "     ")
        yield "", ""
        yield "   Not so:", ""
        for wrong in exercise.wrong:
            yield from _wrapped(wrong.says, width, "     ", "yellow", "   ✗ ")
            yield from _wrapped(_where(wrong, _refutation(wrong, report)), width, "     ")
        yield "", ""
        yield f"   {exercise.module}", ""
        yield f"   {_cost_command(exercise)}", ""
        yield f"   {_cost(exercise):,} operations", ""


def _where(wrong: WrongAnswer, found: CellReport | MutantReport | None) -> str:
    if found is None or not found.ok:
        return f"{wrong.claim}: not refuted"
    where = f"{wrong.claim} in {found.system}"
    shown = found.counterexample
    if shown is None:
        by = ", ".join(getattr(found, "killed_by", ()))
        return f"{where}: refuted by {by}"
    values = ", ".join(f"{name} = {value}" for name, value in shown.assignment.items())
    return f"{where}: {shown.statement} is false at {values}"
