"""Sizes that are not known: whole polynomials in counts of periods, and what is decided of them.

A size of a class of remainders is P·m + r for m = 0, 1, …, with 1 ≤ r ≤ P. Lengths of tensors are
polynomials in the m of every open size. Where a question about them depends on m it is answered as
the numbers at hand have it, and noted: the answers are the conditions under which all that was
seen happens again.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import reduce
from itertools import product as iterated
from typing import Any

#: A size beyond those that torch counts.
LARGEST = 2**63

#: The letters whose counts are multiplied, in order, each as often as it occurs.
Monomial = tuple[str, ...]


class UnreadableError(Exception):
    """Sizes are used in a way that is not read; the message is one line that says which."""


class RefusedError(UnreadableError):
    """torch refuses such sizes, and all others that meet what was decided."""


class PeriodError(Exception):
    """A size is divided by what its period is no multiple of."""

    def __init__(self, letter: str, factor: int) -> None:
        super().__init__(letter, factor)
        self.letter = letter
        #: By which the period must be multiplied.
        self.factor = factor


@dataclass(frozen=True)
class Length:
    """A whole polynomial in counts of periods.

    >>> m = Length.of({("H",): 2, (): 3})
    >>> str(m + 1), str(m * m - m)
    ('2·H + 4', '4·H·H + 10·H + 6')
    >>> str(m // 2)
    'H + 1'
    """

    terms: tuple[tuple[Monomial, int], ...]

    @staticmethod
    def of(terms: Mapping[Monomial, int]) -> Length:
        """Return the polynomial with these coefficients."""
        return Length(tuple(sorted((m, c) for m, c in terms.items() if c)))

    @staticmethod
    def number(value: int) -> Length:
        """Return a known number."""
        return Length.of({(): value})

    def __add__(self, other: Length | int) -> Length:
        total = dict(self.terms)
        for monomial, coefficient in length(other).terms:
            total[monomial] = total.get(monomial, 0) + coefficient
        return Length.of(total)

    __radd__ = __add__

    def __neg__(self) -> Length:
        return Length(tuple((m, -c) for m, c in self.terms))

    def __sub__(self, other: Length | int) -> Length:
        return self + -length(other)

    def __rsub__(self, other: int) -> Length:
        return -self + other

    def __mul__(self, other: Length | int) -> Length:
        total: dict[Monomial, int] = {}
        for m, a in self.terms:
            for n, b in length(other).terms:
                joined = tuple(sorted((*m, *n)))
                total[joined] = total.get(joined, 0) + a * b
        return Length.of(total)

    __rmul__ = __mul__

    def __floordiv__(self, divisor: int) -> Length:
        """Return the quotient rounded down; a period must be a multiple of the divisor."""
        for monomial, coefficient in self.terms:
            if monomial and coefficient % divisor:
                raise PeriodError(monomial[0], abs(divisor) // math.gcd(coefficient, divisor))
        return Length.of({m: c // divisor for m, c in self.terms})

    def __mod__(self, divisor: int) -> Length:
        return self - (self // divisor) * divisor

    @property
    def known(self) -> int | None:
        """The number that it is whatever the sizes, ``None`` if it depends on them."""
        if not self.terms:
            return 0
        return self.terms[0][1] if len(self.terms) == 1 and not self.terms[0][0] else None

    @property
    def constant(self) -> int:
        """Its value where all counts are 0."""
        return dict(self.terms).get((), 0)

    def slope(self, letter: str) -> int:
        """Return by how much it grows with each period of a size; it must be linear in it."""
        return dict(self.terms).get((letter,), 0)

    @property
    def letters(self) -> frozenset[str]:
        """The sizes it depends on."""
        return frozenset(letter for monomial, _ in self.terms for letter in monomial)

    def at(self, counts: Mapping[str, int]) -> int:
        """Return its value."""
        return sum(
            coefficient * math.prod(counts[letter] for letter in monomial)
            for monomial, coefficient in self.terms
        )

    def __str__(self) -> str:
        words = []
        for monomial, coefficient in reversed(self.terms):
            name = "·".join(monomial)
            words.append(
                str(coefficient) if not name else name if coefficient == 1
                else f"{coefficient}·{name}"
            )  # fmt: skip
        return " + ".join(words) or "0"


def length(value: Length | int) -> Length:
    """Return a number as a length."""
    return value if isinstance(value, Length) else Length.number(value)


def product(values: Iterable[Length | int]) -> Length:
    """Return the product of lengths."""
    return reduce(lambda x, y: length(x) * y, values, Length.number(1))


@dataclass(frozen=True)
class Condition:
    """``length ≥ 0``, or ``length = 0``, or ``length ≠ 0``."""

    relation: str
    length: Length

    def holds(self, counts: Mapping[str, int]) -> bool:
        """Say whether it holds for these counts."""
        value = self.length.at(counts)
        return value >= 0 if self.relation == ">=" else (value == 0) == (self.relation == "==")

    def __str__(self) -> str:
        return f"{self.length} {self.relation} 0"


@dataclass
class Sizes:
    """The sizes of one class of remainders, the numbers at hand, and what was decided so far."""

    #: The period and the remainder of every open size.
    periods: Mapping[str, tuple[int, int]]
    #: The counts of periods at hand.
    counts: Mapping[str, int]
    #: What was decided, with the line of code that asked.
    conditions: dict[Condition, str] = field(default_factory=dict)
    #: Where a size was made a plain number.
    plain: list[str] = field(default_factory=list)
    #: By how much axes of the input grow with each period, those that do otherwise than their size.
    along: dict[int, int] = field(default_factory=dict)
    #: Lengths that are no linear ones, of which something was decided.
    asked: list[Condition] = field(default_factory=list)
    #: For every size the count from which on tensors grow regularly.
    steady: dict[str, int] = field(default_factory=dict)
    #: For every size the least count that agrees with what was decided.
    _least: dict[str, int] = field(default_factory=dict)

    def size(self, letter: str) -> Length:
        """Return an open size."""
        period, remainder = self.periods[letter]
        return Length.of({(letter,): period, (): remainder})

    def number(self, value: Length | int) -> int:
        """Return the value of a length at hand."""
        return length(value).at(self.counts)

    # -- decisions -------------------------------------------------------------------------------

    def decide(self, relation: str, value: Length, where: str = "") -> bool:
        """Say whether ``value`` ≥, = or ≠ 0, as the numbers at hand have it."""
        known = self._known(relation, value)
        if known is not None:
            return known
        answer = Condition(relation, value).holds(self.counts)
        products = any(len(monomial) > 1 for monomial, _ in value.terms)
        if products:
            self.asked.append(Condition(relation, value))
        if relation == ">=":
            self._note(value if answer else -value - 1, where)
        elif answer == (relation == "=="):
            self._note_zero(value, where)
        elif self._never_negative(value) or (products and self.number(value) > 0):
            self._note(value - 1, where)
        elif self._never_negative(-value) or products:
            self._note(-value - 1, where)
        else:
            self.conditions.setdefault(Condition("!=", self._linear(value, where)), where)
        return answer

    def _note(self, value: Length, where: str) -> None:
        """Note that a length is not negative, or more than that where it is no linear one."""
        if any(len(monomial) > 1 for monomial, _ in value.terms):
            for letter, least in self._sufficient(value).items():
                self._note(Length.of({(letter,): 1, (): -least}), where)
            value = self._linear(value, where)
        if self._known(">=", value):
            return
        self.conditions.setdefault(Condition(">=", value), where)
        if len(value.terms) <= 2 and len(value.letters) == 1:
            (letter,) = value.letters
            slope = value.slope(letter)
            if slope > 0:
                least = -(value.constant // slope)
                self._least[letter] = max(self._least.get(letter, 0), least)

    def _note_zero(self, value: Length, where: str) -> None:
        value = self._linear(value, where)
        if value.known is None:
            self.conditions.setdefault(Condition("==", value), where)

    def _sufficient(self, value: Length) -> dict[str, int]:
        """Return least counts from which on a length is not negative, none if there are none."""
        letters = sorted(value.letters)
        room = [range(self._least.get(le, 0), min(self.counts[le], 4) + 1) for le in letters]
        for least in sorted(iterated(*room), key=sum):
            bounds = dict(zip(letters, least, strict=True))
            if self._never_negative(value, bounds):
                return bounds
        return {}

    def _linear(self, value: Length, where: str) -> Length:
        """Return a length that is linear, if need be by taking counts as they are at hand.

        So all conditions are linear, and a solver decides what they leave out.
        """
        while True:
            crowded = [m for m, _ in value.terms if len(m) > 1]
            if not crowded or self._known(">=", value):
                return value
            letter = min({le for m in crowded for le in m}, key=lambda le: (self.counts[le], le))
            count = self.counts[letter]
            pinned = Condition("==", Length.of({(letter,): 1, (): -count}))
            self.conditions.setdefault(pinned, where)
            fixed: dict[Monomial, int] = {}
            for monomial, coefficient in value.terms:
                rest = tuple(le for le in monomial if le != letter)
                coefficient *= count ** (len(monomial) - len(rest))
                fixed[rest] = fixed.get(rest, 0) + coefficient
            value = Length.of(fixed)

    def _known(self, relation: str, value: Length) -> bool | None:
        """Return the answer if it is the same for all counts."""
        if relation == ">=":
            if self._never_negative(value) or self._below_any_limit(value):
                return True
            return False if self._never_negative(-value - 1) else None
        if value.known is not None:
            return (value.known == 0) == (relation == "==")
        if self._never_negative(value - 1) or self._never_negative(-value - 1):
            return relation == "!="
        return None

    def _below_any_limit(self, value: Length) -> bool:
        """Say whether a length is negative only for a size that no tensor has."""
        most = {le: max(0, (LARGEST - 1 - r) // p) for le, (p, r) in self.periods.items()}
        lowest = sum(
            coefficient * math.prod(most.get(letter, LARGEST) for letter in monomial)
            for monomial, coefficient in value.terms if coefficient < 0 or not monomial
        )  # fmt: skip
        return lowest >= 0

    def _never_negative(self, value: Length, least: Mapping[str, int] | None = None) -> bool:
        """Say whether all that is added is never negative, from the least counts on."""
        known = self._least if least is None else {**self._least, **least}
        shifted = Length.number(0)
        for monomial, coefficient in value.terms:
            shifted += (
                product(Length.of({(letter,): 1, (): known.get(letter, 0)}) for letter in monomial)
                * coefficient
            )
        return all(coefficient >= 0 for _, coefficient in shifted.terms)

    def at_least(self, value: Length | int, least: Length | int, where: str = "") -> bool:
        """Say whether ``value`` ≥ ``least``."""
        return self.decide(">=", length(value) - least, where)

    def equal(self, value: Length | int, other: Length | int, where: str = "") -> bool:
        """Say whether two lengths are equal."""
        return self.decide("==", length(value) - other, where)

    def apart(self, value: Length | int, other: Length | int) -> bool:
        """Say whether two lengths are never equal, unless some size is the least of its class."""
        least = dict.fromkeys(self.periods, 1)
        difference = length(value) - other
        return self._never_negative(difference - 1, least) or (
            self._never_negative(-difference - 1, least)
        )

    def smaller(self, value: Length | int, other: Length | int) -> Length:
        """Return the smaller of two lengths."""
        return length(value) if self.at_least(other, value) else length(other)

    def larger(self, value: Length | int, other: Length | int) -> Length:
        """Return the larger of two lengths."""
        return length(value) if self.at_least(value, other) else length(other)

    def pinned(self, value: Length, where: str = "") -> int:
        """Return a length as a plain number, which it is at these sizes only."""
        if value.known is None:
            self.decide("==", value - self.number(value), where)
        return self.number(value)

    def hold(self, counts: Mapping[str, int]) -> bool:
        """Say whether all that was decided holds for other counts."""
        return all(condition.holds(counts) for condition in self.conditions)


def conditions_of(*several: Sizes) -> tuple[Condition, ...]:
    """Return what was decided in several runs."""
    found: dict[Condition, Any] = {}
    for sizes in several:
        found |= sizes.conditions
    return tuple(found)
