"""Torch's own poolings, as terms over their windows."""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy
import torch

from pooling.windows import adaptive_window
from verify.judge.operators.linear import windows
from verify.judge.operators.order import places
from verify.judge.operators.registry import interprets
from verify.judge.symbols.algebra import NoTermError
from verify.judge.symbols.terms import Ids

if TYPE_CHECKING:
    from verify.judge.watching.reader import Reader

aten = torch.ops.aten


def _each(value: Any, count: int) -> tuple[int, ...]:
    entries = [value] if isinstance(value, int) else list(value)
    return tuple(entries * (count // len(entries)))


def _outputs(
    size: int, kernel: int, stride: int, padding: int, dilation: int, ceil_mode: bool
) -> int:
    """Return torch's number of windows: a last one must begin inside the input or its padding."""
    span = size + 2 * padding - dilation * (kernel - 1) - 1
    count = -(-span // stride) + 1 if ceil_mode else span // stride + 1
    if ceil_mode and (count - 1) * stride >= size + padding:
        count -= 1
    return count


def _windows(
    o: Reader, x: torch.Tensor, count: int, kernel: Any, stride: Any, padding: Any,
    dilation: Any, ceil_mode: bool, ids: Ids, fill: int,
) -> tuple[Ids, tuple[int, ...]]:  # fmt: skip
    sizes = tuple(x.shape[x.ndim - count :])
    kernel = _each(kernel, count)
    stride = kernel if stride is None or stride == [] else _each(stride, count)
    padding, dilation = _each(padding, count), _each(dilation, count)
    outputs = [
        _outputs(n, k, s, p, d, ceil_mode)
        for n, k, s, p, d in zip(sizes, kernel, stride, padding, dilation, strict=True)
    ]
    pads = [
        (p, max(p, (m - 1) * s + d * (k - 1) + 1 - n - p))
        for n, k, s, p, d, m in zip(sizes, kernel, stride, padding, dilation, outputs, strict=True)
    ]
    view = windows(ids, kernel, stride, pads, dilation, fill)
    leading = x.ndim - count
    view = view[(*[slice(None)] * leading, *[slice(0, m) for m in outputs])]
    shape = view.shape[: leading + count]
    return view.reshape(math.prod(shape), math.prod(kernel)), shape


def _max_pool(
    o: Reader, x: torch.Tensor, count: int, kernel_size: Any, stride: Any = None,
    padding: Any = 0, dilation: Any = 1, ceil_mode: bool = False, *, with_places: bool,
) -> Any:  # fmt: skip
    least = -math.inf if x.dtype.is_floating_point else torch.iinfo(x.dtype).min
    how = (count, kernel_size, stride, padding, dilation, ceil_mode)
    rows, shape = _windows(o, x, *how, o.ids(x), o.algebra.constant(least))
    values = o.algebra.extreme(rows, largest=True).reshape(shape)
    if not with_places:
        return values
    try:
        size = math.prod(x.shape[x.ndim - count :])
        numbers = numpy.array([o.algebra.constant(i) for i in range(size)], numpy.int32)
        flat = numpy.broadcast_to(numbers.reshape(x.shape[x.ndim - count :]), tuple(x.shape))
        held, _ = _windows(o, x, *how, flat, numbers[0])
        return values, places(o, rows, held).reshape(shape)
    except NoTermError:
        return values, ...


@interprets(aten.max_pool2d_with_indices.default)
def max_pool2d(o: Reader, x: torch.Tensor, *args: Any, **named: Any) -> Any:
    """Return the largest taps and their places."""
    return _max_pool(o, x, 2, *args, **named, with_places=x.numel() <= _MOST_PLACES)


@interprets(aten.max_pool3d_with_indices.default)
def max_pool3d(o: Reader, x: torch.Tensor, *args: Any, **named: Any) -> Any:
    """Return the largest taps and their places."""
    return _max_pool(o, x, 3, *args, **named, with_places=x.numel() <= _MOST_PLACES)


#: Inputs of more elements have no terms for the places of their extremes.
_MOST_PLACES = 1 << 16


@interprets(aten.max_pool1d.default)
def max_pool1d(o: Reader, x: torch.Tensor, *args: Any, **named: Any) -> Ids:
    """Return the largest taps."""
    found: Ids = _max_pool(o, x, 1, *args, **named, with_places=False)
    return found


@interprets(aten.max_pool2d.default, aten.mkldnn_max_pool2d.default)
def plain_max_pool2d(o: Reader, x: torch.Tensor, *args: Any, **named: Any) -> Ids:
    """Return the largest taps."""
    found: Ids = _max_pool(o, x, 2, *args, **named, with_places=False)
    return found


def _avg_pool(
    o: Reader, x: torch.Tensor, count: int, kernel_size: Any, stride: Any = None,
    padding: Any = 0, ceil_mode: bool = False, count_include_pad: bool = True,
    divisor_override: int | None = None,
) -> Ids:  # fmt: skip
    rows, shape = _windows(o, x, count, kernel_size, stride, padding, 1, ceil_mode, o.ids(x), 0)
    kernel = _each(kernel_size, count)
    stride = kernel if stride is None or stride == [] else _each(stride, count)
    divisor = numpy.ones((1,), dtype=numpy.int64)
    for n, k, s, p, m in zip(
        x.shape[x.ndim - count :], kernel, stride, _each(padding, count),
        shape[len(shape) - count :], strict=True,
    ):  # fmt: skip
        start = numpy.arange(m) * s - p
        end = numpy.minimum(start + k, n + p)
        if not count_include_pad:
            start, end = numpy.maximum(start, 0), numpy.minimum(end, n)
        divisor = numpy.multiply.outer(divisor, end - start)
    if divisor_override is not None:
        divisor[...] = divisor_override
    each = numpy.broadcast_to(divisor[0], shape).reshape(-1)
    result = numpy.empty(len(rows), numpy.int32)
    for number in numpy.unique(each):
        here = each == number
        if number <= 0:
            raise NoTermError("a mean of nothing")
        result[here] = o.algebra.total(rows[here], Fraction(1, int(number)))
    return result.reshape(shape)


@interprets(aten.avg_pool1d.default, computes=True)
def avg_pool1d(o: Reader, x: torch.Tensor, *args: Any, **named: Any) -> Ids:
    """Return the means of windows."""
    return _avg_pool(o, x, 1, *args, **named)


@interprets(aten.avg_pool2d.default, computes=True)
def avg_pool2d(o: Reader, x: torch.Tensor, *args: Any, **named: Any) -> Ids:
    """Return the means of windows."""
    return _avg_pool(o, x, 2, *args, **named)


@interprets(aten.avg_pool3d.default, computes=True)
def avg_pool3d(o: Reader, x: torch.Tensor, *args: Any, **named: Any) -> Ids:
    """Return the means of windows."""
    return _avg_pool(o, x, 3, *args, **named)


def _adaptive(o: Reader, x: torch.Tensor, sizes: Sequence[int], *, largest: bool) -> Ids:
    ids = o.ids(x)
    count = len(sizes)
    spatial = ids.shape[ids.ndim - count :]
    leading = ids.shape[: ids.ndim - count]
    flat = ids.reshape(-1, *spatial)
    result = numpy.empty((len(flat), *sizes), numpy.int32)
    for place in numpy.ndindex(*sizes):
        taps = tuple(
            slice(*adaptive_window(n, m, i)) for n, m, i in zip(spatial, sizes, place, strict=True)
        )
        rows = flat[(slice(None), *taps)].reshape(len(flat), -1)
        result[(slice(None), *place)] = (
            o.algebra.extreme(rows, largest=True) if largest
            else o.algebra.total(rows, Fraction(1, rows.shape[1]))
        )  # fmt: skip
    return result.reshape(*leading, *sizes)


def _adapting(overload: Any, *, largest: bool, computes: bool) -> None:
    @interprets(overload, computes=computes)
    def adaptive(o: Reader, x: torch.Tensor, output_size: Any) -> Any:
        count = int(str(overload).split("pool")[1][0])
        found = _adaptive(o, x, _each(output_size, count), largest=largest)
        return (found, ...) if largest else found


for _overload in (aten.adaptive_max_pool2d.default, aten.adaptive_max_pool3d.default):
    _adapting(_overload, largest=True, computes=False)
for _overload in (
    aten._adaptive_avg_pool2d.default,
    aten._adaptive_avg_pool3d.default,
    aten.adaptive_avg_pool2d.default,
    aten.adaptive_avg_pool3d.default,
    aten.adaptive_avg_pool1d.default,
):
    _adapting(_overload, largest=False, computes=True)
