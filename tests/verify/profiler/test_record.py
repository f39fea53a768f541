"""Records: refused unless whole, and held against today's formulas on any machine."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest

from verify.profiler import checks
from verify.profiler.checks import CHECKS, NCU, launch, opcodes, tools_for
from verify.profiler.finding import EQUAL, ERROR, SKIPPED, Finding
from verify.profiler.hardware import Traffic
from verify.profiler.layers import LAYERS
from verify.profiler.measuring import torch_findings
from verify.profiler.record import (
    KIND,
    check_record,
    deviations,
    has_hardware_counts,
    make_record,
)

ROOT = Path(__file__).parents[3]


def recorded() -> dict[str, Any]:
    """Return every record of this kind in the repository by the name of its file."""
    files = sorted((ROOT / "benchmarks" / "recorded").glob("*.json"))
    contents = {file.name: json.loads(file.read_text(encoding="utf-8")) for file in files}
    return {name: content for name, content in contents.items() if content.get("kind") == KIND}


RECORDS = recorded()


def predictions(device: str) -> list[Finding]:
    """Return findings as a run would make them if all counts were the predicted ones."""
    findings = []
    for name, check in CHECKS.items():
        for layer in LAYERS[:20]:
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
    return record


def test_there_is_a_record_of_a_cpu() -> None:
    """The first one is of a CPU."""
    assert "cpu.json" in RECORDS
    assert RECORDS["cpu.json"]["device"]["type"] == "cpu"
    assert len(RECORDS["cpu.json"]["counts"]) > 200


@pytest.mark.parametrize("name", RECORDS)
def test_todays_formulas_give_every_recorded_count(name: str) -> None:
    """Whatever was counted, by whom and where, is what is predicted today."""
    assert list(deviations(RECORDS[name])) == []


@pytest.mark.parametrize("name", RECORDS)
def test_every_check_of_the_device_is_in_the_record(name: str) -> None:
    """None was skipped silently, and no layer of the table is missing."""
    record = RECORDS[name]
    made = {count["check"] for count in record["counts"]}
    made |= {skip["check"] for skip in record["skipped"]}
    assert made == {
        check for check, entry in CHECKS.items() if record["device"]["type"] in entry.devices
    }


def test_hardware_counts_are_recorded_or_said_to_be_missing() -> None:
    """A model that no hardware has confirmed says of itself that it is a prediction."""
    if not any(has_hardware_counts(record) for record in RECORDS.values()):
        import costmodel.cuda_kernels

        assert "**This is a prediction.**" in str(costmodel.cuda_kernels.__doc__)
        pytest.skip("no hardware counts are recorded: the model of instructions is unconfirmed")


def test_a_run_becomes_a_record(monkeypatch: pytest.MonkeyPatch) -> None:
    """Counts, not predictions, with everything that tells what was counted where."""
    findings = list(torch_findings("cpu", [LAYERS[3], LAYERS[18]]))
    row = Traffic(layer="x", compulsory=1, read=1, written=1)
    record = make_record(findings, "cpu", "python -m verify profiler", [row])
    assert json.loads(json.dumps(record)) == record
    assert not any("predicted" in count for count in record["counts"])
    assert record["traffic"] == [row]
    assert {"python", "torch"} <= set(record["versions"])
    assert list(deviations(record)) == []
    assert not has_hardware_counts(record)
    documented = (ROOT / "docs" / "recorded.md").read_text(encoding="utf-8")
    for name in [*record, *record["layers"][0], *record["counts"][0]]:
        assert f"`{name}`" in documented


@pytest.mark.parametrize("status", [ERROR, SKIPPED])
def test_a_broken_or_empty_run_leaves_no_record(status: str) -> None:
    """Neither what broke nor what was skipped as a whole is a measurement."""
    findings = [Finding("launch", "torch.profiler", None, status, reason="no GPU")]
    with pytest.raises(ValueError, match=r"1 checks broke|a record needs counts"):
        make_record(findings, "cpu", "python -m verify profiler")


def test_the_record_of_a_gpu() -> None:
    """Launches and instructions are held against the model; a GPU's record needs both."""
    record = gpu_record()
    assert has_hardware_counts(record)
    assert list(deviations(record)) == []
    without = copy.deepcopy(record)
    without["counts"] = [count for count in record["counts"] if count["tool"] != NCU]
    with pytest.raises(ValueError, match="needs counts of 'instructions', or the reason"):
        check_record(without)
    without["skipped"] = [{"check": "instructions", "tool": NCU, "reason": ""}]
    with pytest.raises(ValueError, match="needs counts of 'instructions', or the reason"):
        check_record(without)
    without["skipped"][0]["reason"] = "ERR_NVGPUCTRPERM"
    check_record(without)
    assert not has_hardware_counts(without)


@pytest.mark.parametrize("number", [0, 40, -1])
def test_a_count_that_was_tampered_with_is_seen(number: int) -> None:
    """Any count, by one."""
    record = gpu_record()
    count = record["counts"][number]
    if isinstance(count["counted"], list):
        count["counted"][-1] += 1
    elif isinstance(count["counted"], dict):
        count["counted"]["FADD"] += 1
    else:
        count["counted"] += 1
    (sentence,) = deviations(record)
    assert sentence.startswith(f"{count['check']}, {count['layer']}: {count['tool']} counted")


def test_a_formula_that_changed_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    """The record stays, the formula is the one that is wrong."""
    record = gpu_record()
    changed = CHECKS["instructions"]._replace(
        predict=lambda layer: {**opcodes(layer), "FFMA": 5 * opcodes(layer)["FFMA"] + 1}
    )
    monkeypatch.setitem(CHECKS, "instructions", changed)
    assert len(list(deviations(record))) >= 8
    assert launch(LAYERS[0])["outputs"] == 200704


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"kind": "other"}, "a record is of kind 'profiler-counts' and schema 1, got 'other'"),
        ({"schema": 2}, "got 'profiler-counts' and 2"),
        ({"date": None}, "a record needs its field 'date'"),
        ({"device": {"type": "cpu"}}, "a record needs its field 'device.name'"),
        ({"versions": {"python": "3.11"}}, r"a record needs its field 'versions\.torch'"),
        ({"counts": []}, r"a record needs counts$"),
        ({"layers": []}, "does not describe the layer of its count"),
    ],
)
def test_a_record_that_is_not_whole_is_refused(change: dict[str, Any], message: str) -> None:
    """The message names what is missing."""
    with pytest.raises(ValueError, match=message):
        check_record(RECORDS["cpu.json"] | change)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"counted": None}, "lacks the value of a count: 'average by convolution' of"),
        ({"counted": []}, "lacks the value"),
        ({"check": "astrology"}, "a count that nobody can check: 'astrology'"),
        ({"tool": "ncu"}, "by a tool that cannot make it"),
        ({"layer": "unknown"}, "does not describe the layer"),
    ],
)
def test_a_count_that_is_not_whole_is_refused(change: dict[str, Any], message: str) -> None:
    """A count without a value is no zero."""
    record = copy.deepcopy(RECORDS["cpu.json"])
    record["counts"][0] |= change
    with pytest.raises(ValueError, match=message):
        list(deviations(record))


def test_a_check_without_counts_needs_a_reason() -> None:
    """Leaving all counts of one check out is noticed."""
    record = copy.deepcopy(RECORDS["cpu.json"])
    record["counts"] = [
        count for count in record["counts"] if count["check"] != "native, left alone"
    ]
    with pytest.raises(ValueError, match="needs counts of 'native, left alone'"):
        check_record(record)
