"""A proved bound for all kinds of window together, and the worst input that was found."""

from __future__ import annotations

import math
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy
import torch

from proofs.systems.floats import FloatFormat
from verify.judge.symbols.classes import Pattern
from verify.judge.tolerance.asked import Asked
from verify.judge.tolerance.bounds import Bound, Bounds, UnknownRoundingError
from verify.judge.tolerance.rounding import ZERO, Rounding
from verify.judge.tolerance.search import candidates, precise

if TYPE_CHECKING:
    from numpy.typing import NDArray

#: Processor seconds for the search, all kinds of window together.
SEARCHING = 3.0
#: How many candidates of one kind of window the module itself is run on.
REPLAYED = 24
#: Numbers of a module are no larger.
LARGEST = Fraction(sys.float_info.max)
#: How many kinds of window are searched, those with the largest bounds.
MOST_KINDS = 3
#: On so many telling inputs all kinds are held against their bounds, each at so many places.
SWEPT = 4
MOST_PLACES = 4096


@dataclass(frozen=True)
class Worst:
    """The input on which a run was furthest from the reference, of all that were tried."""

    #: The input; of several, the first.
    input: torch.Tensor
    #: The inputs after the first.
    others: tuple[torch.Tensor, ...]
    #: Where in the output.
    index: tuple[int, ...]
    module_value: float
    #: What it should be, rounded to float64 if it is no float; with ``executed`` as computed.
    reference_value: float
    error: float

    def to_dict(self) -> dict[str, Any]:
        """Return it as plain data."""
        inputs = [x.tolist() for x in (self.input, *self.others)]
        return {
            "input": inputs if self.others else inputs[0],
            "index": list(self.index),
            "module_value": self.module_value,
            "reference_value": self.reference_value,
            "error": self.error,
        }


@dataclass(frozen=True)
class Around:
    """Errors where one or two elements of the worst input are moved, and all others stay."""

    #: Which elements, by their place in all inputs one after the other.
    elements: tuple[int, ...]
    #: Their numbers, one row for each.
    values: tuple[tuple[float, ...], ...]
    errors: tuple[float, ...]
    #: Their numbers in the worst input.
    worst: tuple[float, ...]


@dataclass(frozen=True)
class Tolerance:
    """How far a module may be from its reference, for all inputs in a range."""

    #: The ranges, in words.
    between: str
    #: Whether the reference is what is computed, or else the exact value.
    executed: bool
    #: The proved bound on |module − reference|.
    absolute: float
    #: The same in units in the last place of the larger end of the range.
    ulps: float
    #: The bound relative to the exact value, ``None`` where that may be 0.
    relative: float | None
    worst: Worst | None
    #: Errors around the worst input, if a picture was asked for.
    around: Around | None = None

    @property
    def ratio(self) -> float | None:
        """How many times larger the bound is than the worst that was found."""
        if self.worst is None or self.worst.error == 0:
            return None
        return self.absolute / self.worst.error

    @property
    def atol(self) -> float:
        """The absolute tolerance to write in a test."""
        return self.absolute

    @property
    def rtol(self) -> float:
        """The relative tolerance to write beside it: none is needed."""
        return 0.0

    def in_words(self) -> str:
        """Return the bound, and the worst that was found, in a line."""
        words = f"within {self.absolute:.4g}, {self.ulps:.4g} ulp of the larger end"
        if self.worst is None:
            return words
        return f"{words}; worst found {self.worst.error:.4g}"

    def to_dict(self) -> dict[str, Any]:
        """Return it as plain data."""
        return {
            "between": self.between,
            "executed": self.executed,
            "within": self.absolute,
            "ulps": self.ulps,
            "relative": self.relative,
            "atol": self.atol,
            "rtol": self.rtol,
            "ratio": self.ratio,
            "worst": None if self.worst is None else self.worst.to_dict(),
        }


def reading_errors(
    asked: Asked, readings: Mapping[float, Fraction]
) -> Callable[[Fraction], Fraction]:
    """Return how far the numbers of a module may be from the fractions that they stand for.

    A number that is read as w is the float nearest to w in some dtype, rounded once more to that of
    the run, or to a wider one in which a kernel multiplies. So is a number that is divided by.

    Raises:
        UnknownRoundingError: From the function returned, of a divisor that is held as 0.
    """
    rounding = Rounding(asked.system)
    given: dict[Fraction, list[Fraction]] = {}
    for number, meant in readings.items():
        given.setdefault(meant, []).append(Fraction(number))
    known: dict[Fraction, Fraction] = {}

    def held(meant: Fraction) -> list[Fraction]:
        found = [*given.get(meant, []), Fraction(float(meant))]
        if asked.system.bits <= 32:
            single = float(torch.tensor(float(meant), dtype=torch.float32))
            found += [Fraction(single)] if math.isfinite(single) else []
        return [*found, *(rounding.nearest(h) for h in found), rounding.nearest(meant)]

    def error(meant: Fraction) -> Fraction:
        if meant not in known:
            tried = held(meant)
            divisor = 1 / meant if meant else ZERO
            if divisor in given or (
                0 < abs(divisor) < LARGEST and Fraction(float(divisor)) == divisor
            ):
                # A product with 1/w may be a quotient by w, and w be held as another number.
                by = held(divisor)
                if not all(by):
                    raise UnknownRoundingError(f"a division by {float(divisor):g}, held as 0")
                tried += [1 / w for w in by]
            known[meant] = max(abs(h - meant) for h in tried)
        return known[meant]

    return error


