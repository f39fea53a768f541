"""How long the judge takes at the size of a real layer, beside a plain run of the module.

    python -m benchmarks.judge [HEIGHT …] [--record]

Four ways to write a 3 × 3 maximum pooling with stride 2 and padding 1 on 1 × 64 × HEIGHT × HEIGHT
(112 and 224 without an argument), and three that are wrong in one place; each in a process of its
own. Seconds are processor seconds of one thread, memory is the most that the process held.
``--record`` writes them down in ``benchmarks/recorded/judge.json`` and in ``docs/rewrites.md``.
"""

from __future__ import annotations

import argparse
import datetime
import json
import math
import platform
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import torch
import torch.nn.functional as F

from verify.judge import equivalent

ROOT = Path(__file__).resolve().parents[1]
RECORD = ROOT / "benchmarks" / "recorded" / "judge.json"
PAGE = ROOT / "docs" / "rewrites.md"
BEGIN, END = "<!-- judge: begin -->\n", "<!-- judge: end -->\n"
#: Plain runs that are timed together.
RUNS = 10

Network = Callable[[torch.Tensor], torch.Tensor]


def unfold(x: torch.Tensor) -> torch.Tensor:
    """Take the largest of unfolded columns."""
    columns = F.unfold(F.pad(x, (1, 1, 1, 1), value=-math.inf), 3, stride=2)
    side = (x.shape[2] + 1) // 2
    return columns.reshape(*x.shape[:2], 9, -1).amax(2).reshape(*x.shape[:2], side, -1)


def tree(x: torch.Tensor) -> torch.Tensor:
    """Compare taps by ReLUs, pair by pair."""
    padded = F.pad(x, (1, 1, 1, 1), mode="replicate")
    end = (x.shape[2] - 1) // 2 * 2 + 1
    taps = [padded[..., i : i + end : 2, j : j + end : 2] for i in range(3) for j in range(3)]
    while len(taps) > 1:
        pairs = zip(taps[::2], taps[1::2], strict=False)
        joined = [F.relu(a - b) + b for a, b in pairs]
        taps = joined + (taps[-1:] if len(taps) % 2 else [])
    return taps[0]


def fold(x: torch.Tensor) -> torch.Tensor:
    """Fold taps that are one-hot convolutions."""
    padded = F.pad(x, (1, 1, 1, 1), mode="replicate")
    best: torch.Tensor | None = None
    for place in range(9):
        weight = torch.zeros(x.shape[1], 1, 3, 3)
        weight[:, 0, place // 3, place % 3] = 1
        tap = F.conv2d(padded, weight, stride=2, groups=x.shape[1])
        best = tap if best is None else F.relu(tap - best) + best
    assert best is not None
    return best


def rows_and_columns(x: torch.Tensor) -> torch.Tensor:
    """Pool along one axis and then along the other."""
    return F.max_pool2d(F.max_pool2d(x, (1, 3), (1, 2), (0, 1)), (3, 1), (2, 1), (1, 0))


def one_place(x: torch.Tensor) -> torch.Tensor:
    """Take a neighbour's maximum at one place of one channel."""
    y = fold(x).clone()
    y[0, 13, 20, 30] = y[0, 13, 20, 31]
    return y


def one_far_number(x: torch.Tensor) -> torch.Tensor:
    """Add something there where an element is large."""
    y = unfold(x).clone()
    y[0, 13, 20, 30] += F.relu(x[0, 13, 40, 60] - 1234.5)
    return y


def one_tap(x: torch.Tensor) -> torch.Tensor:
    """Leave a tap out at the last place of the last channel."""
    y = tree(x).clone()
    y[0, -1, -1, -1] = x[0, -1, -2:, -1].amax()
    return y


NETWORKS: tuple[Network, ...] = (
    unfold, tree, fold, rows_and_columns, one_place, one_far_number, one_tap,
)  # fmt: skip


def measured(name: str, side: int) -> dict[str, Any]:
    """Judge one of the networks here, and return what it took."""
    network = next(n for n in NETWORKS if n.__name__ == name)
    torch.set_num_threads(1)
    equivalent(
        network, "max_pool2d(3, 2, 1)", (1, 64, 42, 42), why=False
    )  # loads what is loaded once
    x = torch.randn(1, 64, side, side)
    network(x)
    start = time.process_time()
    for _ in range(RUNS):
        network(x)
    plain = (time.process_time() - start) / RUNS
    start = time.process_time()
    found = equivalent(network, "max_pool2d(3, 2, 1)", tuple(x.shape), timeout=600)
    spent = time.process_time() - start
    return {
        "network": name,
        "side": side,
        "verdict": str(found.verdict),
        "seconds": round(spent, 1),
        "plain_runs": round(spent / plain),
        "megabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }


def table(rows: Iterable[dict[str, Any]]) -> str:
    """Return the table of the page, as Markdown.

    >>> print(table([{"network": "one_tap", "side": 112, "verdict": "REFUTED", "seconds": 1.5,
    ...               "plain_runs": 30, "megabytes": 500}]), end="")
    | 1 × 64 × H × H | H | verdict | seconds | plain runs | MB |
    | --- | ---: | --- | ---: | ---: | ---: |
    | one tap | 112 | REFUTED | 1.5 | 30 | 500 |
    """
    lines = [
        "| 1 × 64 × H × H | H | verdict | seconds | plain runs | MB |",
        "| --- | ---: | --- | ---: | ---: | ---: |",
    ]
    for row in rows:
        name = row["network"].replace("_", " ")
        cells = (name, *(row[k] for k in ("side", "verdict", "seconds", "plain_runs", "megabytes")))
        lines.append(f"| {' | '.join(map(str, cells))} |")
    return "\n".join(lines) + "\n"


def main() -> None:
    """Print a line for each."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sides", type=int, nargs="*", metavar="HEIGHT")
    parser.add_argument("--record", action="store_true", help="write them down")
    parser.add_argument("--one", metavar="NAME", help=argparse.SUPPRESS)
    options = parser.parse_args()
    sides = options.sides or [112, 224]
    if options.one:
        print(json.dumps(measured(options.one, *sides)))
        return
    rows = []
    for side in sides:
        for network in NETWORKS:
            command = [
                sys.executable,
                "-m",
                "benchmarks.judge",
                str(side),
                "--one",
                network.__name__,
            ]
            said = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT)
            rows.append(json.loads(said.stdout))
            print(table(rows[-1:]).splitlines()[-1], flush=True)
    if options.record:
        commit = subprocess.run(["git", "rev-parse", "HEAD"], capture_output=True, text=True,
                                check=True, cwd=ROOT).stdout.strip()  # fmt: skip
        made = {
            "date": datetime.datetime.now(tz=datetime.UTC).date().isoformat(),
            "commit": commit,
            "torch": torch.__version__,
            "processor": platform.machine(),
            "rows": rows,
        }
        RECORD.write_text(json.dumps(made, indent=1) + "\n", "utf-8")
        before, rest = PAGE.read_text("utf-8").split(BEGIN)
        PAGE.write_text(before + BEGIN + table(rows) + END + rest.split(END)[1], "utf-8")


if __name__ == "__main__":
    main()
