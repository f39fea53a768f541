"""What is installed: the wheel holds all four packages, and runs without the tree around it."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import sysconfig
import tomllib
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGES = ("pooling", "costmodel", "proofs", "verify")
#: What the guides of the site are made of, besides ``docs/``.
DOCUMENTS = ("README.md", "CHANGELOG.md", "CONTRIBUTING.md")


def run(*command: str | Path, cwd: Path) -> str:
    """Run a command that must succeed, without this tree on its path; return what it prints."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    result = subprocess.run(
        [*map(str, command)], capture_output=True, text=True, cwd=cwd, env=environment, check=False
    )
    assert result.returncode == 0, result.stdout + result.stderr
    return result.stdout


def test_one_version() -> None:
    """The newest release in the changelog is the version of the package and of the citation."""
    version = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["version"]
    released = re.findall(
        r"^## \[(\d+\.\d+\.\d+)\] - (\d{4}-\d{2}-\d{2})$",
        (ROOT / "CHANGELOG.md").read_text("utf-8"),
        re.MULTILINE,
    )
    citation = (ROOT / "CITATION.cff").read_text("utf-8")
    assert released[0][0] == version
    assert f"\nversion: {version}\n" in citation
    assert f"\ndate-released: {released[0][1]}\n" in citation


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of this tree, built from a copy by the installed setuptools."""
    tree = tmp_path_factory.mktemp("tree")
    for package in PACKAGES:
        ignored = shutil.ignore_patterns("__pycache__")
        shutil.copytree(ROOT / package, tree / package, ignore=ignored)
    for file in ("pyproject.toml", "LICENSE", *DOCUMENTS):
        shutil.copy(ROOT / file, tree)
    shutil.copytree(ROOT / "docs", tree / "docs")
    options = ("--no-deps", "--no-build-isolation", "--no-index", "--quiet")
    run(sys.executable, "-m", "pip", "wheel", *options, "--wheel-dir", "dist", ".", cwd=tree)
    (built,) = (tree / "dist").iterdir()
    return built


@pytest.mark.slow
def test_a_wheel_holds_every_module(wheel: Path) -> None:
    """All modules, data, documents and the mark of typed packages, and nothing else of the tree."""
    names = {name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name}
    documents = {name.partition("/share/doc/poolproof/")[2] for name in names if ".data/" in name}
    pages = {f"docs/{file.name}" for file in (ROOT / "docs").iterdir()}
    assert documents == {*DOCUMENTS, *pages}
    held = {name for name in names if ".data/" not in name}
    ours = {
        file.relative_to(ROOT).as_posix()
        for package in PACKAGES
        for file in (ROOT / package).rglob("*")
        if file.is_file() and "__pycache__" not in file.parts
    }
    assert held == ours
    assert {f"{package}/py.typed" for package in PACKAGES} <= held


@pytest.mark.slow
def test_a_wheel_runs_outside_the_tree(wheel: Path, tmp_path: Path) -> None:
    """From an empty folder: help, the list, and a verdict, with a command of its own."""
    environment, folder = tmp_path / "environment", tmp_path / "empty"
    folder.mkdir()
    run(sys.executable, "-m", "venv", "--without-pip", environment, cwd=folder)
    python = environment / "bin" / "python"
    options = ("--no-deps", "--no-index", "--quiet")
    run(sys.executable, "-m", "pip", "--python", python, "install", *options, wheel, cwd=folder)
    site = Path(run(python, "-c", "import verify; print(verify.__path__[0])", cwd=folder).strip())
    assert site.is_relative_to(environment)
    # Torch and the solvers are those already here; what this folder says of paths is not read.
    dependencies = sysconfig.get_path("purelib")
    (site.parent / "dependencies.pth").write_text(f"{dependencies}\n", encoding="utf-8")
    command = environment / "bin" / "poolproof"
    version = wheel.name.split("-")[1]
    assert run(command, "--version", cwd=folder).split()[:2] == ["poolproof", version]
    assert "usage: " in run(command, "--help", cwd=folder)
    assert "max-is-relu" in run(command, "list", cwd=folder)
    checked = run(command, "all", "-k", "max-is-relu-saturating", cwd=folder)
    assert "as expected" in checked
    assert not list(folder.iterdir())
