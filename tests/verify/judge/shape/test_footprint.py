"""What a verdict takes for granted and rests on, as it is printed."""

from __future__ import annotations

import torch

from proofs.verdict import Verdict
from verify.judge import equivalent


def test_what_was_asked_and_run_is_told() -> None:
    """The system, what is given, the shape, how often both were run, and in which mode."""
    found = equivalent(torch.nn.MaxPool1d(2).eval(), "max_pool1d(2)", (1, 1, 4), given="x >= 0")
    system, given, sizes, runs, mode = found.footprint
    assert system.startswith("system: real; the rounding of float32 is bounded in every run")
    assert given == "given: x >= 0, for every element of the input"
    assert sizes == "sizes: (1, 1, 4) only"
    assert int(runs.removeprefix("runs: ").split(" ")[0]) > 40
    assert mode == "module: in eval mode"


def test_kernels_are_told_where_they_round() -> None:
    """In a float format the verdict rests on how they round, and on how many cases showed it."""
    found = equivalent(lambda x: x + x, lambda x: 2 * x, (2,), "float16")
    assert found.verdict is Verdict.PROVED_BOUNDED
    (line,) = (line for line in found.footprint if line.startswith("kernels: "))
    assert "add.Tensor (all pairs), mul.Tensor (all pairs), each as its terms round it" in line


def test_readings_are_told() -> None:
    """Weights that stand for fractions, and rounding as large as the result, are printed."""
    layer = torch.nn.Conv1d(1, 1, 9, bias=False).bfloat16()
    torch.nn.init.constant_(layer.weight, 1 / 9)
    found = equivalent(layer, "avg_pool1d(9, 1)", (1, 1, 9))
    assert found.verdict is Verdict.REFUTED or any("as 1/9" in line for line in found.footprint)
    found = equivalent(lambda y: (y + 1e20) - 1e20, lambda y: y, (2,))
    said = [line for line in found.footprint if "rounding may be as large as the result" in line]
    assert len(said) == 1, said  # of however many inputs it is so
