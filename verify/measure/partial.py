"""What an interrupted or failed run left, judged again by what is known today.

Apart from the record because a partial file holds findings as they were made, and every kernel that
was seen: once a formula or the name of a kernel is known, they are enough for a record.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from verify.measure.checks import CHECKS, NCU, PROFILER, is_kernel, kernel_name
from verify.measure.finding import ERROR, SKIPPED, Finding, NothingCountedError
from verify.measure.hardware import CHECK, agreed
from verify.measure.layers import LAYERS, Layer
from verify.measure.measuring import judge
from verify.measure.notes import KernelSeen, Notes, Timing, Traffic
from verify.measure.record import PARTIAL, SCHEMA


def rejudged(partial: Mapping[str, Any]) -> tuple[list[Finding], Notes]:
    """Return the findings of a partial file as they are judged today, and its notes.

    Counts are held against today's predictions. Of launches and instructions whose kernel was not
    known by its name, the kernels that were seen are looked through again.

    Raises:
        ValueError: A file of another kind, or without its fields.
    """
    if partial.get("kind") != PARTIAL or partial.get("schema") != SCHEMA:
        raise ValueError(
            f"a partial file is of kind {PARTIAL!r} and schema {SCHEMA}, "
            f"got {partial.get('kind')!r} and {partial.get('schema')!r}"
        )
    for name in ("findings", "layers", "kernels", "traffic", "timings"):
        if not isinstance(partial.get(name), list):
            raise ValueError(f"a partial file needs its field {name!r}")
    notes = Notes(
        [Traffic(row) for row in partial["traffic"]],
        [KernelSeen(**_tuples(kernel, "grid", "block")) for kernel in partial["kernels"]],
        [Timing(**_tuples(row, "shape")) for row in partial["timings"]],
        partial.get("ncu_output", ""),
    )
    layers = {layer.name: layer for layer in LAYERS}
    layers |= {entries["name"]: Layer.from_dict(entries) for entries in partial["layers"]}
    findings = [_again(entry, layers, notes) for entry in partial["findings"]]
    made = {finding.layer.name for finding in findings if finding.layer and finding.check == CHECK}
    unjudged = {name: layer for name, layer in layers.items() if name not in made}
    findings += _from_kernels(unjudged, notes)
    whole = {finding.check for finding in findings if finding.layer is not None}
    device = partial["device"]["type"]
    for name, check in CHECKS.items():
        if device in check.devices and not any(finding.check == name for finding in findings):
            findings.append(
                Finding(name, check.tools[0], None, SKIPPED, reason="the run ended before it")
            )
    # What failed as a whole and was made up for by the kernels is no failure any more.
    return [
        finding
        for finding in findings
        if not (finding.layer is None and finding.status == ERROR and finding.check in whole)
    ], notes


def _tuples(entries: Mapping[str, Any], *names: str) -> dict[str, Any]:
    return {name: tuple(value) if name in names else value for name, value in entries.items()}


def _again(entry: Mapping[str, Any], layers: Mapping[str, Layer], notes: Notes) -> Finding:
    layer = layers.get(entry["layer"]) if entry["layer"] else None
    check, tool = entry["check"], entry["tool"]
    if layer is None or check not in CHECKS:
        return Finding(check, tool, layer, entry["status"], reason=entry["reason"])
    counted = entry["counted"]
    if counted is None and entry["status"] != SKIPPED:
        counted = _seen(check, layer, notes)
    if counted is None:
        return Finding(
            check, tool, layer, entry["status"], entry["predicted"], reason=entry["reason"]
        )
    return judge(check, tool, layer, lambda *_: counted)


def _from_kernels(layers: Mapping[str, Layer], notes: Notes) -> Iterator[Finding]:
    """Yield the instructions of every layer whose kernel was seen and is known today."""
    for layer in layers.values():
        if CHECKS[CHECK].about(layer):
            counted = _seen(CHECK, layer, notes)
            if counted is not None:
                yield judge(CHECK, NCU, layer, lambda *_, counted=counted: counted)


def _seen(check: str, layer: Layer, notes: Notes) -> Any:
    """Return what was counted of the layer's own kernel, ``None`` if it was not seen."""
    name = kernel_name(layer)
    if name is None:
        return None
    tool = NCU if check == CHECK else PROFILER
    found = [
        kernel
        for kernel in notes.kernels
        if kernel.layer == layer.name and kernel.tool == tool and is_kernel(name, kernel.kernel)
    ]
    if len(found) != 1:
        return None
    kernel = found[0]
    if check == "launch":
        return {"kernel": kernel.kernel, "grid": list(kernel.grid), "block": list(kernel.block)}
    if check != CHECK or not kernel.opcodes:
        return None
    try:
        return agreed(kernel.opcodes, kernel.metrics)
    except NothingCountedError:
        return None
