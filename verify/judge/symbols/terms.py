"""What a module computes, as terms: rows of an operator and of the numbers of its arguments.

Every element that a run makes is a term, and a term is a number. Terms are kept as *blocks*: one
operator applied to a whole array of arguments at once, so that a layer of a real network is a
handful of arrays, and a maximum over 10,000 taps one row. Arguments come before what is made of
them, so whoever walks the blocks in order never recurses.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import reduce
from typing import Any

import numpy
from numpy.typing import NDArray

#: Numbers of terms, or of weights.
Ids = NDArray[numpy.int32]

#: The term 0, which torch writes wherever it pads with zeros.
ZERO = 0
#: The term of a value that is not known as a term.
OPAQUE = 1
#: Blocks of up to this many rows share equal rows with earlier ones.
SHARED_ROWS = 64
#: Rows of up to so many numbers are reduced column by column.
SHORT = 16
#: A term that can be more whole numbers than this is not said to be one of them.
MOST_NUMBERS = 1 << 12
#: Operators whose value is a truth value.
TRUTHS = frozenset({"lt", "le", "eq", "and", "or", "not"})

#: A known value: a number (whole ones as int), an infinity or NaN (float), or a truth value.
Value = int | Fraction | float | bool


@dataclass(frozen=True, eq=False)
class Rows:
    """Rows of one operator: ``args[i]`` are the arguments of term ``start + i``."""

    operator: str
    start: int
    args: Ids
    #: For ``linear`` the numbers of the weights, one row for all or one for each row.
    weights: Ids | None = None
    #: What else tells the operator, such as the exponent of a power.
    data: Hashable = None

    @property
    def rows(self) -> int:
        """How many terms the block holds."""
        return len(self.args)


class Terms:
    """All terms over the elements of one input."""

    def __init__(self, count: int) -> None:
        self.count = count
        self.blocks: list[Rows] = []
        self.size = 0
        #: Where each block starts; there is room behind the last.
        self._starts = numpy.zeros(64, numpy.int64)
        self._constants: dict[tuple[str, Value], int] = {}
        #: The value of every constant, by its number.
        self.values: dict[int, Value] = {}
        #: The constants that are no finite numbers.
        self._unbounded: list[int] = []
        self._weights: dict[Fraction, int] = {}
        #: The weights of linear terms, by number.
        self.weights: list[Fraction] = []
        self._shared: dict[Hashable, int] = {}
        #: Says of an operator, its arguments and weights whether kernels may compute it in several
        #: ways: then every row is a term of its own, although it equals another one.
        self.in_many_ways: Callable[[str, Ids, Ids | None], bool] | None = None
        self.constant(0)
        self._append(Rows("opaque", self.size, numpy.zeros((1, 0), numpy.int32)))
        start = self._append(Rows("variable", self.size, numpy.zeros((count, 0), numpy.int32)))
        self.first_variable = start

    @property
    def variables(self) -> Ids:
        """The terms of the elements of the input, in their order."""
        return numpy.arange(
            self.first_variable, self.first_variable + self.count, dtype=numpy.int32
        )

    def is_variable(self, term: int) -> bool:
        """Say whether a term is an element of the input."""
        return 0 <= term - self.first_variable < self.count

    # -- constants and weights -------------------------------------------------------------------

    def constant(self, value: Value) -> int:
        """Return the term of a known value."""
        key = _key(value)
        if key not in self._constants:
            number = self._append(Rows("constant", self.size, numpy.zeros((1, 0), numpy.int32)))
            self._constants[key] = number
            self.values[number] = key[1]
            if isinstance(key[1], float):
                self._unbounded.append(number)
        return self._constants[key]

    def weight(self, value: Fraction) -> int:
        """Return the number of a weight."""
        if value not in self._weights:
            self._weights[value] = len(self.weights)
            self.weights.append(value)
        return self._weights[value]

    def known(self, ids: Ids) -> NDArray[numpy.bool_]:
        """Say which terms are constants."""
        return numpy.isin(ids, numpy.fromiter(self.values, numpy.int32, len(self.values)))

    def unbounded(self, ids: Ids) -> NDArray[numpy.bool_] | None:
        """Say which terms are infinities or NaN; ``None`` if there are none at all."""
        if not self._unbounded:
            return None
        found: NDArray[numpy.bool_] = numpy.isin(ids, numpy.array(self._unbounded, numpy.int32))
        return found if found.any() else None

    def as_kernels_like(self) -> bool:
        """Say whether any term depends on an order of equal elements that is not known."""
        return any(
            block.operator == "rank" and getattr(block.data, "ties", None) is not None
            for block in self.blocks
        )

    # -- blocks ----------------------------------------------------------------------------------

    def _append(self, block: Rows) -> int:
        if len(self.blocks) == len(self._starts):
            self._starts = numpy.concatenate([self._starts, numpy.zeros_like(self._starts)])
        self._starts[len(self.blocks)] = block.start
        self.blocks.append(block)
        self.size += block.rows
        return block.start

    def blocks_of(self, ids: Ids) -> NDArray[Any]:
        """Return the numbers of the blocks that hold the terms."""
        starts = self._starts[: len(self.blocks)]
        if ids.size > SHARED_ROWS:
            # Mostly all are of one block, which both ends tell.
            low, high = numpy.searchsorted(starts, (ids.min(), ids.max()), side="right") - 1
            if low == high:
                return numpy.full(ids.shape, low)
        return numpy.searchsorted(starts, ids, side="right") - 1

    def block_of(self, term: int) -> Rows:
        """Return the block that holds a term."""
        return self.blocks[int(self.blocks_of(numpy.array([term], numpy.int32))[0])]

    def add(
        self,
        operator: str,
        args: Ids,
        weights: Ids | None = None,
        data: Hashable = None,
    ) -> Ids:
        """Return the terms of an operator applied to every row of ``args``."""
        rows = len(args)
        args = numpy.ascontiguousarray(args, dtype=numpy.int32)
        if rows > SHARED_ROWS:
            return self.appended(operator, args, weights, data)
        result = numpy.empty(rows, numpy.int32)
        each = None if weights is None else numpy.broadcast_to(weights, args.shape)
        fresh: dict[Hashable, int] = {}
        chosen: list[int] = []
        for i in range(rows):
            own = None if each is None else each[i]
            if self.in_many_ways is not None and self.in_many_ways(operator, args[i], own):
                result[i] = self.size + len(chosen)
                chosen.append(i)
                continue
            key = (operator, data, args[i].tobytes(), b"" if own is None else own.tobytes())
            if key in self._shared:
                result[i] = self._shared[key]
                continue
            if key not in fresh:
                fresh[key] = self.size + len(chosen)
                chosen.append(i)
            result[i] = fresh[key]
        if chosen:
            some = None if each is None else numpy.ascontiguousarray(each[chosen])
            self._append(Rows(operator, self.size, args[chosen], some, data))
            self._shared.update(fresh)
        return result

    def appended(
        self, operator: str, args: Ids, weights: Ids | None = None, data: Hashable = None
    ) -> Ids:
        """Return terms as :meth:`add` does, whether or not there are equal ones."""
        start = self._append(Rows(operator, self.size, args, weights, data))
        return numpy.arange(start, start + len(args), dtype=numpy.int32)


def any_in_row(found: NDArray[numpy.bool_]) -> NDArray[numpy.bool_]:
    """Say of every row of a table whether anything in it is true.

    >>> any_in_row(numpy.array([[True, False], [False, False]])).tolist()
    [True, False]
    """
    if not 0 < found.shape[1] <= SHORT:
        return numpy.asarray(found.any(axis=1))
    # NumPy is slow where it reduces a short axis.
    return reduce(numpy.logical_or, found.T[1:], found[:, 0].copy())


def all_in_row(found: NDArray[numpy.bool_]) -> NDArray[numpy.bool_]:
    """Say of every row of a table whether all in it is true.

    >>> all_in_row(numpy.array([[True, True], [True, False]])).tolist()
    [True, False]
    """
    return ~any_in_row(~found)


def _key(value: Value) -> tuple[str, Value]:
    if isinstance(value, bool):
        return "truth", value
    if isinstance(value, float):
        if math.isfinite(value):
            value = Fraction(value)
        else:
            return ("nan", math.nan) if value != value else ("infinity", value)
    if isinstance(value, Fraction) and value.denominator == 1:
        value = value.numerator
    return "number", value


def rows_of(ids: Ids, terms: Terms) -> tuple[Ids, Ids | None]:
    """Return the arguments, and the weights if there are any, of terms with one operator."""
    found = terms.blocks_of(ids)
    first = terms.blocks[found[0]]
    if (found == found[0]).all():
        inside = ids - first.start
        if first.weights is None:
            return first.args[inside], None
        wide = len(first.weights) > 1 or first.rows == 1
        weights = first.weights[inside if wide else numpy.zeros_like(inside)]
        return first.args[inside], weights
    args = numpy.empty((len(ids), first.args.shape[1]), numpy.int32)
    weights = None if first.weights is None else numpy.empty_like(args)
    for number in numpy.unique(found):
        block = terms.blocks[number]
        here = found == number
        inside = ids[here] - block.start
        args[here] = block.args[inside]
        if weights is not None:
            assert block.weights is not None
            wide = len(block.weights) > 1 or block.rows == 1
            weights[here] = block.weights[inside if wide else numpy.zeros_like(inside)]
    return args, weights


def fewer(terms: Terms, ends: Sequence[int], most: int) -> bool:
    """Say whether some terms are made of no more than so many, themselves among them.

    >>> terms = Terms(3)
    >>> total = int(terms.add("max", terms.variables.reshape(1, 3))[0])
    >>> fewer(terms, [total], 4), fewer(terms, [total], 3)
    (True, False)
    """
    known, waiting = set(ends), list(set(ends))
    while waiting and len(known) <= most:
        term = waiting.pop()
        block = terms.block_of(term)
        if block.args.shape[1] > most:
            return False
        if block.operator not in ("variable", "constant", "opaque"):
            new = set(block.args[term - block.start].tolist()) - known
            known |= new
            waiting.extend(new)
    return len(known) <= most


def possible(terms: Terms, term: int) -> frozenset[int] | None:
    """Return numbers among which the whole number of a term is; ``None`` if they are not few."""
    found = _numbers(terms, term)
    if found is None or any(number.denominator != 1 for number in found):
        return None
    return frozenset(map(int, found))


def _numbers(terms: Terms, term: int) -> set[Fraction] | None:
    value = terms.values.get(term)
    if value is not None:
        return None if isinstance(value, float) else {Fraction(value)}
    block = terms.block_of(term)
    args, weights = rows_of(numpy.array([term], numpy.int32), terms)
    row = args[0].tolist()
    if block.operator in ("pick", "rank"):
        row = row[: len(row) // 2]
    elif block.operator == "select":
        row = row[1:]
    elif block.operator not in ("linear", "floor", "max", "min"):
        return None
    each = []
    for arg in row:
        part = _numbers(terms, arg)
        if part is None:
            return None
        each.append(part)
    if block.operator == "floor":
        return {Fraction(math.floor(number)) for number in each[0]}
    if block.operator != "linear":
        return set().union(*each)
    assert weights is not None
    sums = {Fraction(0)}
    for part, weight in zip(each, weights[0].tolist(), strict=True):
        sums = {total + terms.weights[weight] * number for total in sums for number in part}
        if len(sums) > MOST_NUMBERS:
            return None
    return sums
