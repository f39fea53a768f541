from __future__ import annotations

import math
from typing import Any

import pytest
import torch

import pooling
from proofs.claim import CheckFailedError
from proofs.means.naive_poolings_leave_the_range import (
    WIDTHS,
    by_module,
    compare,
    failures,
    finite_numbers,
    modules,
    naive_softmax,
    printed,
    shifted_softmax,
)


def test_all_numbers_of_a_16_bit_format() -> None:
    """Both signs of every finite number, in order, and telling ones of the wider formats."""
    assert len(finite_numbers("float16")) == 2 * 31 * 2**10
    assert len(finite_numbers("bfloat16")) == 2 * 255 * 2**7
    for name in WIDTHS:
        numbers = finite_numbers(name)
        assert numbers.isfinite().all() and (numbers.diff() >= 0).all()
        assert (numbers == 1).any() and numbers[-1] == -numbers[0] == torch.finfo(numbers.dtype).max


def test_where_the_exponential_overflows() -> None:
    """Naive softmax fails for all larger numbers from where twice x·exp(x) leaves the range on."""
    numbers = finite_numbers("float16")
    wrong = failures(naive_softmax, numbers, norm=False, slack=1)
    above = wrong[wrong > 0].double()
    first = above.min().item()
    assert 2 * first * math.exp(first) > 65000 > 2 * (first - 0.05) * math.exp(first - 0.05)
    assert len(above) == (numbers >= first).sum()


@pytest.mark.parametrize(
    ("stable", "naive", "message"),
    [
        (printed(), printed(), "softmax of 2 taps 6.55e"),
        (modules(), modules(), "SoftmaxPool1d: right for all numbers tried"),
    ],
)
def test_it_can_fail_either_way(stable: Any, naive: Any, message: str) -> None:
    """Where what should be right is wrong, and where what should be wrong is right."""
    with pytest.raises(CheckFailedError, match=message):
        compare("float16", stable, naive)


def test_a_wrong_module_is_seen() -> None:
    """One that is off by a factor, or by the count of taps."""
    numbers = finite_numbers("float16")
    cubes = by_module(lambda taps: pooling.PowerAveragePool1d(3, taps))
    assert len(failures(cubes, numbers, norm=True, slack=0))
    squares = by_module(lambda taps: pooling.PowerAveragePool1d(2, taps))
    assert not len(failures(squares, numbers, norm=True, slack=0, taps=25))


def test_the_shift_alone_is_right_for_pairs_alone() -> None:
    """A 25th of the smallest numbers is inexact, and rounded weights of the largest overflow."""
    numbers = finite_numbers("float32")
    assert not len(failures(shifted_softmax, numbers, norm=False, slack=0))
    wrong = failures(shifted_softmax, numbers, norm=False, slack=0, taps=25)
    assert wrong.abs().min() < torch.finfo(torch.float32).smallest_normal
    largest = numbers[-1:]
    assert any(
        len(failures(shifted_softmax, largest, norm=False, slack=0, taps=taps))
        for taps in range(3, 99)
    )
