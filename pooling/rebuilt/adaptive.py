"""Adaptive pooling: windows that follow from the number of outputs.

Window i of m along n elements is [⌊i·n/m⌋, ⌈(i + 1)·n/m⌉). Where m divides n the windows are those
of an ordinary pooling, and an average is a convolution. Elsewhere they are ragged: an average is
then one fixed m × n matrix, and a maximum is pooled from an input in which the short windows
repeat their last element.
"""

from collections.abc import Sequence
from math import prod
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from pooling.arguments import AdaptiveAxis, Axis, adaptive_axes
from pooling.layer import Pooling, check_input, without_autocast
from pooling.rebuilt.avg_pool import average
from pooling.rebuilt.max_pool import pool_by_skips, refuse_indices
from pooling.rebuilt.maximum import SCHEMES
from pooling.rebuilt.taps import spatial_sizes
from pooling.windows import adaptive_window


def averaging_matrix(axis: AdaptiveAxis, x: Tensor) -> Tensor:
    """Return the (outputs × size) matrix that takes the mean of every window, in the dtype of x.

    >>> averaging_matrix(AdaptiveAxis(3, 2), torch.zeros(0)).tolist()
    [[0.5, 0.5, 0.0], [0.0, 0.5, 0.5]]
    """
    windows = torch.arange(axis.outputs, device=x.device)[:, None]
    start, end = adaptive_window(axis.size, axis.outputs, windows)
    element = torch.arange(axis.size, device=x.device)
    taps = (start <= element) & (element < end)
    # Integers would be divided in float32, whatever the dtype of the input.
    matrix: Tensor = (taps / (end - start).to(torch.promote_types(x.dtype, torch.float32))).to(
        x.dtype
    )
    return matrix


def equal_windows(x: Tensor, dim: int, axis: AdaptiveAxis) -> tuple[Tensor, Axis]:
    """Return ``x`` rearranged so that its windows are equally long and disjoint, and their axis.

    A short window repeats its last element, which changes no maximum.

    >>> x, axis = equal_windows(torch.tensor([1, 2, 3, 4, 5]), -1, AdaptiveAxis(5, 3))
    >>> x.tolist(), axis.kernel_size
    ([1, 2, 2, 2, 3, 4, 4, 5, 5], 3)
    """
    if axis.size % axis.outputs == 0:
        return x, _regular(axis.size, axis.outputs)
    windows = [adaptive_window(axis.size, axis.outputs, i) for i in range(axis.outputs)]
    longest = max(end - start for start, end in windows)
    places = [min(start + j, end - 1) for start, end in windows for j in range(longest)]
    x = x.index_select(dim, torch.tensor(places, device=x.device))
    return x, _regular(len(places), axis.outputs)


def _regular(size: int, outputs: int) -> Axis:
    """Return the axis of ``outputs`` disjoint windows that share ``size`` elements evenly."""
    kernel_size = size // outputs
    return Axis(size, kernel_size, kernel_size, (0, 0), 1, False, outputs, outputs)


class _AdaptivePool(Pooling):
    rebuilt = True
    output_size: Any

    def axes(self, x: Tensor) -> tuple[AdaptiveAxis, ...]:
        """Return the checked axes of ``x``."""
        return adaptive_axes(spatial_sizes(x, self.dimensions), self.output_size)


def _nothing(x: Tensor, axes: Sequence[AdaptiveAxis]) -> Tensor | None:
    """Return the empty output if there are no windows at all."""
    outputs = [axis.outputs for axis in axes]
    return None if all(outputs) else x.new_zeros(*x.shape[: -len(axes)], *outputs)


