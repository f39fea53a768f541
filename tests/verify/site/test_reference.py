"""The reference from docstrings."""

from __future__ import annotations

from pathlib import Path

import pytest

import costmodel
import pooling
from verify.site import reference
from verify.site.writing import Site


@pytest.mark.slow
def test_every_public_name_is_somewhere(tmp_path: Path) -> None:
    """What the packages export is found by the search, with what it takes."""
    site = Site(tmp_path)
    reference.write(site)
    titles = {entry["title"] for entry in site.entries}
    functions = {
        name
        for package in (pooling, costmodel)
        for name in package.__all__
        if callable(getattr(package, name)) and getattr(package, name).__module__.startswith(
            ("pooling", "costmodel")
        ) and name[-2:] not in ("1d", "2d", "3d")
    }  # fmt: skip
    assert functions
    assert sorted(functions - titles) == []


def test_a_page_shows_arguments_errors_and_examples(tmp_path: Path) -> None:
    """Of a function: its signature, its sections, its examples as they are typed."""
    reference.write(Site(tmp_path))
    page = (tmp_path / "reference" / "pooling.windows.html").read_text(encoding="utf-8")
    assert "output_size(size: Number, kernel_size: Number" in page
    assert "&gt;&gt;&gt; output_size(112, 3, 2, (1, 1))" in page
    algorithms = (tmp_path / "reference" / "pooling.algorithms.html").read_text(encoding="utf-8")
    assert "<h5>Raises</h5>" in algorithms and "<h5>Parameters</h5>" in algorithms


@pytest.mark.slow
def test_claims_and_private_files_have_no_place(tmp_path: Path) -> None:
    """Claims have pages of their own."""
    reference.write(Site(tmp_path))
    names = [file.stem for file in (tmp_path / "reference").glob("*.html")]
    assert not [name for name in names if "._" in name or name.endswith("max_is_relu")]
