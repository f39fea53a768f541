"""What other counters say of a model, and why: each a rule for every operator.

Apart from the counting because these are other people's conventions, read in their source and held
against them where they are installed. A rule that does not settle an operator says so, and no
number is made up.

Sources: ``fvcore/nn/flop_count.py`` and ``jit_handles.py``; ``ptflops/pytorch_ops.py`` and
``pytorch_engine.py``, its default backend, and ``aten_ops.py``, its other one;
``calflops/pytorch_ops.py``; ``thop/profile.py`` and ``thop/vision/basic_hooks.py``;
``torchinfo/layer_info.py``; ``torch/utils/flop_counter.py``; XLA's ``hlo_cost_analysis.cc``, of the
program that JAX has for the model, with normalisations folded into a factor and a term for each
channel.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import prod
from typing import Any, NamedTuple

from costmodel.registry import cost
from costmodel.whole.rows import OperatorCost, Shape, UncountedOperator
from costmodel.whole.tables import Tabular, grouped

Entry = OperatorCost | UncountedOperator


class Step(NamedTuple):
    """One difference between two totals.

    Attributes:
        reason: What is counted otherwise.
        difference: How many operations that makes.
        total: The total so far.
    """

    reason: str
    difference: int
    total: int


@dataclass(frozen=True, repr=False)
class Reconciliation(Tabular):
    """The way from our total to that of another counter. Printed, it is a table.

    Attributes:
        model: The class of the model.
        counter: The other counter.
        version: The release that the rule was read in.
        ours: Our total.
        steps: The differences, in order.
    """

    model: str
    counter: str
    version: str
    ours: int
    steps: tuple[Step, ...]

    @property
    def theirs(self) -> int:
        """The other counter's total."""
        return self.steps[-1].total if self.steps else self.ours

    def to_dict(self) -> dict[str, Any]:
        """Return all of it as what ``json.dumps`` takes."""
        steps = [step._asdict() for step in self.steps]
        return {
            "model": self.model,
            "counter": self.counter,
            "version": self.version,
            "ours": self.ours,
            "theirs": self.theirs,
            "steps": steps,
        }

    def __str__(self) -> str:
        _, rows, _ = self._cells()
        widths = [max(len(row[place]) for row in rows) for place in range(3)]
        return "\n".join(
            f"{reason:<{widths[0]}}  {difference:>{widths[1]}}  {total:>{widths[2]}}"
            for reason, difference, total in rows
        )

    __repr__ = __str__

    def _cells(self) -> tuple[list[str], list[list[str]], list[str]]:
        rows = [["costmodel", "", grouped(self.ours)]]
        rows += [[step.reason, f"{step.difference:+,}", grouped(step.total)] for step in self.steps]
        rows += [[self.counter, "", grouped(self.theirs)]]
        return ["", "difference", "total"], rows, []


class Unsettled(Exception):  # noqa: N818 - it is no error until somebody asks for a total
    """What a counter says of an operator does not follow from what is known of it."""


#: What a counter says of an operator, where it differs from ours, why, and of its bias besides.
Said = tuple[int, str] | tuple[int, str, int]
#: What it says of an operator of a model, for a batch of so many.
Rule = Callable[[Entry, int], Said]

_ONE = "a multiply-accumulate is one operation"
_BIAS = "the bias is added"
_NO_POOLING = "pooling is not counted"
_POOL_INPUT = "pooling is its input's elements"
_POOL_TWICE = "pooling is its input's elements, twice: as a layer and as a function"

_CONVOLUTIONS = re.compile(r"Conv(Transpose)?\dd")
_POOLS = re.compile(r"(Adaptive)?(Max|Avg)Pool\dd")
_WINDOWED = re.compile(r"(adaptive_)?(max|avg)_pool\dd")
_NORMS = {"native_batch_norm", "native_layer_norm", "native_group_norm"}
_ACTIVATIONS = {
    "relu": "ReLU", "_prelu_kernel": "PReLU", "elu": "ELU", "leaky_relu": "LeakyReLU",
    "hardtanh": "ReLU6", "gelu": "GELU", "silu": "SiLU",
}  # fmt: skip


