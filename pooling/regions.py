"""Regions of interest: boxes of an image, each of which is pooled to a grid of its own.

Apart from the entries because both poolings of regions read the same boxes.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import inf, prod
from typing import TYPE_CHECKING, Any, NamedTuple

from pooling.arguments import PoolingArguments, Sizes, split_shape
from pooling.arithmetic import Number, ceil_divide
from pooling.checks import holds, integer, per_axis, refuse

if TYPE_CHECKING:
    from pooling.evaluation import Array, Numbers

#: How many boxes, or the boxes themselves, each (x1, y1, x2, y2).
Regions = int | Sequence[Sequence[float]]

DESCRIBED = {
    "output_size": "A tuple with the bins of each of the two spatial axes.",
    "spatial_scale": "Elements of ``x`` per unit of the boxes.",
    "boxes": "One row (image, x1, y1, x2, y2) for each region: which of the images of ``x``, and\n"
    "    two corners, as in torchvision.",
}


class RegionAxis(NamedTuple):
    """One spatial axis of images of which regions are pooled: what is read depends on them.

    >>> RegionAxis(8, 2, samples=2).taps
    8
    """

    size: Number
    outputs: Number
    #: Samples of a bin along the axis, each of which reads two elements; ``None`` if that is open.
    samples: int | None = None

    @property
    def taps(self) -> Number | None:
        """The elements that the samples of one region read along this axis, one by one."""
        return None if self.samples is None else 2 * self.samples * self.outputs

    @property
    def occupied(self) -> Number:
        """The bins along this axis."""
        return self.outputs


def region_arguments(
    shape: Sequence[Number],
    output_size: Sizes,
    spatial_scale: float,
    regions: Regions,
    samples: int | None = None,
    **options: Any,
) -> PoolingArguments:
    """Return the arguments of a pooling of so many regions, whose output has one image for each.

    Raises:
        ValueError: An output size below 1, a scale that is not positive, a negative number of
            regions, or a shape without batch.
        TypeError: A value of the wrong type.

    >>> region_arguments((2, 3, 8, 8), 2, 0.5, 5).output_shape
    (5, 3, 2, 2)
    """
    leading, sizes = split_shape(2, shape)
    if type(spatial_scale) not in (int, float):
        raise TypeError(f"spatial_scale must be a number, got {spatial_scale!r}")
    if not 0 < spatial_scale < inf:
        raise ValueError(f"spatial_scale must be positive and finite, got {spatial_scale}")
    outputs = per_axis("output_size", output_size, 2)
    for wanted in outputs:
        if holds(wrong := wanted < 1):
            refuse("output_size must be at least 1, got {0}", wrong, wanted)
    listed = isinstance(regions, tuple | list)
    boxes: tuple[Any, ...] = tuple(regions) if listed else ()  # type: ignore[arg-type]
    for box in boxes:
        check_box(box)
    count = len(boxes) if listed else integer("regions", None, regions)
    if holds(wrong := count < 0):
        refuse("regions must be at least 0, got {0}", wrong, count)
    axes: Any = tuple(RegionAxis(n, m, samples) for n, m in zip(sizes, outputs, strict=True))
    given = {"spatial_scale": spatial_scale, "boxes": boxes, **options}
    return PoolingArguments((count, leading[-1]), axes, given)


def check_box(box: Any) -> None:
    """Refuse what are not the two corners of a region.

    >>> check_box((0, 0, 3))
    Traceback (most recent call last):
    ...
    ValueError: regions must be boxes (x1, y1, x2, y2), got (0, 0, 3)
    """
    four = isinstance(box, tuple | list) and len(box) == 4
    if not four or any(type(corner) not in (int, float) for corner in box):
        raise ValueError(f"regions must be boxes (x1, y1, x2, y2), got {box}")
    if not all(-inf < corner < inf for corner in box):
        raise ValueError(f"the corners of regions must be finite, got {box}")


def check_boxes(array: Array, boxes: Numbers) -> list[tuple[int, list[float]]]:
    """Return (image, corners) of every region of an array of images.

    Raises ``ValueError`` for another shape of ``array`` or ``boxes``, or images there are not.

    >>> import numpy
    >>> check_boxes(numpy.zeros((1, 1, 4, 4)), [[0, 1, 1, 3, 3]])
    [(0, [1.0, 1.0, 3.0, 3.0])]
    """
    import numpy

    if array.ndim != 4:
        raise ValueError(f"x must have 4 axes, images of regions, got {array.ndim}: {array.shape}")
    rows = numpy.asarray(boxes, dtype="float64")
    if not numpy.isfinite(rows).all():
        raise ValueError("boxes must be finite")
    if rows.ndim != 2 or rows.shape[1] != 5:
        raise ValueError(f"boxes must have the shape (regions, 5), got {rows.shape}")
    found = []
    for image, *corners in rows.tolist():
        if image != int(image) or not 0 <= image < len(array):
            raise ValueError(f"boxes must name images 0 to {len(array) - 1}, got {image:g}")
        found.append((int(image), corners))
    return found


def bins(start: float, end: float, outputs: int, size: int) -> list[tuple[int, int]]:
    """Return where the bins of a region begin and end along an axis, by Fast R-CNN's rounding.

    Both corners are rounded and both count; bins overlap where that does not divide, and are
    clipped to the axis.

    >>> bins(1, 4, 2, 8), bins(6, 9, 2, 8)
    ([(1, 3), (3, 5)], [(6, 8), (8, 8)])
    """
    first, last = (int(abs(x) + 0.5) * (1 if x >= 0 else -1) for x in (start, end))
    length = max(last - first + 1, 1)
    found = []
    for i in range(outputs):
        begin = first + i * length // outputs
        stop = first + ceil_divide((i + 1) * length, outputs)
        found.append((min(max(begin, 0), size), min(max(stop, 0), size)))
    return found


def elements(arguments: PoolingArguments) -> list[int]:
    """Return how many elements each bin of each region has, by the rounding of :func:`bins`.

    Raises ``ValueError`` where the regions are not given, or the sizes are no plain ints.
    """
    boxes, scale = arguments.options["boxes"], arguments.options["spatial_scale"]
    axes: Any = arguments.axes
    if not boxes and arguments.leading[0] != 0:
        raise ValueError("regions must be the boxes (x1, y1, x2, y2) themselves: sizes decide")
    if not all(type(axis.size) is type(axis.outputs) is int for axis in axes):
        raise ValueError("the spatial sizes of shape and output_size must be plain ints")
    found = []
    for x1, y1, x2, y2 in boxes:
        along = [
            [b - a for a, b in bins(low * scale, high * scale, axis.outputs, axis.size)]
            for (low, high), axis in zip(((y1, y2), (x1, x2)), axes, strict=True)
        ]
        found += [prod((rows, columns)) for rows in along[0] for columns in along[1]]
    return found
