from __future__ import annotations

import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from pooling.rebuilt.maximum import SCHEMES, in_pairs, one_by_one, relu_merge

ORDERS = [one_by_one, in_pairs]


@pytest.mark.parametrize("order", ORDERS)
@given(values=st.lists(st.integers(), min_size=1))
def test_orders_keep_every_value_in_place(order: object, values: list[int]) -> None:
    """Each value is merged exactly once, and what is merged are neighbours, left to right."""
    assert callable(order)
    merged = order([[value] for value in values], lambda a, b: a + b)
    assert merged == values


@pytest.mark.parametrize(("order", "depth"), [(one_by_one, 8), (in_pairs, 4)])
def test_depth(order: object, depth: int) -> None:
    """Nine values take eight merges in a row one by one, and four levels in pairs."""
    assert callable(order)
    assert order([0] * 9, lambda a, b: max(a, b) + 1) == depth


def test_schemes() -> None:
    """The names that users write, in the order in which they are listed."""
    assert list(SCHEMES) == ["fold", "tree", "separable"]


def test_a_merge_is_exact_where_the_tap_is_no_new_maximum() -> None:
    """The order of the difference matters: the other one loses 0.1 beside a large negative tap."""
    maximum, tap = torch.tensor([0.1]), torch.tensor([-1e8])
    assert relu_merge(maximum, tap).item() == maximum.item()
    assert (torch.relu(maximum - tap) + tap).item() == 0


def test_a_merge_with_infinities() -> None:
    """One +inf survives on either side; two of them and a −inf that came first give NaN."""
    first = torch.tensor([math.inf, 1.0, 1.0, math.inf, -math.inf, math.nan])
    second = torch.tensor([1.0, math.inf, -math.inf, math.inf, 1.0, 1.0])
    merged = relu_merge(first, second)
    assert merged[:3].tolist() == [math.inf, math.inf, 1.0]
    assert merged[3:].isnan().all()


def test_a_merge_leaves_its_operands_alone() -> None:
    """What is reused in place is the difference only."""
    a, b = torch.tensor([1.0, 2.0]), torch.tensor([2.0, 1.0])
    relu_merge(a, b)
    assert a.tolist() == [1.0, 2.0] and b.tolist() == [2.0, 1.0]
