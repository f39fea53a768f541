"""Max-pooling as a ReLU network: how deep and wide, what it costs, how fast and exact it is.

    python -m benchmarks.networks

measures every network beside torch's own max-pooling, writes the figures to
``benchmarks/recorded/networks.json``, and the tables of ``docs/networks.md``. Depths, channels,
operations and bounds are no measurements: they are read off the networks and the cost model
whenever the tables are made.
"""

from __future__ import annotations

import json
import os
import platform
import time
from collections.abc import Callable, Iterator
from datetime import date
from fractions import Fraction
from math import prod
from pathlib import Path
from typing import Any, NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn

import costmodel
import pooling
from pooling.networks import Network, rounding_error, shallow, tree

ROOT = Path(__file__).resolve().parents[1]
RECORD = ROOT / "benchmarks" / "recorded" / "networks.json"
PAGE = ROOT / "docs" / "networks.md"
BEGIN, END = "<!-- networks: begin -->\n", "<!-- networks: end -->\n"

WINDOWS = [(3,), (5,), (7,), (2, 2), (3, 3), (5, 5)]
STRIDE = 2
#: The sizes of an image of 64 channels that is pooled for time, by its axes.
IMAGES = {1: (3136,), 2: (56, 56)}
ROUNDS = 31
#: How many windows are drawn for accuracy.
DRAWN = 50_000
#: dtype → u, half the distance from 1 to the next number.
UNITS = {torch.float32: Fraction(1, 2**24), torch.float16: Fraction(1, 2**11)}


