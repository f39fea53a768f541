"""The check on a CPU, and that each way of breaking it turns it red."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch.utils import flop_counter

import costmodel
from verify.measure import checks
from verify.measure.finding import DIFFERS, EQUAL, ERROR, SKIPPED, Finding
from verify.measure.layers import LAYERS
from verify.measure.measuring import kernels_seen, missing, torch_findings
from verify.measure.notes import KernelSeen
from verify.measure.reading import Kernel, Profile

BY_NAME = {layer.name: layer for layer in LAYERS}
FEW = [
    BY_NAME[name]
    for name in (
        "padding and overhang",
        "dilation",
        "maximum in float16",
        "maximum along one axis",
        "mean with overhang",
        "mean without a batch",
        "mean along three axes",
        "adaptive, half ragged",
    )
]


def words(findings: list[Finding], check: str = "") -> set[str]:
    """Return the words of all findings whose check begins with ``check``."""
    return {finding.status for finding in findings if finding.check.startswith(check)}


@pytest.mark.slow
def test_every_count_is_the_predicted_one() -> None:
    """Every check of a CPU is made, by every tool that can make it."""
    findings = list(torch_findings("cpu", FEW))
    assert words(findings) == {EQUAL}
    assert {finding.check for finding in findings} == {
        name for name, check in checks.CHECKS.items() if "cpu" in check.devices
    }
    for finding in findings:
        assert finding.counted == finding.predicted
        assert finding.counted or finding.check == "native, left alone"


@pytest.mark.slow
def test_the_whole_table() -> None:
    """All layers, as the command runs them."""
    findings = list(torch_findings("cpu"))
    assert words(findings) == {EQUAL}
    checked = {finding.layer.name for finding in findings if finding.layer is not None}
    assert checked == {layer.name for layer in LAYERS}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("prediction", "check"),
    [
        ("average_flops", "average by convolution"),
        ("network_flops", "maximum by network"),
        ("merge_additions", "maximum by skips"),
        ("native_flops", "native, our formulas"),
        ("backward_flops", "native and backward"),
    ],
)
def test_a_formula_off_by_one_differs(
    prediction: str, check: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each prediction is compared to the last operation."""
    right = getattr(checks, prediction)

    def wrong(*arguments: Any) -> Any:
        answer = right(*arguments)
        return answer + 1 if isinstance(answer, int) else (*answer[:-1], answer[-1] + 1)

    monkeypatch.setattr(checks, prediction, wrong)
    for name, entry in checks.CHECKS.items():
        if name.startswith(check) and entry.predict is right:
            monkeypatch.setitem(checks.CHECKS, name, entry._replace(predict=wrong))
    findings = list(torch_findings("cpu", [BY_NAME["dilation"], BY_NAME["mean with overhang"]]))
    assert words(findings, check) == {DIFFERS}
    assert words(findings, "native, left alone") == {EQUAL}


def test_a_cost_model_off_by_one_differs(monkeypatch: pytest.MonkeyPatch) -> None:
    """A wrong count of ours is seen where torch counts by itself."""
    right = costmodel.flops
    monkeypatch.setattr(costmodel, "flops", lambda *args, **kwargs: right(*args, **kwargs) + 1)
    findings = list(torch_findings("cpu", [BY_NAME["mean with overhang"]]))
    assert words(findings, "average by convolution") == {DIFFERS}
    assert words(findings, "native, our formulas") == {DIFFERS}


def test_a_wrong_formula_for_torch_differs(monkeypatch: pytest.MonkeyPatch) -> None:
    """Formulas that count windows in full are seen on a layer with padding."""
    window = checks.merge_additions(BY_NAME["ResNet stem"])
    formulas = {torch.ops.aten.max_pool2d_with_indices: lambda *args, **kwargs: sum(window)}
    monkeypatch.setattr(costmodel, "torch_formulas", lambda: formulas)
    (finding,) = (
        finding
        for finding in torch_findings("cpu", [BY_NAME["ResNet stem"]])
        if finding.check == "native, our formulas"
    )
    assert (finding.status, finding.predicted, finding.counted) == (DIFFERS, 1584192, 1605632)


def test_a_profiler_that_returns_nothing_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """No events are no zero: not even where 0 is predicted."""
    monkeypatch.setattr(torch.profiler.profile, "events", lambda self: [])
    findings = [f for f in torch_findings("cpu", FEW[:1]) if f.tool == checks.PROFILER]
    assert words(findings) == {ERROR}
    assert words(findings, "native, left alone") == {ERROR}
    assert {finding.reason for finding in findings} == {"torch.profiler returned no events"}


def test_a_profiler_without_the_operator_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """Events of something else do not make a zero either."""
    monkeypatch.setattr(
        "verify.measure.measuring.profiled", lambda *_: Profile((("aten::relu", 0),))
    )
    findings = [f for f in torch_findings("cpu", FEW[:1]) if f.tool == checks.PROFILER]
    assert words(findings) == {ERROR}
    assert all("came back; events: aten::relu" in finding.reason for finding in findings)


