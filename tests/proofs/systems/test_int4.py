from __future__ import annotations

import pytest
import torch

import verify
from proofs import claims
from proofs.claim import Check
from proofs.systems import SYSTEMS
from verify.engines.counterexample import Counterexample

INT4 = SYSTEMS["int4"]


def counterexample(claim: str) -> Counterexample:
    """Return what refutes a claim in int4."""
    cell = verify.check(claim, "int4")
    assert cell.ok and cell.verdict.name == "REFUTED" and cell.counterexample is not None
    return cell.counterexample


def test_what_it_says_of_itself() -> None:
    """Half a byte from −8 to 7, and nothing of torch that is not so."""
    assert INT4.bytes == 0.5
    assert INT4.all_elements().tolist() == list(range(-8, 8))
    assert INT4.assumes == "results are taken modulo 2^4, by hand: torch does not add int4"
    dtype = getattr(torch, INT4.name)
    with pytest.raises(RuntimeError):
        torch.ones(1, dtype=dtype) + torch.ones(1, dtype=dtype)


def test_refuted_within_the_range() -> None:
    """Max by ReLU fails at a pair of 4-bit numbers, replayed in integers wrapped by hand."""
    found = counterexample("max-is-relu")
    assert found.replay == "fails on torch.int64 tensors, wrapped to 4 bits by hand"
    a, b = (int(found.assignment[name]) for name in "ab")
    assert -8 <= a <= 7 and -8 <= b <= 7 and not -8 <= a - b <= 7


def test_the_smallest_has_no_negative() -> None:
    """Min = −max(−, −) fails through −(−8) = −8."""
    assert "-8" in counterexample("min-is-negated-max").assignment.values()


@pytest.mark.parametrize(
    "claim", ["max-is-associative", "max-is-relu-iff-no-overflow", "min-is-negated-max-iff"]
)
def test_proved(claim: str) -> None:
    """What holds in int8 by a formula is proved of four bits by solvers, and exhausted."""
    cell = verify.check(claim, "int4")
    said = {(e.engine, e.verdict.name) for part in cell.parts for e in part.evidence}
    assert cell.ok and cell.verdict.name == "PROVED"
    assert {("z3", "PROVED"), ("exhaustive", "EXHAUSTED"), ("hypothesis", "TESTED")} <= said


def test_only_formulas_speak_for_it() -> None:
    """A claim that checks something of int8 by running it says nothing of int4.

    What a check shows of no number system in particular, it shows of this one too.
    """
    for claim in claims().values():
        if claim.expects("int4") is None:
            assert "int8" not in claim.expected or any(
                isinstance(part, Check) and part.systems for part in claim.parts_in("int8")
            )
        else:
            assert claim.expects("int4") is claim.expected["int8"]
            checks = [part for part in claim.parts_in("int4") if isinstance(part, Check)]
            assert not any(part.systems for part in checks)
