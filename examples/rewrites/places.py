"""Places of extremes, sorting, masks."""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F

from examples.rewrites.pair import pair

POOL, SMALL = "max_pool2d(2)", (1, 2, 4, 4)


def windows(x: torch.Tensor) -> torch.Tensor:
    """Return the four taps of every 2 × 2 window along the last axis."""
    return x.unfold(-2, 2, 2).unfold(-2, 2, 2).flatten(-2)


# -- places --------------------------------------------------------------------------------------


def gathered(x: torch.Tensor, sign: int = 1) -> torch.Tensor:
    taps = windows(x)
    return taps.gather(-1, (sign * taps).argmax(-1, keepdim=True)).squeeze(-1)


def one_hot(x: torch.Tensor, off: int = 0) -> torch.Tensor:
    taps = windows(x)
    return (taps * F.one_hot((taps.argmax(-1) + off) % 4, 4)).sum(-1)


def from_indices(x: torch.Tensor, transposed: bool = False) -> torch.Tensor:
    pooled, places = F.max_pool2d(x, 2, return_indices=True)
    plane = x.mT if transposed else x
    return plane.flatten(2).gather(2, places.flatten(2)).reshape(pooled.shape)


def unpooled(x: torch.Tensor, divisor: int = 1) -> torch.Tensor:
    pooled, places = F.max_pool2d(x, 2, return_indices=True)
    return F.avg_pool2d(F.max_unpool2d(pooled, places, [2, 2]), 2, divisor_override=divisor)


def by_row_and_column(x: torch.Tensor, width: int = 2) -> torch.Tensor:
    place = windows(x).argmax(-1)
    rows = 2 * torch.arange(2)[:, None] + place // width
    columns = 2 * torch.arange(2) + place % 2
    batch = torch.arange(x.shape[0])[:, None, None, None]
    return x[batch, torch.arange(x.shape[1])[:, None, None], rows, columns]


def scattered_mask(x: torch.Tensor, value: float = 1.0) -> torch.Tensor:
    taps = windows(x)
    mask = torch.zeros_like(taps).scatter_(-1, taps.max(-1, keepdim=True).indices, value)
    return (taps * mask).sum(-1)


def read_in_python(x: torch.Tensor, largest: bool = True) -> torch.Tensor:
    taps = x.reshape(-1, 2)
    return torch.stack(
        [row[int(row.argmax() if largest else row.argmin())] for row in taps]
    ).reshape(*x.shape[:-1], -1)


# -- sorting -------------------------------------------------------------------------------------


def last_of_sorted(x: torch.Tensor, place: int = -1) -> torch.Tensor:
    return windows(x).sort(-1).values[..., place]


def by_topk(x: torch.Tensor, largest: bool = True) -> torch.Tensor:
    return windows(x).topk(1, largest=largest).values.squeeze(-1)


def by_kthvalue(x: torch.Tensor, k: int = 4) -> torch.Tensor:
    return windows(x).kthvalue(k, -1).values


def last_of_cummax(x: torch.Tensor, place: int = -1) -> torch.Tensor:
    return windows(x).cummax(-1).values[..., place]


def by_argsort(x: torch.Tensor, place: int = -1) -> torch.Tensor:
    taps = windows(x)
    return taps.gather(-1, taps.argsort(-1)[..., place:][..., :1]).squeeze(-1)


def mean_of_sorted(x: torch.Tensor, least: int = 0) -> torch.Tensor:
    return windows(x).sort(-1).values[..., least:].mean(-1)


def median_of_three(x: torch.Tensor, middle: bool = True) -> torch.Tensor:
    taps = x.unfold(-1, 3, 3)
    return taps.median(-1).values if middle else taps.mean(-1)


def by_extremes(x: torch.Tensor) -> torch.Tensor:
    taps = x.unfold(-1, 3, 3)
    return taps.sum(-1) - taps.amax(-1) - taps.amin(-1)


# -- masks ---------------------------------------------------------------------------------------


def chosen(x: torch.Tensor, strict: bool = True) -> torch.Tensor:
    best, *others = windows(x).unbind(-1)
    for tap in others:
        best = torch.where(tap > best, tap, best if strict else torch.zeros_like(best))
    return best


