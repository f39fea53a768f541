from __future__ import annotations

import pytest
import torch

from benchmarks import accuracy
from benchmarks.accuracy import MARKS, Accuracy


@pytest.fixture(scope="module")
def page() -> str:
    """Return the page as it was written last."""
    return accuracy.PAGE.read_text("utf-8")


def between(page: str, name: str) -> str:
    """Return what stands between the marks of a name."""
    begin, end = MARKS[name]
    return page.split(begin)[1].split(end)[0]


@pytest.mark.parametrize(("dtype", "side"), [("float16", 32), ("bfloat16", 33), ("float64", 7)])
def test_an_average_keeps_its_bound(page: str, dtype: str, side: int) -> None:
    """Measured again, whoever adds up; the row of the page has the same bound."""
    found = accuracy.average_error(dtype, side)
    assert 0 < found.rebuilt <= found.bound
    assert f"\n| {dtype} | {side**2} | {found.bound} | " in between(page, "averages")


def test_every_average_on_the_page_keeps_its_bound(page: str) -> None:
    """A row for every format and size; beyond 1,024 taps the bound is that of two axes."""
    lines = [line for line in between(page, "averages").splitlines() if line.startswith("| ")][1:]
    rows = [line.strip("| ").split(" | ") for line in lines if "---" not in line]
    assert [(dtype, int(taps)) for dtype, taps, *_ in rows] == [
        (dtype, side**2) for dtype in accuracy.AVERAGE_FORMATS for side in accuracy.SIDES
    ]
    for _, taps, bound, rebuilt, _ in rows:
        assert 0 < float(rebuilt) <= int(bound)
        assert (int(bound) == int(taps) + 2) is (int(taps) <= 1024)


@pytest.mark.parametrize("row", [("normal", "float16", 2), ("rectified", "bfloat16", 3)], ids=str)
def test_a_row_is_todays(page: str, row: tuple[str, str, int]) -> None:
    """Measuring a row again gives the very line of the page."""
    data, dtype, kernel_size = row
    found = {network: accuracy.accuracy(network, *row) for network in accuracy.NETWORKS}
    section = page.split(f"### On {data} data")[1].split("###")[0]
    assert accuracy.line(dtype, kernel_size, found) in section


def test_every_row_is_there(page: str) -> None:
    """Two tables, with a row for every format and size and a cell for every network."""
    lines = between(page, "accuracy").splitlines()
    rows = [line for line in lines if line.startswith(("| float", "| bfloat"))]
    expected = [
        (dtype, str(size**2))
        for _ in accuracy.DATA
        for dtype in accuracy.FORMATS
        for size in accuracy.KERNEL_SIZES
    ]
    assert [tuple(row.strip("| ").split(" | ")[:2]) for row in rows] == expected
    assert {row.count("|") for row in rows} == {len(accuracy.NETWORKS) + 3}


def test_tables_go_between_the_marks() -> None:
    """Whatever stood there is replaced, and nothing around it."""
    for name, (begin, end) in MARKS.items():
        page = f"before\n{begin}old{end}after"
        assert accuracy.with_tables(page, "new\n", name) == f"before\n{begin}new\n{end}after"


def test_rectified_data_is_never_off_by_more_than_an_ulp(page: str) -> None:
    """As proved for numbers that are not negative, in every network."""
    section = between(page, "accuracy").split("### On rectified data")[1]
    cells = [cell for line in section.splitlines() for cell in line.split("|") if "%" in cell]
    assert len(cells) == 4 * 12
    assert all(cell.strip().endswith(" %, 1") for cell in cells)


def test_networks_pool_windows() -> None:
    """Every network is exact on small integers, and errs as it should where it must."""
    x = torch.tensor([[[[3.0, -2.0], [5.0, 1.0]]], [[[-1.0, -4.0], [-3.0, -2.0]]]])
    for network in accuracy.NETWORKS:
        assert accuracy.pooled(network, x.half()).tolist() == [5.0, -1.0]
    lost = torch.tensor([[[[-2048.0, 0.5], [0.5, 0.5]]]]).half()
    assert accuracy.pooled("fold", lost).tolist() == [0.5]
    assert accuracy.pooled("turned", lost).tolist() == [0.5]


def test_cells() -> None:
    """A share of the windows in per cent and the worst error, or nothing wrong at all."""
    assert str(Accuracy(0, 0.0)) == "0"
    assert str(Accuracy(accuracy.WINDOWS // 2, 3.0)) == "50.00 %, 3"
