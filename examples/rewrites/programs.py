"""Whole programs: Python loops, decisions, several inputs, scripts, compiled code, benchmarks."""

from __future__ import annotations

import math
import warnings
from functools import partial
from pathlib import Path
from typing import Any

import torch
import torch.nn.functional as F
from torch import nn

from examples.rewrites.pair import Network, Pair, pair

LINE = (1, 1, 4)
HERE = Path(__file__).parent


# -- loops ---------------------------------------------------------------------------------------


def chapter(
    x: torch.Tensor, pool_size: tuple[int, int] = (2, 2), mode: str = "max"
) -> torch.Tensor:
    """``pool2d`` of Dive into Deep Learning, over one plane."""
    rows, columns = pool_size
    y = torch.zeros((x.shape[0] - rows + 1, x.shape[1] - columns + 1))
    for i in range(y.shape[0]):
        for j in range(y.shape[1]):
            if mode == "max":
                y[i, j] = x[i : i + rows, j : j + columns].max()
            elif mode == "avg":
                y[i, j] = x[i : i + rows, j : j + columns].mean()
    return y


def filled_in_place(x: torch.Tensor, last: int = 4) -> torch.Tensor:
    y = torch.full((*x.shape[:-1], x.shape[-1] // 4), -math.inf)
    for k in range(last):
        y[...] = torch.maximum(y, x[..., k::4])
    return y


def with_if(x: torch.Tensor, larger: bool = True) -> torch.Tensor:
    best = x[0, 0, 0]
    for k in range(1, x.shape[-1]):
        if (x[0, 0, k] > best) == larger:
            best = x[0, 0, k]
    return best.reshape(1, 1, 1)


def with_max(x: torch.Tensor, first: int = 0) -> torch.Tensor:
    rows = [max(x[0, 0, k + first : k + 2]) for k in range(0, x.shape[-1], 2)]
    return torch.stack(rows).reshape(1, 1, -1)


def sorted_in_python(x: torch.Tensor, place: int = -1) -> torch.Tensor:
    ordered: list[torch.Tensor] = sorted(x[0, 0, :3])
    return ordered[place].reshape(1, 1, 1)


def by_another_way(x: torch.Tensor) -> torch.Tensor:
    if bool((x <= 0).all()):
        return torch.minimum(-x[..., ::2], -x[..., 1::2]).neg()
    return F.max_pool1d(x, 2)


def by_sign(x: torch.Tensor, ask: Network = torch.amin) -> torch.Tensor:
    if ask(x) >= 0:
        return F.max_pool1d(F.pad(x, (1, 1)), 3, 2)
    return F.max_pool1d(x, 3, 2, 1)


def wrong_far_below(x: torch.Tensor) -> torch.Tensor:
    return F.max_pool1d(x, 2) if bool((x > -50).any()) else F.avg_pool1d(x, 2)


def bubble(x: torch.Tensor, rounds: int = 3) -> torch.Tensor:
    taps = list(x.unfold(-1, 4, 4).unbind(-1))
    for _ in range(rounds):
        for k in range(3):
            low, high = torch.minimum(taps[k], taps[k + 1]), torch.maximum(taps[k], taps[k + 1])
            taps[k], taps[k + 1] = low, high
    return taps[-1]


# -- several inputs, two dimensions --------------------------------------------------------------


def of_two(x: torch.Tensor, y: torch.Tensor, slope: float = 1.0) -> torch.Tensor:
    return F.relu(x - y) + slope * y


def masked_mean(x: torch.Tensor, weight: torch.Tensor, eps: float = 0.0) -> torch.Tensor:
    total = F.avg_pool1d(weight.abs() + 1, 2)
    return F.avg_pool1d(x * (weight.abs() + 1), 2) / (total + eps)


def weighted_mean(x: torch.Tensor, weight: torch.Tensor) -> torch.Tensor:
    shares = (weight.abs() + 1).unfold(-1, 2, 2)
    return (x.unfold(-1, 2, 2) * shares).sum(-1) / shares.sum(-1)


def one_plane(x: torch.Tensor, size: int = 2) -> torch.Tensor:
    return x[: x.shape[0] // 2 * 2, : x.shape[1] // 2 * 2].reshape(2, 2, 2, 2).amax((1, size + 1))


# -- scripts and compiled code -------------------------------------------------------------------


class Fold(nn.Module):
    """A fold over slices, to be scripted."""

    def __init__(self, taps: int = 4) -> None:
        super().__init__()
        self.taps = taps

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        best = x[..., 0::4]
        for k in range(1, self.taps):
            best = torch.relu(x[..., k::4] - best) + best
        return best


def scripted(module: nn.Module) -> Any:
    """Turn a module into TorchScript, which torch 2.13 calls deprecated."""
    script: Any = torch.jit.script
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return script(module)


def traced(network: Network) -> Any:
    """Record what a network does with zeros."""
    record: Any = torch.jit.trace
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return record(network, torch.zeros(LINE))


def compiled(network: Network) -> Any:
    """Compile by a backend that makes no machine code."""
    return torch.compile(network, backend="eager")


def pool(x: torch.Tensor) -> torch.Tensor:
    return torch.maximum(x[..., ::2], x[..., 1::2])


def mean(x: torch.Tensor) -> torch.Tensor:
    return (x[..., ::2] + x[..., 1::2]) / 2


def benchmarked(answer: str) -> nn.Module:
    """Return the ``ModelNew`` of a file as KernelBench has them, with the seed it sets."""
    from verify.judge.loading import load_kernelbench

    made: nn.Module = load_kernelbench(str(HERE / answer), str(HERE / "kernelbench_model.py"))[0]
    return made


def model() -> nn.Module:
    """Return the ``Model`` that answers are held against."""
    from verify.judge.loading import load_kernelbench

    where = str(HERE / "kernelbench_model.py")
    made: nn.Module = load_kernelbench(str(HERE / "kernelbench_right.py"), where)[1]
    return made


PAIRS = {
    "loops": [
        pair("the chapter's pool2d", "max_pool2d(2, 1)", (4, 4), chapter, "the mean", mode="avg"),
        pair("the chapter's pool2d, averaging", "avg_pool2d(2, 1)", (4, 4),
             partial(chapter, mode="avg"), "the maximum", mode="max"),
        pair("written in place", "max_pool1d(4)", (1, 2, 8), filled_in_place, "a tap left out",
             last=3),
        pair("if a tap is larger", "max_pool1d(4)", LINE, with_if, "if it is not", larger=False),
        pair("max() of elements", "max_pool1d(2)", LINE, with_max, "one of two", first=1),
        pair("sorted() of elements", "max_pool1d(3)", (1, 1, 3), sorted_in_python, "the middle",
             place=1),
        Pair("another way for negative inputs", "max_pool1d(2)", LINE, by_another_way,
             wrong_far_below, "the mean below −50"),
        pair("zeros beside what is not negative", "max_pool1d(3, 2, 1)", (1, 2, 9), by_sign,
             "by the sign of the mean", ask=torch.mean),
        pair("bubble sort", "max_pool1d(4)", (1, 2, 8), bubble, "no round", rounds=0),
    ],
    "several inputs, or two axes": [
        pair("the larger of two", torch.maximum, ((2, 3), (2, 3)), of_two, "half", slope=0.5),
        pair("a weighted mean", weighted_mean, ((1, 1, 4), (1, 1, 4)), masked_mean, "eps", eps=0.1),
        pair("one plane", "max_pool2d(2)", (4, 4), one_plane, "the wrong axis", size=1),
    ],
    "scripts and compiled code": [
        Pair("torch.jit.script", "max_pool1d(4)", (1, 2, 8), scripted(Fold()),
             scripted(Fold(3)), "a tap left out"),
        Pair("torch.jit.trace", "max_pool1d(2)", LINE, traced(pool), traced(mean), "the mean"),
        Pair("torch.compile", "max_pool1d(2)", LINE, compiled(pool), compiled(mean), "the mean"),
        Pair("KernelBench's ModelNew", model(), (2, 3, 8, 8), benchmarked("kernelbench_right.py"),
             benchmarked("kernelbench_wrong.py"), "zero padding"),
    ],
}  # fmt: skip
