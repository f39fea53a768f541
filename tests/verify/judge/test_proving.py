"""Obligations: told apart by more than names, written once, settled by whoever can."""

from __future__ import annotations

import time

from proofs.notation import text
from proofs.systems import SYSTEMS
from proofs.terms import Term, relu, variables
from proofs.verdict import Verdict
from verify.engines import ENGINES
from verify.judge.proving import Obligation, distinct, labelled, same_form, settle

A, B, C, D = variables("a b c d")
SOLVERS = {name: ENGINES[name] for name in ("z3", "cvc5", "bitwuzla")}


def settled(left: Term, right: Term, system: str = "real", **options: bool) -> Verdict:
    """Return the verdict on left = right."""
    deadline = time.perf_counter() + 20
    obligation = Obligation(left, right)
    return settle(obligation, SYSTEMS[system], SOLVERS, deadline, "here", **options).verdict


def test_windows_that_differ_in_place_only_are_one_obligation() -> None:
    """Renaming is seen through, in both sides together."""
    pairs = [
        ((0,), relu(A - B), A.maximum(B)),
        ((1,), relu(C - D), C.maximum(D)),
        ((2,), relu(C - D), D.maximum(C)),
        ((3,), relu(C - C), C.maximum(C)),
    ]
    assert [o.places for o in distinct(pairs)] == [[(0,), (1,)], [(2,)], [(3,)]]


def test_the_same_expression_needs_no_proof() -> None:
    """Two trees of one shape are equal; renamed variables are not."""
    assert same_form(Obligation(relu(A - B), relu(A - B)))
    assert not same_form(Obligation(relu(A - B), relu(B - A)))


def test_what_occurs_twice_is_written_once() -> None:
    """A fold over 30 taps is written in a few lines, not in 2³⁰."""
    largest = A
    for x in variables(" ".join(f"x{i}" for i in range(30))):
        largest = relu(x - largest) + largest
    assert len(text(labelled(largest == A))) < 200


def test_proofs_and_refutations() -> None:
    """By normal form and solver together, by solvers alone, and not at all."""
    assert settled(relu(A - B) + B, A.maximum(B)) is Verdict.PROVED_BOUNDED
    assert settled(relu(A - B) + B, A.maximum(B), forms=False) is Verdict.PROVED_BOUNDED
    assert settled(A.maximum(B), B.maximum(A), "float16") is Verdict.PROVED_BOUNDED
    assert settled(relu(A - B) + B, A.maximum(B), "int8") is Verdict.REFUTED
    assert settled(A.maximum(B), A) is Verdict.REFUTED


def test_a_normal_form_that_is_wrong_is_found_out(monkeypatch: object) -> None:
    """If the forms called two different terms equal, a solver would contradict: an ERROR."""
    monkeypatch.setattr("verify.judge.proving._same_normal_form", lambda o: True)  # type: ignore[attr-defined]
    assert settled(relu(A), A) is Verdict.ERROR


def test_no_time_is_unknown() -> None:
    """Past the deadline nothing is asked, and nothing proved."""
    found = settle(Obligation(relu(A - B) + B, A.maximum(B)), SYSTEMS["int8"], SOLVERS, 0.0, "x")
    assert found.verdict is Verdict.UNKNOWN
