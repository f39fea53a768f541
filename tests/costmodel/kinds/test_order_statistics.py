"""What poolings by rank cost, against what their definitions do."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st

import costmodel
from verify.strategies import windows

#: Definition → its arguments.
POOLS: dict[str, dict[str, Any]] = {
    "k_max_pool": {"k": 2},
    "rank_pool": {"rank": 3},
    "median_pool": {},
}


@pytest.mark.parametrize("name", POOLS)
@settings(max_examples=40)
@given(data=st.data(), dimensions=st.integers(1, 3))
def test_the_cost_is_what_is_counted(
    count_operations: Callable[..., Counter[str]], name: str, data: st.DataObject, dimensions: int
) -> None:
    """By kind of operation, windows at the border and without a tap included."""
    own = POOLS[name]
    case = data.draw(windows(dimensions, 5, 3, dilations=True))
    shape = (2, *case.pop("size"))
    cost = costmodel.cost(f"{name}{dimensions}d", shape, **case, **own)
    counted = count_operations(name, shape, **case, **own)
    assert counted == +Counter({kind: getattr(cost, kind) for kind in counted})
    assert cost.flops == sum(counted.values())


def test_costs_of_symbols_and_of_borders() -> None:
    """Windows inside the input are alike; at the border each has taps of its own."""
    size = sympy.Symbol("n", integer=True, positive=True)
    cost = costmodel.cost("median_pool2d", (1, size, size), 3, 1)
    assert cost.comparisons.subs(size, 9) == costmodel.flops("median_pool2d", (1, 9, 9), 3, 1)
    with pytest.raises(ValueError, match="padding must be 0 and ceil_mode False unless all sizes"):
        costmodel.flops("median_pool2d", (1, size, size), 3, 1, 1)
