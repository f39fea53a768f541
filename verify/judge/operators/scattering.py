"""Operators that write elements to places: scatter, index_add, fold, unpooling."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy
import torch

from verify.judge.operators.movement import as_tensor, as_terms, cast
from verify.judge.operators.places import handed_out, inside, is_there
from verify.judge.operators.registry import interprets
from verify.judge.symbols.algebra import NoTermError, Rank
from verify.judge.symbols.terms import ZERO, Ids

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from verify.judge.watching.reader import Reader

aten = torch.ops.aten


def accumulated(
    o: Reader, base: Ids, places: NDArray[Any], source: Ids, how: str, *, own: bool = True
) -> Ids:
    """Return ``base`` with elements joined to those at known flat places.

    Args:
        o: What is asked for terms.
        base: Terms, of any shape.
        places: Places in ``base``, as if it were flat.
        source: The terms that come there, as many.
        how: ``sum``, ``amax``, ``amin`` or ``mean``.
        own: Whether what stands there already takes part.
    """
    if o.algebra.rounds and how in ("sum", "mean"):
        raise NoTermError("sums in an order that is not known")
    flat = base.reshape(-1).copy()
    order = numpy.argsort(places.reshape(-1), kind="stable")
    targets, starts = numpy.unique(places.reshape(-1)[order], return_index=True)
    pieces = numpy.split(source.reshape(-1)[order], starts[1:])
    counts = numpy.array([len(piece) for piece in pieces])
    for count in numpy.unique(counts):
        rows = numpy.flatnonzero(counts == count)
        at = targets[rows]
        args = numpy.stack([pieces[r] for r in rows])
        if own and not (how == "sum" and (flat[at] == ZERO).all()):
            args = numpy.column_stack([flat[at], args])
        if how == "sum":
            flat[at] = o.algebra.total(args)
        elif how == "mean":
            flat[at] = o.algebra.divide(
                o.algebra.total(args), o.algebra.constant(int(args.shape[1]))
            )
        else:
            flat[at] = o.algebra.extreme(args, largest=how == "amax")
    return flat.reshape(base.shape)


def _flat_places(x: torch.Tensor, dim: int, index: torch.Tensor) -> NDArray[Any]:
    """Return the flat places in ``x`` that an index along an axis names."""
    places = torch.arange(x.numel()).reshape(x.shape)
    found: NDArray[Any] = aten.gather.default(places, dim, index).numpy()
    return found


def _source(o: Reader, index: torch.Tensor, source: Any) -> Ids:
    ids = o.numeric(source)
    if ids.ndim == 0:
        return numpy.broadcast_to(ids, tuple(index.shape))
    return ids[tuple(slice(0, n) for n in index.shape)]


@interprets(aten.scatter.src, aten.scatter.value)
def scatter(o: Reader, x: torch.Tensor, dim: int, index: torch.Tensor, source: Any) -> Ids:
    """Return ``x`` with elements written along an axis; where places are terms, one number."""
    if not o.depends(index):
        ids = o.ids(x).reshape(-1).copy()
        ids[_flat_places(x, dim, index).reshape(-1)] = _source(o, index, source).reshape(-1)
        return ids.reshape(tuple(x.shape))
    values = _source(o, index, source)
    rows, places, sources, shape = _by_row(o, x, dim, index, values)
    if places.shape[1] == 1 and (rows == ZERO).all():  # on the way back from an extreme
        whose, targets, written = handed_out(o, places[:, 0], sources[:, 0])
        if targets.min() < 0 or targets.max() >= rows.shape[1]:
            raise NoTermError("places that may be out of bounds")
        rows[whose, targets] = written
        return numpy.moveaxis(rows.reshape(shape), -1, dim)
    for row, here, given in zip(rows, places, sources, strict=True):
        if len(set(given.tolist())) > 1 and not _distinct(o, here):
            raise NoTermError("several elements written at places that may be the same")
        for target in range(len(row)):
            for place, value in zip(here.tolist(), given.tolist(), strict=True):
                there = is_there(o, place, target)
                row[target] = o.algebra.select(there, value, row[target]).reshape(())
    return numpy.moveaxis(rows.reshape(shape), -1, dim)


def _by_row(
    o: Reader, x: torch.Tensor, dim: int, index: torch.Tensor, values: Ids
) -> tuple[Ids, Ids, Ids, tuple[int, ...]]:
    """Return rows along an axis, the places written in each, the elements, and the rows' shape."""
    terms = numpy.moveaxis(o.ids(index), dim, -1)
    whole = numpy.moveaxis(o.ids(x), dim, -1)
    if terms.shape[:-1] != whole.shape[:-1]:
        raise NoTermError("places that depend on the input, in some of the rows only")
    inside(o, terms, whole.shape[-1])
    count = terms.shape[-1]
    given = numpy.moveaxis(numpy.broadcast_to(values, tuple(index.shape)), dim, -1)
    rows = whole.reshape(-1, whole.shape[-1]).copy()
    return rows, terms.reshape(-1, count), given.reshape(-1, count), whole.shape


