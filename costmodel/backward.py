"""What the backward passes of max- and average pooling cost: gradients added up where they belong.

Apart from the forward passes because the data flows the other way: what comes in has the shape of
the output, and what goes out that of the input. Operators are named after the forward ones and
take their shape and arguments. The gradient of the input starts at zero, so the first gradient
that reaches an element is added too.
"""

from __future__ import annotations

from collections.abc import Sequence

from costmodel.counts import Cost, Windows
from costmodel.registry import register
from pooling.arguments import (
    PoolingArguments,
    Sizes,
    adaptive_arguments,
    average_arguments,
    fractional_arguments,
    pooling_arguments,
)
from pooling.arithmetic import Number


@register(
    {
        "max_pool1d_backward": 1,
        "max_pool2d_backward": 2,
        "max_pool3d_backward": 3,
        "min_pool1d_backward": 1,
        "min_pool2d_backward": 2,
        "min_pool3d_backward": 3,
    }
)
def max_pool_backward(
    dimensions: int,
    shape: Sequence[Number],
    kernel_size: Sizes,
    stride: Sizes | None = None,
    padding: Sizes = 0,
    dilation: Sizes = 1,
    ceil_mode: bool = False,
) -> Cost:
    """Return the cost of adding the gradient of every output where its choice came from.

    One addition for every window that has a tap; the indices of the choices are read.

    Arguments and errors are those of :func:`pooling.arguments.pooling_arguments`; ``shape`` is
    that of the input of the forward pass.

    >>> max_pool_backward(2, (1, 64, 112, 112), kernel_size=3, stride=2, padding=1).flops
    200704
    """
    return _add_to_choices(
        pooling_arguments(dimensions, shape, kernel_size, stride, padding, dilation, ceil_mode)
    )


@register(
    {
        "adaptive_max_pool1d_backward": 1,
        "adaptive_max_pool2d_backward": 2,
        "adaptive_max_pool3d_backward": 3,
    }
)
def adaptive_max_pool_backward(
    dimensions: int, shape: Sequence[Number], output_size: Sizes | Sequence[Number | None]
) -> Cost:
    """Return the cost of :func:`max_pool_backward` for an adaptive pooling.

    Arguments and errors are those of :func:`pooling.arguments.adaptive_arguments`.

    >>> adaptive_max_pool_backward(2, (1, 512, 7, 7), output_size=3).additions
    4608
    """
    return _add_to_choices(adaptive_arguments(dimensions, shape, output_size))


@register({"fractional_max_pool2d_backward": 2, "fractional_max_pool3d_backward": 3})
def fractional_max_pool_backward(
    dimensions: int,
    shape: Sequence[Number],
    kernel_size: Sizes,
    output_size: Sizes | None = None,
    output_ratio: float | Sequence[float] | None = None,
) -> Cost:
    """Return the cost of :func:`max_pool_backward` for a fractional pooling.

    Arguments and errors are those of :func:`pooling.arguments.fractional_arguments`.

    >>> fractional_max_pool_backward(2, (1, 64, 32, 32), kernel_size=2, output_size=22).additions
    30976
    """
    return _add_to_choices(
        fractional_arguments(dimensions, shape, kernel_size, output_size, output_ratio)
    )


@register({"avg_pool2d_backward": 2, "avg_pool3d_backward": 3})
def avg_pool_backward(
    dimensions: int,
    shape: Sequence[Number],
    kernel_size: Sizes,
    stride: Sizes | None = None,
    padding: Sizes = 0,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
    divisor_override: Number | None = None,
) -> Cost:
    """Return the cost of dividing the gradient of every output and adding it to all its taps.

    One division for every output and one addition for every tap.

    Arguments and errors are those of :func:`pooling.arguments.average_arguments`; ``shape`` is
    that of the input of the forward pass.

    >>> pooled = avg_pool_backward(2, (1, 64, 112, 112), kernel_size=3, stride=2, padding=1)
    >>> pooled.additions, pooled.divisions
    (1784896, 200704)
    """
    return _add_to_taps(
        average_arguments(
            dimensions,
            shape,
            kernel_size,
            stride,
            padding,
            ceil_mode,
            count_include_pad,
            divisor_override,
        )
    )


@register({"avg_pool1d_backward": 1})
def avg_pool1d_backward(
    dimensions: int,
    shape: Sequence[Number],
    kernel_size: Sizes,
    stride: Sizes | None = None,
    padding: Sizes = 0,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
) -> Cost:
    """Return the cost of :func:`avg_pool_backward` over one axis, without ``divisor_override``.

    >>> avg_pool1d_backward(1, (1, 10), kernel_size=2).flops
    15
    """
    return avg_pool_backward(
        dimensions, shape, kernel_size, stride, padding, ceil_mode, count_include_pad
    )


@register(
    {
        "adaptive_avg_pool1d_backward": 1,
        "adaptive_avg_pool2d_backward": 2,
        "adaptive_avg_pool3d_backward": 3,
    }
)
def adaptive_avg_pool_backward(
    dimensions: int, shape: Sequence[Number], output_size: Sizes | Sequence[Number | None]
) -> Cost:
    """Return the cost of :func:`avg_pool_backward` for an adaptive pooling.

    Arguments and errors are those of :func:`pooling.arguments.adaptive_arguments`.

    >>> adaptive_avg_pool_backward(1, (1, 10), output_size=4).flops
    16
    """
    return _add_to_taps(
        adaptive_arguments(dimensions, shape, output_size, empty_channels=dimensions < 3)
    )


def _add_to_choices(pooling: PoolingArguments) -> Cost:
    """Return the cost of one addition for every window that has a tap to choose."""
    return Cost(_backwards(pooling), additions=pooling.occupied, indices=pooling.outputs)


def _add_to_taps(pooling: PoolingArguments) -> Cost:
    """Return the cost of one division for every output and one addition for every tap."""
    return Cost(_backwards(pooling), additions=pooling.taps, divisions=pooling.outputs)


def _backwards(pooling: PoolingArguments) -> Windows:
    """Return the windows as a backward pass sees them: it reads what the forward pass wrote."""
    return Windows(pooling.inputs, pooling.taps, pooling.input_shape, touched=pooling.outputs)
