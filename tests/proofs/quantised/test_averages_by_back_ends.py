"""Windows of every sum, roundings of quotients, and what is refused."""

from __future__ import annotations

from fractions import Fraction

import pytest
import torch

from proofs.claim import CheckFailedError
from proofs.quantised.averages_by_back_ends import (
    EVEN,
    ODD,
    away_from_zero,
    dequantised,
    differing,
    stored_halves_to_even,
    wide,
    windows,
)


@pytest.mark.parametrize("system", ["uint8", "int8"])
@pytest.mark.parametrize("count", [3, 4, 9])
def test_there_is_a_window_of_every_sum(system: str, count: int) -> None:
    """Each once, of numbers that the system has."""
    ends = torch.iinfo(getattr(torch, system))
    rows = windows(system, count)
    assert rows.sum(1).tolist() == list(range(count * ends.min, count * ends.max + 1))
    assert rows.min() == ends.min
    assert rows.max() == ends.max


@pytest.mark.parametrize("count", [3, 4, 6])
def test_roundings_are_those_of_fractions(count: int) -> None:
    """Python's own rounding, halves to even; and away from 0."""
    totals = torch.arange(-40, 41)
    even = [round(Fraction(t, count)) for t in totals.tolist()]
    assert stored_halves_to_even(totals, count, 5).tolist() == even
    turned = [round(Fraction(t, count) - 5) + 5 for t in totals.tolist()]
    assert dequantised(totals, count, 5).tolist() == turned
    away = [
        int(abs(Fraction(t, count)) + Fraction(1, 2)) * (1 if t > 0 else -1)
        for t in totals.tolist()
    ]
    assert away_from_zero(totals, count, 5).tolist() == away


def test_a_difference_is_told() -> None:
    """The operator, the zero point and the window."""
    with pytest.raises(CheckFailedError, match=r"avg_pool2d, zero point 1: .* \[2, 0, 0, 0\]: 0, "):
        differing("uint8", EVEN, dequantised, odd=True)
    assert differing("uint8", {3: ODD[3]}, dequantised).startswith("766 windows of 3, zero points")


def test_a_sum_that_leaves_32_bits_is_told() -> None:
    """2902 × 2902 times 255 is averaged to 0."""
    with pytest.raises(CheckFailedError, match=r"2902 × 2902 times 255: \{'avg_pool2d': 0"):
        wide("uint8", wraps=True, narrow=False)
