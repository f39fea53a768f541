"""What average pooling costs: additions within a window, and one division per output.

Apart from max-pooling because its arguments differ, and those of ``avg_pool1d`` and of adaptive
pooling differ again.
"""

from __future__ import annotations

from collections.abc import Sequence

from costmodel.counting import by_algorithm, charge
from costmodel.counts import Cost
from costmodel.registry import register
from pooling.arguments import PoolingArguments, Sizes, adaptive_arguments, average_arguments
from pooling.arithmetic import Number
from pooling.conventions import Padding

#: Makes a named tuple of all its fields in half the time of its constructor.
_new = tuple.__new__


@register({"avg_pool2d": 2, "avg_pool3d": 3})
def avg_pool(
    dimensions: int,
    shape: Sequence[Number],
    kernel_size: Sizes,
    stride: Sizes | None = None,
    padding: Padding = 0,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
    divisor_override: Number | None = None,
    *,
    padding_convention: str = "torch",
    counting: str = "exact",
    algorithm: str = "direct",
) -> Cost:
    """Return the cost of adding the taps of every window and dividing the sum.

    A window of t ≥ 1 taps takes t − 1 additions, and every output one division. Which divisor it
    is (``count_include_pad``, ``divisor_override``) changes the result but not the count.

    Arguments and errors are those of :func:`pooling.arguments.average_arguments`, in the order
    and with the defaults of ``torch.nn.functional.avg_pool2d``. ``counting`` names one of the
    conventions in :mod:`costmodel.counting`; all but ``"exact"`` charge padding. ``algorithm``
    names another way to the same result, one of those in :mod:`costmodel.algorithms`.

    >>> pooled = avg_pool(2, (1, 64, 112, 112), kernel_size=3, stride=2, padding=1)
    >>> pooled.additions, pooled.divisions, pooled.flops
    (1584192, 200704, 1784896)
    """
    pooling = average_arguments(
        dimensions,
        shape,
        kernel_size,
        stride,
        padding,
        ceil_mode,
        count_include_pad,
        divisor_override,
        padding_convention,
    )
    cost = _mean(pooling, counting)
    if algorithm == "direct":
        return cost
    from costmodel.algorithms import MEAN

    return by_algorithm(cost, MEAN, algorithm, pooling, counting)


@register({"avg_pool1d": 1})
def avg_pool1d(
    dimensions: int,
    shape: Sequence[Number],
    kernel_size: Sizes,
    stride: Sizes | None = None,
    padding: Padding = 0,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
    *,
    padding_convention: str = "torch",
    counting: str = "exact",
    algorithm: str = "direct",
) -> Cost:
    """Return the cost of :func:`avg_pool` over one axis: torch gives it no ``divisor_override``.

    >>> avg_pool1d(1, (1, 10), kernel_size=2).flops
    10
    """
    return avg_pool(
        dimensions,
        shape,
        kernel_size,
        stride,
        padding,
        ceil_mode,
        count_include_pad,
        padding_convention=padding_convention,
        counting=counting,
        algorithm=algorithm,
    )


@register({"adaptive_avg_pool1d": 1, "adaptive_avg_pool2d": 2, "adaptive_avg_pool3d": 3})
def adaptive_avg_pool(
    dimensions: int,
    shape: Sequence[Number],
    output_size: Sizes | Sequence[Number | None],
) -> Cost:
    """Return the cost of the mean of every window of an adaptive pooling.

    Along an axis of n elements m windows have n + m − gcd(n, m) taps together. A window of t taps
    takes t − 1 additions and one division. Global average pooling is ``output_size`` 1.

    Arguments and errors are those of :func:`pooling.arguments.adaptive_arguments`, in the order
    of ``torch.nn.functional.adaptive_avg_pool2d``.

    >>> adaptive_avg_pool(2, (1, 2048, 7, 7), output_size=1).flops
    100352
    """
    pooling = adaptive_arguments(dimensions, shape, output_size, empty_channels=dimensions < 3)
    return _mean(pooling)


def _mean(pooling: PoolingArguments, counting: str = "exact") -> Cost:
    """Return the cost of the mean of every window."""
    if counting == "exact":
        return _new(Cost, (pooling, 0, pooling.combinations, 0, pooling.outputs, 0, 0, 0))
    charged = charge(pooling, counting)
    return Cost(charged.windows, additions=charged.combinations, divisions=charged.divisions)
