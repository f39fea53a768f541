"""Counts that are no multiple of the taps: of every window by itself, by how many taps it has.

Where all windows lie inside the input they have as many taps as elements, whatever the sizes, and
symbols will do. At the border they differ, and windows of each number of taps are counted, along
each axis for itself.
"""

from collections import Counter
from collections.abc import Callable
from itertools import product
from math import prod

from pooling.arguments import Axis, PoolingArguments
from pooling.arithmetic import Number


def over_windows(pooling: PoolingArguments, count: Callable[[Number], Number]) -> Number:
    """Return the sum of ``count(taps)`` over all windows that have a tap.

    Raises:
        ValueError: Sizes that are no plain ints, and windows that reach beyond the input.

    >>> from pooling import pooling_arguments
    >>> over_windows(pooling_arguments(1, (1, 5), 3, 1, 1), lambda taps: taps**2)
    35
    """
    axes = pooling.windowed
    if all(_inside(axis) for axis in axes):
        return pooling.outputs * count(prod([axis.kernel_size for axis in axes]))
    along = [_taps_along(axis) for axis in axes]
    windows: Counter[int] = Counter()
    for entries in product(*[counted.items() for counted in along]):
        windows[prod([taps for taps, _ in entries])] += prod([number for _, number in entries])
    leading = prod(pooling.leading)
    return leading * sum(number * count(taps) for taps, number in windows.items() if taps)


def _inside(axis: Axis) -> bool:
    """Say whether all windows along an axis surely lie inside the input."""
    before = axis.padding[0]
    overhang = (axis.outputs - 1) * axis.stride - before
    overhang = overhang + axis.dilation * (axis.kernel_size - 1) + 1 - axis.size
    whole = type(before) is int and before <= 0
    if whole and not axis.ceil_mode and axis.padding[1] == 0:
        return True
    return bool(whole and type(overhang) is int and overhang <= 0)


def _taps_along(axis: Axis) -> Counter[int]:
    """Return how many windows along an axis have how many taps."""
    entries = (axis.size, axis.kernel_size, axis.stride, axis.padding[0], axis.dilation)
    if not all(type(entry) is int for entry in (*entries, axis.outputs)):
        raise ValueError(
            "padding must be 0 and ceil_mode False unless all sizes are ints: the count depends "
            "on how many taps each window has"
        )
    starts = range(-axis.padding[0], axis.outputs * axis.stride - axis.padding[0], axis.stride)
    reach = axis.dilation * axis.kernel_size
    return Counter(
        sum(0 <= place < axis.size for place in range(start, start + reach, axis.dilation))
        for start in starts
    )
