"""Counting conventions: each by its formula, and beside the exact count."""

from __future__ import annotations

from fractions import Fraction
from itertools import product
from typing import Any

import numpy
import pytest
import sympy
from hypothesis import given

import costmodel
from verify.strategies import windows

STEM: dict[str, Any] = {"kernel_size": 3, "stride": 2, "padding": 1}


@pytest.mark.parametrize(
    ("counting", "maximum", "average"),
    [
        ("exact", 1_584_192, 1_784_896),
        ("window", 200_704 * 8, 200_704 * 9),
        ("mac", 200_704 * 9, 200_704 * 9),
        ("popular_floor", 200_704 * 9, 200_704 * 9),
        ("popular_real", 64 * Fraction(113, 2) ** 2 * 9, 64 * Fraction(113, 2) ** 2 * 9),
    ],
)
def test_the_stem_of_resnet(counting: str, maximum: int, average: int) -> None:
    """One layer in every convention: its windows are 3 × 3, its outputs 64 × 56 × 56."""
    shape = (1, 64, 112, 112)
    assert costmodel.flops("max_pool2d", shape, **STEM, counting=counting) == maximum
    assert costmodel.flops("avg_pool2d", shape, **STEM, counting=counting) == average


@given(window=windows(dilations=True))
def test_padding_charged_is_padding_taken_as_data(window: dict[str, Any]) -> None:
    """The textbook's count is the exact count of an input as large as the windows reach."""
    size = window.pop("size")
    charged = costmodel.cost("max_pool2d", (2, *size), **window, counting="window")
    reached = [
        (outputs - 1) * stride + dilation * (kernel_size - 1) + 1
        for outputs, stride, dilation, kernel_size in zip(
            charged.output_shape[1:],
            window["stride"],
            window["dilation"],
            window["kernel_size"],
            strict=True,
        )
    ]
    as_data = {**window, "padding": 0, "ceil_mode": False}
    exact = costmodel.cost("max_pool2d", (2, *reached), **as_data)
    assert (charged.comparisons, charged.taps) == (exact.comparisons, exact.taps)
    multiplied = costmodel.flops("max_pool2d", (2, *size), **window, counting="mac")
    assert multiplied == exact.taps


def test_the_popular_answers_read_padding_as_the_chapter_does() -> None:
    """Their p is all that is added to an axis, so it is both sides of torch's padding together."""
    for size, kernel_size, stride, padding in product(range(2, 9), (2, 3), (1, 2, 3), (0, 1)):
        if size + 2 * padding < kernel_size:
            continue
        arguments = (kernel_size, stride, padding)
        height = (size + 2 * padding - kernel_size + stride) // stride
        real = Fraction(size + 2 * padding - kernel_size, stride) + 1
        floor = costmodel.flops("max_pool2d", (5, size, 9), *arguments, counting="popular_floor")
        width = (9 + 2 * padding - kernel_size + stride) // stride
        assert floor == 5 * height * width * kernel_size**2
        without = costmodel.flops("max_pool2d", (5, size, 9), *arguments, counting="popular_real")
        wide = Fraction(9 + 2 * padding - kernel_size, stride) + 1
        assert without == 5 * real * wide * kernel_size**2


def test_arrays_and_symbols() -> None:
    """A batch gives one figure each, symbols the formula."""
    sizes = numpy.array([8, 9, 10])
    for counting in ("window", "mac", "popular_floor", "popular_real"):
        batch = costmodel.flops("max_pool1d", (4, sizes), 3, 2, 1, counting=counting)
        h = sympy.Symbol("h", integer=True, positive=True)
        symbolic = costmodel.flops("max_pool1d", (4, h), 3, 2, 1, counting=counting)
        for size, counted in zip(sizes.tolist(), batch.tolist(), strict=True):
            single = costmodel.flops("max_pool1d", (4, size), 3, 2, 1, counting=counting)
            assert counted == single
            assert symbolic.subs(h, size) == single
    k = sympy.Symbol("k", integer=True, positive=True)
    answer = costmodel.flops("max_pool1d", (1, h), k, 1, counting="popular_real")
    assert sympy.expand(answer - k * (h - k + 1)) == 0


def test_one_dimensional_average_and_minimum_take_conventions_too() -> None:
    """The keyword is there wherever windows have one size, and nowhere else."""
    assert costmodel.flops("avg_pool1d", (1, 4), 2, 2, 1, counting="window") == 6
    assert costmodel.flops("min_pool1d", (1, 4), 2, 2, 1, counting="window") == 3
    with pytest.raises(TypeError, match="adaptive_avg_pool2d has no argument 'counting'"):
        costmodel.flops("adaptive_avg_pool2d", (1, 4, 4), 2, counting="window")


def test_an_unknown_convention_is_refused() -> None:
    """The message names what there is."""
    with pytest.raises(ValueError, match=r"unknown counting 'madds'; countings: exact, window, "):
        costmodel.flops("max_pool2d", (1, 4, 4), 2, counting="madds")


@pytest.mark.parametrize("name", ["counting", "algorithm", "padding_convention"])
def test_what_is_no_name_is_refused(name: str) -> None:
    """With the argument that it was given for."""
    with pytest.raises(TypeError, match=rf"^{name} must be one of .*, got \['x'\] of type list$"):
        costmodel.flops("max_pool2d", (1, 4, 4), 2, **{name: ["x"]})


def test_fractions_of_a_window() -> None:
    """Exact for ints and symbols, floats for arrays, as the module says."""
    arguments: dict[str, Any] = {"kernel_size": 3, "stride": 3, "counting": "popular_real"}
    exact = costmodel.flops("max_pool1d", (1, 10), **arguments)
    assert (exact, type(exact)) == (Fraction(10), int)
    third = costmodel.flops("max_pool1d", (1, 8), **(arguments | {"kernel_size": 1}))
    assert third == Fraction(10, 3)
    batch = costmodel.flops("max_pool1d", (1, numpy.array([8])), **(arguments | {"kernel_size": 1}))
    assert batch.dtype == numpy.float64
    assert batch.tolist() == pytest.approx([10 / 3])