def reconcile(
    model: str,
    inputs: Sequence[Shape],
    rows: Sequence[OperatorCost],
    others: Sequence[UncountedOperator],
    counter: str,
) -> Reconciliation:
    """Return the way from our total to that of ``counter``.

    Raises:
        ValueError: An unknown counter, rows that are counted by stated formulas or belong to a
            training step, or an operator that the counter's rule does not settle.
    """
    if counter not in COUNTERS:
        raise ValueError(f"counter must be one of {', '.join(COUNTERS)}, got {counter!r}")
    if any(row.phase != "forward" or row.kind not in _OURS for row in rows):
        raise ValueError("other counters are compared with a forward pass, elementwise=False")
    version, rule = COUNTERS[counter]
    batch = inputs[0][0] if inputs and inputs[0] else 1
    differences: dict[str, int] = {}
    entries: list[Entry] = [*rows, *others]
    for entry in entries:
        ours = entry.flops if isinstance(entry, OperatorCost) else 0
        try:
            theirs, reason, *bias = rule(entry, batch)
        except Unsettled:
            where = entry.module or "the model"
            raise ValueError(
                f"what {counter} says of {entry.operator} in {where} ({entry.module_type}) does "
                "not follow from what torch dispatches"
            ) from None
        for why, difference in ((reason, theirs - ours), (_BIAS, sum(bias))):
            if difference:
                differences[why] = differences.get(why, 0) + difference
    total = sum(row.flops for row in rows)
    steps = []
    so_far = total
    for reason, difference in differences.items():
        so_far += difference
        steps.append(Step(reason, difference, so_far))
    return Reconciliation(model, counter, version, total, tuple(steps))


#: The kinds of rows that a plain forward pass has.
_OURS = frozenset({"product", "pooling", "reduction"})


def _macs(entry: Entry) -> int:
    """Return the multiply-accumulates of a product; of anything else there are none known."""
    if not isinstance(entry, OperatorCost) or entry.macs is None:
        raise Unsettled
    return entry.macs


def _is_product(entry: Entry) -> bool:
    return isinstance(entry, OperatorCost) and entry.kind == "product"


def _is_pooling(entry: Entry) -> bool:
    return isinstance(entry, OperatorCost) and entry.pooling


def _layer_product(entry: Entry) -> int:
    """Return the multiply-accumulates of a convolution or linear layer.

    Of other products a counter may have seen one function, its parts, or neither.
    """
    plain = entry.operator in ("mm", "addmm") and entry.module_type == "Linear"
    if not (plain or entry.operator == "convolution"):
        raise Unsettled
    return _macs(entry)


def _bias(entry: Entry) -> int:
    """Return the additions of a bias, one for each element of the output."""
    has_bias = entry.arguments.get("bias", entry.operator == "addmm")
    return prod(entry.output_shape) if has_bias else 0


def _input(entry: Entry) -> int:
    return prod(entry.input_shape)


def _plain_pool(entry: Entry) -> bool:
    """Say whether a pooling was called as one of torch's, and not spelled as a mean or a sum."""
    spelled = entry.arguments.get("spelled")
    if isinstance(entry, OperatorCost) and entry.kind == "pooling" and spelled is None:
        spelled = entry.operator
    if spelled in ("mean", "sum", "amax", "amin", "max", "min"):
        return False
    if not isinstance(spelled, str) or not _WINDOWED.fullmatch(spelled):
        raise Unsettled
    return True


def _normalised(entry: Entry, affine: int, plain: int) -> Said:
    times = affine if entry.arguments["affine"] else plain
    return times * _input(entry), f"{_norm_name(entry)}: {times} for each element"


def _norm_name(entry: Entry) -> str:
    return entry.operator.removeprefix("native_").replace("_", " ")


def _stem(entry: Entry) -> str:
    return entry.operator.rstrip("_") if not entry.operator.startswith("_") else entry.operator


def _softmax_layer(entry: Entry) -> Said:
    """Return the elements of a softmax that is a layer; upsampling settles nothing either."""
    if entry.operator in ("_softmax", "_safe_softmax") and entry.module_type == "Softmax":
        return _input(entry), "softmax: 1 for each element"
    if entry.operator in ("_softmax", "_safe_softmax") or _stem(entry).startswith("upsample"):
        raise Unsettled
    return 0, ""


def _flop_counter(entry: Entry, batch: int) -> Said:
    if _is_product(entry) and isinstance(entry, OperatorCost):
        known = entry.operator != "_grouped_mm" and "for_cpu" not in entry.operator
        return (entry.flops if known else 0), f"{entry.operator} is not counted"
    return 0, _NO_POOLING


