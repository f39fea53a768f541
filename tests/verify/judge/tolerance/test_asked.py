"""Ranges as they are asked about: what is refused, and which inputs are tried."""

from __future__ import annotations

from fractions import Fraction

import pytest
import torch

from verify.judge.tolerance.asked import asking


def test_inputs_are_in_range() -> None:
    """One range for two inputs, or one for each; ends are floats of the format."""
    both = asking((-0.1, 1), "float16", [(2, 3), (4,)], executed=False)
    assert both.ends[0] == both.ends[1]
    assert float(both.ends[0].low) == -0.0999755859375
    each = asking([(0, 1), (5, 6)], "bfloat16", [(2, 3), (4,)], executed=False)
    tried = list(each.inputs())
    assert len(tried) > 20
    assert all(each.admits(x) and x.dtype is torch.bfloat16 for x in tried)
    assert not each.admits(tried[0] + 2)
    assert each.written() == "[0, 1] × [5, 6]"
    assert each.of_element(6).low == 5


@pytest.mark.parametrize("low", [1, 0.25, 2**-14, 3 * 2**-24, 0])
def test_no_float_in_range_is_left_out(low: float) -> None:
    """Just below and above a float the end is that float or the next one inside."""
    x = torch.tensor(low, dtype=torch.float16)
    below = float(torch.nextafter(x, torch.tensor(-1, dtype=torch.float16)))
    above = float(torch.nextafter(x, torch.tensor(2, dtype=torch.float16)))
    for end, first in (((low + below) / 2, low), (low, low), ((low + above) / 2, above)):
        above_it = asking((end, 2.0), "float16", [(1,)], executed=False)
        below_it = asking((-2.0, -end), "float16", [(1,)], executed=False)
        assert above_it.ends[0].low == -below_it.ends[0].high == Fraction(first)


@pytest.mark.parametrize(
    ("between", "system", "message"),
    [
        ((-1, 1), "real", "needs a system of float16, bfloat16, float32, float64, got real"),
        ((-1, 1), "int8", "needs a system of float16, bfloat16, float32, float64, got int8"),
        ((1, -1), "float32", r"between must be a lower and an upper end, got \(1, -1\)"),
        ((0, 1e5), "float16", "between must be within ±65504, the largest number of float16"),
        ((0, float("nan")), "float32", "between must be two finite numbers"),
        ([(0, 1)] * 3, "float32", "between must have one range or 2, got 3"),
        ((1.0001, 1.0002), "bfloat16", "there is no number of bfloat16"),
    ],
)
def test_what_is_refused(between: tuple[float, float], system: str, message: str) -> None:
    """Each mistake is named with what was given."""
    with pytest.raises(ValueError, match=message):
        asking(between, system, [(1,), (1,)], executed=False)
