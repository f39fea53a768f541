"""Convolutions and products of matrices: their terms are what torch computes."""

from __future__ import annotations

import math
from collections.abc import Callable

import pytest
import torch
import torch.nn.functional as F

from proofs.verdict import Verdict
from verify.judge import equivalent

Network = Callable[[torch.Tensor], torch.Tensor]
KERNEL = torch.arange(12.0).reshape(2, 2, 3)
NORM = torch.nn.BatchNorm1d(2).eval()
with torch.no_grad():
    NORM.weight.copy_(torch.tensor([2.0, -1.0]))
    NORM.bias.copy_(torch.tensor([0.5, 0.25]))
    NORM.running_mean.copy_(torch.tensor([1.0, -2.0]))  # type: ignore[union-attr]

ALIKE: list[tuple[Network, Network]] = [
    (lambda x: F.conv1d(x, KERNEL, torch.tensor([1.0, 2.0]), stride=2, padding=2, dilation=2),
     lambda x: F.conv1d(F.pad(x, (2, 2)), KERNEL, stride=2, dilation=2)
     + torch.tensor([[1.0], [2.0]])),
    (lambda x: F.conv1d(x, KERNEL[:, :1], groups=2),
     lambda x: torch.cat([F.conv1d(x[:, [i]], KERNEL[[i], :1]) for i in (0, 1)], 1)),
    (lambda x: F.conv_transpose1d(x, KERNEL, stride=2, padding=1, output_padding=1),
     lambda x: F.conv_transpose1d(x, KERNEL, stride=2)[..., 1:]),
    (lambda x: F.conv_transpose1d(x, KERNEL[:, :, :2], stride=2),
     lambda x: torch.stack([torch.einsum("bcn,co->bon", x, KERNEL[:, :, k]) for k in (0, 1)],
                           -1).flatten(-2)),
    (lambda x: F.conv1d(x, torch.ones(2, 1, 3), groups=2) / F.conv1d(
        torch.ones_like(x), torch.ones(2, 1, 3), groups=2), lambda x: F.avg_pool1d(x, 3, 1)),
    (lambda x: x @ torch.eye(5), lambda x: x),
    (lambda x: torch.bmm(x, x.mT), lambda x: (x[:, :, None] * x[:, None]).sum(-1)),
    (lambda x: torch.mv(x[0].T, torch.tensor([1.0, 2.0])), lambda x: x[0, 0] + 2 * x[0, 1]),
    (lambda x: torch.dot(x[0, 0], x[0, 1]), lambda x: (x[0, 0] * x[0, 1]).sum()),
    (lambda x: F.linear(x, torch.ones(1, 5), torch.ones(1)), lambda x: x.sum(-1, True) + 1),
    (lambda x: torch.addmm(x[0], x[0], torch.eye(5), alpha=2), lambda x: 3 * x[0]),
    (NORM, lambda x: NORM(x) + 0),
]  # fmt: skip


@pytest.mark.parametrize(("left", "right"), ALIKE)
def test_sums_of_products(left: Network, right: Network) -> None:
    """Two spellings have one normal form, and runs are what the terms say."""
    found = equivalent(left, right, (1, 2, 5))
    assert found.verdict is Verdict.PROVED_BOUNDED, found.reason


def test_zero_times_infinity_is_not_left_out() -> None:
    """A one-hot kernel over −∞ gives NaN, and the terms know."""
    kernel = torch.tensor([[[1.0, 0.0]]])

    def padded(x: torch.Tensor) -> torch.Tensor:
        return F.conv1d(F.pad(x, (0, 1), value=-math.inf), kernel)

    found = equivalent(padded, lambda x: x, (1, 1, 3))
    assert found.verdict is Verdict.REFUTED
    assert found.reason.startswith("nan instead of 0 at output [0, 0, 2]")


def test_one_weight_of_one_channel_apart() -> None:
    """A kernel that differs in one weight is refuted."""
    other = KERNEL.clone()
    other[1, 1, 2] += 1e-4
    found = equivalent(
        lambda x: F.conv1d(x, KERNEL), lambda x: F.conv1d(x, other), (1, 2, 5)
    )  # fmt: skip
    assert found.verdict is Verdict.REFUTED


def test_a_normalisation_made_on_the_way_is_read() -> None:
    """Its numbers lie where terms are kept; what depends on the input is refused there."""

    def module(x: torch.Tensor, mean: float | None = 1.0) -> torch.Tensor:
        layer = torch.nn.BatchNorm1d(2, eps=0.0).eval()
        assert layer.running_mean is not None
        layer.running_mean.copy_(x[0, 0, :1] if mean is None else torch.tensor([mean]))
        return layer(x)  # type: ignore[no-any-return]

    assert equivalent(module, lambda x: x - 1, (2, 2, 3)).verdict is Verdict.PROVED_BOUNDED
    assert equivalent(module, lambda x: x, (2, 2, 3)).verdict is Verdict.REFUTED
    asked = equivalent(lambda x: module(x, None), lambda x: x - x[0, 0, :1], (2, 2, 3))
    assert asked.verdict is Verdict.TESTED
    assert "statistics or weights that depend on the input" in asked.reason
