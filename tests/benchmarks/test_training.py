"""The experiment with eight forms: its page, and a short share of it run again."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import torch

from benchmarks import training
from proofs.rebuilt.gradients_by_form import FORMS


@pytest.fixture(scope="module")
def record() -> Any:
    """Return what was measured last."""
    return json.loads(training.RECORD.read_text("utf-8"))


def test_the_page_is_of_today(record: Any) -> None:
    """Gradients as autograd gives them now, figures as they are recorded."""
    assert training.PAGE.read_text("utf-8") == training.page(record)


def test_the_plot_is_of_the_record(record: Any, tmp_path: Path) -> None:
    """Drawn again, it names every form and is light."""
    training.plot(record, tmp_path / "again.svg")
    again = (tmp_path / "again.svg").read_text("utf-8")
    assert all(form in again for form in FORMS)
    assert again == training.PLOT.read_text("utf-8")
    assert training.PLOT.stat().st_size < 100_000


def test_everything_is_recorded(record: Any) -> None:
    """Every form with every seed and epoch, and what learned has learned."""
    assert list(record["runs"]) == list(FORMS)
    assert record["seeds"] == list(training.SEEDS)
    for form, runs in record["runs"].items():
        assert [len(run["losses"]) for run in runs] == [training.EPOCHS] * len(training.SEEDS)
        if form != "log-sum-exp":
            assert all(run["accuracies"][-1] > 0.9 for run in runs), form


def test_windows_are_in_torchs_order() -> None:
    """A form on rows is a pooling of the picture."""
    x = torch.randn(2, 3, 4, 6, generator=torch.Generator().manual_seed(0))
    for form in ("native", "amax", "sort", "stable sort"):
        assert torch.equal(training.Pool(form)(x), torch.nn.functional.max_pool2d(x, 2))
    assert training.windows(torch.arange(16.0).reshape(1, 1, 4, 4))[1].tolist() == [2, 3, 6, 7]


@pytest.mark.slow
def test_a_short_share_gives_what_is_recorded(record: Any) -> None:
    """One seed, one epoch: the losses but for rounding, the ties to the window."""
    again = training.measure(seeds=(0,), epochs=1)
    assert list(again["ties"]["at the start"][0]) == list(record["ties"]["at the start"][0])
    for now, then in zip(
        again["ties"]["at the start"], record["ties"]["at the start"], strict=True
    ):
        assert now["tie"] == pytest.approx(then["tie"], abs=2e-3)
        assert now["all_zero"] == pytest.approx(then["all_zero"], abs=2e-3)
        assert now["moved"] == pytest.approx(then["moved"], abs=2e-2)
        assert now["moved"]["stable sort"] == now["moved"]["native"] == 0
        assert now["moved"]["sort"] > now["moved"]["amax"] > now["moved"]["three ReLUs"] > 0.1
    for form, (run,) in again["runs"].items():
        (loss,) = run["losses"]
        assert loss == pytest.approx(record["runs"][form][0]["losses"][0], rel=1e-4), form
    assert again["runs"]["stable sort"] == again["runs"]["native"]
