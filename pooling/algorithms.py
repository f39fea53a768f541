"""Poolings by other algorithms than their definition: same results, other costs.

Each algorithm is code that runs, so that its cost can be counted and not only quoted; the counts
in closed form are in ``costmodel.algorithms``. An algorithm along one axis is written for a row
whose elements are whole slices of the array: one call of ``combine`` is one operation per number
of a slice. Elements that no window reads are never touched, and neither is padding, which is no
tap; the one exception is ``"convolution"``, which multiplies padding like everything else.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from fractions import Fraction
from functools import reduce
from itertools import accumulate, product
from math import gcd, prod
from typing import TYPE_CHECKING, Any, TypeVar

from pooling.arguments import Axis
from pooling.arithmetic import clamp, maximum, minimum
from pooling.checks import check_name
from pooling.evaluation import bound, real
from pooling.kind import kind
from pooling.kinds.avg_pool import divisors

if TYPE_CHECKING:
    from pooling.evaluation import Array, Numbers

#: How two numbers, or two slices of numbers, become one.
Combine = Callable[[Any, Any], Any]

Algorithm = TypeVar("Algorithm")


def max_pool(x: Numbers, *args: Any, algorithm: str = "direct", **kwargs: Any) -> Array:
    """Return the largest tap of every window, found by ``algorithm``.

    Arguments, shapes and errors are those of :func:`pooling.max_pool`, and so is the result, as far
    as the numbers of ``x`` are exact: ``"relu_fold"`` and ``"relu_tree"`` subtract and add, which
    floats round and integers of a fixed width may wrap.

    Args:
        x: As in :func:`pooling.max_pool`, like the arguments after it.
        args: As there.
        algorithm: A key of :data:`CHOICE`.
        kwargs: As there.

    Raises:
        ValueError: An unknown algorithm, or arguments that torch refuses.

    >>> max_pool([3, 1, 4, 1, 5, 9, 2], (3,), stride=1, algorithm="van_herk").tolist()
    [4, 4, 5, 9, 9]
    >>> max_pool([3, 1, 4], (2,), algorithm="magic")
    Traceback (most recent call last):
    ...
    ValueError: unknown algorithm 'magic'; algorithms: direct, separable, van_herk, relu_fold, ...
    """
    choice = _named(algorithm, CHOICE)
    array = _array(x)
    return choice(array, kind("max_pool").read_for(array, args, kwargs).windowed, True)


def min_pool(x: Numbers, *args: Any, algorithm: str = "direct", **kwargs: Any) -> Array:
    """Return the smallest tap of every window, found by ``algorithm``, as in :func:`max_pool`.

    >>> min_pool([3, 1, 4, 1, 5, 9, 2], (3,), stride=2, algorithm="relu_tree").tolist()
    [1, 1, 2]
    """
    choice = _named(algorithm, CHOICE)
    array = _array(x)
    return choice(array, kind("min_pool").read_for(array, args, kwargs).windowed, False)


def avg_pool(x: Numbers, *args: Any, algorithm: str = "direct", **kwargs: Any) -> Array:
    """Return the sum of the taps of every window, divided by torch's divisor, by ``algorithm``.

    Arguments, shapes and errors are those of :func:`pooling.avg_pool`, and so is the result of
    exact numbers. Floats are rounded in another order, and ``"summed_area"`` subtracts sums of
    nearly the whole input from each other, so its errors grow with the image.

    Args:
        x: As in :func:`pooling.avg_pool`, like the arguments after it.
        args: As there.
        algorithm: A key of :data:`MEAN`.
        kwargs: As there.

    Raises:
        ValueError: An unknown algorithm, or arguments that torch refuses.

    >>> avg_pool([[0, 1, 2], [3, 4, 5], [6, 7, 8]], (2, 2), 1, algorithm="summed_area").tolist()
    [[2.0, 3.0], [5.0, 6.0]]
    """
    import numpy

    mean = _named(algorithm, MEAN)
    array = real(_array(x))  # as in the definition
    arguments = kind("avg_pool").read_for(array, args, kwargs)
    axes = arguments.windowed
    divisor = numpy.broadcast_to(divisors(arguments), [axis.outputs for axis in axes])
    if array.dtype == object:  # the reciprocal of an int would be a float
        return mean(array, axes, numpy.frompyfunc(Fraction, 1, 1)(divisor))
    return mean(array, axes, divisor.astype(array.dtype))


def direct(array: Array, axes: Sequence[Axis], largest: bool) -> Array:
    """Choose among the taps of every window one after the other."""
    choose = _choose(array, largest)
    return _by_windows(array, axes, lambda taps: reduce(choose, taps), largest)


def separable(array: Array, axes: Sequence[Axis], largest: bool) -> Array:
    """Choose along the last axis first, then among what is left along the axis before, and so on.

    Only rows that some window reads are gone through.
    """
    choose = _choose(array, largest)

    def along(row: Sequence[Any], axis: Axis) -> list[Any]:
        return [reduce(choose, [row[i] for i in taps]) for _, taps in _occupied(axis)]

    return _by_axes(array, axes, along, bound(array.dtype, largest=not largest))


def van_herk(array: Array, axes: Sequence[Axis], largest: bool) -> Array:
    """Choose along each axis by running extremes within blocks, whatever the window.

    The axes are taken as in :func:`separable`. Along an axis, a window is the end of one block and
    the beginning of the next, if blocks are as long as windows: with the running extremes of each
    block from both ends known, a window takes one comparison more.

    With a stride s below the window k, the s elements from one window's start to the next become
    one *cell* first, a window is ⌊k/s⌋ cells and the first k mod s elements of another, and the
    blocks are made of cells. A dilated row is d/gcd(d, s) rows interleaved. Only entries of the
    running extremes that some window needs are computed.

    Source: van Herk 1992, "A fast algorithm for local minimum and maximum filters"; Gil and
    Werman 1993, "Computing 2-D min, median, and max filters".
    """
    choose = _choose(array, largest)

    def along(row: Sequence[Any], axis: Axis) -> list[Any]:
        chosen: list[Any] = [None] * axis.outputs
        classes = axis.dilation // gcd(axis.dilation, axis.stride)
        for first in range(min(classes, axis.outputs)):
            windows = range(first, axis.outputs, classes)
            start = first * axis.stride - axis.padding[0]
            before = max(-(start // axis.dilation), 0)
            chosen[first::classes] = _van_herk_row(
                row[start + before * axis.dilation :: axis.dilation],
                axis.kernel_size,
                axis.stride * classes // axis.dilation,
                before,
                len(windows),
                choose,
            )
        return [chosen[i] for i, _ in _occupied(axis)]

    return _by_axes(array, axes, along, bound(array.dtype, largest=not largest))


def relu_fold(array: Array, axes: Sequence[Axis], largest: bool) -> Array:
    """Choose among taps one after the other by max(a, b) = ReLU(a − b) + b.

    A network with skip connections: b bypasses the ReLU. The smaller is b − ReLU(b − a).
    """
    relu = _relu(array)

    def merge(a: Any, b: Any) -> Any:
        return relu(a - b) + b if largest else b - relu(b - a)

    return _by_windows(array, axes, lambda taps: reduce(merge, taps), largest)


def relu_tree(array: Array, axes: Sequence[Axis], largest: bool) -> Array:
    """Choose by a plain ReLU network, without skip connections, that is the same at every window.

    A layer takes K values to ⌈K/2⌉ values: of each pair, ReLU(a − b) + ReLU(b) − ReLU(−b), and of
    a value left over, ReLU(c) − ReLU(−c), since nothing bypasses a layer. ⌈log₂ K⌉ hidden layers
    for a window of K elements. A network knows no "never a tap", so a position outside the input
    repeats the nearest tap of its window, which changes no maximum.

    Source: Arora, Basu, Mianjy and Mukherjee 2018, arXiv 1611.01491.
    """
    relu = _relu(array)

    def carried(c: Any) -> Any:
        return relu(c) - relu(-c)

    def merge(a: Any, b: Any) -> Any:
        if largest:
            return relu(a - b) + relu(b) - relu(-b)
        return relu(b) - relu(-b) - relu(b - a)

    def network(values: Sequence[Any]) -> Any:
        while len(values) > 1:
            left_over = [carried(c) for c in values[len(values) // 2 * 2 :]]
            merged = [merge(a, b) for a, b in zip(values[::2], values[1::2], strict=False)]
            values = merged + left_over
        return values[0]

    return _by_windows(array, axes, network, largest, repeat=True)


def direct_mean(array: Array, axes: Sequence[Axis], divisor: Array) -> Array:
    """Add the taps of every window one after the other, and divide."""
    summed = _by_windows(array, axes, lambda taps: reduce(_add, taps))
    return _quotient(summed, divisor)


def separable_mean(array: Array, axes: Sequence[Axis], divisor: Array) -> Array:
    """Add along the last axis first, then along the axis before, and so on; divide at the end."""

    def along(row: Sequence[Any], axis: Axis) -> list[Any]:
        return [reduce(_add, [row[i] for i in taps]) for _, taps in _occupied(axis)]

    return _quotient(_by_axes(array, axes, along, 0), divisor)


def summed_area(array: Array, axes: Sequence[Axis], divisor: Array) -> Array:
    """Take every sum from a table of the sums over all boxes that begin at the first element.

    The table has one entry for each element that some window reads and takes running sums along
    one axis after the other. A window is then a sum and difference of the 2^D entries at its
    corners, of which those before the first element are 0 and left out.

    Source: Crow 1984, "Summed-area tables for texture mapping".
    """
    import numpy

    first = array.ndim - len(axes)
    read = [_read(axis) for axis in axes]
    array = array[_at(numpy.ix_(*read))]
    corners = []
    for number, axis in enumerate(axes):
        array = _along(array, first + number, lambda row: accumulate(row, _add))
        place = {element: i for i, element in enumerate(read[number])}
        corners.append([(i, place[taps[-1]], place[taps[0]] - 1) for i, taps in _occupied(axis)])
    summed = numpy.full((*array.shape[:first], *divisor.shape), 0, array.dtype)
    for window in product(*corners):
        # Every box ends with the last tap of an axis, or before its first, where there is one.
        ends = [[last, before] if before >= 0 else [last] for _, last, before in window]
        signs = [[1, -1][: len(end)] for end in ends]
        result: Any = None
        for corner, sign in zip(product(*ends), map(prod, product(*signs)), strict=True):
            entry = array[_at(corner)]
            if result is None:
                result = entry
                continue
            result = result + entry if sign > 0 else result - entry
        summed[_at(i for i, _, _ in window)] = result
    return _quotient(summed, divisor)


def convolution(array: Array, axes: Sequence[Axis], divisor: Array) -> Array:
    """Multiply every position of every window by a weight, padding included, and add.

    The weight is the reciprocal of the divisor. As long as that is the same for all windows (no
    padding, or padding that counts, and no overhang) this is a depthwise convolution of the padded
    input; else the weights differ from window to window, and the number of operations is the same.
    """
    import numpy

    first = array.ndim - len(axes)
    widths, unpadded = [(0, 0)] * first, []
    for axis in axes:
        end = (axis.outputs - 1) * axis.stride + (axis.kernel_size - 1) * axis.dilation + 1
        before = axis.padding[0]
        widths.append((before, max(end - before - axis.size, 0)))
        unpadded.append(axis._replace(size=sum(widths[-1]) + axis.size, padding=(0, 0)))
    padded = numpy.pad(array, widths)
    weights = 1 / divisor
    windows = [_windows(axis) for axis in unpadded]
    mean = numpy.empty((*array.shape[:first], *divisor.shape), array.dtype)
    for window in numpy.ndindex(divisor.shape):
        positions = product(*[along[i] for along, i in zip(windows, window, strict=True)])
        products = [padded[_at(position)] * weights[window] for position in positions]
        mean[_at(window)] = reduce(_add, products)
    return mean


#: Algorithm → max-pooling (``largest``) or min-pooling of an array over its last axes.
CHOICE: dict[str, Callable[[Array, Sequence[Axis], bool], Array]] = {
    "direct": direct,
    "separable": separable,
    "van_herk": van_herk,
    "relu_fold": relu_fold,
    "relu_tree": relu_tree,
}

#: Algorithm → average pooling of an array over its last axes, given the divisor of each window.
MEAN: dict[str, Callable[[Array, Sequence[Axis], Array], Array]] = {
    "direct": direct_mean,
    "separable": separable_mean,
    "summed_area": summed_area,
    "convolution": convolution,
}


def _named(algorithm: str, table: Mapping[str, Algorithm]) -> Algorithm:
    check_name("algorithm", algorithm, table)
    return table[algorithm]


def _array(x: Numbers) -> Array:
    import numpy

    return numpy.asarray(x)


def _choose(array: Array, largest: bool) -> Combine:
    """Return what takes two slices of ``array`` to the larger, or the smaller, numbers."""
    import numpy

    if array.dtype != object:
        return numpy.maximum if largest else numpy.minimum
    choose = maximum if largest else minimum
    # A NaN in ``b`` is returned by the choice itself: no order holds with it.
    by_number: Combine = numpy.frompyfunc(lambda a, b: a if a != a else choose(a, b), 2, 1)
    return by_number


def _relu(array: Array) -> Callable[[Any], Any]:
    import numpy

    if array.dtype != object:
        return lambda slice_: numpy.maximum(slice_, array.dtype.type(0))
    by_number: Callable[[Any], Any] = numpy.frompyfunc(lambda number: maximum(number, 0), 1, 1)
    return by_number


def _add(a: Any, b: Any) -> Any:
    return a + b


def _quotient(summed: Array, divisor: Array) -> Array:
    mean: Array = summed / divisor
    return mean


def _at(places: Iterable[Any]) -> Any:
    """Return the index of what is at ``places`` along the last axes."""
    return (..., *places)


def _windows(axis: Axis) -> list[range]:
    """Return the taps of each window along ``axis``, as positions in the input."""
    windows = []
    for start in range(-axis.padding[0], axis.outputs * axis.stride - axis.padding[0], axis.stride):
        outside = max(-(start // axis.dilation), 0)  # positions of the window before the input
        end = min(start + axis.kernel_size * axis.dilation, axis.size)
        windows.append(range(start + outside * axis.dilation, end, axis.dilation))
    return windows


def _occupied(axis: Axis) -> list[tuple[int, range]]:
    """Return the number and the taps of each window along ``axis`` that has any."""
    return [(i, taps) for i, taps in enumerate(_windows(axis)) if taps]


def _filled(axis: Axis, window: int, taps: range) -> list[int]:
    """Return as many taps as a window has positions: outside the input, the nearest one."""
    start = window * axis.stride - axis.padding[0]
    positions = range(start, start + axis.kernel_size * axis.dilation, axis.dilation)
    return [clamp(position, taps[0], taps[-1]) for position in positions]


def _read(axis: Axis) -> list[int]:
    """Return the elements along ``axis`` that some window reads."""
    return sorted({element for window in _windows(axis) for element in window})


def _by_windows(
    array: Array,
    axes: Sequence[Axis],
    result: Callable[[Sequence[Any]], Any],
    largest: bool | None = None,
    repeat: bool = False,
) -> Array:
    """Take the taps of every window to one number; with ``repeat``, as many as it has positions."""
    import numpy

    first = array.ndim - len(axes)
    shape = (*array.shape[:first], *[axis.outputs for axis in axes])
    empty = 0 if largest is None else bound(array.dtype, largest=not largest)
    pooled = numpy.full(shape, empty, array.dtype)
    for chosen in product(*map(_occupied, axes)):
        taps: list[Sequence[int]] = [window for _, window in chosen]
        if repeat:
            taps = [
                _filled(axis, i, window) for axis, (i, window) in zip(axes, chosen, strict=True)
            ]
        pooled[_at(i for i, _ in chosen)] = result([array[_at(place)] for place in product(*taps)])
    return pooled


def _by_axes(
    array: Array,
    axes: Sequence[Axis],
    along: Callable[[Sequence[Any], Axis], list[Any]],
    empty: Any,
) -> Array:
    """Pool along one axis after the other, last axis first.

    ``along`` takes a row, in which elements that no window reads are left blank, to one number for
    each window with a tap.
    """
    import numpy

    first = array.ndim - len(axes)
    shape = (*array.shape[:first], *[axis.outputs for axis in axes])
    read = [_read(axis) for axis in axes]
    array = array[_at(numpy.ix_(*read))]
    for number in reversed(range(len(axes))):
        axis, elements = axes[number], read[number]

        def pooled(row: Sequence[Any], axis: Axis = axis, at: list[int] = elements) -> list[Any]:
            whole: list[Any] = [None] * axis.size
            for element, value in zip(at, row, strict=True):
                whole[element] = value
            return along(whole, axis)

        array = _along(array, first + number, pooled)
    result = numpy.full(shape, empty, array.dtype)
    result[_at(numpy.ix_(*[[i for i, _ in _occupied(axis)] for axis in axes]))] = array
    return result


def _along(array: Array, axis: int, function: Callable[[Sequence[Any]], Iterable[Any]]) -> Array:
    """Return ``array`` with its slices along ``axis`` replaced by those that ``function`` gives."""
    import numpy

    rows = numpy.moveaxis(array, axis, 0)
    results = list(function(list(rows)))
    stacked = numpy.empty((len(results), *rows.shape[1:]), array.dtype)
    for i, one in enumerate(results):
        stacked[i] = one
    return numpy.moveaxis(stacked, 0, axis)


def _van_herk_row(
    row: Sequence[Any], kernel_size: int, stride: int, before: int, outputs: int, choose: Combine
) -> list[Any]:
    """Pool one undilated row; ``None`` for a window without a tap."""
    width = min(kernel_size, stride)
    whole, rest = divmod(kernel_size, width)
    starts = [cell * stride - before for cell in range(outputs + whole)]
    widths = [width] * (outputs + whole - 1) + [rest]  # of the last cell only the rest is needed
    cells = [
        list(accumulate(row[max(start, 0) : max(start + needed, 0)], choose))
        for start, needed in zip(starts, widths, strict=True)
    ]
    full = [cell[-1] for cell in cells[:-1] if cell]
    empty = before // stride
    spans = [(max(i - empty, 0), min(i - empty + whole, len(full))) for i in range(outputs)]
    by_cells = _sliding(full, whole, spans, choose)
    pooled = []
    for i, span in enumerate(spans):
        parts = [by_cells[span]] if span in by_cells else []
        start = starts[i + whole]
        taps = min(start + rest, len(row)) - max(start, 0)
        if taps > 0:
            parts.append(cells[i + whole][taps - 1])
        pooled.append(reduce(choose, parts) if parts else None)
    return pooled


def _sliding(
    row: Sequence[Any], kernel_size: int, spans: Iterable[tuple[int, int]], choose: Combine
) -> dict[tuple[int, int], Any]:
    """Choose from each non-empty span [start, end): ``kernel_size`` elements, fewer at the ends."""
    spans = [(start, end) for start, end in spans if start < end]
    last_start = max((start for start, _ in spans), default=0)
    last_end = max((end for _, end in spans), default=0)
    up_to: list[Any] = []  # from the beginning of the block up to here
    for block in range(0, last_end, kernel_size):
        up_to += accumulate(row[block : min(block + kernel_size, last_end)], choose)
    from_on: dict[int, Any] = {}  # from here to the end of the block
    for block in range(0, last_start, kernel_size):
        elements = range(block + 1, min(block + kernel_size, len(row)))
        backwards = accumulate([row[i] for i in reversed(elements)], choose)
        from_on |= zip(reversed(elements), backwards, strict=True)
    chosen = {}
    for start, end in spans:
        if start % kernel_size == 0:
            chosen[start, end] = up_to[end - 1]
        elif end <= start - start % kernel_size + kernel_size:
            chosen[start, end] = from_on[start]
        else:
            chosen[start, end] = choose(from_on[start], up_to[end - 1])
    return chosen
