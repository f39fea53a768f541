"""Speed of the cost model: one call, a batch of a million configurations, and the import.

Each is held against a peer or a limit that is measured in the same run, in turns, and never against
a clock: the fastest other counter, NumPy's own division, bare Python. All in processor time, so
that what else runs on the machine does not count; medians of ratios, since caches are shared.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from importlib import metadata
from statistics import median
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


Call = Callable[[], Any]
#: By how much one call is faster than whatever else counts operations, on tensors without data.
FASTER = 25
#: The calls beside it, by how many of the usual one they take at most.
CALLS: dict[str, tuple[str, tuple[int, ...], dict[str, Any], int]] = {
    "adaptive": ("adaptive_avg_pool2d", (1, 512, 13, 13), {"output_size": 7}, 2),
    "backward": ("avg_pool2d_backward", (1, 64, 112, 112), STEM, 3),
    "fractional": (
        "fractional_max_pool2d", (1, 64, 112, 112), {"kernel_size": 2, "output_size": 79}, 3,
    ),
    "lp": (
        "lp_pool2d", (1, 64, 112, 112), {"norm_type": 2, "kernel_size": 3, "stride": 2}, 3,
    ),
    "ragged": (
        "max_pool2d", (1, 64, 111, 93),
        {"kernel_size": (3, 5), "stride": (2, 1), "padding": (1, 2)}, 4,
    ),
}  # fmt: skip
#: NumPy divides a million integers so many times while as many configurations are counted, that is
#: at ten million a second where it divides 600 million in one.
DIVISIONS = 60


def ratio(slower: Call, faster: Call, *, rounds: int = 15, calls: int = 1, of: int = 1) -> float:
    """Return how many times as long one call takes as another, in turns: the median of ratios.

    In each round ``slower`` is called ``calls`` times and ``faster`` ``of`` times.
    """

    def seconds(call: Call, number: int) -> float:
        start = time.process_time()
        for _ in range(number):
            call()
        return (time.process_time() - start) / number

    slower(), faster()
    return median(seconds(slower, calls) / seconds(faster, of) for _ in range(rounds))


def usual() -> Any:
    """Count the stem of ResNet."""
    return costmodel.flops("max_pool2d", (1, 64, 112, 112), **STEM)


@pytest.mark.filterwarnings("ignore")  # of other counters
def test_one_call(benchmark: Any) -> None:
    """The usual call beside every other counter there is here, on tensors without data."""
    import torch

    from benchmarks.other_counters import COUNTERS, Model

    installed = {one.metadata["Name"].lower() for one in metadata.distributions()}
    torch.set_num_threads(1)
    model = Model(torch.nn.MaxPool2d(3, 2, 1)).to("meta")
    x = torch.zeros(1, 64, 112, 112, device="meta")
    found = {}
    for name, counter in COUNTERS.items():
        if counter.distribution.lower() in installed and name != "torch.profiler":
            count = counter.load()
            found[name] = ratio(lambda count=count: count(model, x), usual, calls=20, of=300)  # type: ignore[misc]
    benchmark.extra_info |= {name: round(times) for name, times in found.items()}
    benchmark(usual)
    assert len(found) >= 4
    if benchmark.stats is not None:  # None where benchmarks are switched off
        assert min(found.values()) >= FASTER, found


@pytest.mark.parametrize("name", CALLS)
def test_other_calls(benchmark: Any, name: str) -> None:
    """Beside the usual call; nothing is cached."""
    operator, shape, arguments, most = CALLS[name]

    def call() -> Any:
        return costmodel.flops(operator, shape, **arguments)

    benchmark.extra_info["usual_calls"] = times = round(ratio(call, usual, calls=300, of=300), 2)
    benchmark(call)
    if benchmark.stats is not None:
        assert times <= most


def test_one_call_with_a_layer(benchmark: Any) -> None:
    """A layer of torch.nn in place of the operator takes no more than twice as long."""
    from torch import nn

    layer = nn.MaxPool2d(3, 2, 1)

    def call() -> Any:
        return costmodel.flops(layer, (1, 64, 112, 112))

    benchmark.extra_info["usual_calls"] = times = round(ratio(call, usual, calls=300, of=300), 2)
    benchmark(call)
    if benchmark.stats is not None:
        assert times <= 2


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
    """A NumPy batch of random two-dimensional configurations, beside NumPy's own division."""

    def batch() -> Any:
        return costmodel.flops("max_pool2d", shape, **arguments)

    divisions = ratio(batch, lambda: SIZES[0] // WINDOWS["stride"][0], of=5)
    benchmark.extra_info["divisions"] = round(divisions, 1)
    flops = benchmark.pedantic(batch, rounds=10)
    assert flops.shape == (CONFIGURATIONS,)
    if benchmark.stats is not None:
        rate = CONFIGURATIONS / benchmark.stats.stats.min
        benchmark.extra_info["million_a_second"] = round(rate / 1e6, 1)
        assert divisions <= DIVISIONS


def test_import(benchmark: Any) -> None:
    """Loading the package takes no longer than three starts of bare Python."""

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
        assert loaded - bare <= 3 * bare
