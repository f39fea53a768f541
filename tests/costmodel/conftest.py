"""The brute-force count that the formulas have to match.

A number that notes what is done to it goes through the reference definition, which knows nothing
of any formula.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

import numpy
import pytest

import pooling


class Counted:
    """A number that notes each comparison, addition, … and power in ``log``; signs are free."""

    def __init__(self, value: float, log: Counter[str]) -> None:
        self.value = value
        self.log = log

    def __ge__(self, other: Counted) -> bool:
        self.log["comparisons"] += 1
        return self.value >= other.value

    def __le__(self, other: Counted) -> bool:
        self.log["comparisons"] += 1
        return self.value <= other.value

    def __add__(self, other: Counted) -> Counted:
        self.log["additions"] += 1
        return Counted(self.value + other.value, self.log)

    def __mul__(self, factor: int) -> Counted:
        self.log["multiplications"] += 1
        return Counted(self.value * factor, self.log)

    def __pow__(self, exponent: float) -> Counted:
        self.log["powers"] += 1
        return Counted(abs(self.value) ** float(exponent), self.log)

    def __abs__(self) -> Counted:
        return Counted(abs(self.value), self.log)

    def __truediv__(self, divisor: int) -> Counted:
        self.log["divisions"] += 1
        return Counted(self.value / divisor, self.log)


def _count(definition: str, shape: tuple[int, ...], **arguments: Any) -> Counter[str]:
    log: Counter[str] = Counter()
    values = numpy.random.default_rng(0).standard_normal(shape)
    counted = numpy.frompyfunc(lambda value: Counted(value, log), 1, 1)(values)
    getattr(pooling, definition)(counted, **arguments)
    return log


@pytest.fixture(scope="session")
def count_operations() -> Callable[..., Counter[str]]:
    """Return a function that counts what a reference definition does, by kind of operation."""
    return _count