def _distinct(o: Reader, places: Ids) -> bool:
    """Say whether places surely differ: those of different ranks in one order do."""
    if len(places) == 1:
        return True
    found = set()
    for place in places:
        block = o.terms.block_of(int(place))
        if block.operator not in ("rank", "pick"):
            return False
        order: Any = block.data if block.operator == "rank" else Rank(0, descending=True)
        row = block.args[int(place) - block.start]
        found.add((order.descending, order.ties, row.tobytes()))
    return len(found) == 1 and len(set(places.tolist())) == len(places)


def _joined_where(
    o: Reader, x: torch.Tensor, dim: int, index: torch.Tensor, source: Any, how: str
) -> Ids:
    """Return ``x`` with elements joined to those at places that depend on the input."""
    if not o.algebra.real:
        raise NoTermError("elements joined at places that depend on the input")
    rows, places, sources, shape = _by_row(o, x, dim, index, _source(o, index, source))
    for row, here, given in zip(rows, places, sources, strict=True):
        for target in range(len(row)):
            parts = [int(row[target])]
            for place, value in zip(here.tolist(), given.tolist(), strict=True):
                otherwise = ZERO if how == "sum" else row[target]
                part = o.algebra.select(is_there(o, place, target), value, otherwise)
                parts.append(int(part.reshape(())))
            args = numpy.array([parts], numpy.int32)
            row[target] = (
                o.algebra.total(args) if how == "sum"
                else o.algebra.extreme(args, largest=how == "amax")
            )[0]  # fmt: skip
    return numpy.moveaxis(rows.reshape(shape), -1, dim)


@interprets(aten.scatter_add.default, computes=True)
def scatter_add(o: Reader, x: Any, dim: int, index: torch.Tensor, source: Any) -> Ids:
    """Return ``x`` with elements added along an axis."""
    if o.depends(index):
        return _joined_where(o, x, dim, index, source, "sum")
    places = _flat_places(x, dim, index)
    return accumulated(o, o.ids(x), places, _source(o, index, source), "sum")


@interprets(aten.scatter_reduce.two, computes=True)
def scatter_reduce(
    o: Reader, x: Any, dim: int, index: torch.Tensor, source: Any, reduce: str,
    *, include_self: bool = True,
) -> Ids:  # fmt: skip
    """Return ``x`` with elements joined along an axis."""
    if o.depends(index) and include_self and reduce in ("sum", "amax", "amin"):
        return _joined_where(o, x, dim, index, source, reduce)
    _known(o, index)
    if reduce not in ("sum", "amax", "amin", "mean"):
        raise NoTermError(f"scatter_reduce by {reduce}")
    places = _flat_places(x, dim, index)
    source = _source(o, index, source)
    return accumulated(o, o.ids(x), places, source, reduce, own=include_self)


@interprets(aten.index_add.default, computes=True)
def index_add(
    o: Reader, x: torch.Tensor, dim: int, index: torch.Tensor, source: Any, *, alpha: Any = 1
) -> Ids:
    """Return ``x`` with slices added at known places."""
    _known(o, index)
    if alpha != 1:
        raise NoTermError("a scaled index_add")
    places = torch.arange(x.numel()).reshape(x.shape)
    chosen = aten.index_select.default(places, dim, index).numpy()
    return accumulated(o, o.ids(x), chosen, o.numeric(source), "sum")


@interprets(aten.index_reduce.default, computes=True)
def index_reduce(
    o: Reader, x: torch.Tensor, dim: int, index: torch.Tensor, source: Any, reduce: str,
    *, include_self: bool = True,
) -> Ids:  # fmt: skip
    """Return ``x`` with slices joined at known places."""
    _known(o, index)
    if reduce not in ("amax", "amin"):
        raise NoTermError(f"index_reduce by {reduce}")
    places = torch.arange(x.numel()).reshape(x.shape)
    chosen = aten.index_select.default(places, dim, index).numpy()
    return accumulated(o, o.ids(x), chosen, o.numeric(source), reduce, own=include_self)


@interprets(aten.index_copy.default)
def index_copy(o: Reader, x: torch.Tensor, dim: int, index: torch.Tensor, source: Any) -> Ids:
    """Return ``x`` with slices written at known places."""
    _known(o, index)
    moved = aten.index_copy.default(as_tensor(o.ids(x)), dim, index, as_tensor(o.numeric(source)))
    return as_terms(moved)


@interprets(aten.index_fill.int_Scalar, aten.index_fill.int_Tensor)
def index_fill(o: Reader, x: torch.Tensor, dim: int, index: torch.Tensor, value: Any) -> Ids:
    """Return ``x`` with one number written in slices at known places."""
    _known(o, index)
    moved = aten.index_fill.int_Scalar(as_tensor(o.ids(x)), dim, index, int(o.numeric(value)))
    return as_terms(moved)


