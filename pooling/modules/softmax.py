"""Softmax and log-sum-exp pooling: means of the taps that lean towards the largest.

Both subtract the largest tap before they take exponentials, which changes nothing in exact
arithmetic and leaves none above 1.
"""

from typing import Any

import torch
from torch import Tensor

from pooling.modules.windows import StackedWindows, WindowedPool
from pooling.parameters import check_temperature_in


class _TemperedPool(WindowedPool):
    temperature: Any

    def temperature_in(self, dtype: torch.dtype) -> float:
        """Return the temperature, unless it is out of the range of ``dtype``."""
        limits = torch.finfo(dtype)
        check_temperature_in(
            self.temperature, limits.smallest_normal, limits.max, str(dtype).removeprefix("torch.")
        )
        return float(self.temperature)


class SoftmaxPool(_TemperedPool):
    """The mean of the taps of every window weighted by their softmax, :func:`pooling.softmax_pool`.

    The input is ``(N, C, *spatial)`` or ``(C, *spatial)`` and floating point; the output has its
    dtype and device. There is no state. It is smooth, and nothing overflows. A tap of −inf counts
    for nothing; a window with +inf, or of −inf alone, is that infinity, and one with NaN is NaN.

    Args:
        kernel_size: The elements of a window, one int or one per axis.
        stride: The elements from one window to the next; ``kernel_size`` if left out.
        padding: The elements added on each side, which are never taps: one int, one per axis, or
            one pair (before, after) per axis.
        dilation: The elements from one position of a window to the next.
        ceil_mode: Whether a last window may overhang the padded input.
        temperature: A positive number, in the units of the input: small for the maximum, large for
            the mean. From the smallest normal number to a 1024th of the largest one of the dtype
            that is computed in, float32 or that of the input.

    Raises:
        ValueError: A temperature that is not positive and finite; when the module is called, one
            out of the range of the dtype, and arguments that torch refuses for a max-pooling.
        TypeError: Values of the wrong type, or an input that is not floating point.

    Source: Boureau, Ponce and LeCun, "A Theoretical Analysis of Feature Pooling in Visual
    Recognition", 2010; Dive into Deep Learning, pooling chapter, exercise on softmax.

    >>> import pooling
    >>> x = torch.tensor([[[0.0, 0.0], [0.0, 2.0]]])
    >>> [round(pooling.SoftmaxPool2d(2, temperature=T)(x).item(), 4) for T in (0.1, 1, 1e6)]
    [2.0, 1.4225, 0.5]
    """

    operator = "softmax_pool"

    def pool(self, windows: StackedWindows) -> Tensor:
        """Return m + Σ (xᵢ − m)·exp(xᵢ/T) / Σ exp(xᵢ/T), m = max x."""
        dtype = windows.positions.dtype
        temperature, limits = self.temperature_in(dtype), torch.finfo(dtype)
        largest = windows.largest()
        shift = largest.masked_fill(largest.isinf(), 0)
        # Relative to the largest tap nothing overflows. An infinity times its weight of 0 would
        # be NaN, and the largest number times 0 is not.
        below = windows.positions - shift
        below = below.masked_fill(below.isinf(), limits.min)
        weights = torch.softmax(windows.filled(below / temperature, -torch.inf), 0)
        return torch.where(largest.isinf(), largest, shift + (weights * below).sum(0))


class SoftPool(SoftmaxPool):
    """SoftPool: :class:`SoftmaxPool` at temperature 1, under the name of its paper.

    Inputs, arguments and errors are those of :class:`SoftmaxPool`, without a temperature.

    Source: Stergiou, Poppe and Kalliatakis, "Refining Activation Downsampling with SoftPool", 2021.

    >>> import pooling
    >>> round(pooling.SoftPool1d(2)(torch.tensor([[0.0, 2.0]])).item(), 4)
    1.7616
    """

    operator = "soft_pool"
    temperature = 1


class LogSumExpPool(_TemperedPool):
    """T·log of the mean of exp(xᵢ/T) over every window, :func:`pooling.logsumexp_pool`.

    The *mean* of the exponentials, so it lies between the mean of the taps and the largest. It is
    evaluated as m + T·log1p(mean of expm1((xᵢ − m)/T)), m the largest tap, which neither overflows
    nor multiplies a rounding error by T.

    Inputs, arguments and errors are those of :class:`SoftmaxPool`.

    Source: Pinheiro and Collobert, "From Image-level to Pixel-level Labeling with Convolutional
    Networks", 2015, with r = 1/T.

    >>> import pooling
    >>> x = torch.tensor([[[0.0, 0.0], [0.0, 2.0]]])
    >>> [round(pooling.LogSumExpPool2d(2, temperature=T)(x).item(), 4) for T in (0.1, 1, 1e6)]
    [1.8614, 0.9545, 0.5]
    """

    operator = "logsumexp_pool"

    def pool(self, windows: StackedWindows) -> Tensor:
        """Return T·log of the mean of exp(xᵢ/T)."""
        temperature = self.temperature_in(windows.positions.dtype)
        largest = windows.largest()
        shift = largest.masked_fill(largest.isinf(), 0)
        exponents = (windows.positions - shift) / temperature
        # Less 1, exponentials near 1 keep their digits, which a large T multiplies.
        grown = windows.filled(torch.expm1(exponents), 0).sum(0) / windows.taps
        return shift + temperature * torch.log1p(grown)
