from __future__ import annotations

import copy
import json
import re
from pathlib import Path
from typing import Any

import pytest

import costmodel
from benchmarks import profiler
from benchmarks.profiler import NOT_YET, SHOWN
from tests.verify.measure.gpu_records import gpu_record
from verify.measure.checks import NCU
from verify.measure.layers import LAYERS
from verify.measure.notes import Timing

RECORDS = profiler.records()

STEM = (64, 64, 112, 112)
#: Format samples; no time in them was measured.
TIMINGS = [
    Timing("copy", (2**30,), "copy", 0.002, 4e12, 1.0),
    Timing("ResNet stem", STEM, "native", 0.0001, 2e12, 0.5, 1.0),
    Timing("ResNet stem", STEM, "rebuilt", 0.0004, 5e11, 0.125, 4.0),
    Timing("ResNet stem", STEM, "rebuilt, compiled", reason="RuntimeError: no compiler"),
    Timing("pairs of float16", (65536, 65536), "sweep", 2.0, pairs=2**32),
]


def sample() -> dict[str, Any]:
    """Return a format sample of a GPU's record with traffic, kernels and times."""
    record = gpu_record() | {"timings": [timing.to_dict() for timing in TIMINGS]}
    record["traffic"] = [
        {"layer": "ResNet stem", "compulsory": 5619712, "read": 3211264, "written": 2408448}
    ]
    unknown = next(layer for layer in LAYERS if layer.name == "adaptive in float16, channels last")
    record["layers"].append(unknown.to_dict())
    record["kernels"].append(
        {
            "layer": unknown.name,
            "tool": NCU,
            "kernel": "void at::native::(anonymous namespace)::adaptive_average_pool_nhwc<int>(T)",
            "opcodes": {"FADD": 4096, "FMUL": 512, "IMAD": 9},
        }
    )
    return record


def test_the_page_is_what_the_records_make_of_it() -> None:
    """Nobody has edited the tables by hand, and no formula has changed since."""
    page = profiler.PAGE.read_text("utf-8")
    assert profiler.with_tables(page, RECORDS) == page
    assert re.search(r"^python -m benchmarks\.profiler$", page, re.M)
    assert f"]({profiler.PLOT.name})" in page


def test_no_run_on_a_gpu_is_said_in_one_sentence() -> None:
    """With the command that would record one; and it is gone with the first such record."""
    cpu = [record for record in RECORDS if record["device"]["type"] == "cpu"]
    written = profiler.tables(cpu)
    assert written.startswith(NOT_YET) and "not recorded" in written
    assert "--device cuda --require cuda --timing --record" in NOT_YET
    both = profiler.tables([*cpu, sample()])
    assert "No run on a GPU" not in both and "not recorded" not in both


def test_a_count_that_changes_is_seen() -> None:
    """It has a cross, the section says what is wrong, and the page is another one."""
    changed = copy.deepcopy(RECORDS[0])
    count = next(
        count
        for count in changed["counts"]
        if (count["check"], count["layer"]) == ("native, our formulas", "ResNet stem")
    )
    count["counted"] += 1
    written = profiler.tables([changed])
    assert "| ResNet stem | native | 1,584,192 | 0 | 1,584,193 ✗ | – |" in written
    assert f"counts of {len(LAYERS)} layers: 1 not as predicted:" in written
    assert "- native, our formulas, ResNet stem: FlopCounterMode counted 1584193" in written


@pytest.mark.parametrize(
    "line",
    [
        "## GPU: no GPU",
        "| ResNet stem | rebuilt | 1,605,632 | 1,605,632 | – | – |",
        "| ResNet stem | native | 1,584,192 | 0 | 1,584,192 | – |",
        "| ResNet stem | native, executed | FSETP 3,569,792 | – | – | FSETP 3,569,792 |",
        "| adaptive in float16, channels last | `adaptive_average_pool_nhwc` | "
        "FADD 4,096, FMUL 512 |",
        "| ResNet stem | 5,619,712 | 3,211,264 | 2,408,448 | 1.00 |",
        "| copy | 1,073,741,824 | copy | 2,000.0 | 4,000.0 | 100 | – |",
        "| ResNet stem | 64 × 64 × 112 × 112 | rebuilt | 400.0 | 500.0 | 12 | 4.00 |",
        "| ResNet stem | 64 × 64 × 112 × 112 | "
        "rebuilt, compiled: RuntimeError: no compiler | – | – | – | – |",
        "ReLU(a − b) + b against max(a, b) at all 4,294,967,296 pairs of float16: 2.00 s, "
        "2,147.5 million in a second.",
    ],
)
def test_the_section_of_a_gpu(line: str) -> None:
    """Counts by everyone, kernels without a model, bytes, times and the sweep."""
    assert line in profiler.tables([sample()]).splitlines()


