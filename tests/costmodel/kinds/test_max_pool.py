from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

import numpy
import pytest
import sympy
import torch
from hypothesis import given
from hypothesis import strategies as st

import costmodel
from verify.strategies import windows


@pytest.mark.parametrize(
    ("operator", "shape", "arguments", "flops"),
    [
        ("max_pool2d", (1, 64, 112, 112), dict(kernel_size=3, stride=2, padding=1), 1584192),
        ("max_pool2d", (64, 112, 112), dict(kernel_size=3, stride=2, padding=1), 1584192),
        ("min_pool2d", (1, 64, 112, 112), dict(kernel_size=3, stride=2, padding=1), 1584192),
        ("max_pool2d", (1, 64, 224, 224), dict(kernel_size=2), 64 * 112 * 112 * 3),
        ("max_pool2d", (1, 1, 4, 4), dict(kernel_size=1), 0),
        ("max_pool2d", (0, 3, 4, 4), dict(kernel_size=2), 0),
        ("max_pool1d", (1, 5), dict(kernel_size=2, ceil_mode=True), 2),
        ("max_pool1d", (1, 1), dict(kernel_size=2, stride=1, padding=1, dilation=2), 0),
        ("max_pool3d", (1, 1, 4, 4, 4), dict(kernel_size=2), 8 * 7),
        ("max_pool2d", (1, 1, 4, 4), dict(kernel_size=2, return_indices=True), 12),
    ],
)
def test_known_counts(
    operator: str, shape: tuple[int, ...], arguments: dict[str, Any], flops: int
) -> None:
    """Counts worked out by hand; return_indices does not change them."""
    got = costmodel.flops(operator, shape, **arguments)
    assert got == flops
    assert type(got) is int


@given(st.integers(1, 3), st.sampled_from(["max", "min"]), st.data())
def test_equals_the_counted_comparisons(
    count_operations: Callable[..., Counter[str]],
    dimensions: int,
    family: str,
    data: st.DataObject,
) -> None:
    """The formula is the number of comparisons that the reference definition performs."""
    arguments = data.draw(windows(dimensions, max_size=6, max_kernel_size=3, dilations=True))
    shape = (2, *arguments.pop("size"))
    counted = count_operations(f"{family}_pool", shape, **arguments)
    cost = costmodel.cost(f"{family}_pool{dimensions}d", shape, **arguments)
    assert counted == Counter(comparisons=cost.comparisons)
    assert cost.flops == cost.comparisons


@given(st.data())
def test_shape_and_taps_are_torchs(data: st.DataObject) -> None:
    """Outputs are torch's, and the taps those of an average of ones with divisor 1."""
    arguments = data.draw(windows(2, max_size=15, max_kernel_size=6))
    shape = (3, 2, *arguments.pop("size"))
    ones = torch.ones(shape, dtype=torch.float64)
    cost = costmodel.cost("max_pool2d", shape, **arguments)
    assert cost.output_shape == tuple(torch.nn.functional.max_pool2d(ones, **arguments).shape)
    taps = torch.nn.functional.avg_pool2d(ones, **arguments, divisor_override=1)
    assert cost.taps == taps.sum()
    assert cost.outputs == taps.numel()


@given(st.lists(windows(2, dilations=True), min_size=1, max_size=4), st.booleans())
def test_a_batch_is_its_configurations(batch: list[dict[str, Any]], ceil_mode: bool) -> None:
    """Arrays in any place give, entry by entry, what ints give."""
    shapes = [(1, 3, *configuration.pop("size")) for configuration in batch]
    for configuration in batch:
        configuration["ceil_mode"] = ceil_mode
    arrays = {
        name: tuple(numpy.array([configuration[name] for configuration in batch]).T)
        for name in ("kernel_size", "stride", "padding", "dilation")
    }
    stacked = tuple(numpy.array(shapes).T)
    got = costmodel.flops("max_pool2d", stacked, **arrays, ceil_mode=ceil_mode)
    assert got.tolist() == [
        costmodel.flops("max_pool2d", shape, **configuration)
        for shape, configuration in zip(shapes, batch, strict=True)
    ]


def test_arrays_broadcast() -> None:
    """One array among ints gives one count per entry."""
    strides = numpy.arange(1, 5)
    got = costmodel.flops("max_pool2d", (1, 3, 17, 19), kernel_size=3, stride=strides, padding=1)
    assert got.tolist() == [
        costmodel.flops("max_pool2d", (1, 3, 17, 19), kernel_size=3, stride=int(s), padding=1)
        for s in strides
    ]


@pytest.mark.parametrize(
    "arguments",
    [
        dict(kernel_size=3, stride=2, padding=1),
        dict(kernel_size=2),
        dict(kernel_size=3, stride=2, ceil_mode=True),
        dict(kernel_size=3, stride=2, padding=1, dilation=2),
    ],
)
def test_symbols_have_the_value_of_ints(arguments: dict[str, Any]) -> None:
    """A formula in the size of the image is right for every size."""
    channels, size = sympy.symbols("C n", integer=True, positive=True)
    formula = costmodel.flops("max_pool1d", (channels, size), **arguments)
    for n in range(5, 25):
        expected = costmodel.flops("max_pool1d", (3, n), **arguments)
        assert formula.subs({channels: 3, size: n}).doit() == expected


