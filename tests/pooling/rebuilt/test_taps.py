from __future__ import annotations

from itertools import product
from typing import Any

import pytest
import torch
from hypothesis import given

from pooling.arguments import Axis, Window
from pooling.rebuilt.taps import (
    by_dimension,
    extend,
    filling,
    last_read,
    spatial_sizes,
    taps,
    without_taps,
)
from verify.strategies import windows


def small_axes() -> list[Axis]:
    """Return every axis of a small pooling that torch accepts, padded differently on each side."""
    axes: list[Axis] = []
    sizes = product(range(1, 7), range(1, 6), range(1, 5), range(3), range(3), range(1, 5))
    for size, kernel_size, stride, before, after, dilation in sizes:
        for ceil_mode in (False, True):
            try:
                axes += Window(kernel_size, stride, ((before, after),), dilation, ceil_mode).axes(
                    (size,)
                )
            except ValueError:
                continue
    return axes


def positions(axis: Axis, window: int) -> list[int]:
    """Return the positions of a window, those outside the input included."""
    start = window * axis.stride - axis.padding[0]
    return [start + j * axis.dilation for j in range(axis.kernel_size)]


def test_filling_repeats_only_what_the_window_holds() -> None:
    """In every window with a tap, each position outside stands for an element of that window.

    So the padded window has the same elements, and the same maximum, as its taps alone.
    """
    axes = small_axes()
    assert len(axes) > 2000
    empty = 0
    for axis in axes:
        before, after = filling(axis)
        elements = [*before, *range(axis.size), *after]
        assert all(0 <= element < axis.size for element in elements)
        nothing = without_taps(axis)
        for window in range(axis.outputs):
            held = {p for p in positions(axis, window) if 0 <= p < axis.size}
            assert nothing[window] == (not held)
            empty += not held
            if held:
                padded = {elements[p + axis.padding[0]] for p in positions(axis, window)}
                assert padded == held
    assert empty > 10


def test_windows_without_taps_are_counted_alike() -> None:
    """The mask of windows without taps has as many entries as the window arithmetic counts."""
    for axis in small_axes():
        assert sum(without_taps(axis)) == axis.outputs - axis.occupied


def test_last_read_is_the_last_position() -> None:
    """The last position of the last window, in closed form."""
    for axis in small_axes():
        assert last_read(axis) == positions(axis, axis.outputs - 1)[-1]


@given(windows(2, max_size=8, max_kernel_size=3, dilations=True))
def test_taps_are_positions_of_all_windows(arguments: dict[str, Any]) -> None:
    """Entry j of the taps holds what position j of every window reads, in row-major order."""
    size = arguments.pop("size")
    axes = Window(**arguments).axes(size)
    x = torch.arange(size[0] * size[1]).reshape(size)
    read = [
        [[*before, *range(axis.size), *after][p + axis.padding[0]] for p in positions(axis, w)]
        for axis in axes
        for before, after in [filling(axis)]
        for w in range(axis.outputs)
    ]
    rows, columns = read[: axes[0].outputs], read[axes[0].outputs :]
    views = taps(x, by_dimension(axes))
    for view, (i, j) in zip(
        views, product(range(axes[0].kernel_size), range(axes[1].kernel_size)), strict=True
    ):
        assert view.tolist() == [[int(x[r[i], c[j]]) for c in columns] for r in rows]


def test_nothing_is_copied_without_padding() -> None:
    """Taps are views of the input itself where no window leaves it."""
    x = torch.zeros(1, 8, 8)
    axes = by_dimension(Window(3, 2).axes((8, 8)))
    assert extend(x, axes) is x
    assert all(tap.untyped_storage().data_ptr() == x.data_ptr() for tap in taps(x, axes))


@pytest.mark.parametrize(
    ("shape", "message"),
    [
        ((4, 4), "input must have 3 or 4 dimensions for 2 spatial axes, got 2: (4, 4)"),
        ((1, 0, 4, 4), "input must have at least 1 channel, got 0: (1, 0, 4, 4)"),
    ],
)
def test_shapes_that_are_refused(shape: tuple[int, ...], message: str) -> None:
    """As torch refuses them; an empty batch is allowed."""
    assert spatial_sizes(torch.zeros(0, 1, 4, 5), 2) == (4, 5)
    with pytest.raises(ValueError) as caught:
        spatial_sizes(torch.zeros(shape), 2)
    assert str(caught.value) == message
