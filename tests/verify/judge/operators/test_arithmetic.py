"""Operators on single elements: their terms are what torch computes, and equal their spelling."""

from __future__ import annotations

import math
from collections.abc import Callable

import pytest
import torch
import torch.nn.functional as F

from proofs.verdict import Verdict
from verify.judge import equivalent

Network = Callable[[torch.Tensor], torch.Tensor]

SPELLED: list[tuple[Network, Network]] = [
    (lambda x: torch.add(x, x, alpha=3), lambda x: 4 * x),
    (lambda x: torch.rsub(x, 2.0), lambda x: 2 - x),
    (lambda x: x.reciprocal() * 3, lambda x: 3 / x),
    (lambda x: x.square(), lambda x: x * x),
    (lambda x: x.abs() ** 4, lambda x: x * x * x * x),
    (lambda x: (x * x).sqrt(), lambda x: x.abs()),
    (lambda x: torch.hypot(x, x.flip(0)), lambda x: (x * x + x.flip(0) ** 2).sqrt()),
    (lambda x: torch.nn.functional.elu(x, 2.0), lambda x: torch.where(x > 0, x, 2 * x.expm1())),
    (torch.nn.functional.hardsigmoid, lambda x: torch.nn.functional.relu6(x + 3) / 6),
    (torch.nn.functional.hardswish, lambda x: x * torch.nn.functional.hardsigmoid(x)),
    (lambda x: x.sum(0).nan_to_num(), lambda x: x.sum(0)),
    (lambda x: x**3, lambda x: x * x * x),
    (lambda x: x.pow(torch.tensor(2.0)), lambda x: x * x),
    (lambda x: (x * x + 1) ** 0.5, lambda x: (x * x + 1).sqrt()),
    (lambda x: (x * x + 1).rsqrt(), lambda x: 1 / (x * x + 1).sqrt()),
    (lambda x: torch.lerp(x, x * 3, 0.5), lambda x: 2 * x),
    (lambda x: torch.addcmul(x, x, x, value=2), lambda x: x + 2 * x * x),
    (lambda x: torch.addcdiv(x, x, x * x + 1), lambda x: x + x / (x * x + 1)),
    (lambda x: F.leaky_relu(x, 0.1), lambda x: torch.where(x > 0, x, 0.1 * x)),
    (lambda x: F.leaky_relu(x, 0.1), lambda x: torch.maximum(x, 0.1 * x)),
    (lambda x: F.prelu(x, torch.tensor([0.25])), lambda x: torch.maximum(x, 0.25 * x)),
    (lambda x: F.threshold(x, 1.0, -2.0), lambda x: torch.where(x > 1, x, -2.0)),
    (lambda x: F.hardtanh(x), lambda x: x.clamp(-1, 1)),
    (lambda x: F.relu6(x), lambda x: x.clamp(0, 6)),
    (lambda x: x.clamp_min(1), lambda x: torch.maximum(x, torch.tensor(1.0))),
    (lambda x: x.clamp_max(1), lambda x: torch.minimum(x, torch.tensor(1.0))),
    (lambda x: x.sign() * 2, lambda x: 2 * ((x > 0).float() - (x < 0).float())),
    (lambda x: x.abs(), lambda x: torch.maximum(x, -x)),
    (lambda x: +x, lambda x: x),
    (lambda x: torch.exp(x) * torch.exp(x), lambda x: torch.exp(2 * x)),
    (lambda x: (x.exp()).log(), lambda x: x),
    (lambda x: torch.sigmoid(x + x), lambda x: torch.sigmoid(2 * x)),
    (lambda x: torch.tanh(x + x), lambda x: torch.tanh(2 * x)),
    (lambda x: (x > 0) * x, lambda x: F.relu(x)),
    (lambda x: x.clone().mul_(2).add_(1), lambda x: 2 * x + 1),
    (lambda x: x.expm1() + 1, lambda x: x.exp()),
    (lambda x: (x * x).log1p(), lambda x: (x * x + 1).log()),
    (lambda x: x.exp2().log2(), lambda x: x),
    (lambda x: (x * x + 1).log10() * math.log(10), lambda x: (x * x + 1).log()),
    (lambda x: torch.logaddexp(x, 2 * x), lambda x: (x.exp() + x.exp() ** 2).log()),
    (lambda x: F.softplus(x, 2.0), lambda x: torch.where(2 * x > 20, x, (2 * x).exp().log1p() / 2)),
    (lambda x: F.logsigmoid(x), lambda x: -(1 + x.neg().exp()).log()),
    (lambda x: F.silu(x), lambda x: x / (1 + x.neg().exp())),
    (lambda x: torch.tanh(x), lambda x: (x.exp() - x.neg().exp()) / (x.exp() + x.neg().exp())),
    (lambda x: x.floor(), lambda x: -(-x).ceil()),
    (lambda x: (2 * x).floor(), lambda x: (x + x).floor()),
    (lambda x: x.round(), lambda x: -(-x).round()),
    (lambda x: x.trunc(), lambda x: torch.where(x >= 0, x.floor(), x.ceil())),
    (lambda x: x.frac(), lambda x: x - x.trunc()),
    (lambda x: x // 2, lambda x: (x / 2).floor()),
    (lambda x: torch.div(x, 2, rounding_mode="trunc"), lambda x: (x / 2).trunc()),
    (lambda x: x % 2, lambda x: x - 2 * (x / 2).floor()),
    (lambda x: torch.fmod(x, 2), lambda x: x - 2 * (x / 2).trunc()),
    (lambda x: torch.mul(x, 2, out=torch.empty(4)), lambda x: x + x),
]


@pytest.mark.parametrize(("network", "spelled"), SPELLED)
def test_operators_equal_their_spelling(network: Network, spelled: Network) -> None:
    """Over the reals, and every run is what the terms say."""
    found = equivalent(network, spelled, (4,))
    assert found.verdict is Verdict.PROVED_BOUNDED, found.reason


@pytest.mark.parametrize(
    "network",
    [
        lambda x: x * 1.001,
        lambda x: x + 1e-3,
        lambda x: F.relu(x + 1) - 1,
        lambda x: x.round(),
        lambda x: x.floor(),
        lambda x: x.trunc(),
        lambda x: x - x.frac(),
        lambda x: x % 1e6,
    ],
)
def test_near_misses_are_refuted(network: Network) -> None:
    """What is nearly x is not x."""
    assert equivalent(network, lambda x: x, (4,)).verdict is Verdict.REFUTED
