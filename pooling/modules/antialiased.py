"""Antialiased averages: the weighted neighbours of each output, axis after axis."""

from typing import Any

import torch
from torch import Tensor

from pooling.kinds.antialiased_avg_pool import resampled_arguments
from pooling.layer import Pooling, check_input
from pooling.modules.windows import widened
from pooling.rebuilt.taps import spatial_sizes


def neighbours(size: int, outputs: int, like: Tensor) -> tuple[Tensor, Tensor]:
    """Return which elements lie near each output, and their weights: both ``(outputs, width)``.

    All outputs have as many neighbours as the one with the most; those too far away weigh 0.

    >>> places, weights = neighbours(4, 2, torch.zeros(0))
    >>> places.tolist(), (7 * weights).tolist()
    ([[0, 1, 2, 3], [0, 1, 2, 3]], [[3.0, 3.0, 1.0, 0.0], [0.0, 1.0, 3.0, 3.0]])
    """
    # In integers, 2·outputs of them to an element: no weight is nearly 0 that should be 0.
    reach = 2 * max(size, outputs)
    width = min(reach // outputs + 1, size)
    center = (2 * torch.arange(outputs, device=like.device)[:, None] + 1) * size
    first = torch.div(center - reach + outputs, 2 * outputs, rounding_mode="floor")
    places = first.clamp(0, size - width) + torch.arange(width, device=like.device)
    near = (reach - ((2 * places + 1) * outputs - center).abs()).clamp(min=0).double()
    return places, (near / near.sum(1, keepdim=True)).to(like.dtype)


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
        for dim in range(-1, -len(axes) - 1, -1):
            places, weights = neighbours(axes[dim].size, axes[dim].outputs, pooled)
            near = pooled.movedim(dim, -1)[..., places]
            # An infinity that is too far away would be NaN times its weight of 0.
            pooled = (near.masked_fill(weights == 0, 0) * weights).sum(-1).movedim(-1, dim)
        return pooled.to(x.dtype)
