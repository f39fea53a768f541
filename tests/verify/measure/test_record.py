"""Records: refused unless whole, and held against today's formulas on any machine."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest

from tests.verify.measure.gpu_records import gpu_record
from verify.measure.checks import CHECKS, NCU, launch, opcodes
from verify.measure.finding import EQUAL, ERROR, SKIPPED, Finding
from verify.measure.layers import LAYERS
from verify.measure.measuring import torch_findings
from verify.measure.notes import KernelSeen, Notes, Timing, Traffic
from verify.measure.record import (
    KIND,
    PARTIAL,
    check_record,
    deviations,
    has_hardware_counts,
    make_partial,
    make_record,
)

ROOT = Path(__file__).parents[3]


def recorded() -> dict[str, Any]:
    """Return every record of this kind in the repository by the name of its file."""
    files = sorted((ROOT / "benchmarks" / "recorded").glob("*.json"))
    contents = {file.name: json.loads(file.read_text(encoding="utf-8")) for file in files}
    return {name: content for name, content in contents.items() if content.get("kind") == KIND}


RECORDS = recorded()


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
    kernel = KernelSeen("x", NCU, "k", (4, 1, 1), (256, 1, 1), {"FADD": 9}, {"bytes": 7}, "why")
    notes = Notes([row], [kernel], [Timing("x", (1,), "sweep", 1.0, pairs=4)])
    record = make_record(findings, "cpu", "python -m verify profiler", notes)
    assert json.loads(json.dumps(record)) == record
    assert not any("predicted" in count for count in record["counts"])
    assert record["traffic"] == [row]
    assert record["kernels"] == [kernel.to_dict()]
    assert {"python", "torch"} <= set(record["versions"])
    assert list(deviations(record)) == []
    assert not has_hardware_counts(record)
    documented = (ROOT / "docs" / "recorded.md").read_text(encoding="utf-8")
    described = ["layers", "counts", "traffic", "kernels", "timings"]
    for name in [*record, *(name for field in described for name in record[field][0])]:
        assert f"`{name}`" in documented


def test_a_run_that_is_not_whole_is_kept_apart() -> None:
    """All that was found, errors included, in a file that no test takes for a record."""
    findings = [
        Finding("launch", "torch.profiler", LAYERS[0], ERROR, reason="it broke"),
        Finding("native, left alone", "FlopCounterMode", LAYERS[1], EQUAL, 0, 0),
    ]
    notes = Notes(kernels=[KernelSeen("x", NCU, "k")], ncu_output="as it came")
    partial = make_partial(findings, "cpu", "a command", notes)
    assert json.loads(json.dumps(partial)) == partial
    assert partial["kind"] == PARTIAL != KIND
    assert partial["findings"] == [finding.to_dict() for finding in findings]
    assert [entries["name"] for entries in partial["layers"]] == [x.name for x in LAYERS[:2]]
    assert (partial["ncu_output"], partial["kernels"][0]["kernel"]) == ("as it came", "k")
    with pytest.raises(ValueError, match="a record needs its field 'counts'"):
        check_record(partial)


def test_instructions_need_the_kernel_that_they_were_counted_of() -> None:
    """One that is missing, or of which something else was counted, is noticed."""
    record = gpu_record()
    name = record["kernels"][3]["layer"]
    record["kernels"][3]["opcodes"]["FSETP"] += 1
    with pytest.raises(ValueError, match=f"the kernel of its instructions: '{name}'"):
        check_record(record)
    del record["kernels"][3]
    with pytest.raises(ValueError, match=f"the kernel of its instructions: '{name}'"):
        check_record(record)


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
        record["kernels"][-1]["opcodes"]["FADD"] += 1
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
