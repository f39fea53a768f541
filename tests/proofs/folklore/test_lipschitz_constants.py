from __future__ import annotations

import math
from typing import Any

import pytest
import torch

import pooling
from proofs.claim import CheckFailedError
from proofs.folklore.lipschitz_constants import softmax_of_many, softmax_of_two

DOUBLE = torch.float64


def absolute_gradients(taps: torch.Tensor) -> torch.Tensor:
    """Return the sum of absolute gradients of softmax pooling for every row of taps."""
    taps = taps.requires_grad_()
    pooled = (torch.softmax(taps, 1) * taps).sum()
    return torch.autograd.grad(pooled, taps)[0].abs().sum(1)


def test_changes_of_maxima_and_means_stay_below() -> None:
    """No random change of random windows is amplified, by either norm."""
    random = torch.Generator().manual_seed(0)
    for taps in (1, 2, 4, 9, 49):
        before = torch.randn(500, taps, generator=random, dtype=DOUBLE)
        change = torch.randn(500, taps, generator=random, dtype=DOUBLE)
        after = before + change
        largest, root = change.abs().amax(1), change.square().sum(1).sqrt()
        moved = (after.amax(1) - before.amax(1)).abs()
        shifted = (after.mean(1) - before.mean(1)).abs()
        slack = 1e-12
        assert bool((moved <= largest + slack).all() and (moved <= root + slack).all())
        assert bool((shifted <= largest + slack).all())
        assert bool((shifted <= root / math.sqrt(taps) + slack).all())


def test_the_constants_are_reached() -> None:
    """A change of the largest tap reaches those of the maximum, equal changes those of the mean."""
    before = torch.tensor([3.0, 1.0, 0.0, 0.0], dtype=DOUBLE)
    one, all_ = torch.tensor([2.0, 0, 0, 0]), torch.full((4,), 2.0)
    assert float((before + one).max() - before.max()) == float(one.norm()) == 2
    assert float((before + all_).mean() - before.mean()) == float(all_.norm()) / 2 == 2


def test_softmax_pooling_of_two_taps_amplifies_by_so_much() -> None:
    """The largest sum of absolute gradients on a fine grid is within the proved bounds."""
    distance = torch.linspace(0, 12, 20_001, dtype=DOUBLE)
    found = float(absolute_gradients(torch.stack((distance, 0 * distance), 1)).max())
    assert 1.19967 < found < 1.19968
    # By the definition itself: opposite changes of two taps at a distance of 2.4.
    step = 1e-6
    up = pooling.softmax_pool([2.4 + step, -step], (2,))
    down = pooling.softmax_pool([2.4 - step, step], (2,))
    assert float(up[0] - down[0]) / (2 * step) == pytest.approx(1.19968, abs=1e-4)


@pytest.mark.parametrize("taps", [10, 100, 10_000])
def test_softmax_pooling_of_many_taps_amplifies_without_bound(taps: int) -> None:
    """One tap ln(k − 1) above the others: the absolute gradients add up to ln(k − 1)/2."""
    window = torch.zeros(1, taps, dtype=DOUBLE)
    window[0, 0] = math.log(taps - 1)
    assert float(absolute_gradients(window)) == pytest.approx(math.log(taps - 1) / 2)


@pytest.mark.parametrize(
    ("run", "message"),
    [
        (lambda: softmax_of_two("1.2", "1.3"), "c·tanh(c) = 1 is not between 1.2 and 1.3"),
        (lambda: softmax_of_many("1"), "k taps: ln(k − 1)/2 tends to oo, not to 1"),
    ],
)
def test_other_constants_are_refused(run: Any, message: str) -> None:
    """A wrong constant fails, and the message says what was found."""
    with pytest.raises(CheckFailedError) as caught:
        run()
    assert str(caught.value) == message
