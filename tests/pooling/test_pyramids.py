"""Pyramids: definitions, layers, costs, and what does not depend on the size of the input."""

from __future__ import annotations

from collections import Counter
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
from pooling.pyramids import pyramid_arguments


@settings(max_examples=30)
@given(data=st.data(), dimensions=st.integers(1, 3))
def test_it_is_adaptive_poolings(data: st.DataObject, dimensions: int) -> None:
    """Level by level, in the definition, the layer and the cost; as many outputs for any size."""
    shape = (2, *(data.draw(st.integers(1, 6)) for _ in range(dimensions)))
    bins = st.lists(st.integers(1, 4), min_size=dimensions, max_size=dimensions).map(tuple)
    levels = tuple(data.draw(st.lists(bins, min_size=1, max_size=3)))
    x = numpy.random.default_rng(data.draw(st.integers(0, 99))).standard_normal(shape)
    parts = [pooling.adaptive_max_pool(x, level).reshape(2, -1) for level in levels]
    wanted = numpy.concatenate(parts, 1)
    pooled = pooling.spatial_pyramid_pool(x, levels)
    numpy.testing.assert_array_equal(pooled, wanted)
    layer = getattr(pooling, f"SpatialPyramidPool{dimensions}d")(levels)
    numpy.testing.assert_allclose(layer(torch.from_numpy(x)).numpy(), wanted, rtol=1e-12)
    cost = costmodel.cost(layer, shape)
    assert cost.output_shape == wanted.shape == (2, sum(map(numpy.prod, levels)))
    each = [costmodel.cost(f"adaptive_max_pool{dimensions}d", shape, level) for level in levels]
    assert cost.flops == sum(one.flops for one in each)
    assert cost.taps == sum(one.taps for one in each) and cost.inputs_read == numpy.prod(shape)


def test_operations_are_those_of_the_definition() -> None:
    """Counted one by one, by whoever else counts them: a bin of t taps takes t − 1 comparisons."""
    counted: Counter[str] = Counter()

    class Tap(int):
        def __ge__(self, other: Any) -> bool:
            counted["comparisons"] += 1
            return int(self) >= int(other)

    x = numpy.frompyfunc(Tap, 1, 1)(numpy.arange(20).reshape(1, 5, 4))
    pooling.spatial_pyramid_pool(x, ((1, 1), (2, 2)))
    cost = costmodel.cost("spatial_pyramid_pool2d", (1, 5, 4), output_size=(1, 2))
    assert cost.comparisons == counted["comparisons"] == cost.flops


def test_gradients_and_programs() -> None:
    """Autograd, the compiler's front end and an exported program agree with the module."""
    layer: torch.nn.Module = pooling.SpatialPyramidPool2d((1, 2, 3))
    x = torch.rand(1, 2, 6, 7, generator=torch.Generator().manual_seed(0)).double()
    assert torch.autograd.gradcheck(layer, (x.clone().requires_grad_(),))
    compiled = torch.compile(layer, fullgraph=True, backend="eager")
    program = torch.export.export(layer, (x,)).module()
    for run in (compiled, program):
        assert torch.allclose(run(x), layer(x))
    assert layer(x.half()).dtype == torch.float16 and layer(x[0]).shape == (2, 14)


@pytest.mark.parametrize("dimensions", [1, 2, 3])
def test_the_first_of_equal_taps_gets_the_gradient(dimensions: int) -> None:
    """As in torch's adaptive max-pooling: behind a ReLU many taps are equal."""
    x = torch.randint(0, 2, (3, *[5] * dimensions), generator=torch.Generator().manual_seed(0))
    ours, theirs = (x.double().requires_grad_() for _ in range(2))
    layer = getattr(pooling, f"SpatialPyramidPool{dimensions}d")((1, 3))
    native = getattr(F, f"adaptive_max_pool{dimensions}d")
    layer(ours).sum().backward()
    sum(native(theirs, bins).sum() for bins in (1, 3)).backward()
    assert ours.grad is not None and theirs.grad is not None
    assert torch.equal(ours.grad, theirs.grad)


@pytest.mark.parametrize(
    ("levels", "error", "message"),
    [
        ((), ValueError, "output_size must have at least 1 level, got ()"),
        ((1, 0), ValueError, "output_size must be at least 1 at every level, got 0"),
        (3, TypeError, "output_size must be a tuple of levels, got 3"),
    ],
)
def test_refusals(levels: Any, error: type[Exception], message: str) -> None:
    """The layer and the cost, in the same words."""
    layer: torch.nn.Module = pooling.SpatialPyramidPool2d(levels)
    asked: tuple[Callable[[], Any], ...] = (
        lambda: layer(torch.zeros(1, 4, 4)),
        lambda: costmodel.flops("spatial_pyramid_pool2d", (1, 4, 4), levels),
    )
    for ask in asked:
        with pytest.raises(error) as caught:
            ask()
        assert str(caught.value) == message


def test_pyramids_of_other_levels_are_others() -> None:
    """Though their first levels are the same."""
    one, other = (pyramid_arguments(1, (3, 8), (1, last)) for last in (2, 3))
    assert one != other and one == pyramid_arguments(1, (3, 8), (1, 2))
    assert hash(one) == hash(pyramid_arguments(1, (3, 8), (1, 2)))
