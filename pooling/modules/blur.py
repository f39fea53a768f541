"""Blur pooling: a depthwise convolution with binomial weights, which strides."""

from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from pooling.kinds.blur_pool import binomial, blur_arguments
from pooling.layer import Pooling, check_input, without_autocast
from pooling.modules.windows import widened
from pooling.rebuilt.plain import CONVOLUTIONS, laid_out
from pooling.rebuilt.taps import spatial_sizes


class BlurPool(Pooling):
    """The mean of every window weighted by binomials, :func:`pooling.blur_pool`.

    The input is ``(N, C, *spatial)`` or ``(C, *spatial)`` and floating point; the output has its
    dtype and device, and ⌈n/stride⌉ elements along an axis of n. There is no state.
    ``nn.Sequential(nn.MaxPool2d(2, stride=1), BlurPool2d())`` is the paper's max-pooling.

    Args:
        kernel_size: The elements of the filter, one int or one per axis.
        stride: The elements from one output to the next.
        padding_mode: What stands outside: ``"reflect"``, ``"replicate"`` or ``"zeros"``.

    Raises:
        ValueError: When the module is called, a size below 1, an unknown mode, or a filter that
            would be reflected at both ends at once.
        TypeError: Values of the wrong type, or an input that is not floating point.

    Source: Zhang, "Making Convolutional Networks Shift-Invariant Again", 2019.

    >>> import pooling
    >>> pooling.BlurPool1d(3)(torch.tensor([[0.0, 0.0, 8.0, 8.0, 0.0, 0.0]])).tolist()
    [[0.0, 6.0, 2.0]]
    """

    operator = "blur_pool"
    padding_mode: str

    def forward(self, x: Tensor) -> Tensor:
        """Return the blurred and thinned ``x``, ``(N, C, *spatial)`` or unbatched."""
        check_input(x, narrow=True)
        sizes = spatial_sizes(x, self.dimensions)
        axes = blur_arguments(
            self.dimensions, (1, *sizes), self.kernel_size, self.stride, self.padding_mode
        ).windowed
        numbers = widened(x)
        weights: Any = torch.ones((), dtype=numbers.dtype, device=x.device)
        for dim, axis in enumerate(axes, -len(axes)):
            numbers = self._extended(numbers, dim, axis.padding)
            row = torch.tensor(binomial(axis.kernel_size), dtype=numbers.dtype, device=x.device)
            weights = weights[..., None] * row
        weights = weights / 2.0 ** sum([axis.kernel_size - 1 for axis in axes])
        channels = x.shape[-len(axes) - 1]
        with without_autocast(x):
            pooled = CONVOLUTIONS[len(axes)](
                laid_out(numbers, len(axes)),
                weights.expand(channels, 1, *weights.shape),
                stride=tuple([axis.stride for axis in axes]),
                groups=channels,
            )
        return pooled.to(x.dtype)

    def _extended(self, x: Tensor, dim: int, sides: tuple[int, int]) -> Tensor:
        """Return ``x`` with what stands outside along one axis."""
        if self.padding_mode == "zeros":
            return F.pad(x, [0, 0] * (-dim - 1) + [*sides])
        last = x.shape[dim] - 1
        places = range(-sides[0], last + 1 + sides[1])
        if self.padding_mode == "reflect":
            read = [abs(p) if p <= last else 2 * last - p for p in places]
        else:
            read = [min(max(p, 0), last) for p in places]
        return x.index_select(dim, torch.tensor(read, device=x.device))
