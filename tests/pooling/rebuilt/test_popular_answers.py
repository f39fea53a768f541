from __future__ import annotations

import torch
import torch.nn.functional as F

from tests.pooling.rebuilt.popular_answers import (
    avg_pool_as_layer,
    max_pool_as_bottom_right,
    max_pool_by_depthwise_convolutions,
    max_pool_by_one_hot_convolutions,
    max_pool_in_the_accurate_order,
)


def test_one_hot_convolutions_are_right_for_one_channel() -> None:
    """Right: with one channel the taps are the taps."""
    x = torch.tensor([[[[-4.0, -1.0], [-2.0, -3.0]]]])
    assert max_pool_by_one_hot_convolutions(x, 2, 2).tolist() == [[[[-1.0]]]]


def test_one_hot_convolutions_add_channels() -> None:
    """Wrong for two channels: their taps are added before they are compared, 5 + 2 = 7."""
    x = torch.tensor([[[[5.0, 0.0], [0.0, 0.0]], [[2.0, 0.0], [0.0, 1.0]]]])
    assert max_pool_by_one_hot_convolutions(x, 2, 2).flatten().tolist() == [7.0, 7.0]
    assert F.max_pool2d(x, 2).flatten().tolist() == [5.0, 2.0]


def test_the_order_of_the_popular_fold_rounds_everything() -> None:
    """Wrong in float32 for one channel: a large negative tap swallows the maximum."""
    x = torch.tensor([[[[0.1, -1e8], [-1e8, -1e8]]]])
    assert max_pool_by_one_hot_convolutions(x, 2, 2).item() == 0.0
    assert F.max_pool2d(x, 2).item() == x.max().item()


def test_the_accurate_order_cannot_start_at_minus_infinity() -> None:
    """Wrong for every input: t − (−∞) is ∞, and ∞ + (−∞) is NaN."""
    assert max_pool_in_the_accurate_order(torch.zeros(1, 1, 2, 2), 2, 2).isnan().all()


def test_depthwise_convolutions_mend_the_channels() -> None:
    """Right for integers in any channels: this is the answer that speed is compared with."""
    x = torch.randint(-9, 9, (2, 3, 7, 7), generator=torch.Generator().manual_seed(0)).float()
    assert torch.equal(max_pool_by_depthwise_convolutions(x, 3, 2), F.max_pool2d(x, 3, 2))


def test_the_bottom_right_is_no_maximum() -> None:
    """Wrong unless the input grows towards the bottom right, as the example given for it did."""
    x = torch.arange(9.0).reshape(1, 1, 3, 3)
    assert torch.equal(max_pool_as_bottom_right(x), F.max_pool2d(x, 2, 1))
    assert max_pool_as_bottom_right(-x)[0, 0, 0, 0] == -4
    assert F.max_pool2d(-x, 2, 1)[0, 0, 0, 0] == 0


def test_the_average_layer_is_right_for_one_channel() -> None:
    """Right for 2 × 2 windows of one channel."""
    x = torch.arange(16.0).reshape(1, 1, 4, 4)
    assert torch.equal(avg_pool_as_layer(1)(x), F.avg_pool2d(x, 2))


def test_the_average_layer_mixes_channels() -> None:
    """Wrong for two channels: each output is the sum of the averages of both, 1 + 3 = 4."""
    x = torch.stack([torch.ones(2, 2), 3 * torch.ones(2, 2)])[None]
    assert avg_pool_as_layer(2)(x).flatten().tolist() == [4.0, 4.0]
    assert F.avg_pool2d(x, 2).flatten().tolist() == [1.0, 3.0]
