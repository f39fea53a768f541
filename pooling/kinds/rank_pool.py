"""Rank pooling: the tap of a given rank of every window, the largest having rank 1."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from pooling.arguments import PoolingArguments
from pooling.evaluation import bound, by_window
from pooling.kind import Kind, with_options
from pooling.kinds.max_pool import pooling_arguments
from pooling.order import check_whole, largest_first

if TYPE_CHECKING:
    from pooling.evaluation import Array


@Kind(
    __name__,
    title="Rank pooling",
    computes="the tap of a given rank of every window",
    source='Shi, Ye and Wu, "Rank-Based Pooling for Deep Convolutional Neural Networks", 2016; '
    "``scipy.ndimage.rank_filter``, which counts from the smallest",
    chooses=True,
    read=with_options(pooling_arguments, "return_indices", rank=(1, partial(check_whole, "rank"))),
    layers={"RankPool": "pooling.modules.order"},
    also=("order statistic",),
    described={"rank": "Which tap, the largest being the first; the smallest if there are fewer."},
    example={"rank": 2},
)
def rank_pool(array: Array, arguments: PoolingArguments) -> Array:
    """Return the tap of rank r of every window: the largest has rank 1.

    Rank 1 is max-pooling, and a rank of all taps or more is min-pooling.

    Returns:
        An array of shape ``(*leading, *outputs)`` and of the dtype of ``x``. A window with a NaN
        is NaN; one without any tap is the smallest value of the dtype, as of a max-pooling.

    Raises:
        ValueError: Arguments that torch refuses for a max-pooling, or a ``rank`` below 1.
        TypeError: A ``kernel_size`` that is no tuple, or values of the wrong type.

    Source: Shi, Ye and Wu, "Rank-Based Pooling for Deep Convolutional Neural Networks", 2016.

    >>> rank_pool([1, 7, 5, 4], (4,), rank=2).tolist()
    [5]
    """
    rank = arguments.options["rank"]

    def pool(taps: list[Array]) -> Array:
        count = min(rank, len(taps))
        chosen: Array = largest_first(taps, count)[count - 1]
        return chosen

    smallest = bound(array.dtype, largest=False)
    return by_window(array, arguments.windowed, pool, smallest, chooses=True)
