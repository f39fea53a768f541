"""The answers most often given to the chapter's exercises, restated, for tests to judge.

None of them is ours: each is wrong for some input, or right under a condition that it does not say.
"""

from __future__ import annotations

from collections.abc import Iterator

import torch
import torch.nn.functional as F
from torch import Tensor, nn


def one_hot_taps(x: Tensor, kernel_size: int, stride: int) -> Iterator[Tensor]:
    """Yield the taps as convolutions with one 1 each, the same for every channel: all are added."""
    for i in range(kernel_size):
        for j in range(kernel_size):
            weight = torch.zeros(x.shape[1], x.shape[1], kernel_size, kernel_size)
            weight[:, :, i, j] = 1
            yield F.conv2d(x, weight.to(x), stride=stride)


def depthwise_taps(x: Tensor, kernel_size: int, stride: int) -> Iterator[Tensor]:
    """Yield the taps as depthwise convolutions with one 1 each: the answer, mended."""
    for i in range(kernel_size):
        for j in range(kernel_size):
            weight = torch.zeros(x.shape[1], 1, kernel_size, kernel_size)
            weight[:, :, i, j] = 1
            yield F.conv2d(x, weight.to(x), stride=stride, groups=x.shape[1])


def max_pool_by_one_hot_convolutions(x: Tensor, kernel_size: int, stride: int) -> Tensor:
    """Fold the taps from −∞ by ReLU(m − t) + t."""
    maximum = torch.tensor(-torch.inf).to(x)
    for tap in one_hot_taps(x, kernel_size, stride):
        maximum = F.relu(maximum - tap) + tap
    return maximum


def max_pool_in_the_accurate_order(x: Tensor, kernel_size: int, stride: int) -> Tensor:
    """Fold the taps from −∞ by ReLU(t − m) + m."""
    maximum = torch.tensor(-torch.inf).to(x)
    for tap in one_hot_taps(x, kernel_size, stride):
        maximum = F.relu(tap - maximum) + maximum
    return maximum


def max_pool_by_depthwise_convolutions(x: Tensor, kernel_size: int, stride: int) -> Tensor:
    """Fold the taps of each channel from −∞: what the first answer would cost if it were right."""
    maximum = torch.tensor(-torch.inf).to(x)
    for tap in depthwise_taps(x, kernel_size, stride):
        maximum = F.relu(maximum - tap) + tap
    return maximum


def max_pool_as_bottom_right(x: Tensor) -> Tensor:
    """Slide a kernel with its 1 at the bottom right, and call the result the maximum."""
    weight = torch.tensor([[[[0.0, 0.0], [0.0, 1.0]]]])
    return F.conv2d(x, weight)


def avg_pool_as_layer(channels: int) -> nn.Conv2d:
    """Return a convolution layer whose weights are all 1/4."""
    layer = nn.Conv2d(channels, channels, kernel_size=2, stride=2, bias=False)
    nn.init.constant_(layer.weight, 1 / 4)
    return layer
