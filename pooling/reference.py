"""What pooling is: each kind of pooling by its definition, exact and literal.

Everything else in the project is compared with these functions, so they are written to be read:
a loop over the positions of a window and, for each of them, the taps of all windows at once; or,
where the windows of an axis differ in size or in place, a loop over the windows. They work on any
NumPy dtype and, through object arrays, on exact fractions, symbols or any number that knows ``+``
and an order. Min-pooling is defined on its own: that it is a negated max-pooling of the negated
input is a theorem, proved elsewhere.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from itertools import product
from math import prod
from typing import TYPE_CHECKING, Any

from pooling.arguments import (
    AdaptiveAxis,
    Axis,
    Sizes,
    adaptive_axes,
    check_divisor,
    check_norm_type,
    fractional_axes,
    window_axes,
)
from pooling.arithmetic import maximum, minimum
from pooling.conventions import Padding
from pooling.windows import adaptive_window

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Array = NDArray[Any]
    Numbers = ArrayLike | Sequence[Any]  # NumPy's type leaves out lists of fractions and symbols


def max_pool(
    x: Numbers,
    kernel_size: Sequence[int],
    stride: Sizes | None = None,
    padding: Padding = 0,
    dilation: Sizes = 1,
    ceil_mode: bool = False,
    padding_convention: str = "torch",
) -> Array:
    """Return the largest tap of every window.

    Args:
        x: Numbers of shape ``(*leading, *spatial)``: an array of any dtype, or nested lists. The
            leading axes (batch, channels, none at all) are left alone.
        kernel_size: A tuple with one entry per spatial axis, which also says how many there are.
        stride: As in :func:`pooling.arguments.pooling_arguments`, like the arguments after it.
        padding: Elements on each side of an axis. Padding is never a tap.
        dilation: The elements from one position of a window to the next.
        ceil_mode: Whether a last window may overhang the padded input.
        padding_convention: What ``padding`` means, one of the names in
            :mod:`pooling.conventions`.

    Returns:
        An array of shape ``(*leading, *outputs)`` and of the dtype of ``x``. A window with a NaN
        is NaN. A window without any tap, which ``ceil_mode`` and ``dilation`` can bring about, is
        the smallest value of the dtype: −inf for floats and objects.

    Raises:
        ValueError: Arguments that torch refuses.
        TypeError: A ``kernel_size`` that is no tuple, or values of the wrong type.

    Source: ``torch.nn.functional.max_pool2d``; Dive into Deep Learning, "Pooling".

    >>> max_pool([[0, 1, 2], [3, 4, 5], [6, 7, 8]], (2, 2), stride=1).tolist()
    [[4, 5], [7, 8]]
    >>> from fractions import Fraction
    >>> max_pool([Fraction(1, 3), Fraction(1, 2), Fraction(2, 7)], (3,)).tolist()
    [Fraction(1, 2)]
    """
    axes = _axes(x, kernel_size, stride, padding, dilation, ceil_mode, padding_convention)
    return _extreme(x, axes, largest=True)


def min_pool(
    x: Numbers,
    kernel_size: Sequence[int],
    stride: Sizes | None = None,
    padding: Padding = 0,
    dilation: Sizes = 1,
    ceil_mode: bool = False,
    padding_convention: str = "torch",
) -> Array:
    """Return the smallest tap of every window.

    Arguments, shapes and errors are those of :func:`max_pool`; a window without any tap is the
    largest value of the dtype, +inf for floats and objects.

    >>> min_pool([[0, 1, 2], [3, 4, 5], [6, 7, 8]], (2, 2), stride=1).tolist()
    [[0, 1], [3, 4]]
    """
    axes = _axes(x, kernel_size, stride, padding, dilation, ceil_mode, padding_convention)
    return _extreme(x, axes, largest=False)


def avg_pool(
    x: Numbers,
    kernel_size: Sequence[int],
    stride: Sizes | None = None,
    padding: Padding = 0,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
    divisor_override: int | None = None,
    padding_convention: str = "torch",
) -> Array:
    """Return the sum of the taps of every window, divided by torch's divisor.

    Args:
        x: Numbers of shape ``(*leading, *spatial)``, as in :func:`max_pool`.
        kernel_size: A tuple with one entry per spatial axis.
        stride: As in :func:`pooling.arguments.pooling_arguments`, like padding and ceil_mode.
        padding: Elements on each side of an axis.
        ceil_mode: Whether a last window may overhang the padded input.
        count_include_pad: Whether the divisor counts the padding a window covers. What
            ``ceil_mode`` makes a window overhang beyond the padding never counts.
        divisor_override: The divisor of every window, if given.
        padding_convention: What ``padding`` means, one of the names in
            :mod:`pooling.conventions`. None of them changes the divisor: TensorFlow's and ONNX's
            default, which leaves padding out, is ``count_include_pad=False``.

    Returns:
        An array of shape ``(*leading, *outputs)``. Floats keep their dtype, and taps are added
        in that dtype in the order of the window; integers become float64; object arrays stay
        exact if their numbers are.

    Raises:
        ValueError: Arguments that ``avg_pool1d`` and ``avg_pool2d`` refuse.
        TypeError: A ``kernel_size`` that is no tuple, or values of the wrong type.

    Source: ``torch.nn.functional.avg_pool2d``; Dive into Deep Learning, "Pooling".

    >>> avg_pool([[0, 1, 2], [3, 4, 5], [6, 7, 8]], (2, 2), stride=1).tolist()
    [[2.0, 3.0], [5.0, 6.0]]
    >>> avg_pool([8, 8], (2,), padding=1, count_include_pad=False).tolist()
    [8.0, 8.0]
    """
    import numpy

    check_divisor(count_include_pad, divisor_override)
    array = numpy.asarray(x)
    if array.dtype.kind in "biu":
        array = array.astype(numpy.float64)  # an int8 sum would wrap around
    axes = _axes(array, kernel_size, stride, padding, 1, ceil_mode, padding_convention)
    summed = _fold(array, axes, numpy.add, lambda a, b: a + b, empty=0)
    divisor = numpy.asarray(1 if divisor_override is None else divisor_override)
    for axis in axes if divisor_override is None else ():
        divisor = numpy.multiply.outer(divisor, _extents(axis, count_include_pad))
    # Python's ints divide fractions and symbols exactly; float dtypes must not be widened.
    mean: Array = summed / divisor.astype(summed.dtype)
    return mean


def lp_pool(
    x: Numbers,
    norm_type: float,
    kernel_size: Sequence[int],
    stride: Sizes | None = None,
    ceil_mode: bool = False,
) -> Array:
    """Return the p-norm without absolute values, p = ``norm_type``, of the taps of every window.

    That is (k · mean of xᵖ over the window)^(1/p), where k is the number of elements of a whole
    window. A window that ``ceil_mode`` lets overhang has fewer taps and is weighted as if it were
    whole: torch computes it so, and no other definition gives its values. ±inf for
    ``norm_type`` is the largest, or the smallest, absolute value.

    Args:
        x: Numbers of shape ``(*leading, *spatial)``, as in :func:`max_pool`.
        norm_type: The power p, any number but 0.
        kernel_size: A tuple with one entry per spatial axis.
        stride: As in :func:`pooling.arguments.pooling_arguments`, like ``ceil_mode``.
        ceil_mode: Whether a last window may overhang the input.

    Returns:
        An array of shape ``(*leading, *outputs)``. Floats keep their dtype, integers become
        float64; roots of symbols stay exact, those of fractions become floats.

    Raises:
        ValueError: Arguments that torch refuses.
        TypeError: A ``kernel_size`` that is no tuple, or values of the wrong type.

    Source: ``torch.nn.functional.lp_pool2d``.

    >>> lp_pool([3.0, 4.0, 5.0, 12.0], 2, (2,)).tolist()
    [5.0, 13.0]
    >>> lp_pool([[3, -4], [0, 1]], float("inf"), (2, 2)).tolist()
    [[4.0]]
    """
    import numpy

    array = numpy.asarray(x)
    if array.dtype.kind in "biu":
        array = array.astype(numpy.float64)
    if check_norm_type(norm_type):
        extreme = max_pool if norm_type > 0 else min_pool
        return extreme(numpy.abs(array), kernel_size, stride, ceil_mode=ceil_mode)
    root: Any = 1 / norm_type
    if array.dtype == object and isinstance(norm_type, int):
        root = Fraction(1, norm_type)
    # A negative number has no real root, and 0 no negative power: NaN and inf are the results.
    with numpy.errstate(all="ignore"):
        mean = avg_pool(array**norm_type, kernel_size, stride, ceil_mode=ceil_mode)
        normed: Array = (mean * prod(kernel_size)) ** root
    return normed


def adaptive_max_pool(x: Numbers, output_size: Sequence[int | None]) -> Array:
    """Return the largest tap of every window of an adaptive pooling.

    Window i of m along an axis of n elements is [⌊i·n/m⌋, ⌈(i + 1)·n/m⌉).

    Args:
        x: Numbers of shape ``(*leading, *spatial)``, as in :func:`max_pool`.
        output_size: A tuple with the number of windows of each spatial axis, which also says how
            many axes there are; ``None`` for as many as elements, if there is more than one axis.

    Returns:
        An array of shape ``(*leading, *output_size)`` and of the dtype of ``x``. A window with a
        NaN is NaN.

    Raises:
        ValueError: Arguments that torch refuses.
        TypeError: An ``output_size`` that is no tuple, or values of the wrong type.

    Source: ``torch.nn.functional.adaptive_max_pool2d``.

    >>> adaptive_max_pool([4, 3, 2, 1, 5], (3,)).tolist()
    [4, 3, 5]
    """
    import numpy

    array = numpy.asarray(x)
    return _fold(
        array,
        _adaptive_axes(array, output_size),
        numpy.maximum,
        lambda a, b: a if a != a else maximum(a, b),
        empty=_bound(array.dtype, largest=False),
    )


def adaptive_avg_pool(x: Numbers, output_size: Sequence[int | None]) -> Array:
    """Return the mean of the taps of every window of an adaptive pooling.

    Windows, shapes and errors are those of :func:`adaptive_max_pool`; dtypes are those of
    :func:`avg_pool`.

    Source: ``torch.nn.functional.adaptive_avg_pool2d``.

    >>> adaptive_avg_pool([4, 3, 2, 1, 5], (3,)).tolist()
    [3.5, 2.0, 3.0]
    """
    import numpy

    array = numpy.asarray(x)
    if array.dtype.kind in "biu":
        array = array.astype(numpy.float64)
    axes = _adaptive_axes(array, output_size)
    summed = _fold(array, axes, numpy.add, lambda a, b: a + b, empty=0)
    divisor = numpy.asarray(1)
    for axis in axes:
        windows = [adaptive_window(axis.size, axis.outputs, i) for i in range(axis.outputs)]
        divisor = numpy.multiply.outer(
            divisor, numpy.array([end - start for start, end in windows], dtype=int)
        )
    mean: Array = summed / divisor.astype(summed.dtype)
    return mean


def fractional_max_pool(
    x: Numbers,
    kernel_size: Sequence[int],
    random_samples: Numbers,
    output_size: Sizes | None = None,
    output_ratio: float | Sequence[float] | None = None,
) -> Array:
    """Return the largest tap of every window of a fractional pooling, given its random numbers.

    Along an axis of n elements the last of m windows of k elements begins at n − k, and window i
    before it at ⌊(i + u)·α⌋ − ⌊u·α⌋ with α = (n − k)/(m − 1), where u in [0, 1) is the random
    number of the axis. Every place of the leading axes has its own random numbers.

    Args:
        x: Numbers of shape ``(*leading, *spatial)``, as in :func:`max_pool`.
        kernel_size: A tuple with one entry per spatial axis, two or three.
        random_samples: Numbers of shape ``(*leading, axes)``, the u above, in the order in which
            torch takes them: over two axes the *last* axis first, over three the first.
        output_size: As in :func:`pooling.arguments.fractional_arguments`.
        output_ratio: As in :func:`pooling.arguments.fractional_arguments`.

    Returns:
        An array of shape ``(*leading, *outputs)`` and of the dtype of ``x``.

    Raises:
        ValueError: Arguments that torch refuses, or random samples of another shape.
        TypeError: A ``kernel_size`` that is no tuple, or values of the wrong type.

    Source: Graham, "Fractional Max-Pooling", 2014; ``torch.nn.functional.fractional_max_pool2d``.

    >>> fractional_max_pool([[1, 2, 3], [4, 5, 6], [7, 8, 9]], (2, 2), [0.5, 0.5], 2).tolist()
    [[5, 6], [8, 9]]
    """
    import numpy

    array = numpy.asarray(x)
    spatial = _spatial_sizes(array, "kernel_size", kernel_size)
    axes = fractional_axes(spatial, kernel_size, output_size, output_ratio)
    leading = array.shape[: array.ndim - len(axes)]
    samples = numpy.asarray(random_samples)
    if samples.shape != (*leading, len(axes)):
        raise ValueError(
            f"random_samples must have the shape {(*leading, len(axes))}, got {samples.shape}"
        )
    result = numpy.empty((*leading, *[axis.outputs for axis in axes]), array.dtype)
    for place in numpy.ndindex(leading):
        drawn = samples[place][::-1] if len(axes) == 2 else samples[place]
        starts = []
        for axis, u in zip(axes, drawn, strict=True):
            step = (axis.size - axis.kernel_size) / max(axis.outputs - 1, 1)
            before_last = [int((i + u) * step) - int(u * step) for i in range(axis.outputs - 1)]
            starts.append([*before_last, axis.size - axis.kernel_size][: axis.outputs])
        for window in numpy.ndindex(*[axis.outputs for axis in axes]):
            taps = tuple(
                slice(start[i], start[i] + axis.kernel_size)
                for start, i, axis in zip(starts, window, axes, strict=True)
            )
            pooled = max_pool(array[place][taps], kernel_size)
            result[(*place, *window)] = pooled.reshape(())[()]
    return result


def _extents(axis: Axis, count_include_pad: bool) -> Array:
    """Return how many elements of the input, or of the padded input, each window covers."""
    import numpy

    before, after = axis.padding if count_include_pad else (0, 0)
    start = numpy.arange(axis.outputs) * axis.stride - axis.padding[0]
    end = numpy.minimum(start + axis.kernel_size, axis.size + after)
    extents: Array = end - numpy.maximum(start, -before)
    return extents


def _extreme(x: Numbers, axes: tuple[Axis, ...], *, largest: bool) -> Array:
    import numpy

    array = numpy.asarray(x)
    choose = maximum if largest else minimum
    return _fold(
        array,
        axes,
        numpy.maximum if largest else numpy.minimum,
        # A NaN in ``b`` is returned by the choice itself: no order holds with it.
        lambda a, b: a if a != a else choose(a, b),
        empty=_bound(array.dtype, largest=not largest),
    )


def _bound(dtype: Any, *, largest: bool) -> Any:
    """Return the largest or the smallest value of ``dtype``, infinities included."""
    import numpy

    if dtype.kind in "iu":
        limits = numpy.iinfo(dtype)
        return limits.max if largest else limits.min
    if dtype.kind == "b":
        return largest
    return float("inf") if largest else float("-inf")


def _axes(
    x: Numbers,
    kernel_size: Sequence[int],
    stride: Sizes | None,
    padding: Padding,
    dilation: Sizes,
    ceil_mode: bool,
    padding_convention: str,
) -> tuple[Axis, ...]:
    import numpy

    sizes = _spatial_sizes(numpy.asarray(x), "kernel_size", kernel_size)
    return window_axes(sizes, kernel_size, stride, padding, dilation, ceil_mode, padding_convention)


def _adaptive_axes(array: Array, output_size: Sequence[int | None]) -> tuple[AdaptiveAxis, ...]:
    return adaptive_axes(_spatial_sizes(array, "output_size", output_size), output_size)


def _spatial_sizes(array: Array, name: str, entries: Sequence[int | None]) -> tuple[int, ...]:
    """Return the sizes of as many last axes as the argument ``name`` has entries."""
    if not isinstance(entries, tuple | list):
        raise TypeError(f"{name} must be a tuple with one entry per spatial axis, got {entries!r}")
    count = len(entries)
    if not 1 <= count <= array.ndim:
        raise ValueError(
            f"{name} must have between 1 and {array.ndim} entries, as many as x has axes at "
            f"most, got {count}: {tuple(entries)}"
        )
    return array.shape[array.ndim - count :]


def _fold(
    array: Array,
    axes: tuple[Axis, ...] | tuple[AdaptiveAxis, ...],
    numeric: Callable[[Array, Array], Array],
    scalar: Callable[[Any, Any], Any],
    empty: Any,
) -> Array:
    """Combine the taps of every window: ``numeric`` on NumPy's numbers, else ``scalar`` by two.

    ``empty`` is the value of a window without taps and leaves every number of a NumPy dtype as
    it is. Objects are promised no such number, so their first tap is taken as it comes.
    """
    import numpy

    leading = array.shape[: array.ndim - len(axes)]
    shape = (*leading, *[axis.outputs for axis in axes])
    if array.dtype != object:
        result = numpy.full(shape, empty, array.dtype)
        for windows, values in _taps(array, axes):
            # NaN from inf − inf, or an overflow to inf, is the result and no accident.
            with numpy.errstate(invalid="ignore", over="ignore"):
                result[windows] = numeric(result[windows], values)
        return result
    nothing = object()
    combine = numpy.frompyfunc(lambda a, b: b if a is nothing else scalar(a, b), 2, 1)
    result = numpy.full(shape, nothing, object)
    for windows, values in _taps(array, axes):
        with numpy.errstate(invalid="ignore"):
            result[windows] = combine(result[windows], values)
    result[numpy.frompyfunc(lambda a: a is nothing, 1, 1)(result).astype(bool)] = empty
    return result


def _taps(
    array: Array, axes: tuple[Axis, ...] | tuple[AdaptiveAxis, ...]
) -> Iterator[tuple[Any, Array]]:
    """Yield, for each position of a window, the windows in which it is a tap, and those taps.

    Along an adaptive axis, where windows differ in size, it is each window and each of its taps
    instead, one by one.
    """
    for steps in product(*[_axis_taps(axis) for axis in axes]):
        windows: Any = (..., *[window for window, _ in steps])
        taps: Any = (..., *[tap for _, tap in steps])
        yield windows, array[taps]


def _axis_taps(axis: Axis | AdaptiveAxis) -> list[tuple[slice, slice]]:
    if isinstance(axis, AdaptiveAxis):
        return [
            (slice(i, i + 1), slice(place, place + 1))
            for i in range(axis.outputs)
            for place in range(*adaptive_window(axis.size, axis.outputs, i))
        ]
    steps = []
    for j in range(axis.kernel_size):
        start = j * axis.dilation - axis.padding[0]
        places = range(start, start + axis.outputs * axis.stride, axis.stride)
        inside = [i for i, place in enumerate(places) if 0 <= place < axis.size]
        if inside:
            windows = slice(inside[0], inside[-1] + 1)
            steps.append((windows, slice(places[inside[0]], places[inside[-1]] + 1, axis.stride)))
    return steps
