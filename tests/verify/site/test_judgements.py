"""The results of a class as pages."""

from __future__ import annotations

from pathlib import Path

import torch

from proofs.verdict import Verdict
from verify.judge import equivalent
from verify.judge.equivalence import Equivalence
from verify.site.judgements import LARGEST_GRID, grids, write


def test_a_class_has_a_table_and_a_page_each(tmp_path: Path) -> None:
    """A wrong answer shows the input and both outputs, with the place where they differ marked."""
    wrong = equivalent(torch.nn.AvgPool2d(2), "max_pool2d(2)", (1, 1, 4, 4), name="<Cleo>")
    shape = (1, 1, 4, 4)
    missing = Equivalence("a", "max_pool2d(2)", shape, "real", Verdict.MISSING, "no such file")
    write(tmp_path, [wrong, missing])
    table = (tmp_path / "index.html").read_text(encoding="utf-8")
    assert "0 of 2 proved" in table and "&lt;Cleo&gt;" in table and "<Cleo>" not in table
    page = (tmp_path / "answers" / "1.html").read_text(encoding="utf-8")
    assert page.count('class="marked"') == 2
    assert "The module gives" in page and "The reference gives" in page
    assert "no such file" in (tmp_path / "answers" / "2.html").read_text(encoding="utf-8")


def test_large_grids_are_cut_around_the_place() -> None:
    """Of 100 × 100 some rows and columns are shown, the marked entry among them."""
    (grid,) = grids(torch.arange(10_000.0).reshape(1, 1, 100, 100), (0, 0, 70, 80))
    assert len(grid.rows) == len(grid.rows[0]) == LARGEST_GRID
    assert grid.marked is not None
    assert grid.rows[grid.marked[0]][grid.marked[1]] == "7080"
    assert grid.note == "part of 100 × 100, from [58, 68] on"


def test_planes_of_zeros_are_left_out() -> None:
    """Of three channels the one that holds something is shown, by its place."""
    tensor = torch.zeros(1, 3, 2, 2)
    tensor[0, 1, 0, 0] = 5
    assert [grid.head for grid in grids(tensor)] == ["[0, 1]"]


def test_many_planes_are_counted() -> None:
    """Beyond a few the rest is a number."""
    assert grids(torch.ones(1, 20, 2, 2))[-1].head == "and 14 more"


def test_a_tensor_of_one_axis_is_a_row() -> None:
    """Its place is in that row."""
    (grid,) = grids(torch.tensor([1.0, 2.0]), (1,))
    assert (grid.rows, grid.marked) == ((("1", "2"),), (0, 1))
