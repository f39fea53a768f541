"""Average pooling as a depthwise convolution with constant weights.

One convolution is all of it where every window is divided by the same number. Windows that overhang
the padding, or whose padding does not count, are divided by less: no convolution can know that, so
its result is multiplied by a constant of the position.

A convolution adds up a whole window, and its error grows with that. Windows longer than 32
elements along one of two axes, or 10 along one of three, are averaged along one axis after the
other, which is as many convolutions with as many roundings as there are elements along the axes.
(No product of sizes decides: proofs for every size do not follow one.) And where 1/divisor is
subnormal, a weight would lose digits: there it is a product of factors that are not.
"""

from collections.abc import Sequence
from math import prod
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from pooling.arguments import Axis, Window
from pooling.arithmetic import ceil_divide, maximum, minimum
from pooling.kinds.avg_pool import average_arguments
from pooling.layer import Pooling, check_input, without_autocast
from pooling.rebuilt.plain import CONVOLUTIONS, laid_out
from pooling.rebuilt.taps import by_dimension, last_read, spatial_sizes
from pooling.windows import output_size

#: The elements along an axis of a window up to which one convolution takes all of it, by the number
#: of axes: a thousand positions at most.
LONGEST = {2: 32, 3: 10}


def average(x: Tensor, axes: Sequence[Axis], divisor: int) -> Tensor:
    """Return the sums of the windows of ``x`` over ``divisor``, padding counted as zeros.

    One convolution, or one along each axis of a window longer than :data:`LONGEST`.

    Args:
        x: A floating point tensor of shape ``(N, C, *spatial)`` or ``(C, *spatial)``.
        axes: One axis per spatial axis.
        divisor: What every window is divided by.

    >>> from pooling.arguments import Window
    >>> axes = Window(kernel_size=2).axes((4,))
    >>> average(torch.tensor([[1.0, 3.0, 4.0, 8.0]]), axes, divisor=2).tolist()
    [[2.0, 6.0]]
    """
    if len(axes) == 1 or all([axis.kernel_size <= LONGEST[len(axes)] for axis in axes]):
        return _convolved(x, axes, 1 / divisor)
    left = 1 / divisor
    for number, axis in enumerate(axes):
        along = [Window(1).axes((size,))[0] for size in x.shape[-len(axes) :]]
        along[number] = axis
        last = number == len(axes) - 1
        x = _convolved(x, along, left if last else 1 / axis.kernel_size)
        left = left * axis.kernel_size
    return x


def factors(factor: float, dtype: torch.dtype) -> list[float]:
    """Return numbers whose product is ``factor``, none of them subnormal in ``dtype``.

    >>> factors(1 / 3, torch.float16), factors(-1e-6, torch.float16)
    ([0.3333333333333333], [6.103515625e-05, -0.016384])
    """
    tiny = torch.finfo(dtype).smallest_normal
    found = []
    while 0 < abs(factor) < tiny:
        found.append(tiny)
        factor = factor / tiny
    return [*found, factor]


def _convolved(x: Tensor, axes: Sequence[Axis], weight: float) -> Tensor:
    """Return the sums of the windows of ``x``, each tap times ``weight``, by one convolution."""
    first, *others = factors(weight, x.dtype)
    channels = x.shape[-len(axes) - 1]
    window = [axis.kernel_size for axis in axes]
    padding = tuple([axis.padding[0] for axis in axes])
    if not all(_places(axis) for axis in axes):
        edges = [(axis.padding[0], max(last_read(axis) + 1 - axis.size, 0)) for axis in axes]
        x = F.pad(x, [edge for pair in reversed(edges) for edge in pair])
        padding = (0,) * len(axes)
    with without_autocast(x):
        summed: Tensor = CONVOLUTIONS[len(axes)](
            laid_out(x, len(axes)),
            x.new_full((1, 1, *window), first).expand(channels, *[-1] * (len(axes) + 1)),
            stride=tuple([axis.stride for axis in axes]),
            padding=padding,
            dilation=tuple([axis.dilation for axis in axes]),
            groups=channels,
        )
    for factor in others:
        summed = summed * factor
    return summed


def _places(axis: Axis) -> bool:
    """Say whether a convolution that pads both sides alike has the windows of ``axis``."""
    edges = (axis.padding[0], axis.padding[0])
    fitting = output_size(axis.size, axis.kernel_size, axis.stride, edges, axis.dilation)
    return bool(fitting == axis.outputs)


def extents(axis: Axis, count_include_pad: bool, device: torch.device) -> Tensor:
    """Return how many positions each window counts along ``axis``, padding included or not.

    >>> from pooling.arguments import Window
    >>> axis, = Window(kernel_size=3, stride=2, padding=1).axes((5,))
    >>> extents(axis, False, torch.device("cpu")).tolist()
    [2, 3, 2]
    """
    before, after = axis.padding if count_include_pad else (0, 0)
    # Of window i so many positions lie before what counts, of the i-th from the end behind it.
    low = _lost(axis, axis.padding[0] - before)
    high = _lost(axis, last_read(axis) + 1 - axis.size - after)[::-1]
    left, right = (torch.tensor(lost, dtype=torch.int64, device=device) for lost in (low, high))
    others = [left.new_zeros(axis.outputs - len(lost)) for lost in (low, high)]
    counted: Tensor = (
        axis.kernel_size - torch.cat([left, others[0]]) - torch.cat([others[1], right])
    )
    return counted


