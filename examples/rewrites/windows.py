"""Windows made of slices, of unfolded columns, of one-hot convolutions, of rows and columns."""

from __future__ import annotations

import math
from functools import partial

import torch
import torch.nn.functional as F

from examples.rewrites.pair import Pair, pair

POOL, PADDED = "max_pool2d(2)", "max_pool2d(3, 2, 1)"
SMALL, ODD = (1, 2, 4, 4), (1, 2, 5, 5)


def taps(x: torch.Tensor) -> list[torch.Tensor]:
    """Return the four taps of every 2 × 2 window."""
    return [x[..., i::2, j::2] for i in (0, 1) for j in (0, 1)]


# -- slices --------------------------------------------------------------------------------------


def stacked(x: torch.Tensor, count: int = 4) -> torch.Tensor:
    return torch.stack(taps(x)[:count]).amax(0)


def folded_by_relu(x: torch.Tensor, slope: float = 1) -> torch.Tensor:
    largest, *others = taps(x)
    for tap in others:
        largest = F.relu(tap - largest) + slope * largest
    return largest


def without_skips(x: torch.Tensor, both: bool = True) -> torch.Tensor:
    largest, *others = taps(x)
    for tap in others:
        largest = F.relu(tap - largest) + F.relu(largest) - (F.relu(-largest) if both else 0)
    return largest


def by_difference(x: torch.Tensor, half: float = 0.5) -> torch.Tensor:
    largest, *others = taps(x)
    for tap in others:
        largest = half * (tap + largest + (tap - largest).abs())
    return largest


def over_shifts(x: torch.Tensor, fill: float = -math.inf) -> torch.Tensor:
    padded = F.pad(x, (1, 1, 1, 1), value=fill)
    size = (x.shape[-1] - 1) // 2 + 1
    found = [padded[..., i : i + 2 * size - 1 : 2, j : j + 2 * size - 1 : 2]
             for i in range(3) for j in range(3)]  # fmt: skip
    return torch.stack(found).amax(0)


# -- trees ---------------------------------------------------------------------------------------


def tree(x: torch.Tensor, last: bool = True) -> torch.Tensor:
    a, b, c, d = taps(x)
    left, right = F.relu(a - b) + b, F.relu(c - d) + d
    return F.relu(left - right) + (right if last else left)


def tree_of_any_size(x: torch.Tensor, odd: bool = True) -> torch.Tensor:
    level = list(x.unfold(-1, 5, 5).unbind(-1))
    while len(level) > 1:
        pairs = [torch.maximum(a, b) for a, b in zip(level[::2], level[1::2], strict=False)]
        level = pairs + ([level[-1]] if odd and len(level) % 2 else [])
    return level[0]


# -- unfold --------------------------------------------------------------------------------------


