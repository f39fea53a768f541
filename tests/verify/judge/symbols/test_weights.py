"""How weights are read: the simplest fraction over the reals, the float itself elsewhere."""

from __future__ import annotations

import math
from fractions import Fraction

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from proofs.systems import SYSTEMS
from proofs.systems.floats import FloatFormat
from verify.judge.symbols.algebra import Algebra, NoTermError
from verify.judge.symbols.terms import Terms
from verify.judge.symbols.weights import constants, simplest_between, simplest_fraction


@given(st.integers(-300, 300), st.integers(1, 300), st.sampled_from(["float32", "float64"]))
def test_fractions_survive_the_dtype(numerator: int, denominator: int, dtype: str) -> None:
    """Every fraction of small whole numbers is read back from its rounding."""
    exact = Fraction(numerator, denominator)
    rounded = torch.tensor(float(exact), dtype=torch.float64).to(getattr(torch, dtype))
    assert simplest_fraction(rounded.double().item(), dtype) == exact


@given(st.floats(allow_nan=False, allow_infinity=False, width=32))
def test_the_fraction_rounds_back(number: float) -> None:
    """Whatever is read rounds to the number that was there."""
    read = simplest_fraction(number, "float32")
    float32 = SYSTEMS["float32"]
    assert isinstance(float32, FloatFormat)
    # From the fraction itself: by way of float64 it would be rounded twice.
    assert (float32.rounded(read) if read else 0) == number


@given(st.fractions(max_denominator=60), st.fractions(0, 1, max_denominator=60))
def test_no_simpler_fraction_is_between(low: Fraction, width: Fraction) -> None:
    """Against brute search over denominators."""
    found = simplest_between(low, low + width)
    denominator = next(d for d in range(1, 10_000) if math.ceil(low * d) <= (low + width) * d)
    assert low <= found <= low + width
    assert found.denominator == denominator


def test_tensors_are_read_by_their_dtype() -> None:
    """A weight of 1/9 in float32 is 1/9 over the reals; whole numbers and infinities are kept."""
    real = Algebra(Terms(0), SYSTEMS["real"])
    weight = torch.tensor([1 / 9, 0.25, -math.inf, 3], dtype=torch.float32)
    values = [real.value(int(t)) for t in constants(weight, real)]
    assert values == [Fraction(1, 9), Fraction(1, 4), -math.inf, 3]
    assert list(real.readings.values()) == [Fraction(1, 9)]
    assert constants(torch.tensor([[True]]), real).shape == (1, 1)
    half = Algebra(Terms(0), SYSTEMS["float16"])
    tenth = torch.tensor([0.1], dtype=torch.float16)
    assert half.value(int(constants(tenth, half)[0])) == Fraction(tenth.item())
    with pytest.raises(NoTermError, match="complex"):
        constants(torch.zeros(1, dtype=torch.complex64), real)
    with pytest.raises(NoTermError, match="no number of int8"):
        constants(torch.tensor([300]), Algebra(Terms(0), SYSTEMS["int8"]))
