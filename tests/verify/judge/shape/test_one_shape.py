"""What is judged at one shape, what is only tested there, and what is not judged at all."""

from __future__ import annotations

import contextlib
import random
import re
import time
from collections.abc import Callable
from typing import Any

import numpy
import pytest
import torch
import torch.nn.functional as F

from proofs.verdict import Verdict
from verify.judge import equivalent

Network = Callable[[torch.Tensor], torch.Tensor]


def test_out_of_time_is_unknown() -> None:
    """What no engine settles in time is UNKNOWN, never a pass."""

    def product(x: torch.Tensor) -> torch.Tensor:
        square = (x * x).sum(-1, keepdim=True)
        return F.relu(square * square + 1e-9 * x[..., :1] ** 3 + 1) + x[..., :1] * 0

    found = equivalent(product, lambda x: product(x) + F.relu(-1 - (x**2).sum(-1, keepdim=True)),
                       (5,), timeout=0.01)  # fmt: skip
    assert found.verdict is Verdict.UNKNOWN
    assert "time" in found.reason


def test_the_limit_counts_between_operators() -> None:
    """A module that is slow to watch is given up when its time is over, swallow what it may."""

    def slow(x: torch.Tensor) -> torch.Tensor:
        for _ in range(5000):
            with contextlib.suppress(Exception):
                x = x + 1
        return x

    found = equivalent(slow, lambda x: x + 5000, (2,), timeout=0.3)
    assert found.verdict is Verdict.UNKNOWN
    assert found.reason == "out of time while it was watched"


class Counts(torch.nn.Module):
    """A module that changes a buffer, or an attribute, at every call."""

    calls: torch.Tensor

    def __init__(self, buffer: bool) -> None:
        super().__init__()
        self.register_buffer("calls", torch.zeros(1))
        self.number = 0
        self.buffer = buffer

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Count the call."""
        if self.buffer:
            self.calls += 1
        else:
            self.number += 1
        return x * self.number


JUDGED_NOT: list[tuple[Any, str]] = [
    (
        lambda x: x + torch.rand_like(x),
        r"rand_like draws random numbers, line \d+ of test_one_shape",
    ),
    (torch.nn.Dropout(), r"draws random numbers.* \(in training mode: call .eval\(\) first\)"),
    (
        torch.nn.BatchNorm2d(1),
        r"buffer 'running_mean' of the module was written to while it ran \(in training mode\?",
    ),
    (Counts(buffer=True), "buffer 'calls' of the module was written to while it ran"),
    (
        Counts(buffer=False),
        "attribute 'number' of the module changed from 0 to 1 while it ran; "
        "what keeps anything from one run to the next, even a cache, cannot be judged",
    ),
    (
        lambda x: F.max_pool2d(x, 1) if random.random() < 2 else x,
        "it draws random numbers from Python's random",
    ),
    (
        lambda x: F.max_pool2d(x, 1) if numpy.random.rand() < 2 else x,
        "it draws random numbers from numpy.random",
    ),
    (lambda x: x + time.perf_counter_ns() % 2**20, "two runs on the same input differ"),
    (lambda x: x.add_(1), "it changes its input in place"),
    (torch.nn.Conv2d(3, 1, 1), r"it fails on a float32 tensor of shape \(1, 1, 2, 2\): Runtime"),
]


@pytest.mark.parametrize(("network", "message"), JUDGED_NOT)
def test_what_cannot_be_judged_is_named(network: Any, message: str) -> None:
    """The operation and the line are named; state and randomness are refused with a reason."""
    found = equivalent(network, "max_pool2d(1)", (1, 1, 2, 2))
    assert found.verdict is Verdict.NOT_JUDGED
    assert re.search(message, found.reason), found.reason


UNREAD: list[tuple[Network, str]] = [
    (lambda x: F.max_pool2d(x, 1).half().float(), r"_to_copy: its result is float16, which rounds"),
    (lambda x: x + 0 * float(x.sum()), r"a number is read out of the input, line \d+ of test_one"),
    (lambda x: torch.from_numpy(x.numpy() + 0), "reads its input's numbers out of memory"),
    (lambda x: x + x.erfinv().nan_to_num(0, 0, 0) * 0, "erfinv: it has no exact meaning here"),
]


@pytest.mark.parametrize(("network", "message"), UNREAD)
def test_what_cannot_be_read_is_tested(network: Network, message: str) -> None:
    """It runs, and many inputs agree: the word is TESTED, with the reason."""
    found = equivalent(network, lambda x: F.max_pool2d(x, 1), (1, 1, 2, 2))
    assert found.verdict is Verdict.TESTED, found.reason
    assert re.search(message, found.reason), found.reason
    assert found.reason.split(" ")[1:3] == ["inputs", "agree;"]
