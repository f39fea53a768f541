from __future__ import annotations

import pytest

from proofs.claim import Theorem
from proofs.systems import SYSTEMS
from proofs.terms import constant, exact, for_all, relu, variables
from proofs.verdict import Verdict
from verify.engines import z3 as module
from verify.engines.engine import Settings

a, b = variables("a b")
ENGINE = module.Z3()
RELU = Theorem(a.maximum(b) == relu(a - b) + b)
EXACTLY = Theorem(RELU.conclusion, (exact(a - b),))


@pytest.mark.parametrize("system", ["real", "integer"])
def test_proves(system: str) -> None:
    """A true thing."""
    evidence = ENGINE.examine(RELU, SYSTEMS[system], Settings())
    assert (evidence.verdict, evidence.detail) == (Verdict.PROVED, "unsat")


@pytest.mark.parametrize("system", ["int8", "int64", "uint8", "wraparound", "float16"])
def test_refutes(system: str) -> None:
    """A false thing, with a counterexample that was replayed."""
    evidence = ENGINE.examine(RELU, SYSTEMS[system], Settings())
    assert (evidence.verdict, evidence.detail) == (Verdict.REFUTED, "sat, replayed")
    assert evidence.counterexample is not None and len(evidence.counterexample.assignment) == 2


def test_gives_up_after_its_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    """Too few steps are UNKNOWN, however much time there is."""
    monkeypatch.setattr(module, "RESOURCE_LIMIT", 1000)
    evidence = ENGINE.examine(EXACTLY, SYSTEMS["float16"], Settings(timeout=60))
    assert evidence.verdict is Verdict.UNKNOWN
    assert evidence.detail.startswith("gave up: ")


@pytest.mark.parametrize("timeout", [0.05, 0.0001])
def test_gives_up_when_time_is_out(timeout: float) -> None:
    """However little time it is; none at all never means no limit."""
    evidence = ENGINE.examine(EXACTLY, SYSTEMS["float16"], Settings(timeout=timeout))
    assert evidence.verdict is Verdict.UNKNOWN and evidence.seconds < 10


@pytest.mark.parametrize(
    ("system", "reads"),
    [("float8_e5m2", False), ("float16", True), ("bfloat16", True), ("float32", True),
     ("float64", False), ("float8_e4m3fn", False), ("int64", True), ("rounding", True)],
)  # fmt: skip
def test_what_it_reads(system: str, reads: bool) -> None:
    """No format whose exponent outweighs its significand, and none of 53 bits."""
    assert ENGINE.supports(RELU, SYSTEMS[system]) is reads


def test_quantifiers() -> None:
    """It decides a quantifier inside a statement."""
    no_largest = Theorem(~for_all((a,), a <= b))
    assert ENGINE.examine(no_largest, SYSTEMS["real"], Settings()).verdict is Verdict.PROVED


def test_what_a_model_leaves_open_is_zero() -> None:
    """A variable that does not matter gets a value too, of its own sort."""
    for system in ("real", "integer", "int8", "float16"):
        theorem = Theorem((a == constant(1)) & (b == b), domain=(a != constant(1),))
        evidence = ENGINE.examine(theorem, SYSTEMS[system], Settings())
        assert evidence.verdict is Verdict.REFUTED, evidence.detail


def test_an_irrational_model_is_no_counterexample() -> None:
    """a·a = 2 has no exact replay; that leaves the statement open."""
    evidence = ENGINE.examine(Theorem(a * a != constant(2)), SYSTEMS["real"], Settings())
    assert evidence.verdict is Verdict.UNKNOWN
    assert evidence.detail.endswith("is not rational")
