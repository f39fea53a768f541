"""What max-pooling and min-pooling cost: one comparison for every tap of a window but its first.

One formula for both, since they choose from the same taps; apart from average pooling, which
does arithmetic and takes other arguments.
"""

from __future__ import annotations

from collections.abc import Sequence

from costmodel.counts import Cost
from costmodel.registry import register
from pooling.arguments import Sizes, pooling_arguments
from pooling.arithmetic import Number


@register(
    {
        "max_pool1d": 1,
        "max_pool2d": 2,
        "max_pool3d": 3,
        "min_pool1d": 1,
        "min_pool2d": 2,
        "min_pool3d": 3,
    }
)
def max_pool(
    dimensions: int,
    shape: Sequence[Number],
    kernel_size: Sizes,
    stride: Sizes | None = None,
    padding: Sizes = 0,
    dilation: Sizes = 1,
    ceil_mode: bool = False,
    return_indices: bool = False,
) -> Cost:
    """Return the cost of choosing the largest, or the smallest, tap of every window.

    A window of t ≥ 1 taps takes t − 1 comparisons, a window without any tap none, so there are
    taps − occupied windows in all. Keeping the index of the choice (``return_indices``) takes no
    further operation.

    Arguments and errors are those of :func:`pooling.arguments.pooling_arguments`, in the order
    and with the defaults of ``torch.nn.functional.max_pool2d``.

    >>> max_pool(2, (1, 64, 112, 112), kernel_size=3, stride=2, padding=1).comparisons
    1584192
    """
    if type(return_indices) is not bool:
        raise TypeError(f"return_indices must be a bool, got {return_indices!r}")
    pooling = pooling_arguments(
        dimensions, shape, kernel_size, stride, padding, dilation, ceil_mode
    )
    taps = pooling.taps
    return Cost(pooling.outputs, taps, pooling.output_shape, comparisons=taps - pooling.occupied)
