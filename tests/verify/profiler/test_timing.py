from __future__ import annotations

import json

import pytest
import torch

from verify.profiler import timing
from verify.profiler.layers import Layer
from verify.profiler.timing import Timing, clock, timings

LAYER = Layer("small", "max_pool2d", (1, 2, 8, 8), {"kernel_size": 2})


def test_variants_beside_a_copy(monkeypatch: pytest.MonkeyPatch) -> None:
    """Native, rebuilt and compiled: shares of the copy, ratios to native; TF32 is put back."""
    monkeypatch.setitem(timing._COPY, "cpu", 4096)
    monkeypatch.setattr(torch, "compile", lambda module: module)
    monkeypatch.setattr(timing, "clock", lambda works, device: 0.5 * len(works))
    before = torch.backends.cudnn.allow_tf32
    copy, native, rebuilt, compiled = timings("cpu", [LAYER])
    assert torch.backends.cudnn.allow_tf32 == before
    assert (copy.variant, copy.seconds, copy.bandwidth) == ("copy", 0.5, 2 * 4096 / 0.5)
    assert [one.variant for one in (native, rebuilt, compiled)] == [
        "native", "rebuilt", "rebuilt, compiled",
    ]  # fmt: skip
    # Read 128 elements and write 32, of four bytes each, in 2 s.
    assert native.bandwidth == 640 / 2
    assert native.share == pytest.approx(320 / 16384)
    assert rebuilt.native == compiled.native == 1.0
    json.dumps(native.to_dict())


def test_what_cannot_be_compiled_has_a_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    """No compiler, no time: and never a zero."""

    def refuse(module: object) -> object:
        def call(x: object) -> None:
            raise RuntimeError("no C++\ncompiler")

        return call

    monkeypatch.setitem(timing._COPY, "cpu", 4096)
    monkeypatch.setattr(torch, "compile", refuse)
    *_, compiled = timings("cpu", [LAYER])
    assert compiled == Timing(
        "small", (1, 2, 8, 8), "rebuilt, compiled", reason="RuntimeError: no C++ compiler"
    )


def test_the_clock_takes_turns(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every input is warmed up once and then used in turn; the median is above zero."""
    monkeypatch.setitem(timing._ROUNDS, "cpu", 5)
    log: list[int] = []
    seconds = clock([lambda: log.append(0), lambda: log.append(1)], "cpu")
    assert log == [0, 1, 0, 1, 0, 1, 0]
    assert seconds > 0