def unfolded(x: torch.Tensor, axis: int = 2) -> torch.Tensor:
    columns = F.unfold(x, 2, stride=2).reshape(*x.shape[:2], 4, -1)
    if axis == 1:  # the taps of a channel taken for its channels
        columns = F.unfold(x, 2, stride=2).reshape(x.shape[0], 4, x.shape[1], -1).transpose(1, 2)
    return columns.amax(2).reshape(*x.shape[:2], x.shape[2] // 2, -1)


def unfolded_and_padded(x: torch.Tensor, fill: float = -math.inf) -> torch.Tensor:
    padded = F.pad(x, (1, 1, 1, 1), value=fill)
    windows = padded.unfold(2, 3, 2).unfold(3, 3, 2)
    return windows.amax((-1, -2))


def tensor_unfold(x: torch.Tensor, step: int = 2) -> torch.Tensor:
    return x.unfold(-1, 3, step).amax(-1)[..., :3]


def dilated_unfold(x: torch.Tensor, dilation: int = 2) -> torch.Tensor:
    columns = F.unfold(x, 2, dilation=dilation).reshape(*x.shape[:2], 4, -1)
    return columns.amax(2).reshape(*x.shape[:2], 3, 3)


# -- im2col by hand ------------------------------------------------------------------------------


def gathered_columns(x: torch.Tensor) -> torch.Tensor:
    starts = torch.arange(0, 3, 2)
    rows = starts[:, None, None, None] + torch.arange(2)[:, None]
    columns = starts[:, None, None] + torch.arange(2)
    return x[..., rows, columns].amax((-1, -2))


def strided(x: torch.Tensor, row: int = 8) -> torch.Tensor:
    y = x.contiguous()
    shape, strides = (*y.shape[:2], 2, 2, 2, 2), (*y.stride()[:2], row, 2, y.stride(2), 1)
    return y.as_strided(shape, strides).amax((-1, -2))


def strided_rows(x: torch.Tensor, overlap: int = 1) -> torch.Tensor:
    y = x.contiguous()
    return y.as_strided((*y.shape[:2], 4, 3), (*y.stride()[:2], overlap, 1)).amax(-1)


def reshaped(x: torch.Tensor, axes: tuple[int, int] = (3, 5)) -> torch.Tensor:
    n, c, h, w = x.shape
    return x.reshape(n, c, h // 2, 2, w // 2, 2).amax(axes)


def as_matrix(x: torch.Tensor, weight: float = 0.25) -> torch.Tensor:
    columns = F.unfold(x, 2, stride=2)
    kernel = torch.zeros(x.shape[1], columns.shape[1])
    for channel in range(x.shape[1]):
        kernel[channel, 4 * channel : 4 * channel + 4] = weight
    return (kernel @ columns).reshape(*x.shape[:2], x.shape[2] // 2, -1)


# -- one-hot convolutions ------------------------------------------------------------------------


def one_hot_fold(x: torch.Tensor, groups: bool = True) -> torch.Tensor:
    channels = x.shape[1]
    largest = torch.full((), -math.inf)
    for i in range(2):
        for j in range(2):
            kernel = torch.zeros(channels, 1 if groups else channels, 2, 2)
            kernel[:, :, i, j] = 1
            tap = F.conv2d(x, kernel, stride=2, groups=channels if groups else 1)
            largest = torch.maximum(largest, tap)
    return largest


def one_hot_filters(x: torch.Tensor, size: int = 4) -> torch.Tensor:
    kernels = torch.eye(4)[:size].reshape(size, 1, 2, 2).repeat(x.shape[1], 1, 1, 1)
    found = F.conv2d(x, kernels, stride=2, groups=x.shape[1])
    return found.reshape(x.shape[0], x.shape[1], size, *found.shape[2:]).amax(2)


def one_hot_padded(x: torch.Tensor, mode: str = "replicate") -> torch.Tensor:
    kernels = torch.eye(9).reshape(9, 1, 3, 3).repeat(x.shape[1], 1, 1, 1)
    found = F.conv2d(F.pad(x, (1, 1, 1, 1), mode=mode), kernels, stride=2, groups=x.shape[1])
    return found.reshape(x.shape[0], x.shape[1], 9, *found.shape[2:]).amax(2)


# -- rows, then columns --------------------------------------------------------------------------


def rows_then_columns(x: torch.Tensor, second: int = 2) -> torch.Tensor:
    rows = x.unfold(2, 2, 2).amax(-1)
    return torch.maximum(rows[..., ::2], rows[..., 1::2] if second == 2 else rows[..., ::2])


def two_poolings(x: torch.Tensor, stride: int = 2) -> torch.Tensor:
    rows = F.max_pool2d(x, (3, 1), (stride, 1), (1, 0))
    return F.max_pool2d(rows, (1, 3), (1, 2), (0, 1))[..., :3, :]


def three_small(x: torch.Tensor, size: int = 3) -> torch.Tensor:
    for _ in range(2):
        x = F.max_pool2d(x, size, 1, size // 2)
    return x


def doubling(x: torch.Tensor) -> torch.Tensor:
    for step in (1, 2, 4):
        x = torch.maximum(x[..., : x.shape[-1] - step], x[..., step:])
    return x


def ceiling(x: torch.Tensor, fill: float = -math.inf) -> torch.Tensor:
    return F.max_pool2d(F.pad(x, (0, 1, 0, 1), value=fill), 2)


PAIRS = {
    "slices": [
        pair("stacked slices", POOL, SMALL, stacked, "one tap left out", count=3),
        pair("a fold of ReLUs over slices", POOL, SMALL, folded_by_relu, "shrinks", slope=0.5),
        pair("a fold without skips", POOL, SMALL, without_skips, "negative ones lost", both=False),
        pair("by half the difference", POOL, SMALL, by_difference, "not quite half", half=0.51),
        pair("slices of a padded input", PADDED, ODD, over_shifts, "padded by 0", fill=0.0),
        Pair("padded by the least float", PADDED, ODD,
             partial(over_shifts, fill=torch.finfo(torch.float32).min),
             partial(over_shifts, fill=-1e9), "padded by −10⁹"),
    ],
    "tree": [
        pair("a tree of ReLUs", POOL, SMALL, tree, "the wrong one added back", last=False),
        pair("a tree over an odd number", "max_pool1d(5)", (1, 2, 10), tree_of_any_size,
             "the odd one left out", odd=False),
    ],
    "unfold": [
        pair("unfolded columns", POOL, SMALL, unfolded, "channels and taps exchanged", axis=1),
        pair("unfold of a padded input", PADDED, ODD, unfolded_and_padded, "padded by −1",
             fill=-1.0),
        pair("Tensor.unfold", "max_pool1d(3, 2)", (1, 2, 7), tensor_unfold, "stride 1", step=1),
        Pair("unfold with dilation", "max_pool2d(2, 1, dilation=2)", ODD, dilated_unfold,
             lambda x: dilated_unfold(x[..., :4, :4], 1), "no dilation"),
    ],
    "im2col": [
        Pair("columns by index", POOL, SMALL, gathered_columns,
             lambda x: gathered_columns(x.flip(-1)), "mirrored"),
        pair("as_strided windows", POOL, SMALL, strided, "one row down, not two", row=4),
        pair("as_strided rows", "max_pool1d(3, 1)", (1, 2, 6), strided_rows, "no step", overlap=0),
        Pair("axes split and reduced", POOL, SMALL, reshaped,
             lambda x: reshaped(x, (2, 4)), "the wrong axes"),
        pair("a matrix times columns", "avg_pool2d(2)", SMALL, as_matrix, "a third", weight=1 / 3),
    ],
    "one-hot convolutions": [
        pair("a fold from −∞", POOL, SMALL, one_hot_fold, "adds up channels", groups=False),
        pair("all taps by one convolution", POOL, SMALL, one_hot_filters, "three filters", size=3),
        pair("with replicated padding", PADDED, ODD, one_hot_padded, "zeros", mode="constant"),
    ],
    "rows, then columns": [
        pair("rows, then columns", POOL, SMALL, rows_then_columns, "rows only", second=1),
        pair("two poolings of one axis", PADDED, (1, 2, 6, 5), two_poolings, "stride 1", stride=1),
        pair("5 × 5 as 3 × 3 twice", "max_pool2d(5, 1, 2)", ODD, three_small, "1 × 1", size=1),
        Pair("eight taps in three steps", "max_pool1d(8, 1)", (1, 1, 12), doubling,
             lambda x: doubling(x).roll(1, -1), "one place off"),
        pair("ceil_mode by padding", "max_pool2d(2, ceil_mode=True)", ODD, ceiling,
             "padded by 0", fill=0.0),
    ],
}  # fmt: skip
