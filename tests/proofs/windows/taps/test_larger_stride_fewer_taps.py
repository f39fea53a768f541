from __future__ import annotations

import pytest
import torch

from pooling.windows import output_size, taps


def unfolded(size: int, kernel_size: int, stride: int, padding: tuple[int, int], d: int) -> int:
    """Return the taps of a layer as torch unfolds a padded line of ones."""
    line = torch.nn.functional.pad(torch.ones(1, 1, size, 1), (0, 0, *padding))
    columns = torch.nn.functional.unfold(line, (kernel_size, 1), (d, 1), 0, (stride, 1))
    return int(columns.sum())


@pytest.mark.parametrize(
    ("layer", "now", "then"),
    [((4, 3, 2, (3, 3), 3), 3, 4), ((6, 6, 2, (3, 0), 1), 8, 9)],
    ids=["dilated", "one-sided"],
)
def test_counterexamples_of_the_page(
    layer: tuple[int, int, int, tuple[int, int], int], now: int, then: int
) -> None:
    """The two layers that the page names gain a tap with a larger stride, in torch as in ours."""
    size, kernel_size, stride, padding, dilation = layer
    for step, expected in ((stride, now), (stride + 1, then)):
        windows = output_size(size, kernel_size, step, padding, dilation)
        ours = taps(size, kernel_size, step, padding[0], windows, dilation)
        assert unfolded(size, kernel_size, step, padding, dilation) == ours == expected
