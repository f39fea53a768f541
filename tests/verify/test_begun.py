"""When the process began: before anything of the project was loaded."""

from __future__ import annotations

import subprocess
import sys

import pytest

ORDER = """
import sys
import {first}
names = list(sys.modules)
print(names.index("verify.begun") < min(names.index(x) for x in names if x.startswith("proofs")))
"""


@pytest.mark.parametrize("first", ["verify.run.runner", "verify.commands.checking, proofs"])
def test_it_is_read_before_any_claim_is_loaded(first: str) -> None:
    """In whoever runs a command, and in a worker, which begins with the runner."""
    done = subprocess.run(
        [sys.executable, "-c", ORDER.format(first=first)],
        capture_output=True, check=True, text=True,
    )  # fmt: skip
    assert done.stdout == "True\n"
