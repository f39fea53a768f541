"""Folds and trees of any length that are one maximum."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest
import torch
import torch.nn.functional as F

from proofs.systems import SYSTEMS
from verify.judge.symbols.algebra import Algebra
from verify.judge.symbols.classes import Pattern, kinds
from verify.judge.symbols.folds import same_extremes
from verify.judge.symbols.terms import Terms
from verify.judge.watching.observer import Observer

Network = Callable[[torch.Tensor], torch.Tensor]
Merge = Callable[[torch.Tensor, torch.Tensor], torch.Tensor]


def kind(network: Network, other: Network, count: int) -> Pattern:
    """Return what is to be shown of two networks with one output."""
    terms = Terms(count)
    algebra = Algebra(terms, SYSTEMS["real"])
    ids = []
    for one in (network, other):
        observer = Observer(algebra, torch.float32)
        seen = observer.watch(one, [torch.arange(count).float()])
        observer.finish()
        assert not seen.unseen and seen.ids is not None
        ids.append(seen.ids.reshape(1))
    (found,) = kinds(terms, *ids)
    return found


def fold(merge: Merge) -> Network:
    """Return a fold from left to right."""

    def network(x: torch.Tensor) -> torch.Tensor:
        best = x[0]
        for tap in x[1:]:
            best = merge(tap, best)
        return best

    return network


def tree(merge: Merge) -> Network:
    """Return a tree of pairs."""

    def network(x: torch.Tensor) -> torch.Tensor:
        taps: list[torch.Tensor] = list(x)
        while len(taps) > 1:
            pairs = zip(taps[::2], taps[1::2], strict=False)
            taps = [merge(a, b) for a, b in pairs] + (taps[-1:] if len(taps) % 2 else [])
        return taps[0]

    return network


MAXIMA: list[Merge] = [
    lambda a, b: F.relu(a - b) + b,
    lambda a, b: a + F.relu(b - a),
    lambda a, b: (a + b + (a - b).abs()) / 2,
    lambda a, b: a - (a - b).clamp(max=0),
    lambda a, b: 0.5 * a + 0.5 * b + torch.maximum(a - b, b - a) / 2,
    torch.maximum,
    lambda a, b: torch.where(a > b, a, b),
    lambda a, b: -torch.minimum(-a, -b),
]
WRONG: list[Merge] = [
    lambda a, b: F.relu(a - b) - b,
    lambda a, b: F.relu(a - b) + a,
    lambda a, b: F.relu(2 * a - b) + b,
    lambda a, b: (a + b + (a - b).abs()) / 3,
    lambda a, b: torch.maximum(a, -b),
    torch.minimum,
]


@pytest.mark.parametrize("way", [fold, tree])
@pytest.mark.parametrize("merge", MAXIMA)
def test_maxima(merge: Merge, way: Callable[[Merge], Network]) -> None:
    """However two are merged and in whatever order, and of the same elements only."""
    assert same_extremes(kind(way(merge), lambda x: x.amax(), 13))
    assert not same_extremes(kind(way(merge), lambda x: x[1:].amax(), 13))
    assert not same_extremes(kind(way(merge), lambda x: torch.maximum(x.amax(), x[0] * 0), 13))


@pytest.mark.parametrize("merge", WRONG)
def test_what_is_no_maximum(merge: Merge) -> None:
    """A sign, a factor, a divisor."""
    assert not same_extremes(kind(fold(merge), lambda x: x.amax(), 5))


def test_minima() -> None:
    """The smallest by ReLUs."""
    assert same_extremes(kind(fold(lambda a, b: b - F.relu(b - a)), lambda x: x.amin(), 9))


def test_extremes_of_what_is_computed() -> None:
    """Elements may be any terms; what is not defined somewhere is left alone."""
    merge = MAXIMA[0]
    assert same_extremes(kind(lambda x: fold(merge)(3 * x + 1), lambda x: (3 * x + 1).amax(), 5))
    assert not same_extremes(kind(lambda x: fold(merge)(1 / x), lambda x: (1 / x).amax(), 5))


@pytest.mark.slow
def test_it_takes_no_longer_than_its_length() -> None:
    """Ten times as long a fold takes ten times as long, and not a hundred times."""
    seconds = []
    for count in (400, 4000):
        one = kind(fold(MAXIMA[0]), lambda x: x.amax(), count)
        start = time.process_time()
        assert same_extremes(one)
        seconds.append(time.process_time() - start)
    assert seconds[1] < 40 * seconds[0]
