from __future__ import annotations

import pytest

from proofs import claims
from proofs.claim import Theorem
from proofs.systems import SYSTEMS
from proofs.terms import relu, variables
from verify.encodings.smtlib import script
from verify.engines import z3
from verify.engines.engine import Settings
from verify.engines.z3 import Z3

a, b = variables("a b")


@pytest.mark.parametrize(
    ("system", "reads"),
    [("float8_e5m2", False), ("float16", True), ("bfloat16", True), ("float32", True),
     ("float64", False), ("float8_e4m3fn", False), ("int64", True), ("rounding", True)],
)  # fmt: skip
def test_what_it_reads(system: str, reads: bool) -> None:
    """No format whose exponent outweighs its significand, and none of 53 bits.

    About those it can be asked all the same, in the system of all formats at once.
    """
    stated = Theorem(a.maximum(b) == relu(a - b) + b)
    assert Z3().takes(stated, SYSTEMS[system]) is reads
    assert Z3().supports(stated, SYSTEMS[system])


def test_arithmetic_takes_few_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nonlinear integers are decided within a thousandth of the steps, whatever came before."""
    monkeypatch.setattr(z3, "RESOURCE_LIMIT", z3.RESOURCE_LIMIT // 1000)
    entries = claims()["taps-closed-form"].theorems[-1]
    for obligation in entries.obligations() * 2:
        assert Z3().solve(script(obligation, SYSTEMS["integer"]), Settings()).word == "unsat"


@pytest.mark.parametrize(
    ("name", "system"), [("taps-growth", "integer"), ("fold-error-bound", "rounding")]
)
@pytest.mark.parametrize("barred", ["SHORT_CUT", "RESOURCE_LIMIT"])
def test_either_way_gets_there(
    monkeypatch: pytest.MonkeyPatch, name: str, system: str, barred: str
) -> None:
    """Where the short cut is barred the long way leads on, and the short cut alone suffices too."""
    monkeypatch.setattr(z3, barred, 1)
    for obligation in claims()[name].theorems[0].obligations():
        assert Z3().solve(script(obligation, SYSTEMS[system]), Settings()).word == "unsat"


def test_who_has_no_steps_left_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    """With both ways barred the answer is unknown, and gives Z3's own reason."""
    monkeypatch.setattr(z3, "SHORT_CUT", 1)
    monkeypatch.setattr(z3, "RESOURCE_LIMIT", 1)
    obligation = claims()["taps-growth"].theorems[0].obligations()[0]
    answer = Z3().solve(script(obligation, SYSTEMS["integer"]), Settings())
    assert answer.word == "unknown" and answer.reason
