from __future__ import annotations

from typing import Any

import pytest
import torch

from verify.profiler.launcher import launch
from verify.profiler.layers import LAYERS, Layer


def test_layers_are_launched_between_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each is run once unseen, then once between two waits; profiling spans all of it."""
    log: list[str] = []
    monkeypatch.setattr(Layer, "input", lambda self, device: torch.zeros(0))
    monkeypatch.setattr(Layer, "native", lambda self, x: log.append(self.name))
    monkeypatch.setattr(torch.cuda, "synchronize", lambda: log.append("synchronize"))
    monkeypatch.setattr(torch.cuda, "_sleep", lambda cycles: log.append("wait"))
    profiler: Any = torch.cuda.profiler
    monkeypatch.setattr(profiler, "start", lambda: log.append("start"))
    monkeypatch.setattr(profiler, "stop", lambda: log.append("stop"))
    launch(LAYERS[:2])
    first, second = (layer.name for layer in LAYERS[:2])
    assert log == [
        *(first, second, "synchronize", "start", "wait"),
        *(first, "wait", second, "wait", "synchronize", "stop"),
    ]
