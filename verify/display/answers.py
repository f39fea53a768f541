"""The chapter's exercises as people see them: all on a page, one in detail, and as data."""

import textwrap
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from rich.console import Console
from rich.text import Text

import costmodel
from proofs import claims
from proofs.answers import SAYINGS, SHAPE, Exercise, WrongAnswer
from verify.display.claims import print_failure, print_summary, print_survivor
from verify.display.layout import page_width
from verify.names import program
from verify.run.answers import refutation, verdicts
from verify.run.report import CellReport, MutantReport, RunReport

#: Version of the JSON layout; raised when a field changes its meaning or goes away.
SCHEMA = 1

#: A line of a page, and its style.
Line = tuple[str, str]


def print_answers(
    console: Console,
    exercises: Sequence[Exercise],
    report: RunReport | None,
    *,
    in_detail: bool = False,
) -> None:
    """Print exercises with their answers and the evidence, as checked or else as expected."""
    page = _in_detail if in_detail else _overview
    for line, style in page(exercises, report, page_width(console)):
        console.print(Text(line, style=style), soft_wrap=True)
    if report is None:
        return
    for cell in report.failures():
        print_failure(console, cell, report.seed)
    for mutant in report.survivors():
        print_survivor(console, mutant, report.seed)
    print_summary(console, report)


def to_dict(exercises: Sequence[Exercise], report: RunReport | None) -> dict[str, Any]:
    """Return the same as what ``json.dumps`` takes; the layout is in ``docs/report.md``."""
    return {
        "schema": SCHEMA,
        "exit_code": 0 if report is None else report.exit_code(),
        "checked": report is not None,
        "exercises": [_exercise(exercise, report) for exercise in exercises],
    }


def _exercise(exercise: Exercise, report: RunReport | None) -> dict[str, Any]:
    known = claims()
    wrong_answers = []
    for wrong in exercise.wrong:
        found = refutation(wrong, report)
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
                "verdicts": verdicts(known[name], report),
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


def _cost(exercise: Exercise) -> int:
    return int(costmodel.flops(exercise.operator, SHAPE, **exercise.arguments))


def _cost_command(exercise: Exercise) -> str:
    given = "".join(f" --{k.replace('_', '-')} {v}" for k, v in exercise.arguments.items())
    shape = "x".join(map(str, SHAPE))
    return f"{program()} cost {exercise.operator} --input {shape}{given}"


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
    by_verdict: dict[str, list[str]] = {}
    for name in names:
        word = "/".join(dict.fromkeys(verdicts(claims()[name], report).values()))
        by_verdict.setdefault(word, []).append(name)
    return "; ".join(f"{word} {', '.join(names)}" for word, names in by_verdict.items())


def _in_detail(
    exercises: Sequence[Exercise], report: RunReport | None, width: int
) -> Iterator[Line]:
    """Yield one exercise with its claims, and the inputs on which wrong answers fail."""
    known = claims()
    for exercise in exercises:
        yield from _wrapped(exercise.question, width, "   ", "bold", f"{exercise.number}  ")
        yield from _wrapped(exercise.answer, width, "   ")
        yield "", ""
        for name in exercise.claims:
            words = ", ".join(f"{v} in {s}" for s, v in verdicts(known[name], report).items())
            yield f"   {name}: {words}", "green"
            yield from _wrapped(known[name].title, width, "     ")
            if known[name].holds:
                yield from _wrapped(f"holds: {known[name].holds}", width, "     ")
        yield "", ""
        yield "   Not so:", ""
        for wrong in exercise.wrong:
            yield from _wrapped(wrong.says, width, "     ", "yellow", "   ✗ ")
            yield from _wrapped(_where(wrong, refutation(wrong, report)), width, "     ")
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
