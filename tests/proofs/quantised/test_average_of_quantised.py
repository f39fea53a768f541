from __future__ import annotations

from fractions import Fraction

import pytest
import torch

from proofs.claim import CheckFailedError
from proofs.quantised.average_of_quantised import farthest_apart


def test_one_step_and_no_more() -> None:
    """Exactly one step is attained: less and more are refused."""
    assert "none by more than 1" in farthest_apart(1)
    for wrong in (0, 2):
        with pytest.raises(CheckFailedError, match=f"up to 1 apart, not {wrong}"):
            farthest_apart(wrong)


def test_clamping_moves_by_more() -> None:
    """With the lower end of the range at −2 the results may be two steps apart."""
    with pytest.raises(CheckFailedError, match="up to 2 apart, not 1"):
        farthest_apart(1, low=-2)


def test_the_example_in_torch_and_by_hand() -> None:
    """0.4 and 0.8 become 0 and 1, whose mean rounds to 0; their mean 0.6 becomes 1."""
    taps = torch.tensor([0.4, 0.8])
    quantised = torch.fake_quantize_per_tensor_affine(taps, 1.0, 0, -128, 127)
    assert quantised.tolist() == [0.0, 1.0]
    assert torch.round(quantised.mean()).item() == 0.0
    assert torch.fake_quantize_per_tensor_affine(taps.mean(), 1.0, 0, -128, 127).item() == 1.0
    assert round(Fraction(1, 2)) == 0 and round(Fraction(3, 5)) == 1


@pytest.mark.parametrize("taps", [2, 4, 9, 49])
def test_random_windows_in_torch(taps: int) -> None:
    """No window of any size is more than one step off, and some are."""
    numbers = torch.rand(5000, taps, generator=torch.Generator().manual_seed(taps)).double() * 100
    first = torch.round(torch.round(numbers).mean(-1))
    steps = (first - torch.round(numbers.mean(-1))).abs()
    assert steps.max() == 1
