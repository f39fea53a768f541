"""k-max pooling: the mean of the k largest taps of every window."""

from __future__ import annotations

from functools import partial, reduce
from math import nan
from operator import add
from typing import TYPE_CHECKING

from pooling.arguments import PoolingArguments
from pooling.evaluation import by_window, real
from pooling.kind import Kind, with_options
from pooling.kinds.max_pool import pooling_arguments
from pooling.order import check_whole, largest_first

if TYPE_CHECKING:
    from pooling.evaluation import Array


@Kind(
    __name__,
    title="K-max pooling",
    computes="the mean of the k largest taps of every window",
    source='Durand, Mordan, Thome and Cord, "WILDCAT: Weakly Supervised Learning of Deep ConvNets '
    'for Image Classification, Pointwise Localization and Segmentation", 2017, whose k is 1 unless '
    'it is given; Kalchbrenner, Grefenstette and Blunsom, "A Convolutional Neural Network for '
    'Modelling Sentences", 2014, who keep the k largest themselves',
    read=with_options(pooling_arguments, "return_indices", k=(1, partial(check_whole, "k"))),
    layers={"KMaxPool": "pooling.modules.order"},
    also=("k maximum", "top k"),
    described={"k": "How many taps count; all of a window that has fewer."},
    example={"k": 2},
)
def k_max_pool(array: Array, arguments: PoolingArguments) -> Array:
    """Return the mean of the k largest taps of every window.

    It is the largest tap for k = 1, and the mean for as many as there are. k times it is the sum
    of the k largest, which is the largest sum of any k taps. A window with fewer taps counts all.

    Returns:
        An array of shape ``(*leading, *outputs)``. Floats keep their dtype and are added in
        float64, from the largest on; integers become float64; exact numbers stay exact. A window
        with a NaN is NaN, and so is one without any tap.

    Raises:
        ValueError: Arguments that torch refuses for a max-pooling, or a ``k`` below 1.
        TypeError: A ``kernel_size`` that is no tuple, or values of the wrong type.

    Source: Durand, Mordan, Thome and Cord, "WILDCAT", 2017, section 3.3, with α = 0.

    >>> k_max_pool([1.0, 7.0, 5.0, 4.0], (4,), k=2).tolist()
    [6.0]
    """
    k = arguments.options["k"]

    def pool(taps: list[Array]) -> Array:
        largest = largest_first(taps, min(k, len(taps)))
        mean: Array = reduce(add, largest) / len(largest)
        return mean

    return by_window(real(array), arguments.windowed, pool, empty=nan)
