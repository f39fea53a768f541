"""Grids and JUnit."""

from __future__ import annotations

import io
from xml.etree import ElementTree

import pytest
import torch
from rich.console import Console

from proofs.verdict import Verdict
from verify.display.judgements import grids, junit, print_table
from verify.judge.equivalence import Equivalence, TensorCounterexample


def test_the_grid_of_the_marked_element_is_shown() -> None:
    """Its place among the leading axes, and brackets around it."""
    x = torch.zeros(1, 2, 2, 2)
    x[0, 1, 0, 1] = -1.5
    assert list(grids(x, (0, 1, 0, 1))) == ["[0, 1]", "     0 [-1.5]", "     0      0"]


def test_grids_of_zeros_are_left_out() -> None:
    """An input shows only where it is not 0."""
    x = torch.zeros(1, 3, 1, 2)
    x[0, 2, 0, 0] = 4
    assert list(grids(x)) == ["[0, 2]", "4 0", "0 everywhere else"]
    assert list(grids(torch.zeros(1, 1, 1, 2))) == ["[0, 0]", "0 0"]


def test_large_grids_are_cut_around_the_element() -> None:
    """The marked element is always in the part that is shown."""
    lines = list(grids(torch.zeros(40, 40), (30, 2)))
    assert any("[0]" in line for line in lines)
    assert lines[-1] == "(part of 40 × 40, from [15, 0] on)"


def test_inputs_are_exact_and_outputs_as_long_as_asked() -> None:
    """An input can be typed in as it stands; outputs have the digits that tell them apart."""
    x = torch.tensor([[-1000000001.0, 0.1, 2.0]], dtype=torch.float64)
    assert list(grids(x)) == ["-1000000001         0.1           2"]
    assert list(grids(x, (0, 0), 6)) == ["[-1e+09]      0.1        2"]
    assert next(iter(grids(x, (0, 0), 10))).startswith("[-1000000001]")


def judged(module: str, reason: str = "32 outputs, 9 kinds of window") -> Equivalence:
    """Return a finding about a module."""
    return Equivalence(module, "max_pool2d(2)", (1,), "real", Verdict.PROVED_BOUNDED, reason)


@pytest.mark.parametrize(
    "lines",
    [
        ["mine.py:Goodpool"],
        ["homework/second_week/", "ada_lovelace.py:", "MaxPoolByReluAndConvolution"],
        ["a_rather_long_name_for_a_", "file_of_homework.py:MaxPool"],
    ],
)
def test_names_stand_whole_in_a_narrow_table(lines: list[str]) -> None:
    """At 80 columns a place ends its lines only where a word ends, beside a long remark."""
    text = io.StringIO()
    long = judged("".join(lines), "a remark that is far too long for one line of a table " * 3)
    print_table(Console(file=text, width=80), [long, judged("other.py:Pool")])
    rows = text.getvalue().splitlines()
    assert all(len(row) <= 80 for row in rows)
    first = next(i for i, row in enumerate(rows) if row.startswith(f" {lines[0]} "))
    for row, line in zip(rows[first:], lines, strict=False):
        assert row.startswith(f" {line} ")


def refuted(mine: float, other: float) -> Equivalence:
    """Return a refutation with two outputs that differ."""
    left, right = (torch.tensor([[[value]]], dtype=torch.float64) for value in (mine, other))
    x = torch.tensor([[[0.0, 3.0]]], dtype=torch.float64)
    shown = TensorCounterexample(x, left, right, (0, 0, 0), "run in float64")
    return Equivalence("m:wrong", "max_pool1d(2)", (1, 1, 2), "real", Verdict.REFUTED, "why", shown)


def test_a_failure_in_junit_shows_the_counterexample() -> None:
    """The page of a single module: the input, both outputs, and where they differ."""
    (case,) = ElementTree.fromstring(junit([refuted(0, 3)]))
    (failure, _) = case
    assert (failure.text or "").splitlines() == [
        "m:wrong = max_pool1d(2) for every real input of shape (1, 1, 2)",
        "  REFUTED  why",
        "",
        "  input",
        "    [0]",
        "    0 3",
        "",
        "  module: 0 at [0, 0, 0]",
        "    [0]",
        "    [0]",
        "",
        "  reference: 3 there",
        "    [0]",
        "    [3]",
        "",
        "  run in float64",
        "  0.0 s",
    ]


def test_outputs_that_differ_are_written_differently() -> None:
    """In the titles and in the grids."""
    (case,) = ElementTree.fromstring(junit([refuted(-1e9, -1e9 - 1)]))
    text = case[0].text or ""
    assert "module: -1000000000 at" in text
    assert "reference: -1000000001 there" in text
    assert "[-1000000000]" in text
    assert "[-1000000001]" in text


def test_junit_counts_what_is_not_proved() -> None:
    """A refutation is a failure, a module that could not be judged an error."""
    verdicts = (Verdict.PROVED_BOUNDED, Verdict.REFUTED, Verdict.UNKNOWN, Verdict.NOT_JUDGED)
    findings = [
        Equivalence(f"m:{v}", "max_pool1d(2)", (1, 1, 4), "real", v, "why") for v in verdicts
    ]
    suite = ElementTree.fromstring(junit(findings))
    assert [suite.get(key) for key in ("tests", "failures", "errors")] == ["4", "2", "1"]
    assert [len(case) for case in suite] == [1, 2, 2, 2]
    assert suite[1][0].get("message") == "REFUTED: why"
