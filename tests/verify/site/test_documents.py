"""Documents, exercises and poolings as pages."""

from __future__ import annotations

import re
import shlex
from html import unescape
from pathlib import Path

import pytest

from pooling.kind import kinds
from tests.verify.site.conftest import found
from verify.cli import main
from verify.commands.options import USAGE
from verify.site import documents
from verify.site.writing import Site


def test_every_document_has_a_page_with_links_that_work(tmp_path: Path) -> None:
    """Links between documents lead to pages; those to files become code."""
    site = Site(tmp_path)
    documents.write_guides(site)
    names = {file.stem for file in (documents.folder() / "docs").glob("*.md")}
    assert names <= {file.stem for file in (tmp_path / "guides").glob("*.html")}
    readme = (tmp_path / "guides" / "readme.html").read_text(encoding="utf-8")
    assert 'href="../guides/trust.html"' in readme
    assert '.md"' not in readme


def test_the_command_on_the_page_of_guides_is_one(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """It is understood as it stands: all that is missing is the reader's own file."""
    documents.write_guides(Site(tmp_path))
    page = unescape((tmp_path / "guides.html").read_text(encoding="utf-8"))
    (command,) = re.findall(r"<pre[^>]*>python -m verify ([^<]*)<", page)
    assert main(shlex.split(command.replace("\\\n", ""))) == USAGE
    assert "there is no file yours.py" in capsys.readouterr().err


def test_markdown_is_no_way_to_write_html() -> None:
    """Tags in a document stay text; marks of generators are left out."""
    assert "<script>" not in documents.html("<script>alert(1)</script>\n\n<!-- counters: begin -->")
    assert "counters: begin" not in documents.html("a\n<!-- counters: begin -->\nb")


def test_code_is_coloured_and_can_be_reached() -> None:
    """A block of a known language has spans; of an unknown one it is text."""
    assert '<pre tabindex="0">' in documents.html("```python\nx = 1\n```")
    assert "<span" in documents.html("```python\nx = 1\n```")
    assert "x = 1" in documents.html("```nosuchlanguage\nx = 1\n```")


@pytest.mark.slow
def test_each_exercise_has_its_wrong_answers_with_counterexamples(tmp_path: Path) -> None:
    """Wrong answers that a claim refutes show the values, where the report has them."""
    documents.write_chapter(Site(tmp_path), found(["max-is-relu"]))
    page = (tmp_path / "chapter.html").read_text(encoding="utf-8")
    assert all(f'id="exercise-{number}"' in page for number in range(1, 8))
    assert "in float16: false at a = 1.0009765625, b = -1.0" in page


def test_each_kind_of_pooling_has_a_page(tmp_path: Path) -> None:
    """It says what `verify show` says, with links to claims."""
    documents.write_poolings(Site(tmp_path))
    for kind in kinds():
        assert (tmp_path / "poolings" / f"{kind.family}.html").is_file()
    page = (tmp_path / "poolings" / "max_pool.html").read_text(encoding="utf-8")
    assert 'href="../claims/max-pool-is-fold.html"' in page


def test_without_documents_it_says_so(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Where neither a checkout nor an installation has them, the error names both places."""
    monkeypatch.setattr(documents, "__file__", str(tmp_path / "a" / "b" / "c.py"))
    monkeypatch.setattr("sys.prefix", str(tmp_path))
    with pytest.raises(FileNotFoundError, match="neither beside the packages nor under"):
        documents.folder()
