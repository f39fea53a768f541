from __future__ import annotations

from itertools import pairwise

import torch
from hypothesis import given
from hypothesis import strategies as st

import pooling

taps = st.lists(st.floats(0, 100), min_size=1, max_size=7)


@given(taps, st.floats(1, 300))
def test_the_bounds_on_numbers(taps: list[float], p: float) -> None:
    """The module in float64 keeps max ≤ ‖x‖_p ≤ n^(1/p)·max ≤ (1 + (n − 1)/p)·max."""
    x = torch.tensor([taps], dtype=torch.float64)
    n, largest = len(taps), max(taps)
    norm = pooling.PowerAveragePool1d(p, n)(x).item()
    ends = [largest, norm, n ** (1 / p) * largest, (1 + (n - 1) / p) * largest]
    assert all(a <= b * (1 + 1e-12) for a, b in pairwise(ends))


@given(taps, st.floats(1, 20), st.floats(0, 20))
def test_it_decreases(taps: list[float], p: float, more: float) -> None:
    """And the mean of powers increases."""
    x = torch.tensor([taps], dtype=torch.float64)
    small, large = (pooling.PowerAveragePool1d(q, len(taps))(x).item() for q in (p, p + more))
    assert large <= small * (1 + 1e-12)
    n = len(taps)
    assert small / n ** (1 / p) <= large / n ** (1 / (p + more)) * (1 + 1e-12)
