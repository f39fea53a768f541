"""How many samples the suites of others have of each pooling, on record: none may get lost.

    python -m tests.outside.totals

counts again and writes ``totals.json``, in which no number may fall.
"""

from __future__ import annotations

import json
import sys
from importlib import import_module
from pathlib import Path

RECORD = Path(__file__).with_name("totals.json")

#: Suite → the tests that run it, whose ``found`` counts its samples.
SUITES = {
    "ONNX nodes": "tests.outside.test_onnx_nodes",
    "torch modules": "tests.outside.test_torch_modules",
    "torch operators": "tests.outside.test_torch_operators",
}

Totals = dict[str, dict[str, int]]


def recorded(suite: str) -> dict[str, int]:
    """Return how many samples a suite had of each operator or module when they were counted."""
    totals: Totals = json.loads(RECORD.read_text("utf-8"))
    return totals[suite]


def lost(suite: str, found: dict[str, int]) -> list[str]:
    """Say of what a suite has fewer samples than on record."""
    return [
        f"{suite}: {found.get(name, 0)} of {total} samples of {name}"
        for name, total in recorded(suite).items()
        if found.get(name, 0) < total
    ]


def main() -> str | None:
    """Count all suites and write the record; return what was lost, and write nothing then."""
    totals: Totals = {suite: import_module(module).found() for suite, module in SUITES.items()}
    gone = [line for suite, found in totals.items() for line in lost(suite, found)]
    if gone:
        return "\n".join(gone)
    RECORD.write_text(json.dumps(totals, indent=2, sort_keys=True) + "\n", "utf-8")
    for suite, found in totals.items():
        print(f"{suite}: {sum(found.values())} samples")
    return None


if __name__ == "__main__":
    sys.exit(main())
