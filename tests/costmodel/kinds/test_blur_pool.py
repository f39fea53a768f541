"""What blur pooling costs, against what its definition does."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

from hypothesis import given, settings
from hypothesis import strategies as st

import costmodel


@given(data=st.data(), dimensions=st.integers(1, 2))
@settings(max_examples=20)
def test_the_cost_is_what_is_counted(
    count_operations: Callable[..., Counter[str]], data: st.DataObject, dimensions: int
) -> None:
    """By kind of operation, reflected elements included."""
    sizes = tuple(data.draw(st.integers(1, 4)) for _ in range(dimensions))
    shape = (2, *(data.draw(st.integers(k // 2 + 1, 6)) for k in sizes))
    counted = count_operations("blur_pool", shape, kernel_size=sizes)
    cost = costmodel.cost(f"blur_pool{dimensions}d", shape, sizes)
    assert counted == +Counter({kind: getattr(cost, kind) for kind in counted})
    assert cost.flops == sum(counted.values())
