"""The edits that must not go unnoticed are edits of what is there."""

from __future__ import annotations

import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[1]


def test_every_edit_finds_its_line() -> None:
    """Once in its file: a line that has changed since would end every run that draws it."""
    edits = tomllib.loads((ROOT / ".ci" / "mutations.toml").read_text(encoding="utf-8"))["edit"]
    assert len(edits) > 90
    places = {e["title"]: (ROOT / e["file"]).read_text("utf-8").count(e["old"]) for e in edits}
    assert {title: number for title, number in places.items() if number != 1} == {}
