"""The values of terms in a float format, computed without the kernels of that format.

Up to float32 in float64 and by one rounding of our own: exact, or for quotients and for sums of
numbers far apart so nearly that a second rounding changes nothing, because float64 has more than
twice the digits. In float64 itself in fractions, one number at a time.

Source: Figueroa, "When is double rounding innocuous?", SIGNUM Newsletter 30(3), 1995.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy

from proofs.systems import SYSTEMS
from proofs.systems.floats import FloatFormat, floor_log2
from verify.judge.symbols.terms import Ids, Rows, Terms

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[numpy.float64]

_EXPONENT = numpy.int64(0x7FF << 52)
_PIECE = 1 << 13
_SIGN = numpy.int64(-(1 << 63))


class RoundingTo:
    """Rounds arrays of float64 to a narrower float format: to nearest, ties to even, once."""

    def __init__(self, system: FloatFormat) -> None:
        #: A number of this much larger exponent has the format's last place as its own.
        self._shift = numpy.int64((53 - system.precision) << 52)
        self._least = numpy.int64((1023 + system.least_exponent) << 52)
        self._most = numpy.int64((1024 + floor_log2(system.greatest)) << 52)
        self._greatest = float(system.greatest)

    def __call__(self, x: Floats) -> Floats:
        """Return the nearest numbers of the format, infinities beyond the largest."""
        rounded = numpy.empty_like(x)
        for start in range(0, len(x), _PIECE):  # as much as a processor keeps at hand
            piece = slice(start, start + _PIECE)
            self._round(x[piece], rounded[piece])
        return rounded

    def _round(self, x: Floats, rounded: Floats) -> None:
        bits = x.view(numpy.int64)
        anchor = bits & _EXPONENT
        numpy.maximum(anchor, self._least, out=anchor)
        numpy.minimum(anchor, self._most, out=anchor)
        anchor += self._shift
        anchor |= bits & _SIGN
        far = anchor.view(numpy.float64)
        numpy.add(x, far, out=rounded)
        rounded -= far
        if max(rounded.max(), -rounded.min()) <= self._greatest:
            return
        over = numpy.abs(rounded) > self._greatest  # or some are NaN
        rounded[over] = numpy.copysign(math.inf, rounded[over])


def values(
    terms: Terms, inputs: Sequence[Floats], system: FloatFormat, wanted: Ids
) -> list[NDArray[Any]]:
    """Return the values of ``wanted``, flat, at arrays of inputs; truth values as such.

    Args:
        terms: The terms.
        inputs: For every element of the input numbers of the format, as float64, of one length.
        system: The format.
        wanted: The terms asked for.
    """
    computing = _Fractions(system) if system.precision > 24 else _Wider(system)
    found: dict[int, Any] = {}
    needed = _needed(terms, wanted)
    with numpy.errstate(all="ignore"):
        for block in terms.blocks:
            for row in range(block.rows):
                term = block.start + row
                if term not in needed:
                    continue
                if block.operator == "variable":
                    found[term] = inputs[term - terms.first_variable]
                elif block.operator == "constant":
                    found[term] = numpy.full(len(inputs[0]), float(terms.values[term]))
                else:
                    args = [found[int(a)] for a in block.args[row]]
                    found[term] = computing.computed(block, args)
    return [found[int(term)] for term in wanted.reshape(-1)]


def _needed(terms: Terms, wanted: Ids) -> set[int]:
    waiting, needed = [int(t) for t in wanted.reshape(-1)], set()
    while waiting:
        term = waiting.pop()
        if term in needed:
            continue
        needed.add(term)
        block = terms.block_of(term)
        waiting.extend(int(a) for a in block.args[term - block.start])
    return needed


class _Wider:
    """Computes in float64 and rounds to the format."""

    def __init__(self, system: FloatFormat) -> None:
        self.rounding = RoundingTo(system)

    def computed(self, block: Rows, args: list[Any]) -> Any:
        """Return the values of one row."""
        match block.operator:
            case "add":
                return self.rounding(args[0] + args[1])
            case "sub":
                return self.rounding(args[0] - args[1])
            case "mul":
                return self.rounding(args[0] * args[1])
            case "div":
                return self.rounding(args[0] / args[1])
        return _chosen(block, args)


def _chosen(block: Rows, args: list[Any]) -> Any:
    """Return the values of a row that does not round: it chooses, compares or turns a sign."""
    match block.operator:
        case "neg":
            return -args[0]
        case "abs":
            return numpy.abs(args[0])
        case "max" | "min":
            best = args[0]
            for other in args[1:]:
                joined = numpy.maximum if block.operator == "max" else numpy.minimum
                best = joined(best, other)  # NaN if one is
            return best
        case "lt":
            return args[0] < args[1]
        case "le":
            return args[0] <= args[1]
        case "eq":
            return args[0] == args[1]
        case "not":
            return args[0] == 0
        case "and":
            return numpy.logical_and.reduce([a != 0 for a in args])
        case "or":
            return numpy.logical_or.reduce([a != 0 for a in args])
        case "select":
            return numpy.where(args[0] != 0, args[1], args[2])
        case "spoiled":
            fine = numpy.logical_and.reduce([numpy.isfinite(a) for a in args[1:]])
            return numpy.where(fine, args[0], math.nan)
    raise ValueError(f"{block.operator} has no value in a float format here")


class _Fractions:
    """Computes by the format's own definition, in fractions, one number at a time."""

    def __init__(self, system: FloatFormat) -> None:
        self.system = system

    def computed(self, block: Rows, args: list[Any]) -> Any:
        """Return the values of one row."""
        if block.operator not in ("add", "sub", "mul", "div"):
            return _chosen(block, args)
        rows = zip(*[a.tolist() for a in args], strict=True)
        made = [self._one(block.operator, row) for row in rows]
        return numpy.array(made, numpy.float64)

    def _one(self, operator: str, row: Sequence[float]) -> float:
        a, b = row
        if all(map(math.isfinite, row)) and not (operator == "div" and b == 0):
            x, y = Fraction(a), Fraction(b)
            exact = (
                x + y if operator == "add" else x - y if operator == "sub"
                else x * y if operator == "mul" else x / y
            )  # fmt: skip
            return float(self.system.rounded(exact)) if exact else 0.0
        left, right = numpy.float64(a), numpy.float64(b)  # no rounding: 0, ∞ or NaN
        return float(
            left + right if operator == "add" else left - right if operator == "sub"
            else left * right if operator == "mul" else left / right
        )  # fmt: skip


def format_named(dtype: str) -> FloatFormat:
    """Return a float format by torch's name of the dtype."""
    system = SYSTEMS[dtype]
    assert isinstance(system, FloatFormat)
    return system
