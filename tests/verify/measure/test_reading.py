from __future__ import annotations

from typing import Any

import pytest
import torch
from torch.nn import functional as F
from torch.utils import flop_counter

from verify.measure.finding import NothingCountedError
from verify.measure.reading import Kernel, Profile, counted, profiled, trace_kernels


def test_the_profiler_lists_operators_in_order() -> None:
    """A convolution and an addition by name, and what was not run not at all."""
    x, weight = torch.ones(1, 2, 3, 3), torch.ones(4, 2, 1, 1)
    profile = profiled(lambda: F.conv2d(x + x, weight))
    assert profile.flops_of({"aten::conv2d"}) == (2 * 9 * 2 * 4,)
    assert profile.flops_of({"aten::add"}) == (18,)
    assert profile.kernels == ()
    with pytest.raises(NothingCountedError, match="no event of aten::mm came back; events: aten::"):
        profile.flops_of({"aten::mm"})


def test_a_profiler_without_events_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """Silence raises, whether the list is empty or missing."""
    silences: list[list[Any] | None] = [[], None]
    for silence in silences:
        monkeypatch.setattr(torch.profiler.profile, "events", lambda self, answer=silence: answer)
        with pytest.raises(NothingCountedError, match=r"torch\.profiler returned no events"):
            profiled(lambda: torch.ones(1) + 1)
    with pytest.raises(NothingCountedError, match="events: none at all"):
        Profile(()).flops_of({"aten::add"})


def test_the_counter_counts_what_it_knows() -> None:
    """A product has its FLOPs, a pooling none, and the probe beside them is taken off."""
    x = torch.ones(1, 1, 4, 4)
    assert counted(lambda: torch.ones(2, 3) @ torch.ones(3, 5)) == 60
    assert counted(lambda: F.max_pool2d(x, 2)) == 0
    formulas = {torch.ops.aten.max_pool2d_with_indices: lambda *args, **kwargs: 7}
    assert counted(lambda: F.max_pool2d(x, 2), formulas=formulas) == 7


def test_a_counter_that_sees_nothing_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """The probe is missed, so the 0 for the work means nothing."""
    monkeypatch.setattr(flop_counter.FlopCounterMode, "get_total_flops", lambda self: 0)
    with pytest.raises(NothingCountedError, match="counts 0 FLOPs, not 2, for a 1 x 1 matrix"):
        counted(lambda: None)


def test_launches_are_read_off_a_trace() -> None:
    """Format sample, not a measurement: kernels in order of time, everything else left out."""
    launch: dict[str, Any] = {"grid": [4, 1, 1], "block": [256, 1, 1], "stream": 7}
    trace = {
        "traceEvents": [
            {"cat": "kernel", "name": "second", "ts": 20, "args": launch},
            {"cat": "cpu_op", "name": "aten::max_pool2d", "ts": 1},
            {"cat": "kernel", "name": "first", "ts": 10, "args": launch},
            {"ph": "M", "name": "process_name"},
        ]
    }
    first = Kernel("first", (4, 1, 1), (256, 1, 1))
    assert trace_kernels(trace) == (first, first._replace(name="second"))
