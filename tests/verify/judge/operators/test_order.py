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
    (lambda x: x.gather(-1, x.argsort(-1)), lambda x: x.sort(-1).values),
    (lambda x: x.gather(-1, x.argsort(-1, descending=True))[:, 0], largest),
    (lambda x: x.gather(-1, x.topk(2).indices), lambda x: x.topk(2).values),
    (lambda x: x.gather(-1, x.kthvalue(3, -1, keepdim=True).indices)[:, 0],
     lambda x: x.kthvalue(3, -1).values),
    (lambda x: x.gather(-1, x.median(-1, keepdim=True).indices)[:, 0],
     lambda x: x.median(-1).values),
    (lambda x: x.gather(-1, x.cummax(-1).indices), lambda x: x.cummax(-1).values),
    (lambda x: x.gather(-1, x.cummin(-1).indices), lambda x: x.cummin(-1).values),
    (lambda x: (x * torch.zeros_like(x).scatter(-1, x.topk(2).indices, 1.0)).sum(-1),
     lambda x: x.topk(2).values.sum(-1)),
    (lambda x: x.sort(stable=True, descending=True).indices[:, 0].float(),
     lambda x: x.argmax(-1).float()),
    (lambda x: torch.zeros_like(x).scatter(-1, x.argsort(-1), x.sort(-1).values), lambda x: x),
]  # fmt: skip


@pytest.mark.parametrize(("network", "spelled"), SPELLED)
def test_operators_equal_their_spelling(network: Network, spelled: Network) -> None:
    """Over the reals, ties included."""
    found = equivalent(network, spelled, (2, 4))
    assert found.verdict is Verdict.PROVED_BOUNDED, found.reason


@pytest.mark.parametrize(
    "network",
    [
        lambda x: x.topk(1).indices[:, 0].float(),
        lambda x: x.sort(descending=True).indices[:, 0].float(),
        lambda x: x.cummax(-1).indices[:, -1].float(),
        lambda x: 3 - x.flip(-1).argmax(-1).float(),
    ],
)
def test_who_comes_first_among_equals_is_not_assumed(network: Network) -> None:
    """Of 1, 1, 0, 1 torch's topk chooses the second, cummax the last, argmax the first."""
    found = equivalent(network, lambda x: x.argmax(-1).float(), (2, 4))
    assert not found.verdict.settles


@pytest.mark.parametrize(
    ("kernel", "first"),
    [
        (lambda x: x.argmax(-1), True),
        (lambda x: x.max(-1).indices, True),
        (lambda x: -1 - (-x).flip(-1).min(-1).indices, False),
        (lambda x: x.sort(stable=True, descending=True).indices[:, 0], True),
        (lambda x: x.cummax(-1).indices[:, -1], False),
        (lambda x: F.max_pool1d(x, 5, return_indices=True)[1][:, 0], True),
        (lambda x: F.adaptive_max_pool1d(x, 1, return_indices=True)[1][:, 0], True),
    ],
)
def test_which_of_several_largest_torch_points_at(kernel: Network, first: bool) -> None:
    """Of all rows of 0, 1 and 2: the first, or the last."""
    rows = torch.cartesian_prod(*[torch.arange(3.0)] * 5)
    largest_ = rows == rows.amax(-1, keepdim=True)
    places = torch.arange(5) if first else torch.arange(-5, 0)
    meant = torch.where(largest_, places, 9 if first else -9)
    meant = meant.amin(-1) if first else meant.amax(-1)
    assert torch.equal(kernel(rows) % 5, meant % 5)


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
