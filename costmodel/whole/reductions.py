"""Poolings that are spelled as means, sums and maxima over axes, and what tells them from others.

Apart from the recorder because the rule is one of its own. What is dispatched is a reduction of n
elements to m; it is

- a **pooling** if it keeps the batch and at least one more axis;
- a **loss or a score** if it keeps nothing but the batch, or not even that;
- a **normalisation** if what it returns, by elementwise operators alone, is subtracted from its own
  input or divides it: so the statistics of normalisations written out and of softmax.

The batch is the first axis, and is followed through views: a batch that is transposed, flattened
together with the channels or divided into windows is still seen. One that was taken apart element
by element counts as kept. All else is followed by storage and geometry, since torch makes a new
tensor of every view.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count
from math import isclose
from typing import Any, NamedTuple

from torch import Tensor
from torch.utils._pytree import tree_leaves

#: A factor of an axis: its size, and whether it is the batch.
Factor = tuple[int, bool]
#: An axis as the factors that it was flattened from; one that a view made has none.
Axis = tuple[Factor, ...]

#: The operators that reduce over axes, by overload → what they compute.
REDUCTIONS = {
    "aten.mean.dim": "mean",
    "aten.sum.dim_IntList": "sum",
    "aten.amax.default": "max",
    "aten.amin.default": "max",
    "aten.max.dim": "max",
    "aten.min.dim": "max",
}

#: What is done to each element by itself, besides what :mod:`costmodel.whole.elementwise` knows.
SAME_ELEMENTS = frozenset({"clone", "_to_copy", "neg", "abs", "copy", "where", "masked_fill"})

_INVERT = frozenset({"rsqrt", "reciprocal"})
_SIDEWAYS = frozenset({"cat", "constant_pad_nd", "roll", "flip"})


@dataclass(eq=False)
class Reduction:
    """A reduction that was dispatched.

    Attributes:
        kind: ``"mean"``, ``"sum"`` or ``"max"``.
        inputs: The elements that it read.
        outputs: The elements that it returned.
        pooling: Whether it is a pooling, as far as is known yet.
        origins: What its input was made of, by elementwise operators.
        operations: What it computes, by kind.
        entry: The row that the recorder keeps of it, if it does.
    """

    kind: str
    inputs: int
    outputs: int
    pooling: bool
    origins: frozenset[int]
    operations: dict[str, int]
    entry: dict[str, Any] = field(default_factory=dict)

    def backward(self) -> dict[str, int]:
        """Return what its backward pass takes: that of an adaptive pooling to one output."""
        # The formulas of costmodel.backward for windows that tile the input.
        if self.kind == "max":
            return {"additions": self.outputs}
        if self.kind == "sum":
            return {"additions": self.inputs}
        return {"additions": self.inputs, "divisions": self.outputs}


class Trace(NamedTuple):
    """What is known of a tensor.

    Attributes:
        axes: Its axes by their factors.
        origins: What it was made of, by elementwise operators.
        reduced: The reductions that it was made of, while it has not been broadcast.
        inverted: Whether it is a reciprocal of them.
        sum: The sum that it is, with nothing done to it.
    """

    axes: tuple[Axis, ...]
    origins: frozenset[int]
    reduced: frozenset[Reduction] = frozenset()
    inverted: bool = False
    sum: Reduction | None = None


def operations(kind: str, inputs: int, outputs: int) -> dict[str, int]:
    """Return what a reduction computes: n − m additions or comparisons, and m divisions of means.

    >>> operations("mean", 12, 3), operations("max", 12, 3)
    ({'additions': 9, 'divisions': 3}, {'comparisons': 9})
    """
    if kind == "max":
        return {"comparisons": max(inputs - outputs, 0)}
    found = {"additions": max(inputs - outputs, 0)}
    return found | {"divisions": outputs} if kind == "mean" else found


def keeps_the_batch(axes: tuple[Axis, ...], reduced: set[int]) -> bool:
    """Say whether a reduction over these axes keeps the batch and at least one more axis.

    >>> batch, channels, rows = ((2, True),), ((3, False),), ((4, False),)
    >>> [keeps_the_batch((batch, channels, rows), over) for over in ({2}, {1, 2}, {0, 2})]
    [True, False, False]
    >>> keeps_the_batch((batch + channels, rows), {1})  # flattened together
    True
    """
    lost = [factor for place in reduced for factor in axes[place]]
    kept = [factor for place, axis in enumerate(axes) if place not in reduced for factor in axis]
    return not any(batch for _, batch in lost) and any(not batch for _, batch in kept)


def regrouped(axes: tuple[Axis, ...], shape: tuple[int, ...]) -> tuple[Axis, ...] | None:
    """Return the axes of a tensor that is seen in another shape, ``None`` where that is unclear.

    >>> regrouped((((2, True),), ((3, False),), ((8, False),)), (6, 4, 2))
    (((2, True), (3, False)), ((4, False),), ((2, False),))
    """
    factors = [factor for axis in axes for factor in axis]
    found: list[list[Factor]] = []
    for size in shape:
        axis: list[Factor] = []
        if size == 1:
            if factors and factors[0][0] == 1:
                axis.append(factors.pop(0))
            found.append(axis)
            continue
        need = size
        while need > 1:
            if not factors:
                return None
            have, batch = factors.pop(0)
            if have and need % have == 0:
                axis.append((have, batch))
                need //= have
            elif have % need == 0:
                axis.append((need, batch))
                factors.insert(0, (have // need, False))
                need = 1
            else:
                return None
        found.append(axis)
    if any(size != 1 for size, _ in factors):
        return None
    if factors and found:
        found[-1].extend(factors)
    return tuple(tuple(axis) for axis in found)


class Traces:
    """What is known of every tensor of a pass."""

    def __init__(self, watch: Callable[[Tensor], int]) -> None:
        #: Returns the key of a tensor's storage, and sees to it that it is forgotten in time.
        self.watch = watch
        self.kept: dict[int, dict[Any, Trace]] = {}
        self.numbers = count()

    def forget(self, storage: int) -> None:
        """Drop what is known of a storage that is gone."""
        self.kept.pop(storage, None)

    def of(self, tensor: Tensor) -> Trace:
        """Return what is known of a tensor; of a new one, that its first axis is the batch."""
        known = self.kept.setdefault(self.watch(tensor), {})
        key = _geometry(tensor)
        if key not in known:
            axes = tuple(((size, place == 0),) for place, size in enumerate(tensor.shape))
            known[key] = Trace(axes, frozenset({next(self.numbers)}))
        return known[key]

    def put(self, tensor: Tensor, trace: Trace) -> None:
        """Keep what is known of a tensor."""
        self.kept.setdefault(self.watch(tensor), {})[_geometry(tensor)] = trace

    def view(self, name: str, args: tuple[Any, ...], result: Any) -> None:
        """Follow a view."""
        if not args or not isinstance(args[0], Tensor):
            return
        source, *rest = args
        trace = self.of(source)
        results = [leaf for leaf in tree_leaves(result) if isinstance(leaf, Tensor)]
        for seen in results:
            if seen is source:
                continue
            axes = _viewed(name, trace.axes, source, seen, rest)
            default = tuple(((size, place == 0),) for place, size in enumerate(seen.shape))
            alike = trace.sum if seen.numel() == source.numel() else None
            self.put(seen, trace._replace(axes=axes or default, sum=alike))

    def reduce(self, kind: str, x: Tensor, dims: Any, result: Tensor) -> Reduction:
        """Follow a reduction and say what it is."""
        trace = self.of(x)
        rank = x.dim()
        places = {axis % rank for axis in dims} if dims else set(range(rank))
        inputs, outputs = x.numel(), result.numel()
        origins = trace.origins.union(*(earlier.origins for earlier in trace.reduced))
        found = Reduction(
            kind,
            inputs,
            outputs,
            bool(inputs) and x.is_floating_point() and keeps_the_batch(trace.axes, places),
            origins,
            operations(kind, inputs, outputs),
        )
        kept = [axis for place, axis in enumerate(trace.axes) if place not in places]
        if result.dim() == rank:
            kept = [() if place in places else axis for place, axis in enumerate(trace.axes)]
        self.put(
            result,
            Trace(
                tuple(kept),
                frozenset({next(self.numbers)}),
                frozenset({found}) | trace.reduced,
                sum=found if kind == "sum" else None,
            ),
        )
        return found

    def elementwise(self, name: str, args: tuple[Any, ...], result: Tensor) -> list[Reduction]:
        """Follow an elementwise operator; return the reductions that it shows to normalise."""
        operands = [arg for arg in args[:3] if isinstance(arg, Tensor)]
        if not operands:
            return []
        traces = [self.of(operand) for operand in operands]
        found = []
        if name in ("sub", "rsub", "div", "mul") and len(operands) == 2:
            (a, b) = traces
            found += self._normalising(name, a, b)
            if name != "div":
                found += self._normalising(name, b, a)
        reduced: frozenset[Reduction] = frozenset().union(
            *(
                trace.reduced
                for trace, operand in zip(traces, operands, strict=True)
                if result.numel() <= operand.numel()
            )
        )
        plain = [trace.origins for trace in traces if not trace.reduced] or [
            trace.origins for trace in traces
        ]
        axes = next(
            (t.axes for t, x in zip(traces, operands, strict=True) if x.shape == result.shape),
            tuple(((size, place == 0),) for place, size in enumerate(result.shape)),
        )
        inverted = any(trace.inverted for trace in traces) or name in _INVERT
        if name == "div":
            inverted = not isinstance(args[0], Tensor) or (
                len(operands) == 2 and bool(traces[1].reduced)
            ) or traces[0].inverted  # fmt: skip
        if name == "pow" and isinstance(args[-1], int | float):
            inverted = args[-1] < 0
        self.put(
            result, Trace(axes, frozenset().union(*plain), reduced, inverted and bool(reduced))
        )
        return found

    @staticmethod
    def _normalising(name: str, x: Trace, statistic: Trace) -> list[Reduction]:
        if name == "mul" and not statistic.inverted:
            return []
        return [one for one in statistic.reduced if one.origins & x.origins]

    def alongside(self, name: str, args: tuple[Any, ...], result: Tensor) -> None:
        """Follow an operator that keeps its axes, or all but the last, though not the elements."""
        leaves = [leaf for leaf in tree_leaves(args) if isinstance(leaf, Tensor)]
        if name in ("addmm", "baddbmm"):
            leaves = leaves[1:]
        if not leaves or leaves[0].dim() != result.dim():
            return
        axes = self.of(leaves[0]).axes
        if name in ("mm", "addmm", "bmm", "baddbmm"):
            kept = (*axes[:-1], ((result.shape[-1], False),))
        elif name in _SIDEWAYS or result.shape == leaves[0].shape:
            kept = axes
        else:
            return
        if all(
            size == result.shape[place]
            for place, axis in enumerate(kept)
            for size in [_product(axis)]
            if axis and place != len(kept) - 1
        ):
            self.put(result, Trace(kept, frozenset({next(self.numbers)})))

    def as_mean(self, name: str, args: tuple[Any, ...], result: Tensor) -> Reduction | None:
        """Return the sum that this division by its number of terms turns into a mean."""
        if name not in ("div", "mul") or not isinstance(args[0], Tensor) or len(args) < 2:
            return None
        factor = args[1]
        found = self.of(args[0]).sum
        if found is None or not found.outputs:
            return None
        if isinstance(factor, Tensor):
            if factor.dim() or factor.is_meta:
                return None
            factor = factor.item()
        if not isinstance(factor, int | float) or not factor:
            return None
        terms = found.inputs / found.outputs
        if not isclose(terms, factor if name == "div" else 1 / factor, rel_tol=1e-6):
            return None
        return found


def _product(axis: Axis) -> int:
    size = 1
    for factor, _ in axis:
        size *= factor
    return size


def _geometry(tensor: Tensor) -> Any:
    return tensor.storage_offset(), tuple(tensor.shape), tensor.stride()


def _viewed(
    name: str, axes: tuple[Axis, ...], source: Tensor, seen: Tensor, rest: list[Any]
) -> tuple[Axis, ...] | None:
    """Return the axes of a view, ``None`` where they are not followed."""
    rank = source.dim()
    if name in ("view", "_unsafe_view", "reshape"):
        return regrouped(axes, tuple(seen.shape))
    if name == "permute":
        return tuple(axes[place % rank] for place in rest[0])
    if name in ("transpose", "t"):
        first, second = rest if rest else (0, 1)
        if rank < 2:
            return axes
        order = list(range(rank))
        order[first % rank], order[second % rank] = order[second % rank], order[first % rank]
        return tuple(axes[place] for place in order)
    if name == "unsqueeze":
        place = rest[0] % (rank + 1)
        return (*axes[:place], (), *axes[place:])
    if name == "squeeze":
        over = range(rank) if not rest else rest[0]
        gone = {place % rank for place in ([over] if isinstance(over, int) else over)}
        return tuple(
            axis for place, axis in enumerate(axes)
            if not (place in gone and source.shape[place] == 1)
        )  # fmt: skip
    if name == "expand":
        new: tuple[Axis, ...] = ((),) * (seen.dim() - rank)
        return (*new, *axes)
    if name in ("select", "unbind"):
        place = (rest[0] if rest else 0) % rank
        return (*axes[:place], *axes[place + 1 :])
    if name == "unfold":
        place, size = rest[0] % rank, rest[1]
        return (*axes[:place], ((seen.shape[place], _is_batch(axes[place])),), *axes[place + 1 :],
                ((size, False),))  # fmt: skip
    if seen.dim() == rank:
        # Slices and the like: an axis that is cut is still that axis.
        return tuple(
            axis if source.shape[place] == seen.shape[place]
            else ((seen.shape[place], _is_batch(axis)),)
            for place, axis in enumerate(axes)
        )  # fmt: skip
    return None


def _is_batch(axis: Axis) -> bool:
    return any(batch for _, batch in axis)
