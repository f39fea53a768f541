"""What gated, attention and antialiased pooling cost, against what their definitions do."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable
from functools import reduce
from operator import add
from typing import Any

import numpy
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import costmodel
import pooling
from tests.costmodel.counted_numbers import counted
from verify.strategies import windows


def check(counted: Counter[str], operator: str, shape: tuple[int, ...], **arguments: Any) -> None:
    """Compare what was counted with the cost, by kind of operation and in all."""
    cost = costmodel.cost(operator, shape, **arguments)
    assert counted == +Counter({kind: getattr(cost, kind) for kind in counted})
    assert cost.flops == sum(counted.values())


@settings(max_examples=40)
@given(data=st.data(), dimensions=st.integers(1, 2))
def test_gated_and_attention_cost_what_is_counted(
    count_operations: Callable[..., Counter[str]], data: st.DataObject, dimensions: int
) -> None:
    """Windows at the border and without a tap included."""
    case = data.draw(windows(dimensions, 5, 3, dilations=True))
    shape = (2, *case.pop("size"))
    mask = numpy.ones(case["kernel_size"]).astype(object)

    def gated(x: Any, **arguments: Any) -> Any:
        return pooling.gated_pool(x, **arguments, weights=mask)

    def attended(x: Any, **arguments: Any) -> Any:
        return pooling.attention_pool(x, **arguments, scores=x)

    check(count_operations(gated, shape, **case), f"gated_pool{dimensions}d", shape, **case)
    check(count_operations(attended, shape, **case), f"attention_pool{dimensions}d", shape, **case)


@pytest.mark.parametrize("shape", [(3, 4), (2, 3, 4), (2, 1, 3, 5), (1, 2, 2, 3, 2)])
def test_a_layer_with_a_query_costs_what_is_counted(shape: tuple[int, ...]) -> None:
    """Number by number: scores, exponentials and their sum once, the sums of every channel."""
    dimensions = max(len(shape) - 2, 1)
    channels, size = shape[-dimensions - 1], math.prod(shape[-dimensions:])

    def attended(x: Any) -> None:
        for sample in x.reshape(-1, channels, size):
            scores = [reduce(add, [t * 0.5 for t in at]) / channels**0.5 for at in sample.T]
            largest = reduce(lambda a, b: a if a >= b else b, scores)
            weights = [(score - largest).exp() for score in scores]
            total = reduce(add, weights)
            for channel in sample:
                reduce(add, [w * t for w, t in zip(weights, channel, strict=True)]) / total

    layer = getattr(pooling, f"AttentionPool{dimensions}d")(channels)
    cost = costmodel.cost(layer, shape)
    noted = counted(attended, shape)
    assert noted == +Counter({kind: getattr(cost, kind) for kind in noted})
    assert cost.flops == sum(noted.values())
    assert cost.output_shape == (*shape[:-dimensions], *[1] * dimensions)


@settings(max_examples=40)
@given(data=st.data(), dimensions=st.integers(1, 3))
def test_antialiased_costs_what_is_counted(
    count_operations: Callable[..., Counter[str]], data: st.DataObject, dimensions: int
) -> None:
    """Axis after axis, the last one first."""
    shape = (2, *(data.draw(st.integers(1, 6)) for _ in range(dimensions)))
    output_size = tuple(data.draw(st.integers(1, 6)) for _ in range(dimensions))
    counted = count_operations("antialiased_avg_pool", shape, output_size=output_size)
    check(counted, f"antialiased_avg_pool{dimensions}d", shape, output_size=output_size)


def test_sizes_of_antialiased_averages_are_ints() -> None:
    """Which elements count follows by rounding."""
    with pytest.raises(ValueError, match="output_size must be plain ints"):
        costmodel.flops("antialiased_avg_pool1d", (1, 8), numpy.array([2, 3]))