def test_kernels_that_have_a_model_are_not_among_those_without() -> None:
    """One kernel of the sample has none."""
    section = profiler.tables([sample()]).split("### Kernels without a model")[1].split("###")[0]
    assert section.count("\n| ") == 3  # with the head and the line below it


def test_what_was_skipped_has_its_reason() -> None:
    """Without counters there are no instructions, and the page says why."""
    record = sample()
    record["counts"] = [count for count in record["counts"] if count["tool"] != NCU]
    record["skipped"] = [{"check": "instructions", "tool": NCU, "reason": "ERR_NVGPUCTRPERM"}]
    written = profiler.tables([record])
    assert "- SKIPPED: instructions by ncu, since ERR_NVGPUCTRPERM" in written
    assert "| native, executed | FSETP 3,569,792 | – | – | not recorded |" in written


def test_instructions_that_differ_have_a_cross() -> None:
    """In the cell of the hardware, next to what was counted."""
    record = sample()
    for entry in (*record["counts"], *record["kernels"]):
        if entry["layer"] == "ResNet stem" and entry["tool"] == NCU:
            (entry["counted"] if "counted" in entry else entry["opcodes"])["FSETP"] += 1
    assert "| FSETP 3,569,792 | – | – | FSETP 3,569,793 ✗ |" in profiler.tables([record])


def test_every_layer_of_the_tables_exists() -> None:
    """A dozen or so, real ones among them; the record of the CPU has them all."""
    assert set(SHOWN) <= {layer.name for layer in LAYERS} and len(SHOWN) >= 12
    assert {layer.name for layer in profiler._shown(RECORDS[0])} == set(SHOWN)


def test_points_are_useful_operations_by_intensity() -> None:
    """Those of the pooling, whatever computes it; the sweep and what has no time have none."""
    native, rebuilt = profiler.points(sample())
    arguments = dict(kernel_size=3, stride=2, padding=1)
    flops = costmodel.flops("max_pool2d", STEM, **arguments)
    intensity = costmodel.intensity("max_pool2d", STEM, **arguments)
    assert native[:3] == ("ResNet stem", "native", intensity)
    assert rebuilt[:3] == ("ResNet stem", "rebuilt", intensity)
    assert (native[3], rebuilt[3]) == pytest.approx((flops / 0.0001, flops / 0.0004))
    # On the line lies what moves its compulsory bytes as fast as the copy.
    assert native[3] / native[2] == pytest.approx(
        costmodel.bytes_moved("max_pool2d", STEM, **arguments) / 0.0001
    )


def test_the_picture(tmp_path: Path) -> None:
    """A panel for each record with times, the same file every time, and none without."""
    drawn = [tmp_path / name for name in ("first.svg", "again.svg", "empty.svg")]
    profiler.plot([*RECORDS, sample()], drawn[0])
    profiler.plot([*RECORDS, sample()], drawn[1])
    profiler.plot([sample() | {"timings": []}], drawn[2])
    first, again, empty = (path.read_text("utf-8") for path in drawn)
    assert first == again
    for words in ("GPU: no GPU", "a copy, 4,000 GB/s", "ResNet stem", "rebuilt"):
        assert f"<!-- {words} -->" in first
        assert f"<!-- {words} -->" not in empty
    assert profiler.PLOT.read_text("utf-8").count("<!-- CPU: ") == len(RECORDS)


def test_records_come_from_a_folder(tmp_path: Path) -> None:
    """CPUs first; other files are left alone, and a record that is not whole is refused."""
    for name, content in (("a", sample()), ("b", RECORDS[0]), ("c", {"kind": "other"})):
        (tmp_path / f"{name}.json").write_text(json.dumps(content), "utf-8")
    assert [record["device"]["type"] for record in profiler.records(tmp_path)] == ["cpu", "cuda"]
    (tmp_path / "d.json").write_text(json.dumps(sample() | {"counts": []}), "utf-8")
    with pytest.raises(ValueError, match="a record needs counts"):
        profiler.records(tmp_path)


def test_the_layers_that_are_timed_are_described() -> None:
    """Every record has the layers of its times, so that they have a place in the picture."""
    for record in RECORDS:
        timed = {row["layer"] for row in record["timings"]} - {"copy", "pairs of float16"}
        assert timed <= {entries["name"] for entries in record["layers"]}