def _fvcore(entry: Entry, batch: int) -> Said:
    if _is_product(entry):
        return _layer_product(entry), _ONE
    if _is_pooling(entry):
        if _plain_pool(entry) and "adaptive_avg_pool2d" in (
            entry.operator, entry.arguments.get("spelled"),
        ):  # fmt: skip
            return _input(entry), _POOL_INPUT
        return 0, _NO_POOLING
    if entry.operator in _NORMS:
        folded = entry.operator == "native_batch_norm" and not entry.arguments["training"]
        return _normalised(entry, 2, 1) if folded else _normalised(entry, 5, 4)
    if entry.operator == "upsample_nearest2d":
        return entry.elements, "upsampling: 1 for each element"
    if entry.operator == "upsample_bilinear2d":
        return 4 * entry.elements, "upsampling: 4 for each element"
    return 0, ""


def _ptflops(entry: Entry, batch: int) -> Said:
    # What its layers count is divided by the batch in the end, what its functions count is not.
    batch = batch or 1
    only = " (of a layer, for one image)" if batch > 1 else ""
    if _is_product(entry):
        if entry.operator == "convolution" and not _CONVOLUTIONS.fullmatch(entry.module_type):
            return 0, "convolutions that are called as functions are not counted"
        return _layer_product(entry) // batch, _ONE + only, _bias(entry) // batch
    if _is_pooling(entry):
        if not _plain_pool(entry):
            return 0, _NO_POOLING
        if _POOLS.fullmatch(entry.module_type):
            return _input(entry) // batch + _input(entry), _POOL_TWICE + only
        return _input(entry), _POOL_INPUT
    stem = _stem(entry)
    if stem in _ACTIVATIONS:
        layer = entry.module_type == _ACTIVATIONS[stem]
        if stem == "hardtanh" and not layer:
            raise Unsettled
        if not layer:
            counted = stem != "leaky_relu"
            return counted * entry.elements, "activations: 1 for each element"
        if stem in ("leaky_relu", "hardtanh", "silu"):
            once = entry.elements // (1 if stem == "silu" else batch)
            return once, f"activations: 1 for each element{only}"
        return entry.elements // batch + entry.elements, (
            f"activations: 1 for each element, twice: as a layer and as a function{only}"
        )
    if entry.operator in _NORMS:
        if not entry.module_type.endswith("Norm") and "Norm" not in entry.module_type:
            return 0, ""
        if entry.operator == "native_layer_norm":
            return _input(entry) // batch, f"layer norm: 1 for each element{only}"
        amount, reason, *_ = _normalised(entry, 2, 1)
        return amount // batch, f"{reason}{only}"
    return _softmax_layer(entry)


def _ptflops_aten(entry: Entry, batch: int) -> Said:
    if _is_product(entry):
        if entry.operator not in ("mm", "addmm", "bmm", "convolution"):
            return 0, f"{entry.operator} is not counted"
        return _macs(entry), _ONE, _bias(entry)
    return 0, _NO_POOLING


def _calflops(entry: Entry, batch: int) -> Said:
    if _is_product(entry):
        twice = 2 * _layer_product(entry)
        return twice, "", _bias(entry) if entry.operator == "convolution" else 0
    if _is_pooling(entry):
        return (_input(entry), _POOL_INPUT) if _plain_pool(entry) else (0, _NO_POOLING)
    stem = _stem(entry)
    if stem in _ACTIVATIONS:
        if stem == "hardtanh":
            raise Unsettled
        return entry.elements, "activations: 1 for each element"
    if entry.operator in _NORMS:
        folded = entry.operator == "native_batch_norm" and not entry.arguments["training"]
        return _normalised(entry, 2, 1) if folded else _normalised(entry, 5, 4)
    return _softmax_layer(entry)


def _thop(entry: Entry, batch: int) -> Said:
    if _is_product(entry):
        layer = _CONVOLUTIONS.fullmatch(entry.module_type) or entry.module_type == "Linear"
        if not layer:
            return 0, "products that are no layer are not counted"
        if entry.arguments.get("transposed"):
            raise Unsettled
        return _layer_product(entry), _ONE
    if _is_pooling(entry):
        if not _POOLS.fullmatch(entry.module_type) or not _plain_pool(entry):
            return 0, _NO_POOLING
        outputs = prod(entry.output_shape)
        if entry.module_type.startswith("AdaptiveAvg"):
            spatial = len(entry.output_shape) - int(entry.module_type[-2])
            ratio = prod(entry.input_shape[spatial:]) / prod(entry.output_shape[spatial:])
            return int((ratio + 1) * outputs), "adaptive averages: a window and 1 per output"
        if entry.module_type.startswith("Avg"):
            return outputs, "averages: 1 for each output"
        return 0, _NO_POOLING
    if entry.operator in _NORMS and "Norm" in entry.module_type:
        if entry.operator == "native_group_norm":
            return 0, ""
        return _normalised(entry, 4, 2)
    if entry.operator == "_softmax" and entry.module_type == "Softmax":
        raise Unsettled
    if _stem(entry) == "_prelu_kernel" and entry.module_type == "PReLU":
        raise Unsettled
    if _stem(entry).startswith("upsample") and entry.module_type.startswith("Upsamp"):
        raise Unsettled
    return 0, ""


