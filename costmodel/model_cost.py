"""What a model costs: the rows, their sums, and how they are shown.

Apart from the counting because whoever only reads a cost, prints it or writes it to a file needs
no torch.
"""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from io import StringIO
from typing import TYPE_CHECKING, Any

from costmodel.whole.rows import ModuleEntry, OperatorCost, Shape, UncountedOperator
from costmodel.whole.tables import Tabular, grouped, printed, times

if TYPE_CHECKING:
    from rich.console import Console, ConsoleOptions, RenderResult
    from rich.text import Text

    from costmodel.device import Device
    from costmodel.whole.conventions import Reconciliation
    from costmodel.whole.roofline import ModelRoofline

#: The columns of a terminal from which on a table has room for types and output shapes.
WIDE = 110


@dataclass(frozen=True)
class Total:
    """The sum over a model.

    Attributes:
        flops: All operations of the rows.
        pooling_flops: Those of the poolings, rebuilt ones included.
        macs: Multiply-accumulates of the convolutions and matrix products.
        bytes_moved: The compulsory traffic of the whole model, operator by operator, those without
            a count included: what one writes and the next reads counts twice. ``None`` if a row
            has none.
        counted_bytes_moved: The same of the rows alone.
        operations: How many of each kind.
    """

    flops: int
    pooling_flops: int
    macs: int
    bytes_moved: int | None
    counted_bytes_moved: int | None
    operations: dict[str, int]


@dataclass(frozen=True)
class Share:
    """A part of a model: a module with all within it, or all calls of an operator.

    Attributes:
        name: The path of the module, or the name of the operator.
        type: The class of the module; ``""`` for an operator.
        calls: How many rows there are of it.
        flops: Its operations.
        pooling_flops: Those of its poolings.
        bytes_moved: Its traffic, operators without a count included; ``None`` where unknown.
        parameters: Its parameters; of an operator 0.
        share: Its part of the model's flops, from 0 to 1.
    """

    name: str
    type: str
    calls: int
    flops: int
    pooling_flops: int
    bytes_moved: int | None
    parameters: int
    share: float


