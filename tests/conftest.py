"""The Hypothesis profiles: ``ci`` draws the same examples every time, ``dev`` new ones."""

from __future__ import annotations

import gc
import os
from typing import Any

from hypothesis import settings

# No test finds what another has kept; those that are about the store name one.
os.environ["POOLPROOF_CACHE"] = ""

# Where there are several processes of tests, torch's threads would wait for one another in each.
if "PYTEST_XDIST_WORKER" in os.environ:
    os.environ["OMP_NUM_THREADS"] = "1"

settings.register_profile("ci", derandomize=True, deadline=None, database=None)
settings.register_profile("dev", deadline=None)
settings.load_profile("ci" if os.environ.get("CI") else "dev")


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
