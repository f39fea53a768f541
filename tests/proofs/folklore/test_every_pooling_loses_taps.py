from __future__ import annotations

import itertools

import pytest
import torch
from torch.nn.functional import avg_pool1d, max_pool1d


def least(x: torch.Tensor, kernel: int) -> torch.Tensor:
    """Return the minimum of every window by torch's own minimum."""
    return x.unfold(-1, kernel, kernel).amin(-1)


@pytest.mark.parametrize("pool", [max_pool1d, avg_pool1d, least])
def test_no_window_of_two_taps_is_determined(pool: object) -> None:
    """For every window of small numbers there is another with the same output."""
    windows = torch.tensor([*itertools.product(range(-3, 4), repeat=2)], dtype=torch.float32)
    pooled = pool(windows.unsqueeze(1), 2).flatten()  # type: ignore[operator]
    inner = (windows.abs() < 3).all(1)
    alike = (pooled.unsqueeze(0) == pooled.unsqueeze(1)).sum(1)
    assert bool((alike[inner] >= 2).all())


def test_minimum_and_maximum_confuse_as_many_windows() -> None:
    """The groups of windows with one minimum are those with one maximum, upside down."""
    windows = torch.tensor([*itertools.product(range(-2, 3), repeat=3)], dtype=torch.float32)
    smallest = least(windows.unsqueeze(1), 3).flatten()
    largest = max_pool1d(-windows.unsqueeze(1), 3).flatten()
    assert torch.equal(
        smallest.unsqueeze(0) == smallest.unsqueeze(1), largest.unsqueeze(0) == largest.unsqueeze(1)
    )


def test_behind_a_relu_minima_are_mostly_0() -> None:
    """A window of four normal taps keeps a positive minimum once in 16, a positive maximum 15."""
    random = torch.Generator().manual_seed(0)
    taps = torch.relu(torch.randn(20_000, 1, 4, generator=random))
    assert float((least(taps, 4) > 0).float().mean()) == pytest.approx(1 / 16, abs=0.01)
    assert float((max_pool1d(taps, 4) > 0).float().mean()) == pytest.approx(15 / 16, abs=0.01)
