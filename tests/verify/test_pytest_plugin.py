"""Claims as test items, seen from another project's test run."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path


def pytest_in(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run pytest in a project of its own that knows this one as an installed package only."""
    (folder / "test_own.py").write_text("def test_own():\n    assert True\n", encoding="utf-8")
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-q", *arguments],
        capture_output=True, text=True, cwd=folder, check=False,
    )  # fmt: skip


def test_nothing_is_added_unasked(tmp_path: Path) -> None:
    """Without ``--claims`` a project's own tests run alone."""
    result = pytest_in(tmp_path)
    assert result.returncode == 0
    assert "1 passed" in result.stdout


def test_cells_and_mutants_become_items(tmp_path: Path) -> None:
    """With it, every cell and every mutant of the chosen claims passes as an item."""
    result = pytest_in(tmp_path, "--claims", "max-is-relu-saturating", "-vv")
    assert result.returncode == 0
    assert "1 passed" not in result.stdout
    assert "5 passed" in result.stdout
    assert "claims::max-is-relu-saturating::saturating_int8 PASSED" in result.stdout
    assert "claims::max-is-relu-saturating::mutant: clipped to MAX PASSED" in result.stdout


def test_a_wrong_verdict_fails_its_item(tmp_path: Path) -> None:
    """A cell that is not as expected fails with the page that the command line shows."""
    (tmp_path / "conftest.py").write_text(
        "import dataclasses, proofs\n"
        "from proofs.verdict import Verdict\n"
        "known = proofs.claims()\n"
        "wrong = {'int8': Verdict.PROVED}\n"
        "claim = dataclasses.replace(known['max-is-relu'], expected=wrong)\n"
        "proofs.claims = lambda: {claim.id: claim}\n",
        encoding="utf-8",
    )
    result = pytest_in(tmp_path, "--claims")
    assert result.returncode == 1
    assert "max-is-relu in int8: REFUTED, expected PROVED" in result.stdout
    again = "python -m verify all -k max-is-relu --system int8 --thorough --seed 0"
    assert f"again: {again}" in result.stdout


def test_a_bad_expression_is_a_usage_error(tmp_path: Path) -> None:
    """The message is the command line's."""
    result = pytest_in(tmp_path, "--claims", "(relu")
    assert result.returncode == 4
    assert "--claims: -k '(relu': a parenthesis is not closed" in result.stderr
