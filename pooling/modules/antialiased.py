"""Antialiased averages: one fixed matrix for each axis."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from pooling.kinds.antialiased_avg_pool import resampled_arguments
from pooling.layer import Pooling, check_input, without_autocast
from pooling.modules.windows import widened
from pooling.rebuilt.taps import spatial_sizes


def weights(size: int, outputs: int, like: Tensor) -> Tensor:
    """Return the (outputs × size) matrix of weights, of the dtype and on the device of a tensor.

    >>> (7 * weights(4, 2, torch.zeros(0))).tolist()
    [[3.0, 3.0, 1.0, 0.0], [0.0, 1.0, 3.0, 3.0]]
    """
    place = torch.arange(size, dtype=torch.float64, device=like.device) + 0.5
    output = torch.arange(outputs, dtype=torch.float64, device=like.device)[:, None] + 0.5
    reach = max(size / outputs, 1.0)
    near = (1 - (place - output * (size / outputs)).abs() / reach).clamp(min=0)
    return (near / near.sum(1, keepdim=True)).to(like.dtype)


class AntialiasedAvgPool(Pooling):
    """The mean of what lies around each output, :func:`pooling.antialiased_avg_pool`.

    Over two axes its values are those of ``torch.nn.functional.interpolate(x, output_size,
    mode="bilinear", antialias=True)``. The input is ``(N, C, *spatial)`` or ``(C, *spatial)`` and
    floating point; the output has its dtype and device. There is no state.

    Args:
        output_size: The number of outputs: one int, or one per axis.

    Raises:
        ValueError: When the module is called, an output size below 1.
        TypeError: Values of the wrong type, or an input that is not floating point.

    Source: ``torch.nn.functional.interpolate``.

    >>> import pooling
    >>> pooling.AntialiasedAvgPool1d(2)(torch.tensor([[0.0, 0.0, 7.0, 7.0]])).tolist()
    [[1.0, 6.0]]
    """

    operator = "antialiased_avg_pool"
    output_size: Any

    def forward(self, x: Tensor) -> Tensor:
        """Return the resampled ``x``, ``(N, C, *spatial)`` or unbatched."""
        check_input(x, narrow=True)
        sizes = spatial_sizes(x, self.dimensions)
        axes: Any = resampled_arguments(self.dimensions, (1, *sizes), self.output_size).axes
        pooled = widened(x)
        with without_autocast(x):
            for dim in range(-1, -len(axes) - 1, -1):
                matrix = weights(axes[dim].size, axes[dim].outputs, pooled)
                pooled = (pooled.movedim(dim, -1) @ matrix.T).movedim(-1, dim)
        return pooled.to(x.dtype)
