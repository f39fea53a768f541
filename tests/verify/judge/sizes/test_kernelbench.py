"""The six pooling problems of KernelBench (level 1, 41 to 46), rewritten, for every size.

Source: Ouyang et al., KernelBench: Can LLMs Write Efficient GPU Kernels?, 2025. The windows are
those of its files; the rewrites are this project's own.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from itertools import product
from typing import Any

import pytest
import torch
import torch.nn.functional as F

from proofs.verdict import Verdict
from verify.judge import equivalent

Network = Callable[[torch.Tensor], torch.Tensor]


class Problem:
    """A pooling over some axes, and ways to rewrite it."""

    def __init__(
        self, number: int, dimensions: int, kernel: int, stride: int, padding: int,
        dilation: int = 1, *, average: bool = False,
    ) -> None:  # fmt: skip
        self.number, self.dimensions, self.average = number, dimensions, average
        self.kernel, self.stride, self.padding, self.dilation = kernel, stride, padding, dilation
        kind = "avg" if average else "max"
        more = "" if average else f", {dilation}"
        self.reference = f"{kind}_pool{dimensions}d({kernel}, {stride}, {padding}{more})"
        self.span = dilation * (kernel - 1) + 1

    def padded(self, x: torch.Tensor, value: float | None = None) -> torch.Tensor:
        """Return the input with padding that changes no result."""
        neutral = 0.0 if self.average else float("-inf")
        pads = [self.padding] * 2 * self.dimensions
        return F.pad(x, pads, value=neutral if value is None else value)

    def joined(self, taps: Sequence[torch.Tensor]) -> torch.Tensor:
        """Return one element of several."""
        found = taps[0]
        for tap in taps[1:]:
            found = found + tap if self.average else torch.maximum(found, tap)
        return found

    def outputs(self, size: int) -> int:
        """Return how many windows there are."""
        return (size + 2 * self.padding - self.span) // self.stride + 1

    def unfolded(self, x: torch.Tensor, value: float | None = None) -> torch.Tensor:
        """Rewrite by windows as views."""
        x = self.padded(x, value)
        for axis in range(2, 2 + self.dimensions):
            x = x.unfold(axis, self.span, self.stride)
        steps: list[Any] = [slice(None, None, self.dilation)] * self.dimensions
        x = x[(..., *steps)]
        dims = tuple(range(-self.dimensions, 0))
        return x.sum(dims) / self.kernel**self.dimensions if self.average else x.amax(dims)

    def by_axes(self, x: torch.Tensor) -> torch.Tensor:
        """Rewrite axis by axis, each by slices."""
        sizes = [self.outputs(n) for n in x.shape[2:]]
        x = self.padded(x)
        for axis, count in enumerate(sizes, 2):
            before: list[Any] = [slice(None)] * axis
            x = self.joined([
                x[(*before, slice(i, i + (count - 1) * self.stride + 1, self.stride))]
                for i in range(0, self.span, self.dilation)
            ])  # fmt: skip
        return x / self.kernel**self.dimensions if self.average else x

    def by_layers(self, x: torch.Tensor) -> torch.Tensor:
        """Rewrite by slices of all axes at once, or by a convolution of every channel."""
        if self.average:
            n, c, *sizes = x.shape
            mean = 1 / self.kernel**self.dimensions
            weight = torch.full((1, 1, *[self.kernel] * self.dimensions), mean)
            convolve = (F.conv1d, F.conv2d, F.conv3d)[self.dimensions - 1]
            y = convolve(x.reshape(n * c, 1, *sizes), weight, None, self.stride, self.padding)
            return y.reshape(n, c, *y.shape[2:])
        sizes = [self.outputs(n) for n in x.shape[2:]]
        x = self.padded(x)
        taps = []
        for place in product(range(0, self.span, self.dilation), repeat=self.dimensions):
            cut: list[Any] = [
                slice(i, i + (count - 1) * self.stride + 1, self.stride)
                for i, count in zip(place, sizes, strict=True)
            ]
            taps.append(x[(..., *cut)])
        return self.joined(taps)

    def padded_wrongly(self, x: torch.Tensor) -> torch.Tensor:
        """Pad a maximum with zeros, count no padding in a mean, or overhang where there is none."""
        if not self.average:
            return self.unfolded(x, 0.0)
        if not self.padding:
            return F.avg_pool2d(x, self.kernel, self.stride, ceil_mode=True)
        ones = self.unfolded(torch.ones_like(x))
        return self.unfolded(x) / ones

    def wrong_when_large(self, x: torch.Tensor) -> torch.Tensor:
        """Double what is computed of images 200 wide or wider."""
        if x.shape[-1] >= 200:
            return self.unfolded(x) * 2
        return self.unfolded(x)


PROBLEMS = (
    Problem(41, 1, 8, 1, 4, 3), Problem(42, 2, 4, 1, 1), Problem(43, 3, 3, 2, 1, 3),
    Problem(44, 1, 8, 1, 4, average=True), Problem(45, 2, 11, 11, 0, average=True),
    Problem(46, 3, 3, 2, 1, average=True),
)  # fmt: skip
RIGHT = ("unfolded", "by_axes", "by_layers")


@pytest.mark.slow
@pytest.mark.parametrize("rewrite", RIGHT)
@pytest.mark.parametrize("problem", PROBLEMS, ids=lambda p: str(p.number))
def test_right_rewrites_are_proved_at_every_size(problem: Problem, rewrite: str) -> None:
    """Batch, channels and every spatial size are open."""
    found = equivalent(getattr(problem, rewrite), problem.reference, timeout=300)
    assert found.verdict is Verdict.PROVED, found.reason


@pytest.mark.slow
@pytest.mark.parametrize("rewrite", ["padded_wrongly", "wrong_when_large"])
@pytest.mark.parametrize("problem", PROBLEMS, ids=lambda p: str(p.number))
def test_wrong_rewrites_are_refuted_at_the_smallest_size(problem: Problem, rewrite: str) -> None:
    """Also one that is wrong for large images alone."""
    module = getattr(problem, rewrite)
    found = equivalent(module, problem.reference, timeout=300)
    assert found.verdict is Verdict.REFUTED, found.reason
    if rewrite == "wrong_when_large":
        assert found.sizes == "W ≤ 199"
        assert found.counterexample is not None
        assert found.counterexample.input.shape[-1] == 200
        assert math.prod(found.counterexample.input.shape[:2]) == 1
