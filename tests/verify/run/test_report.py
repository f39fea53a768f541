"""What a run adds up to: which cells are accepted, the four counters, the exit code."""

from __future__ import annotations

import itertools

import pytest

from proofs.verdict import Verdict
from verify.engines.engine import Evidence
from verify.run.report import CellReport, MutantReport, PartReport, RunReport


def cell(verdict: Verdict, expected: Verdict = Verdict.PROVED, partial: bool = False) -> CellReport:
    """Return a cell with nothing but its verdict."""
    return CellReport("claim", "real", expected, verdict, (), 0.0, partial)


def mutant(
    killed: tuple[str, ...] = ("z3",), proved: tuple[str, ...] = (), trouble: str = ""
) -> MutantReport:
    """Return a mutant with nothing but its fate."""
    return MutantReport("claim", "m", "", "real", killed, (), proved, trouble, None, 0.0)


def test_only_the_declared_verdict_is_accepted() -> None:
    """No verdict stands in for another, be it stronger or weaker."""
    for verdict, expected in itertools.product(Verdict, repeat=2):
        assert cell(verdict, expected).ok == (verdict is expected), (verdict, expected)


@pytest.mark.parametrize("verdict", Verdict)
def test_few_engines_may_say_less_but_not_the_opposite(verdict: Verdict) -> None:
    """Asked of some engines only, any word that speaks for the claim will do."""
    speaks_for = {word.name for word in Verdict if word.affirms}
    assert cell(verdict, partial=True).ok == (verdict.name in speaks_for)


@pytest.mark.parametrize(
    ("cells", "mutants", "counters", "code"),
    [
        ([], [], (0, 0, 0, 0), 5),
        ([cell(Verdict.PROVED)], [mutant()], (2, 0, 0, 0), 0),
        ([cell(Verdict.REFUTED, Verdict.REFUTED)], [], (1, 0, 0, 0), 0),
        ([cell(Verdict.REFUTED)], [], (0, 1, 0, 0), 1),
        ([cell(Verdict.TESTED)], [mutant()], (1, 1, 0, 0), 1),
        ([cell(Verdict.UNKNOWN)], [], (0, 0, 1, 0), 1),
        ([cell(Verdict.SKIPPED)], [], (0, 0, 1, 0), 1),
        ([cell(Verdict.ERROR)], [], (0, 0, 0, 1), 3),
        ([cell(Verdict.REFUTED), cell(Verdict.ERROR)], [], (0, 1, 0, 1), 3),
        ([], [mutant(killed=())], (0, 1, 0, 0), 1),
        ([], [mutant(proved=("z3",), killed=())], (0, 1, 0, 0), 1),
        ([], [mutant(trouble="z3 proves it, cvc5 refutes it")], (0, 0, 0, 1), 3),
    ],
)
def test_counters_and_exit_code(
    cells: list[CellReport],
    mutants: list[MutantReport],
    counters: tuple[int, int, int, int],
    code: int,
) -> None:
    """As expected, not as expected, undecided, broken; and the code that follows."""
    report = RunReport(cells=cells, mutants=mutants)
    assert tuple(report.counters().values()) == counters
    assert report.exit_code() == code


def test_an_interrupted_run_says_so_whatever_was_found() -> None:
    """Exit 2, even if all that was seen is as expected or something broke."""
    for verdict in (Verdict.PROVED, Verdict.ERROR):
        assert RunReport(cells=[cell(verdict)], interrupted=True).exit_code() == 2


def test_a_cell_in_a_notebook() -> None:
    """A row for each part and engine, escaped."""
    evidence = (Evidence("z3", Verdict.PROVED, "a < b"), Evidence("cvc5", Verdict.UNKNOWN, ""))
    part = PartReport("main", "a statement", Verdict.PROVED, evidence, {})
    shown = CellReport("claim", "real", Verdict.PROVED, Verdict.PROVED, (part,), 0.0)._repr_html_()
    assert "<th>claim in real: PROVED</th>" in shown
    assert "<td>main</td><td>z3</td><td>PROVED</td><td>a &lt; b</td>" in shown
    assert "<td>main</td><td>cvc5</td><td>UNKNOWN</td>" in shown
