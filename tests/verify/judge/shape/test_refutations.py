"""Refutations: an input on which the module itself was run, and what is told of it."""

from __future__ import annotations

import torch
import torch.nn.functional as F

from proofs.verdict import Verdict
from verify.judge import equivalent


def test_an_operation_without_exact_meaning_is_still_refuted_by_running() -> None:
    """What cannot be proved equal can be seen to differ."""
    found = equivalent(lambda x: x.erf().amax(-1, keepdim=True), "max_pool1d(2)", (1, 1, 2))
    assert found.verdict is Verdict.REFUTED
    assert "seen by running it (erf: it has no exact meaning here, line" in found.reason


def test_what_is_shown_is_small_and_was_run() -> None:
    """All elements but those that tell are 0, and both outputs are those of real runs."""
    found = equivalent(lambda x: F.relu(F.max_pool1d(x, 2)), "max_pool1d(2)", (1, 1, 64))
    shown = found.counterexample
    assert shown is not None
    assert int((shown.input != 0).sum()) <= 2
    assert torch.equal(shown.module_output, F.relu(F.max_pool1d(shown.input, 2)))
    assert shown.reference_output[shown.index] == F.max_pool1d(shown.input, 2)[shown.index]


def test_what_raises_on_some_inputs_is_refuted_by_one() -> None:
    """The reference has an output there, and the module none."""

    def refuses(x: torch.Tensor) -> torch.Tensor:
        if bool((x > 50).any()):
            raise ValueError("too large")
        return F.max_pool1d(x, 2)

    found = equivalent(refuses, "max_pool1d(2)", (1, 1, 4))
    assert found.verdict is Verdict.REFUTED
    assert found.reason.endswith("and the reference does not")
    assert found.counterexample is not None
    assert "too large" in found.counterexample.raised
    assert found.counterexample.to_dict()["module_output"] is None


def test_what_float32_cannot_show_is_run_in_float64() -> None:
    """Between two neighbours of float32, and where a solver's fraction gives no number."""
    found = equivalent(
        lambda x: torch.where((x > 16777216.25) & (x < 16777216.75), x + 1, x),
        lambda x: x, (1,),
    )  # fmt: skip
    assert found.verdict is Verdict.REFUTED
    assert "run in float64" in found.reason
    for off in (lambda x: x * (1 + 1e-7), lambda x: x + 1e-45):
        found = equivalent(off, lambda x: x.clone(), (1,))
        assert found.verdict is Verdict.REFUTED, found.reason
        assert found.reason.endswith("run in float64")
    infinite = equivalent(lambda x: x + 1 / (x - 0.3) - 1 / (x - 0.3), lambda x: x, (1,))
    assert infinite.verdict is Verdict.REFUTED
    assert infinite.reason.startswith("nan instead of 0.3")
