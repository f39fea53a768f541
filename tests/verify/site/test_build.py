"""The site as files: every link leads somewhere, and nothing comes from elsewhere."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from proofs import claims
from verify.site.writing import PARTS

pytestmark = pytest.mark.slow


class _Page(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.links: list[str] = []
        self.anchors: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if name == "id" and value:
                self.anchors.add(value)
            if name in ("href", "src") and value:
                self.links.append(value)


def pages(site: Path) -> dict[Path, _Page]:
    """Return every page of a site, read."""
    read = {}
    for file in sorted(site.rglob("*.html")):
        page = _Page()
        page.feed(file.read_text(encoding="utf-8"))
        read[file] = page
    return read


def broken(site: Path) -> list[str]:
    """Return the links of a site that lead nowhere, or elsewhere."""
    known = pages(site)
    wrong = []
    for file, page in known.items():
        for link in page.links:
            path, _, anchor = link.partition("#")
            target = (file.parent / path).resolve() if path else file
            foreign = re.match(r"[a-z]+:|//", link)
            lost = anchor and target in known and anchor not in known[target].anchors
            if foreign or not target.is_file() or lost:
                wrong.append(f"{file.relative_to(site)}: {link}")
    return wrong


def test_every_link_leads_somewhere(site: Path) -> None:
    """Links of all pages, cells of the matrix among them, lead to files and anchors that are."""
    assert broken(site) == []


def test_a_broken_link_is_seen(tmp_path: Path) -> None:
    """Of files, anchors and foreign addresses that are missing, each is said."""
    links = ("no.html", "#no", "https://example.org/")
    text = "".join(f'<a href="{link}">x</a>' for link in links) + '<p id="yes"><a href="#yes">y</a>'
    (tmp_path / "index.html").write_text(text, encoding="utf-8")
    assert broken(tmp_path) == [f"index.html: {link}" for link in links]


def test_nothing_is_fetched_from_elsewhere(site: Path) -> None:
    """No script, style or page names a foreign address where a browser would follow it."""
    for file in (*site.rglob("*.css"), *site.rglob("*.js")):
        words = re.sub(r"//.*", "", file.read_text(encoding="utf-8"))
        assert not re.findall(r"""(?:url\(|import\s*\(?|fetch\()\s*["']?(?:https?:)?//""", words)


def test_every_cell_has_a_link_and_a_place(site: Path, report: dict[str, Any]) -> None:
    """Each cell of the report is a link of the matrix to its section of the claim's page."""
    matrix = (site / "index.html").read_text(encoding="utf-8")
    assert report["cells"]
    for cell in report["cells"]:
        assert f'href="claims/{cell["claim"]}.html#{cell["system"]}"' in matrix


def test_every_claim_has_a_page_with_its_evidence(site: Path, report: dict[str, Any]) -> None:
    """A page says the title, every engine that was asked, and the mutants."""
    for name, claim in claims().items():
        page = (site / "claims" / f"{name}.html").read_text(encoding="utf-8")
        engines = {
            evidence["engine"]
            for cell in report["cells"]
            if cell["claim"] == name
            for part in cell["parts"]
            for evidence in part["evidence"]
        }
        assert all(f"<td>{engine}</td>" in page for engine in engines), name
        assert page.count('<section class="evidence"') == len(
            [cell for cell in report["cells"] if cell["claim"] == name]
        )
        assert claim.source.split()[0] in page


def test_it_is_small(site: Path) -> None:
    """Without the solver it stays below 15 MB."""
    files = [file for file in site.rglob("*") if file.is_file() and file.name != "report.json"]
    assert sum(file.stat().st_size for file in files) < 15e6  # the report is the tests' own


def test_the_parts_are_there(site: Path) -> None:
    """Every head of the bar is a page."""
    assert all((site / href).is_file() for href, _ in PARTS)
