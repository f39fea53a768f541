"""The site, written once for all tests of it, and a browser to look at it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from filelock import FileLock

from proofs import claims
from verify.cores import available_cores
from verify.display.report import to_dict
from verify.engines.engine import Settings
from verify.run import runner

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page


#: What `verify report --solver` is tried with.
SOLVER = "z3-solver@5.2.0"


def found(names: list[str]) -> dict[str, Any]:
    """Return the report of a run over some claims in all number systems, and their mutants."""
    from proofs.systems import by_default

    chosen = {name: claims()[name] for name in names}
    todo = runner.tasks(chosen, by_default(), cells=True, mutants=True)
    settings = Settings(seed=0, thorough=False)
    return to_dict(runner.run(todo, settings, jobs=available_cores()))


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write the whole site, every claim checked, once however many processes test."""
    pytest.importorskip("jinja2")
    from verify.site.build import build

    own = tmp_path_factory.getbasetemp()
    # Each of several processes has a folder of its own below that of the run.
    shared = (own.parent if "PYTEST_XDIST_WORKER" in os.environ else own) / "poolproof-site"
    with FileLock(f"{shared}.lock"):
        if not (shared / "report.json").is_file():
            report = found(list(claims()))
            build(shared, report)
            (shared / "report.json").write_text(json.dumps(report), encoding="utf-8")
    return shared


@pytest.fixture(scope="session")
def solver(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Fetch Z3 for browsers, as a user would, by the Node that lint is done with."""
    folder = tmp_path_factory.mktemp("solver")
    npm = Path(sys.executable).with_name("npm")
    if not npm.is_file():
        pytest.skip("no npm beside this Python: pip install 'poolproof[lint]'")
    path = f"{npm.parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        [npm, "pack", "--silent", SOLVER], cwd=folder, env={**os.environ, "PATH": path},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode:
        pytest.skip(f"npm has no {SOLVER} here: {done.stderr.strip()[-200:]}")
    (archive,) = folder.glob("*.tgz")
    with tarfile.open(archive) as packed:
        packed.extractall(folder, filter="data")
    return folder / "package" / "build"


@pytest.fixture(scope="session")
def report(site: Path) -> dict[str, Any]:
    """Return the report that the site shows."""
    shown: dict[str, Any] = json.loads((site / "report.json").read_text(encoding="utf-8"))
    return shown


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Start Chromium, without a window."""
    names = ("chromium", "chromium-browser", "google-chrome")
    program = next(filter(None, map(shutil.which, names)), None)
    if program is None:
        pytest.skip("no Chromium here: apt-get install chromium")
    playwright = pytest.importorskip("playwright.sync_api")
    with playwright.sync_playwright() as api:
        # Chromium as root, as in a container, wants to be told so.
        started = api.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield started
        started.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """Open a page that fails its test for any error in the console."""
    context = browser.new_context(viewport={"width": 1400, "height": 900})
    opened = context.new_page()
    errors: list[str] = []
    opened.on(
        "console",
        lambda said: errors.append(said.text) if said.type in ("error", "warning") else None,
    )
    opened.on("pageerror", lambda error: errors.append(str(error)))
    yield opened
    context.close()
    assert errors == []
