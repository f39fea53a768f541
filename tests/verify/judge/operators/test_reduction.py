"""Sums, means, extremes, products, norms, and running ones."""

from __future__ import annotations

import math
import sys
from collections.abc import Callable

import pytest
import torch

from proofs.verdict import Verdict
from verify.judge import equivalent

Network = Callable[[torch.Tensor], torch.Tensor]

SPELLED: list[tuple[Network, Network]] = [
    (lambda x: x.sum(), lambda x: x[0].sum() + x[1].sum()),
    (lambda x: x.sum(0), lambda x: x[0] + x[1]),
    (lambda x: x.mean(), lambda x: x.sum() / 6),
    (lambda x: x.mean(-1, keepdim=True), lambda x: x.sum(-1, True) / 3),
    (lambda x: x.amax(0), lambda x: torch.maximum(x[0], x[1])),
    (lambda x: x.amin((0, 1)), lambda x: -(-x).amax()),
    (lambda x: x.max(), lambda x: x.amax()),
    (lambda x: x.min(), lambda x: x.amin()),
    (lambda x: torch.aminmax(x, dim=0).max, lambda x: x.amax(0)),
    (lambda x: (x > 0).any(0).float(), lambda x: (x.amax(0) > 0).float()),
    (lambda x: (x > 0).all(0).float(), lambda x: (x.amin(0) > 0).float()),
    (lambda x: (x > 0).sum(0).float(), lambda x: (x > 0).float().sum(0)),
    (lambda x: x.prod(0), lambda x: x[0] * x[1]),
    (lambda x: x.logsumexp(0), lambda x: x.exp().sum(0).log()),
    (lambda x: x.logsumexp(0), lambda x: (x - x.amax(0)).exp().sum(0).log() + x.amax(0)),
    (lambda x: x.softmax(0), lambda x: x.exp() / x.exp().sum(0)),
    (lambda x: (x.softmax(0) * x).sum(0), lambda x: (x.exp() * x).sum(0) / x.exp().sum(0)),
    (lambda x: x.log_softmax(0), lambda x: x - x.logsumexp(0)),
    (lambda x: x.cumsum(1)[:, -1], lambda x: x.sum(1)),
    (lambda x: x.cummax(1).values[:, -1], lambda x: x.amax(1)),
    (lambda x: x.cummin(1).values[:, -1], lambda x: x.amin(1)),
    (lambda x: x.var(1), lambda x: (x - x.mean(1, True)).square().sum(1) / 2),
    (lambda x: x.var((0, 1), correction=0), lambda x: x.square().mean() - x.mean() ** 2),
    (lambda x: x.std(0, correction=0), lambda x: (x[0] - x[1]).abs() / 2),
    (lambda x: x.norm(dim=0), lambda x: (x[0] ** 2 + x[1] ** 2).sqrt()),
    (lambda x: x.norm(1, dim=0), lambda x: x.abs().sum(0)),
    (lambda x: x.norm(math.inf, dim=0), lambda x: x.abs().amax(0)),
    (lambda x: (x.clamp_min(1e-6) ** 3).mean(0) ** (1 / 3),
     lambda x: ((x.clamp_min(1e-6) ** 3).sum(0) / 2) ** (1 / 3)),
]  # fmt: skip


@pytest.mark.parametrize(("network", "spelled"), SPELLED)
def test_operators_equal_their_spelling(network: Network, spelled: Network) -> None:
    """Over the reals, and every run is what the terms say."""
    found = equivalent(network, spelled, (2, 3))
    assert found.verdict is Verdict.PROVED_BOUNDED, found.reason


def test_windows_of_thousands_of_taps() -> None:
    """A maximum of 2,500 taps is one row; nothing recurses, which Python would let 1,000 times."""
    assert sys.getrecursionlimit() < 2500
    found = equivalent(lambda x: x.amax(-1, True), "adaptive_max_pool1d(1)", (1, 2500))
    assert found.verdict is Verdict.PROVED_BOUNDED, found.reason
    found = equivalent(lambda x: x.sum(-1, True) / 2500, "adaptive_avg_pool1d(1)", (1, 2500))
    assert found.verdict is Verdict.PROVED_BOUNDED, found.reason
