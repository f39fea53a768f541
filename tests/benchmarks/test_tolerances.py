"""The table of tolerances in the documentation is what is proved today."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from benchmarks.tolerances import CASES, Case, added_up, by_gappa, proved

PAGE = Path(__file__).parents[2] / "docs" / "tolerance.md"


@pytest.mark.slow
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_the_table_is_current(case: Case) -> None:
    """Bounds are as written, the worst found no less than half of what is written."""
    row = re.search(rf"^\| {re.escape(case.name)} \| (.+) \|$", PAGE.read_text("utf-8"), re.M)
    assert row is not None
    bound, worst, added, gappa = row[1].split(" | ")
    found, tried = proved(case)
    assert (f"{found:.4g}", f"{added_up(case):.4g}") == (bound, added)
    assert float(worst) / 2 <= tried <= found
    if shutil.which("gappa") is not None and gappa != "—":
        assert f"{by_gappa(case):.4g}" == gappa
