from __future__ import annotations

import itertools

import pytest
import torch
from torch import nn


@pytest.mark.parametrize("ceil_mode", [False, True])
def test_torch_leaves_a_quarter_exactly_of_even_sizes(ceil_mode: bool) -> None:
    """All sizes from 2 to 9, floors and ceilings."""
    for height, width in itertools.product(range(2, 10), repeat=2):
        left = nn.MaxPool2d(2, ceil_mode=ceil_mode)(torch.zeros(1, height, width)).numel()
        assert (4 * left == height * width) is (height % 2 == width % 2 == 0)
        assert (4 * left > height * width) is (ceil_mode and 1 in (height % 2, width % 2))


def test_the_stem_of_a_network_leaves_what_ceil_mode_does() -> None:
    """Windows of 3 with stride 2 and padding 1 beside 2 × 2 with ceil_mode."""
    for size in range(2, 12):
        image = torch.zeros(1, size, size)
        stem, ceiling = nn.MaxPool2d(3, 2, 1)(image), nn.MaxPool2d(2, ceil_mode=True)(image)
        assert stem.shape == ceiling.shape


def test_in_general_by_divisors() -> None:
    """Windows of p × q leave 1/(p·q) exactly if p and q divide the sizes."""
    for p, q, height, width in itertools.product((1, 2, 3), (2, 4), range(4, 9), range(4, 9)):
        left = nn.AvgPool2d((p, q))(torch.zeros(1, height, width)).numel()
        assert (p * q * left == height * width) is (height % p == width % q == 0)
