"""RoIAlign: regions of interest sampled between elements, without rounding their corners."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from math import ceil
from operator import add
from typing import TYPE_CHECKING, Any

from pooling.arguments import PoolingArguments, Sizes
from pooling.arithmetic import Number
from pooling.evaluation import real, rounded, wide
from pooling.kind import Kind
from pooling.regions import DESCRIBED, Regions, check_boxes, region_arguments

if TYPE_CHECKING:
    from pooling.evaluation import Array, Numbers


def align_arguments(
    dimensions: int,
    shape: Sequence[Number],
    output_size: Sizes,
    spatial_scale: float = 1.0,
    sampling_ratio: int = -1,
    aligned: bool = False,
    *,
    regions: Regions = 1,
) -> PoolingArguments:
    """Return the checked arguments of a RoIAlign.

    Arguments and errors are those of :func:`pooling.regions.region_arguments`. A bin has
    ``sampling_ratio`` samples along each axis; below 1, as many as it has elements, rounded up.

    >>> align_arguments(2, (1, 3, 8, 8), 2, regions=5).output_shape
    (5, 3, 2, 2)
    """
    if type(sampling_ratio) is not int:
        raise TypeError(f"sampling_ratio must be an int, got {sampling_ratio!r}")
    if type(aligned) is not bool:
        raise TypeError(f"aligned must be a bool, got {aligned!r}")
    samples = sampling_ratio if sampling_ratio > 0 else None
    own = {"sampling_ratio": sampling_ratio, "aligned": aligned}
    return region_arguments(shape, output_size, spatial_scale, regions, samples, **own)


@Kind(
    __name__,
    title="RoIAlign",
    computes="the mean of samples of every bin of every region of interest",
    source='He, Gkioxari, Dollár and Girshick, "Mask R-CNN", 2017; ``torchvision.ops.roi_align``',
    read=align_arguments,
    layers={"RoIAlign": "pooling.modules.regions"},
    also=("roi align", "region align"),
    dimensions=(2,),
    beside={"boxes": ...},
    described={
        **DESCRIBED,
        "sampling_ratio": "Samples of a bin along each axis; below 1, as many as it has elements.",
        "aligned": "Whether elements lie at their centres, half an element from their corners.",
    },
    example={"output_size": 2, "sampling_ratio": 2},
)
def roi_align(array: Array, arguments: PoolingArguments, boxes: Numbers) -> Array:
    """Return the mean of samples of every bin of every region, each interpolated bilinearly.

    Samples more than an element outside the image are 0; others outside take the nearest edge.

    Returns:
        An array of shape ``(regions, channels, *output_size)``, with ``x`` of the shape ``(images,
        channels, height, width)``. Floats keep their dtype, and those of at most 16 bits are
        computed in float64 and rounded once; integers become float64.

    Raises:
        ValueError: An output size below 1, boxes of another shape, or of images there are not.
        TypeError: An ``output_size`` that is no tuple.

    Source: He, Gkioxari, Dollár and Girshick, "Mask R-CNN", 2017, section 3;
    ``torchvision.ops.roi_align``.

    >>> import numpy
    >>> x = numpy.arange(16.0).reshape(1, 1, 4, 4)
    >>> roi_align(x, (1, 1), sampling_ratio=1, boxes=[[0, 0.5, 0.5, 1.5, 1.5]]).tolist()
    [[[[5.0]]]]
    """
    import numpy

    axes, options = arguments.axes, arguments.options
    numbers = wide(real(array))
    rows = check_boxes(array, boxes)
    shape = (len(rows), array.shape[1], *[axis.outputs for axis in axes])
    result = numpy.zeros(shape, numbers.dtype)
    for number, (image, (x1, y1, x2, y2)) in enumerate(rows):
        along: list[Any] = []
        for (low, high), axis in zip(((y1, y2), (x1, x2)), axes, strict=True):
            along.append(_samples(low, high, axis.outputs, axis.size, options))
        for i, j in numpy.ndindex(*shape[2:]):
            found = [
                reduce(add, [numbers[image, :, p, q] * (u * v) for p, u in down for q, v in across])
                for down in along[0][i]
                for across in along[1][j]
                if down and across
            ]
            if found:
                count = len(along[0][i]) * len(along[1][j])
                result[number, :, i, j] = reduce(add, found) / count
    return rounded(result, array.dtype)


def _samples(low: float, high: float, outputs: int, size: int, options: Any) -> list[Any]:
    """Return, for each bin along an axis, what its samples read: pairs (element, weight)."""
    shift = 0.5 if options["aligned"] else 0.0
    start = low * options["spatial_scale"] - shift
    length = high * options["spatial_scale"] - shift - start
    if not options["aligned"]:
        length = max(length, 1.0)
    ratio = options["sampling_ratio"]
    count = ratio if ratio > 0 else max(ceil(length / outputs), 0)
    step = length / outputs
    return [
        [_weights(start + (i + (s + 0.5) / count) * step, size) for s in range(count)]
        for i in range(outputs)
    ]


def _weights(place: float, size: int) -> list[tuple[int, float]]:
    """Return the two elements beside a place and their weights; none for a place too far out."""
    if place < -1 or place > size:
        return []
    place = max(place, 0.0)
    below = int(place)
    if below >= size - 1:
        return [(size - 1, 1.0), (size - 1, 0.0)]
    return [(below, 1 - (place - below)), (below + 1, place - below)]
