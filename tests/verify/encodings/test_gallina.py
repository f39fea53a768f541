"""Obligations as Coq reads them, and the file that proves many of them to the letter."""

from __future__ import annotations

from fractions import Fraction

import pytest

from proofs import claims
from proofs.claim import Obligation, Theorem
from proofs.kernel import CoqFile, stating
from proofs.systems import SYSTEMS
from proofs.systems.number_system import UnsupportedError
from proofs.terms import Term, constant, iff, implies, relu, select, summation, variables
from proofs.verdict import Verdict
from verify.encodings.gallina import statement
from verify.engines import ENGINES
from verify.engines.engine import Settings

a, b, i, m = variables("a b i m")
FILE = CoqFile("systems/integer.v")
INTEGER = SYSTEMS["integer"]


def obligations() -> dict[str, Theorem]:
    """Return statement → theorem of all that is judged in the integers."""
    return {
        statement(one): theorem
        for claim in claims().values()
        for theorem in claim.theorems
        for one in written(theorem)
    }


def written(theorem: Theorem) -> tuple[Obligation, ...]:
    """Return the obligations of a theorem that Coq can be told of."""
    try:
        for one in (found := theorem.obligations()):
            statement(one)
    except (TypeError, UnsupportedError):
        return ()
    return found


@pytest.mark.parametrize(
    ("goal", "said"),
    [
        (a + b <= a * b - 2, "((a + b) <= ((a * b) - 2))"),
        (-a // b == constant(-3), "(((- a) / b) = (-3))"),
        (a.maximum(b) != a.minimum(b), "((Z.max a b) <> (Z.min a b))"),
        (~(a < b) | implies(a <= b, iff(a == b, b == a)),
         "((~ (a < b)) \\/ ((a <= b) -> ((a = b) <-> (b = a))))"),
    ],
)  # fmt: skip
def test_terms(goal: Term, said: str) -> None:
    """Every operation in brackets, so that nothing rests on what binds more."""
    assert statement(Obligation("", (), goal)) == f"forall a b : Z, {said}"
    assert statement(Obligation("", (1 <= a,), goal)) == f"forall a b : Z, (1 <= a) -> {said}"


def test_a_choice_is_a_number_of_which_both_cases_are_told() -> None:
    """For what is true of some numbers need not be decided by Coq."""
    chosen = select(a <= b, a, b)
    assert statement(Obligation("", (), chosen == a.minimum(b))) == (
        "forall a b chosen_1 : Z, (((a <= b) -> chosen_1 = a) /\\ (~ (a <= b) -> chosen_1 = b)) -> "
        "(chosen_1 = (Z.min a b))"
    )


def test_what_is_declined() -> None:
    """An operator without an entry; a sum that no induction has taken apart; a fraction."""
    for goal in (relu(a) == a, summation(i, m, i) == m, Fraction(1, 2) * a == constant(0)):
        with pytest.raises(UnsupportedError, match="has no entry for Coq"):
            statement(Obligation("", (), goal))


def test_every_theorem_of_the_file_is_an_obligation_of_a_claim() -> None:
    """To the letter; one that is no longer stated is seen here, and every divisor is positive."""
    stated = {" ".join(said.split()) for said in obligations()}
    assert not {name for said, name in FILE.statements.items() if said not in stated}
    assert len(FILE.statements) == len(FILE.theorems) >= 37
    assert FILE.text.count("Proof. sizes. Qed.") == len(FILE.theorems)


def test_a_theorem_counts_if_each_of_its_obligations_is_there() -> None:
    """In the integers alone, and not for a neighbour; a base without its step is not enough."""
    coq = ENGINES["coq"]
    parts = {part.name: part for part in claims()["overlapping-windows"].theorems}
    theorem = parts["windows over an element"]
    evidence = coq.examine(theorem, INTEGER, Settings())
    assert evidence.verdict is Verdict.PROVED
    assert [x.split(",")[0] for x in evidence.detail.split("recorded: ")[1:]] == [
        "overlapping_windows_2a", "overlapping_windows_2b"
    ]  # fmt: skip
    assert not coq.supports(theorem, SYSTEMS["real"])
    assert not coq.supports(
        Theorem(theorem.conclusion, by_induction_on=theorem.by_induction_on), INTEGER
    )
    base, step = theorem.obligations()
    assert stating(statement(base)) is not None
    assert stating(statement(Obligation("", base.premises, ~base.goal))) is None
    assert not coq.supports(Theorem(step.goal), INTEGER)
