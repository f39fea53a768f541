from __future__ import annotations

import torch
import torch.nn.functional as F

from pooling.windows import adaptive_window


def windows_of(size: int, outputs: int) -> list[tuple[int, int]]:
    """Return all windows of an adaptive pooling, (start, end)."""
    return [adaptive_window(size, outputs, window) for window in range(outputs)]


def test_brute_force_over_all_kernels_and_strides() -> None:
    """Of all pairs of sizes up to 16, an ordinary pooling has the same windows exactly as said."""
    for size in range(1, 17):
        for outputs in range(1, size + 1):
            found = [
                (kernel, stride)
                for kernel in range(1, size + 1)
                for stride in range(1, size + 1)
                if [(i * stride, i * stride + kernel) for i in range(outputs)]
                == windows_of(size, outputs)
            ]
            quotient, remainder = divmod(size, outputs)
            assert bool(found) is (remainder <= 1)
            assert not found or (quotient + remainder, quotient) in found


def test_the_smallest_case_in_torch() -> None:
    """Five elements to three: no kernel and stride will do; four to three, one does."""
    for size, possible in ((5, False), (4, True)):
        x = torch.arange(size).reshape(1, -1).double() ** 2
        theirs = F.adaptive_avg_pool1d(x, 3)
        equal = [
            (kernel, stride)
            for kernel in range(1, size + 1)
            for stride in range(1, size + 1)
            if (size - kernel) // stride + 1 == 3
            and torch.equal(F.avg_pool1d(x, kernel, stride), theirs)
        ]
        assert equal == ([(2, 1)] if possible else [])
