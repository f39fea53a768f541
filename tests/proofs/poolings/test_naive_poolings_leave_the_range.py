from __future__ import annotations

import math
from typing import Any

import pytest
import torch

import pooling
from proofs.claim import CheckFailedError
from proofs.poolings.naive_poolings_leave_the_range import (
    WIDTHS,
    by_module,
    compare,
    failures,
    finite_numbers,
    modules,
    naive_softmax,
    printed,
)


def test_all_numbers_of_a_16_bit_format() -> None:
    """Both signs of every finite number, in order, and telling ones of the wider formats."""
    assert len(finite_numbers("float16")) == 2 * 31 * 2**10
    assert len(finite_numbers("bfloat16")) == 2 * 255 * 2**7
    for name in WIDTHS:
        numbers = finite_numbers(name)
        assert numbers.isfinite().all() and (numbers.diff() >= 0).all()
        assert (numbers == 1).any() and (numbers.abs() > torch.finfo(numbers.dtype).max / 4).any()


def test_where_the_exponential_overflows() -> None:
    """Naive softmax fails for all larger numbers from where twice x·exp(x) leaves the range on."""
    numbers = finite_numbers("float16")
    wrong = failures(naive_softmax, numbers, 0, slack=1)
    above = wrong[wrong > 0].double()
    first = above.min().item()
    assert 2 * first * math.exp(first) > 65000 > 2 * (first - 0.05) * math.exp(first - 0.05)
    assert len(above) == (numbers >= first).sum()


@pytest.mark.parametrize(
    ("stable", "naive", "message"),
    [
        (printed(), printed(), "softmax of two taps 6.55e"),
        (modules(), modules(), "SoftmaxPool1d: right for all numbers tried"),
    ],
)
def test_it_can_fail_either_way(stable: Any, naive: Any, message: str) -> None:
    """Where what should be right is wrong, and where what should be wrong is right."""
    with pytest.raises(CheckFailedError, match=message):
        compare("float16", stable, naive)


def test_a_wrong_module_is_seen() -> None:
    """One that is off by a factor, or by the count of taps."""
    power = by_module(lambda: pooling.PowerAveragePool1d(3, 2))
    assert len(failures(power, finite_numbers("float16"), 2.0**0.5, slack=0))
