"""The whole run on a GPU, with a device and a tool that are made up. Nothing here is a measurement.

What is tried is that a run cannot be wasted: whatever goes wrong, what was found is in a file.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from verify.measure.finding import EQUAL, ERROR
from verify.measure.layers import LAYERS
from verify.measure.record import check_record, deviations, has_hardware_counts

HERE = Path(__file__).parent
#: Another interpreter to try, with torch and NumPy: a newer Python than the one that runs this.
OTHER = os.environ.get("OTHER_PYTHON", "")

PYTHONS = [
    pytest.param(sys.executable, id="this Python"),
    pytest.param(
        OTHER, id="another", marks=pytest.mark.skipif(not OTHER, reason="$OTHER_PYTHON names none")
    ),
]


def start(folder: Path, wrong: str, *arguments: str, python: str = sys.executable) -> Any:
    """Start the command where ncu is a program of ours."""
    tool = folder / "ncu"
    tool.write_text(f'#!/bin/sh\nexec "{python}" "{HERE / "made_up_ncu.py"}" "$@"\n')
    tool.chmod(0o755)
    environment = {**os.environ, "MADE_UP": wrong, "NCU": str(tool)}
    environment.pop("PYTHONPATH", None)
    return subprocess.Popen(
        [python, str(HERE / "made_up_gpu.py"), "profiler", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment,
        cwd=folder,
    )


def run(folder: Path, wrong: str, *arguments: str, python: str = sys.executable) -> Any:
    """Run the command to its end and return code, output, errors and what is in the folder."""
    process = start(folder, wrong, *arguments, python=python)
    out, err = process.communicate(timeout=600)
    files = {path.name: path for path in folder.glob("*.json")}
    return process.returncode, out, err, files


def read(path: Path) -> dict[str, Any]:
    """Return a file of JSON."""
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return found


@pytest.mark.slow
@pytest.mark.parametrize("python", PYTHONS)
def test_few_layers(python: str, tmp_path: Path) -> None:
    """Counts by all tools, a line for each stage, and a record that is whole."""
    arguments = ("--device", "cuda", "--require", "cuda", "--record", "gpu.json")
    code, out, err, files = run(tmp_path, "few layers", *arguments, python=python)
    assert code == 0, err
    assert list(files) == ["gpu.json"]
    record = read(files["gpu.json"])
    check_record(record)
    assert list(deviations(record)) == [] and has_hardware_counts(record)
    assert (record["device"]["name"], record["versions"]["ncu"]) == ("Made-up GPU", "0.0")
    assert record["skipped"] == record["failed"] == []
    stages = [line for line in err.splitlines() if line.startswith("profiler: ")]
    assert [stage.split(":")[1] for stage in stages] == [
        " hardware counts of 3 layers",
        " hardware counts of 1 layers",
        " counts by torch",
    ]
    assert "0 DIFFERS, 0 SKIPPED, 0 ERROR" in out


@pytest.mark.slow
@pytest.mark.parametrize("python", PYTHONS)
def test_the_whole_run(python: str, tmp_path: Path) -> None:
    """Every layer of the table, by every tool, equal to what is predicted."""
    code, _, err, files = run(tmp_path, "", "--device", "cuda", "--record", "gpu.json",
                              python=python)  # fmt: skip
    assert code == 0, err
    record = read(files["gpu.json"])
    assert len(record["counts"]) > 400 and list(deviations(record)) == []
    assert {entries["name"] for entries in record["layers"]} == {layer.name for layer in LAYERS}


@pytest.mark.slow
def test_an_unknown_kernel_is_a_deviation(tmp_path: Path) -> None:
    """Exit 1; all else is in the record, and the partial file stays for the day it is known."""
    wrong = "few layers, unknown kernel"
    code, _, err, files = run(tmp_path, wrong, "--device", "cuda", "--record", "gpu.json")
    assert code == 1, err
    assert sorted(files) == ["gpu.json", "gpu.partial.json"]
    record = read(files["gpu.json"])
    check_record(record)
    assert [(failed["check"], failed["layer"]) for failed in record["failed"]] == [
        ("instructions", "ResNet stem"),
    ]
    said = list(deviations(record))
    assert len(said) == 2 and all("ResNet stem" in sentence for sentence in said)
    assert {count["check"] for count in record["counts"]} >= {"launch", "instructions"}
    # Once the name is known, the counts are taken from what was seen.
    partial = files["gpu.partial.json"]
    text = partial.read_text(encoding="utf-8")
    partial.write_text(text.replace("brand_new_pool", "max_pool_forward_nchw"), encoding="utf-8")
    again = ("--from", "gpu.partial.json", "--record", "again.json")
    code, _, err, files = run(tmp_path, "few layers", *again)
    assert code == 0, err
    record = read(files["again.json"])
    assert list(deviations(record)) == [] and record["failed"] == []
    assert record["device"]["name"] == "Made-up GPU"
    stem = [count for count in record["counts"] if count["layer"] == "ResNet stem"]
    assert {"launch", "instructions"} <= {count["check"] for count in stem}


@pytest.mark.slow
def test_a_metric_that_the_card_lacks(tmp_path: Path) -> None:
    """The count by opcode alone is asked for again, and judged."""
    wrong = "few layers, bad metric"
    code, _, err, files = run(tmp_path, wrong, "--device", "cuda", "--record", "gpu.json")
    assert code == 0, err
    record = read(files["gpu.json"])
    assert has_hardware_counts(record) and record["traffic"] == []
    assert list(deviations(record)) == []


@pytest.mark.slow
def test_a_kill_in_the_middle(tmp_path: Path) -> None:
    """What was found until then is a record."""
    process = start(tmp_path, "", "--device", "cuda", "--record", "gpu.json")
    partial = tmp_path / "gpu.partial.json"
    end = time.monotonic() + 300
    findings: list[dict[str, Any]] = []
    while time.monotonic() < end and process.poll() is None:
        if partial.exists():
            findings = read(partial)["findings"]
            if any(finding["tool"] != "ncu" for finding in findings):
                break
        time.sleep(0.2)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    assert process.returncode == -signal.SIGKILL
    found = read(partial)["findings"]
    assert len(found) >= len(findings) > 0
    assert {finding["status"] for finding in found} == {EQUAL} != {ERROR}
    code, out, err, files = run(tmp_path, "", "--from", "gpu.partial.json", "--record", "gpu.json")
    assert code == 0, err
    record = read(files["gpu.json"])
    check_record(record)
    assert len(record["counts"]) == len(found) and has_hardware_counts(record)
    assert {skip["reason"] for skip in record["skipped"]} == {"the run ended before it"}
    assert "the run ended before it" in out
