from __future__ import annotations

from typing import Any

import pytest
import torch

from verify.measure.launcher import launch
from verify.measure.layers import LAYERS, Layer


def test_layers_are_launched_between_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each is run once unseen, then once between two waits; profiling spans all of it."""
    log: list[str] = []
    monkeypatch.setattr(Layer, "native", lambda self, x: log.append(self.name))
    watch(log, monkeypatch)
    launch(LAYERS[:2])
    first, second = (layer.name for layer in LAYERS[:2])
    assert log == [
        *(first, second, "synchronize", "start", "wait"),
        *(first, "wait", second, "wait", "synchronize", "stop"),
    ]


def test_a_layer_that_cannot_be_run_leaves_its_place_empty(
    monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    """It is named on standard error, and the others are launched."""
    log: list[str] = []

    def native(layer: Layer, x: torch.Tensor) -> None:
        if layer is LAYERS[0]:
            raise RuntimeError("not on this device")
        log.append(layer.name)

    monkeypatch.setattr(Layer, "native", native)
    watch(log, monkeypatch)
    launch(LAYERS[:2])
    second = LAYERS[1].name
    assert log == [
        *(second, "synchronize", "start", "wait", "wait", second, "wait", "synchronize", "stop")
    ]
    assert capsys.readouterr().err == "ResNet stem: RuntimeError: not on this device\n"


def watch(log: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Write what is asked of the GPU into ``log``."""
    monkeypatch.setattr(Layer, "input", lambda self, device: torch.zeros(0))
    monkeypatch.setattr(torch.cuda, "synchronize", lambda: log.append("synchronize"))
    monkeypatch.setattr(torch.cuda, "_sleep", lambda cycles: log.append("wait"))
    profiler: Any = torch.cuda.profiler
    monkeypatch.setattr(profiler, "start", lambda: log.append("start"))
    monkeypatch.setattr(profiler, "stop", lambda: log.append("stop"))
