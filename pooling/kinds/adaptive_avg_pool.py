"""Adaptive average pooling: the mean of windows that follow from their number."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from pooling.arguments import PoolingArguments, Sizes, adaptive_axes, check_leading, split_shape
from pooling.arithmetic import Number
from pooling.evaluation import rounded, summed, wide
from pooling.kind import Kind
from pooling.windows import adaptive_window

if TYPE_CHECKING:
    from pooling.evaluation import Array


def adaptive_average_arguments(
    dimensions: int, shape: Sequence[Number], output_size: Sizes | Sequence[Number | None]
) -> PoolingArguments:
    """Return the checked arguments of an adaptive average pooling.

    Arguments and errors are those of :func:`pooling.adaptive_arguments`, without
    ``return_indices``; over one and two axes any leading entry of the shape may be 0.

    >>> adaptive_average_arguments(2, (1, 0, 7, 9), 3).output_shape
    (1, 0, 3, 3)
    """
    leading, sizes = split_shape(dimensions, shape)
    check_leading(leading, empty_channels=dimensions < 3)
    return PoolingArguments(leading, adaptive_axes(sizes, output_size))


@Kind(
    __name__,
    title="Adaptive average pooling",
    computes="the mean of each of so many windows as are asked for",
    source="``torch.nn.functional.adaptive_avg_pool2d``",
    read=adaptive_average_arguments,
    torch_layer="AdaptiveAvgPool",
    layers={
        "AdaptiveAvgPool": "pooling.rebuilt.adaptive",
        "GlobalAvgPool": "pooling.modules.global_pool",
    },
    fixed={"GlobalAvgPool": {"output_size": 1}},
    also=("adaptive average", "adaptive mean", "global average", "global mean"),
)
def adaptive_avg_pool(array: Array, arguments: PoolingArguments) -> Array:
    """Return the mean of the taps of every window of an adaptive pooling.

    Windows, shapes and errors are those of :func:`pooling.adaptive_max_pool`; dtypes are those of
    :func:`pooling.avg_pool`. In float32 torch takes a single output for ``x.mean``, which adds in
    another order, and errs less over large windows.

    Source: ``torch.nn.functional.adaptive_avg_pool2d``.

    >>> adaptive_avg_pool([4, 3, 2, 1, 5], (3,)).tolist()
    [3.5, 2.0, 3.0]
    """
    import numpy

    pooled = summed(wide(array), arguments.adaptive)
    divisor = numpy.asarray(1)
    for axis in arguments.adaptive:
        windows = [adaptive_window(axis.size, axis.outputs, i) for i in range(axis.outputs)]
        divisor = numpy.multiply.outer(
            divisor, numpy.array([end - start for start, end in windows], dtype=int)
        )
    return rounded(pooled / divisor.astype(pooled.dtype), array.dtype)
