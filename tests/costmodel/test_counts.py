from __future__ import annotations

import math
from collections.abc import Callable
from itertools import product
from typing import Any

import numpy
import pytest
import sympy
import torch
from hypothesis import given
from hypothesis import strategies as st

import costmodel
from costmodel import Cost, Windows
from verify.strategies import windows


def test_flops_is_the_sum_of_the_five_kinds() -> None:
    """Comparisons, additions, multiplications, divisions and powers count one each."""
    cost = Cost(
        Windows(outputs=1, taps=2, output_shape=(1,), touched=17),
        comparisons=3,
        additions=50,
        multiplications=700,
        divisions=11000,
        powers=130000,
        indices=19,
    )
    assert cost.flops == 141753


def test_a_cost_cannot_be_changed() -> None:
    """A count that has been handed out stays as it is."""
    cost = Cost(Windows(outputs=1, taps=2, output_shape=(1,)))
    with pytest.raises(AttributeError):
        cost.taps = 3  # type: ignore[misc]


def read(size: tuple[int, ...], output_shape: tuple[int, ...], starts: Any, tap: Any) -> int:
    """Mark every element that a window reads, window by window, and count the marks."""
    mask = numpy.zeros(size, dtype=bool)
    for output in numpy.ndindex(output_shape):
        for position in product(*[tap(axis) for axis in range(len(size))]):
            place = tuple(
                starts(axis, i) + j
                for axis, (i, j) in enumerate(zip(output, position, strict=True))
            )
            if all(0 <= at < n for at, n in zip(place, size, strict=True)):
                mask[place] = True
    return int(mask.sum())


@given(st.integers(1, 2), st.booleans(), st.data())
def test_bytes_are_those_of_the_elements_marked(
    dimensions: int, return_indices: bool, data: st.DataObject
) -> None:
    """Each element that some window reads counts once, wherever windows overlap or leave gaps."""
    arguments = data.draw(windows(dimensions, max_size=11, max_kernel_size=4, dilations=True))
    size = arguments.pop("size")
    shape = (2, 3, *size)
    cost = costmodel.cost(
        f"max_pool{dimensions}d", shape, **arguments, return_indices=return_indices
    )
    stride, padding = arguments["stride"], arguments["padding"]
    kernel_size, dilation = arguments["kernel_size"], arguments["dilation"]
    marked = 6 * read(
        size,
        cost.output_shape[2:],
        lambda axis, i: i * stride[axis] - padding[axis],
        lambda axis: [j * dilation[axis] for j in range(kernel_size[axis])],
    )
    assert cost.inputs_read == marked
    wanted = 2 * (marked + cost.outputs) + (8 * cost.outputs if return_indices else 0)
    assert cost.bytes_moved("float16") == wanted


@given(st.integers(1, 9), st.integers(0, 12), st.sampled_from(["avg", "max"]))
def test_adaptive_pooling_reads_everything(size: int, outputs: int, family: str) -> None:
    """Neighbouring windows leave no gap; no window at all reads nothing."""
    got = costmodel.bytes_moved(f"adaptive_{family}_pool1d", (3, size), outputs)
    assert got == (3 * size + 3 * outputs) * 4 if outputs else got == 0


@pytest.mark.parametrize(
    ("operator", "arguments"),
    [
        ("avg_pool2d", dict(kernel_size=2, stride=3)),
        ("lp_pool2d", dict(norm_type=2, kernel_size=2, stride=3)),
        ("lp_pool2d", dict(norm_type=float("inf"), kernel_size=2, stride=3)),
        ("max_pool2d", dict(kernel_size=2, stride=3)),
        ("min_pool2d", dict(kernel_size=2, stride=3)),
    ],
)
def test_gaps_are_not_read(operator: str, arguments: dict[str, Any]) -> None:
    """Whatever is computed, windows of two elements three apart read two of three per axis."""
    assert costmodel.bytes_moved(operator, (1, 9, 9), **arguments) == (6 * 6 + 3 * 3) * 4


