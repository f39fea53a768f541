"""What is shown: the matrix in words and in letters, failures marked, nothing cut."""

from __future__ import annotations

import io
import re
from dataclasses import replace

import pytest
from rich.console import Console

from proofs import claims
from proofs.claim import Mark
from proofs.systems import SYSTEMS, by_default
from proofs.verdict import Verdict
from verify.display.claims import (
    LETTER,
    STYLE,
    WIDE,
    print_claims,
    print_page,
    print_run,
    rerun,
    standing,
)
from verify.engines.counterexample import Counterexample
from verify.engines.engine import Evidence, Stored
from verify.run.report import CellReport, LeftOut, MutantReport, PartReport, RunReport

GOOD = CellReport("a-claim", "real", Verdict.PROVED, Verdict.PROVED, (), 0.0)
WRONG = CellReport("a-claim", "float8_e4m3fn", Verdict.PROVED, Verdict.REFUTED, (), 0.0)
ALIVE = MutantReport("a-claim", "m", "", "real", (), ("z3",), (), "", None, 0.0)


def page(report: RunReport, width: int) -> str:
    """Return what a terminal of this width shows."""
    out = io.StringIO()
    print_run(Console(file=out, width=width), report)
    return out.getvalue()


def test_every_verdict_and_system_can_be_shown() -> None:
    """Each has its own letter and style, each number system its own short head."""
    assert set(LETTER) == set(STYLE) == set(Verdict)
    assert len(set(LETTER.values())) == len(Verdict)
    heads = [system.column for system in SYSTEMS.values()]
    assert len(set(heads)) == len(SYSTEMS)
    assert all(len(line) in (1, 2) for head in heads for line in head.split("\n"))


def test_what_comes_from_the_store_is_counted() -> None:
    """Answers given before and, where some were drawn, those that were asked for again."""
    kept = Evidence("z3", Verdict.PROVED, "unsat", stored=Stored("2026-01-02", "5"))
    again = Evidence("cvc5", Verdict.PROVED, "unsat", asked_again=True)
    cell = replace(GOOD, parts=(PartReport("", "", Verdict.PROVED, (kept, again), {}),))
    told = page(RunReport(cells=[cell], drawn_on="2026-01-03"), 120)
    assert "stored: 1 answer given before; 1 more asked again, as 2026-01-03 draws them" in told
    assert "stored: " not in page(RunReport(cells=[GOOD]), 120)


@pytest.mark.parametrize(
    ("width", "cell"), [(80, "R!"), (WIDE - 1, "R!"), (WIDE, "REFUTED!"), (200, "REFUTED!")]
)
def test_what_is_not_as_expected_is_marked(width: int, cell: str) -> None:
    """An exclamation mark in the matrix, explained under it, in words or letters."""
    shown = page(RunReport(cells=[GOOD, WRONG]), width)
    row = next(line for line in shown.splitlines() if line.strip().startswith("a-claim "))
    assert row.split()[-1] == cell
    assert "! not as expected" in shown
    assert ("R REFUTED" in shown) == (width < WIDE)


def test_a_failure_shows_both_words_and_how_to_rerun_it() -> None:
    """The verdict found, the one declared, and the command for this cell alone."""
    shown = page(RunReport(cells=[WRONG], seed=3), 80)
    assert "a-claim in float8_e4m3fn: REFUTED, expected PROVED" in shown
    again = "python -m verify all -k a-claim --system float8_e4m3fn --thorough --seed 3"
    assert f"again: {again}" in shown


def test_a_surviving_mutant_is_shown() -> None:
    """Its name, who missed it, and the command that looks again."""
    shown = page(RunReport(mutants=[ALIVE]), 80)
    assert "a-claim: mutant 'm' survives" in shown
    assert "missed by z3" in shown
    assert rerun(ALIVE, 0) == "python -m verify mutants -k a-claim --seed 0"
    assert "0 of 1 mutants refuted" in shown


def test_a_missing_engine_is_never_silent() -> None:
    """The summary names it with the reason."""
    shown = page(RunReport(cells=[GOOD], missing={"cvc5": "package cvc5 is not installed"}), 80)
    assert "not asked: cvc5, package cvc5 is not installed" in shown


