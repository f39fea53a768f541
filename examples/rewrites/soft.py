"""Soft poolings: powers, exponentials and logarithms in other words."""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from torch import nn

from examples.rewrites.pair import Network, Pair, pair
from examples.rewrites.places import windows

SMALL, LINE = (1, 2, 4, 4), (1, 2, 6)


# -- generalised means ---------------------------------------------------------------------------


class GeM(nn.Module):
    """Generalised-mean pooling with a power that can be learnt, as image retrieval has it."""

    def __init__(self, p: float = 3.0, eps: float = 1e-6) -> None:
        super().__init__()
        self.p = nn.Parameter(torch.tensor([p]))
        self.eps = eps

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return F.avg_pool2d(x.clamp(min=self.eps).pow(self.p), 2).pow(1.0 / self.p)


def scaled_mean(x: torch.Tensor, p: float = 3) -> torch.Tensor:
    taps = windows(x).clamp(min=1e-6)
    largest = taps.amax(-1, keepdim=True)
    return largest[..., 0] * (taps / largest).pow(p).mean(-1).pow(1 / 3)


def by_logarithms(x: torch.Tensor, eps: float = 1e-6) -> torch.Tensor:
    return (3 * windows(x.clamp(min=eps)).log()).exp().mean(-1).pow(1 / 3)


# -- log-sum-exp ---------------------------------------------------------------------------------


def log_mean_exp(x: torch.Tensor, mean: bool = True) -> torch.Tensor:
    powers = windows(x).exp()
    return (powers.mean(-1) if mean else powers.sum(-1)).log()


def stable(x: torch.Tensor, back: bool = True) -> torch.Tensor:
    taps = windows(x)
    largest = taps.amax(-1, keepdim=True)
    return (taps - largest).exp().mean(-1).log() + (largest[..., 0] if back else 0)


def less_a_constant(x: torch.Tensor, count: int = 4) -> torch.Tensor:
    return windows(x).logsumexp(-1) - math.log(count)


def in_pairs(x: torch.Tensor, count: int = 2) -> torch.Tensor:
    return torch.logaddexp(x[..., ::2], x[..., 1::2]) - math.log(count)


def tempered(x: torch.Tensor, temperature: float = 0.5) -> torch.Tensor:
    return 0.5 * (windows(x) / temperature).exp().mean(-1).log()


# -- softmax -------------------------------------------------------------------------------------


def softpool(x: torch.Tensor, twice: bool = False) -> torch.Tensor:
    weights = x.exp() * (x.exp() if twice else 1)
    return F.avg_pool2d(weights * x, 2) / F.avg_pool2d(weights, 2)


def weighted(x: torch.Tensor, sharpness: float = 1.0) -> torch.Tensor:
    taps = windows(x)
    return (taps * F.softmax(sharpness * taps, -1)).sum(-1)


def relative(x: torch.Tensor, back: bool = True) -> torch.Tensor:
    taps = windows(x)
    mean = taps.mean(-1, keepdim=True)
    return (mean[..., 0] if back else 0) + ((taps - mean) * taps.softmax(-1)).sum(-1)


def gated(x: torch.Tensor, rate: float = 1.0) -> torch.Tensor:
    a, b = x[..., ::2], x[..., 1::2]
    return a * torch.sigmoid(rate * (a - b)) + b * torch.sigmoid(rate * (b - a))


def by_log_softmax(x: torch.Tensor, less: float = 0.0) -> torch.Tensor:
    taps = windows(x)
    return (taps * (F.log_softmax(taps, -1) - less).exp()).sum(-1)


# -- norms ---------------------------------------------------------------------------------------


def root_of_squares(x: torch.Tensor, count: float = 4.0) -> torch.Tensor:
    return F.avg_pool2d(x * x, 2).mul(count).sqrt()


def vector_norm(x: torch.Tensor, order: float = 2) -> torch.Tensor:
    norm: torch.Tensor = torch.linalg.vector_norm(windows(x), order, -1)
    return norm


def torch_lp(x: torch.Tensor, p: float = 2) -> torch.Tensor:
    return F.lp_pool2d(x, p, 2)


def largest_magnitude(x: torch.Tensor, magnitude: bool = True) -> torch.Tensor:
    taps = windows(x)
    return torch.maximum(taps.amax(-1), -taps.amin(-1)) if magnitude else taps.amax(-1)


# -- mixed ---------------------------------------------------------------------------------------


def blended(x: torch.Tensor, share: float = 0.3) -> torch.Tensor:
    return torch.lerp(windows(x).mean(-1), windows(x).amax(-1), share)


def negated(x: torch.Tensor, back: bool = True) -> torch.Tensor:
    return F.max_pool2d(-x, 2) * (-1 if back else 1)


def small(name: str, reference: str, network: Network, mistake: str, **changed: object) -> Pair:
    """Return a pair over a plane, or over a line."""
    shape = LINE if "1d" in reference else SMALL
    return pair(name, reference, shape, network, mistake, **changed)


PAIRS = {
    "generalised means": [
        Pair("GeM with a learnt power", "gem_pool2d(2)", SMALL, GeM(), GeM(2.0), "a square"),
        small("the largest tap divided out", "gem_pool2d(2)", scaled_mean, "a square", p=2),
        small("powers by logarithms", "gem_pool2d(2)", by_logarithms, "clamped at 0.1", eps=0.1),
    ],
    "log-sum-exp": [
        small("log of the mean of exp", "logsumexp_pool2d(2)", log_mean_exp, "of the sum",
              mean=False),
        small("the largest tap taken off", "logsumexp_pool2d(2)", stable, "not added again",
             back=False),
        small("logsumexp − log 4", "logsumexp_pool2d(2)", less_a_constant, "− log 5", count=5),
        small("logaddexp", "logsumexp_pool1d(2)", in_pairs, "− log 3", count=3),
        small("with a temperature", "logsumexp_pool2d(2, temperature=0.5)", tempered, "another",
             temperature=0.4),
    ],
    "softmax": [
        small("two average poolings", "softmax_pool2d(2)", softpool, "sharper", twice=True),
        small("softmax times taps", "softmax_pool2d(2)", weighted, "sharper", sharpness=2.0),
        small("relative to the mean", "softmax_pool2d(2)", relative, "not added again", back=False),
        small("two sigmoids", "softmax_pool1d(2)", gated, "sharper", rate=2.0),
        small("exp of log_softmax", "softmax_pool2d(2)", by_log_softmax, "scaled", less=0.1),
    ],
    "norms": [
        small("the root of a mean of squares", "lp_pool2d(2, 2)", root_of_squares, "over two",
             count=2.0),
        small("vector_norm", "lp_pool2d(2, 2)", vector_norm, "of order 1", order=1),
        small("torch's own lp_pool2d", "lp_pool2d(2, 2)", torch_lp, "p = 3", p=3),
        small("the largest magnitude", "lp_pool2d(1e999, 2)", largest_magnitude, "the largest",
             magnitude=False),
    ],
    "mixtures": [
        small("lerp of mean and maximum", "mixed_pool2d(2, proportion=0.3)", blended, "0.31",
             share=0.31),
        small("minus the maximum of −x", "min_pool2d(2)", negated, "not turned back", back=False),
    ],
}  # fmt: skip
