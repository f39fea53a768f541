from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import nn

from benchmarks import other_counters
from benchmarks.other_counters import COUNTERS, Counter, describe_layer, measure
from benchmarks.pooling_layers import Layer

SMALL = Layer("small", (1, 1, 4, 4), nn.MaxPool2d, dict(kernel_size=2))


@pytest.fixture(autouse=True)
def one_small_layer(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ask about one small layer, a few times."""
    monkeypatch.setattr(other_counters, "LAYERS", (SMALL,))
    monkeypatch.setattr(other_counters, "REPEATS", 3)


def asked(monkeypatch: pytest.MonkeyPatch, load: Callable[[], Any], package: str = "torch") -> Any:
    """Return what a counter that is loaded by ``load`` is reported to say of the small layer."""
    monkeypatch.setitem(COUNTERS, "mine", Counter("mine", package, "FLOPs", load))
    (says,) = measure("mine")["layers"]
    return says


def test_torch_does_not_count_pooling() -> None:
    """Torch's own counter is asked as any other, and says 0 on meta tensors."""
    result = measure("torch FlopCounterMode")
    (says,) = result["layers"]
    assert (result["version"], result["unit"]) == (torch.__version__, "FLOPs")
    assert (says["answer"], says["device"]) == (0, "meta")
    assert min(says["seconds"], says["our_seconds"], says["our_seconds_by_name"]) > 0


def test_a_layer_is_described_with_its_truth() -> None:
    """The four windows of four taps; what is shown is what torch is given."""
    assert describe_layer(SMALL) == {
        "where": "small",
        "layer": "MaxPool2d(kernel_size=2)",
        "shape": [1, 1, 4, 4],
        "truth": {"taps": 16, "outputs": 4, "operations": 12, "tiled": True},
        "ours": 12,
    }


def test_an_answer_that_is_not_the_same_on_meta_is_taken_on_real_elements(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The answer for real elements is the one that counts."""
    says = asked(monkeypatch, lambda: lambda model, x: 7 if x.is_meta else 5)
    assert (says["answer"], says["device"]) == (5, "cpu")


def test_a_counter_that_needs_elements_gets_them(monkeypatch: pytest.MonkeyPatch) -> None:
    """Breaking on meta tensors is no error."""
    says = asked(monkeypatch, lambda: lambda model, x: int(x.sum().item()) + 3)
    assert (says["answer"], says["device"]) == (3, "cpu")


def test_a_package_that_is_missing_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is on every layer, and there is no answer."""
    says = asked(monkeypatch, lambda: len, package="no-such-package")
    assert says == {
        "error": "PackageNotFoundError: No package metadata was found for no-such-package"
    }


@pytest.mark.parametrize("answer", [None, 1.5, float("nan")])
def test_an_answer_that_is_no_count_is_an_error(
    monkeypatch: pytest.MonkeyPatch, answer: float | None
) -> None:
    """None and fractions are never taken for a number of operations."""
    says = asked(monkeypatch, lambda: lambda model, x: answer)
    assert set(says) == {"error"}


def test_a_counter_that_breaks_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """With the first line of what it said, cut where it gets long."""

    def breaks(model: nn.Module, x: torch.Tensor) -> int:
        raise KeyError("a" * 200 + "\nand more")

    says = asked(monkeypatch, lambda: breaks)
    assert says["error"].startswith("KeyError: 'aaa")
    assert len(says["error"]) <= 130


def test_a_profiler_without_events_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """No events are not zero operations."""

    class Silent:
        def __init__(self, **_: Any) -> None: ...

        def __enter__(self) -> Silent:
            return self

        def __exit__(self, *_: object) -> None: ...

        def key_averages(self) -> list[Any]:
            return []

    monkeypatch.setattr(torch.profiler, "profile", Silent)
    (says,) = measure("torch.profiler")["layers"]
    assert says == {"error": "RuntimeError: no events"}


def test_standard_output_is_json() -> None:
    """Whatever a counter prints, even from C, goes elsewhere."""
    code = (
        "import os\n"
        "from benchmarks import other_counters as asked\n"
        "asked.LAYERS = asked.LAYERS[:1]\n"
        "noisy = lambda model, x: os.write(1, b'noise')\n"
        "asked.COUNTERS['noisy'] = asked.Counter('noisy', 'torch', 'FLOPs', lambda: noisy)\n"
        "asked.main(['noisy'])\n"
    )
    result = subprocess.run(
        [sys.executable, "-c", code],
        cwd=Path(__file__).parents[2], capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert json.loads(result.stdout)["layers"][0]["answer"] == len("noise")
    assert "noise" in result.stderr
