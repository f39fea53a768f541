"""The rows that a model's cost is made of: operators with a count, operators without, modules.

Apart from the cost itself because what reads the rows, to compare or to draw them, needs no more.
"""

from dataclasses import dataclass, field, fields
from typing import Any

from costmodel.counts import OPERATIONS

Shape = tuple[int, ...]


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
        phase: ``"forward"``, and of a training step ``"backward"`` or ``"optimizer"``.
        kind: ``"product"``, ``"pooling"``, or what :mod:`costmodel.whole.elementwise` says.
        elements: The elements of its results.
        arguments: What it was called with, as far as other ways to count ask for it: of a
            convolution ``weight`` (its shape), ``bias``, ``stride``, ….
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
    phase: str = "forward"
    kind: str = ""
    elements: int = 0
    arguments: dict[str, Any] = field(default_factory=dict, repr=False)

    def to_dict(self) -> dict[str, Any]:
        """Return the row as a flat dictionary, with one entry for each kind of operation."""
        entries = {entry.name: getattr(self, entry.name) for entry in fields(self)}
        operations, _ = entries.pop("operations"), entries.pop("arguments")
        return entries | {kind: operations.get(kind, 0) for kind in OPERATIONS}


@dataclass(frozen=True)
class UncountedOperator:
    """One operator that a model applied and that is not among the rows.

    Attributes:
        module: The path of the innermost module at work, ``""`` for the model itself.
        module_type: The class of that module.
        operator: Torch's name of what it dispatched.
        kind: ``"elementwise"``, ``"activation"``, ``"normalisation"``, ``"softmax"``,
            ``"reduction"``, ``"copy"`` or ``"other"``.
        input_shape: The shape of its input, the first if there are several.
        output_shape: The shape of its output, the first if there are several.
        elements: The elements of its results.
        bytes_moved: What is read and what is written, once each.
        operations: What a stated formula says of it, see :mod:`costmodel.whole.elementwise`;
            ``None`` if none is stated.
        phase: ``"forward"``, and of a training step ``"backward"``.
        arguments: See :class:`OperatorCost`; of a normalisation ``affine`` and ``training``.
    """

    module: str
    module_type: str
    operator: str
    kind: str
    input_shape: Shape
    output_shape: Shape
    elements: int
    bytes_moved: int
    operations: dict[str, int] | None
    phase: str = "forward"
    arguments: dict[str, Any] = field(default_factory=dict, repr=False)

    def to_dict(self) -> dict[str, Any]:
        """Return the entry as a flat dictionary, with one entry for each kind of operation."""
        entries = {entry.name: getattr(self, entry.name) for entry in fields(self)}
        operations, _ = entries.pop("operations"), entries.pop("arguments")
        return entries | {
            kind: None if operations is None else operations.get(kind, 0) for kind in OPERATIONS
        }


@dataclass(frozen=True)
class ModuleEntry:
    """A module of a model: its path, its class, and the parameters of its own, in number and bytes.

    A parameter that several modules share belongs to the first.
    """

    path: str
    type: str
    parameters: int
    parameter_bytes: int
