"""Modules that decide by their input: every way is gone, and all ways are one term."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch

from proofs.verdict import Verdict
from verify.judge import equivalent

Network = Callable[[torch.Tensor], torch.Tensor]


def by_if(x: torch.Tensor) -> torch.Tensor:
    """Find the largest of each row by a Python loop."""
    result = torch.zeros(len(x))
    for i, row in enumerate(x):
        best = row[0]
        for tap in row[1:]:
            if tap > best:
                best = tap
        result[i] = best
    return result


def by_max(x: torch.Tensor) -> torch.Tensor:
    """Find it by Python's ``max``."""
    return torch.stack([max(row) for row in x])


def by_sorting(x: torch.Tensor) -> torch.Tensor:
    """Find it by Python's ``sorted``."""
    return torch.stack([sorted(row)[-1] for row in x])


RIGHT: list[tuple[Network, tuple[int, ...]]] = [
    (by_if, (1, 4)), (by_if, (2, 3)), (by_max, (1, 5)), (by_max, (2, 3)), (by_sorting, (1, 3)),
    (lambda x: x.amax(-1) if x.sum() > 1e6 else x.max(-1).values, (2, 3)),
]  # fmt: skip


@pytest.mark.parametrize(("network", "shape"), RIGHT)
def test_loops_over_elements_are_proved(network: Network, shape: tuple[int, ...]) -> None:
    """Every way through them is gone."""
    found = equivalent(network, lambda x: x.amax(-1), shape)
    assert found.verdict is Verdict.PROVED_BOUNDED, found.reason
    assert any("ways were gone" in line or "arms of its decisions joined" in line
               for line in found.footprint)  # fmt: skip


def almost(x: torch.Tensor) -> torch.Tensor:
    """Forget the last tap where the first two are far apart."""
    if x[0, 0] - x[0, 1] > 4711:
        return x[:, :-1].amax(-1)
    return x.amax(-1)


def backwards(x: torch.Tensor) -> torch.Tensor:
    """Take the smaller by mistake, at the last comparison only."""
    best = x[0, 0]
    for i, tap in enumerate(x[0, 1:]):
        if (tap > best) if i < 2 else (tap < best):
            best = tap
    return best.reshape(1)


@pytest.mark.parametrize("network", [almost, backwards])
def test_a_wrong_way_is_refuted(network: Network) -> None:
    """However rarely it is taken."""
    found = equivalent(network, lambda x: x.amax(-1), (1, 4))
    assert found.verdict is Verdict.REFUTED, found.reason


def test_too_many_ways_are_no_proof() -> None:
    """What is not all gone is tested."""

    def counted(x: torch.Tensor) -> torch.Tensor:
        large = [tap for row in x for tap in row if tap > 3]
        return x.amax(-1) + 0 * len(large)

    found = equivalent(counted, lambda x: x.amax(-1), (6, 4), timeout=15)
    assert found.verdict is Verdict.TESTED, found.reason
    assert "ways through it" in found.reason


def test_another_shape_on_another_way_is_refuted() -> None:
    """And so is an error there, by an input that goes it."""

    def other(x: torch.Tensor) -> torch.Tensor:
        return x[:2] if x[0, 0] == 12345.678 else x

    def raising(x: torch.Tensor) -> torch.Tensor:
        if x[0, 0] == 12345.678:
            raise ValueError("never")
        return x

    for network in (other, raising):
        found = equivalent(network, lambda x: x, (4, 1))
        assert found.verdict is Verdict.REFUTED
        assert "shape (2, 1), not (4, 1) at input [12345.7" in found.reason or (
            "ValueError: never" in found.reason
        )
