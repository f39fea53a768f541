from __future__ import annotations

import torch
from hypothesis import given
from hypothesis import strategies as st

from pooling.arguments import PoolingArguments, Window
from pooling.modules.windows import check_non_negative, taps_inside, windows_of
from pooling.rebuilt.taps import by_dimension, taps
from verify.strategies import windows


@given(st.data())
def test_inside_are_the_taps_that_the_arithmetic_counts(data: st.DataObject) -> None:
    """As many as the closed form says, and none of them holds a value from elsewhere."""
    dimensions = data.draw(st.integers(1, 3))
    arguments = data.draw(windows(dimensions, max_size=6, max_kernel_size=3, dilations=True))
    size = arguments.pop("size")
    axes = Window(**arguments).axes(size)
    inside = taps_inside(axes, torch.device("cpu"))
    assert int(inside.sum()) == PoolingArguments((), axes).taps
    numbers = torch.arange(1, 1 + torch.Size(size).numel(), dtype=torch.float64).reshape(1, *size)
    found = windows_of(numbers, axes)
    assert torch.equal(found.positions, torch.stack(taps(numbers, by_dimension(axes))))
    # Every tap is the number of its own place.
    if dimensions == 2 and not arguments["ceil_mode"]:
        del arguments["ceil_mode"]
        theirs = torch.nn.functional.unfold(numbers[None], **arguments)
        ours = found.filled(found.positions, 0).flatten(1)
        assert torch.equal(ours, theirs[0])


def test_no_mask_where_nothing_is_outside() -> None:
    """An ordinary pooling pays for no mask."""
    x = torch.rand(1, 6)
    assert windows_of(x, Window(3).axes((6,))).inside is None
    assert windows_of(x, Window(3, padding=1).axes((6,))).inside is not None
    assert windows_of(x, Window(4, 4, ceil_mode=True).axes((6,))).inside is not None


def test_values_of_meta_tensors_are_not_looked_at() -> None:
    """They have none."""
    check_non_negative(torch.empty(3, device="meta"), "a pooling")
