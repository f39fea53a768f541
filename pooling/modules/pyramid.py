"""Pyramids: torch's adaptive poolings to several grids, flattened one after the other."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

import torch
import torch.nn.functional as F
from torch import Tensor

from pooling.layer import Pooling, check_input
from pooling.modules.windows import widened
from pooling.pyramids import pyramid_arguments
from pooling.rebuilt.taps import spatial_sizes


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
    pool: ClassVar[dict[int, Callable[..., Any]]] = {
        1: F.adaptive_max_pool1d,
        2: F.adaptive_max_pool2d,
        3: F.adaptive_max_pool3d,
    }

    def forward(self, x: Tensor) -> Tensor:
        """Return the bins of all levels of ``x``, ``(N, C, *spatial)`` or unbatched."""
        check_input(x, narrow=True)
        sizes = spatial_sizes(x, self.dimensions)
        pyramid_arguments(self.dimensions, (1, *sizes), self.output_size)
        numbers, pool = widened(x), self.pool[self.dimensions]
        pooled = [pool(numbers, level).flatten(-self.dimensions) for level in self.output_size]
        return torch.cat(pooled, -1).to(x.dtype)


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
    pool: ClassVar[dict[int, Callable[..., Any]]] = {
        1: F.adaptive_avg_pool1d,
        2: F.adaptive_avg_pool2d,
        3: F.adaptive_avg_pool3d,
    }