def _lost(axis: Axis, beyond: int) -> list[int]:
    """Return how many positions windows lose at an end, the outermost first, while any is lost."""
    windows = minimum(maximum(ceil_divide(beyond, axis.stride), 0), axis.outputs)
    return [
        min(ceil_divide(beyond - i * axis.stride, axis.dilation), axis.kernel_size)
        for i in range(windows)
    ]


class AvgPool(Pooling):
    """Average pooling as a convolution, in place of ``torch.nn.AvgPool2d``.

    The input is ``(N, C, *spatial)`` or ``(C, *spatial)`` and floating point; the output has its
    dtype and device. There is no state. Rounding takes values from the exact ones by (n + 2)·u
    times the sum of the absolute values over the divisor at most (to first order), and by 2u more
    per axis that is scaled. n is the number of positions of a window up to 32 × 32, or 10 × 10 ×
    10, or of any along one axis; of longer ones n + 2 is the sum of k + 2 over the axes, k elements
    long. u is 2⁻¹¹ in float16, 2⁻⁸ in bfloat16, 2⁻²⁴ in float32 and 2⁻⁵³ in float64. Where
    1/divisor is subnormal it is 2u more, and results that are subnormal are off by at most their
    spacing more. On CUDA devices that needs ``torch.backends.cudnn.allow_tf32 = False``. Autocast
    changes nothing. A program that ``torch.export`` makes of it takes any batch, but only images of
    the size that it was shown.

    Args:
        kernel_size: The elements of a window, one int or one per axis.
        stride: The elements from one window to the next; ``kernel_size`` if left out.
        padding: The zeros added on each side: one int, one per axis, or one pair (before, after)
            per axis.
        ceil_mode: Whether a last window may overhang the padded input.
        count_include_pad: Whether the divisor counts the padding.
        divisor_override: The divisor of every window, if given.
        dilation: The elements from one position of a window to the next, which torch's layer
            lacks; by name only.

    Raises:
        ValueError: Arguments that torch refuses, when the module is called.
        TypeError: Values of the wrong type, or an input that is not floating point.

    Source: Dive into Deep Learning, pooling chapter, exercise on average pooling as a convolution;
    the divisors are those of ``torch.nn.AvgPool2d``.

    >>> import pooling
    >>> pooling.AvgPool2d(2, stride=1)(torch.arange(9.0).reshape(1, 3, 3)).tolist()
    [[[2.0, 3.0], [5.0, 6.0]]]
    >>> pool = pooling.AvgPool2d(2, padding=((1, 0), (0, 0)), count_include_pad=False)
    >>> pool(torch.ones(1, 3, 2)).tolist()
    [[[1.0], [1.0]]]
    """

    operator = "avg_pool"
    by_name = ("dilation",)
    rebuilt = True
    count_include_pad: bool
    divisor_override: Any

    def as_operator(self) -> tuple[str, dict[str, Any]] | None:
        """Return the operator, to which torch gives no ``divisor_override`` over one axis."""
        if self.dimensions > 1:
            return super().as_operator()
        operator, arguments = super().as_operator() or ("avg_pool1d", {})
        divisor_override = arguments.pop("divisor_override")
        return None if divisor_override is not None else (operator, arguments)

    def forward(self, x: Tensor) -> Tensor:
        """Return the mean of every window of ``x``, ``(N, C, *spatial)`` or unbatched."""
        check_input(x)
        sizes = spatial_sizes(x, self.dimensions)
        arguments = average_arguments(
            self.dimensions,
            (1, *sizes),
            self.kernel_size,
            self.stride,
            self.padding,
            self.ceil_mode,
            self.count_include_pad,
            self.divisor_override,
            dilation=self.dilation,
        )
        axes = [axis for axis in arguments.axes if isinstance(axis, Axis)]
        if self.divisor_override is not None:
            return average(x, axes, self.divisor_override)
        mean = average(x, axes, prod([axis.kernel_size for axis in axes]))
        for dim, axis in by_dimension(axes).items():
            if not self._uniform(axis):
                counted = extents(axis, self.count_include_pad, x.device)
                # Integers would be divided in float32, whatever the dtype of the input.
                counted = counted.to(torch.promote_types(x.dtype, torch.float32))
                # A number over a tensor is torch's reciprocal times it, which is rounded twice.
                scale = (torch.full_like(counted, axis.kernel_size) / counted).to(x.dtype)
                mean = mean * scale.reshape(-1, *[1] * (-dim - 1))
        return mean

    def _uniform(self, axis: Axis) -> bool:
        """Say whether all windows along ``axis`` count as many elements as they have positions."""
        before, after = axis.padding if self.count_include_pad else (0, 0)
        return bool(axis.padding[0] <= before and last_read(axis) < axis.size + after)
