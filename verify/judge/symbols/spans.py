"""Between which numbers terms lie, so that a result in whole numbers is known not to wrap.

Over the reals a term of whole numbers has no end, an ``int8`` has: a + b of two masks times 100 is
−56 there where both hold. Only what follows from the operators is seen, not from their arguments.
"""

from __future__ import annotations

import math
from typing import Any

import numpy
from numpy.typing import NDArray

from verify.judge.symbols.terms import TRUTHS, Ids, Rows, Terms

Ends = NDArray[numpy.float64]


class Spans:
    """The least and the largest number that each term can be, kept as terms are added."""

    def __init__(self, terms: Terms) -> None:
        self.terms = terms
        self._blocks = 0
        self._ends = numpy.zeros((2, 0))

    def of(self, ids: Ids) -> tuple[float, float]:
        """Return numbers between which all these terms lie.

        >>> from fractions import Fraction
        >>> terms = Terms(1)
        >>> mask = terms.add("lt", numpy.array([[0, 2]]))
        >>> weights = numpy.array([[terms.weight(Fraction(100))]], numpy.int32)
        >>> Spans(terms).of(terms.add("linear", mask[:, None], weights))
        (0.0, 100.0)
        """
        self._grow()
        low, high = self._ends[:, ids.reshape(-1)]
        return float(low.min(initial=math.inf)), float(high.max(initial=-math.inf))

    def _grow(self) -> None:
        if self._blocks == len(self.terms.blocks):
            return
        more = self.terms.size - self._ends.shape[1]
        open_ = numpy.broadcast_to([[-math.inf], [math.inf]], (2, more))
        self._ends = numpy.concatenate([self._ends, open_], axis=1)
        for block in self.terms.blocks[self._blocks :]:
            with numpy.errstate(all="ignore"):
                low, high = self._block(block)
            rows = slice(block.start, block.start + block.rows)
            self._ends[0, rows] = numpy.where(numpy.isnan(low), -math.inf, low)
            self._ends[1, rows] = numpy.where(numpy.isnan(high), math.inf, high)
        self._blocks = len(self.terms.blocks)

    def _block(self, block: Rows) -> tuple[Ends, Ends]:
        low, high = self._ends[:, block.args]
        exponent: Any = block.data
        match block.operator:
            case "constant":
                value = float(self.terms.values[block.start])
                return numpy.array([value]), numpy.array([value])
            case "linear":
                assert block.weights is not None
                w = numpy.array([float(w) for w in self.terms.weights])[block.weights]
                one, other = w * low, w * high
                return numpy.minimum(one, other).sum(axis=1), numpy.maximum(one, other).sum(axis=1)
            case "mul":
                corners = numpy.stack([a[:, 0] * b[:, 1] for a in (low, high) for b in (low, high)])
                return corners.min(axis=0), corners.max(axis=0)
            case "power" if exponent.denominator == 1 and exponent >= 0:
                ends = numpy.stack([low[:, 0], high[:, 0]]) ** float(exponent)
                least, around = ends.min(axis=0), (low[:, 0] < 0) & (high[:, 0] > 0)
                return numpy.where(around, numpy.minimum(least, 0), least), ends.max(axis=0)
            case "max":
                return low.max(axis=1), high.max(axis=1)
            case "min":
                return low.min(axis=1), high.min(axis=1)
            case "select":
                return low[:, 1:].min(axis=1), high[:, 1:].max(axis=1)
            case "pick" | "rank":
                half = low.shape[1] // 2
                return low[:, :half].min(axis=1), high[:, :half].max(axis=1)
            case "floor":
                return numpy.floor(low[:, 0]), numpy.floor(high[:, 0])
            case "round":
                return numpy.round(low[:, 0]), numpy.round(high[:, 0])
            case operator if operator in TRUTHS:
                return numpy.zeros(block.rows), numpy.ones(block.rows)
        return numpy.full(block.rows, -math.inf), numpy.full(block.rows, math.inf)