@dataclass(frozen=True, repr=False)
class ModelCost(Tabular):
    """What a model costs on one input. Printed, it is a table.

    Attributes:
        model: The class of the model.
        inputs: The shapes of its inputs.
        rows: One :class:`OperatorCost` for each operator that has a count, in the order of the
            pass. A module that is applied twice has two rows.
        others: One :class:`UncountedOperator` for each that has none (normalisation, activation,
            addition, …). Views and allocations, which compute nothing, are left out.
        on: ``"meta"`` if the pass ran on tensors without values, ``"values"`` if on real ones.
        modules: The modules of the model, each with the parameters of its own.
        activation_peak_bytes: The most bytes that inputs and results held at once, weights not
            included: of a training step with all that is kept for the backward pass, with the
            gradients and the state of the optimiser. ``None`` if unknown.
    """

    model: str
    inputs: tuple[Shape, ...]
    rows: tuple[OperatorCost, ...]
    others: tuple[UncountedOperator, ...] = ()
    on: str = "meta"
    modules: tuple[ModuleEntry, ...] = ()
    activation_peak_bytes: int | None = None

    @property
    def uncounted(self) -> dict[str, int]:
        """How often each operator without a count was applied."""
        return dict(Counter(other.operator for other in self.others))

    @property
    def parameters(self) -> int:
        """The parameters of the model; one that is shared counts once."""
        return sum(module.parameters for module in self.modules)

    @property
    def parameter_bytes(self) -> int:
        """The bytes of the parameters."""
        return sum(module.parameter_bytes for module in self.modules)

    @property
    def total(self) -> Total:
        """The sum of all rows, and the traffic of all operators."""
        return Total(
            flops=sum(row.flops for row in self.rows),
            pooling_flops=sum(row.flops for row in self.rows if row.pooling),
            macs=sum(row.macs or 0 for row in self.rows),
            bytes_moved=_sum(
                [row.bytes_moved for row in self.rows] + [row.bytes_moved for row in self.others]
            ),
            counted_bytes_moved=_sum(row.bytes_moved for row in self.rows),
            operations=dict(sum((Counter(row.operations) for row in self.rows), Counter())),
        )

    @property
    def pooling_share(self) -> float:
        """The part of the flops that the poolings take, from 0 to 1."""
        total = self.total
        return total.pooling_flops / total.flops if total.flops else 0.0

    def by_module(self, depth: int | None = None) -> tuple[Share, ...]:
        """Return the modules as a tree, each with all that is within it, in the order of the model.

        Args:
            depth: How deep to go: 0 is the model alone. If left out, all the way.

        Raises:
            ValueError: A negative depth.
        """
        if depth is not None and depth < 0:
            raise ValueError(f"depth must be at least 0, got {depth}")
        known = {module.path: module for module in self.modules} or {
            "": ModuleEntry("", self.model, 0, 0)
        }
        shown = [path for path in known if depth is None or _depth(path) <= depth]
        shares = []
        for path in shown:
            inside = [module for module in self.modules if _within(module.path, path)]
            shares.append(
                self._share(
                    path,
                    known[path].type,
                    [row for row in self.rows if _within(row.module, path)],
                    [other for other in self.others if _within(other.module, path)],
                    sum(module.parameters for module in inside),
                )
            )
        return tuple(shares)

    def by_operator(self) -> tuple[Share, ...]:
        """Return the operators, the one with most operations first."""
        names = dict.fromkeys(
            [row.operator for row in self.rows] + [other.operator for other in self.others]
        )
        shares = [
            self._share(
                name,
                "",
                [row for row in self.rows if row.operator == name],
                [other for other in self.others if other.operator == name],
            )
            for name in names
        ]
        return tuple(sorted(shares, key=lambda share: -share.flops))

    def by_share(self) -> tuple[OperatorCost, ...]:
        """Return the rows, the one with most operations first."""
        return tuple(sorted(self.rows, key=lambda row: -row.flops))

    def _share(
        self,
        name: str,
        kind: str,
        rows: Sequence[OperatorCost],
        others: Sequence[UncountedOperator],
        parameters: int = 0,
    ) -> Share:
        flops, total = sum(row.flops for row in rows), self.total.flops
        return Share(
            name,
            kind,
            len(rows),
            flops,
            sum(row.flops for row in rows if row.pooling),
            _sum([row.bytes_moved for row in rows] + [other.bytes_moved for other in others]),
            parameters,
            flops / total if total else 0.0,
        )

    def as_counted_by(self, counter: str) -> Reconciliation:
        """Return what another counter says of the same model, with every difference explained.

        Raises:
            ValueError: A counter whose conventions are not known, or a model that shows what they
                do not settle.
        """
        from costmodel.whole.conventions import reconcile

        return reconcile(self.model, self.inputs, self.rows, self.others, counter)

    def roofline(self, device: str | Device, dtype: Any = "float32") -> ModelRoofline:
        """Return the best that a device can do on the model, operator by operator.

        Arguments and errors are those of :func:`costmodel.roofline`.
        """
        from costmodel.whole.roofline import model_roofline

        return model_roofline(self.model, self.rows, self.others, device, dtype)

    def to_dicts(self) -> list[dict[str, Any]]:
        """Return the rows as flat dictionaries: ``pandas.DataFrame(cost.to_dicts())`` works."""
        return [row.to_dict() for row in self.rows]

    def to_dict(self) -> dict[str, Any]:
        """Return all of it as what ``json.dumps`` takes."""
        total = self.total
        return {
            "model": self.model,
            "inputs": [list(shape) for shape in self.inputs],
            "on": self.on,
            "rows": [_with_lists(row) for row in self.to_dicts()],
            "others": [_with_lists(other.to_dict()) for other in self.others],
            "total": {field.name: getattr(total, field.name) for field in fields(total)},
            "pooling_share": self.pooling_share,
            "uncounted": self.uncounted,
            "parameters": self.parameters,
            "parameter_bytes": self.parameter_bytes,
            "activation_peak_bytes": self.activation_peak_bytes,
            "modules": [{**vars(module)} for module in self.modules],
        }

    def to_csv(self) -> str:
        """Return the rows as comma-separated values, with a line of names."""
        buffer = StringIO()
        rows = [_with_words(row) for row in self.to_dicts()]
        names = list(rows[0]) if rows else []
        writer = csv.DictWriter(buffer, names, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
        return buffer.getvalue()

    def _cells(self) -> tuple[list[str], list[list[str]], list[str]]:
        total = self.total
        head = ["module", "type", "operator", "input", "output", "operations", "bytes", "share"]
        rows = [
            [
                row.module or "(model)",
                row.module_type,
                row.operator,
                times(row.input_shape),
                times(row.output_shape),
                grouped(row.flops),
                grouped(row.bytes_moved),
                f"{row.share:.2%}",
            ]
            for row in self.rows
        ]
        figures = [grouped(total.flops), grouped(total.counted_bytes_moved), ""]
        return head, [*rows, ["total", "", "", "", "", *figures]], self._lines()

    def _lines(self) -> list[str]:
        """Return what stands under the table."""
        total = self.total
        lines = [f"pooling: {grouped(total.pooling_flops)} operations, {self.pooling_share:.4%}"]
        if self.uncounted:
            names = ", ".join(f"{name} ×{count}" for name, count in self.uncounted.items())
            lines.append(f"not counted: {names}")
        words = []
        if self.others:
            words.append(f"bytes of all operators: {grouped(total.bytes_moved)}")
        if self.modules:
            words.append(
                f"parameters: {grouped(self.parameters)}, {grouped(self.parameter_bytes)} bytes"
            )
        if self.activation_peak_bytes is not None:
            words.append(f"activations: at most {grouped(self.activation_peak_bytes)} bytes")
        if self.on == "values":
            words.append("run on values")
        return [*lines, *(["; ".join(words)] if words else [])]

    def tree(self, depth: int | None = None) -> Tree:
        """Return the modules, each with all within it, as what rich prints and ``str`` spells.

        Arguments and errors are those of :meth:`by_module`.
        """
        return Tree(self, depth)

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
            "operations": [grouped(row.flops) for row in self.rows] + [grouped(total.flops)],
            "bytes": [
                *(grouped(row.bytes_moved) for row in self.rows),
                grouped(total.counted_bytes_moved),
            ],
            "share": [f"{row.share:.2%}" for row in self.rows] + [""],
        }
        for header, figures in columns.items():
            # A narrow terminal may fold words, but a figure that is cut is a wrong one.
            table.add_column(header, figures[-1], justify="right", no_wrap=True)
        for row, *figures in zip(self.rows, *columns.values(), strict=False):
            operator = Text(row.operator, style="bold" if row.pooling else "")
            words: list[Text | str] = [operator, times(row.input_shape)]
            if wide:
                words = [Text(row.module_type), *words, times(row.output_shape)]
            table.add_row(Text(row.module or "(model)"), *words, *figures)
        yield table
        first, *rest = self._lines()
        yield from map(Text, [f"\n{first}", *rest])

    def __str__(self) -> str:
        return printed(self)

    def __repr__(self) -> str:
        shapes = ", ".join(times(shape) for shape in self.inputs)
        return (
            f"<ModelCost of {self.model} on {shapes}: {self.total.flops} operations, "
            f"{self.pooling_share:.4%} of them pooling>"
        )


