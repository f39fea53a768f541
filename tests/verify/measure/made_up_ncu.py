"""Stands for Nsight Compute's ``ncu``: reports what is predicted of the layers that it is given.

Nothing is measured. ``MADE_UP`` may say what is to go wrong: ``unknown kernel`` as in
:mod:`tests.verify.measure.made_up_gpu`, ``bad metric`` refuses all metrics but the one by opcode.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[3]))

from tests.verify.measure.ncu_reports import report
from verify.measure import checks, ncu
from verify.measure.layers import Layer

WRONG = os.environ.get("MADE_UP", "")


def main(arguments: list[str]) -> int:
    """Write the report and return the exit code."""
    if "--version" in arguments:
        print("NVIDIA (R) Nsight Compute\nVersion 0.0 (made up)")
        return 0
    metrics = arguments[arguments.index("--metrics") + 1].split(",")
    log = Path(arguments[arguments.index("--log-file") + 1])
    if "bad metric" in WRONG and metrics != [ncu.PER_OPCODE]:
        print(f"==ERROR== Failed to find metric {metrics[-1]}")
        print("==WARNING== No kernels were profiled.")
        return 1
    listed = json.loads(Path(arguments[-1]).read_text(encoding="utf-8"))
    wait = (ncu.SEPARATOR, {"EXIT": 32})
    launches = [wait]
    for layer in map(Layer.from_dict, listed):
        counts = {"IMAD": 99}
        if checks.CHECKS["instructions"].about(layer):
            counts |= {name: count for name, count in checks.opcodes(layer).items() if count}
        name = checks.kernel_name(layer) or "a_mean"
        if layer.name == "ResNet stem" and "unknown kernel" in WRONG:
            name = "brand_new_pool"
        launches += [(name, counts), wait]
    missing = {metric: "" for metric in ncu.METRICS if metric not in metrics}
    log.write_text(report(launches, **missing), encoding="utf-8")
    print("==PROF== Report written")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
