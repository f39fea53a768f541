"""A condition on every element of the input, as users write it: ``x >= 0``, ``x in [0, 1]``.

The verdict is then about inputs that meet it, and so are the inputs that are tried and shown.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

import torch

from proofs.systems import SYSTEMS
from proofs.systems.floats import FloatFormat
from proofs.systems.number_system import NumberSystem
from proofs.terms import Term, constant, finite

_NUMBER = r"[+-]?(?:\d+/\d+|(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d{1,4})?)"
_INTERVAL = re.compile(rf"x in ([\[(])\s*({_NUMBER})\s*,\s*({_NUMBER})\s*([\])])")
_CHAIN = re.compile(rf"(?:({_NUMBER})\s*(<=|<)\s*)?x(?:\s*(<=|<|>=|>|==)\s*({_NUMBER}))?")
_WORDS = {"integer": "whole", "an integer": "whole", "whole": "whole", "finite": "finite"}
_WITHIN = re.compile(r"x (?:is )?within (float16|bfloat16|float32|float64)")
_FORMS = (
    "x >= 0, x > -1e4, 0 <= x <= 1, x in [0, 1], x within float32, x is integer, x finite, "
    "joined by and"
)


@dataclass(frozen=True)
class Given:
    """What every element of the input meets.

    Attributes:
        words: As it was written.
        low: The least value, ``None`` if there is none.
        high: The largest.
        above: Whether ``low`` itself is left out.
        below: Whether ``high`` is.
        whole: Whether only whole numbers are meant.
        finite: Whether NaN and infinities are left out.
    """

    words: str
    low: Fraction | None = None
    high: Fraction | None = None
    above: bool = False
    below: bool = False
    whole: bool = False
    finite: bool = False

    def within(self, system: NumberSystem, dtype: torch.dtype) -> Admitted:
        """Return the elements of a number system that meet it.

        Raises ``ValueError`` if there are none.
        """
        found = Admitted(self, system, dtype)
        if not found.admits(found.moved(torch.zeros(1, dtype=dtype))):
            raise found.met_by_none()
        return found


def parsed(words: str | Sequence[str]) -> Given:
    """Read a condition, or several that all hold.

    Raises ``ValueError`` for what is no condition, or cannot be met by any number.

    >>> parsed("x in [0, 1)").high, parsed("x > -1e4 and x is integer").whole
    (Fraction(1, 1), True)
    >>> parsed("x within float16").high
    Fraction(65504, 1)
    >>> parsed("x > 1 and x < 1")
    Traceback (most recent call last):
    ...
    ValueError: given must hold of some number, got 'x > 1 and x < 1'
    """
    given = [words] if isinstance(words, str) else list(words)
    together = " and ".join(given)
    parts = [part for one in given for part in re.split(r"\s+and\s+|\s*&\s*", one.strip())]
    low = high = None
    above = below = whole = bounded = False
    for part in parts:
        bounds = _read(" ".join(part.lower().replace("−", "-").replace("≥", ">=").replace(
            "≤", "<=").replace("∈", " in ").split()))  # fmt: skip
        for sign, number in bounds:
            if sign == "whole":
                whole = True
            elif sign == "finite":
                bounded = True
            else:
                assert number is not None
                if sign in (">=", ">", "==") and (low is None or number >= low):
                    above = (sign == ">") or (above and low == number)
                    low = number
                if sign in ("<=", "<", "==") and (high is None or number <= high):
                    below = (sign == "<") or (below and high == number)
                    high = number
    found = Given(together, low, high, above, below, whole, bounded)
    if not _possible(found):
        raise ValueError(f"given must hold of some number, got {together!r}")
    return found


def _read(part: str) -> Iterator[tuple[str, Fraction | None]]:
    interval, within = _INTERVAL.fullmatch(part), _WITHIN.fullmatch(part)
    word = re.fullmatch(r"x (?:is )?(.*)", part)
    chain = _CHAIN.fullmatch(part)
    if interval:
        opening, low, high, closing = interval.groups()
        yield ">" if opening == "(" else ">=", _fraction(low)
        yield "<" if closing == ")" else "<=", _fraction(high)
    elif within:
        format_ = SYSTEMS[within[1]]
        assert isinstance(format_, FloatFormat)
        yield ">=", -Fraction(format_.greatest)
        yield "<=", Fraction(format_.greatest)
    elif word and word[1] in _WORDS:
        yield _WORDS[word[1]], None
    elif chain and (chain[1] or chain[3]):
        if chain[1]:
            yield chain[2].replace("<", ">"), _fraction(chain[1])
        if chain[3]:
            yield chain[3], _fraction(chain[4])
    else:
        raise ValueError(f"given must read like {_FORMS}; got {part!r}")


def _fraction(text: str) -> Fraction:
    try:
        return Fraction(text)
    except ZeroDivisionError:
        raise ValueError(f"given must read like {_FORMS}; got {text!r}") from None


def _possible(given: Given) -> bool:
    low, high = given.low, given.high
    if given.whole:
        low = None if low is None else Fraction(
            math.floor(low) + 1 if given.above else math.ceil(low)
        )  # fmt: skip
        high = None if high is None else Fraction(
            math.ceil(high) - 1 if given.below else math.floor(high)
        )  # fmt: skip
        return low is None or high is None or low <= high
    if low is None or high is None:
        return True
    return low < high or (low == high and not (given.above or given.below))


@dataclass(frozen=True)
class Admitted:
    """The elements of a number system, in a dtype, that meet a condition."""

    given: Given
    system: NumberSystem
    dtype: torch.dtype

    @cached_property
    def ends(self) -> tuple[torch.Tensor, torch.Tensor]:
        """The least and the largest element that meet it."""
        info = torch.finfo(self.dtype) if self.dtype.is_floating_point else torch.iinfo(self.dtype)
        endless = self.dtype.is_floating_point and not self.bounded
        lowest = -math.inf if endless else info.min
        highest = math.inf if endless else info.max
        low, high = self.given.low, self.given.high
        return (
            torch.tensor(lowest, dtype=self.dtype) if low is None
            else self._end(low, self.given.above, +1),
            torch.tensor(highest, dtype=self.dtype) if high is None
            else self._end(high, self.given.below, -1),
        )  # fmt: skip

    def _end(self, number: Fraction, left_out: bool, way: int) -> torch.Tensor:
        """Return the first element from ``number`` on, upwards or downwards."""
        if not self.dtype.is_floating_point or self.given.whole:
            whole = math.ceil(number) if way > 0 else math.floor(number)
            if left_out and whole == number:
                whole += way
            if not self.dtype.is_floating_point:
                info = torch.iinfo(self.dtype)
                if (whole > info.max and way > 0) or (whole < info.min and way < 0):
                    raise self.met_by_none()
                return torch.tensor(max(min(whole, info.max), info.min), dtype=self.dtype)
            number, left_out = Fraction(whole), False  # floats beyond the exact ones are whole
        largest = Fraction(torch.finfo(self.dtype).max)
        x = torch.tensor(float(max(min(number, largest), -largest)), dtype=self.dtype)
        while (gap := (Fraction(float(x)) - number) * way) < 0 or (left_out and gap == 0):
            x = _next(x, way)
            if not bool(x.isfinite()):
                break
        return x

    @property
    def bounded(self) -> bool:
        """Whether only finite numbers meet it, which whole ones are."""
        return self.given.finite or self.given.whole

    def met_by_none(self) -> ValueError:
        """Return the error that no element meets the condition."""
        return ValueError(
            f"given must hold of some number of {self.system.name}, got {self.given.words!r}"
        )

    def admits(self, x: torch.Tensor) -> bool:
        """Say whether every element of a flat input meets it."""
        low, high = self.ends
        fine = (low <= x) & (x <= high)
        if self.given.low is None and self.given.high is None:
            fine |= x.isnan()
        if self.bounded and self.dtype.is_floating_point:
            fine &= x.isfinite()
        if self.given.whole and self.dtype.is_floating_point:
            fine &= x == x.round()
        return bool(fine.all())

    def moved(self, x: torch.Tensor) -> torch.Tensor:
        """Return a flat input in which what does not meet it is moved to where it does."""
        low, high = self.ends
        if self.dtype.is_floating_point:
            compared = self.given.low is not None or self.given.high is not None
            if compared or self.bounded:
                x = x.nan_to_num(0.0, math.inf, -math.inf)
            if self.given.whole:
                x = x.round()
        return torch.maximum(torch.minimum(x, high), low)

    def inputs(self, every: Iterator[torch.Tensor]) -> Iterator[torch.Tensor]:
        """Yield inputs moved to where it holds, and those that stand at its ends."""
        first: torch.Tensor | None = None
        for x in every:
            moved = self.moved(x)
            if not self.admits(moved):
                continue  # a whole number that the dtype does not have
            if first is None:
                first = moved
            yield moved
        if first is not None:
            generator = torch.Generator().manual_seed(2)
            ends = [end for end in self.ends if bool(torch.isfinite(end.double()))]
            for _ in range(4 if ends else 0):
                chosen = torch.randint(len(ends), first.shape, generator=generator)
                yield torch.stack(ends)[chosen]

    def premises(self, x: Term) -> Iterator[Term]:
        """Yield what holds of a variable.

        Of integers that they are whole need not be said, and of reals the kinds of windows say it.
        """
        given = self.given
        if self.system.name == "real":
            if given.low is not None:
                low = constant(plain(given.low))
                yield low < x if given.above else low <= x
            if given.high is not None:
                high = constant(plain(given.high))
                yield x < high if given.below else x <= high
            return
        for bound, end, is_low in zip(
            (given.low, given.high), self.ends, (True, False), strict=True
        ):
            if bound is not None and bool(torch.isfinite(end.double())):
                number = constant(plain(Fraction(end.item())))
                yield number <= x if is_low else x <= number
        if self.bounded and isinstance(self.system, FloatFormat):
            yield finite(x)
            if given.whole:
                yield whole(x, self.system)


def whole(x: Term, system: FloatFormat) -> Term:
    """Return that a number of a format is whole.

    From 2^(p−1) on all are. Below, |x| + 2^(p−1) is rounded to a whole number, and taking 2^(p−1)
    away again is exact.
    """
    least = constant(1 << (system.precision - 1))
    return ~(~(least <= abs(x)) & ~(abs(x) + least - least == abs(x)))


def plain(number: Fraction) -> int | Fraction:
    """Return a whole number as such."""
    return number.numerator if number.denominator == 1 else number


def _next(x: torch.Tensor, way: int) -> torch.Tensor:
    """Return the next float upwards or downwards."""
    whole = {1: torch.int8, 2: torch.int16, 4: torch.int32, 8: torch.int64}[x.element_size()]
    if float(x) == 0:
        least = torch.ones((), dtype=whole).view(x.dtype)
        return least if way > 0 else -least
    step = way if float(x) > 0 else -way
    return (x.view(whole) + step).to(whole).view(x.dtype)
