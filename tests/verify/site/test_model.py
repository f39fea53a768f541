"""What a model costs, as a page."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

import costmodel
from verify.site.model import write


def test_the_page_has_totals_tree_and_rooflines(tmp_path: Path) -> None:
    """Figures are those of the cost, modules are indented, the picture is drawn."""
    pytest.importorskip("matplotlib")
    model = torch.nn.Sequential(torch.nn.Conv2d(3, 8, 3), torch.nn.MaxPool2d(2))
    counted = costmodel.of_model(model, (1, 3, 16, 16))
    write(tmp_path, counted, [counted.roofline("H100 SXM")])
    page = (tmp_path / "index.html").read_text(encoding="utf-8")
    assert f"{counted.total.flops:,} operations" in page
    assert page.count("MaxPool2d") == 1
    assert "<svg" in (tmp_path / "rooflines.svg").read_text(encoding="utf-8")
    assert f"{counted.parameters:,}" in page
