"""Inputs on which decisions by computed values are close: where rounding would turn them.

Over the reals such a decision is taken by exact values; a run takes it by rounded ones. Where the
two sides of a comparison are equal, or as near to that as the dtype has it, a run shows whether
that makes a difference. Inputs are found by moving one element at a time to where a comparison is
undecided, from several starts, and on from there to the next comparison, for some masks are
conjunctions.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy
import torch

from verify.judge.symbols.classes import Pattern, restricted
from verify.judge.symbols.evaluation import Values, real_values
from verify.judge.symbols.terms import Terms

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[numpy.float64]

#: Operators that decide.
DECIDING = frozenset({"lt", "le", "eq", "pick", "rank", "floor", "round"})
#: Comparisons of one kind of window that are looked at, and elements that are moved for each.
_MOST, _MOVED = 12, 12
#: Starts that are kept from one comparison to the next.
_KEPT = 8
#: Steps of regula falsi, of which the first arrives on a line, or of halving.
_STEPS = 56
#: Values that an element is tried at.
_GRID = numpy.array(
    sorted(
        sign * size
        for size in (0, 0.1, 0.5, 1, 2, 3, 4, 5, 7, 8, 10, 16, 30, 64, 100, 1e3, 1e4, 1e5, 1e6, 1e9)
        for sign in ((1,) if size == 0 else (1, -1))
    )
)


def decides(terms: Terms) -> bool:
    """Say whether there is anything that decides by values."""
    return any(block.operator in DECIDING for block in terms.blocks)


class Ties:
    """One kind of window, and the inputs on which its decisions are close."""

    def __init__(self, kind: Pattern, dtype: torch.dtype, late: Callable[[], bool]) -> None:
        self.terms, self.ends, self.elements = restricted(kind)
        self.dtype = dtype
        #: Says whether to stop.
        self.late = late
        self.pairs = _pairs(self.terms)

    @property
    def computed(self) -> bool:
        """Whether any decision is taken by values that are rounded."""
        if not self.pairs or not self.elements:
            return False
        found = self._values(_starts(len(self.elements), self.dtype))
        return any(bool((found.bounds[list(pair)] > 0).any()) for pair in self.pairs)

    def _values(self, columns: Floats) -> Values:
        every = numpy.arange(self.terms.size, dtype=numpy.int32)
        return real_values(self.terms, columns, self.dtype, every)

    def inputs(self) -> Iterator[Floats]:
        """Yield the elements of inputs on which rounding may turn what the output is, once each."""
        starts = _starts(len(self.elements), self.dtype)
        given: set[bytes] = set()
        for pair in (*self.pairs, *self.pairs):
            if self.late():
                return
            columns = numpy.concatenate([starts, *self._undecided(pair, starts)], axis=1)
            columns = numpy.unique(columns, axis=1)
            found = self._values(columns)
            ends = list(self.ends)
            with numpy.errstate(invalid="ignore"):
                turning = (found.steady[ends] < found.bounds[ends]).any(axis=0)
            for column in columns[:, turning].T:
                if column.tobytes() not in given:
                    given.add(column.tobytes())
                    yield column
            starts = columns[:, numpy.argsort(-self._close(found), kind="stable")[:_KEPT]]

    def _close(self, found: Values) -> NDArray[Any]:
        """Return for every input how many comparisons are undecided there."""
        count = numpy.zeros(found.values.shape[1], numpy.int64)
        with numpy.errstate(invalid="ignore"):
            for a, b in self.pairs:
                apart = numpy.abs(found.values[a] - found.values[b])
                count += apart <= found.bounds[a] + found.bounds[b]
        return count

    def _undecided(self, pair: tuple[int, int], starts: Floats) -> Iterator[Floats]:
        """Yield inputs on which both sides of a comparison are nearly the same."""
        for element in range(min(len(self.elements), _MOVED)):
            if self.late():
                return
            moved = numpy.repeat(starts, len(_GRID), axis=1)
            moved[element] = numpy.tile(self._held(_GRID), starts.shape[1])
            apart = self._apart(pair, moved).reshape(starts.shape[1], len(_GRID))
            if (apart == apart[:, :1]).all():
                continue  # it does not depend on this element
            sign = numpy.sign(apart)
            turns = sign[:, 1:] != sign[:, :-1]
            start, place = numpy.nonzero(turns)
            kept = slice(0, 4 * _KEPT)
            start, place = start[kept], place[kept]
            roots = self._roots(
                pair, starts[:, start], element, (_GRID[place], _GRID[place + 1]),
                (apart[start, place], apart[start, place + 1]),
            )  # fmt: skip
            for value in self._around(roots):
                chosen = starts[:, start].copy()
                chosen[element] = value
                yield chosen

    def _roots(
        self, pair: tuple[int, int], columns: Floats, element: int,
        ends: tuple[Floats, Floats], apart: tuple[Floats, Floats],
    ) -> Floats:  # fmt: skip
        """Return where both sides become equal, by the Illinois method.

        Where they are equal from somewhere on, such as behind a clamp, by halving.
        """
        (low, high), (below, above) = ([v.copy() for v in pair_] for pair_ in (ends, apart))
        columns = columns.copy()
        middle = low
        level = (below == 0) | (above == 0)
        for _ in range(_STEPS):
            if self.late():
                break
            with numpy.errstate(all="ignore"):
                middle = (low * above - high * below) / (above - below)
            middle = numpy.where(level | ~numpy.isfinite(middle), (low + high) / 2, middle)
            columns[element] = middle
            here = self._apart(pair, columns)
            if not level.any() and not here.any():
                break
            left = numpy.sign(here) == numpy.sign(below)
            low, high = numpy.where(left, middle, low), numpy.where(left, high, middle)
            below, above = (
                numpy.where(left, here, below / 2),
                numpy.where(left, above / 2, here),
            )
        return middle

    def _apart(self, pair: tuple[int, int], columns: Floats) -> Floats:
        wanted = numpy.array(pair, numpy.int32)
        values = real_values(self.terms, columns, self.dtype, wanted).values
        with numpy.errstate(invalid="ignore"):
            found: Floats = numpy.nan_to_num(values[0] - values[1])
        return found

    def _held(self, numbers: Floats) -> Floats:
        """Return numbers as the dtype has them."""
        limit = torch.finfo(self.dtype).max
        made = torch.from_numpy(numbers).clamp(-limit, limit).to(self.dtype)
        found: Floats = made.double().numpy()
        return found

    def _around(self, numbers: Floats) -> list[Floats]:
        """Return numbers as the dtype has them, their neighbours, and whole ones.

        None is subnormal: products of those are lost whatever is decided by them.
        """
        least = torch.finfo(self.dtype).smallest_normal
        found = [self._held(numbers), self._held(numpy.rint(numbers))]
        for way in (-torch.inf, torch.inf):
            near = torch.from_numpy(found[0]).to(self.dtype)
            for _ in range(2):
                near = torch.nextafter(near, torch.full_like(near, way))
                near = torch.where(near.abs() < least, math.copysign(least, way), near)
                found.append(near.double().numpy())
        return found


def _pairs(terms: Terms) -> list[tuple[int, int]]:
    """Return the terms that are compared with one another."""
    found: dict[tuple[int, int], None] = {}
    for block in terms.blocks:
        for row in block.args.tolist():
            if block.operator in ("lt", "le", "eq"):
                found[row[0], row[1]] = None
            elif block.operator in ("pick", "rank"):
                keys = row[len(row) // 2 :]
                found.update(dict.fromkeys(pairwise(keys)))
            elif block.operator in ("floor", "round"):
                found[row[0], block.start] = None
    return [pair for pair in found if pair[0] != pair[1]][:_MOST]


def _starts(count: int, dtype: torch.dtype) -> Floats:
    generator = torch.Generator().manual_seed(2)
    normal = torch.randn(count, generator=generator)
    # Products of large numbers overflow, and those of small ones become 0.
    large = (normal.double() * 1e25).clamp(-torch.finfo(dtype).max / 4, torch.finfo(dtype).max / 4)
    columns: Sequence[Any] = (
        torch.zeros(count),
        torch.ones(count),
        torch.arange(1, count + 1) % 100,
        torch.randint(-4, 5, (count,), generator=generator),
        normal,
        3 * torch.randn(count, generator=generator),
        large,
        large.flip(0),
    )
    found: Floats = torch.stack([c.to(dtype).double() for c in columns], 1).numpy()
    return found
