from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

import pooling

taps = st.lists(st.floats(-50, 50), min_size=1, max_size=7)


@given(taps, st.floats(0.01, 1000))
def test_the_bounds_on_numbers(taps: list[float], temperature: float) -> None:
    """The definition keeps the distances that are proved, to a few roundings."""
    n, mean, largest = len(taps), sum(taps) / len(taps), max(taps)
    (pooled,) = pooling.softmax_pool(taps, (n,), temperature=temperature)
    slack = 1e-12
    assert mean - slack <= pooled <= largest + slack
    assert largest - pooled <= (n - 1) * temperature / math.e + slack
    spread = largest - min(taps)
    assert pooled - mean <= (n - 1) / n * spread**2 / temperature + slack


def test_the_bound_near_the_maximum_is_reached_to_a_factor() -> None:
    """One tap at a distance of T: T/e over 1 + 1/e, so T/e is right but for a factor of 1.37."""
    (pooled,) = pooling.softmax_pool([0.0, -1.0], (2,))
    assert -pooled * (1 + 1 / math.e) == pytest.approx(1 / math.e)
