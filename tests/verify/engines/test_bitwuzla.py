from __future__ import annotations

import pytest

from proofs.claim import Theorem
from proofs.systems import SYSTEMS
from proofs.terms import exact, for_all, relu, value, variables
from proofs.verdict import Verdict
from verify.engines.bitwuzla import Bitwuzla
from verify.engines.engine import Settings

a, b = variables("a b")
ENGINE = Bitwuzla()
RELU = Theorem(a.maximum(b) == relu(a - b) + b)
EXACTLY = Theorem(RELU.conclusion, (exact(a - b),))


@pytest.mark.parametrize("system", ["int8", "int64", "float16"])
def test_proves(system: str) -> None:
    """A true thing."""
    evidence = ENGINE.examine(EXACTLY, SYSTEMS[system], Settings())
    assert (evidence.verdict, evidence.detail) == (Verdict.PROVED, "unsat")


@pytest.mark.parametrize("system", ["int8", "int64", "uint8", "float16", "float64"])
def test_refutes(system: str) -> None:
    """A false thing, with a counterexample that was replayed."""
    evidence = ENGINE.examine(RELU, SYSTEMS[system], Settings())
    assert (evidence.verdict, evidence.detail) == (Verdict.REFUTED, "sat, replayed")
    assert evidence.counterexample is not None and len(evidence.counterexample.assignment) == 2


@pytest.mark.parametrize("timeout", [0.05, 0.0001])
def test_gives_up_when_time_is_out(timeout: float) -> None:
    """However little time it is; none at all never means no limit."""
    evidence = ENGINE.examine(EXACTLY, SYSTEMS["float64"], Settings(timeout=timeout))
    assert evidence.verdict is Verdict.UNKNOWN


@pytest.mark.parametrize(
    ("system", "reads"),
    [("float8_e5m2", False), ("float16", True), ("bfloat16", False), ("float32", True),
     ("float64", True), ("int64", True), ("saturating_int8", True), ("real", False),
     ("integer", False), ("wraparound", False), ("rounding", False)],
)  # fmt: skip
def test_what_it_reads(system: str, reads: bool) -> None:
    """Bit-vectors and IEEE's three formats, and no unbounded numbers."""
    assert ENGINE.supports(RELU, SYSTEMS[system]) is reads


def test_formats_inside_a_statement() -> None:
    """Exact values need a wider exponent, which makes a format it does not take."""
    theorem = Theorem(value(a) <= 2 * value(a), (a == a,))
    assert not ENGINE.supports(theorem, SYSTEMS["float16"])
    assert ENGINE.supports(Theorem(a == a, (a == a,)), SYSTEMS["float16"])


def test_declines_quantifiers() -> None:
    """A quantifier inside a statement goes elsewhere."""
    assert not ENGINE.supports(Theorem(~for_all((a,), a <= b)), SYSTEMS["int8"])
