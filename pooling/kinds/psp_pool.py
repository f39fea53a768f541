"""Pyramid pooling: the input, and its means over several grids, stretched back beside it."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from math import floor
from typing import TYPE_CHECKING, Any

from pooling.arguments import PoolingArguments, Sizes
from pooling.arithmetic import Number
from pooling.evaluation import real, rounded, wide
from pooling.kind import Kind, kind
from pooling.pyramids import pyramid_arguments
from pooling.side_by_side import SideBySide, in_channels

if TYPE_CHECKING:
    from pooling.evaluation import Array


def psp_arguments(
    dimensions: int,
    shape: Sequence[Number],
    output_size: Sequence[Sizes] = (1, 2, 3, 6),
    align_corners: bool = True,
) -> PoolingArguments:
    """Return the checked arguments of a pyramid pooling module.

    Args:
        dimensions: The number of spatial axes.
        shape: The input shape.
        output_size: The levels: the bins of each, one int or one per axis.
        align_corners: Whether the first and the last bin are stretched to the first and the last
            element, as ``torch.nn.functional.interpolate`` calls it.

    Errors are those of :func:`pooling.adaptive_arguments`, and

    Raises:
        ValueError: No level at all, or a level without bins.
        TypeError: Levels that are no tuple, or an ``align_corners`` that is no bool.

    >>> psp_arguments(2, (1, 512, 60, 60)).output_shape
    (1, 2560, 60, 60)
    """
    if type(align_corners) is not bool:
        raise TypeError(f"align_corners must be a bool, got {align_corners!r}")
    levels = pyramid_arguments(dimensions, shape, output_size).levels
    options = {"parts": levels, "align_corners": align_corners}
    return SideBySide(levels[0].leading, levels[0].axes, options)


@Kind(
    __name__,
    title="Pyramid pooling",
    computes="the input, and its means over several grids stretched to its size, side by side",
    source='Zhao, Shi, Qi, Wang and Jia, "Pyramid Scene Parsing Network", 2017, whose grids 1, 2, '
    "3 and 6 are the default, without its convolutions; corners as in its authors' semseg",
    stacks=True,
    read=psp_arguments,
    layers={"PSPPool": "pooling.modules.side_by_side"},
    also=("pyramid", "pyramid average", "PPM"),
    described={
        "output_size": "The levels: for each of them a tuple with the bins of every spatial axis,\n"
        "    which also says how many axes there are.",
        "align_corners": "Whether the first and the last bin are stretched to the first and the\n"
        "    last element.",
    },
    example={"output_size": (1, 2, 3, 6)},
)
def psp_pool(array: Array, arguments: Any) -> Array:
    """Return the input, and its means over several grids stretched to its size, side by side.

    Each level is :func:`pooling.adaptive_avg_pool`, interpolated linearly along one axis after the
    other, the last one first.

    Returns:
        An array of shape ``(*batch, (1 + levels)·channels, *spatial)``, the last leading axis being
        that of the channels: those of the input, then those of each level. Floats keep their dtype,
        and those of at most 16 bits are computed in float64 and rounded once; integers become
        float64; exact numbers stay exact.

    Raises:
        ValueError: No level at all, a level without bins, or what the adaptive pooling refuses.
        TypeError: Levels that are no tuples, or values of the wrong type.

    Source: Zhao, Shi, Qi, Wang and Jia, "Pyramid Scene Parsing Network", 2017, section 3.2.

    >>> psp_pool([0.0, 0.0, 3.0, 3.0], ((2,),)).tolist()
    [[0.0, 0.0, 3.0, 3.0], [0.0, 1.0, 2.0, 3.0]]
    """
    read: SideBySide = arguments
    numbers = wide(real(array))
    parts = [numbers]
    average = kind("adaptive_avg_pool").define
    for level in read.parts:
        pooled = average(numbers, level)
        for dim in range(-1, -len(read.axes) - 1, -1):
            pooled = _stretched(pooled, dim, read.axes[dim].size, read.options["align_corners"])
        parts.append(pooled)
    return rounded(in_channels(parts, len(read.axes)), array.dtype)


def _stretched(pooled: Array, dim: int, size: Any, align_corners: bool) -> Array:
    """Return ``size`` elements along an axis, each between the two bins beside it."""
    import numpy

    bins = pooled.shape[dim]
    shape = [*pooled.shape]
    shape[dim] = size
    result = numpy.empty(shape, pooled.dtype)
    for i in range(size):
        below, share = _place(i, bins, size, align_corners)
        first = pooled.take(below, dim)
        output: Any = (..., i, *[slice(None)] * (-dim - 1))
        if bins > 1:
            weight: Any = share if pooled.dtype == object else float(share)
            first = first * (1 - weight) + pooled.take(min(below + 1, bins - 1), dim) * weight
        result[output] = first
    return result


def _place(i: int, bins: int, size: int, align_corners: bool) -> tuple[int, Fraction]:
    """Return the bin below an element, and how far it is from there to the next, if there is one.

    >>> _place(1, 2, 4, True), _place(1, 2, 4, False)
    ((0, Fraction(1, 3)), (0, Fraction(1, 4)))
    """
    if align_corners:
        place = Fraction(i * (bins - 1), max(size - 1, 1))
    else:
        place = max(Fraction((2 * i + 1) * bins, 2 * size) - Fraction(1, 2), Fraction(0))
    below = min(floor(place), bins - 1)
    return below, place - below
