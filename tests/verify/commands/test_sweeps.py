from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.verify.commands.command_line import answered
from verify.commands.options import INTERNAL
from verify.sweeps import record


def test_the_page_says_what_each_sweep_found(capsys: pytest.CaptureFixture[str]) -> None:
    """Claim, format, statement, totals and day."""
    code, out, _ = answered("sweeps", [], capsys)
    words = " ".join(out.split())
    assert code == 0
    assert "wide-difference-when-close float16, close enough: " in words
    assert "3,680,489,473 of 4,294,967,296 pairs within the premises, none fails; swept 20" in words
    sweeps = words.count("none fails; swept 20")
    assert sweeps > 50
    assert f"{sweeps} sweeps of {sweeps << 32:,} pairs in all, recorded with llvmlite " in words


def test_a_void_record_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """In a line, with what makes it anew."""
    path = tmp_path / "sweeps.json"
    path.write_text(json.dumps({"versions": "", "sweeps": []}), encoding="utf-8")
    monkeypatch.setattr(record.recorded, "__defaults__", (path,))
    code, _, err = answered("sweeps", [], capsys)
    assert code == INTERNAL
    assert err.endswith("has changed: python -m verify sweeps --record makes it again\n")
    assert len(err.splitlines()) == 1
