from __future__ import annotations

import math

import torch
from hypothesis import given
from hypothesis import strategies as st

import pooling


@given(st.lists(st.floats(-50, 50), min_size=1, max_size=7), st.floats(0.01, 100))
def test_the_bounds_on_numbers(taps: list[float], temperature: float) -> None:
    """Of the definition, and of torch.logsumexp, which is T·log n more."""
    n, mean, largest = len(taps), sum(taps) / len(taps), max(taps)
    (pooled,) = pooling.logsumexp_pool(taps, (n,), temperature=temperature)
    (softmax,) = pooling.softmax_pool(taps, (n,), temperature=temperature)
    slack = 1e-12 * (50 + temperature)
    assert max(mean, largest - temperature * math.log(n)) - slack <= pooled
    assert pooled <= min(softmax, largest) + slack
    x = torch.tensor(taps, dtype=torch.float64)
    theirs = temperature * torch.logsumexp(x / temperature, 0).item()
    assert abs(theirs - temperature * math.log(n) - pooled) <= slack
    assert largest - slack <= theirs <= largest + temperature * math.log(n) + slack
