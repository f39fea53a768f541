"""Bounds of random pipelines: nothing that is run is beyond them."""

from __future__ import annotations

import json
import os
import random
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
import torch

from proofs.verdict import Verdict
from tests.verify.judge.tolerance import random_pipelines
from tests.verify.judge.tolerance.random_pipelines import RECORD, attacked, drawn, survey
from verify.judge.tolerance import Tolerance
from verify.judge.tolerance.within import Runs, tolerance

#: How many pipelines there are to draw from, and how many are.
COUNT, SHARE = 200, 10


@pytest.fixture
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    """Climb for a fifth of the rounds."""
    monkeypatch.setattr(random_pipelines, "ROUNDS", random_pipelines.ROUNDS // 5)


@pytest.mark.slow
@pytest.mark.usefixtures("short")
def test_a_few_pipelines() -> None:
    """None is beyond its bound, and most have one."""
    said, ratios = survey(range(1, 4))
    assert said["WITHIN"] >= 2
    assert ratios[0] >= 1


@pytest.mark.slow
def test_many_pipelines() -> None:
    """A share drawn by the date; `make full` attacks them all."""
    draw = random.Random(int(os.environ.get("POOLPROOF_SEED", date.today().toordinal())))
    said, _ = survey(draw.sample(range(COUNT), SHARE))
    assert said["WITHIN"] > SHARE / 2


def test_what_is_recorded() -> None:
    """All were attacked at the commit that it names, and none was beyond."""
    record = json.loads(RECORD.read_text(encoding="utf-8"))
    assert (record["first_seed"], record["pipelines"], record["beyond"]) == (0, COUNT, 0)
    assert sum(record["said"].values()) == COUNT
    assert record["said"]["WITHIN"] > COUNT / 2
    assert record["bound_over_worst"]["least"] >= 1
    assert len(record["commit"]) == 40


def test_both_pipelines_are_one_function() -> None:
    """In float64 they agree to what it rounds."""
    for seed in range(200):
        one, other, length, _, _ = drawn(seed)
        x = torch.rand(50, length, dtype=torch.float64) * 2 - 1
        assert torch.allclose(one(x), other(x), rtol=1e-9, atol=1e-9)


@pytest.mark.usefixtures("short")
def test_a_bound_that_is_too_small_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Runs climb beyond a bound that is a third of what was proved."""
    seed = 0
    monkeypatch.setattr(Runs, "worst", lambda *args: None)
    verdict, ratio = attacked(seed)
    assert verdict is Verdict.WITHIN
    assert ratio is not None

    def smaller(*args: Any) -> Tolerance:
        found = tolerance(*args)
        return replace(found, absolute=found.absolute / (2 * ratio))

    monkeypatch.setattr("verify.judge.shape.proof.tolerance", smaller)
    with pytest.raises(AssertionError, match=f"seed {seed}: WITHIN.*a run is"):
        attacked(seed)
