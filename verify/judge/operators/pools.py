"""Torch's own poolings, as terms over their windows."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
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
    from numpy.typing import NDArray

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
    return _with_places(o, x, 2, *args, **named)


@interprets(aten.max_pool3d_with_indices.default)
def max_pool3d(o: Reader, x: torch.Tensor, *args: Any, **named: Any) -> Any:
    """Return the largest taps and their places."""
    return _with_places(o, x, 3, *args, **named)


def _with_places(o: Reader, x: torch.Tensor, count: int, *args: Any, **named: Any) -> Any:
    if not _placed(x):
        return _max_pool(o, x, count, *args, **named, with_places=False), ...
    return _max_pool(o, x, count, *args, **named, with_places=True)


#: Inputs of more elements have no terms for the places of their extremes, unless gradients will go
#: there.
_MOST_PLACES = 1 << 16


def _placed(x: torch.Tensor) -> bool:
    return x.numel() <= _MOST_PLACES or x.requires_grad


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
    how = (kernel_size, stride, padding, count_include_pad, divisor_override)
    each = numpy.broadcast_to(divisors(x.shape, shape, count, *how), shape).reshape(-1)
    result = numpy.empty(len(rows), numpy.int32)
    for number in numpy.unique(each):
        here = each == number
        if number <= 0:
            raise NoTermError("a mean of nothing")
        result[here] = o.algebra.total(rows[here], Fraction(1, int(number)))
    return result.reshape(shape)


def divisors(
    sizes: Sequence[int], outputs: Sequence[int], count: int, kernel_size: Any, stride: Any,
    padding: Any, count_include_pad: bool, divisor_override: int | None,
) -> NDArray[Any]:  # fmt: skip
    """Return what the sum of every window is divided by, over the last ``count`` axes."""
    kernel = _each(kernel_size, count)
    stride = kernel if stride is None or stride == [] else _each(stride, count)
    divisor = numpy.ones((1,), dtype=numpy.int64)
    for n, k, s, p, m in zip(
        sizes[len(sizes) - count :], kernel, stride, _each(padding, count),
        outputs[len(outputs) - count :], strict=True,
    ):  # fmt: skip
        start = numpy.arange(m) * s - p
        end = numpy.minimum(start + k, n + p)
        if not count_include_pad:
            start, end = numpy.maximum(start, 0), numpy.minimum(end, n)
        divisor = numpy.multiply.outer(divisor, end - start)
    if divisor_override is not None:
        divisor[...] = divisor_override
    found: NDArray[Any] = divisor[0]
    return found


def pooled_places(
    o: Reader, x: torch.Tensor, count: int, kernel_size: Any, stride: Any, padding: Any,
    dilation: Any, ceil_mode: bool,
) -> NDArray[Any]:  # fmt: skip
    """Return for every window the flat places of its taps in ``x``, −1 in the padding."""
    numbers = numpy.arange(x.numel(), dtype=numpy.int32).reshape(tuple(x.shape))
    rows, _ = _windows(o, x, count, kernel_size, stride, padding, dilation, ceil_mode, numbers, -1)
    return rows


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


def _adaptive(o: Reader, x: torch.Tensor, sizes: Sequence[int], *, largest: bool) -> Any:
    ids = o.ids(x)
    count = len(sizes)
    spatial = ids.shape[ids.ndim - count :]
    leading = ids.shape[: ids.ndim - count]
    flat = ids.reshape(-1, *spatial)
    numbers = numpy.arange(math.prod(spatial)).reshape(spatial)
    result = numpy.empty((len(flat), *sizes), numpy.int32)
    where = numpy.empty_like(result) if largest and _placed(x) else None
    for place, taps in adaptive_taps(spatial, sizes):
        rows = flat[(slice(None), *taps)].reshape(len(flat), -1)
        there: Any = (slice(None), *place)
        result[there] = (
            o.algebra.extreme(rows, largest=True) if largest
            else o.algebra.total(rows, Fraction(1, rows.shape[1]))
        )  # fmt: skip
        if where is not None:
            held = [o.algebra.constant(int(i)) for i in numbers[taps].reshape(-1)]
            values = numpy.broadcast_to(numpy.array(held, numpy.int32), rows.shape)
            try:
                where[there] = places(o, rows, values)
            except NoTermError:
                where = None
    found = result.reshape(*leading, *sizes)
    if not largest:
        return found
    return found, (... if where is None else where.reshape(found.shape))


def adaptive_taps(
    spatial: Sequence[int], sizes: Sequence[int]
) -> Iterator[tuple[tuple[int, ...], tuple[slice, ...]]]:
    """Yield the place of every output, and where its window lies."""
    for place in numpy.ndindex(*sizes):
        yield (
            place,
            tuple(
                slice(*adaptive_window(n, m, i))
                for n, m, i in zip(spatial, sizes, place, strict=True)
            ),
        )


def _adapting(overload: Any, *, largest: bool, computes: bool) -> None:
    @interprets(overload, computes=computes)
    def adaptive(o: Reader, x: torch.Tensor, output_size: Any) -> Any:
        count = int(str(overload).split("pool")[1][0])
        return _adaptive(o, x, _each(output_size, count), largest=largest)


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


def _drawing(overload: Any, count: int) -> None:
    @interprets(overload)
    def fractional(
        o: Reader, x: torch.Tensor, kernel_size: Any, output_size: Any, random_samples: torch.Tensor
    ) -> Any:
        if o.depends(random_samples):
            raise NoTermError("windows that are placed by the input")
        from pooling.arguments import FractionalAxis
        from pooling.modules.fractional import starts

        spatial, leading = tuple(x.shape[-count:]), tuple(x.shape[:-count])
        ids = o.ids(x).reshape(math.prod(leading), *spatial)
        drawn = random_samples.reshape(-1, count)
        drawn = drawn.flip(-1) if count == 2 else drawn  # of two, that of the last axis comes first
        numbers = numpy.arange(math.prod(spatial)).reshape(spatial)
        kernel, outputs = _each(kernel_size, count), _each(output_size, count)
        taps = numpy.zeros((len(ids), *outputs, *kernel), int)
        for plane in range(len(ids)):
            found = []
            for axis, (n, k, m) in enumerate(zip(spatial, kernel, outputs, strict=True)):
                begin = starts(drawn[plane, axis], FractionalAxis(n, k, m))[:m].numpy()
                shape = [1] * 2 * count
                shape[axis], shape[count + axis] = m, k
                found.append((begin[:, None] + numpy.arange(k)).reshape(shape))
            taps[plane] = numbers[tuple(found)]
        whose = taps.reshape(len(ids), -1)
        rows = numpy.take_along_axis(ids.reshape(len(ids), -1), whose, axis=1)
        rows = rows.reshape(-1, math.prod(kernel))
        values = o.algebra.extreme(rows, largest=True).reshape(*leading, *outputs)
        constants = numpy.array([o.algebra.constant(i) for i in range(numbers.size)], numpy.int32)
        try:
            held = constants[whose].reshape(rows.shape)
            return values, places(o, rows, held).reshape(values.shape)
        except NoTermError:
            return values, ...


_drawing(aten.fractional_max_pool2d.default, 2)
_drawing(aten.fractional_max_pool3d.default, 3)
