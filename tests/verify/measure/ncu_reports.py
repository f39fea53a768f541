"""Writes reports in the documented format of ncu's raw page. They are format samples.

No number in them was measured: tests make them up, or make them of what the model predicts.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence

from verify.measure.ncu import BY_OPCODE, METRICS, PER_OPCODE, TRAFFIC

_HEAD = ("ID", "Process ID", "Process Name", "Host Name", "Kernel Name", "Context", "Stream")
_LAUNCH = ("Block Size", "Grid Size", "Device", "CC")


def by_opcode(opcodes: Mapping[str, int]) -> str:
    """Return a count by opcode as the tool writes it, with separators of thousands."""
    parts = "; ".join(f"{name}: {count:,}" for name, count in opcodes.items())
    return f"{sum(opcodes.values()):,} ({parts})"


def report(launches: Sequence[tuple[str, Mapping[str, int]]], **changes: str) -> str:
    """Return a report of kernels and their opcodes; ``changes`` are other values of metrics."""
    text = io.StringIO()
    writer = csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="\n")
    writer.writerow([*_HEAD, *_LAUNCH, *METRICS])
    writer.writerow([""] * (len(_HEAD) + len(_LAUNCH)) + ["inst"] * 4 + ["byte"] * 2)
    for number, (kernel, opcodes) in enumerate(launches):
        values = {
            PER_OPCODE: by_opcode(opcodes),
            **{metric: f"{opcodes.get(name, 0):,}" for name, metric in BY_OPCODE.items()},
            TRAFFIC["read"]: "3,211,264",
            TRAFFIC["written"]: "802,816.00",
            **changes,
        }
        writer.writerow(
            [
                number,
                4242,
                "python3.11",
                "host",
                kernel,
                1,
                7,
                "(256, 1, 1)",
                "(784, 1, 1)",
                0,
                "9.0",
            ]
            + [values[metric] for metric in METRICS]
        )
    return f"==PROF== Connected to process 4242\n{text.getvalue()}==PROF== Disconnected\n"
