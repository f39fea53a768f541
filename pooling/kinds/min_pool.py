"""Min-pooling: the smallest tap of every window, defined on its own.

That it is a negated max-pooling of the negated input is a theorem, proved elsewhere.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pooling.arguments import PoolingArguments
from pooling.evaluation import extreme
from pooling.kind import Kind
from pooling.kinds.max_pool import pooling_arguments

if TYPE_CHECKING:
    from pooling.evaluation import Array


@Kind(
    __name__,
    title="Min-pooling",
    computes="the smallest tap of every window",
    source="as for max-pooling; torch has no such operator",
    chooses=True,
    read=pooling_arguments,
    layers={"MinPool": "pooling.rebuilt.max_pool"},
    also=("minimum",),
)
def min_pool(array: Array, arguments: PoolingArguments) -> Array:
    """Return the smallest tap of every window.

    Arguments, shapes and errors are those of :func:`pooling.max_pool`; a window without any tap is
    the largest value of the dtype, +inf for floats and objects.

    >>> min_pool([[0, 1, 2], [3, 4, 5], [6, 7, 8]], (2, 2), stride=1).tolist()
    [[0, 1], [3, 4]]
    """
    return extreme(array, arguments.windowed, largest=False)
