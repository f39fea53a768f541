from __future__ import annotations

import json

from verify.measure.notes import KernelSeen, Notes, Timing, Traffic


def test_what_there_is_nothing_of_is_left_out() -> None:
    """torch.profiler counts no opcodes; of a layer that could not be run there is a reason."""
    seen = KernelSeen("stem", "torch.profiler", "f", (4, 1, 1), (256, 1, 1))
    assert list(seen.to_dict()) == ["layer", "tool", "kernel", "grid", "block"]
    none = KernelSeen("stem", "torch.profiler", reason="out of memory")
    assert none.to_dict() == {
        "layer": "stem",
        "tool": "torch.profiler",
        "reason": "out of memory",
    }


def test_a_count_of_nothing_is_a_count() -> None:
    """A zero that was counted is written."""
    seen = KernelSeen("stem", "ncu", "f", (4, 1, 1), (256, 1, 1), {"FADD": 0}, {"bytes": 0})
    assert (seen.to_dict()["opcodes"], seen.to_dict()["metrics"]) == ({"FADD": 0}, {"bytes": 0})


def test_notes_as_data() -> None:
    """Three lists, in their order; what ncu wrote is kept apart, being of no fixed form."""
    notes = Notes(
        [Traffic(layer="stem", compulsory=1, read=2, written=3)],
        [KernelSeen("stem", "ncu", "f")],
        [Timing("stem", (1, 2), "native", 0.5)],
        "==PROF==",
    )
    written = json.loads(json.dumps(notes.to_dict()))
    assert list(written) == ["traffic", "kernels", "timings"]
    assert written["traffic"] == [{"layer": "stem", "compulsory": 1, "read": 2, "written": 3}]
    assert written["timings"][0]["shape"] == [1, 2]
    assert Notes().to_dict() == {"traffic": [], "kernels": [], "timings": []}