def _torchinfo(entry: Entry, batch: int) -> Said:
    if _is_product(entry):
        if entry.operator == "convolution":
            if "Conv" not in entry.module_type:
                return 0, "products that are no layer are not counted"
            places = entry.output_shape[0] * prod(entry.output_shape[2:])
            weights = prod(entry.arguments["weight"])
            return weights * places, _ONE, _bias(entry)
        macs = _layer_product(entry)
        if entry.output_shape[0] != batch:
            raise Unsettled  # a layer with more axes, of which the first one counts
        return macs, _ONE, _bias(entry)
    if _is_pooling(entry):
        return 0, _NO_POOLING
    if entry.operator in _NORMS and "Norm" in entry.module_type and entry.arguments["affine"]:
        if entry.operator == "native_layer_norm":
            raise Unsettled
        return (
            2 * entry.input_shape[1] * entry.input_shape[0],
            f"{_norm_name(entry)}: its parameters, times the batch",
        )
    if _stem(entry) == "_prelu_kernel":
        raise Unsettled
    return 0, ""


def _xla(entry: Entry, batch: int) -> Said:
    if _is_product(entry):
        macs = _layer_product(entry)
        if entry.operator == "convolution":
            if entry.arguments["transposed"]:
                raise Unsettled
            macs = _inside(entry)
        return 2 * macs, "products skip the padding", _bias(entry)
    if _is_pooling(entry) and isinstance(entry, OperatorCost):
        if entry.kind == "reduction":
            return entry.flops, ""
        args, named = entry.arguments["args"], entry.arguments["kwargs"]
        if not re.fullmatch(r"(max|avg)_pool\dd", entry.operator):
            outputs = prod(entry.output_shape)
            if outputs == 0 or _input(entry) % outputs or set(entry.output_shape[2:]) != {1}:
                raise Unsettled
            return entry.flops, ""
        if entry.operator.startswith("max"):
            args = args[:5]  # indices are no operation
        said = cost(entry.operator, entry.input_shape, *args, **named, counting="window")
        return int(said.flops), "windows of poolings are charged in full"
    stem = _stem(entry)
    if stem in ("relu", "add", "sub", "mul", "maximum", "minimum"):
        return entry.elements, "elementwise: 1 for each element"
    if entry.operator == "native_batch_norm" and not entry.arguments["training"]:
        return 2 * _input(entry), "batch norm, folded: 2 for each element"
    if isinstance(entry, UncountedOperator) and entry.kind == "copy":
        return 0, ""
    raise Unsettled


def _inside(entry: Entry) -> int:
    """Return the multiply-accumulates of a convolution that meet no padding."""
    given = entry.arguments
    taps = 1
    for place, size in enumerate(given["weight"][2:]):
        extent, outputs = entry.input_shape[2 + place], entry.output_shape[2 + place]
        stride, padding = given["stride"][place], given["padding"][place]
        taps *= sum(
            0 <= output * stride - padding + tap * given["dilation"][place] < extent
            for output in range(outputs)
            for tap in range(size)
        )
    return int(taps * entry.output_shape[0] * given["weight"][0] * given["weight"][1])


#: The name of each counter → the release whose rule this is, and the rule.
COUNTERS: dict[str, tuple[str, Rule]] = {
    "flop_counter": ("torch 2.13.0", _flop_counter),
    "fvcore": ("0.1.5.post20221221", _fvcore),
    "ptflops": ("0.7.5", _ptflops),
    "ptflops, aten": ("0.7.5", _ptflops_aten),
    "calflops": ("0.3.2", _calflops),
    "thop": ("0.1.1.post2209072238", _thop),
    "torchinfo": ("1.8.0", _torchinfo),
    "xla": ("jaxlib 0.10.2", _xla),
}
