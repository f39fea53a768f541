"""Blur pooling: definition, layer, cost."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from itertools import product
from math import comb, prod
from typing import Any

import numpy
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

import costmodel
import pooling
from verify.cores import threads


def element(x: Any, place: tuple[int, ...], mode: str) -> Any:
    """Return the element at a place inside or outside of ``x``."""
    read = []
    for p, n in zip(place, x.shape, strict=True):
        if not 0 <= p < n:
            if mode == "zeros":
                return 0
            p = min(max(p, 0), n - 1) if mode == "replicate" else (-p if p < 0 else 2 * n - 2 - p)
        read.append(p)
    return x[tuple(read)]


@settings(max_examples=40)
@given(data=st.data(), mode=st.sampled_from(["reflect", "replicate", "zeros"]))
def test_the_definition_and_the_layer_are_the_filter(data: st.DataObject, mode: str) -> None:
    """Element by element, exactly of fractions, over one to three axes."""
    dimensions = data.draw(st.integers(1, 3))
    sizes = tuple(data.draw(st.integers(1, 4)) for _ in range(dimensions))
    shape = tuple(data.draw(st.integers(k // 2 + 1, 6)) for k in sizes)
    stride = data.draw(st.integers(1, 3))
    x = numpy.random.default_rng(data.draw(st.integers(0, 99))).integers(-9, 9, shape)
    exact = pooling.blur_pool(numpy.frompyfunc(Fraction, 1, 1)(x), sizes, stride, mode)
    assert exact.shape == tuple(-(-n // stride) for n in shape)
    for place in numpy.ndindex(*exact.shape):
        total = Fraction(0)
        for position in product(*map(range, sizes)):
            weight = prod(comb(k - 1, j) for k, j in zip(sizes, position, strict=True))
            at = tuple(
                i * stride - (k - 1) // 2 + j
                for i, k, j in zip(place, sizes, position, strict=True)
            )
            total += weight * int(element(x, at, mode))
        assert exact[place] == total / 2 ** sum(k - 1 for k in sizes)
    layer = getattr(pooling, f"BlurPool{dimensions}d")(sizes, stride, mode)
    ours = layer(torch.from_numpy(x).double()[None])[0].numpy()
    numpy.testing.assert_allclose(ours, exact.astype(float), rtol=1e-12, atol=1e-12)
    assert costmodel.cost(layer, (1, *shape)).output_shape == (1, *exact.shape)


def test_the_filter_of_the_paper() -> None:
    """Four elements, every second output, and a constant stays what it is."""
    layer: torch.nn.Module = pooling.BlurPool2d()
    assert repr(layer) == "BlurPool2d(kernel_size=4, stride=2, padding_mode=reflect)"
    x = torch.full((1, 3, 7, 8), 5.0)
    assert torch.equal(layer(x), torch.full((1, 3, 4, 4), 5.0))
    assert layer(x.half()).dtype == torch.float16
    row = torch.tensor([1.0, 3.0, 3.0, 1.0]) / 8
    y = torch.rand(1, 1, 9, 9)
    padded = torch.nn.functional.pad(y, (1, 2, 1, 2), "reflect")
    wanted = torch.nn.functional.conv2d(padded, torch.outer(row, row)[None, None], stride=2)
    assert torch.allclose(layer(y), wanted)
    assert torch.autograd.gradcheck(layer, (y.double().requires_grad_(),))
    compiled = torch.compile(layer, fullgraph=True, backend="eager")
    program = torch.export.export(layer, (y,)).module()
    assert torch.equal(compiled(y), layer(y)) and torch.equal(program(y), layer(y))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"kernel_size": (6,)}, "kernel_size must be at most 5 where 3 elements are reflected, "
         "got 6"),
        ({"kernel_size": (0,)}, "kernel_size must be at least 1, got 0"),
        ({"kernel_size": (3,), "padding_mode": "circular"}, "unknown padding_mode 'circular'; "
         "modes: reflect, replicate, zeros"),
    ],
)  # fmt: skip
def test_refusals(arguments: dict[str, Any], message: str) -> None:
    """The definition and the layer, in the same words."""
    layer: torch.nn.Module = pooling.BlurPool1d(**arguments)
    asked: tuple[Callable[[], Any], ...] = (
        lambda: pooling.blur_pool([1.0, 2.0, 3.0], **arguments),
        lambda: layer(torch.zeros(1, 3)),
    )
    for ask in asked:
        with pytest.raises(ValueError) as caught:
            ask()
        assert str(caught.value) == message


@pytest.mark.parametrize(("window", "stride"), [((4, 4), (1, 3)), ((5, 5), (1, 3))])
def test_one_channel_laid_out_by_channels_last(
    window: tuple[int, int], stride: tuple[int, int]
) -> None:
    """Padded with zeros it stays laid out so, and torch's convolution would read beyond it."""
    layer = pooling.BlurPool2d(window, stride=stride, padding_mode="zeros")
    with threads(1):
        for height, width in product(range(3, 9), repeat=2):
            x = torch.ones(1, 1, height, width)
            found = layer(x.clone(memory_format=torch.channels_last))
            assert torch.allclose(found, layer(x), atol=1e-5), (height, width)
