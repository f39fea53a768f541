"""Take the pictures of the site that the README shows: ``python .ci/pictures.py SITE``."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

#: Where in the first page each picture begins.
PICTURES = {"site-numbers": "body", "site-matrix": "#matrix"}


def main(site: Path) -> None:
    """Write the pictures into ``docs/``, for a site in the folder ``site``."""
    names = ("chromium", "chromium-browser", "google-chrome")
    program = next(filter(None, map(shutil.which, names)), None)
    if program is None:
        sys.exit("no Chromium here: apt-get install chromium")
    with sync_playwright() as api:
        browser = api.chromium.launch(executable_path=program, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1100, "height": 760}, color_scheme="light")
        page.goto((site / "index.html").resolve().as_uri())
        page.wait_for_load_state("networkidle")
        for name, anchor in PICTURES.items():
            page.locator(anchor).first.evaluate("at => at.scrollIntoView({behavior: 'instant'})")
            page.screenshot(path=f"docs/{name}.png")
        browser.close()


if __name__ == "__main__":
    if len(sys.argv) != 2 or not Path(sys.argv[1], "index.html").is_file():
        sys.exit("usage: python .ci/pictures.py SITE, a folder that `verify report` has written")
    main(Path(sys.argv[1]))
