"""What a run notes beside the counts that are judged: nothing here can be right or wrong.

Every kernel that was seen is kept with all that was counted of it, also where no model speaks of
it. So a model can be made from a record later, without the machine.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any


class Traffic(dict[str, Any]):
    """Bytes read and written by one kernel beside the compulsory ones, which it may exceed."""


@dataclass(frozen=True)
class KernelSeen:
    """One launch of a kernel by a layer's native pooling.

    Attributes:
        layer: The layer's name.
        tool: Who saw it: ``"torch.profiler"`` or ``"ncu"``.
        kernel: The name of the kernel; empty if none was seen.
        grid: Blocks along x, y and z.
        block: Threads of a block along x, y and z.
        opcodes: Opcode → executions by all threads together, predicates true; by ncu alone.
        metrics: What else ncu counted, by the metric's name.
        reason: Why something is missing.
    """

    layer: str
    tool: str
    kernel: str = ""
    grid: tuple[int, ...] = ()
    block: tuple[int, ...] = ()
    opcodes: Mapping[str, int] = field(default_factory=dict)
    metrics: Mapping[str, int] = field(default_factory=dict)
    reason: str = ""

    def to_dict(self) -> dict[str, Any]:
        """Return it as what ``json.dumps`` takes, without what there is nothing of.

        >>> KernelSeen("stem", "ncu", "f", (4, 1, 1), (256, 1, 1)).to_dict()["grid"]
        [4, 1, 1]
        """
        entries = asdict(self) | {"grid": list(self.grid), "block": list(self.block)}
        return {name: value for name, value in entries.items() if value not in ([], {}, "")}


@dataclass(frozen=True)
class Timing:
    """The time of one variant of a layer.

    Attributes:
        layer: The layer's name.
        shape: The input shape that was timed; of a sweep the rows and columns of pairs.
        variant: ``"native"``, ``"rebuilt"`` or ``"rebuilt, compiled"``; ``"copy"`` for the copy
            and ``"sweep"`` for the sweep.
        seconds: The median; ``None`` if it could not be run. A sweep is run once.
        bandwidth: Compulsory bytes per second; ``None`` for a sweep, which has to move next to
            nothing.
        share: That bandwidth by the one of the copy.
        native: How many times the time of the native pooling.
        reason: Why there is no time.
        pairs: How many pairs of numbers a sweep compared; ``None`` for everything else.
    """

    layer: str
    shape: tuple[int, ...]
    variant: str
    seconds: float | None = None
    bandwidth: float | None = None
    share: float | None = None
    native: float | None = None
    reason: str = ""
    pairs: int | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return the timing as what ``json.dumps`` takes."""
        return asdict(self) | {"shape": list(self.shape)}


@dataclass
class Notes:
    """What one run notes.

    Attributes:
        traffic: Bytes by layer.
        kernels: Every kernel that a tool saw.
        timings: Times, if they were asked for.
        ncu_output: All that ncu wrote, as it wrote it.
    """

    traffic: list[Traffic] = field(default_factory=list)
    kernels: list[KernelSeen] = field(default_factory=list)
    timings: list[Timing] = field(default_factory=list)
    ncu_output: str = ""

    def to_dict(self) -> dict[str, Any]:
        """Return traffic, kernels and timings as what ``json.dumps`` takes."""
        return {
            "traffic": [dict(row) for row in self.traffic],
            "kernels": [kernel.to_dict() for kernel in self.kernels],
            "timings": [timing.to_dict() for timing in self.timings],
        }
