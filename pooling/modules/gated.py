"""Gated and attention pooling: a window, or an image, is weighted by what was learnt."""

from math import inf
from typing import Any

import torch
from torch import Tensor, nn

from pooling.checks import per_axis
from pooling.layer import Pooling, check_input
from pooling.modules.windows import StackedWindows, WindowedPool, widened
from pooling.rebuilt.taps import spatial_sizes


class GatedPool(WindowedPool):
    """A blend of maximum and mean by a share of each window, :func:`pooling.gated_pool`.

    The input is ``(N, C, *spatial)`` or ``(C, *spatial)`` and floating point; the output has its
    dtype and device. The gating mask, one for all channels, is the parameter ``weight`` of the
    shape of a window. It starts at zero, where maximum and mean have equal shares.

    Args:
        kernel_size: The elements of a window, one int or one per axis.
        stride: The elements from one window to the next; ``kernel_size`` if left out.
        padding: The elements added on each side, which are never taps: one int, one per axis, or
            one pair (before, after) per axis.
        dilation: The elements from one position of a window to the next.
        ceil_mode: Whether a last window may overhang the padded input.

    Raises:
        ValueError: When the module is called, arguments that torch refuses for a max-pooling.
        TypeError: Values of the wrong type, or an input that is not floating point.

    Source: Lee, Gallagher and Tu, "Generalizing Pooling Functions in Convolutional Neural
    Networks", 2016.

    >>> import pooling
    >>> pooling.GatedPool1d(2)(torch.tensor([[1.0, 3.0, 0.0, 8.0]])).tolist()
    [[2.5, 6.0]]
    """

    operator = "gated_pool"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        sizes = per_axis("kernel_size", self.kernel_size, self.dimensions)
        self.weight = nn.Parameter(torch.zeros(*sizes))

    def pool(self, windows: StackedWindows) -> Tensor:
        """Return mean + σ(Σ wᵢ·xᵢ)·(largest − mean)."""
        taps = windows.filled(windows.positions, 0)
        mask = self.weight.to(taps).flatten().reshape(-1, *[1] * (taps.ndim - 1))
        largest = windows.filled(windows.positions, -inf).amax(0)
        mean = taps.sum(0) / windows.taps
        return (largest - mean) * torch.sigmoid((taps * mask).sum(0)) + mean


class AttentionPool(Pooling):
    """The mean of all positions weighted by how they match one learnt query.

    Scores are ⟨query, x⟩/√C at every position, weights their softmax over all of them, and every
    channel is averaged with the same weights: :func:`pooling.attention_pool` of one window, which
    is the whole input. The input is ``(N, C, *spatial)`` or ``(C, *spatial)`` and floating point;
    the output has one position, and the dtype and device of the input.

    Args:
        channels: C, the channels of the input, and the elements of the parameter ``query``. It
            starts at zero, where this is global average pooling.

    Raises:
        ValueError: A number of channels below 1; when the module is called, an input of another.
        TypeError: Values of the wrong type, or an input that is not floating point.

    Source: Bahdanau, Cho and Bengio, "Neural Machine Translation by Jointly Learning to Align and
    Translate", 2015; Ilse, Tomczak and Welling, "Attention-based Deep Multiple Instance Learning",
    2018.

    >>> import pooling
    >>> pooling.AttentionPool1d(1)(torch.tensor([[1.0, 3.0]])).tolist()
    [[2.0]]
    """

    operator = "attention_pool"
    fixes = ("kernel_size", "stride", "padding", "dilation", "ceil_mode", "query")

    def __init__(self, channels: int) -> None:
        super().__init__()
        if type(channels) is not int:
            raise TypeError(f"channels must be an int, got {channels!r}")
        if channels < 1:
            raise ValueError(f"channels must be at least 1, got {channels}")
        self.query = nn.Parameter(torch.zeros(channels))

    def as_operator(self) -> tuple[str, dict[str, Any]]:
        """Return the operator with a window as large as the input, its scores computed as well."""
        return f"{self.operator}{self.dimensions}d", {"kernel_size": None, "query": True}

    def forward(self, x: Tensor) -> Tensor:
        """Return one number for each channel of ``x``, ``(N, C, *spatial)`` or unbatched."""
        check_input(x, narrow=True)
        spatial_sizes(x, self.dimensions)
        start = -self.dimensions
        if x.shape[start - 1] != len(self.query):
            raise ValueError(
                f"input must have {len(self.query)} channels, got {x.shape[start - 1]}"
            )
        values = widened(x).flatten(start)
        scores = (self.query.to(values)[:, None] * values).sum(-2) / len(self.query) ** 0.5
        pooled = (torch.softmax(scores, -1)[..., None, :] * values).sum(-1)
        return pooled.reshape(*pooled.shape, *[1] * self.dimensions).to(x.dtype)
