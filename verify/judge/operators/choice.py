"""Operators that compare and choose: orders, masks, truth values, extremes of two."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy
import torch

from verify.judge.operators.movement import cast
from verify.judge.operators.registry import Reply, interprets
from verify.judge.symbols.algebra import NoTermError
from verify.judge.symbols.terms import ZERO, Ids

if TYPE_CHECKING:
    from verify.judge.watching.reader import Reader

aten = torch.ops.aten


def _comparing(operator: str) -> None:
    packet = getattr(aten, operator)

    @interprets(packet.Tensor, packet.Scalar)
    def compare(o: Reader, x: Any, y: Any) -> Ids:
        truths = [isinstance(v, torch.Tensor) and v.dtype is torch.bool for v in (x, y)]
        if all(truths) and operator in ("eq", "ne"):
            a, b = numpy.broadcast_arrays(o.ids(x), o.ids(y))
            both = o.algebra.connected("and", _flat(a, b))
            neither = o.algebra.negation(o.algebra.connected("or", _flat(a, b)))
            same = o.algebra.connected("or", _flat(both, neither)).reshape(a.shape)
            return same if operator == "eq" else o.algebra.negation(same)
        return o.algebra.compare(operator, o.numeric(x), o.numeric(y))


for _operator in ("lt", "le", "gt", "ge", "eq", "ne"):
    _comparing(_operator)


@interprets(aten.where.self, aten.where.ScalarSelf, aten.where.ScalarOther)
def where(o: Reader, condition: Any, x: Any, y: Any) -> Ids:
    """Return x where a condition holds, else y."""
    dtypes = [v.dtype for v in (x, y) if isinstance(v, torch.Tensor)]
    if all(d is torch.bool for d in dtypes):
        c, a, b = numpy.broadcast_arrays(o.truth(condition), o.ids(x), o.ids(y))
        both = (
            o.algebra.connected("and", _flat(c, a)),
            o.algebra.connected("and", _flat(o.algebra.negation(c), b)),
        )
        return o.algebra.connected("or", numpy.column_stack(both)).reshape(c.shape)
    return o.algebra.select(o.truth(condition), o.numeric(x), o.numeric(y))


@interprets(aten.masked_fill.Scalar, aten.masked_fill.Tensor)
def masked_fill(o: Reader, x: torch.Tensor, mask: Any, value: Any) -> Ids:
    """Return a number where a mask holds, else x."""
    return o.algebra.select(o.ids(mask), cast(o, value, x.dtype), o.ids(x))


@interprets(aten.maximum.default)
def maximum(o: Reader, x: Any, y: Any) -> Ids:
    """Return the larger of two; NaN if one is NaN."""
    return o.algebra.maximum(o.numeric(x), o.numeric(y))


@interprets(aten.minimum.default)
def minimum(o: Reader, x: Any, y: Any) -> Ids:
    """Return the smaller of two; NaN if one is NaN."""
    return o.algebra.minimum(o.numeric(x), o.numeric(y))


@interprets(aten.fmax.default)
def fmax(o: Reader, x: Any, y: Any) -> Ids:
    """Return the larger of two; the other one if one is NaN."""
    _without_nan(o, x, y)
    return o.algebra.maximum(o.numeric(x), o.numeric(y))


@interprets(aten.fmin.default)
def fmin(o: Reader, x: Any, y: Any) -> Ids:
    """Return the smaller of two; the other one if one is NaN."""
    _without_nan(o, x, y)
    return o.algebra.minimum(o.numeric(x), o.numeric(y))


def _without_nan(o: Reader, *values: Any) -> None:
    if o.algebra.rounds or any(o.terms.unbounded(o.numeric(v)) is not None for v in values):
        raise NoTermError("what it does with NaN is not written as a term")


def _connecting(operator: str, *overloads: Any) -> None:
    @interprets(*overloads)
    def connect(o: Reader, x: Any, y: Any) -> Ids:
        for value in (x, y):
            logical = str(overloads[0]).startswith("aten.logical")
            truth = isinstance(value, bool) or (
                isinstance(value, torch.Tensor) and value.dtype is torch.bool
            )
            if not truth and not logical:
                raise NoTermError("a connective of bits")
        a, b = numpy.broadcast_arrays(o.truth(x), o.truth(y))
        if operator == "xor":
            first = o.algebra.connected("and", _flat(a, o.algebra.negation(b)))
            second = o.algebra.connected("and", _flat(o.algebra.negation(a), b))
            joined = numpy.column_stack([first, second])
            return o.algebra.connected("or", joined).reshape(a.shape)
        return o.algebra.connected(operator, _flat(a, b)).reshape(a.shape)


def _flat(x: Ids, y: Ids) -> Ids:
    return numpy.column_stack([x.reshape(-1), y.reshape(-1)])


_connecting("and", aten.bitwise_and.Tensor, aten.bitwise_and.Scalar)
_connecting("and", aten.logical_and.default)
_connecting("or", aten.bitwise_or.Tensor, aten.bitwise_or.Scalar)
_connecting("or", aten.logical_or.default)
_connecting("xor", aten.bitwise_xor.Tensor, aten.bitwise_xor.Scalar)
_connecting("xor", aten.logical_xor.default)


@interprets(aten.logical_not.default)
def logical_not(o: Reader, x: Any) -> Ids:
    """Return the opposite."""
    return o.algebra.negation(o.truth(x))


@interprets(aten.bitwise_not.default)
def bitwise_not(o: Reader, x: Any) -> Ids:
    """Return the opposite of truth values."""
    if x.dtype is not torch.bool:
        raise NoTermError("a complement of bits")
    return o.algebra.negation(o.ids(x))


@interprets(aten.isnan.default)
def isnan(o: Reader, x: Any) -> Ids:
    """Say where there is no number."""
    return o.algebra.compare("ne", o.ids(x), o.ids(x))


def _unbounded(operator: str, *ends: float) -> None:
    @interprets(getattr(aten, operator).default)
    def at_end(o: Reader, x: Any) -> Ids:
        ids = o.numeric(x)
        found = [o.algebra.compare("eq", ids, o.number(end)).reshape(-1) for end in ends]
        return o.algebra.connected("or", numpy.column_stack(found)).reshape(ids.shape)


_unbounded("isinf", math.inf, -math.inf)
_unbounded("isposinf", math.inf)
_unbounded("isneginf", -math.inf)


@interprets(aten.equal.default)
def equal(o: Reader, x: torch.Tensor, y: torch.Tensor) -> Any:
    """Reply whether two tensors are the same: a decision on all elements."""
    if x.shape != y.shape:
        return None
    same = o.algebra.compare("eq", o.numeric(x), o.numeric(y)).reshape(1, -1)
    if same.size == 0:
        return None
    term = int(o.algebra.connected("and", same).reshape(-1)[0])
    with o.shadows.opened([x, y]):
        actual = bool(aten.equal.default(x, y))
    return Reply(o.decide(term, actual))


@interprets(aten.heaviside.default)
def heaviside(o: Reader, x: Any, middle: Any) -> Ids:
    """Return 0 below 0, 1 above, and another number at 0."""
    if not o.algebra.real:
        raise NoTermError("what it does with NaN is not written as a term")
    ids, one = o.ids(x), o.algebra.constant(1)
    at_zero = o.algebra.select(o.algebra.compare("eq", ids, ZERO), o.ids(middle), one)
    return o.algebra.select(o.algebra.compare("lt", ids, ZERO), ZERO, at_zero)
