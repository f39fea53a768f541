"""Global average and max-pooling: one window, which is the whole input."""

from typing import Any

import torch.nn.functional as F
from torch import Tensor

from pooling.layer import Pooling, check_input
from pooling.modules.windows import widened
from pooling.rebuilt.taps import spatial_sizes


class _GlobalPool(Pooling):
    fixes = ("output_size",)

    def as_operator(self) -> tuple[str, dict[str, Any]]:
        """Return the adaptive pooling to one output."""
        return f"{self.operator}{self.dimensions}d", {"output_size": 1}

    def forward(self, x: Tensor) -> Tensor:
        """Return one number for each channel of ``x``, ``(N, C, *spatial)`` or unbatched."""
        check_input(x, narrow=True)
        spatial_sizes(x, self.dimensions)
        pooled: Tensor = getattr(F, f"{self.operator}{self.dimensions}d")(widened(x), 1)
        return pooled.to(x.dtype)


class GlobalAvgPool(_GlobalPool):
    """The mean of each channel: ``torch.nn.AdaptiveAvgPool2d(1)`` by its usual name.

    The input is ``(N, C, *spatial)`` or ``(C, *spatial)`` and floating point; the output, ``(N, C,
    1, 1)`` or ``(C, 1, 1)``, has its dtype and device. There are no arguments and no state.

    Raises:
        ValueError: When the module is called, an input of another rank or without channels.
        TypeError: An input that is not floating point.

    Source: Lin, Chen and Yan, "Network In Network", 2014, section 3.2.

    >>> import pooling
    >>> import torch
    >>> pooling.GlobalAvgPool2d()(torch.arange(9.0).reshape(1, 3, 3)).tolist()
    [[[4.0]]]
    """

    operator = "adaptive_avg_pool"


class GlobalMaxPool(_GlobalPool):
    """The maximum of each channel: ``torch.nn.AdaptiveMaxPool2d(1)`` by its usual name.

    Inputs, outputs and errors are those of :class:`GlobalAvgPool`.

    >>> import pooling
    >>> import torch
    >>> pooling.GlobalMaxPool2d()(torch.arange(9.0).reshape(1, 3, 3)).tolist()
    [[[8.0]]]
    """

    operator = "adaptive_max_pool"