class Form(NamedTuple):
    """A rebuilt max-pooling of a window, and the network that it is if it has no skips."""

    window: tuple[int, ...]
    scheme: str
    non_negative: bool
    network: Network | None

    @property
    def taps(self) -> int:
        """The elements of the window."""
        return prod(self.window)

    @property
    def name(self) -> str:
        """How the record calls it."""
        inputs = "≥ 0" if self.non_negative else "any"
        skips = ", skips" if self.network is None else ""
        return f"{written(self.window)}, {self.scheme}{skips}, {inputs}"

    def module(self, stride: int = STRIDE) -> nn.Module:
        """Return the module of :mod:`pooling` that computes it."""
        make = {1: pooling.MaxPool1d, 2: pooling.MaxPool2d}[len(self.window)]
        return make(
            self.window,
            stride,
            scheme=self.scheme,
            skips=self.network is None,
            non_negative=self.non_negative,
        )

    def widths(self) -> tuple[int, ...]:
        """Return the ReLUs of every hidden layer; with skips one for each merge of a round."""
        if self.network is not None:
            return self.network.widths
        merges, values = [], self.taps
        while values > 1:
            merges.append(values // 2)
            values -= values // 2
        return tuple(merges)

    def operations(self) -> int:
        """Return what the cost model counts for one output: convolutions and ReLUs, or merges."""
        counted = costmodel.of_model(self.module(), (1, 1, *self.window))
        return int(counted.total.flops)

    def of_definition(self) -> int:
        """Return the comparisons of a max-pooling for one output."""
        return int(costmodel.flops(*self._one_window()))

    def claim(self) -> str:
        """Return the id of the claim that proves it."""
        if self.network is None:
            return "max-pool-is-tree"
        if self.scheme == "tree":
            return "tree-depth"
        return {9: "max-of-nine-in-three-layers"}.get(self.taps, "max-of-five-in-two-layers")

    def bound(self, dtype: torch.dtype) -> float:
        """Return what the error is at most, over u times the largest absolute input."""
        u = UNITS[dtype]
        if self.network is not None:
            return float(rounding_error(self.network, u) / u)
        # (1 + ε)^levels − 1 times max − min, as the module says, which is at most twice that.
        return float(2 * ((1 + 2 * u / (1 + u)) ** len(self.widths()) - 1) / u)

    def _one_window(self) -> tuple[str, tuple[int, ...], tuple[int, ...]]:
        return f"max_pool{len(self.window)}d", (1, *self.window), self.window


def forms() -> Iterator[Form]:
    """Yield what the tables have rows for; a shallow network that is the tree has none."""
    for window in WINDOWS:
        yield Form(window, "tree", False, None)
        for non_negative in (False, True):
            in_pairs, by_fives = (make(prod(window), non_negative) for make in (tree, shallow))
            yield Form(window, "tree", non_negative, in_pairs)
            if by_fives != in_pairs:
                yield Form(window, "shallow", non_negative, by_fives)


def main() -> None:
    """Measure, and write the record and the page."""
    record = measure()
    RECORD.write_text(json.dumps(record, indent=1, ensure_ascii=False) + "\n", "utf-8")
    PAGE.write_text(with_tables(PAGE.read_text("utf-8"), record), "utf-8")
    print(f"{RECORD.relative_to(ROOT)} and {PAGE.relative_to(ROOT)} are written")


def measure() -> dict[str, Any]:
    """Return the times over torch's and the errors of every form, and where they were taken."""
    torch.manual_seed(0)
    torch.set_num_threads(1)
    with torch.no_grad():
        times = {name: ratio for window in WINDOWS for name, ratio in times_native(window).items()}
        errors = {form.name: accuracy(form) for form in forms()}
    return {
        "date": date.today().isoformat(),
        "python": platform.python_version(),
        "torch": torch.__version__,
        "machine": f"one thread of {platform.machine()}, {platform.system()}, "
        f"{os.cpu_count()} CPU cores",
        "forms": {name: {"times_native": times[name], **errors[name]} for name in errors},
    }


def times_native(window: tuple[int, ...]) -> dict[str, float]:
    """Return how many times as long as torch's each form takes, run in turns."""
    x = torch.randn(1, 64, *IMAGES[len(window)]).abs()
    pools: dict[str, Callable[[Tensor], Tensor]] = {
        form.name: form.module() for form in forms() if form.window == window
    }
    pools["native"] = lambda x: native(x, window, STRIDE)
    seconds: dict[str, list[float]] = {name: [] for name in pools}
    for _ in range(ROUNDS):
        for name, pool in pools.items():
            start = time.perf_counter()
            pool(x)
            seconds[name].append(time.perf_counter() - start)
    # The least is what the others' load on the machine disturbs least.
    own = min(seconds.pop("native"))
    return {name: round(min(taken) / own, 2) for name, taken in seconds.items()}


def native(x: Tensor, window: tuple[int, ...], stride: int) -> Tensor:
    """Return torch's own max-pooling."""
    pooled: Tensor = {1: F.max_pool1d, 2: F.max_pool2d}[len(window)](x, window, stride)
    return pooled


def accuracy(form: Form) -> dict[str, Any]:
    """Return, by dtype, how many maxima are wrong and the worst error over u times the largest."""
    found = {}
    for dtype, u in UNITS.items():
        x = torch.randn(DRAWN, 1, *form.window)
        x = (x.abs() if form.non_negative else x).to(dtype)
        pooled = form.module(stride=1)(x).flatten().double()
        windows = x.flatten(1).double()
        error = (pooled - windows.amax(1)).abs()
        worst = (error / windows.abs().amax(1)).max() / float(u)
        found[_short(dtype)] = {
            "wrong": round((error > 0).double().mean().item(), 4),
            "worst": round(worst.item(), 1),
        }
    return found


def with_tables(page: str, record: dict[str, Any]) -> str:
    """Return ``page`` with what stands between its marks replaced by the tables of today."""
    before, rest = page.split(BEGIN)
    return before + BEGIN + tables(record) + END + rest.split(END)[1]


def tables(record: dict[str, Any]) -> str:
    """Return the generated part of the page."""
    measured = record["forms"]
    named = ["window", "network", "inputs"]
    taken = ["hidden layers", "channels", "neurons", "FLOPs per output", "× max-pooling", "claim"]
    found = ["time × torch's"]
    for dtype in UNITS:
        found += [f"{_short(dtype)}: wrong", "worst error", "proved bound"]
    parts = [
        "## What it takes",
        _table(named + taken, [_named(form) + _taken(form) for form in forms()]),
        "## How fast and how exact it is",
        f"Measured on {record['date']} with Python {record['python']} and torch "
        f"{record['torch']} on {record['machine']}.",
        _table(named + found, [_named(f) + _found(f, measured[f.name]) for f in forms()]),
    ]
    return "\n\n".join(parts) + "\n"


def _table(head: list[str], rows: list[list[str]]) -> str:
    return "\n".join(f"| {' | '.join(row)} |" for row in (head, ["---"] * len(head), *rows))


def _named(form: Form) -> list[str]:
    network = form.scheme if form.network else "with skips"
    return [written(form.window), network, "≥ 0" if form.non_negative else "any"]


def _taken(form: Form) -> list[str]:
    widths, operations = form.widths(), form.operations()
    return [
        str(len(widths)),
        ", ".join(map(str, widths)),
        str(sum(widths)),
        f"{operations:,}",
        f"{operations / form.of_definition():,.0f}",
        f"`{form.claim()}`",
    ]


def _found(form: Form, measured: dict[str, Any]) -> list[str]:
    cells = [f"{measured['times_native']:.2g}"]
    for dtype in UNITS:
        errors = measured[_short(dtype)]
        cells += [f"{errors['wrong']:.0%}", f"{errors['worst']:.1f}", f"{form.bound(dtype):,.0f}"]
    return cells


def _short(dtype: torch.dtype) -> str:
    return str(dtype).removeprefix("torch.")


def written(window: tuple[int, ...]) -> str:
    """Return 3 × 3 for (3, 3)."""
    return " × ".join(map(str, window))


if __name__ == "__main__":
    main()
