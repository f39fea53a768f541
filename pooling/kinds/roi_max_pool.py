"""Max-pooling of regions of interest, as of Fast R-CNN."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from pooling.arguments import PoolingArguments, Sizes
from pooling.arithmetic import Number
from pooling.evaluation import extreme
from pooling.kind import Kind
from pooling.kinds.max_pool import pooling_arguments
from pooling.regions import DESCRIBED, Regions, bins, check_boxes, region_arguments

if TYPE_CHECKING:
    from pooling.evaluation import Array, Numbers


def roi_arguments(
    dimensions: int,
    shape: Sequence[Number],
    output_size: Sizes,
    spatial_scale: float = 1.0,
    *,
    regions: Regions = 1,
) -> PoolingArguments:
    """Return the checked arguments of a max-pooling of regions.

    Arguments and errors are those of :func:`pooling.regions.region_arguments`; ``regions`` are the
    boxes, or how many there are.

    >>> roi_arguments(2, (1, 3, 8, 8), 2, regions=[(0, 0, 3, 3)]).output_shape
    (1, 3, 2, 2)
    """
    return region_arguments(shape, output_size, spatial_scale, regions)


@Kind(
    __name__,
    title="Max-pooling of regions",
    computes="the largest element of every bin of every region of interest",
    source='Girshick, "Fast R-CNN", 2015; ``torchvision.ops.roi_pool``',
    chooses=True,
    read=roi_arguments,
    layers={"RoIMaxPool": "pooling.modules.regions"},
    also=("roi", "region of interest"),
    dimensions=(2,),
    beside={"boxes": ...},
    described=DESCRIBED,
    example={"output_size": 2, "regions": ((0, 0, 3, 3),)},
)
def roi_max_pool(array: Array, arguments: PoolingArguments, boxes: Numbers) -> Array:
    """Return the largest element of every bin of every region.

    The corners of a region are rounded to elements, and bins begin at ⌊i·n/m⌋ and end at
    ⌈(i + 1)·n/m⌉ of its n elements, as those of an adaptive pooling do.

    Returns:
        An array of shape ``(regions, channels, *output_size)`` and of the dtype of ``x``, which has
        the shape ``(images, channels, height, width)``. A bin outside the image is 0.

    Raises:
        ValueError: An output size below 1, boxes of another shape, or of images there are not.
        TypeError: An ``output_size`` that is no tuple.

    Source: Girshick, "Fast R-CNN", 2015, section 2.1; ``torchvision.ops.roi_pool``.

    >>> import numpy
    >>> x = numpy.arange(16).reshape(1, 1, 4, 4)
    >>> roi_max_pool(x, (2, 2), boxes=[[0, 0, 0, 2, 2]]).tolist()
    [[[[5, 6], [9, 10]]]]
    """
    import numpy

    axes = arguments.axes
    scale = arguments.options["spatial_scale"]
    rows = check_boxes(array, boxes)
    shape = (len(rows), array.shape[1], *[axis.outputs for axis in axes])
    result = numpy.zeros(shape, array.dtype)
    for number, (image, (x1, y1, x2, y2)) in enumerate(rows):
        sides = ((y1, y2), (x1, x2))
        along = [
            bins(low * scale, high * scale, axis.outputs, axis.size)
            for (low, high), axis in zip(sides, axes, strict=True)
        ]
        for place in numpy.ndindex(*shape[2:]):
            (top, bottom), (left, right) = along[0][place[0]], along[1][place[1]]
            region = array[image, :, top:bottom, left:right]
            if region.size:
                read = pooling_arguments(2, region.shape, region.shape[1:])
                pooled = extreme(region, read.windowed, largest=True)
                result[(number, slice(None), *place)] = pooled[:, 0, 0]
    return result