def test_every_argument_can_be_a_symbol() -> None:
    """So that a formula can be differentiated, compared or printed."""
    n, k, s, p = sympy.symbols("n k s p", integer=True, positive=True)
    formula = costmodel.flops("max_pool1d", (1, n), kernel_size=k, stride=s, padding=p)
    assert formula.subs({n: 112, k: 3, s: 2, p: 1}) == 167 - 56


def test_ints_of_any_size() -> None:
    """No loop walks through the image, and no count overflows."""
    side = 10**20
    got = costmodel.flops("max_pool2d", (1, 1, side, side), kernel_size=2)
    assert got == 3 * (side // 2) ** 2


def test_return_indices_is_a_bool() -> None:
    """As in torch."""
    with pytest.raises(TypeError) as caught:
        costmodel.cost("max_pool2d", (1, 4, 4), 2, return_indices=1)
    assert str(caught.value) == "return_indices must be a bool, got 1"


@pytest.mark.parametrize(
    ("operator", "shape", "arguments", "flops"),
    [
        ("adaptive_max_pool2d", (1, 512, 7, 7), dict(output_size=3), 512 * (81 - 9)),
        ("adaptive_max_pool1d", (1, 10), dict(output_size=4), 12 - 4),
        ("adaptive_max_pool1d", (1, 3), dict(output_size=7), 9 - 7),
        ("adaptive_max_pool2d", (1, 4, 4), dict(output_size=(None, None)), 0),
        ("adaptive_max_pool2d", (1, 4, 4), dict(output_size=2, return_indices=True), 12),
        ("fractional_max_pool2d", (2, 9, 9), dict(kernel_size=2, output_size=4), 2 * 16 * 3),
        (
            "fractional_max_pool2d",
            (2, 9, 9),
            dict(kernel_size=(2, 3), output_ratio=(0.5, 0.3), return_indices=True),
            2 * 4 * 2 * 5,
        ),
        ("fractional_max_pool3d", (1, 9, 9, 9), dict(kernel_size=2, output_ratio=0.5), 64 * 7),
    ],
)
def test_known_counts_of_other_windows(
    operator: str, shape: tuple[int, ...], arguments: dict[str, Any], flops: int
) -> None:
    """Adaptive and fractional windows, worked out by hand."""
    assert costmodel.flops(operator, shape, **arguments) == flops


@given(st.integers(1, 3), st.data())
def test_adaptive_equals_the_counted_comparisons(
    count_operations: Callable[..., Counter[str]], dimensions: int, data: st.DataObject
) -> None:
    """The formula with the greatest common divisor is what the definition does."""
    sizes = st.lists(st.integers(1, 6), min_size=dimensions, max_size=dimensions)
    outputs = st.lists(st.integers(0, 7), min_size=dimensions, max_size=dimensions)
    shape, output_size = (2, *data.draw(sizes)), tuple(data.draw(outputs))
    counted = count_operations("adaptive_max_pool", shape, output_size=output_size)
    cost = costmodel.cost(f"adaptive_max_pool{dimensions}d", shape, output_size)
    assert counted == +Counter(comparisons=cost.comparisons)


@given(st.integers(2, 3), st.data())
def test_fractional_equals_the_counted_comparisons(
    count_operations: Callable[..., Counter[str]], dimensions: int, data: st.DataObject
) -> None:
    """Wherever the windows are drawn, the count is the same."""
    size, kernel_size, output_size = [], [], []
    for _ in range(dimensions):
        kernel_size.append(data.draw(st.integers(1, 3)))
        output_size.append(data.draw(st.integers(0, 3)))
        size.append(kernel_size[-1] + output_size[-1] + data.draw(st.integers(0, 3)))
    drawn = data.draw(st.lists(st.floats(0, 0.99), min_size=dimensions, max_size=dimensions))
    arguments: dict[str, Any] = dict(kernel_size=tuple(kernel_size), output_size=tuple(output_size))
    shape = (1, *size)
    counted = count_operations("fractional_max_pool", shape, **arguments, random_samples=[drawn])
    cost = costmodel.cost(f"fractional_max_pool{dimensions}d", shape, **arguments)
    assert counted == +Counter(comparisons=cost.comparisons)


def test_fractional_arrays_and_symbols() -> None:
    """A ratio of an array or a symbol is cut to whole windows."""
    sizes = numpy.arange(4, 30)
    n = sympy.Symbol("n", integer=True, positive=True)
    ints = [
        costmodel.flops("fractional_max_pool2d", (3, int(size), 9), 2, None, (0.5, 0.25))
        for size in sizes
    ]
    arguments: dict[str, Any] = dict(kernel_size=2, output_ratio=(0.5, 0.25))
    got = costmodel.flops("fractional_max_pool2d", (3, sizes, 9), **arguments)
    assert got.tolist() == ints
    formula = costmodel.flops("fractional_max_pool2d", (3, n, 9), **arguments)
    assert [formula.subs(n, int(size)) for size in sizes] == ints
