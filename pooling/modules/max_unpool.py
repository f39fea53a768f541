"""Max-unpooling: one scatter."""

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from pooling.kinds.max_unpool import unpooling_arguments
from pooling.layer import Pooling
from pooling.rebuilt.taps import spatial_sizes


class MaxUnpool(Pooling):
    """Maxima where they came from, and zeros elsewhere, in place of ``torch.nn.MaxUnpool2d``.

    The input is ``(N, C, *spatial)`` or ``(C, *spatial)``, of any dtype; the output has its dtype
    and device. There is no state.

    Args:
        kernel_size: The window of the pooling that is undone, one int or one per axis.
        stride: Its stride; ``kernel_size`` if left out.
        padding: Its padding on each side.

    Raises:
        ValueError: When the module is called, arguments that torch refuses.
        TypeError: Values of the wrong type.

    Source: ``torch.nn.MaxUnpool2d``.

    >>> import pooling
    >>> x = torch.tensor([[1.0, 7.0, 9.0, 3.0]])
    >>> maxima, indices = torch.nn.MaxPool1d(2, return_indices=True)(x)
    >>> pooling.MaxUnpool1d(2)(maxima, indices).tolist()
    [[0.0, 7.0, 9.0, 0.0]]
    """

    operator = "max_unpool"

    def forward(
        self, x: Tensor, indices: Tensor, output_size: Sequence[int] | None = None
    ) -> Tensor:
        """Return the unpooled ``x``; of an ``output_size`` the spatial part counts, as in torch."""
        sizes = spatial_sizes(x, self.dimensions)
        found = getattr(indices, "dtype", type(indices).__name__)
        if found not in (torch.int32, torch.int64):
            raise TypeError(f"indices must be a tensor of int32 or int64, got {found}")
        if output_size is not None and not isinstance(output_size, tuple | list):
            raise TypeError(f"output_size must be a tuple, got {output_size!r}")
        if output_size is not None and len(output_size) not in (self.dimensions, x.ndim):
            raise ValueError(
                f"output_size must have {self.dimensions} or {x.ndim} entries, "
                f"got {len(output_size)}: {tuple(output_size)}"
            )
        wanted: Any = None if output_size is None else tuple(output_size)[-self.dimensions :]
        arguments = unpooling_arguments(
            self.dimensions,
            (1, *sizes),
            self.kernel_size,
            self.stride,
            self.padding,
            output_size=wanted,
        )
        if indices.shape != x.shape:
            raise ValueError(
                f"indices must have the shape {tuple(x.shape)}, got {tuple(indices.shape)}"
            )
        outputs = [axis.outputs for axis in arguments.axes]
        leading = x.shape[: -self.dimensions]
        flat = x.new_zeros(*leading, torch.Size(outputs).numel())
        start = -self.dimensions
        filled = flat.scatter(-1, indices.flatten(start), x.flatten(start))
        return filled.reshape(*leading, *outputs)
