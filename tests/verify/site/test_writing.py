"""Pages, data and the index of the search."""

from __future__ import annotations

import json
from pathlib import Path

import jinja2
import pytest

from verify.site.writing import Site


def test_a_page_names_the_root_by_its_depth(tmp_path: Path) -> None:
    """Pages in folders find the assets above them."""
    site = Site(tmp_path)
    site.page("a/b.html", "licences.html", title="T", part="a", licences=())
    assert 'href="../assets/site.css"' in (tmp_path / "a" / "b.html").read_text(encoding="utf-8")
    assert (tmp_path / "assets" / "site.css").is_file()
    assert not (tmp_path / "assets" / "jsconfig.json").exists()


def test_what_a_template_lacks_is_an_error(tmp_path: Path) -> None:
    """Nothing is left empty without a word."""
    with pytest.raises(jinja2.UndefinedError):
        Site(tmp_path).page("a.html", "licences.html", title="T")


def test_titles_are_escaped(tmp_path: Path) -> None:
    """A title is text."""
    Site(tmp_path).page("a.html", "licences.html", title="<b>", licences=())
    assert "<h1>&lt;b&gt;</h1>" in (tmp_path / "a.html").read_text(encoding="utf-8")


def test_data_is_a_script(tmp_path: Path) -> None:
    """Constants are JSON, in letters as they are."""
    site = Site(tmp_path)
    site.found_by("≤", "kind", "a.html", "<i>words</i>\n and")
    site.finish()
    script = (tmp_path / "assets" / "search-data.js").read_text(encoding="utf-8")
    name, _, value = script.partition(" = ")
    assert name == "const SEARCH"
    assert json.loads(value.rstrip(";\n")) == [
        {"title": "≤", "kind": "kind", "href": "a.html", "words": "words and"}
    ]
