"""Poolings in other words: right ones proved, every twin refuted, and the page says so."""

from __future__ import annotations

import pytest

from benchmarks.rewrites import END, PAGE, Row, judged, on_page, tables
from examples.rewrites import families
from proofs.verdict import Verdict


def test_there_are_enough_of_each_family() -> None:
    """Two or more of each, sixty or more in all, no name twice."""
    every = dict(families())
    assert all(len(pairs) >= 2 for pairs in every.values())
    names = [pair.name for pairs in every.values() for pair in pairs]
    assert len(names) == len(set(names)) >= 60


def test_the_page_lists_them_all() -> None:
    """Every pair has its row, with its mistake."""
    text = on_page()
    for _, pairs in families():
        for pair in pairs:
            assert f"| {pair.name} | " in text
            assert f" | {pair.mistake} | `REFUTED` |" in text
    assert PAGE.read_text("utf-8").count(END) == 1


def test_a_table_counts_what_was_said() -> None:
    """Of two pairs of one family, one proved and both refuted."""
    (name, pairs), *_ = families()
    rows = [
        Row(name, pairs[0], Verdict.PROVED_BOUNDED, Verdict.REFUTED),
        Row(name, pairs[1], Verdict.UNKNOWN, Verdict.REFUTED),
    ]
    text = tables(rows)
    assert "1 of 2 rewrites are proved, 2 of 2 twins refuted." in text
    assert f"| {name} | 2 | 1 | 2 |" in text


@pytest.mark.slow
def test_right_ones_are_proved_and_twins_refuted() -> None:
    """Nine in ten of the right ones, every twin, and all as the page says."""
    rows = judged()
    assert [row.pair.name for row in rows if row.wrong is not Verdict.REFUTED] == []
    assert [row.pair.name for row in rows if row.right is Verdict.REFUTED] == []
    assert sum(row.right.settles for row in rows) >= 0.9 * len(rows)
    assert tables(rows) == on_page()
