"""Modules that are right in a range only, because the range decides a maximum or a choice."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
import torch.nn.functional as F

from proofs.verdict import Verdict
from verify.judge import equivalent


def started_low(x: torch.Tensor) -> torch.Tensor:
    """Fold a maximum that starts at −4 instead of −∞."""
    best = torch.full_like(x[..., ::2], -4)
    for tap in (x[..., ::2], x[..., 1::2]):
        best = F.relu(tap - best) + best
    return best


def clamped(x: torch.Tensor) -> torch.Tensor:
    """Return the maximum of what is clamped far outside."""
    return F.max_pool1d(x.clamp(-1e4, 1e4), 2)


def clamped_close(x: torch.Tensor) -> torch.Tensor:
    """Return the minimum and the maximum with numbers at the ends of the range."""
    return F.max_pool1d(torch.minimum(torch.maximum(x, -torch.ones_like(x)), torch.ones_like(x)), 2)


def decided(x: torch.Tensor) -> torch.Tensor:
    """Return something else where an element is at least 2."""
    pooled = F.max_pool1d(x, 2)
    return torch.where(~(pooled < 2), -pooled, pooled)


def minimum_with_more(x: torch.Tensor) -> torch.Tensor:
    """Return the maximum, at most 1."""
    return -F.max_pool1d(-F.max_pool1d(x, 2), 1).clamp(min=-1)


@pytest.mark.parametrize("module", [clamped, clamped_close, decided, minimum_with_more])
def test_right_in_the_range(module: Callable[[torch.Tensor], torch.Tensor]) -> None:
    """Nothing rounds, and between −1 and 1 it is equal; in a wider range it is not."""
    small = equivalent(module, "max_pool1d(2)", (1, 1, 4), "float32", between=(-1, 1))
    assert small.verdict is Verdict.PROVED_BOUNDED
    large = equivalent(module, "max_pool1d(2)", (1, 1, 4), "float32", between=(-1e5, 1e5))
    assert large.verdict is Verdict.REFUTED


def test_a_start_that_swallows() -> None:
    """A low start is right over the reals there, and costs what it rounds by."""
    found = equivalent(started_low, "max_pool1d(2)", (1, 1, 4), "float16", between=(-1, 1))
    assert found.verdict is Verdict.WITHIN
    assert found.within is not None
    assert 4 * 2**-11 <= found.within <= 6 * 2**-11
    below = equivalent(started_low, "max_pool1d(2)", (1, 1, 4), "float16", between=(-5, 1))
    assert below.verdict is Verdict.REFUTED
