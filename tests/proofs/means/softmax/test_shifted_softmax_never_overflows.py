from __future__ import annotations

import numpy
import pytest
import torch

import pooling
from proofs.claim import CheckFailedError
from proofs.means.softmax.naive_softmax_overflows import naive_softmax_pool
from proofs.means.softmax.shifted_softmax_never_overflows import (
    claim,
    divided_last,
    survives,
    weights_first,
)

FORMATS = ["float16", "bfloat16", "float32", "float64"]


@pytest.mark.parametrize("dtype", FORMATS)
def test_extreme_windows(dtype: str) -> None:
    """The shifted form stays inside the range of the taps."""
    assert survives(weights_first, dtype).endswith("all inside the range of their taps")


@pytest.mark.parametrize("dtype", FORMATS)
def test_without_the_shift(dtype: str) -> None:
    """The naive form does not."""
    with pytest.raises(CheckFailedError, match=r"taps: nan for|taps: inf for"):
        survives(naive_softmax_pool, dtype)


@pytest.mark.parametrize("dtype", FORMATS)
def test_divided_last(dtype: str) -> None:
    """Nor does the shifted one if the sum of products is divided at the end."""
    with pytest.raises(CheckFailedError, match=r"taps: inf for|taps: -inf for"):
        survives(divided_last, dtype)


def test_the_very_end_of_the_range() -> None:
    """Rounded weights may add up to more than 1: ten largest numbers of float32 overflow."""
    largest = torch.finfo(torch.float32).max
    assert weights_first(torch.full((9,), largest)).item() == largest
    assert weights_first(torch.full((10,), largest)).isinf()
    with pytest.raises(CheckFailedError, match="inf for"):
        survives(weights_first, "float32", share=1.0)


def test_it_is_softmax_pooling() -> None:
    """Both orders of the division are the reference definition, up to rounding."""
    taps = torch.randn(50, 9, generator=torch.Generator().manual_seed(0), dtype=torch.float64) * 5
    wanted = pooling.softmax_pool(taps.numpy(), (9,)).ravel()
    for form in (weights_first, divided_last, naive_softmax_pool):
        assert numpy.allclose(form(taps).numpy(), wanted, rtol=1e-12)


@pytest.mark.parametrize(
    ("dtype", "taps", "rounded"), [("bfloat16", 259, 260), ("float16", 2051, 2052)]
)
def test_a_rounded_denominator_may_exceed_the_number_of_taps(
    dtype: str, taps: int, rounded: int
) -> None:
    """Of equal taps every exponential is 1; their sum is no number of the format."""
    ones = torch.zeros(taps, dtype=getattr(torch, dtype)).exp()
    assert ones.sum().item() == rounded > taps
    assert "a rounded sum of k may exceed k" in claim.holds


def test_a_denominator_may_overflow_in_some_bracketing() -> None:
    """Of 36,352 equal taps in float16, and of no fewer: the largest that sums of n ones come to."""
    most = numpy.ones(36_353, dtype=numpy.float32)
    with numpy.errstate(over="ignore"):
        for n in range(2, len(most)):
            half = n // 2
            most[n] = numpy.float16((most[1 : half + 1] + most[n - 1 : n - half - 1 : -1]).max())
    assert numpy.isfinite(most[:-1]).all() and numpy.isinf(most[-1])
    assert numpy.float16(36_352) == 36_352 and "added in turn" in claim.holds
