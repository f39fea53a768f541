"""Sorting: the largest few, the middle one, and where they stand.

The place of the largest of w is the term ``pick(0 … k − 1; w)``, that of another rank ``rank(…)``.
Which of several equal elements comes first is established for the kernels that take the first of
them; others are said to order them as they like, each call in its own way.
"""

from __future__ import annotations

import math
from itertools import count
from typing import TYPE_CHECKING, Any

import numpy
import torch

from verify.judge.operators.reduction import Dims, reduced, running
from verify.judge.operators.registry import interprets
from verify.judge.symbols.algebra import NoTermError, Rank
from verify.judge.symbols.terms import Ids

if TYPE_CHECKING:
    from verify.judge.watching.reader import Reader

aten = torch.ops.aten
_calls = count()


def places(o: Reader, keys: Ids, values: Ids | None = None) -> Ids:
    """Return the places of the largest of every row, or known values that stand for places."""
    if values is None:
        numbers = [o.algebra.constant(i) for i in range(keys.shape[1])]
        values = numpy.broadcast_to(numpy.array(numbers, numpy.int32), keys.shape)
    return o.algebra.pick(numpy.ascontiguousarray(values), keys)


def _place(o: Reader, x: torch.Tensor, dim: Dims, keepdim: bool, *, largest: bool) -> Ids:
    keys = o.numeric(x)
    if not largest:
        keys = o.algebra.negative(keys)
    return reduced(keys, dim, keepdim, lambda rows: places(o, rows))


def _both(o: Reader, x: torch.Tensor, dim: Dims, keepdim: bool, *, largest: bool) -> Any:
    values = reduced(
        o.numeric(x), dim, keepdim, lambda rows: o.algebra.extreme(rows, largest=largest)
    )
    try:
        return values, _place(o, x, dim, keepdim, largest=largest)
    except NoTermError:  # the values have terms where places have none
        return values, ...


@interprets(aten.max.dim)
def maximum(o: Reader, x: torch.Tensor, dim: int, keepdim: bool = False) -> Any:
    """Return the largest elements and their places."""
    return _both(o, x, dim, keepdim, largest=True)


@interprets(aten.min.dim)
def minimum(o: Reader, x: torch.Tensor, dim: int, keepdim: bool = False) -> Any:
    """Return the smallest elements and their places."""
    return _both(o, x, dim, keepdim, largest=False)


@interprets(aten.argmax.default)
def argmax(o: Reader, x: torch.Tensor, dim: Dims = None, keepdim: bool = False) -> Ids:
    """Return the places of the largest elements."""
    return _place(o, x, dim, keepdim, largest=True)


@interprets(aten.argmin.default)
def argmin(o: Reader, x: torch.Tensor, dim: Dims = None, keepdim: bool = False) -> Ids:
    """Return the places of the smallest elements."""
    return _place(o, x, dim, keepdim, largest=False)


def _along(o: Reader, x: torch.Tensor, dim: int) -> tuple[Ids, tuple[int, ...]]:
    if o.algebra.rounds:
        raise NoTermError(f"an order, where {o.algebra.system.name} has NaN")
    ids = o.numeric(x)
    moved = numpy.moveaxis(ids if ids.ndim else ids.reshape(1), dim, -1)
    return moved.reshape(math.prod(moved.shape[:-1]), moved.shape[-1]), moved.shape[:-1]


def _columns(found: list[Ids], leading: tuple[int, ...], dim: int, x: torch.Tensor) -> Ids:
    if x.ndim == 0:
        return found[0].reshape(())
    made = numpy.stack(found, axis=-1).reshape(*leading, len(found))
    return numpy.moveaxis(made, -1, dim)


def _where(o: Reader, rows: Ids, orders: list[Rank]) -> list[Ids] | None:
    """Return the places of elements of these orders; ``None`` where they have no terms."""
    numbers = numpy.array([o.algebra.constant(i) for i in range(rows.shape[1])], numpy.int32)
    values = numpy.ascontiguousarray(numpy.broadcast_to(numbers, rows.shape))
    try:
        return [o.algebra.rank(values, rows, order) for order in orders]
    except NoTermError:
        return None


