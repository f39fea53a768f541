"""Averages: running sums, scattered sums, convolutions, normalisation, interpolation, steps."""

from __future__ import annotations

from functools import partial

import torch
import torch.nn.functional as F
from torch import nn

from examples.rewrites.pair import Pair, pair

MEAN, SMALL, LINE = "avg_pool2d(2)", (1, 2, 4, 4), (1, 2, 6)


# -- convolutions --------------------------------------------------------------------------------


def ones(x: torch.Tensor) -> torch.Tensor:
    """Return a kernel of ones for every channel."""
    return torch.ones(x.shape[1], 1, 3, 3)


def counted(x: torch.Tensor, by_taps: bool = True) -> torch.Tensor:
    """Divide by how many taps lie inside, counted by a convolution of ones."""
    channels = x.shape[1]
    sums = F.conv2d(x, ones(x), stride=2, padding=1, groups=channels)
    inside = F.conv2d(torch.ones_like(x), ones(x), stride=2, padding=1, groups=channels)
    return sums / (inside if by_taps else 9)


def ninths(x: torch.Tensor, weight: float = 1 / 9) -> torch.Tensor:
    return F.conv2d(x, weight * ones(x), stride=2, padding=1, groups=x.shape[1])


def transposed(x: torch.Tensor, weight: float = 0.25) -> torch.Tensor:
    """Spread every element over a window, and take a corner of each."""
    kernel = torch.full((x.shape[1], 1, 2, 2), weight)
    return F.conv_transpose2d(x, kernel, groups=x.shape[1])[..., 1::2, 1::2]


def upsampled(x: torch.Tensor, stride: int = 2) -> torch.Tensor:
    """Copy every element to a 2 × 2 block by a transposed convolution."""
    kernel = torch.ones(x.shape[1], 1, 2, 2)
    return F.conv_transpose2d(x, kernel, stride=stride, groups=x.shape[1])[..., :6, :6]


# -- sums of all kinds ---------------------------------------------------------------------------


def integral_image(x: torch.Tensor, offset: int = 0) -> torch.Tensor:
    table = F.pad(x.cumsum(-1).cumsum(-2), (1, 0, 1, 0))
    below, right = table[..., 2::2, :], slice(2, None, 2)
    above, left = table[..., :-2:2, :], slice(offset, -2 + offset or None, 2)
    return (below[..., right] - below[..., left] - above[..., right] + above[..., left]) / 4


def running(x: torch.Tensor, first: int = 0) -> torch.Tensor:
    sums = F.pad(x.cumsum(-1), (1, 0))
    return (sums[..., 3:] - sums[..., first : first + x.shape[-1] - 2]) / 3


def scattered(x: torch.Tensor, last: int = 2) -> torch.Tensor:
    places = torch.tensor([0, 0, 1, 1, 2, last]).expand(x.shape)
    return x.new_zeros(*x.shape[:-1], 3).scatter_add(-1, places, x) / 2


def index_added(x: torch.Tensor, alpha: float = 0.5) -> torch.Tensor:
    places = torch.arange(6) // 2
    return x.new_zeros(*x.shape[:-1], 3).index_add_(-1, places, alpha * x)


