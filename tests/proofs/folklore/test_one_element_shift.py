from __future__ import annotations

import itertools

import pytest
import torch
from torch.nn.functional import avg_pool1d, max_pool1d, max_pool2d


def feature(size: int, *place: int) -> torch.Tensor:
    """Return an image of zeros with a single 1."""
    image = torch.zeros(1, 1, *[size] * len(place))
    image[(0, 0, *place)] = 1
    return image


@pytest.mark.parametrize("kernel", [1, 2, 3, 4])
def test_side_by_side_a_step_is_noticed_at_one_of_k_positions(kernel: int) -> None:
    """The outputs of torch stay the same for k − 1 of k positions of a feature."""
    kept = [
        torch.equal(
            max_pool1d(feature(60, place), kernel), max_pool1d(feature(60, place + 1), kernel)
        )
        for place in range(10 * kernel)
    ]
    assert kept.count(True) == 10 * (kernel - 1)
    assert [place for place, same in enumerate(kept) if not same] == [
        *range(kernel - 1, 10 * kernel, kernel)
    ]


def test_a_diagonal_step_is_tolerated_at_a_quarter_of_the_positions() -> None:
    """2 × 2 windows, one step down and to the right."""
    same = [
        torch.equal(max_pool2d(feature(12, i, j), 2), max_pool2d(feature(12, i + 1, j + 1), 2))
        for i, j in itertools.product(range(8), repeat=2)
    ]
    assert same.count(True) == len(same) // 4


def test_with_stride_1_outputs_always_move_along() -> None:
    """No position of a feature leaves all outputs as they were."""
    for kernel, place in itertools.product((2, 3), range(5, 10)):
        before = max_pool1d(feature(20, place), kernel, 1)
        after = max_pool1d(feature(20, place + 1), kernel, 1)
        assert torch.equal(before.roll(1, -1), after)
        assert not torch.equal(before, after)


def test_where_a_window_keeps_its_maximum() -> None:
    """All windows of three small numbers and their neighbours: torch's maxima and the claim's."""
    rows = torch.tensor([*itertools.product(range(3), repeat=4)], dtype=torch.float32)
    before, after = (
        max_pool1d(part.unsqueeze(1), 3).flatten() for part in (rows[:, :3], rows[:, 1:])
    )
    left, right, staying = rows[:, 0], rows[:, 3], rows[:, 1:3].amax(1)
    claimed = ((left <= staying) & (right <= staying)) | (left == right)
    assert torch.equal(before == after, claimed)
    same_mean = left == right
    sums = [avg_pool1d(part.unsqueeze(1), 3).flatten() * 3 for part in (rows[:, :3], rows[:, 1:])]
    assert torch.equal(sums[0].round() == sums[1].round(), same_mean)
    assert bool((before == after)[same_mean].all())
