"""Pyramids: adaptive poolings to several grids, those of maxima flattened one after the other.

Bins are reduced axis after axis, the last one first, so that of equal taps the first one of a bin
gets the gradient, as in torch's adaptive max-pooling; programs of ONNX have no such operator.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor

from pooling.arguments import AdaptiveAxis
from pooling.layer import Pooling, check_input
from pooling.modules.windows import widened
from pooling.pyramids import pyramid_arguments
from pooling.rebuilt.taps import spatial_sizes
from pooling.windows import adaptive_window


def largest(bins: Tensor, dim: int) -> Tensor:
    """Return the largest element along a dimension."""
    return bins.max(dim).values


def mean(bins: Tensor, dim: int) -> Tensor:
    """Return the mean along a dimension."""
    return bins.mean(dim)


def reduced(
    x: Tensor, axes: Sequence[AdaptiveAxis], reduction: Callable[[Tensor, int], Tensor]
) -> Tensor:
    """Return what a reduction makes of every bin of ``x``, ``(*leading, *outputs)``.

    >>> reduced(torch.tensor([1.0, 3.0, 2.0]), [AdaptiveAxis(3, 2)], mean).tolist()
    [2.0, 2.5]
    """
    for dim in range(-1, -len(axes) - 1, -1):
        axis = axes[dim]
        windows = [adaptive_window(axis.size, axis.outputs, i) for i in range(axis.outputs)]
        bins = [reduction(x.narrow(dim, start, end - start), dim) for start, end in windows]
        x = torch.stack(bins, dim)
    return x


class SpatialPyramidPool(Pooling):
    """The largest tap of every bin of several grids, :func:`pooling.spatial_pyramid_pool`.

    The input is ``(N, C, *spatial)`` or ``(C, *spatial)`` and floating point, of any size; the
    output is ``(N, C, bins)`` or ``(C, bins)`` with the bins of all levels, and has its dtype and
    device. There is no state.

    Args:
        output_size: The levels: the bins of each, one int or one per axis.

    Raises:
        ValueError: When the module is called, no level at all, or a level without bins.
        TypeError: Values of the wrong type, or an input that is not floating point.

    Source: He, Zhang, Ren and Sun, "Spatial Pyramid Pooling in Deep Convolutional Networks for
    Visual Recognition", 2014.

    >>> import pooling
    >>> pooling.SpatialPyramidPool1d((1, 2))(torch.tensor([[1.0, 3.0, 2.0, 0.0]])).tolist()
    [[3.0, 3.0, 2.0]]
    """

    operator = "spatial_pyramid_pool"
    output_size: Any

    def forward(self, x: Tensor) -> Tensor:
        """Return the bins of all levels of ``x``, ``(N, C, *spatial)`` or unbatched."""
        check_input(x, narrow=True)
        sizes = spatial_sizes(x, self.dimensions)
        arguments = pyramid_arguments(self.dimensions, (1, *sizes), self.output_size)
        pooled = [
            reduced(widened(x), level.adaptive, largest).flatten(-self.dimensions)
            for level in arguments.levels
        ]
        return torch.cat(pooled, -1).to(x.dtype)
