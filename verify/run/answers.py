"""The chapter's exercises, checked: what is asked for an answer, and what came of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from proofs import claims
from proofs.answers import SAYINGS, Exercise, WrongAnswer
from proofs.claim import Claim
from proofs.systems import EXACT
from verify.run.report import CellReport, MutantReport, RunReport
from verify.run.runner import Task


def systems_of(claim: Claim) -> list[str]:
    """Return the number systems in which an answer needs ``claim``: those of mathematics.

    The integers are left out where a claim is false because they round; a claim about neither of
    them is looked at where it is.

    >>> from proofs import claims
    >>> systems_of(claims()["max-is-relu"]), systems_of(claims()["no-parameters"])
    (['real', 'integer'], ['float32'])
    """
    affirmed = [name for name in EXACT if name in claim.expected and claim.expected[name].affirms]
    return affirmed or list(claim.expected)[:1]


def todo(exercises: Sequence[Exercise], *, sayings: bool = False) -> list[Task]:
    """Return the claims behind some answers, and the wrong answers beside them, as tasks.

    With ``sayings`` also the claims behind what else the chapter says.
    """
    known = claims()
    ids = [name for exercise in exercises for name in exercise.claims]
    ids += SAYINGS.values() if sayings else ()
    tasks = [Task(name, system) for name in ids for system in systems_of(known[name])]
    for exercise in exercises:
        for wrong in exercise.wrong:
            names = list(known[wrong.claim].mutants)
            mutant = names.index(wrong.mutant) if wrong.mutant else -1
            tasks.append(Task(wrong.claim, wrong.system, mutant))
    return list(dict.fromkeys(tasks))


def verdicts(claim: Claim, report: RunReport | None) -> dict[str, str]:
    """Return number system → verdict: as checked, or as expected where nothing was."""
    if report is None:
        return {name: str(claim.expected[name]) for name in systems_of(claim)}
    return {
        cell.system: str(cell.verdict)
        for cell in report.cells
        if cell.claim == claim.id and cell.system in systems_of(claim)
    }


def refutation(wrong: WrongAnswer, report: RunReport | None) -> CellReport | MutantReport | None:
    """Return what was found out about a wrong answer; ``None`` if nothing was checked."""
    if report is None:
        return None
    findings: Iterator[CellReport | MutantReport] = (
        (cell for cell in report.cells if cell.system == wrong.system)
        if wrong.system
        else (mutant for mutant in report.mutants if mutant.name == wrong.mutant)
    )
    return next((finding for finding in findings if finding.claim == wrong.claim), None)
