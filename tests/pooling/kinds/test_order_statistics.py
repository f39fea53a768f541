"""k-max, rank and median pooling: definitions, layers, costs."""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction
from itertools import product
from typing import Any

import ml_dtypes
import numpy
import pytest
import sympy
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

import costmodel
import pooling
from verify.strategies import windows

#: Definition → its arguments, its layer, and what it makes of the taps of a window.
POOLS: dict[str, tuple[dict[str, Any], str, Callable[[list[Any]], Any]]] = {
    "k_max_pool": ({"k": 2}, "KMaxPool", lambda taps: sum(sorted(taps)[-2:]) / len(taps[:2])),
    "rank_pool": ({"rank": 3}, "RankPool", lambda taps: sorted(taps)[::-1][:3][-1]),
    "median_pool": ({}, "MedianPool", lambda taps: sorted(taps)[(len(taps) - 1) // 2]),
}


def taps_of(x: Any, axes: Any, place: tuple[int, ...]) -> list[Any]:
    """Return the taps of a window of a plane, one by one."""
    along = [
        [
            p
            for j in range(a.kernel_size)
            if 0 <= (p := i * a.stride - a.padding[0] + j * a.dilation) < a.size
        ]
        for i, a in zip(place, axes, strict=True)
    ]
    return [x[position] for position in product(*along)]


@pytest.mark.parametrize("name", POOLS)
@settings(max_examples=40)
@given(data=st.data(), dimensions=st.integers(1, 3))
def test_taps_are_taken_by_their_rank(name: str, data: st.DataObject, dimensions: int) -> None:
    """The definition of numbers and fractions and the layer, window by window, ties included."""
    own, layer, wanted = POOLS[name]
    case = data.draw(windows(dimensions, 5, 3, dilations=True))
    size = case.pop("size")
    generator = numpy.random.default_rng(data.draw(st.integers(0, 99)))
    x = generator.integers(-4, 5, size).astype(float)
    pooled = getattr(pooling, name)(x, **case, **own)
    fractions = numpy.frompyfunc(Fraction, 1, 1)(x)
    exact = getattr(pooling, name)(fractions, **case, **own)
    module = getattr(pooling, f"{layer}{dimensions}d")(**case, **own)
    ours = module(torch.from_numpy(x)[None])[0].numpy()
    axes = pooling.pooling_arguments(dimensions, (1, *size), **case).windowed
    for place in numpy.ndindex(*pooled.shape):
        taps = taps_of(x, axes, place)
        if taps:
            assert pooled[place] == wanted(taps) == exact[place]
        numpy.testing.assert_equal(ours[place], pooled[place])


@pytest.mark.parametrize("name", POOLS)
@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float32, torch.float64])
def test_special_numbers(name: str, dtype: torch.dtype) -> None:
    """NaN takes its window; infinities have their rank; dtypes are kept."""
    own, layer, _ = POOLS[name]
    module = getattr(pooling, f"{layer}1d")(3, **own)
    x = torch.tensor([[math.inf, 1, 2, math.nan, 1, 2, -math.inf, 3, 4]], dtype=dtype)
    pooled = module(x)
    assert pooled.dtype == dtype and pooled[0, 1].isnan()
    expected = getattr(pooling, name)(x.double().numpy(), (3,), **own)
    numpy.testing.assert_equal(pooled.double().numpy(), expected)


def test_a_rank_may_be_an_integer_of_numpy() -> None:
    """It is one where the arguments are checked, and so when the layer is called."""
    x = torch.tensor([[1.0, 7.0, 5.0, 4.0]])
    assert pooling.RankPool1d(4, rank=numpy.int64(2))(x).tolist() == [[5.0]]


@pytest.mark.parametrize("name", POOLS)
@pytest.mark.parametrize("dtype", ["float16", "bfloat16", "float8_e4m3fn"])
def test_a_nan_takes_its_window_in_narrow_formats(name: str, dtype: str) -> None:
    """Those that NumPy does not know by itself included."""
    own, _, _ = POOLS[name]
    x = numpy.array([1, math.nan, 3]).astype(getattr(ml_dtypes, dtype, dtype))
    pooled = getattr(pooling, name)(x, (3,), **own)
    assert pooled.dtype == x.dtype and numpy.isnan(pooled.astype("float64")).all()


@pytest.mark.parametrize("name", POOLS)
def test_gradients_and_programs(name: str) -> None:
    """Autograd, the compiler's front end and an exported program agree with the module."""
    own, layer, _ = POOLS[name]
    module: torch.nn.Module = getattr(pooling, f"{layer}2d")(2, 1, 1, **own)
    x = torch.rand(1, 2, 5, 4, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    assert torch.autograd.gradcheck(module, (x.clone().requires_grad_(),))
    compiled = torch.compile(module, fullgraph=True, backend="eager")
    program = torch.export.export(module, (x,)).module()
    assert torch.equal(compiled(x), module(x)) and torch.equal(program(x), module(x))


def test_between_the_maximum_and_the_mean() -> None:
    """One largest is the maximum, all of them are the mean, ranks end at the minimum."""
    x = torch.rand(1, 3, 6, 6, dtype=torch.float64)
    assert torch.equal(pooling.KMaxPool2d(3)(x), torch.nn.functional.max_pool2d(x, 3))
    assert torch.allclose(pooling.KMaxPool2d(3, k=9)(x), torch.nn.functional.avg_pool2d(x, 3))
    assert torch.equal(pooling.RankPool2d(3, rank=99)(x), -torch.nn.functional.max_pool2d(-x, 3))
    median = x.unfold(2, 3, 3).unfold(3, 3, 3).flatten(-2).median(-1).values
    assert torch.equal(pooling.MedianPool2d(3)(x), median)


def test_integers_and_symbols() -> None:
    """What only chooses keeps every integer; symbols give maxima and minima."""
    large = numpy.array([2**62 + 1, 2**62 + 2, 2**62 + 3])
    assert pooling.median_pool(large, (3,)).tolist() == [2**62 + 2]
    a, b = sympy.symbols("a b", real=True)
    assert pooling.rank_pool(numpy.array([a, b]), (2,), rank=2).tolist() == [sympy.Min(a, b)]


@pytest.mark.parametrize(
    ("wrong", "error", "message"),
    [
        ({"k": 0}, ValueError, "k must be at least 1, got 0"),
        ({"k": 1.5}, TypeError, "k must be an integer, got 1.5 of type float"),
        ({"k": True}, TypeError, "k must be an integer, got True of type bool"),
    ],
)
def test_refusals(wrong: dict[str, Any], error: type[Exception], message: str) -> None:
    """The layer, the definition and the cost, in the same words."""
    asked: tuple[Callable[[], Any], ...] = (
        lambda: pooling.KMaxPool2d(2, **wrong),
        lambda: pooling.k_max_pool([[1.0, 2.0]], (1, 2), **wrong),
        lambda: costmodel.flops("k_max_pool2d", (1, 4, 4), 2, **wrong),
    )
    for ask in asked:
        with pytest.raises(error) as caught:
            ask()
        assert str(caught.value) == message
