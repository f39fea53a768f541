"""Sorting and places of extremes: their terms are what torch computes."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
import torch.nn.functional as F

from proofs.verdict import Verdict
from verify.judge import equivalent

Network = Callable[[torch.Tensor], torch.Tensor]


def largest(x: torch.Tensor) -> torch.Tensor:
    """Return the largest of every row."""
    return x.amax(-1)


SPELLED: list[tuple[Network, Network]] = [
    (lambda x: x.max(-1).values, largest),
    (lambda x: x.gather(-1, x.argmax(-1, keepdim=True)).squeeze(-1), largest),
    (lambda x: x.gather(-1, x.max(-1, keepdim=True).indices)[:, 0], largest),
    (lambda x: x.topk(1).values[:, 0], largest),
    (lambda x: x.gather(-1, x.topk(1).indices)[:, 0], largest),
    (lambda x: x.sort(-1).values[:, -1], largest),
    (lambda x: x.sort(-1, descending=True).values[:, 0], largest),
    (lambda x: x.kthvalue(4, -1).values, largest),
    (lambda x: -x.neg().gather(-1, x.neg().argmin(-1, keepdim=True))[:, 0], largest),
    (lambda x: (x * torch.zeros_like(x).scatter(-1, x.argmax(-1, True), 1.0)).sum(-1), largest),
    (lambda x: x.topk(4).values.sum(-1), lambda x: x.sum(-1)),
    (lambda x: x.sort(-1).values.sum(-1), lambda x: x.sum(-1)),
    (lambda x: x[:, :3].median(-1).values,
     lambda x: x[:, :3].sum(-1) - x[:, :3].amax(-1) - x[:, :3].amin(-1)),
    (lambda x: x[0, :3].median(), lambda x: x[0, :3].sort().values[1]),
]  # fmt: skip


@pytest.mark.parametrize(("network", "spelled"), SPELLED)
def test_operators_equal_their_spelling(network: Network, spelled: Network) -> None:
    """Over the reals, ties included."""
    found = equivalent(network, spelled, (2, 4))
    assert found.verdict is Verdict.PROVED_BOUNDED, found.reason


def test_places_at_ties_are_no_proof_of_each_other() -> None:
    """The first and the last of several largest are not the same place."""
    found = equivalent(
        lambda x: x.argmax(-1).float(), lambda x: 3 - x.flip(-1).argmax(-1).float(), (2, 4)
    )
    assert not found.verdict.settles


def test_unpooling_and_pooling_again() -> None:
    """Every largest tap goes back to where it came from."""

    def there_and_back(x: torch.Tensor) -> torch.Tensor:
        pooled, places = F.max_pool2d(x, 2, return_indices=True)
        return F.max_unpool2d(pooled, places, (2, 2)).sum((-1, -2))

    def sums(x: torch.Tensor) -> torch.Tensor:
        return F.max_pool2d(x, 2).sum((-1, -2))

    found = equivalent(there_and_back, sums, (1, 1, 2, 2))
    assert found.verdict is Verdict.PROVED_BOUNDED, found.reason
