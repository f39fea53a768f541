"""Poolings of regions of interest: a maximum by masks, and means of interpolated samples."""

from collections.abc import Sequence
from math import inf
from typing import Any

import torch
from torch import Tensor

from pooling.checks import per_axis
from pooling.kinds.roi_align import align_arguments
from pooling.kinds.roi_max_pool import roi_arguments
from pooling.layer import Pooling, check_input
from pooling.modules.windows import widened


def check_regions(x: Tensor, boxes: Tensor) -> None:
    """Refuse what are no images, or no boxes (image, x1, y1, x2, y2).

    >>> check_regions(torch.zeros(1, 1, 4, 4), torch.zeros(2, 4))
    Traceback (most recent call last):
    ...
    ValueError: boxes must have the shape (regions, 5), got (2, 4)
    """
    check_input(x, narrow=True)
    if x.ndim != 4:
        raise ValueError(f"input must have 4 dimensions, got {x.ndim}: {tuple(x.shape)}")
    if not isinstance(boxes, Tensor):
        raise TypeError(f"boxes must be a tensor, got {boxes!r} of type {type(boxes).__name__}")
    if boxes.ndim != 2 or boxes.shape[1] != 5:
        raise ValueError(f"boxes must have the shape (regions, 5), got {tuple(boxes.shape)}")
    if boxes.is_meta or torch.compiler.is_compiling():
        return
    images = boxes[:, 0]
    wrong = images[~((images >= 0) & (images < len(x)) & (images == images.floor()))]
    if len(wrong):
        raise ValueError(f"boxes must name images 0 to {len(x) - 1}, got {wrong[0].item():g}")
    if not boxes.isfinite().all():
        raise ValueError("boxes must be finite")


class RoIMaxPool(Pooling):
    """The largest element of every bin of every region, :func:`pooling.roi_max_pool`.

    Called with images ``(N, C, H, W)``, floating point, and boxes ``(regions, 5)``, each the number
    of an image and two corners; the output is ``(regions, C, *output_size)`` and has the dtype and
    device of the images. There is no state.

    Args:
        output_size: The bins along each axis, one int or one per axis.
        spatial_scale: Elements of the images per unit of the boxes.

    Raises:
        ValueError: When the module is called, boxes or images of another shape.
        TypeError: Values of the wrong type, or an input that is not floating point.

    Source: Girshick, "Fast R-CNN", 2015; ``torchvision.ops.RoIPool``.

    >>> import pooling
    >>> x = torch.arange(16.0).reshape(1, 1, 4, 4)
    >>> pooling.RoIMaxPool2d(2)(x, torch.tensor([[0.0, 0, 0, 2, 2]])).tolist()
    [[[[5.0, 6.0], [9.0, 10.0]]]]
    """

    operator = "roi_max_pool"
    output_size: Any
    spatial_scale: float

    def forward(self, x: Tensor, boxes: Tensor) -> Tensor:
        """Return the pooled regions of ``x``."""
        check_regions(x, boxes)
        arguments = roi_arguments(2, (1, *x.shape[1:]), self.output_size, self.spatial_scale)
        rows, columns = [axis.outputs for axis in arguments.axes]
        corners = boxes[:, 1:].to(torch.float64) * self.spatial_scale
        # Halves go away from zero, as in C.
        corners = torch.sign(corners) * torch.floor(corners.abs() + 0.5)
        pooled = widened(x)[boxes[:, 0].long()]
        down = _inside(corners[:, 1], corners[:, 3], rows, x.shape[2])
        across = _inside(corners[:, 0], corners[:, 2], columns, x.shape[3])
        pooled = pooled[:, :, None].masked_fill(~down[:, None, :, :, None], -inf).amax(3)
        pooled = pooled[:, :, :, None].masked_fill(~across[:, None, None], -inf).amax(4)
        empty = ~(down.any(2)[:, :, None] & across.any(2)[:, None])
        return pooled.masked_fill(empty[:, None], 0).to(x.dtype)


def _inside(start: Tensor, end: Tensor, outputs: int, size: int) -> Tensor:
    """Say of every element whether it is in a bin of a region, ``(regions, outputs, size)``."""
    length = (end - start + 1).clamp(min=1)[:, None]
    number = torch.arange(outputs, device=start.device)
    begin = start[:, None] + torch.floor(number * length / outputs)
    stop = start[:, None] + torch.ceil((number + 1) * length / outputs)
    element = torch.arange(size, device=start.device)
    return (element >= begin[..., None]) & (element < stop[..., None])


