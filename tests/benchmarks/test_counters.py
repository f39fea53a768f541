from __future__ import annotations

import copy
import json
import re
import subprocess
from importlib.metadata import version
from typing import Any

import pytest
from packaging.version import Version

from benchmarks import counters, other_counters
from benchmarks.pooling_layers import LAYERS


@pytest.fixture(scope="module")
def record() -> dict[str, Any]:
    """Return what was measured last."""
    found: dict[str, Any] = json.loads(counters.RECORD.read_text("utf-8"))
    return found


@pytest.mark.parametrize("number", range(len(LAYERS)), ids=[layer.where for layer in LAYERS])
def test_truth_and_ours_are_todays(record: dict[str, Any], number: int) -> None:
    """Counting again, and asking today's formulas, gives what is recorded; and ours is right."""
    recorded = record["layers"][number]
    assert recorded == other_counters.describe_layer(LAYERS[number])
    assert recorded["ours"] == recorded["truth"]["operations"]


def test_every_layer_and_counter_is_recorded(record: dict[str, Any]) -> None:
    """None is left out, and each says something of every layer, if only an error."""
    assert len(record["layers"]) == len(LAYERS)
    assert [counter["name"] for counter in record["counters"]] == list(other_counters.COUNTERS)
    for counter in record["counters"]:
        assert len(counter["layers"]) == len(LAYERS)
        assert all(("answer" in says) != ("error" in says) for says in counter["layers"])


def test_the_page_is_what_the_record_makes_of_it(record: dict[str, Any]) -> None:
    """Nobody has edited the tables by hand."""
    page = counters.PAGE.read_text("utf-8")
    assert counters.with_tables(page, record) == page


def test_another_record_makes_another_page(record: dict[str, Any]) -> None:
    """An answer that changes is seen."""
    changed = copy.deepcopy(record)
    changed["counters"][0]["layers"][0]["answer"] += 1
    page = counters.PAGE.read_text("utf-8")
    assert counters.with_tables(page, changed) != page


def test_versions_recorded_are_the_pinned_ones(record: dict[str, Any]) -> None:
    """A pin that is raised asks for a new measurement."""
    lines = counters.REQUIREMENTS.read_text("utf-8").splitlines()
    pinned = dict(line.split("==") for line in lines if re.match(r"[\w.-]+==", line))
    for counter in record["counters"]:
        package = other_counters.COUNTERS[counter["name"]].distribution
        pin = pinned.get(package) or version(package)
        assert Version(counter["version"]).base_version == Version(pin).base_version


def described(operations: int, outputs: int, taps: int, *, tiled: bool = False) -> dict[str, Any]:
    """Return a recorded layer."""
    truth = {"operations": operations, "outputs": outputs, "taps": taps, "tiled": tiled}
    return {"truth": truth, "ours": operations}


@pytest.mark.parametrize(
    ("says", "shown"),
    [
        ({"answer": 1200}, "1,200 ✓"),
        ({"answer": 1500}, "1,500 ✓"),
        ({"answer": 1400}, "1,400 ✓"),
        ({"answer": 1201}, "1,201 ✗"),
        ({"answer": 0}, "0 ✗"),
        ({"error": "KeyError: 'pool'"}, "error: KeyError"),
    ],
)
def test_marks(says: dict[str, Any], shown: str) -> None:
    """Operations, operations with a starting value, and taps are right; an error is no number."""
    assert counters.marked(described(1200, 300, 1400), says) == shown


def test_scores_where_windows_tile_and_where_not() -> None:
    """Right answers are told apart, and errors are not right."""
    layers = [described(3, 1, 4, tiled=True), described(5, 1, 6), described(7, 1, 8)]
    says: list[dict[str, Any]] = [{"answer": 3}, {"answer": 5}, {"error": "KeyError"}]
    assert counters.scores(layers, says) == ["2", "1", "1"]


def test_errors_are_listed_once_with_their_layers() -> None:
    """In full, each beside the numbers of the layers it came up on."""
    broken = {"name": "mine", "layers": [{"error": "E: x"}, {"answer": 1}, {"error": "E: x"}]}
    assert counters.errors([broken]) == ["## Errors", "- mine: `E: x` (on 1, 3)"]
    assert counters.errors([{"name": "mine", "layers": [{"answer": 1}]}]) == []


def test_speed_names_the_fastest_on_meta_tensors() -> None:
    """A counter that needs elements on some layer is not in the race."""

    def timed(name: str, seconds: float, device: str) -> dict[str, Any]:
        says = {"seconds": seconds, "our_seconds": 1.0, "our_seconds_by_name": 0.5}
        return {"name": name, "layers": [{**says, "device": device}]}

    raced = [timed("slow", 9, "meta"), timed("quick", 3, "meta"), timed("quicker", 2, "cpu")]
    assert counters.speed({"counters": raced}) == (
        "The fastest of the other counters on meta tensors, quick, takes 3.0 times as long as "
        "ours, given the same layer; 6.0 times, given the operator's name."
    )


def test_a_failed_question_ends_the_run(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is written of a counter that could not be asked at all."""
    failed = subprocess.CompletedProcess([], 1, "", "what went wrong")
    monkeypatch.setattr(subprocess, "run", lambda *_, **__: failed)
    with pytest.raises(SystemExit) as caught:
        counters.ask("mine")
    assert str(caught.value) == "what went wrong\ncounters: asking mine failed"
