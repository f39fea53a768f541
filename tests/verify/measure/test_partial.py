"""What a run left, judged again. No count here is a measurement: all are predictions."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from verify.measure.checks import NCU, PROFILER, opcodes, prediction
from verify.measure.finding import DIFFERS, EQUAL, ERROR, SKIPPED, Finding
from verify.measure.layers import LAYERS, Layer
from verify.measure.notes import KernelSeen, Notes, Timing, Traffic
from verify.measure.partial import rejudged
from verify.measure.record import PARTIAL, make_partial

STEM = LAYERS[0]
COUNTER = "FlopCounterMode"


def left(findings: list[Finding], notes: Notes | None = None) -> dict[str, Any]:
    """Return the file that a run on a CPU has left, as one on a GPU would write it."""
    partial = make_partial(findings, "cpu", "a command", notes or Notes())
    return partial | {"device": {"type": "cuda", "name": "no GPU"}}


def by_check(findings: list[Finding], check: str) -> Finding:
    """Return the finding of a check on the stem."""
    (found,) = [one for one in findings if one.check == check and one.layer == STEM]
    return found


def test_counts_are_judged_by_todays_formulas() -> None:
    """What was thought then does not count, either way."""
    right = prediction("native, our formulas", COUNTER, STEM)
    for counted, status in ((right, EQUAL), (right + 1, DIFFERS)):
        then = Finding("native, our formulas", COUNTER, STEM, DIFFERS, right + 2, counted)
        found = by_check(rejudged(left([then]))[0], "native, our formulas")
        assert (found.status, found.predicted, found.counted) == (status, right, counted)


@pytest.mark.parametrize("name", ["max_pool_forward_nchw", "another_pool"])
def test_kernels_are_looked_through_again(name: str) -> None:
    """Launches and instructions of a kernel that is known by now; of another one nothing."""
    reason = "0 launches of a kernel"
    then = [
        Finding("launch", PROFILER, STEM, ERROR, reason=reason),
        Finding("instructions", NCU, STEM, ERROR, reason=reason),
    ]
    counted = {**opcodes(STEM), "IMAD": 7}
    kernels = [
        KernelSeen(STEM.name, PROFILER, f"void {name}<float>()", (784, 1, 1), (256, 1, 1)),
        KernelSeen(STEM.name, NCU, name, (784, 1, 1), (256, 1, 1), counted),
    ]
    findings, notes = rejudged(left(then, Notes(kernels=kernels)))
    known = name.startswith("max")
    for check in ("launch", "instructions"):
        found = by_check(findings, check)
        assert found.status == (EQUAL if known else ERROR)
        assert found.reason == ("" if known else reason)
    assert notes.kernels == kernels


def test_a_failure_as_a_whole_is_made_up_for() -> None:
    """By the kernels that were seen before it."""
    then = Finding("instructions", NCU, None, ERROR, reason="ncu took longer")
    kernel = KernelSeen(STEM.name, NCU, "max_pool_forward_nchw", opcodes=opcodes(STEM))
    findings, _ = rejudged(left([then], Notes(kernels=[kernel])))
    assert by_check(findings, "instructions").status == EQUAL
    assert not any(found.status == ERROR for found in findings)
    findings, _ = rejudged(left([then]))
    (whole,) = [found for found in findings if found.check == "instructions"]
    assert (whole.status, whole.layer) == (ERROR, None)


def test_what_the_run_did_not_come_to() -> None:
    """Skipped, with that as the reason; notes are as they were."""
    notes = Notes(
        [Traffic(layer="x", compulsory=1)],
        [],
        [Timing("x", (1, 2), "native", 1.0)],
        "as it came",
    )
    findings, kept = rejudged(left([], notes))
    assert {found.status for found in findings} == {SKIPPED}
    assert {found.reason for found in findings} == {"the run ended before it"}
    assert kept == notes


def test_a_layer_that_is_no_longer_measured() -> None:
    """The file describes it."""
    old = replace(STEM, name="an old layer")
    right = prediction("native, our formulas", COUNTER, old)
    then = Finding("native, our formulas", COUNTER, old, EQUAL, right, right)
    layers: list[Layer | None] = [found.layer for found in rejudged(left([then]))[0]]
    assert old in layers


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            {"kind": "profiler-counts"},
            f"a partial file is of kind {PARTIAL!r} and schema 1, got 'profiler-counts' and 1",
        ),
        ({"kernels": None}, "a partial file needs its field 'kernels'"),
    ],
)
def test_other_files_are_refused(changes: dict[str, Any], message: str) -> None:
    """With what they are, or lack."""
    with pytest.raises(ValueError) as caught:
        rejudged(left([]) | changes)
    assert str(caught.value) == message
