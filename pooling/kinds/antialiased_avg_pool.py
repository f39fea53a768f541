"""Antialiased averages: bilinear interpolation to fewer elements, over as many as it takes."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, Any, NamedTuple

from pooling.arguments import PoolingArguments, Sizes, adaptive_axes, check_leading, split_shape
from pooling.arithmetic import Number
from pooling.evaluation import real, rounded, wide
from pooling.kind import Kind

if TYPE_CHECKING:
    from pooling.evaluation import Array


class ResampledAxis(NamedTuple):
    """One spatial axis that is resampled: each output is a weighted mean of its neighbours.

    >>> ResampledAxis(4, 2).weights[0]
    (0, (Fraction(3, 7), Fraction(3, 7), Fraction(1, 7)))
    """

    size: int
    outputs: int

    @property
    def weights(self) -> tuple[tuple[int, tuple[Fraction, ...]], ...]:
        """For each output the first element that counts, and the weights from there on."""
        scale = Fraction(self.size, self.outputs)
        reach = max(scale, Fraction(1))
        found = []
        for i in range(self.outputs):
            center = scale * (i + Fraction(1, 2))
            near = {
                j: 1 - abs(j + Fraction(1, 2) - center) / reach
                for j in range(self.size)
                if abs(j + Fraction(1, 2) - center) < reach
            }
            total = sum(near.values())
            found.append((min(near), tuple(weight / total for weight in near.values())))
        return tuple(found)

    @property
    def taps(self) -> int:
        """The taps of all outputs along this axis."""
        return sum(len(weights) for _, weights in self.weights)

    @property
    def occupied(self) -> int:
        """The outputs along this axis: each has a tap."""
        return self.outputs

    @property
    def touched(self) -> int:
        """The elements along this axis that some output reads."""
        read = {first + j for first, weights in self.weights for j in range(len(weights))}
        return len(read)


def resampled_arguments(
    dimensions: int, shape: Sequence[Number], output_size: Sizes
) -> PoolingArguments:
    """Return the checked arguments of an antialiased average.

    Arguments and errors are those of :func:`pooling.adaptive_arguments`, and sizes are plain ints:
    which elements count follows from them by rounding, one output after the other.

    >>> resampled_arguments(2, (1, 3, 8, 9), 3).output_shape
    (1, 3, 3, 3)
    """
    leading, sizes = split_shape(dimensions, shape)
    check_leading(leading, empty_channels=False)
    axes = []
    for axis in adaptive_axes(sizes, output_size):
        if type(axis.size) is not int or type(axis.outputs) is not int:
            raise ValueError("the spatial sizes of shape and output_size must be plain ints")
        if axis.outputs < 1:
            raise ValueError(f"output_size must be at least 1, got {axis.outputs}")
        axes.append(ResampledAxis(axis.size, axis.outputs))
    made: Any = tuple(axes)
    return PoolingArguments(leading, made)


@Kind(
    __name__,
    title="Antialiased average pooling",
    computes="the mean of what lies around each output, weighted by the distance from it",
    source='``torch.nn.functional.interpolate`` with ``mode="bilinear"`` and ``antialias=True``; '
    "Pillow's resampling by the triangle filter",
    read=resampled_arguments,
    layers={"AntialiasedAvgPool": "pooling.modules.antialiased"},
    also=("antialiased", "anti-aliased bilinear"),
)
def antialiased_avg_pool(array: Array, arguments: PoolingArguments) -> Array:
    """Return the mean of what lies around each output, weighted by the distance from it.

    Along an axis of n elements output i of m lies at c = (i + ½)·n/m, and element j, which lies at
    j + ½, has the weight max(0, 1 − |j + ½ − c|/r), r = max(n/m, 1), over the sum of all. Axis
    after axis, the last one first. Without the distance, all elements counting alike, it is
    ``mode="area"``: :func:`pooling.adaptive_avg_pool`.

    Returns:
        An array of shape ``(*leading, *outputs)``. Floats keep their dtype, and those of at most 16
        bits are computed in float64 and rounded once; integers become float64; exact numbers stay
        exact.

    Raises:
        ValueError: An output size below 1, or arguments that an adaptive pooling refuses.
        TypeError: An ``output_size`` that is no tuple, or values of the wrong type.

    Source: ``torch.nn.functional.interpolate``.

    >>> antialiased_avg_pool([0.0, 0.0, 7.0, 7.0], (2,)).tolist()
    [1.0, 6.0]
    """
    import numpy

    axes: Any = arguments.axes
    result = wide(real(array))
    for dim in range(-1, -len(axes) - 1, -1):
        shape = [*result.shape]
        shape[dim] = axes[dim].outputs
        pooled = numpy.empty(shape, result.dtype)
        for i, (first, weights) in enumerate(axes[dim].weights):
            total: Any = None
            for j, weight in enumerate(weights, first):
                factor = weight if result.dtype == object else float(weight)
                term = result.take(j, dim) * factor
                total = term if total is None else total + term
            output: Any = (..., i, *[slice(None)] * (-dim - 1))
            pooled[output] = total
        result = pooled
    return rounded(result, array.dtype)
