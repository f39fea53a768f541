"""Average pooling: the sum of the taps of every window over torch's divisor."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from pooling.arguments import PoolingArguments, Sizes, windowed
from pooling.arithmetic import Number
from pooling.checks import holds, integer, refuse
from pooling.conventions import Padding
from pooling.evaluation import extents, quotient, rounded, summed, wide
from pooling.kind import Kind

if TYPE_CHECKING:
    from pooling.evaluation import Array

_AS_IN_TORCH: Mapping[str, Any] = MappingProxyType(
    {"count_include_pad": True, "divisor_override": None}
)


def average_arguments(
    dimensions: int,
    shape: Sequence[Number],
    kernel_size: Sizes,
    stride: Sizes | None = None,
    padding: Padding = 0,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
    divisor_override: Number | None = None,
    *,
    dilation: Sizes = 1,
    padding_convention: str = "torch",
) -> PoolingArguments:
    """Return the checked arguments of an average pooling, which refuses more than max-pooling.

    Arguments and errors are those of :func:`pooling.pooling_arguments`. In addition
    ``divisor_override`` must not be 0, and over three spatial axes no ``kernel_size`` may exceed
    the *unpadded* input: torch says so for ``avg_pool3d`` alone, whatever the padding and the
    ceil_mode. Other padding conventions are not bound by that. ``dilation``, which torch lacks and
    ONNX has, is the elements from one position of a window to the next.

    >>> average_arguments(2, (1, 2, 2), kernel_size=3, padding=1).output_shape
    (1, 1, 1)
    >>> average_arguments(3, (1, 2, 2, 2), kernel_size=3, padding=1)
    Traceback (most recent call last):
    ...
    ValueError: kernel_size must be at most 2, the unpadded input of an avg_pool3d, got 3
    """
    if count_include_pad is True and divisor_override is None:
        options = _AS_IN_TORCH
    else:
        check_divisor(count_include_pad, divisor_override)
        options = {"count_include_pad": count_include_pad, "divisor_override": divisor_override}
    pooling = windowed(
        dimensions, shape, options,
        kernel_size, stride, padding, dilation, ceil_mode, padding_convention,
    )  # fmt: skip
    for axis in pooling.windowed if dimensions == 3 and padding_convention == "torch" else ():
        if holds(above := axis.kernel_size > axis.size):
            refuse(
                "kernel_size must be at most {1}, the unpadded input of an avg_pool3d, got {0}",
                above,
                axis.kernel_size,
                axis.size,
            )
    return pooling


def check_divisor(count_include_pad: bool, divisor_override: Number | None) -> None:
    """Refuse a ``divisor_override`` of 0 and anything that is not of the type torch takes.

    >>> check_divisor(True, 0)
    Traceback (most recent call last):
    ...
    ValueError: divisor_override must not be 0, got 0
    """
    if type(count_include_pad) is not bool:
        raise TypeError(f"count_include_pad must be a bool, got {count_include_pad!r}")
    if divisor_override is not None:
        divisor = integer("divisor_override", None, divisor_override)
        if holds(zero := divisor == 0):
            refuse("divisor_override must not be 0, got {0}", zero, divisor)


def mean(array: Array, arguments: PoolingArguments) -> Array:
    """Return the means of windows of :func:`pooling.evaluation.wide` numbers, not yet rounded."""
    return quotient(summed(array, arguments.windowed), divisors(arguments))


def divisors(arguments: PoolingArguments) -> Array:
    """Return what the sum of every window is divided by: of the shape of the windows, or one."""
    import numpy

    divisor_override = arguments.options["divisor_override"]
    divisor = numpy.asarray(1 if divisor_override is None else divisor_override)
    for axis in arguments.windowed if divisor_override is None else ():
        divisor = numpy.multiply.outer(
            divisor, extents(axis, arguments.options["count_include_pad"])
        )
    return divisor


@Kind(
    __name__,
    title="Average pooling",
    computes="the mean of the taps of every window, by torch's divisor",
    source='``torch.nn.functional.avg_pool2d``; Dive into Deep Learning, "Pooling"',
    read=average_arguments,
    torch_layer="AvgPool",
    layers={"AvgPool": "pooling.rebuilt.avg_pool"},
    also=("average", "mean"),
    absent={1: ("divisor_override",)},
    described={
        "padding_convention": "What ``padding`` means, one of the names in\n"
        "    :mod:`pooling.conventions`. None of them changes the divisor: TensorFlow's and\n"
        "    ONNX's default, which leaves padding out, is ``count_include_pad=False``."
    },
)
def avg_pool(array: Array, arguments: PoolingArguments) -> Array:
    """Return the sum of the taps of every window, divided by torch's divisor.

    Returns:
        An array of shape ``(*leading, *outputs)``. Floats keep their dtype, and taps are added
        in that dtype in the order of the window; those of at most 16 bits are added and divided
        in float64 and rounded once, where torch takes float32. The mean of integers is rounded
        once to float64: torch adds int64 with wrap-around and drops the fraction. Object arrays
        stay exact if their numbers are. A window without a position that counts is NaN.

    Raises:
        ValueError: Arguments that torch refuses.
        TypeError: A ``kernel_size`` that is no tuple, or values of the wrong type.

    Source: ``torch.nn.functional.avg_pool2d``; Dive into Deep Learning, "Pooling".

    >>> avg_pool([[0, 1, 2], [3, 4, 5], [6, 7, 8]], (2, 2), stride=1).tolist()
    [[2.0, 3.0], [5.0, 6.0]]
    >>> avg_pool([8, 8], (2,), padding=1, count_include_pad=False).tolist()
    [8.0, 8.0]
    >>> avg_pool([1, 3, 5, 7], (2,), stride=1, dilation=2).tolist()
    [3.0, 5.0]
    """
    return rounded(mean(wide(array), arguments), array.dtype)