def test_a_counter_that_sees_nothing_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither of them takes its zero for an answer."""
    monkeypatch.setattr(flop_counter.FlopCounterMode, "get_total_flops", lambda self: 0)
    findings = [f for f in torch_findings("cpu", FEW[:1]) if f.tool == checks.COUNTER]
    assert words(findings) == {ERROR}


def test_a_counter_that_misses_the_work_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where something is predicted a zero is silence, though the counter is awake."""
    monkeypatch.setattr("verify.measure.measuring.counted", lambda *_: 0)
    findings = [f for f in torch_findings("cpu", FEW[:1]) if f.tool == checks.COUNTER]
    assert words(findings, "maximum") == words(findings, "native, our") == {ERROR}


def test_the_day_torch_counts_pooling_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Both tools are watched, and the message says what has happened."""
    aten = torch.ops.aten
    monkeypatch.setitem(
        flop_counter.flop_registry, aten.max_pool2d_with_indices, lambda *args, **kwargs: 5
    )
    real: Any = torch.profiler.profile.events

    def counting(self: Any) -> Any:
        events = real(self)
        for event in events:
            if event.name == "aten::max_pool2d":
                event.flops = 5
        return events

    monkeypatch.setattr(torch.profiler.profile, "events", counting)
    findings = list(torch_findings("cpu", FEW[:1]))
    assert words(findings, "native, left alone") == {DIFFERS}
    for finding in findings:
        if finding.check == "native, left alone":
            assert finding.counted == 5
            assert finding.reason.startswith("torch counts this pooling by itself now")


def test_a_layer_that_cannot_be_run_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """The others are still looked at."""

    def rebuilt(check: str, layer: Any) -> Any:
        raise RuntimeError("not implemented\nfor 'Half'")

    monkeypatch.setattr("verify.measure.measuring.rebuilt", rebuilt)
    findings = list(torch_findings("cpu", FEW[:1]))
    assert words(findings, "maximum") == {ERROR}
    assert words(findings, "native") == {EQUAL}
    assert findings[0].reason == "RuntimeError: not implemented for 'Half'"


def test_without_a_gpu_everything_is_skipped(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is run, every check is named, and the reason is one that a user can act on."""
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    findings = list(torch_findings("cuda", FEW))
    assert words(findings) == {SKIPPED}
    assert {finding.check for finding in findings} == set(checks.CHECKS) - {"instructions"}
    monkeypatch.setattr(torch.version, "cuda", None)
    assert missing("cuda") == f"torch {torch.__version__} has no CUDA support"
    monkeypatch.setattr(torch.version, "cuda", "13.0")
    assert missing("cuda") == "torch finds no CUDA device"
    assert missing("cpu") is None


@pytest.mark.parametrize(
    ("kernels", "status"),
    [
        ([Kernel("max_pool_forward_nchw<float>", (1, 1, 1), (256, 1, 1))], EQUAL),
        ([Kernel("max_pool_forward_nchw<float>", (2, 1, 1), (256, 1, 1))], DIFFERS),
        ([Kernel("another_pool<float>", (1, 1, 1), (256, 1, 1))], DIFFERS),
        ([Kernel("elementwise_kernel", (1, 1, 1), (256, 1, 1))], ERROR),
        ([], ERROR),
        ([Kernel("max_pool_forward_nchw<float>", (1, 1, 1), (256, 1, 1))] * 2, ERROR),
    ],
)
def test_launches(kernels: list[Kernel], status: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Format samples, not measurements: the launch is judged, and a missing one is an error."""
    monkeypatch.setattr("verify.measure.measuring.missing", lambda device: None)
    monkeypatch.setattr("verify.measure.measuring.profiled", lambda *_: Profile((), tuple(kernels)))
    layer = BY_NAME["gaps between windows"]
    monkeypatch.setattr(type(layer), "input", lambda self, device: torch.ones(self.shape))
    (finding,) = (f for f in torch_findings("cuda", [layer]) if f.check == "launch")
    assert finding.status == status
    assert ("launches of a pooling came back; all: " in finding.reason) == (status == ERROR)


def test_every_kernel_of_every_layer_is_noted(monkeypatch: pytest.MonkeyPatch) -> None:
    """Format samples: also two of a layer that no model names, and why there is none of another."""
    copy, mean = Kernel("copy", (4, 1, 1), (128, 1, 1)), Kernel("mean", (2, 1, 1), (512, 1, 1))
    monkeypatch.setattr("verify.measure.measuring.missing", lambda device: None)
    monkeypatch.setattr("verify.measure.measuring.profiled", lambda *_: Profile((), (copy, mean)))
    first, second = BY_NAME["ResNet-50 global"], BY_NAME["dilation"]

    def values(layer: Any, device: str) -> torch.Tensor:
        if layer is second:
            raise RuntimeError("out of\nmemory")
        return torch.ones(layer.shape)

    monkeypatch.setattr(type(first), "input", values)
    assert list(kernels_seen("cuda", [first, second])) == [
        KernelSeen(first.name, checks.PROFILER, "copy", (4, 1, 1), (128, 1, 1)),
        KernelSeen(first.name, checks.PROFILER, "mean", (2, 1, 1), (512, 1, 1)),
        KernelSeen(second.name, checks.PROFILER, reason="RuntimeError: out of memory"),
    ]
    assert list(kernels_seen("cpu", [first])) == []


def test_without_a_gpu_there_are_no_kernels(monkeypatch: pytest.MonkeyPatch) -> None:
    """What was skipped is said by the findings."""
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    assert list(kernels_seen("cuda")) == []
