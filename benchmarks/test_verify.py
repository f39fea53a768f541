"""How long the command line takes: whole processes, as a user starts them.

No time is a limit here: a second run is held against the first, and a compiled sweep against torch.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path
from statistics import median
from typing import Any

import pytest

ROOT = Path(__file__).parents[1]


def run(*arguments: str) -> None:
    """Run ``python -m verify`` to its end; fail if it does."""
    subprocess.run(
        [sys.executable, "-m", "verify", *arguments],
        cwd=ROOT, check=True, stdout=subprocess.DEVNULL,
    )  # fmt: skip


@pytest.mark.parametrize("argument", ["--help", "list"])
def test_answers_without_engines(benchmark: Any, argument: str) -> None:
    """What loads no engine answers at once."""
    benchmark.pedantic(run, args=(argument,), rounds=5, warmup_rounds=1)


def test_verify_all(benchmark: Any, tmp_path: Path) -> None:
    """Everything, on all cores; again, with all answers stored, in a quarter of the time."""
    environment = {**os.environ, "POOLPROOF_CACHE": str(tmp_path)}

    def seconds() -> float:
        start = time.perf_counter()
        subprocess.run(
            [sys.executable, "-m", "verify", "all"],
            cwd=ROOT, check=True, env=environment, stdout=subprocess.DEVNULL,
        )  # fmt: skip
        return time.perf_counter() - start

    first = benchmark.pedantic(seconds, rounds=1)
    again = seconds()
    benchmark.extra_info["again_of_the_first"] = round(again / first, 2)
    if benchmark.stats is not None:
        assert again <= first / 4


@pytest.mark.parametrize("system", ["float16", "bfloat16"])
def test_a_sweep_with_errors(benchmark: Any, system: str) -> None:
    """The compiled sweep of 4 million pairs is eight times as fast as torch's blocks, at least."""
    import torch

    from proofs.systems import SYSTEMS
    from proofs.systems.floats import FloatFormat
    from proofs.terms import relu, variables
    from verify.sweeps.blocks import InTorch, rows_in_torch
    from verify.sweeps.elements import elements
    from verify.sweeps.program import measuring
    from verify.sweeps.sweep import ROWS, Block, Compiled, Work, sweep

    torch.set_num_threads(1)
    a, b = variables("a b")
    form, target, columns = relu(a - b) + b, a.maximum(b), elements(system, 0).non_negative
    one = SYSTEMS[system]
    assert isinstance(one, FloatFormat)
    block = Block((0, 128), (0, columns))
    ways: dict[str, tuple[Work, int]] = {
        "compiled": (Compiled(measuring(form, target, one), 0), ROWS),
        "torch": (InTorch(form, target, system, "cpu", 0), rows_in_torch("cpu", columns)),
    }

    def seconds(way: str) -> float:
        work, rows = ways[way]
        start = time.process_time()
        assert sweep(work, block.cut(rows), workers=1).pairs == 128 * columns
        return time.process_time() - start

    seconds("compiled"), seconds("torch")
    times = median(seconds("torch") / seconds("compiled") for _ in range(5))
    benchmark.extra_info["times_as_fast"] = round(times, 1)
    benchmark.pedantic(seconds, ("compiled",), rounds=5)
    if benchmark.stats is not None:
        assert times >= 8


def test_verify_one_cell(benchmark: Any) -> None:
    """One claim in one number system: mostly the imports of its engines."""
    arguments = ("all", "-k", "max-is-relu", "--system", "int8", "-j", "1")
    benchmark.pedantic(run, args=arguments, rounds=3)