def scatter_reduced(x: torch.Tensor, how: str = "mean") -> torch.Tensor:
    places = (torch.arange(6) // 2).expand(x.shape)
    return x.new_zeros(*x.shape[:-1], 3).scatter_reduce(-1, places, x, how, include_self=False)


def put(x: torch.Tensor, accumulate: bool = True) -> torch.Tensor:
    places = torch.arange(6) // 2
    return x.new_zeros(3).index_put_((places,), x[0, 0], accumulate)[None, None] / 2


def folded(x: torch.Tensor, count: float = 2.0) -> torch.Tensor:
    """Overlapping windows added up again, over how many there are of each element."""
    columns = F.unfold(x, (1, 2))
    sums = F.fold(columns, x.shape[2:], (1, 2))
    covered = torch.tensor([1.0, *[count] * (x.shape[-1] - 2), 1.0])
    return F.avg_pool2d(sums / covered, 2)


def as_product(x: torch.Tensor, share: float = 0.5) -> torch.Tensor:
    spread = torch.eye(3).repeat_interleave(2, 0) * share
    return x @ spread


def globally(x: torch.Tensor, over: int = 16) -> torch.Tensor:
    return x.flatten(2).sum(-1)[..., None, None] / over


def adaptive(x: torch.Tensor, cut: int = 2) -> torch.Tensor:
    """Two windows over five elements overlap: 0 to 2, and 2 to 4."""
    return torch.stack([x[..., :3].mean(-1), x[..., cut:5].mean(-1)], -1)


# -- normalisation and interpolation -------------------------------------------------------------


class Normalised(nn.Module):
    """A batch normalisation that does nothing in eval, after a mean."""

    def __init__(self, scale: float = 1.0) -> None:
        super().__init__()
        self.norm = nn.BatchNorm2d(2, eps=0.0)
        nn.init.constant_(self.norm.weight, scale)
        self.eval()

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        normalised: torch.Tensor = self.norm(F.avg_pool2d(x, 2))
        return normalised


class Standardised(nn.Module):
    """A mean of what a batch normalisation shifted and scaled, and scaled and shifted back."""

    def __init__(self, mean: float = 0.5) -> None:
        super().__init__()
        self.norm = nn.BatchNorm2d(2, eps=0.0, affine=False)
        self.mean = mean
        for statistic, value in ((self.norm.running_mean, 0.5), (self.norm.running_var, 4.0)):
            assert statistic is not None
            statistic.fill_(value)
        self.eval()

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return F.avg_pool2d(self.norm(x), 2) * 2 + self.mean


def resized(x: torch.Tensor, mode: str = "bilinear", corners: bool | None = None) -> torch.Tensor:
    return F.interpolate(x, scale_factor=0.5, mode=mode, align_corners=corners)


# -- steps ---------------------------------------------------------------------------------------


def by_sign(x: torch.Tensor, half: float = 0.5) -> torch.Tensor:
    a, b = x[..., ::2], x[..., 1::2]
    s = torch.sign(a - b)
    return a * (1 + s) * half + b * (1 - s) * half


def by_fmax(x: torch.Tensor, least: bool = False) -> torch.Tensor:
    a, b = x[..., ::2], x[..., 1::2]
    return torch.fmin(a, b) if least else torch.fmax(a, b)


def by_floor(x: torch.Tensor, up: bool = False) -> torch.Tensor:
    """Pool what was rounded down: rounding down keeps the order."""
    pooled = F.max_pool1d(x, 2)
    return pooled.ceil() if up else -(-pooled).ceil()


def by_rounding(x: torch.Tensor, to_even: bool = True) -> torch.Tensor:
    pooled = F.max_pool1d(x, 2)
    return -(-pooled).round() if to_even else (pooled + 0.5).floor()


def by_heaviside(x: torch.Tensor, at_zero: float = 0.0) -> torch.Tensor:
    a, b = x[..., ::2], x[..., 1::2]
    step = torch.heaviside(b - a, torch.tensor(at_zero))
    return a + (b - a) * step + (step == 0.5) * 1.0


PAIRS = {
    "convolutions": [
        pair("conv(x, 1) / conv(1, 1)", "avg_pool2d(3, 2, 1, count_include_pad=False)",
             (1, 2, 5, 5), counted, "over nine", by_taps=False),
        pair("a kernel of 1/9", "avg_pool2d(3, 2, 1)", (1, 2, 5, 5), ninths, "0.11", weight=0.11),
        pair("a transposed convolution", MEAN, SMALL, transposed, "a third", weight=1 / 3),
        pair("copies by conv_transpose", lambda x: F.interpolate(x, scale_factor=2), (1, 2, 3, 3),
             upsampled, "stride 3", stride=3),
    ],
    "sums": [
        pair("an integral image", MEAN, SMALL, integral_image, "one column off", offset=1),
        pair("running sums", "avg_pool1d(3, 1)", LINE, running, "one further on", first=1),
        pair("scatter_add", "avg_pool1d(2)", LINE, scattered, "one in the wrong bin", last=1),
        pair("index_add", "avg_pool1d(2)", LINE, index_added, "a third", alpha=1 / 3),
        pair("scatter_reduce", "avg_pool1d(2)", LINE, scatter_reduced, "amax", how="amax"),
        pair("index_put, accumulating", "avg_pool1d(2)", (1, 1, 6), put, "written over",
             accumulate=False),
        pair("fold of unfold", MEAN, SMALL, folded, "counted thrice", count=3.0),
        pair("a matrix product", "avg_pool1d(2)", LINE, as_product, "a third", share=1 / 3),
        pair("a global sum", "adaptive_avg_pool2d(1)", SMALL, globally, "over 15", over=15),
        pair("adaptive windows", "adaptive_avg_pool1d(2)", (1, 2, 5), adaptive, "no overlap",
             cut=3),
    ],
    "normalisation": [
        Pair("batch_norm after a mean", MEAN, SMALL, Normalised(), Normalised(1.01), "scaled"),
        Pair("batch_norm undone", MEAN, SMALL, Standardised(), Standardised(0.25), "shifted"),
    ],
    "interpolation": [
        pair("bilinear by halves", MEAN, SMALL, resized, "aligned corners", corners=True),
        Pair("area", MEAN, SMALL, partial(resized, mode="area"),
             partial(resized, mode="nearest"), "nearest"),
        Pair("linear", "avg_pool1d(2)", LINE, partial(resized, mode="linear"),
             partial(resized, mode="linear", corners=True), "aligned corners"),
    ],
    "steps": [
        pair("by the sign of a difference", "max_pool1d(2)", LINE, by_sign, "0.4", half=0.4),
        pair("fmax", "max_pool1d(2)", LINE, by_fmax, "fmin", least=True),
        pair("floor and ceil", lambda x: F.max_pool1d(x, 2).floor(), LINE, by_floor, "up", up=True),
        pair("round", lambda x: F.max_pool1d(x, 2).round(), LINE, by_rounding, "halves up",
             to_even=False),
        pair("heaviside", "max_pool1d(2)", LINE, by_heaviside, "1 at ties", at_zero=0.5),
    ],
}  # fmt: skip
