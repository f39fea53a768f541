"""Spatial pyramid pooling has as many outputs for every size of its input, each with a tap.

A level of m outputs along an axis has the windows of adaptive pooling, [⌊i·n/m⌋, ⌈(i + 1)·n/m⌉)
for i from 0 to m − 1, whatever n ≥ 1. None is empty, even if the input has fewer elements than the
level has bins, and none reaches outside; the first begins where the input does, the last ends where
it ends, and no element is left out in between. So the levels have Σm outputs along one axis, Σm² in
an image, and a linear layer may follow. An ordinary pooling has ⌊(n − k)/s⌋ + 1 outputs,
which changes with n, and none at all for n < k.
"""

from __future__ import annotations

from dataclasses import replace

from pooling.windows import adaptive_window
from proofs.claim import PROVED, Check, CheckFailedError, Claim, Theorem, expect
from proofs.terms import variables
from proofs.verdict import Verdict

n, m, i, k, s = variables("n m i k s")
CVC5 = {"cvc5": "nonlinear integer division: cvc5 runs out of steps"}

start, end = adaptive_window(n, m, i)
next_start, _ = adaptive_window(n, m, i + 1)
first, _ = adaptive_window(n, m, i - i)
_, last = adaptive_window(n, m, m - 1)
BIN = (n >= 1, m >= 1, i >= 0, i < m)
#: Elements along an axis for which the outputs are counted one by one.
MOST = 40
LEVELS = (1, 2, 4)


def counted() -> str:
    """Pool inputs of every size up to :data:`MOST` to the levels of the paper.

    Raises ``CheckFailedError`` if there are other outputs than bins, or one without a tap.
    """
    import numpy

    import pooling

    for size in range(1, MOST + 1):
        pooled = pooling.spatial_pyramid_pool(
            numpy.ones((1, size)), tuple([(level,) for level in LEVELS])
        )
        if pooled.tolist() != [[1.0] * sum(LEVELS)]:
            raise CheckFailedError(f"{size} elements: {pooled.tolist()}")
    return f"1 to {MOST} elements: {sum(LEVELS)} outputs, each with a tap"


inside = Theorem(
    (0 <= start) & (start < end) & (end <= n),
    where=BIN,
    name="no bin is empty, and none reaches outside",
    beyond=CVC5,
)
covered = Theorem(
    (first == 0) & (next_start <= end) & (last == n),
    where=BIN,
    name="the bins begin and end with the input, and leave nothing out",
    beyond=CVC5,
)

claim = Claim(
    __name__,
    title="Each level of spatial pyramid pooling has its bins for every input size: none empty, "
    "none outside, no element left out.",
    holds="n ≥ 1 elements and m ≥ 1 bins along an axis, m > n included; axes one by one",
    why="Bins are ⌊i·n/m⌋ to ⌈(i + 1)·n/m⌉, so how many there are does not depend on n.",
    source="He, Zhang, Ren and Sun 2014, section 2.2: outputs of a fixed length whatever the size",
    generality="all sizes and all numbers of bins, along each axis",
    parts=(
        inside,
        covered,
        Check(
            "count",
            "certificate",
            counted,
            Verdict.PROVED_BOUNDED,
            ("integer",),
            bound=f"n ≤ {MOST}, levels {', '.join(map(str, LEVELS))}",
            cross_check=True,
        ),
    ),
    expected=expect(PROVED, "integer"),
    mutants={
        "bins share nothing": replace(covered, conclusion=next_start == end),
        "rounded down at both ends": replace(inside, conclusion=start < (i + 1) * n // m),
        "an ordinary pooling has as many, too": Theorem(
            (n - k) // s + 1 == (n + s - k) // s + 1, where=(s >= 1, k >= 1, n >= k)
        ),
    },
)
