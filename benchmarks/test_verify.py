"""How long the command line takes: whole processes, as a user starts them.

Limits this project sets itself, on two cores: `verify all` 30 s, `--help` and `list` 0.5 s.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[1]


def run(*arguments: str) -> None:
    """Run ``python -m verify`` to its end; fail if it does."""
    subprocess.run(
        [sys.executable, "-m", "verify", *arguments],
        cwd=ROOT, check=True, stdout=subprocess.DEVNULL,
    )  # fmt: skip


@pytest.mark.parametrize("argument", ["--help", "list"])
def test_answers_without_engines(benchmark: Any, argument: str) -> None:
    """What loads no engine answers at once."""
    benchmark.pedantic(run, args=(argument,), rounds=5, warmup_rounds=1)


def test_verify_all(benchmark: Any) -> None:
    """Every claim in every number system, and all mutants, on all cores."""
    benchmark.pedantic(run, args=("all",), rounds=1)


def test_verify_one_cell(benchmark: Any) -> None:
    """One claim in one number system: mostly the imports of its engines."""
    arguments = ("all", "-k", "max-is-relu", "--system", "int8", "-j", "1")
    benchmark.pedantic(run, args=arguments, rounds=3)
