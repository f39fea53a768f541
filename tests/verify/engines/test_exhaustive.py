from __future__ import annotations

from dataclasses import replace

import pytest
import torch

from proofs.claim import Theorem
from proofs.systems import SYSTEMS
from proofs.terms import (
    constant,
    exact,
    for_all,
    greatest,
    in_range,
    relu,
    sequence,
    summation,
    value,
    variables,
)
from proofs.verdict import Verdict
from verify.engines.engine import Settings
from verify.engines.exhaustive import Exhaustive

a, b, c, d = variables("a b c d")
ENGINE = Exhaustive()
RELU = Theorem(a.maximum(b) == relu(a - b) + b)
ORDERED = Theorem(RELU.conclusion, (a <= b,))
EIGHT = ["int8", "uint8", "saturating_int8", "float8_e4m3fn", "float8_e5m2"]


@pytest.mark.parametrize("system", EIGHT)
def test_tries_every_pair(system: str) -> None:
    """A true thing is EXHAUSTED, and the number of tuples is told."""
    evidence = ENGINE.examine(Theorem(a.maximum(b) == b.maximum(a)), SYSTEMS[system], Settings())
    assert (evidence.verdict, evidence.detail) == (Verdict.EXHAUSTED, "all 65,536 tuples")
    assert ENGINE.version().split("+")[0] == torch.__version__.split("+")[0]


@pytest.mark.parametrize("system", EIGHT)
def test_refutes(system: str) -> None:
    """A false thing is refuted, with a counterexample replayed on torch tensors."""
    evidence = ENGINE.examine(RELU, SYSTEMS[system], Settings())
    assert (evidence.verdict, evidence.detail) == (Verdict.REFUTED, "after 65,536 tuples")
    assert evidence.counterexample is not None
    assert evidence.counterexample.replay == f"fails on torch.{SYSTEMS[system].dtype} tensors"


@pytest.mark.parametrize(
    ("system", "needle"), [("int8", -77), ("uint8", 201), ("saturating_int8", 99)]
)
def test_finds_the_one_tuple_that_fails(system: str, needle: int) -> None:
    """One wrong tuple among 256, 65,536 or, for one system, 16,777,216 is found."""
    for names in ((a,), (a, b), *(((c, a, b),) if system == "int8" else ())):
        hidden = a == constant(needle)
        for x in names:
            hidden = hidden & (x == constant(needle))
        evidence = ENGINE.examine(Theorem(~hidden), SYSTEMS[system], Settings())
        assert evidence.verdict is Verdict.REFUTED and evidence.counterexample is not None
        assert set(evidence.counterexample.assignment.values()) == {str(needle)}
        assert len(evidence.counterexample.assignment) == len(names)


def test_premises_are_counted() -> None:
    """How many tuples the premises leave is told, and none is an error."""
    saturating = ENGINE.examine(ORDERED, SYSTEMS["saturating_int8"], Settings())
    assert saturating.detail == "all 65,536 tuples, 32,896 of them within the premises"
    vacuous = replace(ORDERED, assumptions=(a < b, b < a))
    evidence = ENGINE.examine(vacuous, SYSTEMS["int8"], Settings())
    assert (evidence.verdict, evidence.detail) == (
        Verdict.ERROR,
        "no tuple meets the premises",
    )


def test_one_variable_and_a_bound() -> None:
    """256 values, and a bound on shapes makes the word a bounded one."""
    theorem = Theorem(relu(a) == a.maximum(0), bound="n = 1")
    evidence = ENGINE.examine(theorem, SYSTEMS["int8"], Settings())
    assert (evidence.verdict, evidence.detail) == (
        Verdict.PROVED_BOUNDED,
        "all 256 tuples, n = 1",
    )


def test_three_variables() -> None:
    """All 2^24 triples, in a few seconds at the most."""
    theorem = Theorem(a.maximum(b).maximum(c) == a.maximum(b.maximum(c)))
    evidence = ENGINE.examine(theorem, SYSTEMS["int8"], Settings())
    assert (evidence.verdict, evidence.detail) == (Verdict.EXHAUSTED, "all 16,777,216 tuples")


@pytest.mark.parametrize(
    ("theorem", "system", "takes"),
    [
        (RELU, "int8", True),
        (RELU, "int16", False),
        (RELU, "real", False),
        (RELU, "float16", False),
        (Theorem(a + b + c == c + b + a), "int8", True),
        (Theorem(a + b + c == d), "int8", False),
        (Theorem(exact(a + b)), "int8", True),
        (Theorem(a + b + c == a, (in_range(a + b),)), "int8", False),
        (Theorem(value(a) + value(b) == value(c)), "int8", False),
        (Theorem(summation(b, a, b) == a), "int8", False),
        (Theorem(for_all((a,), a == b)), "int8", False),
        (Theorem(constant(1) == constant(1)), "int8", False),
    ],
    ids=str,
)
def test_takes(theorem: Theorem, system: str, takes: bool) -> None:
    """8 bits, up to three variables, two where exact values are spoken of."""
    assert ENGINE.supports(theorem, SYSTEMS[system]) is takes


def test_declines_sequences() -> None:
    """There is no end to tuples of any length."""
    theorem = Theorem(greatest(a, sequence("x")) >= a)
    assert not ENGINE.takes(theorem, SYSTEMS["int8"])
