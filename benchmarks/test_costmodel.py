"""Speed of the cost model: one call, a batch of a million configurations, and the import.

All in processor time, so that what else runs on the machine does not count, and the best of many
runs, since caches are shared all the same.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import time
from typing import Any

import numpy
import pytest

import costmodel

pytestmark = pytest.mark.benchmark(timer=time.process_time)

CONFIGURATIONS = 1_000_000

RANDOM = numpy.random.default_rng(0)
LEADING = (RANDOM.integers(1, 9, CONFIGURATIONS), RANDOM.integers(1, 513, CONFIGURATIONS))
SIZES = tuple(RANDOM.integers(8, 256, (2, CONFIGURATIONS)))
KERNEL_SIZES = tuple(RANDOM.integers(1, 8, (2, CONFIGURATIONS)))
WINDOWS: dict[str, Any] = {
    "kernel_size": KERNEL_SIZES,
    "stride": tuple(RANDOM.integers(1, 5, (2, CONFIGURATIONS))),
    "padding": tuple(RANDOM.integers(0, size // 2 + 1) for size in KERNEL_SIZES),
}
STEM = {"kernel_size": 3, "stride": 2, "padding": 1}


@pytest.mark.parametrize(
    ("operator", "shape", "arguments", "microseconds"),
    [
        ("max_pool2d", (1, 64, 112, 112), STEM, 10),
        ("adaptive_avg_pool2d", (1, 512, 13, 13), {"output_size": 7}, 10),
        ("avg_pool2d_backward", (1, 64, 112, 112), STEM, 15),
        ("fractional_max_pool2d", (1, 64, 112, 112), {"kernel_size": 2, "output_size": 79}, 15),
        ("lp_pool2d", (1, 64, 112, 112), {"norm_type": 2, "kernel_size": 3, "stride": 2}, 15),
        (
            "max_pool2d",
            (1, 64, 111, 93),
            {"kernel_size": (3, 5), "stride": (2, 1), "padding": (1, 2)},
            20,
        ),
    ],
    ids=["square", "adaptive", "backward", "fractional", "lp", "ragged"],
)
def test_one_call(
    benchmark: Any,
    operator: str,
    shape: tuple[int, ...],
    arguments: dict[str, Any],
    microseconds: int,
) -> None:
    """The usual call takes less than 10 microseconds, others up to 20; nothing is cached."""
    benchmark(costmodel.flops, operator, shape, **arguments)
    if benchmark.stats is not None:  # None where benchmarks are switched off
        assert benchmark.stats.stats.min < microseconds * 1e-6


def test_one_call_with_a_layer(benchmark: Any) -> None:
    """A layer of torch.nn in place of the operator takes less than 15 microseconds."""
    from torch import nn

    benchmark(costmodel.flops, nn.MaxPool2d(3, 2, 1), (1, 64, 112, 112))
    if benchmark.stats is not None:
        assert benchmark.stats.stats.min < 15e-6


@pytest.mark.parametrize(
    ("shape", "arguments"),
    [
        ((*LEADING, *SIZES), WINDOWS),
        ((*LEADING, *SIZES), STEM),
        ((*LEADING, 112, 112), STEM),
        ((1, 64, 112, 112), {"kernel_size": KERNEL_SIZES[0], "stride": 2}),
    ],
    ids=["everything", "shapes", "leading", "windows"],
)
def test_a_million_configurations(
    benchmark: Any, shape: tuple[Any, ...], arguments: dict[str, Any]
) -> None:
    """A NumPy batch of random two-dimensional configurations: ten million a second."""
    flops = benchmark.pedantic(costmodel.flops, ("max_pool2d", shape), arguments, rounds=20)
    assert flops.shape == (CONFIGURATIONS,)
    if benchmark.stats is not None:
        assert benchmark.stats.stats.min < CONFIGURATIONS / 10e6


def test_import(benchmark: Any) -> None:
    """Loading the package takes less than 30 milliseconds on top of bare Python."""

    def children() -> float:
        used = resource.getrusage(resource.RUSAGE_CHILDREN)
        return used.ru_utime + used.ru_stime

    # The first run leaves its bytecode, wherever Python has been told to leave none.
    environment = os.environ | {"PYTHONDONTWRITEBYTECODE": ""}

    def seconds(code: str) -> float:
        before = children()
        subprocess.run([sys.executable, "-c", code], check=True, env=environment)
        return children() - before

    bare = min(seconds("pass") for _ in range(20))
    loaded = min(seconds("import costmodel") for _ in range(20))
    benchmark.extra_info["bare_python_ms"] = round(bare * 1e3, 1)
    benchmark.extra_info["import_ms"] = round((loaded - bare) * 1e3, 1)
    benchmark.pedantic(subprocess.run, ([sys.executable, "-c", "import costmodel"],), rounds=1)
    if benchmark.stats is not None:
        assert loaded - bare < 30e-3
