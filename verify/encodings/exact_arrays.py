"""Arrays of exact rational numbers, fast enough for every pair of an 8-bit format.

An array holds integers and one common scale; the integers are machine words while they fit and
Python's own beyond that, so nothing is ever rounded. Entries without an exact value (NaN,
infinities) are marked undefined and make every relation but ``ne`` false.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import reduce
from typing import Any

import numpy

from proofs.operators import operator as row_of

_WORD_BITS = 62
_WORD = 1 << _WORD_BITS


def _fitting(numerators: Any) -> Any:
    """Return the integers as machine words if all of them fit with room to spare."""
    if numerators.dtype != object:
        return numerators
    if all(-_WORD < n < _WORD for n in numerators.flat):
        return numerators.astype(numpy.int64)
    return numerators


def _widened(numerators: Any, factor: int = 1) -> Any:
    """Return the integers in a type in which ``factor`` times them, and a sum of two, fit."""
    if numerators.dtype == object:
        return numerators
    largest = max(_magnitude(numerators), 1)
    return numerators if 2 * largest * factor < _WORD else numerators.astype(object)


def _magnitude(numerators: Any) -> int:
    """Return the greatest magnitude of the integers."""
    return max(int(numerators.max(initial=0)), -int(numerators.min(initial=0)))


@dataclass(frozen=True)
class ExactArray:
    """The numbers ``numerators · scale`` where ``defined``. Shapes broadcast, as NumPy's do."""

    numerators: Any
    scale: Fraction
    defined: Any

    @staticmethod
    def constant(value: Fraction | int) -> ExactArray:
        """Return one number."""
        exact = Fraction(value)
        numerators = _fitting(numpy.array([exact.numerator], dtype=object))
        return ExactArray(numerators, Fraction(1, exact.denominator), numpy.ones(1, bool))

    @staticmethod
    def of_integers(values: list[int]) -> ExactArray:
        """Return integers as they are."""
        numerators = _fitting(numpy.array(values, dtype=object))
        return ExactArray(numerators, Fraction(1), numpy.ones(len(values), bool))

    @staticmethod
    def of_floats(values: list[float]) -> ExactArray:
        """Return the exact values of floats; NaN and infinities are undefined."""
        floats = numpy.array(values, dtype=numpy.float64)
        defined = numpy.isfinite(floats)
        significands, exponents = numpy.frexp(numpy.where(defined, floats, 0.0))
        integers = (significands * 2.0**53).astype(numpy.int64)
        exponents = exponents.astype(numpy.int64) - 53
        # Trailing zeros of the significands go into the scale, so that small formats stay words.
        present = integers != 0
        trailing = numpy.where(present, integers & -integers, 1)
        shifts = numpy.log2(trailing.astype(numpy.float64)).astype(numpy.int64)
        integers, exponents = integers >> shifts, exponents + shifts
        lengths = numpy.where(present, 53 - shifts, 0)
        lowest = int(exponents[present].min()) if present.any() else 0
        raised = numpy.where(present, exponents - lowest, 0)
        if int((lengths + raised).max(initial=0)) <= _WORD_BITS:
            numerators = integers << raised
        else:
            shifted = [n << int(r) for n, r in zip(integers.tolist(), raised, strict=True)]
            numerators = _fitting(numpy.array(shifted, dtype=object))
        return ExactArray(numerators, Fraction(2) ** lowest, defined)

    def reshaped(self, shape: Sequence[int]) -> ExactArray:
        """Return the same numbers in another shape."""
        return ExactArray(self.numerators.reshape(shape), self.scale, self.defined.reshape(shape))

    def _aligned(self, other: ExactArray) -> tuple[Any, Any, Fraction]:
        (p, q), (r, s) = self.scale.as_integer_ratio(), other.scale.as_integer_ratio()
        scale = Fraction(math.gcd(p * s, r * q), q * s)
        mine, theirs = int(self.scale / scale), int(other.scale / scale)
        left = _widened(self.numerators, mine)
        right = _widened(other.numerators, theirs)
        if object in (left.dtype, right.dtype):
            left, right = left.astype(object), right.astype(object)
        return left * mine, right * theirs, scale

    def combined(self, other: ExactArray, operation: Callable[[Any, Any], Any]) -> ExactArray:
        """Return a sum, difference, maximum or minimum: what numerators of one scale give."""
        left, right, scale = self._aligned(other)
        return ExactArray(operation(left, right), scale, self.defined & other.defined)

    def __mul__(self, other: ExactArray) -> ExactArray:
        left, right = self.numerators, other.numerators
        if _magnitude(left) * _magnitude(right) >= _WORD:
            left, right = left.astype(object), right.astype(object)
        defined = self.defined & other.defined
        return ExactArray(_fitting(left * right), self.scale * other.scale, defined)

    def __neg__(self) -> ExactArray:
        return ExactArray(-self.numerators, self.scale, self.defined)

    def __abs__(self) -> ExactArray:
        return ExactArray(abs(self.numerators), self.scale, self.defined)

    def mapped(self, function: Callable[..., Any], *others: ExactArray) -> ExactArray:
        """Return what a function of exact numbers gives, asking entry by entry."""
        arrays = (self, *others)
        defined = reduce(numpy.logical_and, [array.defined for array in arrays])
        columns = [
            [int(n) * array.scale for n in numpy.broadcast_to(array.numerators, defined.shape).flat]
            for array in arrays
        ]
        rows = zip(defined.flat, *columns, strict=True)
        values = [Fraction(function(*row)) if there else Fraction(0) for there, *row in rows]
        common = math.lcm(*[value.denominator for value in values])
        numerators = numpy.array([int(value * common) for value in values], dtype=object)
        return ExactArray(_fitting(numerators.reshape(defined.shape)), Fraction(1, common), defined)

    def apply(self, operator: str, *others: ExactArray) -> Any:
        """Compute an operation exactly, or say where a relation holds, entry by entry.

        Raises ``UnsupportedError`` for what the table of operators has no entry.
        """
        row = row_of(operator)
        if row.arrays is None:
            raise row.lacks("arrays of exact numbers")
        return row.arrays(self, *others)

    def chosen(self, condition: Any, other: ExactArray) -> ExactArray:
        """Return these numbers where ``condition`` holds, those of ``other`` elsewhere."""
        left, right, scale = self._aligned(other)
        defined = numpy.where(condition, self.defined, other.defined)
        return ExactArray(numpy.where(condition, left, right), scale, defined)

    def relation(self, operator: str, other: ExactArray) -> Any:
        """Return where ``eq``, ``ne``, ``lt`` or ``le`` holds."""
        left, right, _ = self._aligned(other)
        both = self.defined & other.defined
        if operator in ("eq", "ne"):
            same = both & (left == right).astype(bool)
            return same if operator == "eq" else ~same
        less = left < right if operator == "lt" else left <= right
        return both & less.astype(bool)

    def odd_multiple(self, unit: ExactArray) -> Any:
        """Return where these numbers are odd multiples of those of ``unit``."""
        left, right, _ = self._aligned(unit)
        usable = self.defined & unit.defined & (right != 0).astype(bool)
        right = numpy.where(usable, right, 1)
        whole = (left % right == 0) & (left // right % 2 == 1)
        return usable & whole.astype(bool)

    def where(self, predicate: Callable[[Fraction], bool]) -> Any:
        """Return where a predicate of one exact number holds, asking once per number."""
        distinct, inverse = numpy.unique(self.numerators, return_inverse=True)
        said = numpy.array([predicate(int(n) * self.scale) for n in distinct], dtype=bool)
        return self.defined & said[inverse.reshape(self.numerators.shape)]
