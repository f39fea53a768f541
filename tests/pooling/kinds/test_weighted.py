"""Gated, attention and antialiased pooling: definitions and layers."""

from __future__ import annotations

import math
from fractions import Fraction
from itertools import product
from typing import Any

import numpy
import pytest
import sympy
import torch
import torch.nn.functional as F
from hypothesis import given, settings
from hypothesis import strategies as st

import pooling
from verify.strategies import windows


def taps_of(axes: Any, place: tuple[int, ...]) -> list[tuple[Any, Any]]:
    """Return (position in the window, place in the input) of every tap of one window."""
    along = [
        [
            (j, p)
            for j in range(a.kernel_size)
            if 0 <= (p := i * a.stride - a.padding[0] + j * a.dilation) < a.size
        ]
        for i, a in zip(place, axes, strict=True)
    ]
    return [(tuple(j for j, _ in tap), tuple(p for _, p in tap)) for tap in product(*along)]


@settings(max_examples=40)
@given(data=st.data(), dimensions=st.integers(1, 2))
def test_gated_and_attention_are_their_formulas(data: st.DataObject, dimensions: int) -> None:
    """Window by window, the gated layer with the same mask as well."""
    case = data.draw(windows(dimensions, 5, 3, dilations=True))
    size = case.pop("size")
    generator = numpy.random.default_rng(data.draw(st.integers(0, 99)))
    x, scores = generator.standard_normal((2, *size))
    mask = generator.standard_normal(case["kernel_size"])
    gated = pooling.gated_pool(x, **case, weights=mask)
    attended = pooling.attention_pool(x, **case, scores=scores)
    layer = getattr(pooling, f"GatedPool{dimensions}d")(**case).double()
    layer.weight.data = torch.from_numpy(mask)
    ours = layer(torch.from_numpy(x)[None])[0].detach().numpy()
    axes = pooling.pooling_arguments(dimensions, (1, *size), **case).windowed
    for place in numpy.ndindex(*gated.shape):
        taps = taps_of(axes, place)
        if not taps:
            assert all(math.isnan(pooled[place]) for pooled in (gated, attended, ours))
            continue
        values = [x[p] for _, p in taps]
        share = 1 / (1 + math.exp(-sum(mask[j] * x[p] for j, p in taps)))
        expected = share * max(values) + (1 - share) * sum(values) / len(values)
        assert gated[place] == pytest.approx(expected) == ours[place]
        weights = [math.exp(scores[p]) for _, p in taps]
        mean = sum(w * v for w, v in zip(weights, values, strict=True)) / sum(weights)
        assert attended[place] == pytest.approx(mean)


def test_attention_of_one_query() -> None:
    """The layer is the definition with the scores of its query; equal scores are the mean."""
    x = torch.randn(2, 3, 4, 5, generator=torch.Generator().manual_seed(0)).double()
    layer: Any = pooling.AttentionPool2d(3).double()
    assert torch.allclose(layer(x), x.mean((2, 3), keepdim=True))
    layer.query.data = torch.tensor([1.0, -2.0, 0.5]).double()
    scores = torch.einsum("c,nchw->nhw", layer.query, x) / 3**0.5
    for sample, of in zip(x, scores, strict=True):
        wanted = pooling.attention_pool(sample.numpy(), (4, 5), scores=of.detach().numpy())
        numpy.testing.assert_allclose(layer(sample).detach().numpy(), wanted)
    query = layer.query.detach().clone().requires_grad_()

    def pool(x: torch.Tensor, query: torch.Tensor) -> torch.Tensor:
        return torch.as_tensor(torch.func.functional_call(layer, {"query": query}, (x,)))

    assert torch.autograd.gradcheck(pool, (x.requires_grad_(), query))
    with pytest.raises(ValueError, match="input must have 3 channels, got 2"):
        layer(torch.zeros(1, 2, 4, 4))


