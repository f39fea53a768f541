"""SoftPool: softmax pooling at temperature 1, by the name of its paper."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from pooling.arguments import PoolingArguments, Sizes
from pooling.arithmetic import Number
from pooling.conventions import Padding
from pooling.kind import Kind, kind
from pooling.kinds.max_pool import pooling_arguments

if TYPE_CHECKING:
    from pooling.evaluation import Array


def soft_arguments(
    dimensions: int,
    shape: Sequence[Number],
    kernel_size: Sizes,
    stride: Sizes | None = None,
    padding: Padding = 0,
    dilation: Sizes = 1,
    ceil_mode: bool = False,
    *,
    padding_convention: str = "torch",
) -> PoolingArguments:
    """Return the checked arguments of a SoftPool, those of a softmax pooling at temperature 1.

    Arguments and errors are those of :func:`pooling.pooling_arguments`.

    >>> soft_arguments(1, (1, 4), 2).options["temperature"]
    1
    """
    pooling = pooling_arguments(
        dimensions,
        shape,
        kernel_size,
        stride,
        padding,
        dilation,
        ceil_mode,
        padding_convention=padding_convention,
    )
    return pooling._replace(options={**pooling.options, "temperature": 1})


@Kind(
    __name__,
    title="SoftPool",
    computes="the mean of the taps of every window, weighted by their exponentials",
    source='Stergiou, Poppe and Kalliatakis, "Refining Activation Downsampling with SoftPool", '
    "2021",
    read=soft_arguments,
    layers={"SoftPool": "pooling.modules.softmax"},
    same_as="softmax_pool",
)
def soft_pool(array: Array, arguments: PoolingArguments) -> Array:
    """Return the mean of the taps of every window, weighted by their exponentials.

    This is :func:`pooling.softmax_pool` at temperature 1 under the name of its paper, and what is
    said there of values, dtypes and errors holds here.

    Returns:
        An array of shape ``(*leading, *outputs)``.

    Source: Stergiou, Poppe and Kalliatakis, "Refining Activation Downsampling with SoftPool", 2021,
    equation 2.

    >>> round(float(soft_pool([0.0, 2.0], (2,))[0]), 4)
    1.7616
    """
    pooled: Array = kind("softmax_pool").define(array, arguments)
    return pooled
