"""The table of tolerances in the documentation is what is proved today."""

from __future__ import annotations

import os
import re
import shutil
from pathlib import Path

import pytest

from benchmarks.tolerances import (
    CASES,
    FAMILY,
    Case,
    added_up,
    by_fptaylor,
    by_gappa,
    layers,
    of_family,
    of_layer,
    proved,
)
from verify.judge.tolerance.asked import FLOAT_SYSTEMS

LAYERS = [*layers()]
PAGE = Path(__file__).parents[2] / "docs" / "tolerance.md"


@pytest.mark.slow
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_the_table_is_current(case: Case) -> None:
    """Bounds are as written, the worst found no less than half of what is written."""
    row = re.search(rf"^\| {re.escape(case.name)} \| (.+) \|$", PAGE.read_text("utf-8"), re.M)
    assert row is not None
    bound, worst, added, gappa, fptaylor = row[1].split(" | ")
    found, tried = proved(case)
    assert (f"{found:.4g}", f"{added_up(case):.4g}") == (bound, added)
    assert float(worst) / 2 <= tried <= found
    if shutil.which("gappa") is not None and gappa != "—":
        assert f"{by_gappa(case):.4g}" == gappa
    if shutil.which("fptaylor") is not None:
        assert f"{by_fptaylor(case):.4g}" == fptaylor


@pytest.mark.slow
@pytest.mark.parametrize("number", range(len(LAYERS)), ids=[layer.name for layer in LAYERS])
def test_the_whole_family_is_current(number: int) -> None:
    """The bound of every layer in one format, another for each; `make full` goes through all."""
    layer = LAYERS[number]
    row = re.search(rf"^\| {re.escape(layer.name)} \| (.+) \|$", PAGE.read_text("utf-8"), re.M)
    assert row is not None
    columns = [number % len(FLOAT_SYSTEMS)]
    if os.environ.get("POOLPROOF_OUTSIDE") == "all":
        columns = [*range(len(FLOAT_SYSTEMS))]
    for column in columns:
        assert of_layer(layer, FLOAT_SYSTEMS[column]) == row[1].split(" | ")[column]


def test_the_whole_family_is_there() -> None:
    """One row for each layer of the package and of torch's, in the order of the kinds."""
    table = PAGE.read_text("utf-8").split("| layer | float16 ")[-1]
    rows = re.findall(r"^\| (\S.*) \|(?: [^|]+ \|){4}$", table.partition("\n\n")[0], re.M)
    assert rows[1:] == [layer.name for layer in LAYERS]


@pytest.mark.slow
@pytest.mark.parametrize("number", range(len(FAMILY)), ids=[name for name, *_ in FAMILY])
def test_the_family_is_current(number: int) -> None:
    """The bound of each layer in one system, another for each, as the table has it."""
    name, make, reference, size = FAMILY[number]
    row = re.search(rf"^\| {re.escape(name)} \| (.+) \|$", PAGE.read_text("utf-8"), re.M)
    assert row is not None
    column = number % len(FLOAT_SYSTEMS)
    found = of_family(make, reference, size, FLOAT_SYSTEMS[column])
    assert found == row[1].split(" | ")[column]
