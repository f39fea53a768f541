"""What is pooled beside the input: cascades of max-poolings, and stretched pyramids of means."""

from __future__ import annotations

from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from pooling.kinds.psp_pool import psp_arguments
from pooling.kinds.sppf_pool import sppf_arguments
from pooling.layer import Pooling, check_input
from pooling.modules.pyramid import mean, reduced
from pooling.modules.windows import widened
from pooling.rebuilt.taps import spatial_sizes
from pooling.side_by_side import SideBySide

#: Axes → torch's max-pooling over so many, and its name of linear interpolation.
_OVER = {
    1: (F.max_pool1d, "linear"),
    2: (F.max_pool2d, "bilinear"),
    3: (F.max_pool3d, "trilinear"),
}


class SPPFPool(Pooling):
    """The input, and max-poolings of it in cascade, side by side: :func:`pooling.sppf_pool`.

    The input is ``(N, C, *spatial)`` or ``(C, *spatial)`` and floating point; the output has
    ``(1 + n)·C`` channels of the same size, and its dtype and device. There is no state.

    Args:
        kernel_size: The elements of a window, odd: one int or one per axis.
        n: How many max-poolings follow each other.

    Raises:
        ValueError: When the module is called, an even ``kernel_size``, or an ``n`` below 1.
        TypeError: Values of the wrong type, or an input that is not floating point.

    Source: SPPF of Ultralytics' YOLOv5, without its convolutions.

    >>> import pooling
    >>> pooling.SPPFPool1d(3, n=1)(torch.tensor([[0.0, 7.0, 0.0, 0.0]])).tolist()
    [[0.0, 7.0, 0.0, 0.0], [7.0, 7.0, 7.0, 0.0]]
    """

    operator = "sppf_pool"
    n: int

    def forward(self, x: Tensor) -> Tensor:
        """Return ``x`` and its maxima, ``(N, (1 + n)·C, *spatial)`` or unbatched."""
        check_input(x, narrow=True)
        sizes = spatial_sizes(x, self.dimensions)
        arguments = sppf_arguments(self.dimensions, (1, *sizes), self.kernel_size, self.n)
        pool: Any = _OVER[self.dimensions][0]
        window = tuple([axis.kernel_size for axis in arguments.windowed])
        parts = [widened(x)]
        for _ in range(self.n):
            parts.append(pool(parts[-1], window, 1, tuple([size // 2 for size in window])))
        return torch.cat(parts, -self.dimensions - 1).to(x.dtype)


class PSPPool(Pooling):
    """The input, and its means over several grids stretched beside it: :func:`pooling.psp_pool`.

    It is the pyramid pooling module of PSPNet without its convolutions. The input is ``(N, C,
    *spatial)`` or ``(C, *spatial)`` and floating point; the output has ``(1 + levels)·C`` channels
    of the same size, and its dtype and device. There is no state.

    Args:
        output_size: The levels: the bins of each, one int or one per axis.
        align_corners: As in ``torch.nn.functional.interpolate``.

    Raises:
        ValueError: When the module is called, no level at all, or a level without bins.
        TypeError: Values of the wrong type, or an input that is not floating point.

    Source: Zhao, Shi, Qi, Wang and Jia, "Pyramid Scene Parsing Network", 2017.

    >>> import pooling
    >>> pooling.PSPPool1d((1,))(torch.tensor([[0.0, 1.0, 5.0]])).tolist()
    [[0.0, 1.0, 5.0], [2.0, 2.0, 2.0]]
    """

    operator = "psp_pool"
    output_size: Any
    align_corners: bool

    def forward(self, x: Tensor) -> Tensor:
        """Return ``x`` and its means, ``(N, (1 + levels)·C, *spatial)`` or unbatched."""
        check_input(x, narrow=True)
        sizes = spatial_sizes(x, self.dimensions)
        read = psp_arguments(self.dimensions, (1, *sizes), self.output_size, self.align_corners)
        assert isinstance(read, SideBySide)
        numbers = widened(x)
        numbers = numbers[None] if x.ndim == self.dimensions + 1 else numbers
        parts = [numbers]
        for level in read.parts:
            pooled = reduced(numbers, level.adaptive, mean)
            # A single bin along an axis is repeated; torch's compiler fails at its gradient, and
            # an infinite one would meet a weight of 0.
            grid = zip(pooled.shape[2:], sizes, strict=True)
            pooled = pooled.expand(-1, -1, *[size if bins == 1 else bins for bins, size in grid])
            if pooled.shape[2:] != torch.Size(sizes):
                mode = _OVER[self.dimensions][1]
                pooled = F.interpolate(pooled, sizes, mode=mode, align_corners=self.align_corners)
            parts.append(pooled)
        stacked = torch.cat(parts, 1).to(x.dtype)
        return stacked[0] if x.ndim == self.dimensions + 1 else stacked