@settings(max_examples=60)
@given(data=st.data())
def test_antialiased_averages_are_those_of_torch(data: st.DataObject) -> None:
    """The definition, exact of fractions, and the layer, to fewer elements and to more.

    torch 2.13 repeats the first row of an image of one column.
    """
    size = (data.draw(st.integers(1, 9)), data.draw(st.integers(2, 9)))
    output_size = (data.draw(st.integers(1, 9)), data.draw(st.integers(2, 9)))
    x = numpy.random.default_rng(data.draw(st.integers(0, 99))).integers(-9, 9, (1, 2, *size))
    theirs = F.interpolate(
        torch.from_numpy(x).double(), output_size, mode="bilinear", antialias=True
    )
    exact = pooling.antialiased_avg_pool(numpy.frompyfunc(Fraction, 1, 1)(x), output_size)
    assert all(isinstance(value, Fraction) for value in exact.flat)
    numpy.testing.assert_allclose(exact.astype(float), theirs.numpy(), rtol=1e-6, atol=1e-6)
    layer: torch.nn.Module = pooling.AntialiasedAvgPool2d(output_size)
    ours = layer(torch.from_numpy(x).double())
    numpy.testing.assert_allclose(ours.numpy(), exact.astype(float), atol=1e-12)
    area = F.interpolate(torch.from_numpy(x).double(), output_size, mode="area")
    numpy.testing.assert_allclose(pooling.adaptive_avg_pool(x, output_size), area, atol=1e-12)


def test_an_infinity_too_far_away_does_not_count() -> None:
    """As in torch, an output is NaN or infinite by its neighbours alone."""
    x = numpy.arange(16.0).reshape(1, 1, 4, 4)
    x[..., 3, 3] = numpy.inf
    pooled = pooling.AntialiasedAvgPool2d(2)(torch.tensor(x)).numpy()
    assert numpy.isfinite(pooled).tolist() == [[[[True, True], [True, False]]]]
    numpy.testing.assert_allclose(pooled, pooling.antialiased_avg_pool(x, (2, 2)), atol=1e-12)


LAYERS: dict[str, Any] = {
    "gated": pooling.GatedPool2d(2, 1, 1),
    "attention": pooling.AttentionPool2d(2),
    "antialiased": pooling.AntialiasedAvgPool2d(3),
}


@pytest.mark.parametrize("name", LAYERS)
def test_gradients_and_programs(name: str) -> None:
    """Autograd, the compiler's front end and an exported program agree with the module."""
    layer: torch.nn.Module = LAYERS[name].double()
    x = torch.randn(1, 2, 5, 4, generator=torch.Generator().manual_seed(0)).double()
    assert torch.autograd.gradcheck(layer, (x.clone().requires_grad_(),))
    compiled = torch.compile(layer, fullgraph=True, backend="eager")
    program = torch.export.export(layer, (x,)).module()
    for run in (compiled, program):
        assert torch.allclose(run(x), layer(x))
    assert layer.float()(x.half()).dtype == torch.float16
    assert torch.equal(layer(x[0].float()), layer(x.float())[0])


def test_symbols() -> None:
    """The formulas themselves."""
    a, b, s, t = sympy.symbols("a b s t", real=True)
    (attended,) = pooling.attention_pool([a, b], (2,), scores=numpy.array([s, t]))
    wanted = (a * sympy.exp(s) + b * sympy.exp(t)) / (sympy.exp(s) + sympy.exp(t))
    assert sympy.simplify(attended - wanted) == 0
    (gated,) = pooling.gated_pool([a, b], (2,), weights=[0, 0])
    assert sympy.simplify(gated - (sympy.Max(a, b) + (a + b) / 2) / 2) == 0


@pytest.mark.parametrize(
    ("ask", "message"),
    [
        (
            lambda: pooling.gated_pool([1.0, 2.0], (2,), weights=[1.0]),
            "weights must have the shape (2,), got (1,)",
        ),
        (
            lambda: pooling.attention_pool([1.0, 2.0], (2,), scores=[1.0]),
            "scores must have the shape (2,) or (2,), got (1,)",
        ),
        (lambda: pooling.AttentionPool2d(0), "channels must be at least 1, got 0"),
        (
            lambda: pooling.antialiased_avg_pool([1.0, 2.0], (0,)),
            "output_size must be at least 1, got 0",
        ),
    ],
)
def test_refusals(ask: Any, message: str) -> None:
    """What is wrong, and the limit."""
    with pytest.raises(ValueError) as caught:
        ask()
    assert str(caught.value) == message
