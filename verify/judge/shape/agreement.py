"""Holding runs against the terms that were read of them, and against each other.

Where two runs differ by more than their rounding can explain, the module is wrong; where a run is
not what its own terms say, the terms say nothing.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import islice
from typing import TYPE_CHECKING, Any

import numpy
import torch

from verify.judge.equivalence import in_digits, shown
from verify.judge.shape.question import Question
from verify.judge.shape.reading import LARGEST_EXACT, Reading
from verify.judge.symbols.evaluation import Values, real_values, system_values
from verify.judge.symbols.exactly import exact_values
from verify.judge.symbols.terms import Terms, fewer
from verify.judge.tolerance.within import overflown
from verify.judge.watching.paths import Explored
from verify.judge.watching.running import NotJudgedError

if TYPE_CHECKING:
    from numpy.typing import NDArray

#: Of a side without terms no rounding is known: a part of a value in which two runs must agree.
TOLERANCE = 1e-3
#: Beyond this size inputs do not count for such a side.
ORDINARY = 1e4
#: Outputs of one input that are computed exactly.
_EXACTLY = 8
#: Numbers that are held for all terms at several inputs at once.
_MOST_VALUES = 1 << 18
#: What the terms of both sides are at an input, of each ``None`` if it has none: over the reals
#: with bounds.
Own = list[Any]


@dataclass(frozen=True)
class Difference:
    """An input on which two runs differ, both outputs, and the first place."""

    x: torch.Tensor
    left: torch.Tensor
    right: torch.Tensor
    index: tuple[int, ...]


class Agreement:
    """How far runs of both sides agree with their terms, and with each other."""

    def __init__(self, question: Question, read: Reading) -> None:
        self.system, self.real, self.dtype = question.system, question.real, question.dtype
        self.about, self.back = question.about, question.back
        self.read, self.terms = read, read.terms
        #: What a run decided otherwise than its terms.
        self.turned = ""
        #: What is to be said of runs → the first input of which it is to be said.
        self.remarks: dict[str, str] = {}
        self._places: dict[tuple[int, ...], tuple[Terms, Any, list[int]] | None] = {}

    def valued(self, every: Iterator[torch.Tensor]) -> Iterator[tuple[torch.Tensor, Own]]:
        """Yield inputs and what both sides' terms are there: of many inputs at once."""
        wanted = numpy.zeros(0, numpy.int32)
        #: Where each side's outputs stand among those that are wanted, and their shape.
        places: list[tuple[slice | None, tuple[int, ...]]] = []
        for side in self.read.sides:
            if side.ids is None or side.unseen:
                places.append((None, ()))
                continue
            places.append((slice(len(wanted), len(wanted) + side.ids.size), side.ids.shape))
            wanted = numpy.concatenate([wanted, side.ids.reshape(-1)])
        size = 1
        while some := list(islice(every, size)):
            columns = torch.stack(some, 1)
            values: Any
            if self.real:
                values = real_values(self.terms, columns.double().numpy(), self.dtype, wanted)
            else:
                values = system_values(self.terms, columns, self.system, wanted)
            for number, x in enumerate(some):
                yield x, [
                    None if place is None
                    else values.at((place, number), shape) if self.real
                    else values[place, number].reshape(shape)
                    for place, shape in places
                ]  # fmt: skip
            # The first inputs refute most, and large terms leave no room for many at once.
            size = min(2 * size, max(1, _MOST_VALUES // self.terms.size))

    def difference(
        self, x: torch.Tensor, left: torch.Tensor, right: torch.Tensor, own: Own
    ) -> tuple[int, ...] | None:
        """Return where two outputs of one shape differ first, after holding each against its terms.

        Raises:
            NotJudgedError: They do not differ, and one of them is not what its terms say.
        """
        if self.real:
            return self._difference_over_reals(x, left, right, own)
        differs = ~self.system.tensor_equal(left, right)
        if bool(differs.any()):
            return _first(differs)
        for side, output, meant in zip(self.read.sides, (left, right), own, strict=True):
            if meant is None:
                continue
            strange = ~self.system.tensor_equal(meant.to(output.dtype), output)
            if bool(strange.any()):
                self._strange(x, output, meant, _first(strange), side)
        return None

    def _difference_over_reals(
        self, x: torch.Tensor, left: torch.Tensor, right: torch.Tensor, here: Own
    ) -> tuple[int, ...] | None:
        numbers = [output.double().numpy() for output in (left, right)]
        differs = self.differs(x, numbers, here)
        if self.about is not None and here[0] is not None:
            differs |= overflown(numbers[0], here[0].values, self.about.system)
            differs |= self._overflown_exactly(x, numbers[0], here[0].values)
        if differs.any():
            return tuple(int(i) for i in numpy.argwhere(differs)[0])
        for side, output, known in zip(self.read.sides, numbers, here, strict=True):
            if known is not None:
                self._held(x, output, known, side)
        return None

    def where(
        self, x: torch.Tensor, left: torch.Tensor, right: torch.Tensor, index: tuple[int, ...],
        local: tuple[Terms, Any, list[int]] | None,
    ) -> tuple[int, ...] | None:  # fmt: skip
        """Return where two outputs differ, at ``index`` if terms are known there."""
        if left.shape != right.shape:
            return None
        if not self.real:
            differs = ~self.system.tensor_equal(left, right)
            return _first(differs) if bool(differs.any()) else None
        numbers = [left.double().numpy(), right.double().numpy()]
        if local is None:
            differs_ = self.differs(x, numbers, [None, None])
            return _first(torch.from_numpy(differs_)) if differs_.any() else None
        terms, ends, elements = local
        own = real_values(terms, x[elements].double().numpy().reshape(-1, 1), self.dtype, ends)
        here = [numpy.asarray(n[index]).reshape(1) for n in numbers]
        parts = [own.at(([i], 0)) for i in (0, 1)]
        differs_here = self.differs(x, here, parts)
        if self.about is not None:
            differs_here |= overflown(here[0], parts[0].values, self.about.system)
            if not differs_here.any() and not math.isfinite(parts[0].values[0]):
                return index if self._is_overflown(x, here[0][0], index) else None
        return index if differs_here.any() else None

    def exact(
        self, x: torch.Tensor, index: tuple[int, ...], side: Explored
    ) -> Fraction | float | None:
        """Return the exact value of a side's output at a place, ``None`` if it is no fraction."""
        if index not in self._places:
            ends = [int(s.ids[index]) for s in self.read.sides if s.ids is not None]
            few = fewer(self.terms, ends, LARGEST_EXACT)
            self._places[index] = self.read.local(index) if few else None
        local = self._places[index]
        if local is None:
            return None
        terms, ends, elements = local
        end = int(ends[0 if side is self.read.left else 1])
        (value,) = exact_values(terms, x[elements].double().tolist(), [end])
        if value is None or isinstance(value, float):
            return value
        return Fraction(value)

    def _overflown_exactly(
        self, x: torch.Tensor, output: NDArray[Any], value: NDArray[Any]
    ) -> NDArray[numpy.bool_]:
        """Say where a run has no number and the exact value, which float64 lacks too, is in range.

        Few places are looked at, as fractions are slow.
        """
        found = numpy.zeros(output.shape, bool)
        doubtful = ~numpy.isfinite(output) & ~numpy.isfinite(value)
        for place in numpy.argwhere(doubtful)[:_EXACTLY]:
            index = tuple(int(i) for i in place)
            found[index] = self._is_overflown(x, float(output[index]), index)
        return found

    def _is_overflown(self, x: torch.Tensor, output: float, index: tuple[int, ...]) -> bool:
        assert self.about is not None
        if math.isfinite(output):
            return False
        exact = self.exact(x, index, self.read.left)
        return isinstance(exact, Fraction) and abs(exact) <= self.about.system.greatest

    def differs(
        self, x: torch.Tensor, numbers: list[Any], own: Sequence[Values | None]
    ) -> NDArray[Any]:
        """Say where two runs differ by more than rounding."""
        left, right = numbers
        mine, theirs = own
        if self.back is not None and (mine is None or theirs is None):
            return self.back.apart(x, left, right)
        if mine is None or theirs is None:
            largest = float(x.abs().max()) if len(x) else 0.0
            if not 1 / ORDINARY <= largest <= ORDINARY and largest != 0:
                return numpy.zeros(left.shape, bool)
            coarse = max(TOLERANCE, 16 * torch.finfo(self.dtype).eps)
            close = numpy.isclose(left, right, rtol=coarse, atol=coarse, equal_nan=True)
            far: NDArray[Any] = numpy.asarray(~close)
            return far
        with numpy.errstate(invalid="ignore"):
            room = mine.bounds + theirs.bounds
            apart = numpy.abs(left - right) > room
        apart = numpy.asarray(apart)
        for own_values, number in ((mine, left), (theirs, right)):
            apart &= ~self._lost(x, number, own_values)
        ends = [numpy.isfinite(side) for side in numbers]
        # A run without a number, where its own terms say so too or no overflow explains it.
        for one, other, a, b in ((mine, theirs, *ends), (theirs, mine, *ends[::-1])):
            meant = one.undefined | (numpy.isfinite(one.bounds) & ~one.spilled)
            apart |= ~a & b & meant & numpy.isfinite(other.bounds)
        both = ~ends[0] & ~ends[1]
        unlike = (numpy.isnan(left) != numpy.isnan(right)) | (
            ~numpy.isnan(left) & ~numpy.isnan(right) & (left != right)
        )
        apart |= both & unlike & (room == 0)
        if self.back is not None and self.terms.as_kernels_like():
            apart |= self.back.apart(x, left, right)
        found: NDArray[Any] = apart
        return found

    def _lost(self, x: torch.Tensor, output: NDArray[Any], known: Values) -> NDArray[numpy.bool_]:
        """Say where an overflow took the run away from its own terms, back to a number or not.

        Of an input so large that twice an element overflows that needs no other explanation: what
        is multiplied by 0 is NaN then, and a decision by that may be 0 again.
        """
        if len(x) == 0 or float(x.abs().max()) <= torch.finfo(self.dtype).max / 2:
            return numpy.zeros(output.shape, bool)
        with numpy.errstate(invalid="ignore"):
            strays = ~(numpy.abs(output - known.values) <= known.bounds)
        return numpy.asarray(strays & (known.spilled | ~numpy.isfinite(output)))

    def _held(self, x: torch.Tensor, output: NDArray[Any], known: Values, side: Explored) -> None:
        """Hold a run against its own terms.

        Raises:
            NotJudgedError: It is not what they say.
        """
        value, bound = known.values, known.bounds
        with numpy.errstate(invalid="ignore"):
            within = numpy.abs(output - value) <= bound
        unknown = ~numpy.isfinite(bound) | (known.spilled & ~numpy.isfinite(output))
        unknown |= self._lost(x, output, known)
        alike = (output == value) | (numpy.isnan(output) & numpy.isnan(value))
        fine = within | unknown | alike
        if not fine.all():
            index = tuple(int(i) for i in numpy.argwhere(~fine)[0]) if fine.ndim else ()
            self._strange(x, torch.from_numpy(output), torch.from_numpy(value), index, side)
        self._turns(x, output, known, side)
        if unknown.any() or (known.spilled & (bound > numpy.abs(value))).any():
            self.remarks.setdefault("values overflow, or are undefined,", shown(x))
        with numpy.errstate(invalid="ignore"):
            swamped = ~known.spilled & numpy.isfinite(bound) & (bound > numpy.abs(value)) & (
                bound > float(x.abs().max()) * 1e-2
            )  # fmt: skip
        if swamped.any():
            self.remarks.setdefault("rounding may be as large as the result,", shown(x))

    def _turns(self, x: torch.Tensor, output: NDArray[Any], known: Values, side: Explored) -> None:
        """Note where a run decides otherwise than the exact values do, which are its terms'."""
        if self.turned or self.about is not None:
            return
        doubted = numpy.isfinite(output) & (known.steady < known.bounds)
        if not doubted.any():
            return
        with numpy.errstate(invalid="ignore"):
            excess = numpy.where(doubted, numpy.abs(output - known.values) - known.steady, -1)
        places = numpy.argwhere(doubted)
        for place in places[numpy.argsort(-excess[doubted], kind="stable")][:_EXACTLY]:
            index = tuple(int(i) for i in place)
            exact = self.exact(x, index, side)
            number = float(output[index])
            if exact is None or abs(number - exact) <= float(known.steady[index]):
                continue
            largest = float(x.abs().max())
            if largest > torch.finfo(self.dtype).max / 2 and known.spilled[index]:
                # Twice an element overflows: whoever adds two before comparing decides by that.
                self.remarks.setdefault("values overflow, or are undefined,", shown(x))
                continue
            if largest < 1 / ORDINARY and abs(number - exact) <= largest:
                words = "products become 0, and decisions by them fall otherwise,"
                self.remarks.setdefault(words, shown(x))
                continue
            hint = "" if largest <= ORDINARY else (
                "; say in which range it is to be judged, such as --given 'x in [-1000, 1000]'"
            )  # fmt: skip
            if self.back is not None and largest <= ORDINARY:
                hint = "; where nothing rounds, --given 'x in [-1000, 1000] and x is integer'"
            self.turned = (
                f"{self._otherwise(x, number, exact, index, side)}; a decision by computed values "
                f"falls otherwise than by exact ones{hint}"
            )
            return

    def _strange(
        self, x: torch.Tensor, output: torch.Tensor, own: torch.Tensor, index: tuple[int, ...],
        side: Explored,
    ) -> None:  # fmt: skip
        raise NotJudgedError(self._otherwise(x, output[index], own[index], index, side))

    def _otherwise(
        self, x: torch.Tensor, number: Any, meant: Any, index: tuple[int, ...], side: Explored
    ) -> str:
        """Return in words that a run is not what its terms say."""
        return (
            f"{self.read.whose(side)} does not compute what its trace says at input {shown(x)}: "
            f"{in_digits(number)} instead of {in_digits(meant)} at output {list(index)}"
        )


def _first(differs: torch.Tensor) -> tuple[int, ...]:
    return tuple(int(i) for i in differs.nonzero()[0]) if differs.ndim else ()
