from __future__ import annotations

import itertools
from typing import Any

import pytest
import torch
import torch.nn.functional as F

from pooling.windows import adaptive_window, output_size

Window = tuple[int, int]


def windows_of(size: int, outputs: int) -> list[Window]:
    """Return all windows of an adaptive pooling, (start, end)."""
    return [adaptive_window(size, outputs, window) for window in range(outputs)]


def ordinary(size: int, outputs: int, padding: int) -> set[tuple[int, int]]:
    """Return every kernel and stride of an ordinary pooling with the same windows, clipped.

    In both modes: how torch rounds the number of windows decides how many there are.
    """
    wanted = windows_of(size, outputs)
    return {
        (kernel, stride)
        for kernel in range(max(1, 2 * padding), size + 2 * padding + 1)
        for stride in range(1, size + 2)
        for ceil_mode in (False, True)
        if output_size(size, kernel, stride, (padding, padding), 1, ceil_mode) == outputs
        and [
            (max(0, i * stride - padding), min(size, i * stride - padding + kernel))
            for i in range(outputs)
        ]
        == wanted
    }


@pytest.mark.parametrize("size", range(1, 15))
def test_brute_force_over_all_kernels_strides_and_paddings(size: int) -> None:
    """Of all pairs of sizes, an ordinary pooling has the same windows exactly as said."""
    for outputs in range(1, size + 1):
        found = {padding: ordinary(size, outputs, padding) for padding in range(size // 2 + 1)}
        quotient, remainder = divmod(size, outputs)
        assert bool(found[0]) is (remainder <= 1)
        assert any(found.values()) is (remainder in (0, 1, outputs - 1))
        if remainder <= 1:
            assert (quotient + remainder, quotient) in found[0]
        if remainder == outputs - 1 > 0:
            assert (quotient + 2, quotient + 1) in found[1]


@pytest.mark.parametrize(
    ("size", "outputs", "arguments"),
    [
        (12, 4, {"kernel_size": 3, "stride": 3}),
        (13, 4, {"kernel_size": 4, "stride": 3}),
        (15, 4, {"kernel_size": 5, "stride": 4, "padding": 1}),
        (5, 3, {"kernel_size": 3, "stride": 2, "padding": 1}),
    ],
)
def test_in_torch(size: int, outputs: int, arguments: dict[str, Any]) -> None:
    """The three cases, in torch: the maximum, and the average that leaves padding out."""
    x = torch.arange(size).reshape(1, 1, -1).double() ** 2 - 20
    assert torch.equal(F.adaptive_max_pool1d(x, outputs), F.max_pool1d(x, **arguments))
    average = F.avg_pool1d(x, **arguments, count_include_pad=False)
    assert torch.allclose(F.adaptive_avg_pool1d(x, outputs), average, rtol=1e-15)


def test_the_smallest_other_case_in_torch() -> None:
    """Six elements to four: no kernel, stride and padding will do."""
    x = torch.arange(6).reshape(1, 1, -1).double() ** 2
    theirs = F.adaptive_avg_pool1d(x, 4)
    for kernel, stride in itertools.product(range(1, 7), repeat=2):
        for padding in range(kernel // 2 + 1):
            ours = F.avg_pool1d(x, kernel, stride, padding, count_include_pad=False)
            assert ours.shape != theirs.shape or not torch.equal(ours, theirs)
