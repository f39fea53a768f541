"""Blur pooling: a binomial filter and then every so many elements, as downsampling asks for."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product
from math import comb, prod
from typing import TYPE_CHECKING, Any

from pooling.arguments import PoolingArguments, Sizes, windowed
from pooling.arithmetic import Number
from pooling.checks import check_name, holds, per_axis, refuse
from pooling.evaluation import real, rounded, wide
from pooling.kind import Kind

if TYPE_CHECKING:
    from pooling.evaluation import Array

#: What stands outside the input, as ``torch.nn.functional.pad`` spells it, and as NumPy does.
PADDING_MODES = {"reflect": "reflect", "replicate": "edge", "zeros": "constant"}


def blur_arguments(
    dimensions: int,
    shape: Sequence[Number],
    kernel_size: Sizes = 4,
    stride: Sizes = 2,
    padding_mode: str = "reflect",
) -> PoolingArguments:
    """Return the checked arguments of a blur pooling.

    A filter of k elements is preceded by ⌊(k − 1)/2⌋ elements of padding and followed by ⌊k/2⌋, so
    that there is an output for every ``stride``-th element.

    Args:
        dimensions: The number of spatial axes: 1, 2 or 3.
        shape: The input shape, ``(N, C, *spatial)`` or unbatched ``(C, *spatial)``.
        kernel_size: The elements of the filter, one int or one per axis.
        stride: The elements from one output to the next.
        padding_mode: What stands outside: ``"reflect"``, ``"replicate"`` or ``"zeros"``.

    Raises:
        ValueError: A size below 1, an unknown mode, or a filter that would be reflected at both
            ends at once.
        TypeError: A value of the wrong type.

    >>> blur_arguments(2, (1, 64, 112, 112)).output_shape
    (1, 64, 56, 56)
    """
    check_name("padding_mode", padding_mode, PADDING_MODES)
    sizes = per_axis("kernel_size", kernel_size, dimensions)
    for size in sizes:
        if holds(wrong := size < 1):
            refuse("kernel_size must be at least 1, got {0}", wrong, size)
    sides = tuple([((k - 1) // 2, k // 2) for k in sizes])
    options = {"padding_mode": padding_mode}
    pooling = windowed(dimensions, shape, options, kernel_size, stride, sides)
    for axis in pooling.windowed if padding_mode == "reflect" else ():
        if holds(wrong := axis.padding[1] >= axis.size):
            refuse(
                "kernel_size must be at most {1} where {2} elements are reflected, got {0}",
                wrong,
                axis.kernel_size,
                2 * axis.size - 1,
                axis.size,
            )
    return pooling


def binomial(kernel_size: int) -> tuple[int, ...]:
    """Return the weights of a filter of so many elements, which add up to 2^(kernel_size − 1).

    >>> binomial(4)
    (1, 3, 3, 1)
    """
    return tuple(comb(kernel_size - 1, j) for j in range(kernel_size))


@Kind(
    __name__,
    title="Blur pooling",
    computes="the mean of every window weighted by binomials",
    source='Zhang, "Making Convolutional Networks Shift-Invariant Again", 2019, whose filter of 4 '
    "elements, stride of 2 and reflection are the defaults",
    read=blur_arguments,
    layers={"BlurPool": "pooling.modules.blur"},
    also=("blur", "anti-aliased", "binomial"),
    described={
        "kernel_size": "A tuple with the elements of the filter along each spatial axis, which\n"
        "    also says how many there are.",
        "stride": "The elements from one output to the next.",
        "padding_mode": 'What stands outside: ``"reflect"``, ``"replicate"`` or ``"zeros"``.',
    },
    example={"kernel_size": 4},
)
def blur_pool(array: Array, arguments: PoolingArguments) -> Array:
    """Return the mean of every window weighted by binomials, the padding included.

    A filter of k elements has the weights C(k − 1, j)/2^(k − 1), and over several axes their
    products. After a max-pooling of stride 1 it is the anti-aliased max-pooling of the paper.

    Returns:
        An array of shape ``(*leading, *outputs)``, with ⌈n/stride⌉ outputs along n elements. Floats
        keep their dtype, and those of at most 16 bits are computed in float64 and rounded once;
        integers become float64; exact numbers stay exact.

    Raises:
        ValueError: A size below 1, an unknown mode, or a filter that would be reflected at both
            ends at once.
        TypeError: A ``kernel_size`` that is no tuple, or values of the wrong type.

    Source: Zhang, "Making Convolutional Networks Shift-Invariant Again", 2019, section 3.2.

    >>> blur_pool([0, 0, 8, 8, 0, 0], (3,)).tolist()
    [0.0, 6.0, 2.0]
    """
    import numpy

    axes = arguments.windowed
    leading = array.ndim - len(axes)
    sides = [(0, 0)] * leading + [axis.padding for axis in axes]
    mode: Any = PADDING_MODES[arguments.options["padding_mode"]]
    extended = numpy.pad(wide(real(array)), sides, mode=mode)
    total: Any = None
    for position in product(*[enumerate(binomial(axis.kernel_size)) for axis in axes]):
        along = [
            slice(j, j + (axis.outputs - 1) * axis.stride + 1, axis.stride)
            for (j, _), axis in zip(position, axes, strict=True)
        ]
        taps: Any = (..., *along)
        term = extended[taps] * prod([weight for _, weight in position])
        total = term if total is None else total + term
    whole = 2 ** sum([axis.kernel_size - 1 for axis in axes])
    return rounded(total / whole, array.dtype)
