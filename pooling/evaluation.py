"""How a definition runs over an array: tap by tap of all windows at once, or window by window.

Definitions are written to be read, and work on any NumPy dtype and, through object arrays, on exact
fractions, symbols or any number that knows ``+`` and an order. What combines two numbers goes over
the positions of a window and, for each of them, takes the taps of all windows at once
(:func:`fold`); what takes all taps of a window together is written for a list of taps and applied
to one window after the other (:func:`by_window`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import reduce
from itertools import product
from math import prod
from operator import add, mul
from typing import TYPE_CHECKING, Any

from pooling.arguments import AdaptiveAxis, Axis
from pooling.arithmetic import maximum, minimum
from pooling.windows import adaptive_window

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Array = NDArray[Any]
    Numbers = ArrayLike | Sequence[Any]  # NumPy's type leaves out lists of fractions and symbols


def real(array: Array) -> Array:
    """Return an array of integers or of truth values as float64, and any other as it is.

    >>> import numpy
    >>> real(numpy.array([1, 2])).dtype, real(numpy.array([1], "float16")).dtype
    (dtype('float64'), dtype('float16'))
    """
    return array.astype("float64") if array.dtype.kind in "biu" else array


def wide(array: Array) -> Array:
    """Return an array in the numbers in which its sums are taken.

    Formats of at most 16 bits become float64, in which a sum of theirs is all but exact. Integers
    do too, unless their sums may leave what float64 holds exactly: then they are Python's. Wider
    floats and objects stay as they are.

    >>> import numpy
    >>> wide(numpy.array([1], "float16")).dtype, wide(numpy.array([1], "float32")).dtype
    (dtype('float64'), dtype('float32'))
    >>> wide(numpy.array([1])).dtype, wide(numpy.array([2**53 + 1])).dtype
    (dtype('float64'), dtype('O'))
    """
    if array.dtype.kind in "iu" and array.size and _beyond(array):
        return array.astype(object)
    narrow = array.dtype != object and array.dtype.itemsize <= 2
    return array.astype("float64") if narrow or array.dtype.kind in "biu" else array


def _beyond(array: Array) -> bool:
    """Say whether a sum of 2²¹ of these integers may exceed 2⁵³."""
    return max(int(array.max()), -int(array.min())) > 1 << 32


def rounded(values: Array, dtype: Any) -> Array:
    """Return what was computed of :func:`wide` numbers of ``dtype``, rounded to it at once.

    Of integers it is float64.

    >>> import numpy
    >>> rounded(numpy.array([1 + 2**-11 + 2**-40]), numpy.dtype("float16")) - 1
    array([0.000977], dtype=float16)
    """
    import numpy

    if dtype.kind in "biu":
        return values.astype("float64")
    if dtype.kind == "O" or values.dtype == dtype:
        return values
    with numpy.errstate(over="ignore"):
        if dtype.char == "e":  # float16, which NumPy rounds itself
            return values.astype(dtype)
        # bfloat16 and the formats of 8 bits are rounded by way of float32, or even of float16. If
        # all but the first nine digits are cut off, and the last one is made 1 where that was
        # inexact, nothing on the way is a tie that was none.
        single = values.astype("float32")
        bits = single.view("uint32") - (numpy.abs(single) > numpy.abs(values))
        inexact = (single != values) | (bits % (1 << 14) != 0)
        sticky = bits // (1 << 14) | inexact
        odd: Array = (sticky << 14).astype("uint32").view("float32")
        return numpy.where(numpy.isnan(values), values, odd).astype(dtype)


def quotient(values: Array, divisors: Array) -> Array:
    """Return sums over what each is divided by, and NaN for a sum of nothing."""
    import numpy

    nothing = divisors == 0
    by = numpy.where(nothing, 1, divisors).astype(values.dtype)
    # Python's ints divide fractions and symbols exactly, and each other with one rounding; float
    # dtypes must not be widened.
    mean: Array = values / by
    if nothing.any():
        mean[..., nothing] = float("nan")
    return mean


def extents(axis: Axis, count_include_pad: bool) -> Array:
    """Return how many positions each window has in the input, or in the padded input."""
    import numpy

    before, after = axis.padding if count_include_pad else (0, 0)
    start = numpy.arange(axis.outputs) * axis.stride - axis.padding[0]
    span = axis.dilation * (axis.kernel_size - 1) + 1
    end = numpy.minimum(start + span, axis.size + after)
    # The first position that counts is a whole number of dilations from the beginning.
    first = start + -(numpy.minimum(start + before, 0) // axis.dilation) * axis.dilation
    counted: Array = -((first - end) // axis.dilation)
    return counted if axis.dilation == 1 else numpy.maximum(counted, 0)


def extreme(array: Array, axes: Sequence[Axis | AdaptiveAxis], *, largest: bool) -> Array:
    """Return the largest tap of every window, or the smallest; NaN where there is a NaN."""
    import numpy

    choose = maximum if largest else minimum
    return fold(
        array,
        axes,
        numpy.maximum if largest else numpy.minimum,
        # A NaN in ``b`` is returned by the choice itself: no order holds with it.
        lambda a, b: a if a != a else choose(a, b),
        empty=bound(array.dtype, largest=not largest),
    )


def bound(dtype: Any, *, largest: bool) -> Any:
    """Return the largest or the smallest value of ``dtype``, infinities included."""
    import numpy

    if dtype.kind in "iu":
        limits = numpy.iinfo(dtype)
        return limits.max if largest else limits.min
    if dtype.kind == "b":
        return largest
    return float("inf") if largest else float("-inf")


def summed(array: Array, axes: Sequence[Axis | AdaptiveAxis]) -> Array:
    """Return the sum of the taps of every window, in their order and in the dtype of ``array``."""
    import numpy

    return fold(array, axes, numpy.add, lambda a, b: a + b, empty=0)


def fold(
    array: Array,
    axes: Sequence[Axis | AdaptiveAxis],
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
        # NaN from inf − inf, or an overflow to inf, is the result and no accident.
        with numpy.errstate(invalid="ignore", over="ignore"):
            for windows, values in _taps(array, axes):
                result[windows] = numeric(result[windows], values)
        return result
    nothing = object()
    combine = numpy.frompyfunc(lambda a, b: b if a is nothing else scalar(a, b), 2, 1)
    result = numpy.full(shape, nothing, object)
    with numpy.errstate(invalid="ignore"):
        for windows, values in _taps(array, axes):
            result[windows] = combine(result[windows], values)
    result[numpy.frompyfunc(lambda a: a is nothing, 1, 1)(result).astype(bool)] = empty
    return result


def _taps(array: Array, axes: Sequence[Axis | AdaptiveAxis]) -> Iterator[tuple[Any, Array]]:
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


def weighted_mean(weights: list[Array], taps: list[Array]) -> Array:
    """Return Σ weight·tap / Σ weight, and 0 if every weight is."""
    import numpy

    total = reduce(add, weights)
    mean: Array = reduce(add, map(mul, weights, taps)) / numpy.where(total == 0, 1, total)
    return mean


def by_window(
    array: Array,
    axes: Sequence[Axis],
    pool: Callable[..., Array],
    empty: float,
    *beside: Array,
    chooses: bool = False,
    positions: bool = False,
) -> Array:
    """Return ``pool`` of the taps of every window, and ``empty`` for a window without any.

    Floats and integers are computed in float64 at least, unless ``pool`` only ``chooses`` a tap.
    With ``positions`` it is also given the positions of the window that the taps stand at.

    ``pool`` takes the taps in the order of the window, each for all places of the leading axes at
    once, and the entry of the window in each of the arrays ``beside``, which have the shape of the
    result.
    """
    import numpy

    shape = output_shape(array, axes)
    places = prod(array.shape[: array.ndim - len(axes)])
    flat = array.reshape(places, *[axis.size for axis in axes])
    if array.dtype != object and not chooses:
        flat = flat.astype(numpy.result_type(array.dtype, numpy.float64))
    outputs = [axis.outputs for axis in axes]
    given = [one.reshape(places, *outputs) for one in beside]
    result = numpy.full((places, *outputs), empty, array.dtype)
    with numpy.errstate(all="ignore"):  # NaN and infinities are results here and no accidents
        for window in numpy.ndindex(*outputs):
            found = [*_taps_of(axes, window)]
            if found:
                taps = [flat[(slice(None), *place)] for _, place in found]
                at = [[position for position, _ in found]] if positions else []
                output: Any = (slice(None), *window)
                result[output] = pool(taps, *at, *[one[output] for one in given])
    return result.reshape(shape)


def output_shape(array: Array, axes: Sequence[Axis]) -> tuple[int, ...]:
    """Return the shape of the pooled ``array``, leading axes included."""
    leading = array.shape[: array.ndim - len(axes)]
    return (*leading, *[axis.outputs for axis in axes])


def _taps_of(axes: Sequence[Axis], window: tuple[int, ...]) -> Iterator[tuple[Any, Any]]:
    """Yield the position in the window and the place in the input of every tap of one window."""
    along = []
    for axis, i in zip(axes, window, strict=True):
        start = i * axis.stride - axis.padding[0]
        places = [(j, start + j * axis.dilation) for j in range(axis.kernel_size)]
        along.append([(j, place) for j, place in places if 0 <= place < axis.size])
    for tap in product(*along):
        yield tuple(j for j, _ in tap), tuple(place for _, place in tap)