def bounded(
    patterns: Sequence[Pattern], asked: Asked, readings: Mapping[float, Fraction]
) -> list[Bound]:
    """Return a bound for each kind of window.

    Raises:
        UnknownRoundingError: There is none.
    """
    reading = reading_errors(asked, readings)
    found = []
    for pattern in patterns:
        ends = asked.of_nodes(pattern.variables)
        bounds = Bounds(pattern, ends, asked.system, reading)
        found.append(bounds.distance(pattern.left, pattern.right, executed=asked.executed))
    return found


def tolerance(bounds: Sequence[Bound], asked: Asked, worst: Worst | None) -> Tolerance:
    """Return the bound of all kinds of window together."""
    largest = max((b.error for b in bounds), default=ZERO)
    relative: Fraction | None = ZERO
    for one in bounds:
        if one.error and one.exact.smallest == 0:
            relative = None
        elif one.error and relative is not None:
            relative = max(relative, one.error / one.exact.smallest)
    end = max((max(abs(e.low), abs(e.high)) for e in asked.ends), default=ZERO)
    gap = asked.system.ulp(float(end))
    assert gap is not None
    return Tolerance(
        asked.written(), asked.executed, upwards(largest), upwards(largest / gap),
        None if relative is None else upwards(relative), worst,
    )  # fmt: skip


def upwards(number: Fraction) -> float:
    """Return the smallest float64 that is no smaller.

    >>> upwards(Fraction(1, 10)), Fraction(upwards(Fraction(1, 3))) > Fraction(1, 3)
    (0.1, True)
    """
    near = float(number)
    return math.nextafter(near, math.inf) if Fraction(near) < number else near


