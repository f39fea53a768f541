from __future__ import annotations

import math
from itertools import pairwise
from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

import pooling

POOLS = [pooling.SoftmaxPool1d, pooling.LogSumExpPool1d]


@pytest.mark.parametrize("make", POOLS)
@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float32, torch.float64])
def test_nothing_overflows(make: Any, dtype: torch.dtype) -> None:
    """Neither the largest numbers, nor small temperatures, nor large ones."""
    large = torch.finfo(dtype).max
    x = torch.tensor([[large, large / 2, -large, large]], dtype=dtype)
    for temperature in (1e-3, 1.0):
        assert make(2, temperature=temperature)(x).tolist() == [[x[0, 0], x[0, 3]]]
    near = torch.tensor([[1.0, 1.0, 1.0, 1.5]], dtype=dtype)
    assert make(4, temperature=1e6)(near).item() == pytest.approx(1.125, rel=1e-5)


@pytest.mark.parametrize("make", POOLS)
def test_special_values(make: Any) -> None:
    """NaN and infinities give what the definitions give, each in its own window."""
    inf, nan = math.inf, math.nan
    for taps in ([nan, 1.0], [inf, 1.0], [-inf, 1.0], [-inf, -inf], [inf, -inf], [inf, nan]):
        name = "softmax_pool" if make is pooling.SoftmaxPool1d else "logsumexp_pool"
        x = torch.tensor([[*taps, 1.0, 1.0]], dtype=torch.float64)
        exact = getattr(pooling, name)(x.numpy(), (2,))
        torch.testing.assert_close(make(2)(x), torch.from_numpy(exact), equal_nan=True)


@pytest.mark.parametrize("make", POOLS)
def test_a_window_without_taps_is_nan_and_harms_no_gradient(make: Any) -> None:
    """Its NaN stays in the output."""
    x = torch.tensor([[1.0, 2.0]], requires_grad=True)
    pooled = make(2, 1, 1, dilation=3, ceil_mode=True)(x)
    wide = make(2, 1, 1, dilation=2)(torch.tensor([[5.0]]))
    assert wide.isnan().all()
    pooled.nan_to_num().sum().backward()
    assert x.grad is not None and x.grad.isfinite().all()


@given(st.lists(st.floats(-100, 100), min_size=1, max_size=6), st.floats(0.01, 100))
def test_ordered_as_proved(taps: list[float], temperature: float) -> None:
    """Mean ≤ log-sum-exp ≤ softmax ≤ maximum, to a few roundings."""
    x = torch.tensor([taps], dtype=torch.float64)
    softmax, logsumexp = (make(len(taps), temperature=temperature)(x).item() for make in POOLS)
    slack = 1e-12
    ordered = [x.mean().item(), logsumexp, softmax, x.max().item()]
    assert all(a <= b + slack for a, b in pairwise(ordered))
