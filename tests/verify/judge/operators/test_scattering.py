"""Operators that write elements to places."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
import torch.nn.functional as F

from proofs.verdict import Verdict
from verify.judge import equivalent

Network = Callable[[torch.Tensor], torch.Tensor]
PAIRS = torch.tensor([0, 0, 1, 1])
ROWS = PAIRS.expand(2, 4)


def means(x: torch.Tensor) -> torch.Tensor:
    """Average-pool 2."""
    return F.avg_pool1d(x, 2)


def maxima(x: torch.Tensor) -> torch.Tensor:
    """Max-pool 2."""
    return F.max_pool1d(x, 2)


SPELLED: list[tuple[Network, Network]] = [
    (lambda x: torch.zeros(2, 2).scatter_add(1, ROWS, x) / 2, means),
    (lambda x: torch.zeros(2, 2).index_add(1, PAIRS, x) / 2, means),
    (lambda x: torch.zeros(2, 2).index_add_(1, PAIRS, x) / 2, means),
    (lambda x: torch.zeros(2, 2).scatter_reduce(1, ROWS, x, "mean", include_self=False), means),
    (lambda x: torch.zeros(2, 2).scatter_reduce(1, ROWS, x, "amax", include_self=False), maxima),
    (lambda x: torch.full((2, 2), -torch.inf).scatter_reduce(1, ROWS, x, "amax"), maxima),
    (lambda x: torch.full((2, 2), -torch.inf).index_reduce(1, PAIRS, x, "amax"), maxima),
    (lambda x: torch.zeros(2, 2).scatter(1, ROWS[:, ::2], maxima(x)), maxima),
    (lambda x: torch.zeros(2, 2).index_copy(1, PAIRS[::2], maxima(x)), maxima),
    (lambda x: maxima(x).index_fill(1, torch.tensor([0]), 3.0),
     lambda x: torch.cat([torch.full((2, 1), 3.0), maxima(x)[:, 1:]], 1)),
    (lambda x: torch.slice_scatter(x, maxima(x), 1, 0, 2)[:, :2], maxima),
    (lambda x: torch.select_scatter(x, x[:, 1], 1, 0)[:, :1], lambda x: x[:, 1:2]),
    (lambda x: F.fold(F.unfold(x[None, None], (1, 2)), (2, 4), (1, 2))[0, 0],
     lambda x: x * torch.tensor([1.0, 2, 2, 1])),
    (lambda x: F.fold(F.unfold(x[None, None], 2, stride=2), (2, 4), 2, stride=2)[0, 0],
     lambda x: x),
    (lambda x: torch.zeros(2).index_put_((PAIRS,), x[0], accumulate=True) / 2,
     lambda x: means(x)[0]),
    (lambda x: torch.zeros(2, 4).scatter_add(1, x.argmax(1, True), torch.ones(2, 1)).sum(1),
     lambda x: torch.ones(2)),
    (lambda x: x.scatter_add(1, x.argmax(1, True), torch.ones(2, 1)).sum(1),
     lambda x: x.sum(1) + 1),
    (lambda x: x.scatter_reduce(1, x.argmin(1, True), x.amax(1, True), "amax").amax(1),
     lambda x: x.amax(1)),
]  # fmt: skip


@pytest.mark.parametrize(("network", "spelled"), SPELLED)
def test_operators_equal_their_spelling(network: Network, spelled: Network) -> None:
    """Over the reals, and every run is what the terms say."""
    found = equivalent(network, spelled, (2, 4))
    assert found.verdict is Verdict.PROVED_BOUNDED, found.reason
