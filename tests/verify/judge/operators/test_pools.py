"""Torch's own poolings as terms: against their definitions."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
import torch.nn.functional as F

from proofs.verdict import Verdict
from verify.judge import equivalent

Network = Callable[[torch.Tensor], torch.Tensor]

POOLS: list[tuple[Network, str, tuple[int, ...]]] = [
    (lambda x: F.max_pool1d(x, 3, 2, 1), "max_pool1d(3, 2, 1)", (2, 7)),
    (lambda x: F.max_pool1d(x, 2, 2, ceil_mode=True), "max_pool1d(2, 2, ceil_mode=True)", (2, 7)),
    (lambda x: F.max_pool2d(x, 3, 2, 1), "max_pool2d(3, 2, 1)", (1, 2, 6, 5)),
    (lambda x: F.max_pool2d(x, (2, 3), (1, 2), dilation=(2, 1)),
     "max_pool2d((2, 3), (1, 2), dilation=(2, 1))", (1, 2, 6, 7)),
    (lambda x: F.max_pool2d(x, 3, 2, ceil_mode=True), "max_pool2d(3, 2, ceil_mode=True)",
     (1, 2, 6, 6)),
    (lambda x: F.max_pool3d(x, 2), "max_pool3d(2)", (1, 1, 4, 4, 2)),
    (lambda x: F.avg_pool1d(x, 3, 2, 1), "avg_pool1d(3, 2, 1)", (2, 7)),
    (lambda x: F.avg_pool2d(x, 3, 2, 1), "avg_pool2d(3, 2, 1)", (1, 2, 6, 5)),
    (lambda x: F.avg_pool2d(x, 3, 2, 1, True, False),
     "avg_pool2d(3, 2, 1, ceil_mode=True, count_include_pad=False)", (1, 1, 6, 6)),
    (lambda x: F.avg_pool2d(x, 3, 2, 1, True), "avg_pool2d(3, 2, 1, ceil_mode=True)", (1, 1, 6, 6)),
    (lambda x: F.avg_pool2d(x, 2, divisor_override=3), "avg_pool2d(2, divisor_override=3)",
     (1, 1, 4, 4)),
    (lambda x: F.avg_pool3d(x, 2), "avg_pool3d(2)", (1, 1, 4, 4, 2)),
    (lambda x: F.adaptive_max_pool1d(x, 3), "adaptive_max_pool1d(3)", (2, 7)),
    (lambda x: F.adaptive_max_pool2d(x, (2, 3)), "adaptive_max_pool2d((2, 3))", (1, 2, 5, 7)),
    (lambda x: F.adaptive_avg_pool1d(x, 3), "adaptive_avg_pool1d(3)", (2, 7)),
    (lambda x: F.adaptive_avg_pool2d(x, (2, 3)), "adaptive_avg_pool2d((2, 3))", (1, 2, 5, 7)),
    (lambda x: F.adaptive_avg_pool3d(x, 2), "adaptive_avg_pool3d(2)", (1, 1, 3, 3, 2)),
]  # fmt: skip


@pytest.mark.parametrize(("network", "reference", "shape"), POOLS, ids=[p[1] for p in POOLS])
def test_poolings_are_their_definitions(
    network: Network, reference: str, shape: tuple[int, ...]
) -> None:
    """Windows, borders and divisors."""
    found = equivalent(network, reference, shape)
    assert found.verdict is Verdict.PROVED_BOUNDED, found.reason


@pytest.mark.parametrize("gradients", [True, False])
def test_poolings_without_gradients(gradients: bool) -> None:
    """Torch has another kernel for them; here both are run, whatever is set outside."""
    with torch.set_grad_enabled(gradients):
        found = equivalent(lambda x: F.max_pool1d(x, 2), "max_pool1d(2)", (1, 4))
    assert found.verdict is Verdict.PROVED_BOUNDED


def test_places_of_a_large_input_are_left_open() -> None:
    """Of more than 65,536 elements the largest taps are known, and where they stand is not."""

    def twice(x: torch.Tensor) -> torch.Tensor:
        rows = F.max_pool2d(x, (1, 3), (1, 2), (0, 1), return_indices=True)[0]
        return F.max_pool2d(rows, (3, 1), (2, 1), (1, 0))

    found = equivalent(twice, "max_pool2d(3, 2, 1)", (1, 17, 64, 64))
    assert found.verdict is Verdict.PROVED_BOUNDED, found.reason

    def placed(x: torch.Tensor) -> torch.Tensor:
        return F.max_pool2d(x, 2, return_indices=True)[1].to(x.dtype)

    def rarely_elsewhere(x: torch.Tensor) -> torch.Tensor:
        return placed(x) + (x[..., ::2, ::2] == 31337.5)

    for network in (placed, rarely_elsewhere):
        assert equivalent(network, placed, (1, 17, 64, 64)).verdict is Verdict.TESTED
