"""Speed of the rebuilt poolings on the stem of ResNet-50: 1×64×112×112, windows of 3, stride 2.

Beside each other: torch's own pooling, every scheme with and without skips, and the fold over
one-hot convolutions that is the most popular answer, with a depthwise convolution per tap, which is
the cheapest form of it that is right for more than one channel.
"""

from __future__ import annotations

import ctypes
import os
import time
from collections.abc import Callable, Iterator, Mapping
from statistics import median
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor

import pooling
from benchmarks.copies import copies
from pooling.rebuilt.maximum import SCHEMES
from pooling.rebuilt.plain import NETWORKS

STEM: dict[str, Any] = dict(kernel_size=3, stride=2, padding=1)

#: The calls in a row of one turn.
UNCOUNTED, COUNTED = 4, 8

Pool = Callable[[Tensor], Tensor]


def popular_answer(channels: int) -> Pool:
    """Return the fold over one-hot convolutions, its weights made beforehand."""
    weights = torch.eye(9).reshape(9, 1, 1, 3, 3).expand(9, channels, 1, 3, 3).contiguous()

    def pool(x: Tensor) -> Tensor:
        x = F.pad(x, (1, 1, 1, 1), mode="replicate")
        maximum = torch.tensor(-torch.inf)
        for weight in weights:
            tap = F.conv2d(x, weight, stride=2, groups=channels)
            maximum = F.relu(maximum - tap) + tap
        return maximum

    return pool


MAXIMA: dict[str, Pool] = {
    "native": lambda x: F.max_pool2d(x, **STEM),
    "popular": popular_answer(64),
    **{scheme: pooling.MaxPool2d(**STEM, scheme=scheme) for scheme in SCHEMES},
    **{f"{name}-plain": pooling.MaxPool2d(**STEM, scheme=name, skips=False) for name in NETWORKS},
}

AVERAGES: dict[str, Pool] = {
    "native": lambda x: F.avg_pool2d(x, **STEM),
    "convolution": pooling.AvgPool2d(**STEM),
    "convolution-and-scale": pooling.AvgPool2d(**STEM, count_include_pad=False),
}


@pytest.fixture
def x() -> Iterator[Tensor]:
    """Return the input of the stem, with two threads and no gradients."""
    threads = torch.get_num_threads()
    torch.set_num_threads(2)
    with torch.no_grad():
        yield torch.randn(1, 64, 112, 112, generator=torch.Generator().manual_seed(0))
    torch.set_num_threads(threads)


def keep_memory() -> None:
    """Have glibc keep what is freed, so that no turn pays for memory given back in another."""
    allocator = getattr(ctypes.CDLL(None), "mallopt", None) if os.name == "posix" else None
    if allocator is not None:
        for parameter, size in ((-1, 1 << 30), (-2, 64 << 20), (-3, 32 << 20)):
            allocator(parameter, size)


def medians_in_turns(
    pools: Mapping[str, Callable[[Tensor], Any]],
    x: Tensor,
    rounds: int,
    clock: Callable[[], float] = time.perf_counter,
) -> dict[str, float]:
    """Return the median seconds of each, a few calls of each in turns.

    In turns, so that all meet the same disturbances; a few calls, of which the first do not count,
    because they pay for memory that the one before has given back to the system.
    """
    times: dict[str, list[float]] = {name: [] for name in pools}
    for _ in range(rounds):
        for name, pool in pools.items():
            for call in range(UNCOUNTED + COUNTED):
                start = clock()
                pool(x)
                if call >= UNCOUNTED:
                    times[name].append(clock() - start)
    return {name: median(seconds) for name, seconds in times.items()}


@pytest.mark.parametrize("name", MAXIMA)
def test_max_pool(benchmark: Any, x: Tensor, name: str) -> None:
    """One max-pooling of the stem; all give the same maxima."""
    pooled = benchmark(MAXIMA[name], x)
    assert torch.allclose(pooled, F.max_pool2d(x, **STEM), atol=1e-4)


@pytest.mark.parametrize("name", AVERAGES)
def test_avg_pool(benchmark: Any, x: Tensor, name: str) -> None:
    """One average pooling of the stem."""
    pooled = benchmark(AVERAGES[name], x)
    assert pooled.shape == (1, 64, 56, 56)


def test_max_pool_in_turns(benchmark: Any, x: Tensor) -> None:
    """Separable beside torch's max-pooling and the popular answer, in turns."""
    pools = {name: MAXIMA[name] for name in ("native", "popular", "separable")}
    seconds = benchmark.pedantic(medians_in_turns, (pools, x, 15))
    benchmark.extra_info |= {name: round(1e3 * value, 3) for name, value in seconds.items()}


def test_separable_beside_copies(benchmark: Any, x: Tensor) -> None:
    """Separable takes no more than 2.5 times as long as copies of the bytes that it moves."""
    torch.set_num_threads(1)
    keep_memory()
    copy, often = copies(MAXIMA["separable"], x)
    pools: dict[str, Callable[[Tensor], Any]] = {
        "separable": MAXIMA["separable"], "copies": lambda _: copy()
    }  # fmt: skip
    seconds = benchmark.pedantic(medians_in_turns, (pools, x, 15, time.process_time))
    times = seconds["separable"] / (often * seconds["copies"])
    benchmark.extra_info["times_as_long"] = round(times, 2)
    if benchmark.stats is not None:
        assert times <= 2.5


def test_avg_pool_in_turns(benchmark: Any, x: Tensor) -> None:
    """The convolution beside torch's average pooling, in turns."""
    pools = {name: AVERAGES[name] for name in ("native", "convolution")}
    seconds = benchmark.pedantic(medians_in_turns, (pools, x, 15))
    benchmark.extra_info |= {name: round(1e3 * value, 3) for name, value in seconds.items()}
