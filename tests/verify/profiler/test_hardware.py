"""Hardware counts against the model. No report is a measurement: all are made of predictions."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

import pytest

from tests.verify.profiler.ncu_reports import report
from verify.profiler import ncu
from verify.profiler.checks import CHECKS, kernel_name, opcodes
from verify.profiler.finding import (
    DIFFERS,
    EQUAL,
    ERROR,
    SKIPPED,
    Finding,
    MissingError,
    NothingCountedError,
)
from verify.profiler.hardware import Traffic, hardware_findings
from verify.profiler.layers import LAYERS, Layer

MODELLED = [layer for layer in LAYERS if CHECKS["instructions"].about(layer)]

Change = Callable[[Layer, dict[str, int]], dict[str, int]]


def as_predicted(layer: Layer, counts: dict[str, int]) -> dict[str, int]:
    """Change nothing."""
    return counts


def look(
    monkeypatch: pytest.MonkeyPatch,
    change: Change = as_predicted,
    traffic: list[Traffic] | None = None,
    name: Callable[[Layer], str] = lambda layer: f"{kernel_name(layer)}",
    metrics: Mapping[str, str] = MappingProxyType({}),
) -> list[Finding]:
    """Return the findings of a report that is made of the predictions, changed."""

    def measure(layers: Any) -> Any:
        wait = (ncu.SEPARATOR, {"EXIT": 32})
        launches = [wait]
        for layer in layers:
            counts = {name: count for name, count in opcodes(layer).items() if count}
            launches += [(name(layer), change(layer, {**counts, "IMAD": 99})), wait]
        return ncu.by_layer(ncu.parse(report(launches, **metrics)), layers)

    monkeypatch.setattr("verify.profiler.hardware.missing", lambda device: None)
    monkeypatch.setattr(ncu, "measure", measure)
    return list(hardware_findings("cuda", LAYERS, traffic))


def test_counts_as_predicted(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every layer that the model speaks of is judged; bytes are noted, indices included."""
    traffic: list[Traffic] = []
    findings = look(monkeypatch, traffic=traffic)
    assert [finding.layer for finding in findings] == MODELLED
    assert {finding.status for finding in findings} == {EQUAL}
    assert findings[0].counted == {"FSETP": 3569792, "IMAD": 99}
    indices = 200704 * 8
    assert traffic[0] == {
        "layer": "ResNet stem",
        "compulsory": 4014080 + indices,
        "read": 3211264,
        "written": 802816,
    }


@pytest.mark.parametrize("opcode", ["FADD", "FMUL", "FFMA", "FSETP", "HADD2", "DADD", "DFMA"])
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

    def refuse(layers: Any) -> Any:
        raise MissingError("ncu: ERR_NVGPUCTRPERM")

    monkeypatch.setattr("verify.profiler.hardware.missing", lambda device: "no CUDA device")
    (finding,) = hardware_findings("cuda")
    assert (finding.status, finding.reason) == (SKIPPED, "no CUDA device")
    monkeypatch.setattr("verify.profiler.hardware.missing", lambda device: None)
    monkeypatch.setattr(ncu, "measure", refuse)
    (finding,) = hardware_findings("cuda")
    assert (finding.status, finding.reason) == (SKIPPED, "ncu: ERR_NVGPUCTRPERM")
    assert list(hardware_findings("cpu")) == []


def test_a_broken_run_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is no reason to skip."""

    def break_(layers: Any) -> Any:
        raise NothingCountedError("ncu ended with code 1")

    monkeypatch.setattr("verify.profiler.hardware.missing", lambda device: None)
    monkeypatch.setattr(ncu, "measure", break_)
    (finding,) = hardware_findings("cuda")
    assert (finding.status, finding.reason) == (ERROR, "ncu ended with code 1")
