from __future__ import annotations

import pytest
import torch
import torch.nn.functional as F

from proofs.averages.average_order_in_torch import (
    ADAPTIVE,
    Recipe,
    computes,
    divided_twice,
    in_columns,
    in_rows,
    times_reciprocal,
)
from proofs.claim import CheckFailedError


@pytest.mark.parametrize("dtype", ["float16", "bfloat16", "float32", "float64"])
def test_row_by_row_and_one_division(dtype: str) -> None:
    """avg_pool2d is the plain loop, in both memory layouts."""
    assert computes(in_rows, dtype).endswith("bit for bit (contiguous and channels_last)")


@pytest.mark.parametrize("recipe", [in_columns, divided_twice, times_reciprocal])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_other_recipes_differ(recipe: Recipe, dtype: str) -> None:
    """No other order and no other division gives the same bits."""
    with pytest.raises(CheckFailedError, match=r"of the results differ"):
        computes(recipe, dtype)


def test_adaptive_depends_on_the_memory_layout() -> None:
    """The same numbers, two results: one more division in a contiguous tensor."""
    x = torch.randn(1, 16, 28, 28, generator=torch.Generator().manual_seed(0))
    contiguous = F.adaptive_avg_pool2d(x, 4)
    other = F.adaptive_avg_pool2d(x.contiguous(memory_format=torch.channels_last), 4)
    differing = (contiguous != other).float().mean()
    assert 0.1 < differing < 0.5
    assert torch.allclose(contiguous, other, rtol=3e-7, atol=1e-8)
    assert "contiguous" in computes(divided_twice, "float32", ADAPTIVE, "contiguous")
    with pytest.raises(CheckFailedError, match="adaptive_avg_pool2d, 3 × 3, channels_last"):
        computes(divided_twice, "float32", ADAPTIVE, "channels_last")


def test_recipes_by_hand() -> None:
    """Recipes on one window whose sums and quotients are exact."""
    window = torch.tensor([[[1.0, 2.0], [3.0, 6.0]]])
    for recipe in (in_rows, in_columns, divided_twice, times_reciprocal):
        assert recipe(window, 2).tolist() == [3.0]
    tilted = torch.tensor([[[2.0**24, 1.0], [1.0, 0.0]]])
    assert in_rows(tilted, 2).item() == in_columns(tilted, 2).item() == 2.0**22
    assert in_rows(torch.tensor([[[1.0, 1.0], [2.0**24, 0.0]]]), 2).item() == 2.0**22 + 0.5
