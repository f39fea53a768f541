"""Pyramids: adaptive poolings to several grids, flattened one after the other.

Bins are reduced axis after axis, the last one first, so that of equal taps the first one of a bin
gets the gradient, as in torch's adaptive max-pooling; programs of ONNX have no such operator.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from pooling.arguments import AdaptiveAxis
from pooling.layer import Pooling, check_input
from pooling.modules.windows import widened
from pooling.pyramids import pyramid_arguments
from pooling.rebuilt.taps import spatial_sizes
from pooling.windows import adaptive_window


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

    def reduced(self, bin: Tensor, dim: int) -> Tensor:
        """Return the largest element along a dimension."""
        return bin.max(dim).values

    def forward(self, x: Tensor) -> Tensor:
        """Return the bins of all levels of ``x``, ``(N, C, *spatial)`` or unbatched."""
        check_input(x, narrow=True)
        sizes = spatial_sizes(x, self.dimensions)
        arguments = pyramid_arguments(self.dimensions, (1, *sizes), self.output_size)
        pooled = []
        for level in arguments.levels:
            bins = widened(x)
            for dim in range(-1, -self.dimensions - 1, -1):
                bins = self._bins(bins, dim, level.adaptive[dim])
            pooled.append(bins.flatten(-self.dimensions))
        return torch.cat(pooled, -1).to(x.dtype)

    def _bins(self, x: Tensor, dim: int, axis: AdaptiveAxis) -> Tensor:
        """Return what is made of every bin along a dimension."""
        windows = [adaptive_window(axis.size, axis.outputs, i) for i in range(axis.outputs)]
        reduced = [self.reduced(x.narrow(dim, start, end - start), dim) for start, end in windows]
        return torch.stack(reduced, dim)


class PyramidAvgPool(SpatialPyramidPool):
    """The mean of every bin of several grids, :func:`pooling.pyramid_avg_pool`.

    It is what the pyramid pooling module of PSPNet pools; its convolutions and its interpolation
    back to the size of the input are no pooling. Inputs, outputs, arguments and errors are those of
    :class:`SpatialPyramidPool`.

    Source: Zhao, Shi, Qi, Wang and Jia, "Pyramid Scene Parsing Network", 2017.

    >>> import pooling
    >>> pooling.PyramidAvgPool1d((1, 2))(torch.tensor([[1.0, 3.0, 2.0, 0.0]])).tolist()
    [[1.5, 2.0, 1.0]]
    """

    operator = "pyramid_avg_pool"

    def reduced(self, bin: Tensor, dim: int) -> Tensor:
        """Return the mean along a dimension."""
        return bin.mean(dim)
