"""Proofs of every kind of window, and what solvers find instead."""

from __future__ import annotations

import pytest
import torch
import torch.nn.functional as F

from proofs.verdict import Verdict
from verify.judge import equivalent


def test_a_solver_finds_what_running_does_not() -> None:
    """A fault at one far point passes every telling input; the solver's model is replayed."""

    def nearly(x: torch.Tensor) -> torch.Tensor:
        return F.max_pool1d(x, 2) + F.relu(1 - 4 * (x[..., ::2] - 7777.25).abs())

    found = equivalent(nearly, "max_pool1d(2)", (1, 1, 2))
    assert found.verdict is Verdict.REFUTED
    assert "found by" in found.reason
    assert found.counterexample is not None
    assert abs(found.counterexample.input[0, 0, 0] - 7777.25) < 0.25


@pytest.mark.slow
def test_softmax_and_norms_of_a_long_window() -> None:
    """Hundreds of quotients by one sum, and squares with signs that are looked at for ties."""
    taps = 400

    def softmax(x: torch.Tensor) -> torch.Tensor:
        windows = x.unfold(-1, taps, taps)
        return (windows * windows.softmax(-1)).sum(-1)

    found = equivalent(softmax, f"softmax_pool1d({taps})", (1, 1, taps))
    assert found.verdict is Verdict.PROVED_BOUNDED, found.reason
    norm = torch.nn.LPPool1d(2, taps)
    found = equivalent(norm, f"lp_pool1d(2, {taps})", (1, 1, taps))
    assert found.verdict is Verdict.PROVED_BOUNDED, found.reason
