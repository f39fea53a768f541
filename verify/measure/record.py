"""Counts written down, so that any machine can hold today's formulas against them.

The layout is described in ``docs/recorded.md``. A record holds what was counted, never what was
predicted: a prediction is made anew whenever the record is read.
"""

import contextlib
import platform
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from functools import cache
from typing import Any

from verify.measure import ncu
from verify.measure.checks import CHECKS, NCU, prediction
from verify.measure.finding import DIFFERS, EQUAL, ERROR, SKIPPED, Finding, MissingError
from verify.measure.layers import Layer
from verify.measure.notes import Notes

#: What tells these files from others in the same folder.
KIND = "profiler-counts"
SCHEMA = 1
#: What tells a run that is not whole from a record.
PARTIAL = "profiler-counts, partial"

_FIELDS = {
    "kind": str,
    "schema": int,
    "date": str,
    "command": str,
    "device": dict,
    "versions": dict,
    "layers": list,
    "counts": list,
    "skipped": list,
    "traffic": list,
    "kernels": list,
    "timings": list,
}


def make_record(
    findings: Sequence[Finding],
    device: str,
    command: str,
    notes: Notes | None = None,
    head: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Return the findings of a run on ``device`` as a record, with what it noted beside them.

    A check that broke is in the record, and is a deviation until it is known why.

    Args:
        findings: What was found.
        device: Where.
        command: By which command.
        notes: What was noted beside it.
        head: When, where and with which versions, if not here and now.

    Raises:
        ValueError: There is nothing to record, or a check is missing: see :func:`check_record`.
    """
    measured = [finding for finding in findings if finding.status in (EQUAL, DIFFERS)]
    if not measured:
        raise ValueError("a record needs counts")
    record = {**_head(KIND, findings, device, command, head)} | {
        "counts": [
            {
                "check": finding.check,
                "tool": finding.tool,
                "layer": finding.layer.name,
                "counted": finding.counted,
            }
            for finding in measured
            if finding.layer
        ],
        "skipped": [
            {"check": finding.check, "tool": finding.tool, "reason": finding.reason}
            for finding in findings
            if finding.status == SKIPPED
        ],
        "failed": [
            {
                "check": finding.check,
                "tool": finding.tool,
                "layer": finding.layer.name if finding.layer else None,
                "reason": finding.reason,
            }
            for finding in findings
            if finding.status == ERROR
        ],
        **(notes or Notes()).to_dict(),
    }
    check_record(record)
    return record


def make_partial(
    findings: Sequence[Finding], device: str, command: str, notes: Notes
) -> dict[str, Any]:
    """Return all that a run has found so far, whatever it is: no record, but nothing is lost."""
    return _head(PARTIAL, findings, device, command) | {
        "findings": [finding.to_dict() for finding in findings],
        **notes.to_dict(),
        "ncu_output": notes.ncu_output,
    }


def _head(
    kind: str,
    findings: Sequence[Finding],
    device: str,
    command: str,
    head: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    layers = {finding.layer.name: finding.layer for finding in findings if finding.layer}
    if head is not None:
        kept = {name: head[name] for name in ("date", "device", "versions")}
        listed = [layer.to_dict() for layer in layers.values()]
        return {"kind": kind, "schema": SCHEMA, "command": command, "layers": listed, **kept}
    return {
        "kind": kind,
        "schema": SCHEMA,
        "date": datetime.now(UTC).date().isoformat(),
        "command": command,
        "device": _device(device),
        "versions": dict(_versions(device)),
        "layers": [layer.to_dict() for layer in layers.values()],
    }


def _device(device: str) -> dict[str, Any]:
    if device == "cpu":
        return {"type": "cpu", "name": platform.machine()}
    import torch

    properties = torch.cuda.get_device_properties(0)
    return {
        "type": "cuda",
        "name": properties.name,
        "capability": f"{properties.major}.{properties.minor}",
        "multiprocessors": properties.multi_processor_count,
    }


@cache
def _versions(device: str) -> dict[str, str]:
    import torch

    versions = {"python": platform.python_version(), "torch": str(torch.__version__)}
    if device == "cuda":
        versions |= {"cuda": str(torch.version.cuda), "driver": _driver()}
        versions["ncu"] = "none"
        with contextlib.suppress(MissingError):
            path = ncu.find_ncu()
            versions["ncu"] = "unknown"
            with contextlib.suppress(OSError, subprocess.SubprocessError):
                versions["ncu"] = ncu.version(path)
    return versions


def _driver() -> str:
    asked = ["nvidia-smi", "--query-gpu=driver_version", "--format=csv,noheader"]
    try:
        shown = subprocess.run(asked, capture_output=True, text=True, timeout=60, check=True)
    except (OSError, subprocess.SubprocessError):
        return "unknown"
    return shown.stdout.split("\n")[0].strip()


def check_record(record: Mapping[str, Any]) -> None:
    """Refuse a record that is not whole.

    Every check that its device allows has counts, or a reason why it has none; every count has a
    value and a layer that is described.

    Raises:
        ValueError: What is missing, by name.

    >>> check_record({"kind": "profiler-counts", "schema": 1})
    Traceback (most recent call last):
    ...
    ValueError: a record needs its field 'date'
    """
    for name, kind in _FIELDS.items():
        if not isinstance(record.get(name), kind):
            raise ValueError(f"a record needs its field {name!r}")
    if record["kind"] != KIND or record["schema"] != SCHEMA:
        raise ValueError(
            f"a record is of kind {KIND!r} and schema {SCHEMA}, "
            f"got {record['kind']!r} and {record['schema']!r}"
        )
    for group, names in (("device", ("type", "name")), ("versions", ("python", "torch"))):
        for name in names:
            if not record[group].get(name):
                raise ValueError(f"a record needs its field '{group}.{name}'")
    if not record["counts"]:
        raise ValueError("a record needs counts")
    layers = {entries["name"] for entries in record["layers"]}
    for count in record["counts"]:
        _check_count(count, layers)
    made = {count["check"] for count in record["counts"]}
    reasons = [*record["skipped"], *record.get("failed", ())]
    excused = {entry["check"] for entry in reasons if entry["reason"]}
    for name, check in CHECKS.items():
        if record["device"]["type"] in check.devices and name not in made | excused:
            raise ValueError(f"a record needs counts of {name!r}, or the reason why there are none")
    _check_kernels(record)


def _check_count(count: Mapping[str, Any], layers: set[str]) -> None:
    name = f"{count.get('check')!r} of {count.get('layer')!r} by {count.get('tool')!r}"
    if count.get("check") not in CHECKS:
        raise ValueError(f"a record has a count that nobody can check: {name}")
    if count.get("layer") not in layers:
        raise ValueError(f"a record does not describe the layer of its count: {name}")
    if count.get("tool") not in CHECKS[count["check"]].tools:
        raise ValueError(f"a record has a count by a tool that cannot make it: {name}")
    counted = count.get("counted")
    if counted is None or counted in ([], {}):
        raise ValueError(f"a record lacks the value of a count: {name}")


def _check_kernels(record: Mapping[str, Any]) -> None:
    """Refuse instructions that were counted of no kernel in the record."""
    seen: dict[str, list[Any]] = {}
    for kernel in record["kernels"]:
        seen.setdefault(kernel["layer"], []).append(kernel.get("opcodes"))
    for count in record["counts"]:
        if count["tool"] == NCU and count["counted"] not in seen.get(count["layer"], ()):
            raise ValueError(f"a record needs the kernel of its instructions: {count['layer']!r}")


def deviations(record: Mapping[str, Any]) -> Iterator[str]:
    """Yield a sentence for each count that today's formulas do not give, and each that failed.

    Raises:
        ValueError: A record that is not whole.
    """
    check_record(record)
    layers = {entries["name"]: Layer.from_dict(entries) for entries in record["layers"]}
    for count in record["counts"]:
        check, tool, layer = count["check"], count["tool"], layers[count["layer"]]
        predicted = prediction(check, tool, layer)
        if not CHECKS[check].agree(predicted, count["counted"]):
            yield (
                f"{check}, {layer.name}: {tool} counted {count['counted']}, predicted {predicted}"
            )

    for failed in record.get("failed", ()):
        what = f"{failed['check']}, {failed['layer'] or 'all layers'}"
        yield f"{what}: {failed['tool']} gave no count: {failed['reason']}"


def has_hardware_counts(record: Mapping[str, Any]) -> bool:
    """Say whether a record holds instructions that a GPU executed."""
    return any(count["tool"] == NCU for count in record["counts"])
