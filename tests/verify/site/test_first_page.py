"""The first page in a real browser, of a site with one claim: the quick look at the whole."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.verify.site.conftest import found
from verify.site import claims
from verify.site.numbers import formats
from verify.site.writing import Site

if TYPE_CHECKING:
    from playwright.sync_api import Page


@pytest.mark.slow
def test_it_shows_where_a_rewrite_fails_and_leads_to_the_evidence(
    page: Page, tmp_path: Path
) -> None:
    """Two numbers, step by step; a cell leads to its section. Without Chromium: skipped."""
    site = Site(tmp_path)
    site.data("formats-data.js", FORMATS=formats())
    claims.write(site, found(["max-is-relu"]))
    site.finish()
    page.goto((tmp_path / "index.html").as_uri())
    assert "Different" in page.locator(".playground-verdict").inner_text()
    page.locator("td[data-system=float16] a").click()
    assert page.url.endswith("claims/max-is-relu.html#float16")
    assert "Counterexample" in page.locator("section#float16").inner_text()