class RoIAlign(Pooling):
    """The mean of samples of every bin of every region, :func:`pooling.roi_align`.

    Inputs, outputs and errors are those of :class:`RoIMaxPool`. With a ``sampling_ratio`` below 1
    the regions are read one after the other; in compiled and exported code the images are
    multiplied by matrices of weights instead, and an infinite element anywhere makes NaN.

    Args:
        output_size: The bins along each axis, one int or one per axis.
        spatial_scale: Elements of the images per unit of the boxes.
        sampling_ratio: Samples of a bin along each axis; below 1, as many as it has elements.
        aligned: Whether elements lie at their centres, half an element from their corners.

    Source: He, Gkioxari, Dollár and Girshick, "Mask R-CNN", 2017; ``torchvision.ops.RoIAlign``.

    >>> import pooling
    >>> x = torch.arange(16.0).reshape(1, 1, 4, 4)
    >>> pooling.RoIAlign2d(1, sampling_ratio=1)(x, torch.tensor([[0, 0.5, 0.5, 1.5, 1.5]])).item()
    5.0
    """

    operator = "roi_align"
    output_size: Any
    spatial_scale: float
    sampling_ratio: int
    aligned: bool

    def forward(self, x: Tensor, boxes: Tensor) -> Tensor:
        """Return the pooled regions of ``x``."""
        check_regions(x, boxes)
        # Neither the number of images nor that of regions is looked at, so that both may vary.
        shape = (1, *x.shape[1:])
        align_arguments(
            2, shape, self.output_size, self.spatial_scale, self.sampling_ratio, self.aligned
        )
        numbers = widened(x)
        if self.sampling_ratio > 0:
            return self._pooled(numbers, boxes, (self.sampling_ratio,) * 2).to(x.dtype)
        outputs = per_axis("output_size", self.output_size, 2)
        if torch.compiler.is_compiling():
            down, across = self._weights(boxes, x.shape[2:])
            of_regions = numbers[boxes[:, 0].long()]
            weighed: Tensor = down.to(numbers) @ of_regions @ across.to(numbers).mT
            return weighed.to(x.dtype)
        pooled = []
        for box in boxes:
            counts = [
                max(int(torch.ceil(length / bins)), 0)
                for length, bins in zip(self._lengths(box[None])[:, 0], outputs, strict=True)
            ]
            pooled.append(self._pooled(numbers, box[None], (counts[0], counts[1])))
        shape = (0, x.shape[1], *outputs)
        return (torch.cat(pooled) if pooled else numbers.new_zeros(shape)).to(x.dtype)

    def _corners(self, boxes: Tensor) -> Tensor:
        """Return (y1, x1, y2, x2) of every region in elements, one row for each corner."""
        corners = boxes[:, [2, 1, 4, 3]].to(torch.float64) * self.spatial_scale
        return (corners - (0.5 if self.aligned else 0.0)).T

    def _lengths(self, boxes: Tensor) -> Tensor:
        """Return the height and the width of every region, ``(2, regions)``."""
        corners = self._corners(boxes)
        lengths = corners[2:] - corners[:2]
        return lengths if self.aligned else lengths.clamp(min=1)

    def _weights(self, boxes: Tensor, sizes: Sequence[int]) -> list[Tensor]:
        """Return what every element weighs in every bin, along each axis, for all channels.

        Shapes must not depend on how many samples a bin has. They lie more than half an element
        apart if there are several, so that no more than so many lie in an image.
        """
        outputs = per_axis("output_size", self.output_size, 2)
        starts, lengths = self._corners(boxes)[:2], self._lengths(boxes)
        found = []
        for start, length, bins, size in zip(starts, lengths, outputs, sizes, strict=True):
            start, length = start[:, None, None], length[:, None, None]
            count = torch.ceil(length / bins).clamp(min=0)
            some = count.clamp(min=1)
            number = torch.arange(bins, device=boxes.device)[:, None]
            # The first sample that may lie in the image, and those after it.
            before = torch.floor((-1 - start - number * (length / bins)) / (length / bins) * some)
            of_bin = (before - 1).nan_to_num(0, 0, 0).clamp(min=0) + torch.arange(
                2 * size + 6, device=boxes.device
            )
            place = start + (number * some + of_bin + 0.5) / some * (length / bins)
            counted = (of_bin < count) & (place >= -1) & (place <= size)
            inside = place.clamp(0, size - 1)
            share = inside - inside.floor()
            below = inside.long()
            weights = boxes.new_zeros(boxes.shape[0], bins, size, dtype=torch.float64)
            for element, weight in (below, 1 - share), ((below + 1).clamp(max=size - 1), share):
                weights = weights.scatter_add(-1, element, weight.masked_fill(~counted, 0) / some)
            found.append(weights[:, None])
        return found

    def _pooled(self, x: Tensor, boxes: Tensor, counts: tuple[int, int]) -> Tensor:
        """Return the means of so many samples along each axis of every bin."""
        pooled = x[boxes[:, 0].long()]
        outputs = per_axis("output_size", self.output_size, 2)
        if 0 in counts:  # of a region without extent
            return pooled.new_zeros(*pooled.shape[:2], *outputs)
        starts, lengths = self._corners(boxes)[:2], self._lengths(boxes)
        for dim, (start, length, bins, count) in enumerate(
            zip(starts, lengths, outputs, counts, strict=True), -2
        ):
            whole = torch.arange(bins * count, dtype=torch.float64, device=x.device)
            sample = (whole + 0.5) / count
            place = start[:, None] + sample * (length / bins)[:, None]
            pooled = _interpolated(pooled, place, dim)
            pooled = pooled.unflatten(dim, (bins, count)).mean(dim)  # type: ignore[no-untyped-call]
        return pooled


def _interpolated(x: Tensor, place: Tensor, dim: int) -> Tensor:
    """Return what lies at each place of each region along an axis, and 0 too far outside."""
    size = x.shape[dim]
    inside = place.clamp(0, size - 1)
    below = inside.floor()
    shape = [x.shape[0], 1, 1, 1]
    shape[dim] = -1

    def read(places: Tensor, weights: Tensor) -> Tensor:
        index = places.long().reshape(shape)
        # Unlike take_along_dim this leaves the number of regions open in exported programs.
        taken = x.gather(dim, index.expand(*x.shape[:dim], -1, *x.shape[dim:][1:]))
        return taken * weights.to(x.dtype).reshape(shape)

    share = inside - below
    total = read(below, 1 - share) + read((below + 1).clamp(max=size - 1), share)
    outside = (place < -1) | (place > size)
    return total.masked_fill(outside.reshape(shape), 0)