class AdaptiveAvgPool(_AdaptivePool):
    """Adaptive average pooling as a convolution, in place of ``torch.nn.AdaptiveAvgPool2d``.

    An axis whose windows are ragged is multiplied by one fixed matrix instead. Its zeros turn an
    infinity anywhere along that axis into NaN in the windows beside it, and NaN spreads as well.
    With ``output_size=1`` this is global average pooling.

    The input is ``(N, C, *spatial)`` or ``(C, *spatial)`` and floating point; the output has its
    dtype and device, but not its memory format where an axis is ragged. There is no state. A
    program that ``torch.export`` makes of it takes any batch, but only images of the size that it
    was shown.

    Args:
        output_size: The number of windows: one int, or one per axis, ``None`` for as many as there
            are elements.

    Raises:
        ValueError: Arguments that torch refuses, when the module is called.
        TypeError: Values of the wrong type, or an input that is not floating point.

    Source: ``torch.nn.AdaptiveAvgPool2d``.

    >>> import pooling
    >>> pooling.AdaptiveAvgPool2d(1)(torch.arange(9.0).reshape(1, 3, 3)).tolist()
    [[[4.0]]]
    >>> x = torch.tensor([[[1.0, 2.0], [3.0, 4.0], [5.0, 8.0]]])
    >>> pooling.AdaptiveAvgPool2d((2, None))(x).tolist()
    [[[2.0, 3.0], [4.0, 6.0]]]
    """

    operator = "adaptive_avg_pool"

    def forward(self, x: Tensor) -> Tensor:
        """Return the mean of every window of ``x``, ``(N, C, *spatial)`` or unbatched."""
        check_input(x)
        axes = self.axes(x)
        if (nothing := _nothing(x, axes)) is not None:
            return nothing
        ragged = {
            dim: axis for dim, axis in enumerate(axes, -self.dimensions) if axis.size % axis.outputs
        }
        with without_autocast(x):
            for dim, axis in ragged.items():
                x = F.linear(x.movedim(dim, -1), averaging_matrix(axis, x)).movedim(-1, dim)
        if len(ragged) == self.dimensions:
            return x
        regular = [
            _regular(size, axis.outputs)
            for size, axis in zip(x.shape[-self.dimensions :], axes, strict=True)
        ]
        return average(x, regular, prod([axis.kernel_size for axis in regular]))


class AdaptiveMaxPool(_AdaptivePool):
    """Adaptive max-pooling by ReLU, in place of ``torch.nn.AdaptiveMaxPool2d``.

    Its windows depend on the size of the input, so it has no form without skips. Inputs, schemes
    and errors are otherwise those of :class:`pooling.rebuilt.max_pool.MaxPool`, and memory
    formats those of :class:`AdaptiveAvgPool`.

    Args:
        output_size: As in :class:`AdaptiveAvgPool`.
        return_indices: Must be False: a ReLU does not know positions.
        scheme: ``"fold"``, ``"tree"`` or ``"separable"``.

    Source: ``torch.nn.AdaptiveMaxPool2d``.

    >>> import pooling
    >>> pooling.AdaptiveMaxPool2d(2)(torch.arange(9.0).reshape(1, 3, 3)).tolist()
    [[[4.0, 5.0], [7.0, 8.0]]]
    """

    operator = "adaptive_max_pool"

    takes = ("output_size", "return_indices")
    return_indices: bool

    def __init__(self, *args: Any, scheme: str = "fold", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        refuse_indices(self.return_indices)
        if scheme not in SCHEMES:
            raise ValueError(
                f"scheme must be one of {', '.join(SCHEMES)} for an adaptive pooling, whose "
                f"windows depend on the size of the input, got {scheme!r}"
            )
        self.scheme = scheme

    def forward(self, x: Tensor) -> Tensor:
        """Return the largest tap of every window of ``x``, ``(N, C, *spatial)`` or unbatched."""
        check_input(x, integers=True)
        axes = self.axes(x)
        if (nothing := _nothing(x, axes)) is not None:
            return nothing
        equal = []
        for dim, axis in enumerate(axes, -self.dimensions):
            x, regular = equal_windows(x, dim, axis)
            equal.append(regular)
        return pool_by_skips(x, equal, self.scheme)

    def extra_repr(self) -> str:
        """Return the arguments for ``repr``, as torch's layers print theirs."""
        return f"{super().extra_repr()}, scheme={self.scheme}"