def _ranked(
    o: Reader, x: torch.Tensor, dim: int, ranks: range | list[int], *, descending: bool,
    stable: bool = False,
) -> tuple[Ids, Any]:  # fmt: skip
    """Return the elements of these ranks along an axis, and their places."""
    rows, leading = _along(o, x, dim)
    last = rows.shape[1] - 1
    rising = [last - rank if descending else rank for rank in ranks]
    found = o.algebra.ordered(rows, set(rising))
    ties = None if stable else next(_calls)
    where = _where(o, rows, [Rank(rank, descending, ties) for rank in ranks])
    places_: Any = ... if where is None else _columns(where, leading, dim, x)
    return _columns([found[rank] for rank in rising], leading, dim, x), places_


@interprets(aten.sort.default, aten.sort.stable)
def sort(o: Reader, x: torch.Tensor, *args: Any, **named: Any) -> Any:
    """Return the elements in order, and their places."""
    stable = "stable" in named and bool(named["stable"])
    args = tuple(a for a in args if a is not None) if "stable" in named else args
    dim = named.get("dim", args[0] if args else -1)
    descending = named.get("descending", args[1] if len(args) > 1 else False)
    ranks = range(x.shape[dim] if x.ndim else 1)
    return _ranked(o, x, dim, ranks, descending=descending, stable=stable)


@interprets(aten.topk.default)
def topk(
    o: Reader, x: torch.Tensor, k: int, dim: int = -1, largest: bool = True, sorted: bool = True
) -> Any:
    """Return the k largest or smallest elements, and their places."""
    if not sorted:
        raise NoTermError("the largest few in no order")
    return _ranked(o, x, dim, range(k), descending=largest)


def _one(o: Reader, x: torch.Tensor, rank: int, dim: int, keepdim: bool) -> Any:
    found = _ranked(o, x, dim, [rank], descending=False)
    if keepdim or x.ndim == 0:
        return found
    return tuple(f if f is ... else numpy.take(f, 0, axis=dim) for f in found)


@interprets(aten.kthvalue.default)
def kthvalue(o: Reader, x: torch.Tensor, k: int, dim: int = -1, keepdim: bool = False) -> Any:
    """Return the k-th smallest elements, and their places."""
    return _one(o, x, k - 1, dim, keepdim)


@interprets(aten.median.default)
def median_of_all(o: Reader, x: torch.Tensor) -> Ids:
    """Return the lower of the middle elements."""
    if o.algebra.rounds:
        raise NoTermError(f"an order, where {o.algebra.system.name} has NaN")
    rows = o.numeric(x).reshape(1, -1)
    middle = (rows.shape[1] - 1) // 2
    return o.algebra.ordered(rows, {middle})[middle].reshape(())


@interprets(aten.median.dim, aten.nanmedian.dim)
def median(o: Reader, x: torch.Tensor, dim: int, keepdim: bool = False) -> Any:
    """Return the lower of the middle elements along an axis, and their places."""
    length = x.shape[dim] if x.ndim else 1
    return _one(o, x, (length - 1) // 2, dim, keepdim)


def _running_places(o: Reader, x: torch.Tensor, dim: int, *, largest: bool) -> Any:
    """Return where the running extremes stand: the last of several equal ones."""
    keys = o.numeric(x) if largest else o.algebra.negative(o.numeric(x))
    if keys.ndim == 0:
        return numpy.full((), o.algebra.constant(0), numpy.int32)
    moved = numpy.moveaxis(keys, dim, -1)
    rows = moved.reshape(-1, moved.shape[-1])
    numbers = numpy.array([o.algebra.constant(i) for i in range(rows.shape[1])], numpy.int32)
    made = [
        places(o, rows[:, i::-1], numpy.broadcast_to(numbers[i::-1], (len(rows), i + 1)))
        for i in range(rows.shape[1])
    ]
    return numpy.moveaxis(numpy.stack(made, axis=-1).reshape(moved.shape), -1, dim)


def _running(overload: Any, *, largest: bool) -> None:
    @interprets(overload)
    def cumulative(o: Reader, x: torch.Tensor, dim: int) -> Any:
        join = o.algebra.maximum if largest else o.algebra.minimum
        values = running(o.ids(x), dim, join)
        try:
            return values, _running_places(o, x, dim, largest=largest)
        except NoTermError:
            return values, ...


_running(aten.cummax.default, largest=True)
_running(aten.cummin.default, largest=False)
