"""How much one rounding may cost in a binary float format, as fractions that are never too small.

Rounding is to nearest, ties to even, with gradual underflow. Every function here takes magnitudes
that bound what is rounded, so that jumps of the gap at powers of two and the fixed gap of subnormal
numbers are where they are in the format. The rules are derived in ``docs/tolerance.md`` and proved
in ``proofs/tolerance``.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from proofs.systems.floats import FloatFormat, floor_log2

ZERO = Fraction(0)


@dataclass(frozen=True)
class Interval:
    """All numbers from ``low`` to ``high``.

    >>> Interval(Fraction(-1), Fraction(2)) + Interval(Fraction(1), Fraction(1))
    Interval(low=Fraction(0, 1), high=Fraction(3, 1))
    """

    low: Fraction
    high: Fraction

    @property
    def magnitude(self) -> Fraction:
        """The largest absolute value."""
        return max(abs(self.low), abs(self.high))

    @property
    def smallest(self) -> Fraction:
        """The smallest absolute value."""
        return ZERO if self.low <= 0 <= self.high else min(abs(self.low), abs(self.high))

    def __add__(self, other: Interval) -> Interval:
        return Interval(self.low + other.low, self.high + other.high)

    def __neg__(self) -> Interval:
        return Interval(-self.high, -self.low)

    def __sub__(self, other: Interval) -> Interval:
        return self + -other

    def __mul__(self, other: Interval) -> Interval:
        products = [a * b for a in (self.low, self.high) for b in (other.low, other.high)]
        return Interval(min(products), max(products))

    def times(self, factor: Fraction) -> Interval:
        """Return all multiples by one number."""
        ends = self.low * factor, self.high * factor
        return Interval(min(ends), max(ends))

    def widened(self, room: Fraction) -> Interval:
        """Return all numbers that are at most ``room`` away."""
        return Interval(self.low - room, self.high + room)

    def hull(self, other: Interval) -> Interval:
        """Return all numbers of both and those between them."""
        return Interval(min(self.low, other.low), max(self.high, other.high))

    def meet(self, other: Interval) -> Interval:
        """Return what both have in common; both are known to hold the same numbers."""
        return Interval(max(self.low, other.low), min(self.high, other.high))


class Rounding:
    """Rounding in one format."""

    def __init__(self, system: FloatFormat) -> None:
        self.system = system
        self.precision = system.precision
        #: Below this all floats are evenly spaced, by the tiniest of them.
        self.normal = Fraction(2) ** system.least_exponent
        self.tiniest = system.tiniest
        #: Whether matrix instructions take subnormal numbers for 0, and give 0 for them.
        self.flushes = system.name == "bfloat16"

    def half_gap(self, exponent: int) -> Fraction:
        """Return half the gap between floats from 2^exponent to the next power of two."""
        return Fraction(2) ** (max(exponent, self.system.least_exponent) - self.precision)

    def exponent(self, number: Fraction) -> int:
        """Return the exponent of a number, of 0 and the smallest ones the least."""
        least = self.system.least_exponent
        return max(floor_log2(abs(number)), least) if number else least

    def nearest(self, exact: Fraction) -> Fraction:
        """Return the float nearest to a number, as if there were no largest one."""
        return self.system._on_grid(exact)

    def error(self, magnitude: Fraction, *, of_sum: bool) -> Fraction:
        """Return the most that one rounding changes any number up to a magnitude.

        Args:
            magnitude: At least as large as what is rounded.
            of_sum: Whether that is a sum of floats, which underflow never rounds.

        >>> from proofs.systems import SYSTEMS
        >>> half = Rounding(SYSTEMS["float16"]).error(Fraction(2), of_sum=True)  # just below 2
        >>> half == Fraction(1, 2**11)
        True
        """
        if magnitude <= 0:
            return ZERO
        exponent = floor_log2(magnitude)
        if of_sum and exponent <= self.system.least_exponent:
            return ZERO  # all floats and their sums are multiples of the tiniest one
        here = self.half_gap(exponent)
        power = Fraction(2) ** exponent
        if exponent < self.system.least_exponent:
            return min(here, magnitude)
        # Just above a power of two nothing is further away than the power itself.
        below = self.half_gap(exponent - 1)
        if of_sum and exponent == self.system.least_exponent + 1:
            below = ZERO
        return max(below, min(here, magnitude - power))

    def excess(self, magnitude: Fraction, error: Fraction, *, of_sum: bool) -> Fraction:
        """Return what rounding may add to the error of a number that is known up to it.

        The exact value is at most ``magnitude``, the number to be rounded at most ``error`` away.
        Where that is beyond the next power of two but nearer to it than to the next float, rounding
        brings it back to the power, which costs nothing.
        """
        reach = magnitude + error
        if magnitude <= 0:
            return self.error(reach, of_sum=of_sum)
        exponent = floor_log2(magnitude)
        power = Fraction(2) ** exponent
        if power < magnitude:
            exponent, power = exponent + 1, power * 2
        # Halfway a tie goes to the power, whose significand is even; the tiniest float's is odd.
        if power > self.tiniest and reach <= power + self.half_gap(exponent):
            return self.error(min(reach, power), of_sum=of_sum)
        return self.error(reach, of_sum=of_sum)

    def gap(self, magnitude: Fraction) -> Fraction:
        """Return the gap between floats at a magnitude, where it is widest from 0 on."""
        return 2 * self.half_gap(self.exponent(magnitude))

    def range(self, exact: Interval) -> Interval:
        """Return what numbers of an interval are rounded to."""
        return Interval(self.nearest(exact.low), self.nearest(exact.high))

    def overflows(self, exact: Interval) -> bool:
        """Say whether a number of an interval is rounded beyond the largest float."""
        return not (self.system.in_range(exact.low) and self.system.in_range(exact.high))

    def product_is_exact(self, factor: Fraction) -> bool:
        """Say whether a product with a number is exact unless it underflows: a power of two is."""
        size = abs(factor)
        return size == Fraction(2) ** floor_log2(size)


def root(number: Fraction, *, up: bool) -> Fraction:
    """Return a square root, exactly or on the side asked for by less than 2^−100 of it.

    >>> root(Fraction(9, 4), up=True), root(Fraction(2), up=False) < root(Fraction(2), up=True)
    (Fraction(3, 2), True)
    """
    if number <= 0:
        return ZERO
    numerator, denominator = number.as_integer_ratio()
    shift = 1 << 100
    square = numerator * denominator
    below = math.isqrt(square)
    if below * below != square:
        square *= shift * shift
        below = math.isqrt(square)
        denominator *= shift
        below += up
    return Fraction(below, denominator)


def sum_roundings(rounding: Rounding, magnitudes: Sequence[Fraction]) -> list[Fraction]:
    """Return what each addition of a sum may add to its error, in whatever order it is taken.

    The largest come first: of the sums in any bracketing the i-th smallest has at most i + 1
    summands, and what is rounded never costs less where more was added.

    Args:
        rounding: The format in which is added.
        magnitudes: The largest absolute values of the summands.

    Returns:
        One number for each addition, the last for the one that makes the whole sum.
    """
    found: list[Fraction] = []
    error = total = ZERO
    for number, magnitude in enumerate(sorted(magnitudes, reverse=True)):
        total += magnitude
        if number:
            found.append(rounding.excess(total, error, of_sum=True))
            error += found[-1]
    return found