@given(st.lists(windows(1, dilations=True), min_size=1, max_size=4))
def test_bytes_of_a_batch(batch: list[dict[str, Any]]) -> None:
    """Arrays of dilations and all else give, entry by entry, what ints give."""
    names = ("size", "kernel_size", "stride", "padding", "dilation")
    size, *arrays = (numpy.array([one[name][0] for one in batch]) for name in names)
    arguments = dict(zip(names[1:], arrays, strict=True))
    got = costmodel.bytes_moved("max_pool1d", (1, size), **arguments)
    assert got.tolist() == [
        costmodel.bytes_moved("max_pool1d", (1, *one["size"]), *[one[name] for name in names[1:]])
        for one in batch
    ]


def test_bytes_of_symbols() -> None:
    """A formula in the size, the window and the stride, right for overlaps and for gaps."""
    n, k, s = sympy.symbols("n k s", integer=True, positive=True)
    formula = costmodel.bytes_moved("max_pool1d", (1, n), k, s)
    for values in product(range(4, 9), range(1, 4), range(1, 5)):
        expected = costmodel.bytes_moved("max_pool1d", (1, values[0]), *values[1:])
        assert formula.subs(dict(zip((n, k, s), values, strict=True))) == expected


@pytest.mark.parametrize(
    "dtype", [torch.float16, numpy.dtype("float16"), "float16", "bfloat16", torch.bfloat16]
)
def test_dtypes(dtype: Any) -> None:
    """A name or a dtype of torch or NumPy."""
    assert costmodel.bytes_moved("max_pool1d", (1, 4), 2, dtype=dtype) == (4 + 2) * 2


def test_the_bytes_of_a_name_are_torchs() -> None:
    """Every dtype that has a name here has the size that torch gives it."""
    for name in ["float64", "float32", "float16", "bfloat16", "float8_e4m3fn", "float8_e5m2"]:
        got = Cost(Windows(outputs=1, taps=1, output_shape=(1,), touched=0)).bytes_moved(name)
        assert got == getattr(torch, name).itemsize
    for name in ["int64", "int32", "int16", "int8", "uint8", "bool"]:
        got = Cost(Windows(outputs=1, taps=1, output_shape=(1,), touched=0)).bytes_moved(name)
        assert got == getattr(torch, name).itemsize


@pytest.mark.parametrize(
    ("ask", "message"),
    [
        (
            lambda: costmodel.bytes_moved("max_pool1d", (1, 4), 2, dtype="float31"),
            "unknown dtype 'float31'; dtypes: float64, float32, float16, bfloat16, "
            "float8_e4m3fn, float8_e5m2, int64, int32, int16, int8, uint8, bool",
        ),
        (
            lambda: costmodel.bytes_moved("fractional_max_pool2d", (1, 4, 4), 2, 2),
            "bytes_moved of windows that are drawn at random, or of regions, does not follow from "
            "the shape",
        ),
    ],
)
def test_bytes_that_are_refused(ask: Callable[[], Any], message: str) -> None:
    """A dtype nobody knows, and windows whose place nobody knows."""
    with pytest.raises(ValueError) as caught:
        ask()
    assert str(caught.value) == message


def test_bytes_take_constant_time() -> None:
    """No loop walks through the image."""
    side = 10**20
    got = costmodel.bytes_moved("max_pool2d", (1, side, side), 2, 4, dtype="int8")
    assert got == math.prod([side // 2] * 2) + math.prod([side // 4] * 2)


def test_in_a_notebook() -> None:
    """Only what there is of, and the sum; symbols as they are."""
    cost = costmodel.cost("avg_pool1d", (16, 100), kernel_size=4)
    shown = cost._repr_html_()
    assert "<td>additions</td><td>1200</td>" in shown and "<td>flops</td><td>1600</td>" in shown
    assert "comparisons" not in shown
    channels = sympy.Symbol("C", integer=True, positive=True)
    assert "<td>12*C</td>" in costmodel.cost("max_pool1d", (channels, 16), 4)._repr_html_()
