"""What tests draw: under ``CI`` the same each time and in any order, elsewhere something new."""

from __future__ import annotations

import gc
import os
import random
import secrets
import zlib
from typing import Any

import numpy
import pytest
import torch
from hypothesis import settings

# No test finds what another has kept; those that are about the store name one.
os.environ["POOLPROOF_CACHE"] = ""

# Where there are several processes of tests, torch's threads would wait for one another in each.
if "PYTEST_XDIST_WORKER" in os.environ:
    os.environ["OMP_NUM_THREADS"] = "1"

settings.register_profile("ci", derandomize=True, deadline=None, database=None)
settings.register_profile("dev", deadline=None)
settings.load_profile("ci" if os.environ.get("CI") else "dev")

# The processes of one run inherit it; a run with the same number draws the same.
DRAWS = os.environ.setdefault(
    "POOLPROOF_DRAWS", "0" if os.environ.get("CI") else str(secrets.randbelow(10**6))
)


def pytest_report_header() -> str:
    """What to set for another run that draws the same."""
    return f"POOLPROOF_DRAWS={DRAWS}"


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Let each test draw what it would draw alone, whichever tests were before it."""
    seed = zlib.crc32(f"{DRAWS} {item.nodeid}".encode())
    random.seed(seed)
    numpy.random.seed(seed)
    torch.manual_seed(seed)


# Nothing that modules and tests are made of becomes garbage: nobody need look for it meanwhile.
gc.disable()


def pytest_collection_finish() -> None:
    """Let collections of garbage, which the judge asks for, pass by what stays: the whole suite."""
    gc.freeze()
    gc.enable()


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Say how many samples of the suites of others were compared, of how many there are."""
    totals: dict[str, list[int]] = {}
    for report in (report for of in terminalreporter.stats.values() for report in of):
        if getattr(report, "when", "") != "call" or not report.passed:
            continue
        for name, value in report.user_properties:
            if name == "outside":
                suite, samples, compared = value
                total = totals.setdefault(suite, [0, 0])
                total[0] += samples
                total[1] += compared
    for suite, (samples, compared) in sorted(totals.items()):
        terminalreporter.write_line(f"{suite}: {compared} of {samples} samples compared")
