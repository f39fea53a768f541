"""Fractional max-pooling: the largest tap of windows that are drawn at random."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from pooling.arguments import (
    FractionalAxis,
    PoolingArguments,
    Sizes,
    check_leading,
    check_size,
    split_shape,
)
from pooling.arithmetic import Number
from pooling.checks import check_entries, holds, per_axis, refuse
from pooling.kind import Kind
from pooling.kinds.max_pool import indices, max_pool

if TYPE_CHECKING:
    from pooling.evaluation import Array, Numbers


def fractional_arguments(
    dimensions: int,
    shape: Sequence[Number],
    kernel_size: Sizes,
    output_size: Sizes | None = None,
    output_ratio: float | Sequence[float] | None = None,
    return_indices: bool = False,
) -> PoolingArguments:
    """Return the checked arguments of a fractional max-pooling over the last ``dimensions`` axes.

    Args:
        dimensions: The number of spatial axes: 2 or 3.
        shape: The input shape, as in :func:`pooling.adaptive_arguments`.
        kernel_size: The elements of a window, one int or one per spatial axis.
        output_size: The number of windows, one int or one per spatial axis. 0 is allowed.
        output_ratio: Windows per element, used if there is no output_size: one number per spatial
            axis, of which the part after the point of the product is dropped. One number for all
            axes is accepted over three of them alone, as in torch's functions.
        return_indices: Whether the places of the chosen taps are wanted too.

    Raises:
        ValueError: Windows that do not fit: torch wants kernel_size + output_size − 1 to be at
            most the size in two dimensions and *below* it in three. Neither output_size nor
            output_ratio. Wrong numbers of entries or dimensions, an empty input. Stricter than
            torch, which reads no window at all then: a kernel_size below 1; and which ignores
            it: an output_ratio of more than three entries.
        TypeError: A value of the wrong type.

    Source: the checks of ``torch.nn.functional.fractional_max_pool2d`` and its neighbour.

    >>> fractional_arguments(2, (1, 9, 9), 2, output_ratio=(0.5, 0.25)).output_shape
    (1, 4, 2)
    >>> fractional_arguments(3, (1, 5, 5, 5), 2, output_size=4)
    Traceback (most recent call last):
    ...
    ValueError: kernel_size + output_size must be at most 5 for a size of 5, got 2 + 4
    """
    leading, sizes = split_shape(dimensions, shape)
    check_leading(leading, empty_channels=False)
    outputs: Sequence[Number]
    if output_size is not None:
        if isinstance(output_size, tuple | list):
            check_entries("output_size", output_size, dimensions)
        outputs = per_axis("output_size", output_size, dimensions)
    elif output_ratio is not None:
        outputs = [
            _part(size, ratio)
            for size, ratio in zip(sizes, _ratios(output_ratio, dimensions), strict=True)
        ]
    else:
        raise ValueError("either output_size or output_ratio must be given, got neither")
    if isinstance(kernel_size, tuple | list):
        check_entries("kernel_size", kernel_size, dimensions)
    kernel_sizes = per_axis("kernel_size", kernel_size, dimensions)
    axes: list[FractionalAxis] = []
    for size, kernel, wanted in zip(sizes, kernel_sizes, outputs, strict=True):
        check_size(size)
        if holds(wrong := kernel < 1):
            refuse("kernel_size must be at least 1, got {0}", wrong, kernel)
        if holds(wrong := wanted < 0):
            refuse("output_size must be at least 0, got {0}", wrong, wanted)
        limit = size if dimensions == 3 else size + 1
        if holds(wrong := kernel + wanted > limit):
            refuse(
                "kernel_size + output_size must be at most {2} for a size of {3}, got {0} + {1}",
                wrong,
                kernel,
                wanted,
                limit,
                size,
            )
        axes.append(FractionalAxis(size, kernel, wanted))
    return PoolingArguments(leading, tuple(axes), indices(return_indices))


def _ratios(output_ratio: Any, count: int) -> Sequence[float]:
    ratios: Sequence[Any]
    if isinstance(output_ratio, tuple | list):
        check_entries("output_ratio", output_ratio, count)
        ratios = output_ratio
    elif count == 3:
        ratios = (output_ratio,) * count
    else:
        raise TypeError(
            f"output_ratio must be a tuple with one entry per axis, got {output_ratio!r}"
        )
    for ratio in ratios:
        if isinstance(ratio, bool) or not isinstance(ratio, int | float):
            raise TypeError(f"output_ratio must be a number, got {ratio!r}")
    return ratios


def _part(size: Number, ratio: float) -> Number:
    """Return size · ratio without what stands behind the point."""
    part = size * ratio
    if hasattr(part, "astype"):
        return part.astype("int64")
    return sys.modules["sympy"].floor(part) if hasattr(part, "free_symbols") else int(part)


@Kind(
    __name__,
    title="Fractional max-pooling",
    computes="the largest tap of every window, at places that are drawn at random",
    source='Graham, "Fractional Max-Pooling", 2014; ``torch.nn.functional.fractional_max_pool2d``',
    chooses=True,
    left="its windows are drawn at random in every call",
    read=fractional_arguments,
    torch_layer="FractionalMaxPool",
    layers={"FractionalMaxPool": "pooling.modules.fractional"},
    also=("fractional", "fractional maximum"),
    dimensions=(2, 3),
    beside={"random_samples": ...},
    described={
        "output_ratio": "Windows per element, if there is no output_size.",
        "random_samples": "A random number for each place of the leading axes and each axis.",
    },
    example={"output_size": 7},
)
def _drawn(array: Array, arguments: PoolingArguments, random_samples: Numbers) -> Array:
    """Return the largest tap of every window, given the random numbers that place it."""
    import numpy

    axes: Any = arguments.axes
    leading = array.shape[: array.ndim - len(axes)]
    samples = numpy.asarray(random_samples)
    if samples.shape != (*leading, len(axes)):
        raise ValueError(
            f"random_samples must have the shape {(*leading, len(axes))}, got {samples.shape}"
        )
    result = numpy.empty((*leading, *[axis.outputs for axis in axes]), array.dtype)
    for place in numpy.ndindex(leading):
        drawn = samples[place][::-1] if len(axes) == 2 else samples[place]
        starts = []
        for axis, u in zip(axes, drawn, strict=True):
            step = (axis.size - axis.kernel_size) / max(axis.outputs - 1, 1)
            last = axis.size - axis.kernel_size
            # A number of a narrow dtype may round a window out of the input.
            before_last = [
                min(int((i + u) * step) - int(u * step), last) for i in range(axis.outputs - 1)
            ]
            starts.append([*before_last, last][: axis.outputs])
        for window in numpy.ndindex(*[axis.outputs for axis in axes]):
            taps = tuple(
                slice(start[i], start[i] + axis.kernel_size)
                for start, i, axis in zip(starts, window, axes, strict=True)
            )
            pooled = max_pool(array[place][taps], [axis.kernel_size for axis in axes])
            result[(*place, *window)] = pooled.reshape(())[()]
    return result


def fractional_max_pool(
    x: Numbers,
    kernel_size: Sequence[int],
    random_samples: Numbers,
    output_size: Sizes | None = None,
    output_ratio: float | Sequence[float] | None = None,
) -> Array:
    """Return the largest tap of every window of a fractional pooling, given its random numbers.

    Along an axis of n elements the last of m windows of k elements begins at n − k, and window i
    before it at ⌊(i + u)·α⌋ − ⌊u·α⌋ with α = (n − k)/(m − 1), where u in [0, 1) is the random
    number of the axis. Every place of the leading axes has its own random numbers.

    Args:
        x: Numbers of shape ``(*leading, *spatial)``, as in :func:`pooling.max_pool`.
        kernel_size: A tuple with one entry per spatial axis, two or three.
        random_samples: Numbers of shape ``(*leading, axes)``, the u above, in the order in which
            torch takes them: over two axes the *last* axis first, over three the first.
        output_size: As in :func:`pooling.fractional_arguments`.
        output_ratio: As in :func:`pooling.fractional_arguments`.

    Returns:
        An array of shape ``(*leading, *outputs)`` and of the dtype of ``x``.

    Raises:
        ValueError: Arguments that torch refuses, or random samples of another shape.
        TypeError: A ``kernel_size`` that is no tuple, or values of the wrong type.

    Source: Graham, "Fractional Max-Pooling", 2014; ``torch.nn.functional.fractional_max_pool2d``.

    >>> fractional_max_pool([[1, 2, 3], [4, 5, 6], [7, 8, 9]], (2, 2), [0.5, 0.5], 2).tolist()
    [[5, 6], [8, 9]]
    """
    draw: Any = _drawn
    pooled: Array = draw(x, kernel_size, output_size, output_ratio, random_samples=random_samples)
    return pooled
