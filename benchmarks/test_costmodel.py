"""Speed of the cost model: one call, a batch of a million configurations, and the import."""

from __future__ import annotations

import subprocess
import sys
import time
from typing import Any

import numpy
import pytest

import costmodel

CONFIGURATIONS = 1_000_000


@pytest.mark.parametrize(
    ("operator", "shape", "arguments"),
    [
        ("max_pool2d", (1, 64, 112, 112), dict(kernel_size=3, stride=2, padding=1)),
        ("max_pool2d", (1, 64, 111, 93), dict(kernel_size=(3, 5), stride=(2, 1), padding=(1, 2))),
        ("adaptive_avg_pool2d", (1, 512, 13, 17), dict(output_size=7)),
        ("lp_pool2d", (1, 64, 112, 112), dict(norm_type=2, kernel_size=3, stride=2)),
        ("fractional_max_pool2d", (1, 64, 112, 112), dict(kernel_size=2, output_size=79)),
        ("avg_pool2d_backward", (1, 64, 112, 112), dict(kernel_size=3, stride=2, padding=1)),
    ],
    ids=["square", "ragged", "adaptive", "lp", "fractional", "backward"],
)
def test_one_call(
    benchmark: Any, operator: str, shape: tuple[int, ...], arguments: dict[str, Any]
) -> None:
    """One call takes less than 20 microseconds; nothing is cached between calls."""
    benchmark(costmodel.flops, operator, shape, **arguments)
    if benchmark.stats is not None:  # None where benchmarks are switched off
        assert benchmark.stats.stats.min < 20e-6


def test_one_call_with_a_layer(benchmark: Any) -> None:
    """A layer of torch.nn in place of the operator takes less than 30 microseconds."""
    from torch import nn

    benchmark(costmodel.flops, nn.MaxPool2d(3, 2, 1), (1, 64, 112, 112))
    if benchmark.stats is not None:
        assert benchmark.stats.stats.min < 30e-6


def test_a_million_configurations(benchmark: Any) -> None:
    """A NumPy batch of random two-dimensional configurations takes less than two seconds."""
    generator = numpy.random.default_rng(0)
    kernel_size = generator.integers(1, 8, (2, CONFIGURATIONS))
    shape = (
        generator.integers(1, 9, CONFIGURATIONS),
        generator.integers(1, 513, CONFIGURATIONS),
        *generator.integers(8, 256, (2, CONFIGURATIONS)),
    )
    flops = benchmark.pedantic(
        costmodel.flops,
        ("max_pool2d", shape),
        dict(
            kernel_size=tuple(kernel_size),
            stride=tuple(generator.integers(1, 5, (2, CONFIGURATIONS))),
            padding=tuple(generator.integers(0, kernel_size // 2 + 1)),
        ),
        rounds=3,
    )
    assert flops.shape == (CONFIGURATIONS,)
    if benchmark.stats is not None:
        assert benchmark.stats.stats.min < 2


def test_import(benchmark: Any) -> None:
    """Loading the package takes less than 30 milliseconds on top of bare Python."""

    def seconds(code: str) -> float:
        start = time.perf_counter()
        subprocess.run([sys.executable, "-c", code], check=True)
        return time.perf_counter() - start

    bare = min(seconds("pass") for _ in range(7))
    benchmark.pedantic(seconds, ("import costmodel",), rounds=7)
    benchmark.extra_info["bare_python_ms"] = round(bare * 1e3, 1)
    if benchmark.stats is not None:
        assert benchmark.stats.stats.min - bare < 30e-3
