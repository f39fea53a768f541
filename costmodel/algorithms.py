"""What pooling costs by other algorithms than its definition, in closed form.

Each entry counts the code of the same name in ``pooling.algorithms``, operation by operation,
borders included. A count is constant time in the size of the image and of the window; dilation
takes one step per kernel position, or per interleaved row.
"""

from collections.abc import Callable, Sequence
from math import prod
from typing import Any

from pooling.arguments import PoolingArguments
from pooling.arithmetic import (
    Number,
    _is_array,
    _is_symbol,
    ceil_divide,
    clamp,
    maximum,
    minimum,
    total,
)
from pooling.windows import greatest_common_divisor, visits, window_taps

#: Operations by kind: names of fields of :class:`costmodel.counts.Cost`.
Counts = dict[str, Number]


def direct(pooling: PoolingArguments) -> Counts:
    """Return t − 1 comparisons for every window of t ≥ 1 taps.

    >>> from pooling import pooling_arguments
    >>> direct(pooling_arguments(2, (1, 64, 64), kernel_size=5, stride=1))
    {'comparisons': 86400}
    """
    return {"comparisons": pooling.combinations}


def separable(pooling: PoolingArguments) -> Counts:
    """Return the comparisons along one axis after the other, last axis first.

    Along an axis, a row takes as many comparisons as it has taps, less its windows with a tap.
    There is a row for each element that is read along the axes to come and for each window along
    those that are done.

    >>> from pooling import pooling_arguments
    >>> separable(pooling_arguments(2, (1, 64, 64), kernel_size=5, stride=1))
    {'comparisons': 29760}
    """
    return {"comparisons": _by_axes(pooling, _axis_combinations)}


def van_herk(pooling: PoolingArguments) -> Counts:
    """Return the comparisons of running extremes within blocks: less than three per element.

    Along one axis with stride 1 that is 3 − 4/k per output in the limit, and the window k ≥ 2 may
    be as large as it likes. Over several axes the rows are those of :func:`separable`.

    Source: van Herk 1992; Gil and Werman 1993.

    >>> from pooling import pooling_arguments
    >>> van_herk(pooling_arguments(2, (1, 64, 64), kernel_size=5, stride=1))
    {'comparisons': 16740}
    """
    return {"comparisons": _by_axes(pooling, van_herk_axis)}


def relu_fold(pooling: PoolingArguments) -> Counts:
    """Return three operations for each comparison of :func:`direct`, by ReLU(a − b) + b.

    A ReLU is a comparison with 0, a subtraction an addition.

    >>> from pooling import pooling_arguments
    >>> relu_fold(pooling_arguments(1, (1, 6), kernel_size=3))
    {'comparisons': 4, 'additions': 8}
    """
    merges = pooling.combinations
    return {"comparisons": merges, "additions": 2 * merges}


def relu_tree(pooling: PoolingArguments) -> Counts:
    """Return the operations of a plain ReLU network without skip connections, as it is run.

    Every window with a tap runs the same network on K values, K being the elements of a whole
    window: K − 1 pairs of three ReLUs, one subtraction and two additions each, and for each value
    left over in one of the ⌈log₂ K⌉ layers two ReLUs and one subtraction. A ReLU is a comparison
    with 0, and signs are free. 3·3 elements take 14 + 8 + 5 + 3 ReLUs.

    >>> from pooling import pooling_arguments
    >>> relu_tree(pooling_arguments(2, (1, 3, 3), kernel_size=3))
    {'comparisons': 30, 'additions': 27}
    """
    size = _window_size(pooling)
    merges, carried = size - 1, left_over(size)
    windows = pooling.occupied
    return {
        "comparisons": windows * (3 * merges + 2 * carried),
        "additions": windows * (3 * merges + carried),
    }


def direct_mean(pooling: PoolingArguments) -> Counts:
    """Return t − 1 additions for every window of t ≥ 1 taps, and a division for every window.

    >>> from pooling import average_arguments
    >>> direct_mean(average_arguments(2, (1, 64, 64), kernel_size=5, stride=1))
    {'additions': 86400, 'divisions': 3600}
    """
    return {"additions": pooling.combinations, "divisions": pooling.outputs}