@dataclass
class Runs:
    """What runs of the module show: the largest distance, and where."""

    asked: Asked
    module: Callable[[torch.Tensor], torch.Tensor]
    reference: Callable[[torch.Tensor], torch.Tensor]
    parts: Callable[[torch.Tensor], list[torch.Tensor]]
    deadline: float
    #: Processor seconds for the search.
    searching: float = SEARCHING

    def worst(
        self, patterns: Sequence[Pattern], bounds: Sequence[Bound], shape: Sequence[int]
    ) -> Worst | None:
        """Return the worst input found: by a search, largest bounds first, or among a few.

        Raises:
            BoundExceededError: A run is further away than was proved.
        """
        # In processor time, so that what is found does not depend on what else is running.
        left = max(0.0, self.deadline - time.perf_counter())
        until = time.process_time() + min(self.searching, left)
        found: Worst | None = None
        order = sorted(range(len(patterns)), key=lambda i: bounds[i].error, reverse=True)
        for number in order[:MOST_KINDS]:
            pattern = patterns[number]
            if not pattern.elements or (found is not None and time.process_time() > until):
                continue
            apart = self._apart(pattern)
            try:
                tried = candidates(
                    pattern,
                    [self._ends(element) for element in pattern.variables.values()],
                    self.asked.dtype,
                    run=partial(self._outputs, pattern, apart, shape),
                    until=until,
                    executed=self.asked.executed,
                )
            except NotImplementedError:
                continue
            for run in self._ran(pattern, apart, tried[:REPLAYED], shape):
                here = self._held(pattern, bounds[number].error, run)
                if here is not None and (found is None or here.error > found.error):
                    found = here
        return self._swept(patterns, bounds, shape, found)

    def _swept(
        self, patterns: Sequence[Pattern], bounds: Sequence[Bound], shape: Sequence[int],
        found: Worst | None,
    ) -> Worst | None:  # fmt: skip
        """Return the worst of all kinds of window on a few inputs, if it is worse than ``found``.

        Raises:
            BoundExceededError: A run is further away than was proved.
        """
        for x in islice(self.asked.inputs(), 1, 1 + SWEPT):
            mine = self.module(x).double().numpy().reshape(-1)
            other = self.reference(x).double().numpy().reshape(-1) if self.asked.executed else mine
            flat = x.double().numpy()
            for pattern, bound in zip(patterns, bounds, strict=True):
                if time.perf_counter() > self.deadline:
                    return found
                if not pattern.elements:
                    continue
                step = -(-len(pattern.places) // MOST_PLACES)
                places = pattern.places[::step]
                columns = [flat[e[::step]] for e in pattern.elements.values()]
                exact: Any = other[places]
                if not self.asked.executed:
                    wide = [c.astype(numpy.longdouble) for c in columns]
                    try:
                        exact = precise(pattern, pattern.right, wide)
                    except NotImplementedError:
                        continue
                off = numpy.nan_to_num(numpy.abs(mine[places] - exact), nan=-1, posinf=-1)
                worst = int(numpy.argmax(off))
                # Fractions are slow: they are taken where there is something to see.
                if off[worst] < min(float(bound.error), found.error if found else 0.0):
                    continue
                index = tuple(int(i) for i in numpy.unravel_index(int(places[worst]), tuple(shape)))
                values = [float(c[worst]) for c in columns]
                run = _Run(
                    worst * step, values, index, float(mine[places[worst]]),
                    float(other[places[worst]]),
                )  # fmt: skip
                here = self._held(pattern, bound.error, run, x)
                if here is not None and (found is None or here.error > found.error):
                    found = here
        return found

    def _ends(self, element: int) -> tuple[float, float]:
        end = self.asked.of_element(element)
        return float(end.low), float(end.high)

    def _ran(
        self,
        pattern: Pattern,
        apart: Sequence[int],
        tried: Sequence[Sequence[float]],
        shape: Sequence[int],
    ) -> Iterator[_Run]:
        """Run both sides on candidates, one in each of the windows ``apart`` at a time."""
        for start in range(0, len(tried), len(apart)):
            here = dict(zip(apart, tried[start : start + len(apart)], strict=False))
            x = self._input(pattern, here)
            mine = self.module(x)
            other = self.reference(x) if self.asked.executed else mine
            for window, values in here.items():
                place = int(pattern.places[window])
                index = tuple(int(i) for i in numpy.unravel_index(place, tuple(shape)))
                yield _Run(window, values, index, float(mine[index]), float(other[index]))

    def _outputs(
        self,
        pattern: Pattern,
        apart: Sequence[int],
        shape: Sequence[int],
        tried: Sequence[Sequence[float]],
    ) -> list[float]:
        return [run.mine for run in self._ran(pattern, apart, tried, shape)]

    def _apart(self, pattern: Pattern) -> list[int]:
        """Return some windows of a kind without a common element, by their numbers."""
        columns = numpy.stack(list(pattern.elements.values()), axis=1)
        taken: set[int] = set()
        found: list[int] = []
        for window in range(0, len(columns), max(1, len(columns) // (16 * REPLAYED))):
            elements = set(columns[window].tolist())
            if len(found) < REPLAYED and taken.isdisjoint(elements):
                taken |= elements
                found.append(window)
        return found

    def _input(self, pattern: Pattern, given: Mapping[int, Sequence[float]]) -> torch.Tensor:
        """Return an input with numbers in some windows of a kind, as small as can be elsewhere."""
        x = self.asked.moved(torch.zeros(sum(self.asked.sizes), dtype=self.asked.dtype))
        for window, values in given.items():
            for elements, value in zip(pattern.elements.values(), values, strict=True):
                x[int(elements[window])] = value
        return x

    def _held(
        self, pattern: Pattern, limit: Fraction, run: _Run, x: torch.Tensor | None = None
    ) -> Worst | None:
        """Return how far a run is from the reference, of an input or one with one window.

        Raises:
            BoundExceededError: Further than was proved.
        """
        if not math.isfinite(run.mine):
            return None
        exact = Fraction(
            run.other if self.asked.executed
            else precise(pattern, pattern.right, [Fraction(value) for value in run.values])
        )  # fmt: skip
        error = abs(Fraction(run.mine) - exact)
        if error > limit:
            raise BoundExceededError(
                f"{run.mine:.9g} at output {list(run.place)} is {float(error):.3g} from "
                f"{float(exact):.9g}, and {float(limit):.3g} was proved"
            )
        given = self._input(pattern, {run.window: run.values}) if x is None else x
        first, *others = self.parts(given)
        return Worst(first, tuple(others), run.place, run.mine, float(exact), float(error))


class _Run(NamedTuple):
    """What both sides made of the numbers in one window."""

    window: int
    values: Sequence[float]
    place: tuple[int, ...]
    mine: float
    other: float


def overflown(
    output: NDArray[Any], value: NDArray[Any], system: FloatFormat
) -> NDArray[numpy.bool_]:
    """Say where a run has no number although the exact value is in range."""
    inside = numpy.isfinite(value) & (numpy.abs(value) <= float(system.greatest))
    found: NDArray[numpy.bool_] = ~numpy.isfinite(output) & inside
    return found


class BoundExceededError(Exception):
    """A run is further from the reference than was proved: the proof is wrong."""
