"""Hardware counts against the model. No report is a measurement: all are made of predictions."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

import pytest

from tests.verify.measure.ncu_reports import report
from verify.measure import ncu
from verify.measure.checks import CHECKS, kernel_name, opcodes
from verify.measure.finding import (
    DIFFERS,
    EQUAL,
    ERROR,
    SKIPPED,
    Finding,
    MissingError,
)
from verify.measure.hardware import hardware_findings
from verify.measure.layers import LAYERS, Layer
from verify.measure.notes import Notes

MODELLED = [layer for layer in LAYERS if CHECKS["instructions"].about(layer)]

Change = Callable[[Layer, dict[str, int]], dict[str, int]]


def as_predicted(layer: Layer, counts: dict[str, int]) -> dict[str, int]:
    """Change nothing."""
    return counts


def look(
    monkeypatch: pytest.MonkeyPatch,
    change: Change = as_predicted,
    notes: Notes | None = None,
    name: Callable[[Layer], str] = lambda layer: f"{kernel_name(layer)}",
    metrics: Mapping[str, str] = MappingProxyType({}),
) -> list[Finding]:
    """Return the findings of a report that is made of the predictions, changed."""

    def run(layers: Any, seconds: float) -> ncu.Output:
        wait = (ncu.SEPARATOR, {"EXIT": 32})
        launches = [wait]
        for layer in layers:
            counts = {"IMAD": 99}
            if layer in MODELLED:
                counts |= {name: count for name, count in opcodes(layer).items() if count}
            launches += [(name(layer), change(layer, counts)), wait]
        return ncu.Output(report(launches, **metrics), "==PROF== done", 0)

    monkeypatch.setattr("verify.measure.hardware.missing", lambda device: None)
    monkeypatch.setattr(ncu, "run", run)
    return list(hardware_findings("cuda", LAYERS, notes))


def test_counts_as_predicted(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every layer that the model speaks of is judged; bytes are noted, indices included."""
    notes = Notes()
    findings = look(monkeypatch, notes=notes)
    assert [finding.layer for finding in findings] == MODELLED
    assert {finding.status for finding in findings} == {EQUAL}
    assert findings[0].counted == {"FSETP": 3569792, "IMAD": 99}
    indices = 200704 * 8
    assert notes.traffic[0] == {
        "layer": "ResNet stem",
        "compulsory": 4014080 + indices,
        "read": 3211264,
        "written": 802816,
    }