def separable_mean(pooling: PoolingArguments) -> Counts:
    """Return the additions along one axis after the other, as in :func:`separable`.

    >>> from pooling import average_arguments
    >>> separable_mean(average_arguments(2, (1, 64, 64), kernel_size=5, stride=1))
    {'additions': 29760, 'divisions': 3600}
    """
    return {"additions": _by_axes(pooling, _axis_combinations), "divisions": pooling.outputs}


def summed_area(pooling: PoolingArguments) -> Counts:
    """Return the additions of a table of running sums and of the corners of every window.

    The table has an entry for each element that is read, and along an axis of r of them a row
    takes r − 1 additions. A window is made of 2 entries per axis, of one where it begins at the
    first element, and of the product of that over all axes; it takes one addition less.

    Source: Crow 1984.

    >>> from pooling import average_arguments
    >>> summed_area(average_arguments(2, (1, 64, 64), kernel_size=5, stride=1))
    {'additions': 18625, 'divisions': 3600}
    """
    leading = prod(pooling.leading)
    axes: Sequence[Any] = pooling.axes
    read = [axis.touched for axis in axes]
    cells = prod(read)
    # Along an axis of r elements: r − 1 additions for each of the other axes' elements.
    table = sum(cells - prod([*read[:i], *read[i + 1 :]]) for i in range(len(read)))
    corners = prod(
        # These many windows begin at the first element.
        2 * axis.reaching - minimum(axis.padding[0] // axis.stride + 1, axis.reaching)
        for axis in axes
    )
    additions = leading * (table + corners) - pooling.occupied
    return {"additions": additions, "divisions": pooling.outputs}


def convolution(pooling: PoolingArguments) -> Counts:
    """Return K multiplications and K − 1 additions for every window of K positions.

    Padding is multiplied and added like everything else. Counters of convolutions charge a
    multiplication and an addition per position, 2·K per output: that is one addition more for each
    output than there are, the one to the 0 that they start from.

    >>> from pooling import average_arguments
    >>> convolution(average_arguments(2, (1, 64, 64), kernel_size=5, stride=1, padding=2))
    {'multiplications': 102400, 'additions': 98304}
    """
    size = _window_size(pooling)
    outputs = pooling.outputs
    return {"multiplications": outputs * size, "additions": outputs * (size - 1)}


#: Algorithm → the operations of max-pooling and of min-pooling by it.
CHOICE: dict[str, Callable[[PoolingArguments], Counts]] = {
    "direct": direct,
    "separable": separable,
    "van_herk": van_herk,
    "relu_fold": relu_fold,
    "relu_tree": relu_tree,
}

#: Algorithm → the operations of average pooling by it, division by the divisor included.
MEAN: dict[str, Callable[[PoolingArguments], Counts]] = {
    "direct": direct_mean,
    "separable": separable_mean,
    "summed_area": summed_area,
    "convolution": convolution,
}


def van_herk_axis(axis: Any) -> Number:
    """Return the comparisons of :func:`van_herk` for one row along ``axis``.

    A dilated row is d/g rows interleaved, where d is the dilation and g its greatest common divisor
    with the stride; every d/g-th window belongs to the same one.

    Raises:
        ValueError: A symbolic dilation.

    >>> from pooling import pooling_arguments
    >>> van_herk_axis(pooling_arguments(1, (1, 1000), kernel_size=100, stride=1).axes[0])
    2763
    """
    size, kernel_size, stride, outputs = axis.size, axis.kernel_size, axis.stride, axis.reaching
    before, dilation = axis.padding[0], axis.dilation
    if isinstance(dilation, int) and dilation == 1:
        return van_herk_row(size, kernel_size, stride, before, outputs)
    if _is_symbol(dilation):
        # A symbolic sum over the rows would be right, and take minutes to evaluate.
        raise ValueError(f"dilation must be a number for algorithm 'van_herk', got {dilation}")
    common = greatest_common_divisor(stride, dilation)
    rows = dilation // common

    def interleaved(first: Number) -> Number:
        # In elements of this row, the first window begins here, perhaps before the row.
        start = (first * stride - before) // dilation
        element = first * stride - before - start * dilation
        elements = ceil_divide(size - element, dilation) - maximum(start, 0)
        windows = maximum(ceil_divide(outputs - first, rows), 1)
        count = van_herk_row(
            maximum(elements, 1), kernel_size, stride // common, maximum(-start, 0), windows
        )
        # One element is compared as little as none; a row may have no window either.
        return count * clamp(outputs - first, 0, 1)

    return total(rows, interleaved)


def van_herk_row(
    size: Number, kernel_size: Number, stride: Number, before: Number, outputs: Number
) -> Number:
    """Return the comparisons of :func:`van_herk` for one undilated row.

    ``before`` < ``kernel_size`` elements of padding stand before the row, and each of the
    ``outputs`` windows begins before its end. The window is w·q + r elements: q cells of
    w = min(k, s) elements, and r that begin the next cell. There are m + q − 1 whole cells for
    m windows, of which those in the padding are empty.

    >>> van_herk_row(size=9, kernel_size=3, stride=1, before=0, outputs=7)
    12
    """
    if isinstance(stride, int) and stride == 1:  # every element is a cell
        return sliding(size, kernel_size, before, outputs)
    width = minimum(kernel_size, stride)
    whole = kernel_size // width
    rest = kernel_size - whole * width
    cells = outputs + whole - 1
    end = (cells - 1) * stride + width - before
    covered = clamp(end, 0, size) - (cells - 1) * (stride - width)
    empty = before // stride
    filled = minimum(ceil_divide(size + before, stride), cells) - empty
    within_cells = covered - filled
    within_last = maximum(window_taps(size, rest, cells * stride - before) - 1, 0)
    # A window takes one more comparison if it has taps on both sides of where its rest begins.
    joined = visits(size - 1, whole * width - before - 1, stride, outputs) * minimum(rest, 1)
    return within_cells + within_last + joined + sliding(filled, whole, empty, outputs)


def sliding(size: Number, kernel_size: Number, before: Number, outputs: Number) -> Number:
    """Return the comparisons for ``outputs`` windows one element apart, in blocks of the window.

    Windows begin at −``before``, 1 − ``before``, … and are clipped to the ``size`` elements.

    >>> sliding(size=100, kernel_size=10, before=0, outputs=91)  # 10 + 9 blocks: 90 + 9·8 + 81
    243
    """
    last_start = minimum(outputs - 1 - before, size - 1)
    # The extremes from the beginning of a block up to each element that some window ends with.
    ends = clamp(last_start + kernel_size, 0, size)
    up_to = ends - ceil_divide(ends, kernel_size)
    # Those from an element on to the end of its block, if some window begins with it. Blocks
    # themselves need none; the last block may be short.
    starts = maximum(last_start, 0)
    blocks = ceil_divide(starts, kernel_size)
    from_on = blocks * maximum(kernel_size - 2, 0) - maximum(blocks * kernel_size - size, 0)
    # One comparison for each window that reaches from one block into the next.
    across = clamp(last_start, 0, maximum((size - 1) // kernel_size * kernel_size, 0))
    return up_to + from_on + across - across // kernel_size


def left_over(size: Number) -> Number:
    """Return how often a value is left over while ``size`` values are paired off down to one.

    ⌈t/2⌉ of t is ⌊u/2⌋ of u = t − 1, and t is odd if u is even: once for each 0 among the binary
    digits of ``size`` − 1.

    >>> [left_over(size) for size in (1, 2, 4, 9, 25)]
    [0, 0, 0, 3, 3]
    """
    last = size - 1
    return total(_binary_digits(last), lambda i: 1 - last // 2**i + 2 * (last // 2 ** (i + 1)))


def _binary_digits(value: Number) -> Number:
    """Return how many binary digits ``value`` ≥ 0 has; 0 has none."""
    if _is_symbol(value) and not value.is_Integer:
        import sympy

        return sympy.ceiling(sympy.log(value + 1, 2))
    if _is_array(value):
        return sum((value >> i > 0) * 1 for i in range(int(value.max(initial=0)).bit_length()))
    return int(value).bit_length()


def _axis_combinations(axis: Any) -> Number:
    return axis.taps - axis.occupied


def _by_axes(pooling: PoolingArguments, row: Callable[[Any], Number]) -> Number:
    """Return the operations along all axes, last axis first, of which each row takes ``row``."""
    operations: Number = 0
    done = prod(pooling.leading)
    axes: Sequence[Any] = pooling.axes
    for i in reversed(range(len(axes))):
        rows = done * prod(axis.touched for axis in axes[:i])
        operations = operations + rows * row(axes[i])
        done = done * axes[i].occupied
    return operations


def _window_size(pooling: PoolingArguments) -> Number:
    axes: Sequence[Any] = pooling.axes
    return prod(axis.kernel_size for axis in axes)
