"""All windows of a tensor at once, and which of their positions are taps.

Unlike a maximum, a sum of taps must not count a position of the padding, and unlike a fold these
poolings take all taps of a window together. So the positions are stacked: one dimension in front
of the output's, which takes as much memory as there are positions in all windows.
"""

from collections.abc import Sequence
from math import inf, nan, prod
from typing import Any, ClassVar, NamedTuple

import torch
from torch import Tensor

from pooling.arguments import Axis, Window
from pooling.layer import Pooling, check_input
from pooling.rebuilt.taps import by_dimension, last_read, spatial_sizes, taps


class StackedWindows(NamedTuple):
    """The positions of all windows, of shape ``(positions, *leading, *outputs)``, and their taps.

    A position outside the input holds some element of the same window instead. Windows without any
    tap are not told apart here.

    >>> windows = windows_of(torch.tensor([[1.0, 2.0]]), Window(3, 1, padding=1).axes((2,)))
    >>> windows.filled(windows.positions, 0.0)[:, 0].T.tolist(), windows.taps.tolist()
    ([[0.0, 1.0, 2.0], [1.0, 2.0, 0.0]], [2, 2])
    """

    positions: Tensor
    #: Whether a position is a tap, of shape ``(positions, *outputs)``; ``None`` if all are.
    inside: Tensor | None
    #: The windows along each axis.
    axes: Sequence[Axis] = ()

    def filled(self, values: Tensor, value: float) -> Tensor:
        """Return ``values``, one for each position, with ``value`` outside the input."""
        if self.inside is None:
            return values
        leading = values.ndim - self.inside.ndim
        mask = self.inside.reshape(-1, *[1] * leading, *self.inside.shape[1:])
        return values.masked_fill(~mask, value)

    @property
    def taps(self) -> Tensor | int:
        """The number of taps of each window: of shape ``outputs``, or one number for all."""
        return len(self.positions) if self.inside is None else self.inside.sum(0)

    def largest(self) -> Tensor:
        """Return the largest tap of each window, as a constant to the gradient."""
        return self.filled(self.positions, -inf).amax(0).detach()


def windows_of(x: Tensor, axes: Sequence[Axis]) -> StackedWindows:
    """Return the windows of ``x``, which has the shape ``(*leading, *spatial)``."""
    reaching_out = any(axis.padding[0] or last_read(axis) >= axis.size for axis in axes)
    inside = taps_inside(axes, x.device) if reaching_out else None
    return StackedWindows(torch.stack(taps(x, by_dimension(axes))), inside, axes)


def taps_inside(axes: Sequence[Axis], device: torch.device) -> Tensor:
    """Say of every position of every window whether it is inside, ``(positions, *outputs)``.

    >>> taps_inside(Window(3, stride=1, padding=1).axes((2,)), torch.device("cpu")).tolist()
    [[False, True], [True, True], [True, False]]
    """
    count = len(axes)
    inside = torch.ones((), dtype=torch.bool, device=device)
    for number, axis in enumerate(axes):
        start = torch.arange(axis.outputs, device=device) * axis.stride - axis.padding[0]
        step = torch.arange(axis.kernel_size, device=device) * axis.dilation
        place = start + step[:, None]
        shape = [1] * 2 * count
        shape[number], shape[count + number] = axis.kernel_size, axis.outputs
        inside = inside & ((place >= 0) & (place < axis.size)).reshape(shape)
    positions = prod([axis.kernel_size for axis in axes])
    return inside.reshape(positions, *[axis.outputs for axis in axes])


def widened(x: Tensor) -> Tensor:
    """Return ``x`` in float32 if its dtype is narrower, else as it is.

    >>> widened(torch.ones(1, dtype=torch.float16)).dtype
    torch.float32
    """
    return x.float() if x.dtype.itemsize < 4 else x


def check_non_negative(x: Tensor, who: str) -> None:
    """Refuse a tensor with a negative element, unless its values cannot be looked at.

    Compiled or exported code and meta tensors have no values to decide by.

    >>> check_non_negative(torch.tensor([1.0, -3.0]), "a stochastic pooling")
    Traceback (most recent call last):
    ...
    ValueError: input must not be negative in a stochastic pooling, got -3.0 at (1,)
    """
    if x.is_meta or torch.compiler.is_compiling():
        return
    negative = widened(x.detach()) < 0
    if negative.any():
        place = tuple(negative.nonzero()[0].tolist())
        raise ValueError(f"input must not be negative in {who}, got {x[place].item()} at {place}")


class WindowedPool(Pooling):
    """A pooling of the taps of each window, whatever it makes of them."""

    #: The result of a window without any tap, which dilation can bring about.
    nothing: ClassVar[float] = nan
    #: Those that an operator may lack.
    padding: Any = 0
    dilation: Any = 1

    def check(self, x: Tensor) -> None:
        """Refuse an input that cannot be pooled, whatever the windows."""
        check_input(x, narrow=True)

    def forward(self, x: Tensor) -> Tensor:
        """Return the pooled windows of ``x``, ``(N, C, *spatial)`` or unbatched."""
        self.check(x)
        axes = Window(
            self.kernel_size, self.stride, self.padding, self.dilation, self.ceil_mode
        ).axes(spatial_sizes(x, self.dimensions))
        windows = windows_of(widened(x), axes)
        if windows.inside is None or all(axis.dilation == 1 for axis in axes):
            return self.pool(windows).to(x.dtype)
        # What such a window holds instead is pooled like taps, so that no NaN reaches a gradient.
        empty = ~windows.inside.any(0)
        pooled = self.pool(windows._replace(inside=windows.inside | empty))
        return pooled.masked_fill(empty, self.nothing).to(x.dtype)

    def pool(self, windows: StackedWindows) -> Tensor:
        """Return what becomes of the windows, of shape ``(*leading, *outputs)``."""
        raise NotImplementedError
