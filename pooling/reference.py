"""What pooling is: max-, min- and average pooling by their definitions, exact and literal.

Everything else in the project is compared with these three functions, so they are written to be
read: a loop over the positions of a window and, for each of them, the taps of all windows at
once. They work on any NumPy dtype and, through object arrays, on exact fractions, symbols or any
number that knows ``+`` and an order. Min-pooling is defined on its own: that it is a negated
max-pooling of the negated input is a theorem, proved elsewhere.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import product
from typing import TYPE_CHECKING, Any

from pooling.arguments import Axis, Sizes, check_divisor, window_axes
from pooling.arithmetic import maximum, minimum

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Array = NDArray[Any]
    Numbers = ArrayLike | Sequence[Any]  # NumPy's type leaves out lists of fractions and symbols


def max_pool(
    x: Numbers,
    kernel_size: Sequence[int],
    stride: Sizes | None = None,
    padding: Sizes = 0,
    dilation: Sizes = 1,
    ceil_mode: bool = False,
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
    return _extreme(x, kernel_size, stride, padding, dilation, ceil_mode, largest=True)


def min_pool(
    x: Numbers,
    kernel_size: Sequence[int],
    stride: Sizes | None = None,
    padding: Sizes = 0,
    dilation: Sizes = 1,
    ceil_mode: bool = False,
) -> Array:
    """Return the smallest tap of every window.

    Arguments, shapes and errors are those of :func:`max_pool`; a window without any tap is the
    largest value of the dtype, +inf for floats and objects.

    >>> min_pool([[0, 1, 2], [3, 4, 5], [6, 7, 8]], (2, 2), stride=1).tolist()
    [[0, 1], [3, 4]]
    """
    return _extreme(x, kernel_size, stride, padding, dilation, ceil_mode, largest=False)


def avg_pool(
    x: Numbers,
    kernel_size: Sequence[int],
    stride: Sizes | None = None,
    padding: Sizes = 0,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
    divisor_override: int | None = None,
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
    axes = _axes(array, kernel_size, stride, padding, 1, ceil_mode)
    summed = _fold(array, axes, numpy.add, lambda a, b: a + b, empty=0)
    divisor = numpy.asarray(1 if divisor_override is None else divisor_override)
    for axis in axes if divisor_override is None else ():
        divisor = numpy.multiply.outer(divisor, _extents(axis, count_include_pad))
    # Python's ints divide fractions and symbols exactly; float dtypes must not be widened.
    mean: Array = summed / divisor.astype(summed.dtype)
    return mean


def _extents(axis: Axis, count_include_pad: bool) -> Array:
    """Return how many elements of the input, or of the padded input, each window covers."""
    import numpy

    before, after = axis.padding if count_include_pad else (0, 0)
    start = numpy.arange(axis.outputs) * axis.stride - axis.padding[0]
    end = numpy.minimum(start + axis.kernel_size, axis.size + after)
    extents: Array = end - numpy.maximum(start, -before)
    return extents


def _extreme(
    x: Numbers,
    kernel_size: Sequence[int],
    stride: Sizes | None,
    padding: Sizes,
    dilation: Sizes,
    ceil_mode: bool,
    *,
    largest: bool,
) -> Array:
    import numpy

    array = numpy.asarray(x)
    axes = _axes(array, kernel_size, stride, padding, dilation, ceil_mode)
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
    array: Array,
    kernel_size: Sequence[int],
    stride: Sizes | None,
    padding: Sizes,
    dilation: Sizes,
    ceil_mode: bool,
) -> tuple[Axis, ...]:
    if not isinstance(kernel_size, tuple | list):
        raise TypeError(
            f"kernel_size must be a tuple with one entry per spatial axis, got {kernel_size!r}"
        )
    count = len(kernel_size)
    if not 1 <= count <= array.ndim:
        raise ValueError(
            f"kernel_size must have between 1 and {array.ndim} entries, as many as x has axes at "
            f"most, got {count}: {tuple(kernel_size)}"
        )
    return window_axes(
        array.shape[array.ndim - count :], kernel_size, stride, padding, dilation, ceil_mode
    )


def _fold(
    array: Array,
    axes: tuple[Axis, ...],
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


def _taps(array: Array, axes: tuple[Axis, ...]) -> Iterator[tuple[Any, Array]]:
    """Yield, for each position of a window, the windows in which it is a tap, and those taps."""
    for position in product(*[range(axis.kernel_size) for axis in axes]):
        windows: list[Any] = [...]
        taps: list[Any] = [...]
        for axis, j in zip(axes, position, strict=True):
            start = j * axis.dilation - axis.padding[0]
            places = range(start, start + axis.outputs * axis.stride, axis.stride)
            inside = [i for i, place in enumerate(places) if 0 <= place < axis.size]
            if not inside:
                break
            windows.append(slice(inside[0], inside[-1] + 1))
            taps.append(slice(places[inside[0]], places[inside[-1]] + 1, axis.stride))
        else:
            yield tuple(windows), array[tuple(taps)]
