"""How long the judge takes at the size of a real layer, beside a plain run of the module.

    python benchmarks/judge.py [HEIGHT]

Four ways to write a 3 × 3 maximum pooling with stride 2 and padding 1 on 1 × 64 × HEIGHT × HEIGHT
(112 without an argument), and two that are wrong in one place. Seconds are processor seconds.
"""

from __future__ import annotations

import math
import resource
import sys
import time
from collections.abc import Callable

import torch
import torch.nn.functional as F

from verify.judge import equivalent

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


def main() -> None:
    """Print a line for each."""
    side = int(sys.argv[1]) if len(sys.argv) > 1 else 112
    shape = (1, 64, side, side)
    networks: list[Network] = [
        unfold, tree, fold, rows_and_columns, one_place, one_far_number
    ]  # fmt: skip
    x = torch.randn(shape)
    for network in networks:
        network(x)
        start = time.process_time()
        network(x)
        plain = time.process_time() - start
        start = time.process_time()
        found = equivalent(network, "max_pool2d(3, 2, 1)", shape, timeout=600)
        spent = time.process_time() - start
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
        print(
            f"{network.__name__:17} {found.verdict!s:15} {spent:6.1f} s  "
            f"{spent / plain:6.0f} plain runs  {memory} MB at most so far"
        )


if __name__ == "__main__":
    main()
