"""Z3 in the reader's browser, on the obligations of cells."""

from __future__ import annotations

import random
import shutil
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.verify.site.conftest import found
from verify.site import claims
from verify.site.writing import HERE, Site

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.slow


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def served(solver: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Serve a site with the solver in it, as any static host would."""
    site = Site(tmp_path_factory.mktemp("served"))
    claims.write(site, found(["max-is-relu", "max-is-relu-when-ordered"]), solver=True)
    site.finish()
    site.copy([solver / "z3-built.js", solver / "z3-built.wasm"], "solver")
    shutil.copy(HERE / "assets" / "isolation.js", site.folder)
    handler = partial(_Quiet, directory=str(site.folder))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


def test_a_cell_is_checked_in_the_browser(served: str, page: Page) -> None:
    """The first click brings isolation and comes back by itself; Z3 says what is expected."""
    page.goto(f"{served}claims/max-is-relu.html")
    page.locator("details.obligations[data-system=real] summary").click()
    page.locator("details.obligations[data-system=real] button.check").first.click()
    said = page.locator("details.obligations[data-system=real] button.check + span").first
    said.get_by_text("as expected").wait_for(timeout=90_000)
    assert said.inner_text().startswith("✓ unsat, as expected")
    refuted = page.locator("details.obligations[data-system=int8]")
    refuted.locator("summary").click()
    refuted.locator("button.check").first.click()
    refuted.locator("button.check + span").first.get_by_text("as expected").wait_for(timeout=90_000)
    assert refuted.locator("button.check + span").first.inner_text().startswith("✓ sat")


def test_a_wrong_answer_is_seen(served: str, page: Page) -> None:
    """An obligation whose status is not what Z3 says is marked."""
    page.goto(f"{served}claims/max-is-relu.html")
    text = page.evaluate("async (url) => (await fetch(url)).text()",
                         f"{served}obligations/max-is-relu__real.smt2")  # fmt: skip
    wrong = text.replace(":status unsat", ":status sat")
    assert wrong != text
    page.route("**/max-is-relu__real.smt2", lambda route: route.fulfill(body=wrong))
    page.evaluate("navigator.serviceWorker.getRegistrations().then((all) => all.length)")
    page.locator("details.obligations[data-system=real] summary").click()
    button = page.locator("details.obligations[data-system=real] button.check").first
    button.click()
    said = page.locator("details.obligations[data-system=real] button.check + span").first
    said.get_by_text("expected").wait_for(timeout=90_000)
    assert "Z3 …" not in said.inner_text()


def test_most_obligations_are_settled_there(served: str, page: Page) -> None:
    """Of some drawn at random none is answered otherwise than expected."""
    page.goto(f"{served}claims/max-is-relu-when-ordered.html")
    page.locator("details.obligations summary").first.click()
    page.locator("button.check").first.click()
    page.locator("button.check + span").first.get_by_text("expected").wait_for(timeout=90_000)
    names = page.locator("button.check").evaluate_all("all => all.map((one) => one.dataset.file)")
    answers = []
    for name in random.Random(0).sample(names, min(4, len(names))):
        place = page.locator(f"button.check[data-file='{name}']")
        place.evaluate("one => { one.closest('details').open = true; }")
        place.click()
        said = place.locator("xpath=following-sibling::span[1]")
        said.get_by_text("expected").wait_for(timeout=90_000)
        answers.append(said.inner_text())
    assert not [answer for answer in answers if answer.startswith("✗ sat") or "✗ unsat" in answer]


def test_a_page_from_a_file_says_what_to_do(solver: Path, tmp_path: Path, page: Page) -> None:
    """Threads cannot be had there: it names the command that serves a folder."""
    site = Site(tmp_path)
    claims.write(site, found(["max-is-relu"]), solver=True)
    site.finish()
    page.goto((tmp_path / "claims" / "max-is-relu.html").as_uri())
    page.locator("details.obligations summary").first.click()
    page.locator("button.check").first.click()
    said = page.locator("button.check + span").first
    said.get_by_text("python -m http.server").wait_for()