@dataclass(frozen=True, repr=False)
class Tree:
    """The modules of a model, each with all that is within it. Printed, it is a table."""

    cost: ModelCost
    depth: int | None = None

    @property
    def parts(self) -> tuple[Share, ...]:
        """The modules, see :meth:`ModelCost.by_module`."""
        return self.cost.by_module(self.depth)

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Yield the table that rich prints."""
        from rich import box
        from rich.table import Table
        from rich.text import Text

        table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False)
        table.add_column("module", overflow="fold")
        wide = options.max_width >= WIDE
        for header in ["type"] if wide else []:
            table.add_column(header, overflow="fold")
        for header in ("parameters", "operations", "pooling", "bytes", "share"):
            table.add_column(header, justify="right", no_wrap=True)
        for part in self.parts:
            name = part.name.rpartition(".")[2] or self.cost.model
            table.add_row(
                Text("  " * _depth(part.name) + name),
                *([Text(part.type)] if wide else []),
                grouped(part.parameters),
                grouped(part.flops),
                grouped(part.pooling_flops),
                grouped(part.bytes_moved),
                f"{part.share:.2%}",
            )
        yield table
        first, *rest = self.cost._lines()
        yield from map(Text, [f"\n{first}", *rest])

    def __str__(self) -> str:
        return printed(self)


def _sum(sizes: Iterable[int | None]) -> int | None:
    """Return a sum, ``None`` if one of the sizes is unknown."""
    found = list(sizes)
    return None if None in found else sum(size or 0 for size in found)


def _within(path: str, parent: str) -> bool:
    return not parent or path == parent or path.startswith(f"{parent}.")


def _depth(path: str) -> int:
    return path.count(".") + 1 if path else 0


def _with_lists(row: dict[str, Any]) -> dict[str, Any]:
    return row | {name: list(row[name]) for name in ("input_shape", "output_shape")}


def _with_words(row: dict[str, Any]) -> dict[str, Any]:
    return row | {name: times(row[name]) for name in ("input_shape", "output_shape")}
