from __future__ import annotations

from typing import Any

import pytest
import torch
import torch.nn.functional as F
from torch import nn

import costmodel
from costmodel.counts import OPERATIONS
from costmodel.whole.elementwise import FORMULAS, formula, operations


def test_every_formula_speaks_of_known_operations() -> None:
    """So that a row has a place for each."""
    for name, stated in FORMULAS.items():
        assert {*stated.each, *stated.rows} <= set(OPERATIONS), name
        assert all(count > 0 for count in stated.each.values()), name


@pytest.mark.parametrize(
    ("layer", "expected"),
    [
        # Three rows of four: 3 comparisons, 4 differences, 4 powers of e, 3 sums, 4 quotients.
        (nn.Softmax(-1), {"comparisons": 9, "additions": 21, "exponentials": 12, "divisions": 12}),
        (nn.LogSoftmax(-1), {"comparisons": 9, "additions": 33, "exponentials": 15}),
        (nn.ReLU(), {"comparisons": 12}),
        (nn.ReLU6(), {"comparisons": 24}),
        (nn.Sigmoid(), {"exponentials": 12, "additions": 12, "divisions": 12}),
        (nn.GELU(), {"exponentials": 12, "additions": 12, "multiplications": 36}),
        # Mean 3 + ÷, differences 4, squares 4, mean 3 + ÷, ε, root, quotients 4, scale and shift.
        (
            nn.LayerNorm(4),
            {"additions": 3 * (3 + 4 + 3 + 1 + 4), "multiplications": 3 * 8,
             "divisions": 3 * 6, "powers": 3},
        ),
        (
            nn.LayerNorm(4, elementwise_affine=False),
            {"additions": 3 * 11, "multiplications": 12, "divisions": 18, "powers": 3},
        ),
        (
            nn.BatchNorm1d(4).eval(),
            {"additions": 12 + 12 + 4, "multiplications": 12, "divisions": 12, "powers": 4},
        ),
        (
            nn.GroupNorm(2, 4),
            {"additions": 6 * (1 + 2 + 1 + 1 + 2), "multiplications": 6 * 4,
             "divisions": 6 * 4, "powers": 6},
        ),
        (nn.Identity(), {}),
    ],
)  # fmt: skip
def test_by_hand(layer: nn.Module, expected: dict[str, int]) -> None:
    """What a layer takes on three rows of four, by kind."""
    cost = costmodel.of_model(layer, (3, 4), elementwise=True)
    assert cost.total.operations == expected
    assert cost.total.flops == sum(expected.values())
    assert cost.total.macs == cost.total.pooling_flops == 0


def test_in_place_and_out_of_place() -> None:
    """The same formula; whole numbers are places and free."""
    assert formula("add_") is formula("add") is not None
    assert operations("sort", 3, 3, 1) is None

    class Places(nn.Module):
        def forward(self, x: Any) -> Any:
            return x.add_(1) + F.one_hot(torch.arange(3) + 2, 5).sum()

    cost = costmodel.of_model(Places(), (3,), elementwise=True)
    assert {row.operator: row.flops for row in cost.rows if row.flops} == {"add_": 3, "add": 3}
