"""Generalised-mean pooling: definition, layers, cost."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable
from fractions import Fraction
from math import inf, isnan, nan
from typing import Any

import numpy
import pytest
import sympy
import torch
from hypothesis import given
from hypothesis import strategies as st

import costmodel
import pooling
from verify import cli
from verify.strategies import windows


@given(case=windows(2, 6, 3), p=st.sampled_from([0.5, 1, 3, 8.5]), seed=st.integers(0, 999))
def test_the_definition_is_the_formula(case: dict[str, Any], p: float, seed: int) -> None:
    """Tap by tap, in the plain formula of the paper."""
    x = numpy.random.default_rng(seed).uniform(-1, 4, case.pop("size"))
    pooled = pooling.gem_pool(x, **case, p=p)
    axes = pooling.pooling_arguments(2, (1, *x.shape), **case).windowed
    for place in numpy.ndindex(*pooled.shape):
        along = [
            [
                tap
                for j in range(axis.kernel_size)
                if 0 <= (tap := i * axis.stride - axis.padding[0] + j * axis.dilation) < axis.size
            ]
            for i, axis in zip(place, axes, strict=True)
        ]
        taps = [max(x[row, column], 1e-6) for row in along[0] for column in along[1]]
        expected = (sum(tap**p for tap in taps) / len(taps)) ** (1 / p) if taps else nan
        numpy.testing.assert_allclose(pooled[place], expected, rtol=1e-12)


@given(case=windows(2, 6, 3), p=st.sampled_from([0.5, 1.0, 3.0, 30.0]), seed=st.integers(0, 999))
def test_the_layer_is_the_definition(case: dict[str, Any], p: float, seed: int) -> None:
    """In double precision, whatever the windows."""
    x = numpy.random.default_rng(seed).uniform(-1, 4, (2, 3, *case.pop("size")))
    layer = pooling.GeMPool2d(**case, p=p)
    ours = layer(torch.from_numpy(x)).detach().numpy()
    numpy.testing.assert_allclose(ours, pooling.gem_pool(x, **case, p=p), rtol=1e-6)


@pytest.mark.parametrize("dimensions", [1, 2, 3])
def test_layers_of_all_dimensions(dimensions: int) -> None:
    """They say what they are, are copied and pickled, and cost what their operator does."""
    layer = getattr(pooling, f"GeMPool{dimensions}d")(2)
    assert layer.as_operator()[0] == f"gem_pool{dimensions}d"
    assert repr(layer).startswith(f"GeMPool{dimensions}d(kernel_size=2, stride=2, ")
    x = torch.rand(1, 2, *[4] * dimensions)
    for other in (copy.deepcopy(layer), pickle.loads(pickle.dumps(layer))):
        assert torch.equal(other(x), layer(x))
    by_name = costmodel.cost(f"gem_pool{dimensions}d", x.shape, 2)
    assert costmodel.cost(layer, tuple(x.shape)) == by_name
    assert by_name.output_shape == tuple(layer(x).shape)


def test_p_is_learnt() -> None:
    """Its gradient is that of the formula; a constant has none."""
    layer = pooling.GeMPool1d(3, p=2.0).double()
    x = torch.tensor([[0.5, 1.0, 2.0]], dtype=torch.float64, requires_grad=True)
    layer(x).backward()
    step = 1e-6
    above, below = (
        pooling.gem_pool(x.detach().numpy(), (3,), p=2.0 + sign * step)[0, 0] for sign in (1, -1)
    )
    assert layer.p.grad.item() == pytest.approx((above - below) / (2 * step), rel=1e-6)
    assert x.grad is not None and bool((x.grad > 0).all())
    assert not list(pooling.GeMPool1d(3, learnable=False).parameters())


def test_between_the_mean_and_the_maximum() -> None:
    """P = 1 is the mean of positive taps; a large p is near the largest, and nothing overflows."""
    x = numpy.array([1.0, 3.0, 200.0, 4.0])
    assert pooling.gem_pool(x, (4,), p=1)[0] == pytest.approx(52)
    assert pooling.gem_pool(x, (4,), p=2000)[0] == pytest.approx(200, rel=1e-3)
    narrow = pooling.GeMPool1d(4, p=200.0)(torch.tensor([[6e4, 1.0, 2.0, 3.0]]).half())
    assert narrow.dtype is torch.float16 and narrow.isfinite().all()


def test_special_numbers() -> None:
    """NaN and +inf win, −inf and negative taps count as eps, an empty window is NaN."""
    assert numpy.isnan(pooling.gem_pool([1.0, nan], (2,))).all()
    assert pooling.gem_pool([1.0, inf], (2,)).tolist() == [inf]
    assert pooling.gem_pool([-inf, -3.0], (2,)).tolist() == pytest.approx([1e-6])
    assert numpy.isnan(pooling.gem_pool([1.0], (2,), 1, 1, 2)).all()
    for value in (nan, inf):
        pooled = pooling.GeMPool1d(2)(torch.tensor([[1.0, value]])).item()
        assert pooled == value or (isnan(pooled) and isnan(value))


def test_exact_numbers() -> None:
    """Fractions give floats of the exact mean; symbols stay symbols."""
    assert pooling.gem_pool([Fraction(1), Fraction(7)], (2,), p=2).tolist() == [5.0]
    a, b = sympy.symbols("a b", positive=True)
    (pooled,) = pooling.gem_pool([a, b], (2,), p=2, eps=sympy.Rational(1, 10))
    assert pooled.subs({a: 1, b: 7}) == 5


@pytest.mark.parametrize(
    ("wrong", "error", "message"),
    [
        ({"p": 0}, ValueError, "p must be positive and finite, got 0"),
        ({"p": nan}, ValueError, "p must be positive and finite, got nan"),
        ({"p": "3"}, TypeError, "p must be a number, got '3' of type str"),
        ({"p": True}, TypeError, "p must be a number, got True of type bool"),
        ({"eps": 0}, ValueError, "eps must be positive and finite, got 0"),
    ],
)
def test_refusals(wrong: dict[str, Any], error: type[Exception], message: str) -> None:
    """The layer, the definition and the cost refuse the same, in the same words."""
    asked: tuple[Callable[[], Any], ...] = (
        lambda: pooling.GeMPool2d(2, **wrong),
        lambda: pooling.gem_pool([[1.0, 2.0]], (1, 2), **wrong),
        lambda: costmodel.flops("gem_pool2d", (1, 4, 4), 2, **wrong),
    )
    for ask in asked:
        with pytest.raises(error) as caught:
            ask()
        assert str(caught.value) == message


def test_the_cost_is_that_of_the_formula() -> None:
    """T comparisons, t powers and a root, t − 1 additions and a division for each window."""
    cost = costmodel.cost("gem_pool2d", (1, 1, 4, 4), 3, 2, 1)
    taps = 4 + 6 + 6 + 9
    assert (cost.comparisons, cost.powers) == (taps, taps + 4)
    assert (cost.additions, cost.divisions) == (taps - 4, 4)
    assert costmodel.flops("GeMPool2d", (1, 1, 4, 4), 3, 2, 1) == cost.flops


@pytest.mark.parametrize("name", ["gem", "GeM-pooling", "generalised mean", "GeMPool2d"])
def test_it_has_a_page(name: str, capsys: Any) -> None:
    """By whatever name."""
    assert cli.main(["show", name]) == 0
    out = capsys.readouterr().out
    assert out.startswith("Generalised-mean pooling: gem_pool2d\nThe p-th root of the mean ")
    assert "  pooling.GeMPool2d\n" in out and "--kernel-size 2\n" in out
