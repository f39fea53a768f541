"""Statements: settled by normal forms, by solvers, by both, or by nobody."""

from __future__ import annotations

import time
from fractions import Fraction
from typing import Any

import numpy
import pytest

from proofs.notation import text
from proofs.systems import SYSTEMS
from proofs.terms import relu, variables
from proofs.verdict import Verdict
from verify.engines import ENGINES
from verify.judge.proving import Settled, labelled, settle
from verify.judge.symbols.algebra import Algebra
from verify.judge.symbols.classes import Pattern, kinds
from verify.judge.symbols.normal_form import NormalForms
from verify.judge.symbols.terms import ZERO, Ids, Terms

SOLVERS = {name: ENGINES[name] for name in ("z3", "cvc5", "bitwuzla")}


def statement(left: str, right: str, system: str) -> Pattern:
    """Return what two expressions over a, b and c state."""
    terms = Terms(3)
    algebra = Algebra(terms, SYSTEMS[system])
    a, b, c = (terms.variables[[i]] for i in range(3))

    def fold(x: Ids, y: Ids) -> Ids:
        return algebra.add(algebra.relu(algebra.add(x, y, Fraction(-1))), y)

    names: dict[str, Any] = {
        "a": a, "b": b, "c": c, "zero": numpy.array([ZERO], numpy.int32), "fold": fold,
        "maximum": algebra.maximum, "relu": algebra.relu, "multiply": algebra.multiply,
        "exp": lambda x: algebra.function("exp", x), "add": algebra.add,
    }  # fmt: skip
    (found,) = kinds(terms, eval(left, names), eval(right, names))
    return found


def settled(left: str, right: str, system: str = "real", **options: Any) -> Settled:
    """Return what becomes of left = right."""
    deadline = options.pop("deadline", time.perf_counter() + 20)
    return settle(
        statement(left, right, system), SYSTEMS[system], SOLVERS, deadline, "here", **options
    )


def test_what_occurs_twice_is_written_once() -> None:
    """A fold over 30 taps is written in a few lines, not in 2³⁰."""
    (a,) = variables("a")
    largest = a
    for x in variables(" ".join(f"x{i}" for i in range(30))):
        largest = relu(x - largest) + largest
    assert len(text(labelled(largest == a))) < 200


@pytest.mark.parametrize(
    ("left", "right", "system", "verdict"),
    [
        ("fold(a, b)", "maximum(a, b)", "real", Verdict.PROVED_BOUNDED),
        ("fold(fold(a, b), c)", "maximum(a, maximum(c, b))", "real", Verdict.PROVED_BOUNDED),
        ("maximum(a, b)", "maximum(b, a)", "float16", Verdict.PROVED_BOUNDED),
        ("maximum(a, maximum(b, c))", "maximum(b, maximum(a, c))", "int8", Verdict.PROVED_BOUNDED),
        ("fold(a, b)", "maximum(a, b)", "int8", Verdict.REFUTED),
        ("fold(a, b)", "maximum(a, b)", "float16", Verdict.REFUTED),
        ("maximum(a, b)", "a", "real", Verdict.REFUTED),
        ("exp(fold(a, b))", "exp(maximum(b, a))", "real", Verdict.PROVED_BOUNDED),
        ("exp(a)", "add(exp(b), zero)", "real", Verdict.UNKNOWN),
    ],
)
def test_proofs_and_refutations(left: str, right: str, system: str, verdict: Verdict) -> None:
    """Right ones are proved, wrong ones refuted; functions left open refute nothing."""
    assert settled(left, right, system).verdict is verdict


def test_solvers_alone() -> None:
    """Without forms a solver has to say so."""
    found = settled("fold(a, b)", "maximum(a, b)", forms=False)
    assert found.verdict is Verdict.PROVED_BOUNDED
    assert {e.engine for e in found.evidence} <= {"z3", "cvc5"}


def test_the_model_of_a_refutation_names_nodes() -> None:
    """Its values make the two sides differ."""
    found = settled("maximum(a, b)", "a")
    assert found.model is not None
    one, other = sorted(found.model.values())
    assert one < other


def test_a_normal_form_that_is_wrong_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """If the forms called two different terms equal, a solver would contradict: an ERROR."""
    monkeypatch.setattr(NormalForms, "of", lambda self, nodes, **_: [()] * len(nodes))
    assert settled("relu(a)", "add(a, zero)").verdict is Verdict.ERROR


def test_no_time_is_unknown() -> None:
    """Past the deadline nothing is asked, and nothing proved."""
    assert settled("fold(a, b)", "maximum(a, b)", "int8", deadline=0.0).verdict is Verdict.UNKNOWN
