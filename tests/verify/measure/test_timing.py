from __future__ import annotations

import json
import sys
from math import prod

import pytest
import torch

from verify.measure import timing
from verify.measure.layers import Layer
from verify.measure.notes import Timing
from verify.measure.timing import clock, timings
from verify.sweeps import blocks, sweep

LAYER = Layer("small", "max_pool2d", (1, 2, 8, 8), {"kernel_size": 2})


def test_variants_beside_a_copy(monkeypatch: pytest.MonkeyPatch) -> None:
    """Native, rebuilt and compiled: shares of the copy, ratios to native; TF32 is put back."""
    monkeypatch.setitem(timing._COPY, "cpu", 4096)
    monkeypatch.setitem(timing._ROWS, "cpu", 1)
    monkeypatch.setattr(torch, "compile", lambda module: module)
    monkeypatch.setattr(timing, "clock", lambda works, device: 0.5 * len(works))
    before = torch.backends.cudnn.allow_tf32
    copy, native, rebuilt, compiled, _ = timings("cpu", [LAYER])
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
    monkeypatch.setitem(timing._ROWS, "cpu", 1)
    monkeypatch.setattr(torch, "compile", refuse)
    *_, compiled, _ = timings("cpu", [LAYER])
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


def test_a_copy_or_a_layer_that_cannot_be_run_hides_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Each has its reason; without the copy there is no share, without native no ratio."""
    monkeypatch.setitem(timing._ROWS, "cpu", 1)
    seconds = iter([None, None, 2.0, 1.0])

    def clock(works: object, device: str) -> float:
        value = next(seconds)
        if value is None:
            raise RuntimeError("out of memory")
        return value

    monkeypatch.setattr(timing, "clock", clock)
    monkeypatch.setattr(torch, "compile", lambda module: module)
    copy, native, rebuilt, compiled, swept = timings("cpu", [LAYER])
    assert copy.reason == native.reason == "RuntimeError: out of memory"
    assert (rebuilt.seconds, rebuilt.share, rebuilt.native) == (2.0, None, None)
    assert compiled.seconds == 1.0 and swept.seconds


def test_inputs_on_a_gpu_are_several_times_its_cache() -> None:
    """As many images as make 256 MiB; on a CPU one."""
    for layer in timing.LAYERS:
        batch = timing._batch(layer, "cuda")
        assert 2**28 <= 4 * prod(batch.shape) < 2**28 + 4 * prod(layer.shape)
        assert batch.shape[1:] == layer.shape[1:] and batch.arguments == layer.arguments
        assert timing._batch(layer, "cpu") == layer


def test_the_sweep_compares_every_pair_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Rows times all 65,536 columns on a CPU, and the record of it says how many."""
    monkeypatch.setitem(timing._ROWS, "cpu", 3)
    before, work = [], blocks.InTorch.__call__

    def watched(self: blocks.InTorch, block: sweep.Block) -> sweep.Tally:
        before.append(block)
        return work(self, block)

    monkeypatch.setattr(blocks.InTorch, "__call__", watched)
    swept = timing._swept("cpu")
    warm, *timed = before
    assert [block.rows for block in timed] == [(0, 1), (1, 3)]
    assert {block.columns for block in before} == {(0, 65536)}
    assert warm.pairs == max(block.pairs for block in timed)
    assert (swept.layer, swept.variant, swept.shape) == ("pairs of float16", "sweep", (3, 65536))
    assert swept.pairs == 3 * 65536
    assert (swept.seconds or 0) > 0 and swept.bandwidth is None
    assert timing._ROWS["cuda"] == 65536


def test_a_sweep_without_what_it_needs_has_a_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    """It needs NumPy, which a build of torch may lack."""
    monkeypatch.setitem(sys.modules, "verify.sweeps.elements", None)
    swept = timing._swept("cpu")
    assert (swept.seconds, swept.pairs) == (None, None)
    assert swept.reason.startswith("ModuleNotFoundError: import of verify.sweeps.elements halted")
