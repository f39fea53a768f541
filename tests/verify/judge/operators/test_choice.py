"""Masks, orders and truth values: their terms are what torch computes."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch

from proofs.verdict import Verdict
from verify.judge import equivalent

Network = Callable[[torch.Tensor], torch.Tensor]


def by_mask(x: torch.Tensor) -> torch.Tensor:
    """Write where a mask holds."""
    y = x.clone()
    y[x < 0] = 0
    return y


SPELLED: list[tuple[Network, Network]] = [
    (lambda x: x.masked_fill(x < 0, 0.0), lambda x: x.relu()),
    (by_mask, lambda x: x.relu()),
    (lambda x: torch.where(x >= 0, x, torch.zeros(())), lambda x: x.relu()),
    (lambda x: torch.where((x > 0) & (x > -1), x, 0.0), lambda x: x.relu()),
    (lambda x: torch.where((x > 0) | (x > 1), x, 0.0), lambda x: x.relu()),
    (lambda x: torch.where(~(x <= 0), x, 0.0), lambda x: x.relu()),
    (lambda x: torch.where(torch.logical_not(x <= 0), x, 0.0), lambda x: x.relu()),
    (lambda x: torch.where((x > 0) ^ torch.tensor(False), x, 0.0), lambda x: x.relu()),
    (lambda x: torch.where((x > 0) == torch.tensor(True), x, 0.0), lambda x: x.relu()),
    (lambda x: torch.where((x > 0) != (x > 0), x, 0.0), lambda x: x * 0),
    (lambda x: torch.fmax(x, -x), lambda x: x.abs()),
    (lambda x: torch.fmin(x, -x), lambda x: -x.abs()),
    (lambda x: torch.heaviside(x, torch.ones(())), lambda x: (x >= 0).float()),
    (lambda x: (x > 0).float(), lambda x: torch.where(x > 0, 1.0, 0.0)),
    (lambda x: x.isnan().float(), lambda x: 0 * x),
    (lambda x: torch.where(x.bool(), x, x + 0), lambda x: x),
]


@pytest.mark.parametrize(("network", "spelled"), SPELLED)
def test_operators_equal_their_spelling(network: Network, spelled: Network) -> None:
    """Over the reals, and every run is what the terms say."""
    found = equivalent(network, spelled, (4,))
    assert found.verdict is Verdict.PROVED_BOUNDED, found.reason


@pytest.mark.parametrize(
    "network", [lambda x: torch.where(x > 0.5, x, 0.0), lambda x: x.masked_fill(x < -1, 0.0)]
)
def test_near_misses_are_refuted(network: Network) -> None:
    """A mask that is drawn elsewhere is another function."""
    assert equivalent(network, lambda x: x.relu(), (4,)).verdict is Verdict.REFUTED


@pytest.mark.parametrize("system", ["float16", "float32", "int8"])
def test_comparisons_hold_in_every_dtype(system: str) -> None:
    """Where NaN has its say, ``a < b`` and ``not b <= a`` differ."""
    right = equivalent(lambda x: torch.where(x > 0, x, 0), lambda x: torch.where(~(x > 0), 0, x),
                       (2,), system)  # fmt: skip
    assert right.verdict is Verdict.PROVED_BOUNDED, right.reason
    found = equivalent(lambda x: torch.where(x > 0, x, 0), lambda x: torch.where(x <= 0, 0, x),
                       (2,), system)  # fmt: skip
    expected = Verdict.PROVED_BOUNDED if system == "int8" else Verdict.REFUTED
    assert found.verdict is expected, found.reason
