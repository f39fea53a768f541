"""Claims as test items, seen from another project's test run."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest


def pytest_in(
    folder: Path, *arguments: str, env: dict[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run pytest in a project of its own that knows this one as an installed package only."""
    (folder / "test_own.py").write_text("def test_own():\n    assert True\n", encoding="utf-8")
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-q", *arguments],
        capture_output=True, text=True, cwd=folder, check=False, env=env,
    )  # fmt: skip


def test_nothing_is_added_unasked(tmp_path: Path) -> None:
    """Without ``--claims`` a project's own tests run alone."""
    result = pytest_in(tmp_path)
    assert result.returncode == 0
    assert "1 passed" in result.stdout


@pytest.mark.slow
def test_cells_and_mutants_become_items(tmp_path: Path) -> None:
    """With it, every cell and every mutant of the chosen claims passes as an item."""
    result = pytest_in(tmp_path, "--claims", "max-is-relu-saturating", "-vv")
    assert result.returncode == 0
    assert "1 passed" not in result.stdout
    assert "5 passed" in result.stdout
    assert "claims::max-is-relu-saturating::saturating_int8 PASSED" in result.stdout
    assert "claims::max-is-relu-saturating::mutant: clipped to MAX PASSED" in result.stdout


@pytest.mark.slow
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


#: Arguments → the message. A bad expression has that of the command line.
REFUSED = [
    (["--claims", "(relu"], "--claims: -k '(relu': a parenthesis is not closed"),
    (["--claims", "max-is-rleu"], "--claims 'max-is-rleu' selects nothing; did you mean max-"),
    (["--claims", "relu and not relu"], "--claims 'relu and not relu' selects nothing"),
    (["--claims", "--claims-system", "int88"], "--claims-system 'int88' is not one of real, "),
    (
        ["--claims", "max-is-relu-saturating", "--claims-system", "int8"],
        "--claims 'max-is-relu-saturating' selects nothing in int8",
    ),
]


def test_selecting_nothing_is_a_usage_error(tmp_path: Path) -> None:
    """A typo is never a green run, though the project's own tests pass; five runs, one process."""
    (tmp_path / "test_own.py").write_text("def test_own():\n    assert True\n", encoding="utf-8")
    run = "print(int(pytest.main(['-p', 'no:cacheprovider', '-q', *given])), file=sys.stderr)"
    each = f"for given in {[arguments for arguments, _ in REFUSED]}: {run}"
    result = subprocess.run(
        [sys.executable, "-c", f"import pytest, sys\n{each}"],
        capture_output=True, text=True, cwd=tmp_path, check=True,
    )  # fmt: skip
    said = result.stderr.split("\n4\n")
    assert len(said) == len(REFUSED) + 1 and not said[-1]
    for (_, message), text in zip(REFUSED, said, strict=False):
        assert f"ERROR: {message}" in text


@pytest.mark.slow
def test_a_claim_and_systems_are_selected(tmp_path: Path) -> None:
    """The cells of one claim in two systems, and nothing else; systems alone do as well."""
    systems = ["--claims-system", "int8", "--claims-system", "real"]
    result = pytest_in(tmp_path, "--claims", "max-is-relu", *systems, "-vv")
    assert result.returncode == 0
    added = [line.split()[0] for line in result.stdout.splitlines() if line.startswith("claims::")]
    assert added == ["claims::max-is-relu::real", "claims::max-is-relu::int8"]
    alone = pytest_in(tmp_path, "--claims-system", "rounding", "--collect-only")
    added = [line for line in alone.stdout.splitlines() if line.startswith("claims::")]
    assert len(added) > 5 and all(line.endswith("::rounding") for line in added)


def test_nothing_heavy_is_imported_unasked(tmp_path: Path) -> None:
    """A run of other tests loads neither the claims nor anything that they need."""
    (tmp_path / "conftest.py").write_text(
        "import sys\n"
        "def pytest_sessionfinish():\n"
        "    heavy = ('numpy', 'torch', 'sympy', 'z3', 'rich', 'proofs', 'verify.run')\n"
        "    print('loaded:', [name for name in heavy if name in sys.modules])\n",
        encoding="utf-8",
    )
    alone = {**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    result = pytest_in(tmp_path, "-p", "verify.pytest_plugin", "-s", env=alone)
    assert "loaded: []" in result.stdout
    asked = ("--claims-system", "real", "--collect-only")
    result = pytest_in(tmp_path, "-p", "verify.pytest_plugin", "-s", *asked, env=alone)
    assert "'proofs'" in result.stdout
