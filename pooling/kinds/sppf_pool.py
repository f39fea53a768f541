"""SPPF: the input, and max-poolings of it in cascade, side by side."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from pooling.arguments import PoolingArguments, Sizes
from pooling.arithmetic import Number
from pooling.checks import holds, per_axis, refuse
from pooling.evaluation import extreme
from pooling.kind import Kind
from pooling.kinds.max_pool import pooling_arguments
from pooling.side_by_side import SideBySide, in_channels

if TYPE_CHECKING:
    from pooling.evaluation import Array


def sppf_arguments(
    dimensions: int, shape: Sequence[Number], kernel_size: Sizes = 5, n: int = 3
) -> PoolingArguments:
    """Return the checked arguments of an SPPF.

    Args:
        dimensions: The number of spatial axes.
        shape: The input shape.
        kernel_size: The elements of a window, odd: one int or one per axis. Windows are one
            element apart, and padding keeps the size.
        n: How many max-poolings follow each other.

    Raises:
        ValueError: A ``kernel_size`` that is even or below 1, an ``n`` below 1, or what a
            max-pooling refuses.
        TypeError: A value of the wrong type.

    >>> sppf_arguments(2, (1, 256, 20, 20)).output_shape
    (1, 1024, 20, 20)
    """
    if type(n) is not int:
        raise TypeError(f"n must be an int, got {n!r}")
    if n < 1:
        raise ValueError(f"n must be at least 1, got {n}")
    windows: Any = per_axis("kernel_size", kernel_size, dimensions)
    for size in windows:
        if holds(wrong := size < 1):
            refuse("kernel_size must be at least 1, got {0}", wrong, size)
        if holds(wrong := size % 2 == 0):
            refuse("kernel_size must be odd, got {0}", wrong, size)
    part = pooling_arguments(dimensions, shape, windows, 1, tuple([size // 2 for size in windows]))
    return SideBySide(part.leading, part.axes, {"parts": (part,) * n})


@Kind(
    __name__,
    title="Fast spatial pyramid pooling",
    computes="the input, and max-poolings of it in cascade, side by side",
    source="SPPF of Ultralytics' YOLOv5 (Jocher, 2021), whose kernel_size = 5 and n = 3 are the "
    "defaults; without its convolutions",
    chooses=True,
    stacks=True,
    read=sppf_arguments,
    layers={"SPPFPool": "pooling.modules.side_by_side"},
    also=("fast spatial pyramid",),
    described={
        "kernel_size": "A tuple with the elements of a window along each axis, odd.",
        "n": "How many max-poolings follow each other.",
    },
    example={"kernel_size": 5},
)
def sppf_pool(array: Array, arguments: Any) -> Array:
    """Return the input, and max-poolings of it in cascade, side by side.

    Windows are one element apart and the size stays. Two max-poolings of k elements in a row are
    one of 2k − 1, so with k = 5 these are the maxima over 5, 9 and 13 elements.

    Returns:
        An array of shape ``(*batch, (1 + n)·channels, *spatial)`` and of the dtype of ``x``, the
        last leading axis being that of the channels: those of the input, then those of each
        max-pooling.

    Raises:
        ValueError: A ``kernel_size`` that is even or below 1, an ``n`` below 1, or what a
            max-pooling refuses.
        TypeError: A ``kernel_size`` that is no tuple, or values of the wrong type.

    Source: SPPF of Ultralytics' YOLOv5, ``ultralytics.nn.modules.SPPF``.

    >>> sppf_pool([0, 7, 0, 0, 0, 1], (3,), n=2).tolist()
    [[0, 7, 0, 0, 0, 1], [7, 7, 7, 0, 1, 1], [7, 7, 7, 7, 1, 1]]
    """
    read: SideBySide = arguments
    parts = [array]
    for part in read.parts:
        parts.append(extreme(parts[-1], part.windowed, largest=True))
    return in_channels(parts, len(read.axes))
