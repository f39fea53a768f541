"""What gated, attention and antialiased pooling cost, against what their definitions do."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

import numpy
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import costmodel
import pooling
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
