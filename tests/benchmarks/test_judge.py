"""The record of what the judge takes at the size of a real layer."""

from __future__ import annotations

import json

import pytest

from benchmarks import judge


def test_the_page_is_what_was_measured() -> None:
    """The table is the record's; every right network is proved there, every wrong one refuted."""
    record = json.loads(judge.RECORD.read_text("utf-8"))
    page = judge.PAGE.read_text("utf-8")
    assert page.split(judge.BEGIN)[1].split(judge.END)[0] == judge.table(record["rows"])
    assert len(record["commit"]) == 40
    every = {(row["network"], row["side"]) for row in record["rows"]}
    assert every == {(n.__name__, side) for n in judge.NETWORKS for side in (112, 224)}
    for row in record["rows"]:
        wrong = row["network"].startswith("one_")
        assert row["verdict"] == ("REFUTED" if wrong else "PROVED_BOUNDED")
        assert row["seconds"] > 0


@pytest.mark.slow
def test_one_is_measured() -> None:
    """A row has what the table shows."""
    row = judge.measured("one_place", 64)
    assert row["verdict"] == "REFUTED"
    assert "one place" in judge.table([row])
