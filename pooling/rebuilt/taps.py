"""The taps of all windows at once, as strided slices of an input that was extended where needed.

Padding holds no value of its own: a max-pooling ignores it, and −inf or a large negative number in
its place would spoil ReLU(t − m) + m, the one by NaN, the other by rounding. Each position of the
padding repeats an element of the input instead, the nearest one that is a whole number of
dilations away. A window that has a tap and reaches such a position holds that very element too, so
its maximum stays what it was. Without dilation this is the replication of the edge.
"""

from collections.abc import Mapping, Sequence
from itertools import product

import torch
from torch import Tensor

from pooling.arguments import Axis
from pooling.checks import size_of


def spatial_sizes(x: Tensor, dimensions: int) -> tuple[int, ...]:
    """Return the sizes of the last ``dimensions`` axes of ``x``, batched or not.

    The size of the batch is not looked at, so that a network can be exported for any.

    >>> spatial_sizes(torch.zeros(3, 5, 7), 2)
    (5, 7)
    """
    if not dimensions < x.ndim <= dimensions + 2:
        raise ValueError(
            f"input must have {dimensions + 1} or {dimensions + 2} dimensions for "
            f"{dimensions} spatial axes, got {x.ndim}: {tuple(x.shape)}"
        )
    if x.shape[-dimensions - 1] == 0:
        raise ValueError(f"input must have at least 1 channel, got 0: {tuple(x.shape)}")
    return tuple([size_of(size) for size in x.shape[-dimensions:]])


def by_dimension(axes: Sequence[Axis]) -> dict[int, Axis]:
    """Return the axes by the dimension of the tensor each stands for, counted from the last.

    >>> from pooling.arguments import Window
    >>> list(by_dimension(Window(2).axes((4, 4, 4))))
    [-3, -2, -1]
    """
    return dict(enumerate(axes, -len(axes)))


def taps(x: Tensor, axes: Mapping[int, Axis]) -> list[Tensor]:
    """Return one tensor per position of the window, in row-major order.

    Entry j holds position j of every window; each has the shape of the output. They are views of
    one tensor, ``x`` itself unless a window reaches into the padding.

    Args:
        x: A tensor of shape ``(*leading, *spatial)``.
        axes: The axes that are pooled, by their (negative) dimension; the others are left alone.

    >>> from pooling.arguments import Window
    >>> axes = Window(kernel_size=3, stride=2, padding=1).axes((5,))
    >>> [tap.tolist() for tap in taps(torch.arange(5), by_dimension(axes))]
    [[0, 1, 3], [0, 2, 4], [1, 3, 4]]
    """
    x = extend(x, axes)
    places = [
        [(dim, j * axis.dilation, axis) for j in range(axis.kernel_size)]
        for dim, axis in axes.items()
    ]
    views = []
    for position in product(*places):
        selected = [slice(None)] * x.ndim
        for dim, start, axis in position:
            selected[dim] = slice(start, start + (axis.outputs - 1) * axis.stride + 1, axis.stride)
        views.append(x[tuple(selected)])
    return views


def extend(x: Tensor, axes: Mapping[int, Axis]) -> Tensor:
    """Return ``x`` with every position that a window reads before or after it filled in.

    >>> from pooling.arguments import Window
    >>> axes = Window(kernel_size=5, padding=2, dilation=2, ceil_mode=True).axes((5,))
    >>> extend(torch.arange(5), by_dimension(axes)).tolist()
    [0, 1, 0, 1, 2, 3, 4, 3, 4]
    """
    for dim, axis in axes.items():
        before, after = filling(axis)
        pieces = [x.narrow(dim, *run) for run in _runs(before)]
        pieces.append(x)
        pieces += [x.narrow(dim, *run) for run in _runs(after)]
        if len(pieces) > 1:
            x = torch.cat(pieces, dim)
    return x


def filling(axis: Axis) -> tuple[list[int], list[int]]:
    """Return which elements stand before and after an axis, so that no window reads nothing.

    Position p takes the nearest element that is a multiple of the dilation away. There is none if
    the dilation exceeds the input; no window that reads p has a tap then, and any element will do.

    >>> from pooling.arguments import Window
    >>> filling(Window(kernel_size=5, padding=2, dilation=2, ceil_mode=True).axes((5,))[0])
    ([0, 1], [3, 4])
    """
    last = axis.size - 1
    before = [min(p % axis.dilation, last) for p in range(-axis.padding[0], 0)]
    # Position p is p − last − 1 elements behind the last one.
    after = [max(last - (-1 - i) % axis.dilation, 0) for i in range(last_read(axis) - last)]
    return before, after


def last_read(axis: Axis) -> int:
    """Return the last position of the last window, inside the input or behind it.

    >>> from pooling.arguments import Window
    >>> last_read(Window(kernel_size=3, stride=2, padding=1).axes((5,))[0])
    5
    """
    start = (axis.outputs - 1) * axis.stride - axis.padding[0]
    last: int = start + (axis.kernel_size - 1) * axis.dilation
    return last


def without_taps(axis: Axis) -> list[bool]:
    """Say of every window along ``axis`` whether it has no tap at all.

    Only a dilation that exceeds the input brings such windows about: a window begins before the end
    of the input, and where it begins before the input it has a position in its first elements.

    >>> from pooling.arguments import Window
    >>> without_taps(Window(kernel_size=2, stride=1, padding=1, dilation=2).axes((1,))[0])
    [True]
    """
    starts = [window * axis.stride - axis.padding[0] for window in range(axis.outputs)]
    return [
        not any(0 <= start + j * axis.dilation < axis.size for j in range(axis.kernel_size))
        for start in starts
    ]


def _runs(elements: Sequence[int]) -> list[tuple[int, int]]:
    """Return (start, length) of the runs of consecutive elements, each of which is one slice."""
    runs: list[tuple[int, int]] = []
    for element in elements:
        if runs and element == sum(runs[-1]):
            runs[-1] = (runs[-1][0], runs[-1][1] + 1)
        else:
            runs.append((element, 1))
    return runs
