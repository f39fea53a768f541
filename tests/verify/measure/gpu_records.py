"""Makes records as a run on a GPU would leave them. They are format samples.

No count in them was measured: all are what the model predicts.
"""

from __future__ import annotations

import json
from typing import Any

from verify.measure import checks
from verify.measure.checks import CHECKS, NCU, tools_for
from verify.measure.finding import EQUAL, Finding
from verify.measure.layers import LAYERS
from verify.measure.notes import KernelSeen
from verify.measure.record import make_record


def predictions(device: str) -> list[Finding]:
    """Return findings as a run would make them if all counts were the predicted ones."""
    findings = []
    for name, check in CHECKS.items():
        for layer in LAYERS[:24]:
            if device in check.devices and check.about(layer):
                for tool in tools_for(name, layer):
                    expected = checks.prediction(name, tool, layer)
                    if name == "launch":
                        expected = _launch(expected)
                    findings.append(Finding(name, tool, layer, EQUAL, expected, expected))
    return findings


def _launch(expected: dict[str, Any]) -> dict[str, Any]:
    grid = expected.get("grid", [-(-expected.get("outputs", 0) // 256), 1, 1])
    return {"kernel": expected["kernel"], "grid": grid, "block": expected.get("block", [256, 1, 1])}


def gpu_record() -> dict[str, Any]:
    """Return a format sample of a GPU's record; its counts are predictions, not measurements."""
    made = make_record(predictions("cpu"), "cpu", "a format sample")
    named = {"type": "cuda", "name": "no GPU", "capability": "9.0", "multiprocessors": 1}
    record: dict[str, Any] = json.loads(json.dumps(made)) | {"device": named}
    for finding in predictions("cuda"):
        if finding.check in ("launch", "instructions") and finding.layer is not None:
            entry = finding.to_dict()
            record["counts"].append(
                {name: entry[name] for name in ("check", "tool", "layer", "counted")}
            )
            if finding.tool == NCU:
                kernel = KernelSeen(finding.layer.name, NCU, "k", opcodes=finding.counted)
                record["kernels"].append(kernel.to_dict())
    return record
