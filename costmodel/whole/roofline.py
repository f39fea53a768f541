"""The best that a device can do on a whole model, operator by operator.

Apart from :mod:`costmodel.device` because products of matrices have roofs of their own, and because
what has no count still moves its bytes.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import nan
from typing import Any, NamedTuple

from costmodel.device import Device, dtype_name, known_device
from costmodel.whole.rows import OperatorCost, UncountedOperator
from costmodel.whole.tables import Tabular


class OperatorRoofline(NamedTuple):
    """The best that a device can do on one operator of a model.

    Attributes:
        module: The path of the module.
        operator: The operator.
        pooling: Whether it is a pooling.
        flops: Its operations; 0 for one that has no count.
        bytes_moved: Its compulsory traffic.
        bound: ``"memory"`` or ``"compute"``: what takes longer.
        seconds: The least time it takes: operations and traffic at their peaks, overlapped.
    """

    module: str
    operator: str
    pooling: bool
    flops: int
    bytes_moved: int
    bound: str
    seconds: float

    @property
    def intensity(self) -> float:
        """Operations for each byte, nan where none is moved."""
        return self.flops / self.bytes_moved if self.bytes_moved else nan


@dataclass(frozen=True, repr=False)
class ModelRoofline(Tabular):
    """The best that a device can do on a model, operator by operator. Printed, it is a table.

    Attributes:
        model: The class of the model.
        device: The name of the device.
        dtype: The dtype whose peaks were taken.
        rows: Every operator, those without a count after the others.
    """

    model: str
    device: str
    dtype: str
    rows: tuple[OperatorRoofline, ...]

    @property
    def seconds(self) -> float:
        """The least time of the pass, operators one after another and none fused with the next."""
        return sum(row.seconds for row in self.rows)

    @property
    def memory_share(self) -> float:
        """The part of that time in which the memory sets the pace, from 0 to 1."""
        bound = sum(row.seconds for row in self.rows if row.bound == "memory")
        return bound / self.seconds if self.seconds else 1.0

    @property
    def bound(self) -> str:
        """``"memory"`` or ``"compute"``: what sets the pace for most of that time."""
        return "memory" if self.memory_share >= 0.5 else "compute"

    def to_dict(self) -> dict[str, Any]:
        """Return all of it as what ``json.dumps`` takes."""
        return {
            "model": self.model,
            "device": self.device,
            "dtype": self.dtype,
            "seconds": self.seconds,
            "bound": self.bound,
            "memory_share": self.memory_share,
            "rows": [row._asdict() for row in self.rows],
        }

    def __str__(self) -> str:
        head, rows, _ = self._cells()
        widths = [max(map(len, column)) for column in zip(head, *rows, strict=True)]
        lines = [
            "  ".join(
                cell.ljust(width) if place < 2 else cell.rjust(width)
                for place, (cell, width) in enumerate(zip(line, widths, strict=True))
            ).rstrip()
            for line in (head, *rows)
        ]
        return "\n".join([*lines, "", self.summary])

    __repr__ = __str__

    def _cells(self) -> tuple[list[str], list[list[str]], list[str]]:
        head = ["module", "operator", "operations", "bytes", "operations/byte", "bound", "at least"]
        rows = [
            [
                row.module or "(model)",
                row.operator,
                f"{row.flops:,}",
                f"{row.bytes_moved:,}",
                f"{row.intensity:.3g}",
                row.bound,
                f"{_microseconds(row.seconds)} µs",
            ]
            for row in self.rows
        ]
        return head, rows, [self.summary]

    @property
    def summary(self) -> str:
        """The least time, and what sets the pace, in one sentence."""
        return (
            f"{self.model} on {self.device} in {self.dtype}: at least "
            f"{_microseconds(self.seconds)} µs, {self.memory_share:.0%} of it bound by memory"
        )


def model_roofline(
    model: str,
    rows: Sequence[OperatorCost],
    others: Sequence[UncountedOperator],
    device: str | Device,
    dtype: Any = "float32",
) -> ModelRoofline:
    """Return the best that ``device`` can do on a model, operator by operator.

    Products of matrices and convolutions go by the larger of the vendor's peaks, all others by
    half of the peak of vector arithmetic; see :mod:`costmodel.device`. Operators without a count
    take the time of their traffic. Where no figure for matrix cores is known, products may be
    faster than shown.

    Raises:
        ValueError: An unknown device, or one without a figure for ``dtype``.
    """
    chosen = known_device(device)
    vector, matrix = chosen.operations_per_second(dtype), chosen.products_per_second(dtype)

    def best(entry: OperatorCost | UncountedOperator, flops: int, peak: float) -> OperatorRoofline:
        traffic = entry.bytes_moved or 0
        work, moving = flops / peak, traffic / chosen.bandwidth
        bound = "compute" if work >= moving and work else "memory"
        pooling = isinstance(entry, OperatorCost) and entry.pooling
        seconds = max(work, moving)
        return OperatorRoofline(
            entry.module, entry.operator, pooling, flops, traffic, bound, seconds
        )

    counted = [best(row, row.flops, vector if row.macs is None else matrix) for row in rows]
    listed = [best(other, 0, vector) for other in others]
    return ModelRoofline(model, chosen.name, dtype_name(dtype), (*counted, *listed))


def _microseconds(seconds: float) -> str:
    """Return a time in microseconds, to three digits."""
    time = seconds * 1e6
    return f"{time:,.0f}" if time >= 100 else f"{time:.3g}"
