"""Median pooling: the lower of the two middle taps of every window."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pooling.arguments import PoolingArguments
from pooling.evaluation import bound, by_window
from pooling.kind import Kind, with_options
from pooling.kinds.max_pool import pooling_arguments
from pooling.order import largest_first

if TYPE_CHECKING:
    from pooling.evaluation import Array


@Kind(
    __name__,
    title="Median pooling",
    computes="the median of the taps of every window, the lower of two",
    source='``torch.median``; Tukey, "Exploratory Data Analysis", 1977 (running medians)',
    chooses=True,
    read=with_options(pooling_arguments, "return_indices"),
    layers={"MedianPool": "pooling.modules.order"},
    also=("median",),
)
def median_pool(array: Array, arguments: PoolingArguments) -> Array:
    """Return the median of the taps of every window, the lower of the middle two of an even number.

    So it is always one of the taps, as ``torch.median`` has it; ``numpy.median`` takes the mean of
    the two.

    Returns:
        An array of shape ``(*leading, *outputs)`` and of the dtype of ``x``. A window with a NaN
        is NaN; one without any tap is the smallest value of the dtype, as of a max-pooling.

    Raises:
        ValueError: Arguments that torch refuses for a max-pooling.
        TypeError: A ``kernel_size`` that is no tuple, or values of the wrong type.

    Source: ``torch.median``.

    >>> median_pool([1, 7, 5, 4], (4,)).tolist()
    [4]
    """

    def pool(taps: list[Array]) -> Array:
        count = len(taps) // 2 + 1
        chosen: Array = largest_first(taps, count)[count - 1]
        return chosen

    smallest = bound(array.dtype, largest=False)
    return by_window(array, arguments.windowed, pool, smallest, chooses=True)
