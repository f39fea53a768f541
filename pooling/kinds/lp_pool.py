"""LP pooling: a p-norm of the taps of every window, as torch or as ONNX computes it."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from math import nan, prod
from numbers import Real
from typing import TYPE_CHECKING, Any

from pooling.arguments import PoolingArguments, Sizes
from pooling.arithmetic import Number
from pooling.checks import check_entries
from pooling.conventions import Padding
from pooling.evaluation import extreme, real, rounded, summed, wide
from pooling.kind import Kind
from pooling.kinds.avg_pool import average_arguments, mean
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
    *,
    padding: Padding = 0,
    dilation: Sizes = 1,
    absolute: bool = False,
    scale_overhang: bool = True,
    padding_convention: str = "torch",
) -> PoolingArguments:
    """Return the checked arguments of an LP pooling, which torch builds from other poolings.

    Arguments and errors are those of :func:`pooling.average_arguments`, or for an infinite
    ``norm_type`` those of :func:`pooling.pooling_arguments`, and besides those of
    :func:`check_norm_type`. In addition ``kernel_size`` is an int or has one entry per spatial
    axis; over one axis with a finite ``norm_type`` it is an int. What torch lacks is given by name:
    ``padding``, ``dilation`` and their convention, and whether powers are of ``absolute`` values.

    >>> norm_arguments(2, (1, 4, 4), norm_type=2, kernel_size=(2, 4)).output_shape
    (1, 2, 1)
    >>> norm_arguments(2, (1, 4, 4), norm_type=2, kernel_size=(2,))
    Traceback (most recent call last):
    ...
    ValueError: kernel_size must have 2 entries, got 1: (2,)
    """
    infinite = check_norm_type(norm_type)
    for name, value in (("absolute", absolute), ("scale_overhang", scale_overhang)):
        if type(value) is not bool:
            raise TypeError(f"{name} must be a bool, got {value!r}")
    if isinstance(kernel_size, tuple | list):
        if dimensions == 1 and not infinite:
            raise TypeError(f"kernel_size must be an integer for one axis, got {kernel_size!r}")
        check_entries("kernel_size", kernel_size, dimensions)
    read: Any = pooling_arguments if infinite else average_arguments
    pooling: PoolingArguments = read(
        dimensions,
        shape,
        kernel_size,
        stride,
        padding,
        ceil_mode=ceil_mode,
        dilation=dilation,
        padding_convention=padding_convention,
    )
    own = {"norm_type": norm_type, "absolute": absolute, "scale_overhang": scale_overhang}
    return pooling._replace(options={**pooling.options, **own})


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
    computes="the p-norm of the taps of every window, by torch without absolute values",
    source="``torch.nn.functional.lp_pool2d``; ``LpPool`` of ONNX",
    left="a power and a root are no convolution and no ReLU",
    read=norm_arguments,
    torch_layer="LPPool",
    layers={"PowerAveragePool": "pooling.modules.power_average"},
    also=("power", "norm"),
    described={
        "norm_type": "The power p, any number but 0.",
        "absolute": "Whether powers are taken of absolute values, as ONNX's ``LpPool`` does.",
        "scale_overhang": "Whether a window that overhangs is weighted as if it were whole, as\n"
        "    torch does. ONNX adds up the taps there are.",
    },
    example={"norm_type": 2},
)
def lp_pool(array: Array, arguments: PoolingArguments) -> Array:
    """Return the p-norm, p = ``norm_type``, of the taps of every window.

    That is (k · mean of xᵖ over the window)^(1/p), where k is the number of elements of a whole
    window, with |x| for x if ``absolute``. A window that ``ceil_mode`` lets overhang has fewer
    taps and is weighted as if it were whole: torch computes it so, and no other definition gives
    its values. Without ``scale_overhang`` it is (Σ xᵖ)^(1/p) over the taps, as ONNX has it.
    ±inf for ``norm_type`` is the largest, or the smallest, absolute value.

    Returns:
        An array of shape ``(*leading, *outputs)``. Floats keep their dtype, and those of at most 16
        bits are computed in float64 and rounded once; integers become float64. Roots of symbols
        stay exact, those of fractions become floats. What has no real value, such as the root of a
        negative sum, is NaN.

    Raises:
        ValueError: Arguments that torch refuses.
        TypeError: A ``kernel_size`` that is no tuple, or values of the wrong type.

    Source: ``torch.nn.functional.lp_pool2d``; ``LpPool`` of ONNX, opset 18.

    >>> lp_pool([3.0, 4.0, 5.0, 12.0], 2, (2,)).tolist()
    [5.0, 13.0]
    >>> lp_pool([[3, -4], [0, 1]], float("inf"), (2, 2)).tolist()
    [[4.0]]
    >>> lp_pool([-1.0, -2.0, -3.0], 3, (3,), absolute=True).tolist()
    [3.3019272488946263]
    """
    import numpy

    norm_type = arguments.options["norm_type"]
    numbers = wide(real(array))
    if check_norm_type(norm_type):
        largest = extreme(numpy.abs(numbers), arguments.windowed, largest=norm_type > 0)
        return rounded(largest, array.dtype)
    root: Any = 1 / norm_type
    if array.dtype == object and isinstance(norm_type, int):
        root = Fraction(1, norm_type)
    if arguments.options["absolute"]:
        numbers = numpy.abs(numbers)
    # A negative number has no real root, and 0 no negative power: NaN and inf are the results.
    with numpy.errstate(all="ignore"):
        powers = _power(numbers, norm_type)
        if arguments.options["scale_overhang"]:
            positions = prod(axis.kernel_size for axis in arguments.windowed)
            total = mean(powers, arguments) * positions
        else:
            total = summed(powers, arguments.windowed)
        return rounded(_power(total, root), array.dtype)


def _power(numbers: Array, exponent: Any) -> Array:
    """Return numbers raised to a power; NaN, and never a complex number, where there is none."""
    import numpy

    if numbers.dtype != object:
        raised: Array = numbers**exponent
        return raised
    whole = exponent == exponent // 1

    def of(value: Any) -> Any:
        if isinstance(value, Real) and value == 0 and exponent < 0:
            return float("inf")
        undefined = not whole and isinstance(value, Real) and value < 0
        return nan if undefined else value**exponent

    result: Array = numpy.frompyfunc(of, 1, 1)(numbers)
    return result
