"""What torch says of a piece of work: its profiler, and its FlopCounterMode.

Both answer 0 to what they do not know, and to what they have not seen. So nothing here returns a
zero for silence: a profiler without the event that was asked for, and a counter that misses a known
product run beside the work, raise.
"""

import json
import os
import tempfile
from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from verify.measure.finding import NothingCountedError

Work = Callable[[], Any]

#: What a product of two 1 × 1 matrices takes: one multiplication and one addition.
_PROBE = 2


class Kernel(NamedTuple):
    """One launch on the GPU."""

    name: str
    grid: tuple[int, ...]
    block: tuple[int, ...]


class Profile(NamedTuple):
    """What ``torch.profiler(with_flops=True)`` saw.

    Attributes:
        events: Every operator with its FLOPs, in the order in which they began.
        kernels: Every launch on the GPU, in order; none without one.
    """

    events: tuple[tuple[str, int], ...]
    kernels: tuple[Kernel, ...] = ()

    def flops_of(self, operators: Collection[str]) -> tuple[int, ...]:
        """Return the FLOPs of each event of one of ``operators``.

        Raises:
            NothingCountedError: There is none.

        >>> Profile((("aten::conv2d", 18), ("aten::relu", 0))).flops_of({"aten::conv2d"})
        (18,)
        """
        found = tuple(flops for name, flops in self.events if name in operators)
        if not found:
            seen = ", ".join(dict(self.events)) or "none at all"
            raise NothingCountedError(
                f"no event of {' or '.join(sorted(operators))} came back; events: {seen}"
            )
        return found


def profiled(work: Work, device: str = "cpu") -> Profile:
    """Return what torch's profiler sees of ``work``.

    Raises:
        NothingCountedError: No event at all.
    """
    # Some builds write a line to standard error for every session.
    os.environ.setdefault("KINETO_LOG_LEVEL", "99")
    import torch

    activities = [torch.profiler.ProfilerActivity.CPU]
    if device == "cuda":
        activities.append(torch.profiler.ProfilerActivity.CUDA)
    with torch.profiler.profile(activities=activities, with_flops=True) as profile:
        work()
        if device == "cuda":
            torch.cuda.synchronize()
    seen = sorted(profile.events() or (), key=lambda event: event.time_range.start)
    events = tuple(
        (event.name, int(event.flops or 0)) for event in seen if event.name.startswith("aten::")
    )
    if not events:
        raise NothingCountedError("torch.profiler returned no events")
    return Profile(events, _kernels(profile) if device == "cuda" else ())


def _kernels(profile: Any) -> tuple[Kernel, ...]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "trace.json")
        profile.export_chrome_trace(str(path))
        return trace_kernels(json.loads(path.read_text(encoding="utf-8")))


def trace_kernels(trace: Mapping[str, Any]) -> tuple[Kernel, ...]:
    """Return the launches in a Chrome trace of torch's profiler, in order.

    >>> trace_kernels({"traceEvents": [{"cat": "kernel", "name": "k", "ts": 1,
    ...                                 "args": {"grid": [4, 1, 1], "block": [256, 1, 1]}}]})
    (Kernel(name='k', grid=(4, 1, 1), block=(256, 1, 1)),)
    """
    events = [event for event in trace["traceEvents"] if event.get("cat") == "kernel"]
    return tuple(
        Kernel(event["name"], tuple(event["args"]["grid"]), tuple(event["args"]["block"]))
        for event in sorted(events, key=lambda event: event["ts"])
    )


def counted(work: Work, device: str = "cpu", formulas: Mapping[Any, Any] | None = None) -> int:
    """Return what ``FlopCounterMode`` says of ``work``, with ``formulas`` besides its own.

    Raises:
        NothingCountedError: It misses the known product that is run beside the work.
    """
    import torch
    from torch.utils.flop_counter import FlopCounterMode

    one = torch.ones(1, 1, device=device)
    with FlopCounterMode(display=False, custom_mapping=dict(formulas or {})) as counter:
        torch.mm(one, one)
        seen = counter.get_total_flops()
        work()
    if seen != _PROBE:
        raise NothingCountedError(
            f"FlopCounterMode counts {seen} FLOPs, not {_PROBE}, for a 1 x 1 matrix product"
        )
    total: int = counter.get_total_flops()
    return total - _PROBE
