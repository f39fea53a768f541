"""The page of a layer: nothing cut at 80 columns, and what is not known said in words."""

from __future__ import annotations

from io import StringIO
from typing import Any

import pytest
from rich.console import Console

from verify.display.cost.layer import LayerCost
from verify.display.cost.page import print_cost


def page(operator: str, shape: tuple[int, ...], width: int = 80, **arguments: Any) -> str:
    """Return what is printed of a layer."""
    sink = StringIO()
    layer = LayerCost(operator, shape, arguments)
    print_cost(Console(file=sink, width=width, highlight=False), layer, layer.rooflines())
    return sink.getvalue()


@pytest.mark.parametrize(
    ("operator", "shape", "arguments"),
    [
        ("max_pool2d", (1, 64, 112, 112), {"kernel_size": 3, "stride": 2, "padding": 1}),
        ("avg_pool3d", (32, 512, 64, 112, 112), {"kernel_size": 3, "stride": 2, "padding": 1}),
        ("max_pool2d", (1, 3, 9, 10**26), {"kernel_size": 2, "return_indices": True}),
        ("avg_pool2d_backward", (1, 64, 112, 112), {"kernel_size": 3, "ceil_mode": True}),
    ],
)
def test_nothing_is_cut_at_80_columns(
    operator: str, shape: tuple[int, ...], arguments: dict[str, Any]
) -> None:
    """All lines fit but the LaTeX, which is one line to be copied."""
    lines = page(operator, shape, **arguments).splitlines()
    wide = [line for line in lines if len(line.rstrip()) > 80]
    assert all("\\left" in line for line in wide)
    assert not any("…" in line for line in lines)


def test_large_figures_are_whole() -> None:
    """A count of 28 digits goes on in the next line of its cell."""
    text = page("max_pool2d", (1, 3, 9, 10**26), kernel_size=2)
    assert "1,800,000,000,000,000,000,000,000,000" in text
    lines = text.splitlines()
    (first,) = [i for i, line in enumerate(lines) if line.startswith("taps")]
    whole = lines[first].split()[1] + lines[first + 1].split()[0]
    assert whole == "2,400,000,000,000,000,000,000,000,000"


def test_a_backward_pass_gives_a_gradient() -> None:
    """Its output has the shape of the input."""
    text = page("max_pool2d_backward", (1, 8, 9, 9), kernel_size=3)
    assert "the gradient of the input" in text
    assert "72 indices" in text


def test_what_is_not_known_is_said() -> None:
    """Windows that are drawn at random read nobody knows what."""
    text = page("fractional_max_pool2d", (1, 8, 9, 9), kernel_size=2, output_size=3)
    assert "not known: it takes more than the shape" in text
    assert "intensity" not in text
    assert "device" not in text


def test_small_sizes_need_no_formula() -> None:
    """Where no size is a symbol the formula is the number, which stands there already."""
    assert "operations," not in page("max_pool2d", (1, 3, 3, 3), kernel_size=2)


def test_a_formula_without_the_spatial_sizes_says_so() -> None:
    """The reader learns why H and W are missing."""
    text = page("max_pool2d", (1, 64, 9, 9), kernel_size=3, dilation=2)
    assert "operations, C = 64:" in text
    assert "it would fill a page" in text


def test_the_cheapest_algorithm_is_named() -> None:
    """All that take the least, unless all take the same."""
    text = page("max_pool1d", (1, 90), kernel_size=9, stride=1)
    (line,) = [line for line in text.splitlines() if "cheapest" in line]
    assert line.split()[0] == "van_herk"
    assert "cheapest" not in page("max_pool1d", (1, 9), kernel_size=1)


def test_no_operation_at_all() -> None:
    """A window of one element, and an empty batch: no ratio, no division by zero."""
    assert "%" not in page("max_pool2d", (1, 8, 9, 9), kernel_size=1)
    assert "intensity" not in page("max_pool2d", (0, 8, 9, 9), kernel_size=3)


def test_parts_of_a_window_have_a_point() -> None:
    """The popular answer without floors counts 7.5 where others count whole windows."""
    row = next(
        line
        for line in page("max_pool1d", (1, 6), kernel_size=3, stride=2).splitlines()
        if "popular_real" in line
    )
    assert row.split() == ["popular_real", "7.50", "187.5%"]