def test_every_kernel_is_noted(monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where no model speaks of it, and with all that ncu wrote."""
    notes = Notes()
    look(monkeypatch, notes=notes)
    assert [kernel.layer for kernel in notes.kernels] == [layer.name for layer in LAYERS]
    unknown = next(
        kernel for kernel in notes.kernels if kernel.layer == "adaptive in float16, channels last"
    )
    assert unknown.to_dict() == {
        "layer": "adaptive in float16, channels last",
        "tool": "ncu",
        "kernel": "adaptive_average_pool_nhwc",
        "grid": [784, 1, 1],
        "block": [256, 1, 1],
        "opcodes": {"IMAD": 99},
        "metrics": {
            **dict.fromkeys(ncu.BY_OPCODE.values(), 0),
            ncu.TRAFFIC["read"]: 3211264,
            ncu.TRAFFIC["written"]: 802816,
        },
    }
    assert "==PROF== done" in notes.ncu_output and "adaptive_average_pool_nhwc" in notes.ncu_output


def test_indices_are_compulsory_wherever_a_kernel_writes_them(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Kernels of maxima do, plain and adaptive ones: eight bytes for each output."""
    notes = Notes()
    look(monkeypatch, notes=notes)
    compulsory = {row["layer"]: row["compulsory"] for row in notes.traffic}
    assert compulsory["ragged maximum"] == 64 * (13 * 13 * 4 + 5 * 5 * (4 + 8))
    assert compulsory["VGG-16 on 320 x 320"] == 512 * (10 * 10 + 7 * 7) * 4


@pytest.mark.parametrize(
    ("value", "status", "reason"),
    [
        ("n/a", SKIPPED, "ncu gave no count by opcode for max_pool_forward_nchw: 'n/a'"),
        ("7 (FADD: 8)", ERROR, "opcodes do not add up to their total: '7 (FADD: 8)'"),
    ],
)
def test_what_cannot_be_read_of_one_kernel_hides_no_other(
    value: str, status: str, reason: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The layer says so, and so does the kernel that is noted; the others are judged."""
    whole = report([(ncu.SEPARATOR, {"EXIT": 32})] + [("max_pool_forward_nchw", {"FSETP": 1})] * 2)
    broken = report([("max_pool_forward_nchw", {"FSETP": 1})], **{ncu.PER_OPCODE: value})
    wait, fine, _ = ncu.parse(whole)
    (unread,) = ncu.parse(broken)
    monkeypatch.setattr("verify.measure.hardware.missing", lambda device: None)
    monkeypatch.setattr(ncu, "run", lambda layers, seconds: ncu.Output(whole, "", 0))
    monkeypatch.setattr(ncu, "parse", lambda text: [wait, unread, wait, fine, wait])
    notes = Notes()
    first, second = hardware_findings("cuda", LAYERS[:2], notes)
    assert (first.status, first.reason) == (status, reason)
    assert (second.status, second.counted) == (DIFFERS, {"FSETP": 1})
    assert [kernel.reason for kernel in notes.kernels] == [reason, ""]


def test_a_layer_that_was_not_run_hides_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    """Between its waits there is nothing, which is an error of that layer alone."""
    wait = (ncu.SEPARATOR, {"EXIT": 32})
    text = report([wait, wait, ("max_pool_forward_nchw", {"FSETP": 401408}), wait])
    monkeypatch.setattr("verify.measure.hardware.missing", lambda device: None)
    monkeypatch.setattr(ncu, "run", lambda layers, seconds: ncu.Output(text, "", 0))
    first, second = hardware_findings("cuda", LAYERS[:2])
    assert (first.status, first.reason) == (
        ERROR,
        "0 launches of max_pool_forward_nchw; all: none at all",
    )
    assert second.status == DIFFERS


@pytest.mark.parametrize(
    "opcode", ["FADD", "FMUL", "FFMA", "FSETP", "HADD2", "DADD", "DFMA", "DSETP"]
)
def test_one_instruction_more_differs(opcode: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """In any opcode of the model, on any layer."""

    def one_more(layer: Layer, counts: dict[str, int]) -> dict[str, int]:
        return {**counts, opcode: counts.get(opcode, 0) + 1}

    findings = look(monkeypatch, one_more)
    assert {finding.status for finding in findings} == {DIFFERS}


def test_two_counters_have_to_agree(monkeypatch: pytest.MonkeyPatch) -> None:
    """A count by opcode that the other counter contradicts is an error; one alone is enough."""
    metric = ncu.BY_OPCODE["FADD"]
    findings = look(monkeypatch, metrics={metric: "17"})
    assert {finding.status for finding in findings} == {ERROR}
    assert f"two counters disagree on FADD: {metric} is 17, by opcode it is 0" in findings[0].reason
    assert {f.status for f in look(monkeypatch, metrics={metric: "n/a"})} == {EQUAL}


def test_another_kernel_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """The counts of whatever else was launched are not the layer's."""
    findings = look(monkeypatch, name=lambda layer: f"{kernel_name(layer)}_v2")
    assert {finding.status for finding in findings} == {ERROR}
    assert findings[0].reason.startswith("0 launches of max_pool_forward_nchw; all: max_pool_")


def test_no_counters_are_skipped(monkeypatch: pytest.MonkeyPatch) -> None:
    """No GPU, no ncu, no permission: one finding with the reason, and nothing that passes."""

    def refuse(layers: Any, seconds: float) -> Any:
        raise MissingError("ncu: ERR_NVGPUCTRPERM")

    monkeypatch.setattr("verify.measure.hardware.missing", lambda device: "no CUDA device")
    (finding,) = hardware_findings("cuda")
    assert (finding.status, finding.reason) == (SKIPPED, "no CUDA device")
    monkeypatch.setattr("verify.measure.hardware.missing", lambda device: None)
    monkeypatch.setattr(ncu, "run", refuse)
    (finding,) = hardware_findings("cuda")
    assert (finding.status, finding.reason) == (SKIPPED, "ncu: ERR_NVGPUCTRPERM")
    assert list(hardware_findings("cpu")) == []


def test_a_broken_run_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is no reason to skip, and what it wrote is kept."""
    monkeypatch.setattr("verify.measure.hardware.missing", lambda device: None)
    monkeypatch.setattr(ncu, "run", lambda layers, seconds: ncu.Output('"ID","Kern', "killed", 9))
    notes = Notes()
    (finding,) = hardware_findings("cuda", notes=notes)
    assert (finding.status, finding.reason) == (ERROR, 'ncu ended with code 9: "ID","Kern killed')
    assert notes.ncu_output == '"ID","Kern\nkilled'
