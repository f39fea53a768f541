"""Operators that only move elements about: torch moves the numbers of the terms in the same way."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy
import torch

from verify.judge.operators.registry import interprets
from verify.judge.symbols.algebra import NoTermError
from verify.judge.symbols.terms import Ids

if TYPE_CHECKING:
    from verify.judge.watching.reader import Reader

aten = torch.ops.aten


def as_tensor(ids: Ids) -> torch.Tensor:
    """Return the numbers of terms as a tensor, in which torch can move them."""
    return torch.from_numpy(numpy.ascontiguousarray(ids).reshape(ids.shape))


def as_terms(tensor: torch.Tensor) -> Ids:
    """Return moved numbers of terms as an array."""
    return tensor.to(torch.int32).numpy()


#: Operators that take one tensor and put its elements elsewhere, zeros in places without one:
#: the term of 0 is number 0. Those of the second kind are not there for integers.
_MOVING = (
    aten.flip.default,
    aten.roll.default,
    aten.repeat.default,
    aten.tril.default,
    aten.triu.default,
    aten.pixel_shuffle.default,
    aten.pixel_unshuffle.default,
    aten.channel_shuffle.default,
    aten._unsafe_view.default,
    aten._reshape_copy.default,
    aten.view_copy.default,
    aten.expand_copy.default,
    aten.permute_copy.default,
    aten.slice_copy.Tensor,
    aten.select_copy.int,
    aten.unfold_copy.default,
    aten.as_strided_copy.default,
    aten.diag_embed.default,
    aten.rot90.default,
)
_MOVING_FLOATS = (
    aten.im2col.default,
    aten.reflection_pad1d.default,
    aten.reflection_pad2d.default,
    aten.reflection_pad3d.default,
    aten.replication_pad1d.default,
    aten.replication_pad2d.default,
    aten.replication_pad3d.default,
    aten.upsample_nearest1d.default,
    aten.upsample_nearest2d.default,
    aten.upsample_nearest3d.default,
    aten._upsample_nearest_exact1d.default,
    aten._upsample_nearest_exact2d.default,
    aten._upsample_nearest_exact3d.default,
)


def _moving(overload: Any, dtype: torch.dtype) -> None:
    @interprets(overload)
    def moved(o: Reader, x: torch.Tensor, *args: Any, **kwargs: Any) -> Ids:
        return as_terms(overload(as_tensor(o.ids(x)).to(dtype), *args, **kwargs))


for _overload in _MOVING:
    _moving(_overload, torch.int32)
for _overload in _MOVING_FLOATS:
    _moving(_overload, torch.float64)  # which has all numbers of terms exactly


@interprets(aten.clone.default)
def cloned(o: Reader, x: torch.Tensor, memory_format: Any = None) -> Ids:
    """Return the same terms."""
    return o.ids(x)


@interprets(aten.copy_.default)
def copied(o: Reader, x: torch.Tensor, source: Any, non_blocking: bool = False) -> Ids:
    """Return the terms that are written over those of ``x``."""
    return numpy.broadcast_to(cast(o, source, x.dtype), tuple(x.shape))


@interprets(aten.fill.Tensor, aten.fill.Scalar)
def filled(o: Reader, x: torch.Tensor, value: Any) -> Ids:
    """Return one term everywhere."""
    ids = cast(o, value, x.dtype)
    return numpy.broadcast_to(ids.reshape(()), tuple(x.shape))


@interprets(aten.zero.default)
def zeroed(o: Reader, x: torch.Tensor) -> Ids:
    """Return zeros."""
    value = False if x.dtype is torch.bool else 0
    return numpy.full(tuple(x.shape), o.algebra.constant(value), numpy.int32)


@interprets(aten._to_copy.default)
def converted(o: Reader, x: torch.Tensor, dtype: Any = None, **kwargs: Any) -> Ids:
    """Return the terms in another dtype, where that changes no number."""
    device = kwargs.get("device")
    if device is not None and torch.device(device).type != "cpu":
        raise NoTermError(f"a copy to {device}")
    return cast(o, x, x.dtype if dtype is None else dtype)


def cast(o: Reader, value: Any, dtype: torch.dtype) -> Ids:
    """Return the terms of a value in a dtype, where that changes no number."""
    if not isinstance(value, torch.Tensor):
        if isinstance(value, float) and not dtype.is_floating_point:
            raise NoTermError(f"a conversion of {value} to {dtype}")
        return o.truth(value) if dtype is torch.bool else o.numeric(value)
    if dtype is torch.bool:
        return o.truth(value)
    if value.dtype is torch.bool:
        return o.numeric(value)
    whole = not value.dtype.is_floating_point
    if whole and dtype.is_floating_point:
        if o.depends(value) and not o.algebra.real:
            raise NoTermError(f"a conversion from {value.dtype} to {dtype}")
        return o.ids(value)
    if whole and torch.iinfo(dtype).max < torch.iinfo(value.dtype).max:
        raise NoTermError(f"its result is {str(dtype).removeprefix('torch.')}, which wraps")
    if not whole and not dtype.is_floating_point:
        raise NoTermError(f"its result is {str(dtype).removeprefix('torch.')}, which rounds")
    return o.ids(value)


@interprets(aten.ones_like.default)
def ones(o: Reader, x: torch.Tensor, **kwargs: Any) -> Ids:
    """Return ones of the shape of ``x``."""
    return _constant(o, x, 1, kwargs)


@interprets(aten.zeros_like.default, aten.new_zeros.default)
def zeros(o: Reader, x: torch.Tensor, size: Any = None, **kwargs: Any) -> Ids:
    """Return zeros."""
    return _constant(o, x, 0, kwargs, size)


@interprets(aten.new_ones.default)
def new_ones(o: Reader, x: torch.Tensor, size: Any, **kwargs: Any) -> Ids:
    """Return ones."""
    return _constant(o, x, 1, kwargs, size)


@interprets(aten.full_like.default)
def full(o: Reader, x: torch.Tensor, value: Any, **kwargs: Any) -> Ids:
    """Return a number everywhere."""
    return _constant(o, x, value, kwargs)


@interprets(aten.new_full.default)
def new_full(o: Reader, x: torch.Tensor, size: Any, value: Any, **kwargs: Any) -> Ids:
    """Return a number everywhere."""
    return _constant(o, x, value, kwargs, size)


@interprets(aten.empty_like.default, aten.new_empty.default, aten.new_empty_strided.default)
def empty(o: Reader, x: torch.Tensor, size: Any = None, *_: Any, **kwargs: Any) -> Ids:
    """Return NaN everywhere: whatever was in memory before may be used by nobody."""
    shape = tuple(x.shape if size is None else size)
    dtype = kwargs.get("dtype") or x.dtype
    if not dtype.is_floating_point or not (o.algebra.real or o.algebra.rounds):
        return numpy.full(shape, 1, numpy.int32)
    return numpy.full(shape, o.algebra.constant(float("nan")), numpy.int32)


def _constant(
    o: Reader, x: torch.Tensor, value: Any, kwargs: Any, size: Sequence[int] | None = None
) -> Ids:
    dtype = kwargs.get("dtype") or x.dtype
    held = torch.full((), value, dtype=dtype)
    ids = o.ids(held)
    return numpy.broadcast_to(ids, tuple(x.shape if size is None else size))


@interprets(aten.cat.default)
def joined(o: Reader, tensors: Sequence[torch.Tensor], dim: int = 0) -> Ids:
    """Return tensors one behind the other."""
    dtype = _result_dtype(tensors)
    parts = [cast(o, t, dtype) for t in tensors if t.ndim != 1 or t.numel() or len(tensors) == 1]
    return numpy.concatenate(parts, axis=dim)


@interprets(aten.stack.default)
def stacked(o: Reader, tensors: Sequence[torch.Tensor], dim: int = 0) -> Ids:
    """Return tensors side by side along a new axis."""
    dtype = _result_dtype(tensors)
    return numpy.stack([cast(o, t, dtype) for t in tensors], axis=dim)


def _result_dtype(tensors: Sequence[torch.Tensor]) -> torch.dtype:
    dtype = tensors[0].dtype
    for tensor in tensors[1:]:
        dtype = torch.promote_types(dtype, tensor.dtype)
    return dtype


@interprets(aten.constant_pad_nd.default)
def padded(o: Reader, x: torch.Tensor, pad: Sequence[int], value: Any = 0) -> Ids:
    """Return the tensor with a number around it."""
    held = torch.full((), value, dtype=x.dtype)
    return as_terms(aten.constant_pad_nd.default(as_tensor(o.ids(x)), pad, int(o.ids(held))))