@interprets(aten.slice_scatter.default)
def slice_scatter(
    o: Reader, x: torch.Tensor, source: torch.Tensor, *args: Any, **named: Any
) -> Ids:
    """Return ``x`` with a slice written."""
    ids = as_tensor(o.ids(x))
    return as_terms(aten.slice_scatter.default(ids, as_tensor(o.ids(source)), *args, **named))


@interprets(aten.select_scatter.default)
def select_scatter(o: Reader, x: torch.Tensor, source: torch.Tensor, dim: int, index: int) -> Ids:
    """Return ``x`` with one index of an axis written."""
    return as_terms(
        aten.select_scatter.default(as_tensor(o.ids(x)), as_tensor(o.ids(source)), dim, index)
    )


@interprets(aten.col2im.default, computes=True)
def fold(
    o: Reader, x: torch.Tensor, output_size: Any, kernel_size: Any, dilation: Any, padding: Any,
    stride: Any,
) -> Ids:  # fmt: skip
    """Return the sums of columns that lie over each other."""
    ids = o.ids(x) if x.ndim == 3 else o.ids(x)[None]
    batch = len(ids)
    height, width = output_size
    channels = ids.shape[1] // (kernel_size[0] * kernel_size[1])
    shape = (1, batch * channels, height, width)
    numbers = torch.arange(1, batch * channels * height * width + 1, dtype=torch.float64)
    columns = aten.im2col.default(
        numbers.reshape(shape), kernel_size, dilation, padding, stride
    ).to(torch.int64).numpy().reshape(-1)  # fmt: skip
    inside = columns > 0
    base = numpy.full(batch * channels * height * width, ZERO, numpy.int32)
    made = accumulated(o, base, columns[inside] - 1, ids.reshape(-1)[inside], "sum")
    made = made.reshape(batch, channels, height, width)
    return made if x.ndim == 4 or x.ndim == 3 else made[0]


@interprets(aten.max_unpool2d.default)
def max_unpool2d(o: Reader, x: torch.Tensor, indices: torch.Tensor, output_size: Any) -> Ids:
    """Return a plane of zeros with every element at the place it came from."""
    ids, terms = o.ids(x), o.ids(indices)
    leading = ids.shape[:-2]
    height, width = output_size[-2:]
    flat, where = (
        ids.reshape(-1, ids.shape[-2] * ids.shape[-1]),
        terms.reshape(-1, terms.shape[-2] * terms.shape[-1]),
    )
    result = numpy.full((len(flat), height * width), ZERO, numpy.int32)
    if not o.depends(indices):
        for plane, (values, at) in enumerate(zip(flat, where, strict=True)):
            known = [int(o.algebra.value(int(t)) or 0) for t in at]
            result[plane, known] = values
        return result.reshape(*leading, height, width)
    inside(o, where, height * width)
    for plane, (values, at) in enumerate(zip(flat, where, strict=True)):
        for value, term in zip(values, at, strict=True):
            for target in range(height * width):
                condition = is_there(o, int(term), target)
                result[plane, target] = int(
                    o.algebra.select(condition, value, result[plane, target]).reshape(())
                )
    return result.reshape(*leading, height, width)


@interprets(aten.index_put.default, aten._index_put_impl_.default)
def index_put(
    o: Reader,
    x: torch.Tensor,
    indices: Sequence[Any],
    values: torch.Tensor,
    accumulate: bool = False,
    unsafe: bool = False,
) -> Any:
    """Return the tensor with elements written at known places, or where a mask holds."""
    mask = indices[0]
    if any(i is not None and o.depends(i) and i.dtype is not torch.bool for i in indices):
        raise NoTermError("elements written at places that depend on the values of the input")
    if any(i is not None and o.depends(i) for i in indices):
        if len(indices) > 1 or values.numel() != 1 or accumulate:
            settled = [o.settled(i) if i is not None and o.depends(i) else i for i in indices]
            return o.instead(x, settled, values, accumulate, *([unsafe] if unsafe else []))
        condition = o.ids(mask)
        condition = condition.reshape(condition.shape + (1,) * (x.ndim - mask.ndim))
        return o.algebra.select(condition, cast(o, values, x.dtype).reshape(()), o.ids(x))
    base = o.ids(x)
    places = torch.arange(x.numel()).reshape(x.shape)
    written = aten.index.Tensor(places, list(indices))
    source = numpy.broadcast_to(cast(o, values, x.dtype), tuple(written.shape))
    if accumulate:
        return accumulated(o, base, written.numpy(), source, "sum")
    flat = base.reshape(-1).copy()
    flat[written.numpy().reshape(-1)] = source.reshape(-1)
    return flat.reshape(base.shape)


def _known(o: Reader, index: torch.Tensor) -> None:
    if o.depends(index):
        raise NoTermError("places that depend on the values of the input")
