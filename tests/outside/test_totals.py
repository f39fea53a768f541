"""The record of what suites have: no number in it falls."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tests.conftest import pytest_terminal_summary
from tests.outside import totals


@pytest.fixture
def record(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the place of a record of one made-up suite."""
    path = tmp_path / "totals.json"
    path.write_text(json.dumps({"made up": {"pool": 3, "unpool": 1}}))
    monkeypatch.setattr(totals, "RECORD", path)
    monkeypatch.setattr(totals, "SUITES", {"made up": "made_up"})
    return path


def test_fewer_samples_are_refused(record: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One sample less, or none of a kind: it is named, and the record stays as it was."""
    found = {"pool": 2}
    monkeypatch.setattr(totals, "import_module", lambda _: SimpleNamespace(found=lambda: found))
    before = record.read_text()
    assert totals.main() == ("made up: 2 of 3 samples of pool\nmade up: 0 of 1 samples of unpool")
    assert record.read_text() == before


def test_more_are_written(
    record: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """And count from then on."""
    found = {"pool": 4, "unpool": 1}
    monkeypatch.setattr(totals, "import_module", lambda _: SimpleNamespace(found=lambda: found))
    assert totals.main() is None
    assert capsys.readouterr().out == "made up: 5 samples\n"
    assert totals.recorded("made up") == found
    assert totals.lost("made up", {"pool": 3, "unpool": 1}) == ["made up: 3 of 4 samples of pool"]


def test_a_run_ends_with_what_was_compared() -> None:
    """The sum over the tests that passed, suite by suite."""

    def report(passed: bool, when: str, value: Any) -> Any:
        return SimpleNamespace(passed=passed, when=when, user_properties=[("outside", value)])

    said: list[str] = []
    reports = [
        report(True, "call", ["made up", 5, 2]),
        report(True, "call", ["made up", 1, 1]),
        report(True, "teardown", ["made up", 9, 9]),
        report(False, "call", ["made up", 9, 9]),
    ]
    reporter = SimpleNamespace(stats={"passed": reports}, write_line=said.append)
    pytest_terminal_summary(reporter)
    assert said == ["made up: 3 of 6 samples compared"]
