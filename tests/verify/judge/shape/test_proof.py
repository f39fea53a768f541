"""Proofs of every kind of window, and what solvers find instead."""

from __future__ import annotations

from typing import Any

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


@pytest.mark.parametrize(
    ("module", "reference", "value"),
    [
        (lambda x: torch.where(x == 0.1, -x, x), lambda x: x + 0, 0.1),
        (lambda x: torch.where(x > 0.3, x, 0), lambda x: torch.where(x >= 0.3, x, 0), 0.3),
        (lambda x: torch.where(x * 0.1 == 0.7, x + 1, x), lambda x: x + 0, 7.0),
    ],
)
def test_decisions_by_numbers_that_are_no_floats(module: Any, reference: Any, value: float) -> None:
    """Refuted by a run at the float that takes the decision."""
    found = equivalent(module, reference, (1, 2), why=False)
    assert found.verdict is Verdict.REFUTED, found.reason
    assert found.counterexample is not None
    assert (found.counterexample.input == torch.tensor(value)).any()
    left, right = module(found.counterexample.input), reference(found.counterexample.input)
    assert not torch.equal(left, right)


def test_a_decision_that_no_run_takes_is_no_refutation() -> None:
    """A run has to show what a solver says of numbers between floats."""

    def never(x: torch.Tensor) -> torch.Tensor:  # no float32 is a third, in float32 or float64
        return torch.where(x.double() * 3 == 1, x + 1, x)

    found = equivalent(never, lambda x: x + 0, (1, 1), why=False)
    assert torch.equal(never(torch.tensor([[1 / 3]])), torch.tensor([[1 / 3]]))
    assert found.verdict is not Verdict.REFUTED or "float64" in found.reason, found.reason
    assert not found.proved
