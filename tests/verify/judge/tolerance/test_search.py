"""The search finds what is known to be the worst, and its arithmetic is torch's and exact."""

from __future__ import annotations

from fractions import Fraction
from typing import cast

import numpy
import torch

from proofs.systems import SYSTEMS
from proofs.systems.floats import FloatFormat
from tests.verify.judge.tolerance.graphs import Element, pattern_of
from verify.judge.tolerance.search import WAYS, candidates, computed, precise

FLOAT16 = cast(FloatFormat, SYSTEMS["float16"])


def mean(*taps: Element) -> Element:
    """Return the mean of nine, tap after tap."""
    total = taps[0]
    for tap in taps[1:]:
        total = total + tap
    return total * Fraction(1, 9)


def test_it_climbs() -> None:
    """From 1.5 u, where samples end, to 3 u and more; candidates are in range, the worst first."""
    pattern = pattern_of(mean, 9, FLOAT16)

    def off(values: list[float]) -> float:
        x = list(torch.tensor(values, dtype=torch.float16)[:, None])
        made = float(computed(pattern, pattern.left, x))
        return abs(made - float(precise(pattern, pattern.left, [Fraction(v) for v in values])))

    def run(several: object) -> list[float]:
        columns = [list(torch.tensor(v, dtype=torch.float16)[:, None]) for v in several]  # type: ignore[attr-defined]
        return [float(computed(pattern, pattern.left, column)) for column in columns]

    found = candidates(pattern, [(-1, 1)] * 9, torch.float16, run=run)
    assert off(found[0]) >= 3 * 2**-11
    assert off(found[0]) >= off(found[-1])
    assert all(-1 <= value <= 1 for values in found for value in values)
    sampled = numpy.random.default_rng(1).uniform(-1, 1, (2000, 9)).astype(numpy.float16)
    assert max(off([float(v) for v in row]) for row in sampled[:200]) < off(found[0])


def test_ways_to_compute() -> None:
    """Products, quotients and sums in a wider dtype, as torch has them."""
    pattern = pattern_of(mean, 9, FLOAT16)
    x = torch.rand(9, 50, generator=torch.Generator().manual_seed(1)).half()
    made = {way: computed(pattern, pattern.left, list(x), way) for way in WAYS}
    total = x[0]
    for row in x[1:]:
        total = total + row
    quotient, product = total / 9, total * torch.tensor(1 / 9, dtype=torch.float16)
    for way, values in made.items():
        assert torch.equal(values, quotient if way.quotients else product) or way.wide
