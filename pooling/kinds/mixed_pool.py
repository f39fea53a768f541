"""Mixed pooling: a blend of the maximum and the average."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pooling.arguments import PoolingArguments
from pooling.evaluation import rounded, wide
from pooling.kind import Kind, kind, with_options
from pooling.kinds.avg_pool import average_arguments, mean
from pooling.parameters import check_proportion

if TYPE_CHECKING:
    from pooling.evaluation import Array


@Kind(
    __name__,
    title="Mixed pooling",
    computes="a blend of the maximum and the average of every window",
    source='Yu, Wang, Chen and Wei, "Mixed Pooling for Convolutional Neural Networks", 2014; '
    'Lee, Gallagher and Tu, "Generalizing Pooling Functions in Convolutional Neural Networks", '
    "2016",
    read=with_options(
        average_arguments, "divisor_override", "dilation", proportion=(0.5, check_proportion)
    ),
    layers={"MixedPool": "pooling.modules.mixed"},
    also=("mixed",),
    described={"proportion": "The share of the maximum, from 0 to 1."},
)
def mixed_pool(array: Array, arguments: PoolingArguments) -> Array:
    """Return a·(max-pooling) + (1 − a)·(average pooling), a = ``proportion``.

    With 0 or 1 only one of the two is computed: a random choice between them, one per call, is a
    proportion drawn from {0, 1}.

    Returns:
        An array of shape ``(*leading, *outputs)``. Floats keep their dtype, integers become
        float64; exact numbers stay exact if the proportion is. Floats of at most 16 bits are
        added, divided and blended in float64 and rounded once.

    Raises:
        ValueError: Arguments that torch refuses for either pooling, or a proportion outside
            [0, 1].
        TypeError: A ``kernel_size`` that is no tuple, or values of the wrong type.

    Source: Yu, Wang, Chen and Wei, "Mixed Pooling for Convolutional Neural Networks", 2014 (the
    random choice); Lee, Gallagher and Tu, "Generalizing Pooling Functions in Convolutional Neural
    Networks", 2016 (the mixing proportion a).

    >>> mixed_pool([1.0, 3.0, 5.0, 5.0], (2,), proportion=0.75).tolist()
    [2.75, 5.0]
    """
    proportion = arguments.options["proportion"]
    share = proportion if array.dtype == object else float(proportion)
    largest, numbers = kind("max_pool").define, wide(array)
    if share == 1:
        return rounded(largest(numbers, arguments), array.dtype)
    if share == 0:
        return rounded(mean(numbers, arguments), array.dtype)
    blend = largest(numbers, arguments) * share + mean(numbers, arguments) * (1 - share)
    return rounded(blend, array.dtype)
