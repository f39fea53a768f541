"""Operators that write elements to places: scatter, index_add, fold, unpooling."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy
import torch

from verify.judge.operators.movement import as_tensor, as_terms, cast, known_places
from verify.judge.operators.order import at_places
from verify.judge.operators.registry import interprets
from verify.judge.symbols.algebra import NoTermError
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
    terms, ids, values = o.ids(index), o.ids(x), _source(o, index, source)
    if terms.shape[dim] != 1:
        raise NoTermError("several elements written at places that depend on the input")
    result = ids.copy()
    axis = dim % x.ndim
    for place in numpy.ndindex(terms.shape):
        for target in range(ids.shape[axis]):
            at = (*place[:axis], target, *place[axis + 1 :])
            here = at_places(
                o, terms[place].reshape(1),
                lambda _, known, t=target: [o.algebra.constant(int(k == t)) for k in known],
            )  # fmt: skip
            condition = o.algebra.compare("eq", here, o.algebra.constant(1))
            result[at] = o.algebra.select(condition, values[place], ids[at]).reshape(())
    return result


@interprets(aten.scatter_add.default, computes=True)
def scatter_add(o: Reader, x: Any, dim: int, index: torch.Tensor, source: Any) -> Ids:
    """Return ``x`` with elements added along an axis."""
    _known(o, index)
    places = _flat_places(x, dim, index)
    return accumulated(o, o.ids(x), places, _source(o, index, source), "sum")


@interprets(aten.scatter_reduce.two, computes=True)
def scatter_reduce(
    o: Reader, x: Any, dim: int, index: torch.Tensor, source: Any, reduce: str,
    *, include_self: bool = True,
) -> Ids:  # fmt: skip
    """Return ``x`` with elements joined along an axis."""
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
    for plane, (values, at) in enumerate(zip(flat, where, strict=True)):
        for value, term in zip(values, at, strict=True):
            for target in range(height * width):
                here = at_places(
                    o, numpy.array([term], numpy.int32),
                    lambda _, known, t=target: [o.algebra.constant(int(k == t)) for k in known],
                )  # fmt: skip
                if here[0] == ZERO:
                    continue
                condition = o.algebra.compare("eq", here, o.algebra.constant(1))
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
) -> Ids:
    """Return the tensor with elements written at known places, or where a mask holds."""
    mask = indices[0]
    if len(indices) == 1 and o.depends(mask) and mask.dtype is torch.bool and not accumulate:
        if values.numel() != 1:
            raise NoTermError("several values where a mask that depends on the input holds")
        condition = o.ids(mask)
        condition = condition.reshape(condition.shape + (1,) * (x.ndim - mask.ndim))
        return o.algebra.select(condition, cast(o, values, x.dtype).reshape(()), o.ids(x))
    known_places(o, indices)
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