def filled(x: torch.Tensor, fill: float = -math.inf) -> torch.Tensor:
    taps = windows(x)
    hidden = taps < taps.mean(-1, keepdim=True)
    return taps.masked_fill(hidden, fill).amax(-1)


def written_where(x: torch.Tensor, from_first: bool = False) -> torch.Tensor:
    first, *others = x.unfold(-1, 4, 4).unbind(-1)
    best = first.clone()
    for tap in others:
        larger = tap > (first if from_first else best)
        best[larger] = tap[larger]
    return best


def by_products(x: torch.Tensor, strict: bool = True) -> torch.Tensor:
    a, b = x[..., ::2], x[..., 1::2]
    return a * (a > b) + b * ((b > a) if not strict else (a <= b))


def sum_of_the_positive(x: torch.Tensor, least: float = 0.0) -> torch.Tensor:
    return (x * (x > least)).reshape(*x.shape[:-1], -1, 2).sum(-1) / 2


def logical(x: torch.Tensor, both: bool = True) -> torch.Tensor:
    a, b, c = x.unfold(-1, 3, 3).unbind(-1)
    first = (a >= b) & (a >= c) if both else (a >= b) | (a >= c)
    second = ~first & (b >= c)
    return a * first + b * second + c * ~(first | second)


def exclusive(x: torch.Tensor, other: bool = True) -> torch.Tensor:
    a, b = x[..., ::2], x[..., 1::2]
    swapped = (a < b) ^ (a < a)
    return torch.where(torch.logical_not(swapped), a, b if other else a)


LINE = (1, 2, 6)
PAIRS = {
    "positions": [
        pair("gather at argmax", POOL, SMALL, gathered, "at argmin", sign=-1),
        pair("one_hot of argmax", POOL, SMALL, one_hot, "the next place", off=1),
        pair("return_indices and gather", POOL, SMALL, from_indices, "transposed", transposed=True),
        pair("max_unpool and its sum", POOL, (1, 1, 4, 4), unpooled, "the mean", divisor=4),
        pair("rows and columns of argmax", POOL, SMALL, by_row_and_column, "width 3", width=3),
        pair("a scattered mask", POOL, SMALL, scattered_mask, "a half", value=0.5),
        pair("argmax read in Python", "max_pool1d(2)", (1, 1, 4), read_in_python, "argmin",
             largest=False),
    ],
    "sorting": [
        pair("the last of sorted taps", POOL, SMALL, last_of_sorted, "the last but one", place=-2),
        pair("topk", POOL, SMALL, by_topk, "the smallest", largest=False),
        pair("kthvalue", POOL, SMALL, by_kthvalue, "the third", k=3),
        pair("cummax", POOL, SMALL, last_of_cummax, "one tap too early", place=-2),
        pair("gather at argsort", POOL, SMALL, by_argsort, "the second largest", place=-2),
        pair("the mean of sorted taps", "avg_pool2d(2)", SMALL, mean_of_sorted, "one left out",
             least=1),
        pair("median of three", by_extremes, LINE, median_of_three, "the mean", middle=False),
    ],
    "masks": [
        pair("where a tap is larger", POOL, SMALL, chosen, "0 where not", strict=False),
        pair("masked_fill below the mean", POOL, (1, 1, 4, 4), filled, "filled by 0", fill=0.0),
        pair("best[m] = tap[m]", "max_pool1d(4)", (1, 1, 4), written_where, "against the first",
             from_first=True),
        pair("comparisons as factors", "max_pool1d(2)", LINE, by_products, "none at ties",
             strict=False),
        pair("the mean of what is positive", lambda x: F.avg_pool1d(F.relu(x), 2), LINE,
             sum_of_the_positive, "above 1", least=1.0),
        pair("& and ~ of masks", "max_pool1d(3)", LINE, logical, "| for &", both=False),
        pair("^ and logical_not", "max_pool1d(2)", LINE, exclusive, "one side only", other=False),
    ],
}  # fmt: skip
