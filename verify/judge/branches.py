"""Modules that decide by their input as a whole: each way is judged by itself, and inputs go there.

A threshold on the mean of a layer depends on all of its elements, and so does every output behind
it. But where both ways of a module are right for every input, it does not matter which it goes; and
where one of them is right only for inputs that go there, as of those without a negative element,
what was decided says so of every element.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import product
from typing import TYPE_CHECKING, Any

import numpy
import torch

from verify.judge.conditions.given import Given
from verify.judge.symbols.terms import Ids, Terms
from verify.judge.watching.paths import Explored
from verify.judge.watching.reader import Decision

if TYPE_CHECKING:
    from numpy.typing import NDArray

#: Decisions on more elements are on the input as a whole, or on all of so many at least.
WIDE, ALL = 64, 16
#: Pairs of ways that are judged one by one, at most.
MOST_PAIRS = 8
#: Numbers by which something is decided that are looked at, at most.
_MOST_NUMBERS = 4


@dataclass(frozen=True)
class WayPair:
    """A way through each side, and what is known of every element of the inputs that go there."""

    left: Ids
    right: Ids
    given: Given | None
    #: Where it was decided.
    where: str


def decisions_of(*sides: Explored) -> list[Decision]:
    """Return what both sides decide by their input, each question once."""
    found: dict[int, Decision] = {}
    for side in sides:
        for read, _ in side.ways:
            found.update((one.term, one) for one in read)
    return list(found.values())


def wide(terms: Terms, decisions: Sequence[Decision]) -> bool:
    """Say whether any decision depends on many elements, or on all."""
    many = min(WIDE + 1, max(terms.count, ALL))
    return any(len(_elements(terms, one.term)) >= many for one in decisions)


def _elements(terms: Terms, term: int) -> NDArray[Any]:
    """Return the terms of the elements of the input on which one depends."""
    used = numpy.zeros(terms.size, bool)
    used[term] = True
    for block in reversed(terms.blocks):
        here = used[block.start : block.start + block.rows]
        if block.args.shape[1] and here.any():
            used[block.args[here].reshape(-1)] = True
    first = terms.first_variable
    return first + numpy.flatnonzero(used[first : first + terms.count])


def pairs(terms: Terms, left: Explored, right: Explored, *, real: bool) -> list[WayPair]:
    """Return the ways that both sides can go together; none if there are too many.

    Args:
        terms: Where their terms are.
        left: One side.
        right: The other.
        real: Whether they are read over the reals, where nothing is NaN.
    """
    every: list[Sequence[tuple[tuple[Decision, ...], Ids]]] = []
    for side in (left, right):
        assert side.ids is not None
        every.append(side.ways or [((), side.ids)])
    if math.prod(map(len, every)) > MOST_PAIRS:
        return []
    found = []
    for (mine, one), (theirs, other) in product(*every):
        answers: dict[int, bool] = {}
        together = [*mine, *theirs]
        if any(answers.setdefault(d.term, d.answer) is not d.answer for d in together):
            continue  # no input goes both
        known = Learnt(terms)
        if real:
            for decision in together:
                known.learn(decision.term, decision.answer)
        if known.possible:
            where = together[-1].where if together else ""
            found.append(WayPair(one, other, known.given, where))
    return found


class Learnt:
    """What decisions say of every element of the input: between which numbers it is.

    Of what is decided by some of the elements alone nothing is learnt, nor of sums.
    """

    def __init__(self, terms: Terms) -> None:
        self.terms = terms
        self.low: tuple[Fraction, bool] | None = None
        self.high: tuple[Fraction, bool] | None = None

    @property
    def possible(self) -> bool:
        """Whether there are such inputs."""
        if self.low is None or self.high is None:
            return True
        left_out = self.low[1] or self.high[1]
        return self.low[0] < self.high[0] or (self.low[0] == self.high[0] and not left_out)

    @property
    def given(self) -> Given | None:
        """The same as a condition on every element."""
        if self.low is None and self.high is None:
            return None
        low, above = self.low or (None, False)
        high, below = self.high or (None, False)
        return Given("", low, high, above, below)

    def learn(self, term: int, answer: bool) -> None:
        """Take a decision into account."""
        block = self.terms.block_of(term)
        row = block.args[term - block.start]
        match block.operator, answer:
            case "not", _:
                self.learn(int(row[0]), not answer)
            case ("and", True) | ("or", False):
                self._learn_each(row, answer)
            case (("lt" | "le"), _):
                strict = (block.operator == "lt") == answer
                low, high = (row if answer else row[::-1]).tolist()
                self._ordered(low, high, strict)

    def _learn_each(self, row: Ids, answer: bool) -> None:
        """Take a conjunction into account: of comparisons of elements with one number each."""
        blocks = self.terms.blocks_of(row)
        for number in numpy.unique(blocks):
            block = self.terms.blocks[number]
            terms = row[blocks == number]
            if len(terms) == 1 and len(row) < WIDE:
                self.learn(int(terms[0]), answer)
                continue
            holds = answer
            args = block.args[terms - block.start]
            if block.operator == "not":
                inner = self.terms.blocks_of(args[:, 0])
                block, holds = self.terms.blocks[inner[0]], not answer
                if (inner != inner[0]).any():
                    continue
                args = block.args[args[:, 0] - block.start]
            if block.operator not in ("lt", "le"):
                continue
            strict = (block.operator == "lt") == holds
            low, high = (args if holds else args[:, ::-1]).T
            for numbers, elements, is_low in ((low, high, True), (high, low, False)):
                if (numbers == numbers[0]).all():
                    self._bound(int(numbers[0]), elements, strict, is_low=is_low)

    def _ordered(self, low: int, high: int, strict: bool) -> None:
        """Take into account that one term is below another one, or not above it."""
        for number, other, operator in ((low, high, "min"), (high, low, "max")):
            block = self.terms.block_of(other)
            members = numpy.array([other])
            while block.operator == operator:
                blocks = self.terms.blocks_of(members)
                if (blocks != blocks[0]).any() or self.terms.blocks[blocks[0]].operator != operator:
                    break
                block = self.terms.blocks[blocks[0]]
                members = block.args[members - block.start].reshape(-1)
                block = self.terms.block_of(int(members[0]))
            self._bound(number, members, strict, is_low=operator == "min")

    def _bound(self, number: int, elements: NDArray[Any], strict: bool, *, is_low: bool) -> None:
        value = self.terms.values.get(number)
        if value is None or isinstance(value, float | bool):
            return
        inside = numpy.unique(elements) - self.terms.first_variable
        if ((inside >= 0) & (inside < self.terms.count)).sum() < self.terms.count:
            return  # of some of the elements alone
        end = Fraction(value)
        if is_low and (self.low is None or end >= self.low[0]):
            self.low = end, strict or (self.low is not None and self.low == (end, True))
        if not is_low and (self.high is None or end <= self.high[0]):
            self.high = end, strict or (self.high is not None and self.high == (end, True))


# -- inputs that go all ways -----------------------------------------------------------------------


def thresholds(terms: Terms, decisions: Sequence[Decision]) -> list[tuple[float, float]]:
    """Return numbers by which something is decided, and the element of which all are to be for it.

    The mean of a constant input is that number, its sum so many times it.
    """
    found: dict[float, float] = {}
    for one in decisions:
        waiting = [one.term]
        seen = 0
        while waiting and len(found) < _MOST_NUMBERS and seen < 16 * WIDE:
            term = waiting.pop()
            seen += 1
            block = terms.block_of(term)
            row = block.args[term - block.start]
            if block.operator in ("and", "or", "not", "select"):
                waiting.extend(numpy.unique(row)[:WIDE].tolist())
            elif block.operator in ("lt", "le", "eq"):
                for number, other in (row.tolist(), row[::-1].tolist()):
                    value = terms.values.get(number)
                    if value is None or isinstance(value, bool) or not math.isfinite(value):
                        continue
                    found.setdefault(float(value), float(value / (_weight(terms, other) or 1)))
    return list(found.items())


def _weight(terms: Terms, term: int) -> Fraction:
    """Return the sum of the weights of a sum, 1 of anything else."""
    block = terms.block_of(term)
    if block.operator != "linear":
        return Fraction(1)
    assert block.weights is not None
    weights = block.weights[term - block.start if len(block.weights) > 1 else 0]
    numbers, counts = numpy.unique(weights, return_counts=True)
    return sum(
        (terms.weights[w] * c for w, c in zip(numbers.tolist(), counts.tolist(), strict=True)),
        Fraction(0),
    )


def steering(
    count: int, dtype: torch.dtype, numbers: Sequence[tuple[float, float]]
) -> Iterator[torch.Tensor]:
    """Yield inputs on both sides of what is decided by all elements, and at it.

    Args:
        count: How many elements the input has.
        dtype: Their dtype.
        numbers: What :func:`thresholds` returns.
    """
    generator = torch.Generator().manual_seed(4)
    info = torch.finfo(dtype) if dtype.is_floating_point else torch.iinfo(dtype)
    normal = torch.randn(count, generator=generator).double()
    whole = torch.randint(-4, 5, (count,), generator=generator).double()

    def made(x: torch.Tensor, *places: tuple[int, float]) -> torch.Tensor:
        x = x.clone()
        for place, number in places:
            x[place] = number
        limited = x.clamp(info.min, info.max)
        return (limited if dtype.is_floating_point else limited.round()).to(dtype)

    alike = torch.ones(count).double()
    last = count - 1
    for threshold, level in (*numbers, (0.0, 0.0)):
        scale = max(abs(level), 1.0)
        for number in dict.fromkeys((level, threshold)):
            # All alike: at it, beside it and far from it, with a little or much around it.
            yield made(alike * number)
            yield made(number + normal * scale * 1e-3)
            yield made(number + normal.abs() * scale)
            yield made(number - normal.abs() * scale)
            yield made(number + normal * scale)
            yield made(number + scale + normal * scale / 8)
            yield made(number - scale + normal * scale / 8)
        # One element decides: the largest, the smallest, and what is missing from a sum.
        for sign in (1, -1):
            far = sign * 1e3 * scale * max(1.0, math.sqrt(count))
            yield made(level - sign * normal.abs() * scale, (last, far * count))
            yield made(level - sign * normal.abs() * scale, (last // 2, threshold))
            yield made(threshold - sign * normal.abs() * scale, (0, threshold))
        # Half of them on one side, half on the other.
        half = torch.where(torch.arange(count) < count // 2, 1, -1)
        for sign in (1, -1):
            yield made(level + sign * half * normal.abs() * scale)
        yield made(alike * 0, (0, threshold))
        yield made(whole, (0, threshold - float(whole[1:].sum())))
        yield made(whole, (last, level * count - float(whole[:-1].sum())))
    for number in (1e-4, 1.0, -1.0, 1e3, -1e3, 1e6, -1e6):
        yield made(alike * number)
        yield made(number * (1 + normal.abs()))
