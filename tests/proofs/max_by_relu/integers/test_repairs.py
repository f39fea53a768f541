from __future__ import annotations

import numpy
import pytest
import torch

from proofs.claim import Theorem
from proofs.evaluate import evaluate
from proofs.max_by_relu.integers.max_is_gated_difference import gated
from proofs.max_by_relu.integers.wrapping_is_one_turn import claim
from proofs.systems import SYSTEMS
from proofs.systems.integers import AnyWidth, WrapAround

EVERY = torch.arange(-128, 128, dtype=torch.int16)
PAIRS = torch.cartesian_prod(EVERY, EVERY)


def test_int8_inside_int16() -> None:
    """All 2¹⁶ pairs of int8: right in int16, wrong without it, and 9 bits are what it takes."""
    a, b = PAIRS[:, 0], PAIRS[:, 1]
    assert torch.equal((torch.relu(a - b) + b).to(torch.int8), torch.maximum(a, b).to(torch.int8))
    difference = a - b
    assert int(difference.min()) == -255 and int(difference.max()) == 255
    a, b = a.to(torch.int8), b.to(torch.int8)
    wrong = torch.relu(a - b) + b != torch.maximum(a, b)
    assert int(wrong.sum()) == sum(range(1, 129)) + sum(range(1, 128)) == 16_384


@pytest.mark.parametrize("dtype", ["int8", "int16", "int32", "int64", "uint8", "uint32", "uint64"])
def test_the_gate_in_numpy(dtype: str) -> None:
    """The gated difference is the maximum in every dtype of NumPy, at the ends of the range."""
    ends = numpy.iinfo(dtype)
    near = numpy.array([ends.min, ends.min + 1, ends.max // 2, ends.max - 1, ends.max], dtype)
    a, b = (column.ravel() for column in numpy.meshgrid(near, near))
    found = numpy.where(a > b, a - b, numpy.zeros_like(a)) + b
    assert found.dtype == dtype and (found == numpy.maximum(a, b)).all()


def test_the_gate_does_not_repair_saturation() -> None:
    """It clips what the difference loses: 27 instead of 100 in saturating int8."""
    pair = {"a": 100, "b": -100}
    assert evaluate(gated, pair, SYSTEMS["saturating_int8"]) == 27
    assert evaluate(gated, pair, SYSTEMS["int8"]) == 100


@pytest.mark.parametrize("bits", range(1, 7))
def test_one_turn_is_what_both_systems_do(bits: int) -> None:
    """All pairs of every small width: the symbolic width and the bits agree with the formula."""
    (theorem,) = claim.parts
    assert isinstance(theorem, Theorem)
    symbolic, exact = AnyWidth(1 << (bits - 1)), WrapAround(bits)
    for a in range(exact.low, exact.high + 1):
        for b in range(exact.low, exact.high + 1):
            pair = {"a": a, "b": b}
            assert evaluate(theorem.conclusion, pair, symbolic)
            assert evaluate(theorem.conclusion, pair, exact)
            for operator in ("add", "sub"):
                assert symbolic.apply(operator, (a, b)) == exact.apply(operator, (a, b))
