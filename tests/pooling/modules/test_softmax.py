from __future__ import annotations

import math
from itertools import pairwise
from typing import Any

import pytest
import torch
from hypothesis import given, settings
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
        if taps == [-inf, 1.0]:
            assert make(2)(torch.tensor([taps])).isfinite().all()
        name = "softmax_pool" if make is pooling.SoftmaxPool1d else "logsumexp_pool"
        x = torch.tensor([[*taps, 1.0, 1.0]], dtype=torch.float64)
        exact = getattr(pooling, name)(x.numpy(), (2,))
        torch.testing.assert_close(make(2)(x), torch.from_numpy(exact), equal_nan=True)


def test_infinities_harm_no_gradient() -> None:
    """Whatever a softmax pooling makes of a window with infinities, no NaN reaches the others."""
    inf = math.inf
    taps = [0.0, 2.0, -inf, 1.0, inf, 1.0, -inf, -inf]
    x = torch.tensor([taps], dtype=torch.float64, requires_grad=True)
    pooled = pooling.SoftmaxPool1d(2)(x)
    assert pooled[0, 1:].tolist() == [1.0, inf, -inf]
    pooled[0, :2].sum().backward()
    assert x.grad is not None and x.grad.isfinite().all()
    assert x.grad[0, 2:].tolist() == [0.0, 1.0, 0.0, 0.0, 0.0, 0.0]


@pytest.mark.parametrize("make", POOLS)
@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float32, torch.float64])
def test_windows_of_the_largest_number_stay_finite(make: Any, dtype: torch.dtype) -> None:
    """Also where rounded weights add up to more than 1: of up to 49 taps, all are the mean."""
    largest = torch.finfo(dtype).max
    for taps in range(1, 50):
        for sign in (1, -1):
            x = torch.full((1, taps), sign * largest, dtype=dtype)
            assert make(taps)(x).item() == sign * largest


@pytest.mark.parametrize("make", POOLS)
@pytest.mark.parametrize("dtype", [torch.float16, torch.float32, torch.float64])
@given(data=st.data())
@settings(max_examples=25)
def test_right_or_refused_at_every_temperature(
    make: Any, dtype: torch.dtype, data: st.DataObject
) -> None:
    """Between the mean and the maximum wherever it is not refused, over the whole range."""
    computed = torch.promote_types(dtype, torch.float32)
    limits = torch.finfo(computed)
    least, most = math.log2(limits.smallest_normal), math.log2(limits.max) - 10
    temperature = 2.0 ** data.draw(st.floats(least + 0.1, most - 0.1) | st.integers(-20, 20))
    size = 2.0 ** data.draw(st.floats(-20, math.log2(torch.finfo(dtype).max) - 0.1))
    numbers = data.draw(st.lists(st.floats(-1, 1), min_size=1, max_size=9))
    x = torch.tensor([[size * number for number in numbers]], dtype=dtype)
    pooled = make(len(numbers), temperature=temperature)(x).item()
    exact = x.double() / size
    slack = 20 * len(numbers) * max(torch.finfo(dtype).eps, limits.eps)
    assert exact.mean() - slack <= pooled / size <= exact.max() + slack


@pytest.mark.parametrize("make", POOLS)
@pytest.mark.parametrize(
    ("dtype", "temperature", "message"),
    [
        (
            torch.float16,
            1e-46,
            "from 1.1754943508222875e-38 to 3.3230697913918834e+35 in float32, got 1e-46",
        ),
        (
            torch.float32,
            4e38,
            "from 1.1754943508222875e-38 to 3.3230697913918834e+35 in float32, got 4e+38",
        ),
        (
            torch.float32,
            1e40,
            "from 1.1754943508222875e-38 to 3.3230697913918834e+35 in float32, got 1e+40",
        ),
        (
            torch.float64,
            1e308,
            "from 2.2250738585072014e-308 to 1.7555597020139802e+305 in float64, got 1e+308",
        ),
        (
            torch.float64,
            5e-324,
            "from 2.2250738585072014e-308 to 1.7555597020139802e+305 in float64, got 5e-324",
        ),
    ],
)
def test_temperatures_out_of_range_are_refused(
    make: Any, dtype: torch.dtype, temperature: float, message: str
) -> None:
    """Where the dtype that is computed in would make NaN of them, not before."""
    module = make(2, temperature=temperature)
    if dtype != torch.float64 and temperature < 1e305:
        assert module(torch.zeros(1, 2, dtype=torch.float64)).item() == 0
    with pytest.raises(ValueError) as caught:
        module(torch.zeros(1, 2, dtype=dtype))
    assert str(caught.value) == f"temperature must be {message}"


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
