"""A process that flushes subnormal numbers to zero is told so, and sees what that changes."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from verify.subnormals import FLUSHED, flushed

FLUSHING = """
import sys, torch
assert torch.set_flush_denormal(True)
from verify.subnormals import flushed
assert flushed()
from verify.cli import main
sys.exit(main(sys.argv[1:]))
"""


def test_this_process_does_not() -> None:
    """It computes as IEEE 754 has it."""
    assert not flushed()


@pytest.mark.slow
@pytest.mark.parametrize("jobs", ["1", "2"])
def test_a_run_says_what_changes(tmp_path: Path, jobs: str) -> None:
    """In the worker processes too: float32 is not as expected, the real numbers are."""
    report = tmp_path / "report.json"
    chosen = (
        "-k",
        "sterbenz or max-is-relu-when-ordered",
        "--system",
        "float32",
        "--system",
        "real",
    )
    done = subprocess.run(
        [sys.executable, "-c", FLUSHING, "all", *chosen, "-j", jobs, "--json", str(report)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 3
    assert FLUSHED in " ".join(done.stdout.split())
    found = json.loads(report.read_text())
    assert found["flushed"] is True
    broken = {(cell["claim"], cell["system"]) for cell in found["cells"] if not cell["ok"]}
    assert ("sterbenz", "float32") in broken
    assert {system for _, system in broken} == {"float32"}
