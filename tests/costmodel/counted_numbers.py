"""The brute-force count that the formulas have to match.

A number that notes what is done to it goes through the reference definition, which knows nothing
of any formula.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable
from typing import Any

import numpy

import pooling


class Counted:
    """A number that notes each comparison, addition, … and exponential in a log; signs are free."""

    def __init__(self, value: float, log: Counter[str]) -> None:
        self.value = value
        self.noted = log

    def __ge__(self, other: Counted | float) -> bool:
        self.noted["comparisons"] += 1
        return self.value >= _value(other)

    def __gt__(self, other: Counted | float) -> bool:
        self.noted["comparisons"] += 1
        return self.value > _value(other)

    def __lt__(self, bound: float) -> bool:
        # Asked of an input, whether it is allowed, and by no pooling.
        return self.value < bound

    def __le__(self, other: Counted | float) -> bool:
        self.noted["comparisons"] += 1
        return self.value <= _value(other)

    def __add__(self, other: Counted | float) -> Counted:
        self.noted["additions"] += 1
        return Counted(self.value + _value(other), self.noted)

    def __sub__(self, other: Counted | float) -> Counted:
        self.noted["additions"] += 1
        return Counted(self.value - _value(other), self.noted)

    def __mul__(self, factor: Counted | float) -> Counted:
        self.noted["multiplications"] += 1
        return Counted(self.value * _value(factor), self.noted)

    def __pow__(self, exponent: float) -> Counted:
        self.noted["powers"] += 1
        return Counted(abs(self.value) ** float(exponent), self.noted)

    def __abs__(self) -> Counted:
        return Counted(abs(self.value), self.noted)

    def __truediv__(self, divisor: Counted | float) -> Counted:
        self.noted["divisions"] += 1
        return Counted(self.value / _value(divisor), self.noted)

    def exp(self) -> Counted:
        """Return e to the power of this, by the name that NumPy would call."""
        self.noted["exponentials"] += 1
        return Counted(math.exp(self.value), self.noted)

    def log(self) -> Counted:
        """Return the natural logarithm."""
        self.noted["exponentials"] += 1
        return Counted(math.log(self.value), self.noted)


def _value(number: Counted | float) -> float:
    return number.value if isinstance(number, Counted) else number


def counted(
    definition: str | Callable[..., Any], shape: tuple[int, ...], **arguments: Any
) -> Counter[str]:
    """Return what a reference definition does to an input of a shape, by kind of operation."""
    log: Counter[str] = Counter()
    values = numpy.random.default_rng(0).standard_normal(shape)
    counted = numpy.frompyfunc(lambda value: Counted(value, log), 1, 1)(values)
    pool = getattr(pooling, definition) if isinstance(definition, str) else definition
    pool(counted, **arguments)
    return log
