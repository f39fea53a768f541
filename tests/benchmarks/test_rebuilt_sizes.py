"""The project's own rebuilds at every size."""

from __future__ import annotations

import json
import random
from datetime import UTC, datetime
from typing import Any

import pytest

from benchmarks import rebuilt_sizes
from benchmarks.rebuilt_sizes import Configuration, configurations, fine, judged, main


def test_all_windows_over_one_axis_and_some_over_two() -> None:
    """Kernels up to 5, strides up to 3, padding up to half, dilation up to 2, both roundings."""
    every = configurations()
    assert len({one.name for one in every}) == len(every) == 1278
    apart = [one for one in every if dict(one.arguments).get("dilation") in (2, (2, 2))]
    assert sum(one.layer == "AvgPool1d" for one in apart) == 2 * 66
    assert sum(one.layer == "AvgPool2d" for one in apart) >= 12
    assert sum(one.layer == "MaxPool1d" for one in every) == 6 * 132
    assert sum(one.layer.endswith("2d") for one in every) >= 40
    layers = {one.layer for one in every}
    assert layers >= {"MaxPool2d", "MinPool2d", "AvgPool2d", "MinPool1d", "AdaptiveAvgPool1d"}
    assert layers >= {"AdaptiveAvgPool2d", "AdaptiveMaxPool1d", "AdaptiveMaxPool2d"}


def test_a_rebuild_is_proved_and_a_wrong_one_is_not() -> None:
    """The row says for which sizes."""
    right = Configuration("AvgPool1d", (("kernel_size", 3), ("padding", 1)))
    assert judged(right) == {"verdict": "PROVED", "sizes": "all"}
    several = {"verdict": "PROVED_BOUNDED", "sizes": "60 sizes up to 1×4×3"}
    assert not fine(right, several)
    largest = Configuration("AdaptiveMaxPool1d", (("output_size", 2),))
    assert fine(largest, several)
    assert not fine(largest, {"verdict": "PROVED_BOUNDED", "sizes": "1×1×1"})
    assert not fine(largest, {"verdict": "REFUTED", "sizes": "60 sizes up to 1×4×3"})


@pytest.mark.slow
def test_where_sizes_are_divided_some_are_left_to_bounds() -> None:
    """Proved where they are even, and at so many others."""
    divided = Configuration("AdaptiveAvgPool1d", (("output_size", 2),))
    assert fine(divided, judged(divided))
    whole = Configuration("AdaptiveAvgPool2d", (("output_size", 1),))
    assert fine(whole, judged(whole))
    both = Configuration("AdaptiveAvgPool2d", (("output_size", 2),))
    assert judged(both)["sizes"].startswith("H and W even; besides ")


def test_what_is_otherwise_is_an_error(
    tmp_path: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """It is named, and the record says so."""
    row = {"verdict": "REFUTED", "sizes": "none", "reason": "at 1×1×1: 2 instead of 1"}
    monkeypatch.setattr(rebuilt_sizes, "judged", lambda one: row)
    record = tmp_path / "record.json"
    assert main(["--share", "0.0016", "--seed", "1", "--record", str(record)]) == 1
    assert "2 instead of 1" in capsys.readouterr().out
    assert json.loads(record.read_text(encoding="utf-8"))["totals"] == {"REFUTED": 2}


@pytest.mark.slow
def test_a_share_drawn_by_the_date_is_proved() -> None:
    """A fortieth, another one every day; `make full` judges them all."""
    every = configurations()
    draw = random.Random(f"{datetime.now(UTC):%Y-%m-%d}")
    chosen = draw.sample(every, len(every) // 40)
    assert {one.name: row for one in chosen if not fine(one, row := judged(one))} == {}
