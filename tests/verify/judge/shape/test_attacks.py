"""Inputs that both sides are run on: what differs once, and elements that stand out."""

from __future__ import annotations

import pytest
import torch

from proofs.verdict import Verdict
from verify.judge import equivalent
from verify.judge.side import Side


def test_a_difference_that_does_not_come_again_is_no_refutation(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Two outputs that differ in one run and agree in the next are not judged."""
    seen: list[bool] = []
    genuine = Side.run

    def once(side: Side, x: torch.Tensor) -> torch.Tensor:
        seen.append(True)
        return genuine(side, x) + (len(seen) == 1)

    monkeypatch.setattr(Side, "run", once)
    found = equivalent(lambda x: x + 1, lambda x: x + 1, (1,))
    assert found.verdict is Verdict.NOT_JUDGED
    assert found.reason == "two runs on the same input differ"


@pytest.mark.slow
@pytest.mark.parametrize("left_out", [0, 1])
def test_a_long_fold_that_leaves_the_last_tap_out(left_out: int) -> None:
    """No input drawn at random is likely to have its largest tap there; one is made that has."""

    def fold(x: torch.Tensor) -> torch.Tensor:
        largest, *others = torch.split(x, 1, -1)
        for tap in others[: len(others) - left_out]:
            largest = torch.relu(tap - largest) + largest
        return largest

    found = equivalent(fold, "adaptive_max_pool1d(1)", (1, 1, 3000), why=False)
    assert found.verdict is (Verdict.REFUTED if left_out else Verdict.PROVED_BOUNDED)