def test_a_claim_stands_by_its_verdicts() -> None:
    """Strongest first; a number system by its name, several by their number."""
    claim = claims()["one-of-two-orders-is-right"]
    assert standing(claim, by_default()) == ("PROVED in 11, REFUTED in int8")
    assert standing(claim, ["int8"]) == "REFUTED in int8"
    assert standing(claims()["output-size"], ["real"]) == ""


@pytest.mark.parametrize("width", [40, 80, 200])
def test_listed_claims_fit_the_terminal(width: int) -> None:
    """The id and how it stands, then the sentence, broken between words; no word is lost."""
    out = io.StringIO()
    claim = claims()["one-of-two-orders-is-right"]
    print_claims(Console(file=out, width=width), [claim])
    lines = out.getvalue().splitlines()
    assert max(map(len, lines)) <= min(width, 100)
    said = f"{claim.id}: {standing(claim, by_default())} {claim.title} Verdicts as expected"
    assert " ".join(out.getvalue().split()).startswith(said)


@pytest.mark.parametrize("holds", ["a is finite", ""])
def test_conditions_stand_below_the_sentence(holds: str) -> None:
    """On a claim's page and in the list; a claim without any has no such line."""
    claim = replace(claims()["max-is-relu"], holds=holds)
    page, listed = (Console(file=io.StringIO(), width=80, record=True) for _ in range(2))
    print_page(page, claim, RunReport(), "Its page.")
    print_claims(listed, [claim])
    for screen in (page, listed):
        words = " ".join(screen.export_text().split())
        assert f"{claim.title} holds: a is finite" in words if holds else "holds:" not in words


def test_marks_stand_beside_the_word() -> None:
    """A letter in a narrow matrix and a word in a wide one, explained and counted."""
    refuted = PartReport("else", "a = b", Verdict.REFUTED, (), {})
    marked = replace(
        GOOD,
        marks=(Mark("argued", "one step"), Mark("argued", "another")),
        left_out=(LeftOut(refuted, "false here"),),
    )
    narrow, wide = (page(RunReport(cells=[marked]), width) for width in (80, WIDE))
    assert re.search(r"^ a-claim +Par *$", narrow, re.M)
    assert "P PROVED, a beside it argued, r beside it refuted in part" in narrow
    assert re.search(r"PROVED\s+argued\s+refuted\s+in part", wide)
    assert "1 cell (1 argued), " not in page(RunReport(cells=[GOOD]), 80)
    assert "1 cell (1 argued)" in narrow


def test_what_is_left_out_stands_below_the_evidence() -> None:
    """What is missing, what is false here and at which values, and what is argued."""
    found = Counterexample({"a": "1"}, (), "fails", "a = 0")
    evidence = Evidence("z3", Verdict.REFUTED, "sat", counterexample=found)
    false = PartReport("else", "a = 0", Verdict.REFUTED, (evidence,), {})
    open_here = PartReport("more", "a = b", Verdict.UNKNOWN, (), {})
    cell = replace(
        GOOD,
        verdict=Verdict.PARTIAL,
        left_out=(LeftOut(false, "false here"), LeftOut(open_here, "open here")),
        marks=(Mark("cited", "a theorem"),),
        unstated="what no part states",
    )
    shown = page(RunReport(cells=[cell]), 80)
    for line in (
        "not stated here: else — a = 0",
        "false here; z3 REFUTED; a = 1",
        "missing: more — a = b",
        "missing: what no part states",
        "cited: a theorem",
    ):
        assert f"  {line}\n" in shown, shown
    assert cell.missing == ("more", "what no part states")


def test_a_list_says_which_steps_nobody_has_checked() -> None:
    """Below a claim's sentence stand its marks, with what is argued or cited."""
    claim = next(claim for claim in claims().values() if claim.marks)
    out = io.StringIO()
    print_claims(Console(file=out, width=200), [claim])
    for mark in claim.marks:
        assert f"{mark.word}: {mark.what}" in " ".join(out.getvalue().split())
