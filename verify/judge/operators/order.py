"""Sorting and places: the largest few, the middle one, and where they stand.

The place of the largest of w is the term ``pick(0 … k − 1; w)``, and whatever is done with a place
is done with each of the places: an element there is ``pick(v; w)``.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy
import torch

from verify.judge.operators.movement import as_tensor, as_terms
from verify.judge.operators.reduction import Dims, reduced
from verify.judge.operators.registry import interprets
from verify.judge.symbols.algebra import NoTermError
from verify.judge.symbols.terms import Ids, rows_of

if TYPE_CHECKING:
    from verify.judge.watching.reader import Reader

aten = torch.ops.aten
#: More elements than this are sorted by nobody, but for the largest and the smallest.
MOST_SORTED = 32


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


def at_places(o: Reader, index: Ids, candidates: Any) -> Ids:
    """Return for every term of a place what ``candidates`` gives for the places it can be.

    Args:
        o: What is asked for terms.
        index: Terms of places, flat.
        candidates: Takes the row's number and known places, gives terms.
    """
    result = numpy.empty(len(index), numpy.int32)
    for i, term in enumerate(index):
        value = o.algebra.value(int(term))
        if value is not None:
            result[i] = candidates(i, [int(value)])[0]
            continue
        block = o.terms.block_of(int(term))
        if block.operator != "pick":
            raise NoTermError("elements at places that are computed from the input")
        args, _ = rows_of(numpy.array([term], numpy.int32), o.terms)
        half = args.shape[1] // 2
        known = [o.algebra.value(int(t)) for t in args[0, :half]]
        if any(k is None for k in known):
            raise NoTermError("elements at places that are computed from the input")
        values = numpy.array(candidates(i, [int(k) for k in known]), numpy.int32)  # type: ignore[arg-type]
        result[i] = o.algebra.pick(values[None], args[:, half:])[0]
    return result


def gathered(o: Reader, x: torch.Tensor, dim: int, index: torch.Tensor) -> Ids:
    """Return the elements at the places of extremes along an axis."""
    ids, terms = o.ids(x), o.ids(index)
    dim = dim % max(ids.ndim, 1)
    elsewhere = list(numpy.ndindex(terms.shape))

    def candidates(row: int, known: list[int]) -> list[int]:
        place = elsewhere[row]
        return [int(ids[(*place[:dim], k, *place[dim + 1 :])]) for k in known]

    return at_places(o, terms.reshape(-1), candidates).reshape(terms.shape)


def ordered(o: Reader, rows: Ids, wanted: set[int]) -> dict[int, Ids]:
    """Return the elements of every row in rising order, those of ``wanted`` ranks at least."""
    count = rows.shape[1]
    found = {rank: o.algebra.extreme(rows, largest=rank > 0) for rank in wanted & {0, count - 1}}
    if wanted <= set(found):
        return found
    if count > MOST_SORTED:
        raise NoTermError(f"the order of {count} elements")
    columns = list(rows.T)
    for i in range(count):  # each round brings the largest left to its end
        for j in range(count - 1 - i):
            low, high = columns[j], columns[j + 1]
            columns[j], columns[j + 1] = o.algebra.minimum(low, high), o.algebra.maximum(low, high)
    return dict(enumerate(columns)) | found


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


@interprets(aten.sort.default, aten.sort.stable)
def sort(o: Reader, x: torch.Tensor, *args: Any, **named: Any) -> Any:
    """Return the elements in order; their places have no terms."""
    args = tuple(a for a in args if a is not None) if "stable" in named else args
    dim = named.get("dim", args[0] if args else -1)
    descending = named.get("descending", args[1] if len(args) > 1 else False)
    rows, leading = _along(o, x, dim)
    found = ordered(o, rows, set(range(rows.shape[1])))
    columns = [found[i] for i in range(rows.shape[1])]
    return _columns(columns[::-1] if descending else columns, leading, dim, x), ...


@interprets(aten.topk.default)
def topk(
    o: Reader, x: torch.Tensor, k: int, dim: int = -1, largest: bool = True, sorted: bool = True
) -> Any:
    """Return the k largest or smallest elements; only of one the place has a term."""
    if k == 1:
        return _both(o, x, dim, True, largest=largest)
    rows, leading = _along(o, x, dim)
    count = rows.shape[1]
    ranks = [count - 1 - i if largest else i for i in range(k)]
    found = ordered(o, rows, set(ranks))
    if not sorted:
        raise NoTermError("the largest few in no order")
    return _columns([found[rank] for rank in ranks], leading, dim, x), ...


@interprets(aten.kthvalue.default)
def kthvalue(o: Reader, x: torch.Tensor, k: int, dim: int = -1, keepdim: bool = False) -> Any:
    """Return the k-th smallest elements."""
    rows, leading = _along(o, x, dim)
    found = _columns([ordered(o, rows, {k - 1})[k - 1]], leading, dim, x)
    return (found if keepdim or x.ndim == 0 else numpy.take(found, 0, axis=dim)), ...


@interprets(aten.median.default)
def median_of_all(o: Reader, x: torch.Tensor) -> Ids:
    """Return the lower of the middle elements."""
    if o.algebra.rounds:
        raise NoTermError(f"an order, where {o.algebra.system.name} has NaN")
    rows = o.numeric(x).reshape(1, -1)
    middle = (rows.shape[1] - 1) // 2
    return ordered(o, rows, {middle})[middle].reshape(())


@interprets(aten.median.dim)
def median(o: Reader, x: torch.Tensor, dim: int, keepdim: bool = False) -> Any:
    """Return the lower of the middle elements along an axis."""
    rows, leading = _along(o, x, dim)
    middle = (rows.shape[1] - 1) // 2
    found = _columns([ordered(o, rows, {middle})[middle]], leading, dim, x)
    return (found if keepdim or x.ndim == 0 else numpy.take(found, 0, axis=dim)), ...


@interprets(aten.gather.default)
def gather(
    o: Reader, x: torch.Tensor, dim: int, index: torch.Tensor, sparse_grad: bool = False
) -> Ids:
    """Return elements at known places along an axis, or at the places of extremes."""
    if o.depends(index):
        return gathered(o, x, dim, index)
    return as_terms(aten.gather.default(as_tensor(o.ids(x)), dim, index))
