"""SPPF and pyramid pooling: definitions, layers and costs of what stands beside the input."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy
import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, settings
from hypothesis import strategies as st

import costmodel
import pooling
from pooling.kinds.psp_pool import psp_arguments
from tests.costmodel.counted_numbers import counted
from verify.judge import equivalent
from verify.judge.references import named_pooling

MODES = {1: "linear", 2: "bilinear", 3: "trilinear"}


def drawn(data: st.DataObject, dimensions: int) -> torch.Tensor:
    """Return images of two channels, of any size up to 6."""
    sizes = [data.draw(st.integers(1, 6)) for _ in range(dimensions)]
    generator = torch.Generator().manual_seed(data.draw(st.integers(0, 99)))
    return torch.randn(2, 2, *sizes, generator=generator).double()


@settings(max_examples=40)
@given(data=st.data(), dimensions=st.integers(1, 3), corners=st.booleans())
def test_means_are_those_of_pspnet(data: st.DataObject, dimensions: int, corners: bool) -> None:
    """Torch's poolings, its interpolation and its concatenation: the definition and the layer."""
    x = drawn(data, dimensions)
    levels = tuple(data.draw(st.lists(st.integers(1, 4), min_size=1, max_size=3)))
    size = tuple(x.shape[2:])
    adaptive = getattr(F, f"adaptive_avg_pool{dimensions}d")
    theirs = [
        F.interpolate(adaptive(x, bins), size, mode=MODES[dimensions], align_corners=corners)
        for bins in levels
    ]
    wanted = torch.cat([x, *theirs], 1)
    per_axis = tuple([(bins,) * dimensions for bins in levels])
    ours = pooling.psp_pool(x.numpy(), per_axis, align_corners=corners)
    numpy.testing.assert_allclose(ours, wanted.numpy(), rtol=1e-9, atol=1e-12)
    layer: Any = getattr(pooling, f"PSPPool{dimensions}d")(levels, align_corners=corners)
    torch.testing.assert_close(layer(x), wanted)
    torch.testing.assert_close(layer(x[0]), wanted[0])
    cost = costmodel.cost(layer, tuple(x.shape))
    assert cost.output_shape == tuple(wanted.shape) and cost.inputs_read == x.numel()


@settings(max_examples=40)
@given(data=st.data(), dimensions=st.integers(1, 3), half=st.integers(0, 2), n=st.integers(1, 3))
def test_maxima_are_in_cascade(data: st.DataObject, dimensions: int, half: int, n: int) -> None:
    """As Ultralytics' module has them, in the definition and in the layer, and larger windows."""
    x = drawn(data, dimensions)
    k = 2 * half + 1
    pool = getattr(F, f"max_pool{dimensions}d")
    parts = [x]
    for _ in range(n):
        parts.append(pool(parts[-1], k, 1, half))
    wanted = torch.cat(parts, 1)
    ours = pooling.sppf_pool(x.numpy(), (k,) * dimensions, n)
    numpy.testing.assert_array_equal(ours, wanted.numpy())
    layer: Any = getattr(pooling, f"SPPFPool{dimensions}d")(k, n)
    assert torch.equal(layer(x), wanted) and torch.equal(layer(x[0]), wanted[0])
    whole = pool(x, n * (k - 1) + 1, 1, n * half)
    assert torch.equal(parts[-1], whole)
    cost = costmodel.cost(layer, tuple(x.shape))
    assert cost.output_shape == tuple(wanted.shape)
    assert cost.flops == n * costmodel.flops(f"max_pool{dimensions}d", x.shape, k, 1, half)


@pytest.mark.parametrize("shape", [(2, 3, 7), (1, 2, 5, 4), (1, 1, 3, 4, 2)])
def test_operations_of_pyramids_are_those_that_are_counted(shape: tuple[int, ...]) -> None:
    """Of sums, divisions and interpolations alike."""
    dimensions = len(shape) - 2
    levels = ((1,) * dimensions, (2,) * dimensions, (3,) * dimensions)
    noted = counted("psp_pool", shape, output_size=levels)
    cost = costmodel.cost(f"psp_pool{dimensions}d", shape, levels)
    assert noted == {kind: getattr(cost, kind) for kind in noted}
    assert cost.flops == sum(noted.values())


@pytest.mark.parametrize("shape", [(4,), (2, 4), (2, 3, 4)])
@pytest.mark.parametrize("written", ["sppf_pool1d(3, n=2)", "psp_pool1d((1, 2))"])
def test_channels_are_in_a_row(written: str, shape: tuple[int, ...]) -> None:
    """In the terms of the judge as in the definition: first the input's, then those of a part."""
    name = "SPPFPool1d(3, n=2)" if "sppf" in written else "PSPPool1d((1, 2))"
    reference = named_pooling(written)
    assert named_pooling(name).arguments == reference.arguments
    x = numpy.arange(float(numpy.prod(shape))).reshape(shape)
    leading = (1,) if len(shape) == 1 else shape[:-1]
    pooled = reference.values(x)
    assert pooled.shape == (*leading[:-1], 3 * leading[-1], 4)
    numpy.testing.assert_array_equal(pooled[..., : leading[-1], :].reshape(shape), x)
    if len(shape) > 1:
        layer = pooling.SPPFPool1d(3, n=2) if "sppf" in written else pooling.PSPPool1d((1, 2))
        assert "PROVED" in equivalent(layer, written, shape).verdict.name
        swapped = lambda x: layer(x).flip(-2)  # noqa: E731
        assert equivalent(swapped, written, shape).verdict.name == "REFUTED"


@pytest.mark.parametrize(
    ("ask", "error", "message"),
    [
        (lambda: pooling.sppf_pool([1, 2], (2,)), ValueError, "kernel_size must be odd, got 2"),
        (
            lambda: pooling.sppf_pool([1, 2], (-2,)),
            ValueError,
            "kernel_size must be at least 1, got -2",
        ),
        (
            lambda: pooling.SPPFPool2d((3, -3))(torch.ones(1, 1, 5, 5)),
            ValueError,
            "kernel_size must be at least 1, got -3",
        ),
        (
            lambda: costmodel.flops("sppf_pool1d", (1, 9), kernel_size=numpy.array([3, 4])),
            ValueError,
            "kernel_size must be odd, got 4",
        ),
        (lambda: pooling.sppf_pool([1, 2], (3,), 0), ValueError, "n must be at least 1, got 0"),
        (lambda: pooling.sppf_pool([1, 2], (3,), 1.5), TypeError, "n must be an int, got 1.5"),
        (
            lambda: pooling.psp_pool([1, 2], ((1,),), align_corners=1),
            TypeError,
            "align_corners must be a bool, got 1",
        ),
        (
            lambda: costmodel.flops("psp_pool1d", (1, 4), ()),
            ValueError,
            "output_size must have at least 1 level, got ()",
        ),
    ],
)
def test_refusals(ask: Callable[[], Any], error: type[Exception], message: str) -> None:
    """What is wrong, and the limit."""
    with pytest.raises(error) as caught:
        ask()
    assert str(caught.value) == message


def test_other_levels_are_other_poolings() -> None:
    """Though their axes are the same."""
    one, other = (psp_arguments(1, (3, 8), (1, last)) for last in (2, 3))
    assert one != other and one == psp_arguments(1, (3, 8), (1, 2))
    assert hash(one) == hash(psp_arguments(1, (3, 8), (1, 2)))
