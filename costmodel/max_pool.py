"""What max-pooling and min-pooling cost: one comparison for every tap of a window but its first.

One formula for both, since they choose from the same taps, and one each for the operators that
place their windows otherwise; apart from average pooling, which does arithmetic and takes other
arguments.
"""

from __future__ import annotations

from collections.abc import Sequence

from costmodel.counting import by_algorithm, charge
from costmodel.counts import Cost
from costmodel.registry import register
from pooling.arguments import (
    PoolingArguments,
    Sizes,
    adaptive_arguments,
    fractional_arguments,
    pooling_arguments,
)
from pooling.arithmetic import Number
from pooling.conventions import Padding

#: Makes a named tuple of all its fields in half the time of its constructor.
_new = tuple.__new__


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
    padding: Padding = 0,
    dilation: Sizes = 1,
    ceil_mode: bool = False,
    return_indices: bool = False,
    *,
    padding_convention: str = "torch",
    counting: str = "exact",
    algorithm: str = "direct",
) -> Cost:
    """Return the cost of choosing the largest, or the smallest, tap of every window.

    A window of t ≥ 1 taps takes t − 1 comparisons, a window without any tap none, so there are
    taps − occupied windows in all. Keeping the index of the choice (``return_indices``) takes no
    further operation.

    Arguments and errors are those of :func:`pooling.arguments.pooling_arguments`, in the order
    and with the defaults of ``torch.nn.functional.max_pool2d``. ``counting`` names one of the
    conventions in :mod:`costmodel.counting`; all but ``"exact"`` charge padding. ``algorithm``
    names another way to the same result, one of those in :mod:`costmodel.algorithms`.

    >>> max_pool(2, (1, 64, 112, 112), kernel_size=3, stride=2, padding=1).comparisons
    1584192
    >>> max_pool(2, (1, 64, 112, 112), 3, 2, padding_convention="valid").comparisons
    1548800
    >>> max_pool(2, (1, 64, 112, 112), 3, 2, 1, counting="window").comparisons
    1605632
    >>> max_pool(2, (1, 64, 112, 112), 3, 2, 1, algorithm="separable").comparisons
    1193472
    """
    pooling = pooling_arguments(
        dimensions, shape, kernel_size, stride, padding, dilation, ceil_mode, padding_convention
    )
    cost = _choice(pooling, return_indices, counting)
    if algorithm == "direct":
        return cost
    from costmodel.algorithms import CHOICE

    return by_algorithm(cost, CHOICE, algorithm, pooling, counting)


@register({"adaptive_max_pool1d": 1, "adaptive_max_pool2d": 2, "adaptive_max_pool3d": 3})
def adaptive_max_pool(
    dimensions: int,
    shape: Sequence[Number],
    output_size: Sizes | Sequence[Number | None],
    return_indices: bool = False,
) -> Cost:
    """Return the cost of choosing the largest tap of every window of an adaptive pooling.

    Along an axis of n elements m windows have n + m − gcd(n, m) taps together, and a window of t
    taps takes t − 1 comparisons.

    Arguments and errors are those of :func:`pooling.arguments.adaptive_arguments`, in the order
    of ``torch.nn.functional.adaptive_max_pool2d``.

    >>> adaptive_max_pool(2, (1, 512, 7, 7), output_size=3).comparisons
    36864
    """
    return _choice(adaptive_arguments(dimensions, shape, output_size), return_indices)


@register({"fractional_max_pool2d": 2, "fractional_max_pool3d": 3})
def fractional_max_pool(
    dimensions: int,
    shape: Sequence[Number],
    kernel_size: Sizes,
    output_size: Sizes | None = None,
    output_ratio: float | Sequence[float] | None = None,
    return_indices: bool = False,
) -> Cost:
    """Return the cost of choosing the largest tap of every window of a fractional pooling.

    Wherever the windows are drawn, all of them lie inside the input: k taps and k − 1 comparisons
    each. Drawing them is not counted.

    Arguments and errors are those of :func:`pooling.arguments.fractional_arguments`, in the order
    of ``torch.nn.functional.fractional_max_pool2d``.

    >>> fractional_max_pool(2, (1, 64, 32, 32), kernel_size=2, output_size=22).comparisons
    92928
    """
    pooling = fractional_arguments(dimensions, shape, kernel_size, output_size, output_ratio)
    return _choice(pooling, return_indices)


def _choice(pooling: PoolingArguments, return_indices: bool, counting: str = "exact") -> Cost:
    """Return the cost of choosing one tap of every window."""
    if type(return_indices) is not bool:
        raise TypeError(f"return_indices must be a bool, got {return_indices!r}")
    if counting == "exact":
        indices = pooling.outputs if return_indices else 0
        return _new(Cost, (pooling, pooling.combinations, 0, 0, 0, 0, 0, indices))
    windows, combinations, _ = charge(pooling, counting)
    return Cost(windows, combinations, indices=windows.outputs if return_indices else 0)
