"""Grids and JUnit."""

from __future__ import annotations

from xml.etree import ElementTree

import torch

from proofs.verdict import Verdict
from verify.equivalence.display import grids, junit
from verify.equivalence.judge import Equivalence


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


def test_junit_counts_what_is_not_proved() -> None:
    """A refutation is a failure, a module that could not be judged an error."""
    verdicts = (Verdict.PROVED_BOUNDED, Verdict.REFUTED, Verdict.UNKNOWN, Verdict.SKIPPED)
    findings = [
        Equivalence(f"m:{v}", "max_pool1d(2)", (1, 1, 4), "real", v, "why") for v in verdicts
    ]
    suite = ElementTree.fromstring(junit(findings))
    assert [suite.get(key) for key in ("tests", "failures", "errors")] == ["4", "2", "1"]
    assert [len(case) for case in suite] == [1, 2, 2, 2]
    assert suite[1][0].get("message") == "REFUTED: why"
