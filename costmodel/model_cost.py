"""What the cost of a model is made of: the rows, their sum and the table.

Apart from the counting because whoever only reads a cost, prints it or writes it to a file needs
no torch.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, fields
from io import StringIO
from typing import TYPE_CHECKING, Any

from costmodel.counts import OPERATIONS

if TYPE_CHECKING:
    from rich.console import Console, ConsoleOptions, RenderResult
    from rich.text import Text

Shape = tuple[int, ...]

#: The columns of a terminal from which on a table has room for types and output shapes.
WIDE = 110


@dataclass(frozen=True)
class OperatorCost:
    """One operator that a model applied: a row of the table.

    Attributes:
        module: The path of the innermost module at work, ``""`` for the model itself.
        module_type: The class of that module.
        operator: For poolings the name in :func:`costmodel.operators`, for others torch's name of
            what it dispatched: ``"convolution"``, ``"addmm"`` for a linear layer, ``"bmm"``, …;
            ``"elementwise"`` for the additions, ReLUs and the like of a rebuilt pooling together.
        pooling: Whether it is a pooling, whose count is this package's and exact to the tap, or
            belongs to the network of a rebuilt one.
        input_shape: The shape of its input, the first if there are several.
        output_shape: The shape of its output, the first if there are several.
        operations: How many of each kind of operation: ``{"comparisons": 1584192}``.
        flops: All operations together.
        macs: Multiply-accumulates, half of the flops, of what torch counts; ``None`` for others.
        bytes_moved: The compulsory traffic in bytes: what is read and what is written, once each;
            ``None`` where shapes do not settle it, as for windows that are drawn at random.
        share: The part of the model's flops, from 0 to 1.
    """

    module: str
    module_type: str
    operator: str
    pooling: bool
    input_shape: Shape
    output_shape: Shape
    operations: dict[str, int]
    flops: int
    macs: int | None
    bytes_moved: int | None
    share: float

    def to_dict(self) -> dict[str, Any]:
        """Return the row as a flat dictionary, with one entry for each kind of operation."""
        entries = {field.name: getattr(self, field.name) for field in fields(self)}
        operations = entries.pop("operations")
        return entries | {kind: operations.get(kind, 0) for kind in OPERATIONS}


@dataclass(frozen=True)
class Total:
    """The sum of the rows of a model.

    Attributes:
        flops: All operations.
        pooling_flops: Those of the poolings, rebuilt ones included.
        macs: Multiply-accumulates of the convolutions and matrix products.
        bytes_moved: The compulsory traffic of all rows, operator by operator: what one writes and
            the next reads counts twice. ``None`` if a row has none.
        operations: How many of each kind.
    """

    flops: int
    pooling_flops: int
    macs: int
    bytes_moved: int | None
    operations: dict[str, int]


@dataclass(frozen=True, repr=False)
class ModelCost:
    """What a model costs on one input. Printed, it is a table.

    Attributes:
        model: The class of the model.
        inputs: The shapes of its inputs.
        rows: One :class:`OperatorCost` for each operator that has a count, in the order of the
            forward pass. A module that is applied twice has two rows.
        uncounted: The operators that have none (normalisation, activation, addition, …) and how
            often each was applied. Views and allocations, which compute nothing, are left out.
    """

    model: str
    inputs: tuple[Shape, ...]
    rows: tuple[OperatorCost, ...]
    uncounted: dict[str, int]

    @property
    def total(self) -> Total:
        """The sum of all rows."""
        traffic = [row.bytes_moved for row in self.rows]
        return Total(
            flops=sum(row.flops for row in self.rows),
            pooling_flops=sum(row.flops for row in self.rows if row.pooling),
            macs=sum(row.macs or 0 for row in self.rows),
            bytes_moved=None if None in traffic else sum(size or 0 for size in traffic),
            operations=dict(sum((Counter(row.operations) for row in self.rows), Counter())),
        )

    @property
    def pooling_share(self) -> float:
        """The part of the flops that the poolings take, from 0 to 1."""
        total = self.total
        return total.pooling_flops / total.flops if total.flops else 0.0

    def to_dicts(self) -> list[dict[str, Any]]:
        """Return the rows as flat dictionaries: ``pandas.DataFrame(cost.to_dicts())`` works."""
        return [row.to_dict() for row in self.rows]

    def to_dict(self) -> dict[str, Any]:
        """Return all of it as what ``json.dumps`` takes."""
        total = self.total
        return {
            "model": self.model,
            "inputs": [list(shape) for shape in self.inputs],
            "rows": [
                row | {name: list(row[name]) for name in ("input_shape", "output_shape")}
                for row in self.to_dicts()
            ],
            "total": {field.name: getattr(total, field.name) for field in fields(total)},
            "pooling_share": self.pooling_share,
            "uncounted": dict(self.uncounted),
        }

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Yield the table that rich prints; a narrow terminal gets fewer columns."""
        from rich import box
        from rich.table import Table
        from rich.text import Text

        total = self.total
        wide = options.max_width >= WIDE
        table = Table(box=box.SIMPLE_HEAD, show_footer=True, show_edge=False, pad_edge=False)
        table.add_column("module", "total", overflow="fold")
        for header in ("type", "operator", "input", "output") if wide else ("operator", "input"):
            table.add_column(header, overflow="fold")
        columns = {
            "operations": [_number(row.flops) for row in self.rows] + [_number(total.flops)],
            "bytes": [_number(row.bytes_moved) for row in self.rows] + [_number(total.bytes_moved)],
            "share": [f"{row.share:.2%}" for row in self.rows] + [""],
        }
        for header, figures in columns.items():
            # A narrow terminal may fold words, but a figure that is cut is a wrong one.
            table.add_column(header, figures[-1], justify="right", no_wrap=True)
        for row, *figures in zip(self.rows, *columns.values(), strict=False):
            operator = Text(row.operator, style="bold" if row.pooling else "")
            words: list[Text | str] = [operator, _times(row.input_shape)]
            if wide:
                words = [Text(row.module_type), *words, _times(row.output_shape)]
            table.add_row(Text(row.module or "(model)"), *words, *figures)
        yield table
        lines = [f"\npooling: {_number(total.pooling_flops)} operations, {self.pooling_share:.4%}"]
        if self.uncounted:
            names = ", ".join(f"{name} ×{count}" for name, count in self.uncounted.items())
            lines.append(f"not counted: {names}")
        yield from map(Text, lines)

    def __str__(self) -> str:
        from rich.console import Console

        # Wide enough for any path: what is written to a file is not to be cut to a terminal.
        buffer = StringIO()
        Console(file=buffer, width=10_000, color_system=None).print(self)
        return "\n".join(line.rstrip() for line in buffer.getvalue().splitlines())

    def __repr__(self) -> str:
        shapes = ", ".join(_times(shape) for shape in self.inputs)
        return (
            f"<ModelCost of {self.model} on {shapes}: {self.total.flops} operations, "
            f"{self.pooling_share:.4%} of them pooling>"
        )


def _number(value: int | None) -> str:
    return "?" if value is None else f"{value:,}"


def _times(shape: Shape) -> str:
    return "×".join(map(str, shape))
