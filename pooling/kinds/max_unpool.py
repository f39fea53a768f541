"""Max-unpooling: maxima put back where they came from, and zeros everywhere else."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import TYPE_CHECKING, Any, NamedTuple

from pooling.arguments import PoolingArguments, Sizes, check_leading, split_shape
from pooling.arithmetic import Number
from pooling.checks import holds, per_axis, refuse
from pooling.kind import Kind

if TYPE_CHECKING:
    from pooling.evaluation import Array, Numbers


class UnpooledAxis(NamedTuple):
    """One spatial axis of an unpooling: as many elements as maxima, and how many there will be.

    >>> UnpooledAxis(3, 6).taps
    3
    """

    size: Number
    outputs: Number

    @property
    def taps(self) -> Number:
        """The maxima, each of which is put somewhere."""
        return self.size

    @property
    def occupied(self) -> Number:
        """The places that get one, at most."""
        return self.size

    @property
    def touched(self) -> Number:
        """The maxima that are read: all."""
        return self.size


def unpooling_arguments(
    dimensions: int,
    shape: Sequence[Number],
    kernel_size: Sizes,
    stride: Sizes | None = None,
    padding: Sizes = 0,
    *,
    output_size: Sizes | None = None,
) -> PoolingArguments:
    """Return the checked arguments of a max-unpooling, those of the pooling that it undoes.

    n maxima become (n − 1)·stride − 2·padding + kernel_size elements, or ``output_size``, which
    differs from that by less than a stride.

    Raises:
        ValueError: A size below 1, a negative padding, an empty output, or an ``output_size`` that
            no such pooling has.
        TypeError: A value of the wrong type.

    Source: ``torch.nn.functional.max_unpool2d``.

    >>> unpooling_arguments(2, (1, 3, 4, 4), 2).output_shape
    (1, 3, 8, 8)
    >>> unpooling_arguments(1, (3, 4), 2, output_size=11)
    Traceback (most recent call last):
    ...
    ValueError: output_size must be between 7 and 9, got 11
    """
    leading, sizes = split_shape(dimensions, shape)
    check_leading(leading, empty_channels=False)
    windows = per_axis("kernel_size", kernel_size, dimensions)
    strides = windows if stride is None else per_axis("stride", stride, dimensions)
    paddings = per_axis("padding", padding, dimensions)
    wanted: Sequence[Number] = [None] * dimensions
    if output_size is not None:
        wanted = per_axis("output_size", output_size, dimensions)
    axes = []
    for size, k, s, p, output in zip(sizes, windows, strides, paddings, wanted, strict=True):
        for name, value, least in (("kernel_size", k, 1), ("stride", s, 1), ("padding", p, 0)):
            if holds(wrong := value < least):
                refuse(f"{name} must be at least {least}, got {{0}}", wrong, value)
        usual = (size - 1) * s - 2 * p + k
        outputs = usual if output is None else output
        if holds(wrong := (outputs <= usual - s) | (outputs >= usual + s)):
            message = "output_size must be between {1} and {2}, got {0}"
            refuse(message, wrong, outputs, usual - s + 1, usual + s - 1)
        if holds(wrong := outputs < 1):
            refuse("output_size must be at least 1, got {0}", wrong, outputs)
        axes.append(UnpooledAxis(size, outputs))
    made: Any = tuple(axes)
    return PoolingArguments(leading, made)


@Kind(
    __name__,
    title="Max-unpooling",
    computes="the maxima where they came from, and zeros everywhere else",
    source='``torch.nn.functional.max_unpool2d``; Zeiler and Fergus, "Visualizing and '
    'Understanding Convolutional Networks", 2014',
    left="it needs indices, which a rebuilt max-pooling does not return",
    read=unpooling_arguments,
    torch_layer="MaxUnpool",
    layers={"MaxUnpool": "pooling.modules.max_unpool"},
    also=("un",),
    beside={"indices": ...},
    described={
        "kernel_size": "A tuple with the window of the pooling that is undone, along each axis.",
        "stride": "Its stride; ``kernel_size`` if left out.",
        "padding": "Its padding on each side.",
        "output_size": "How many elements there were, where the windows leave that open.",
        "indices": "For each maximum the place it came from, counted through the spatial axes of\n"
        "    the output, as ``max_pool2d`` of torch returns them.",
    },
    example={"kernel_size": 2},
)
def max_unpool(array: Array, arguments: PoolingArguments, indices: Numbers) -> Array:
    """Return the maxima where they came from, and zeros everywhere else.

    Where windows overlap, one element may be the maximum of several, which then agree.

    Returns:
        An array of shape ``(*leading, *outputs)`` and of the dtype of ``x``.

    Raises:
        ValueError: Arguments that torch refuses, indices of another shape than ``x``, or outside of
            the output.
        TypeError: A ``kernel_size`` that is no tuple, or values of the wrong type.

    Source: ``torch.nn.functional.max_unpool2d``.

    >>> max_unpool([7, 9], (2,), indices=[1, 2]).tolist()
    [0, 7, 9, 0]
    """
    import numpy

    places = numpy.asarray(indices)
    if places.dtype.kind not in "iu":
        raise TypeError(f"indices must be integers, got {places.dtype}")
    if places.shape != array.shape:
        raise ValueError(f"indices must have the shape {array.shape}, got {places.shape}")
    spatial = [axis.outputs for axis in arguments.axes]
    outside = (places < 0) | (places >= prod(spatial))
    if outside.any():
        raise ValueError(f"indices must be from 0 to {prod(spatial) - 1}, got {places[outside][0]}")
    leading = array.shape[: array.ndim - len(spatial)]
    rows = prod(leading)
    result = numpy.zeros((rows, prod(spatial)), array.dtype)
    number = prod(array.shape[len(leading) :])
    row = numpy.arange(rows)[:, None]
    result[row, places.reshape(rows, number)] = array.reshape(rows, number)
    return result.reshape(*leading, *spatial)
