from __future__ import annotations

import pytest
import torch
from torch.nn.functional import avg_pool1d, max_pool1d


@pytest.mark.parametrize("taps", [2, 4, 9])
@pytest.mark.parametrize("outlier", [100.0, -100.0])
def test_torch_follows_outliers_as_claimed(taps: int, outlier: float) -> None:
    """Upwards the maximum moves by all of it, downwards not at all; the mean by a k-th."""
    window = torch.zeros(1, 1, taps, dtype=torch.float64)
    window[0, 0, 0] = outlier
    assert float(max_pool1d(window, taps)) == max(outlier, 0)
    assert float(avg_pool1d(window, taps)) == pytest.approx(outlier / taps)


@pytest.mark.parametrize(("tap", "further"), [(0, True), (-7, True), (-8, False), (-9, False)])
def test_which_of_the_two_moves_further(tap: int, further: bool) -> None:
    """Four taps, an outlier of 10 or so: the maximum moves further above −7.5."""
    before = torch.tensor([[[tap, 0.0, 0.0, 0.0]]])
    after = before + torch.tensor([10.0, 0, 0, 0])
    moved = max_pool1d(after, 4) - max_pool1d(before, 4)
    share = avg_pool1d(after, 4) - avg_pool1d(before, 4)
    assert bool(moved > share) is further is (4 * (0 - tap) < 3 * 10)
