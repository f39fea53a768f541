"""LP pooling: a p-norm of the taps of every window, as torch computes it."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from math import prod
from typing import TYPE_CHECKING, Any

from pooling.arguments import PoolingArguments, Sizes
from pooling.arithmetic import Number
from pooling.checks import check_entries
from pooling.evaluation import extreme, real
from pooling.kind import Kind, kind
from pooling.kinds.avg_pool import average_arguments
from pooling.kinds.max_pool import pooling_arguments

if TYPE_CHECKING:
    from pooling.evaluation import Array


def norm_arguments(
    dimensions: int,
    shape: Sequence[Number],
    norm_type: float,
    kernel_size: Sizes,
    stride: Sizes | None = None,
    ceil_mode: bool = False,
) -> PoolingArguments:
    """Return the checked arguments of an LP pooling, which torch builds from other poolings.

    Arguments and errors are those of :func:`pooling.average_arguments`, or for an infinite
    ``norm_type`` those of :func:`pooling.pooling_arguments`, and besides those of
    :func:`check_norm_type`. In addition ``kernel_size`` is an int or has one entry per spatial
    axis; over one axis with a finite ``norm_type`` it is an int.

    >>> norm_arguments(2, (1, 4, 4), norm_type=2, kernel_size=(2, 4)).output_shape
    (1, 2, 1)
    >>> norm_arguments(2, (1, 4, 4), norm_type=2, kernel_size=(2,))
    Traceback (most recent call last):
    ...
    ValueError: kernel_size must have 2 entries, got 1: (2,)
    """
    infinite = check_norm_type(norm_type)
    if isinstance(kernel_size, tuple | list):
        if dimensions == 1 and not infinite:
            raise TypeError(f"kernel_size must be an integer for one axis, got {kernel_size!r}")
        check_entries("kernel_size", kernel_size, dimensions)
    read: Any = pooling_arguments if infinite else average_arguments
    pooling: PoolingArguments = read(dimensions, shape, kernel_size, stride, ceil_mode=ceil_mode)
    return pooling._replace(options={**pooling.options, "norm_type": norm_type})


def check_norm_type(norm_type: float) -> bool:
    """Refuse a ``norm_type`` of 0 or one that is no real number; say whether it is infinite.

    >>> check_norm_type(2), check_norm_type(float("inf"))
    (False, True)
    >>> check_norm_type(0)
    Traceback (most recent call last):
    ...
    ValueError: norm_type must not be 0, got 0
    """
    number = hasattr(norm_type, "__float__") and not hasattr(norm_type, "shape")
    if isinstance(norm_type, bool) or not number:
        raise TypeError(
            f"norm_type must be a number, got {norm_type!r} of type {type(norm_type).__name__}"
        )
    if norm_type == 0:
        raise ValueError(f"norm_type must not be 0, got {norm_type}")
    return norm_type in (float("inf"), float("-inf"))


@Kind(
    __name__,
    title="LP pooling",
    computes="the p-norm, without absolute values, of the taps of every window",
    source="``torch.nn.functional.lp_pool2d``",
    left="a power and a root are no convolution and no ReLU",
    read=norm_arguments,
    torch_layer="LPPool",
    layers={"PowerAveragePool": "pooling.modules.power_average"},
    also=("power", "norm"),
    described={"norm_type": "The power p, any number but 0."},
    example={"norm_type": 2},
)
def lp_pool(array: Array, arguments: PoolingArguments) -> Array:
    """Return the p-norm without absolute values, p = ``norm_type``, of the taps of every window.

    That is (k · mean of xᵖ over the window)^(1/p), where k is the number of elements of a whole
    window. A window that ``ceil_mode`` lets overhang has fewer taps and is weighted as if it were
    whole: torch computes it so, and no other definition gives its values. ±inf for
    ``norm_type`` is the largest, or the smallest, absolute value.

    Returns:
        An array of shape ``(*leading, *outputs)``. Floats keep their dtype, integers become
        float64; roots of symbols stay exact, those of fractions become floats.

    Raises:
        ValueError: Arguments that torch refuses.
        TypeError: A ``kernel_size`` that is no tuple, or values of the wrong type.

    Source: ``torch.nn.functional.lp_pool2d``.

    >>> lp_pool([3.0, 4.0, 5.0, 12.0], 2, (2,)).tolist()
    [5.0, 13.0]
    >>> lp_pool([[3, -4], [0, 1]], float("inf"), (2, 2)).tolist()
    [[4.0]]
    """
    import numpy

    norm_type = arguments.options["norm_type"]
    array = real(array)
    if check_norm_type(norm_type):
        return extreme(numpy.abs(array), arguments.windowed, largest=norm_type > 0)
    root: Any = 1 / norm_type
    if array.dtype == object and isinstance(norm_type, int):
        root = Fraction(1, norm_type)
    positions = prod(axis.kernel_size for axis in arguments.windowed)
    # A negative number has no real root, and 0 no negative power: NaN and inf are the results.
    with numpy.errstate(all="ignore"):
        mean = kind("avg_pool").define(array**norm_type, arguments)
        normed: Array = (mean * positions) ** root
    return normed
