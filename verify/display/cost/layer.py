"""One pooling layer and all that is said of its cost, on the page, as data and in the picture.

Apart from the command, which reads options, and from the displays, which lay out: every figure that
any of them shows is computed here, by :mod:`costmodel`.
"""

from __future__ import annotations

import contextlib
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from itertools import chain
from typing import Any

import costmodel
from costmodel.algorithms import CHOICE, MEAN
from costmodel.counting import COUNTINGS
from costmodel.counts import OPERATIONS, Cost
from costmodel.device import Roofline, devices, roofline
from costmodel.registry import entry_of, parameters
from pooling.arithmetic import Number

#: The names of the spatial axes, as torch's documentation has them.
_AXES = {1: "L", 2: "HW", 3: "DHW"}

#: Sizes up to this one stay numbers in a formula: a batch of one, the three colours.
_SMALL = 3

#: A formula of more characters than this is no help to a reader.
_READABLE = 600

#: Along an argument no more values than these are tried; a picture shows no more.
_MOST_VALUES = 100


@dataclass(frozen=True)
class Formula:
    """The operations of a layer in symbols, and which size each symbol stands for."""

    expression: Any
    sizes: Mapping[str, int]
    #: Whether the spatial sizes are symbols too, and not numbers because there is no short formula.
    spatial: bool

    @property
    def latex(self) -> str:
        """The expression in LaTeX."""
        from verify.display.cost.notation import latex

        return latex(self.expression)

    @property
    def text(self) -> str:
        """The expression in one line of plain text: ``3·C·⌊H/2⌋·⌊W/2⌋``."""
        from verify.display.cost.notation import text

        return text(self.expression)


@dataclass(frozen=True)
class Sweep:
    """The operations of a layer along one of its arguments, all others fixed.

    ``counts`` has a series for each way to count: ``"exact"`` and, for operators that have them,
    ``"window"`` (the textbook's) and ``"cheapest"`` (the best algorithm at each value).
    """

    argument: str
    values: tuple[int, ...]
    counts: Mapping[str, tuple[Number, ...]]
    #: The value at this layer; ``None`` if it differs from axis to axis.
    here: int | None


@dataclass(frozen=True)
class LayerCost:
    """An operator on one input shape with its arguments.

    >>> layer = LayerCost("max_pool2d", (1, 64, 112, 112), {"kernel_size": 3, "stride": 2})
    >>> layer.cost.flops, layer.bytes_moved
    (1548800, 3928576)
    """

    operator: str
    shape: tuple[int, ...]
    arguments: Mapping[str, Any]
    dtype: str = "float32"

    @cached_property
    def cost(self) -> Cost:
        """What it costs; errors are those of :func:`costmodel.cost`."""
        return costmodel.cost(self.operator, self.shape, **self.arguments)

    @property
    def operations(self) -> dict[str, Number]:
        """The operations by kind, without the kinds that do not occur."""
        counts = {kind: getattr(self.cost, kind) for kind in OPERATIONS}
        return {kind: count for kind, count in counts.items() if count}

    @cached_property
    def bytes_moved(self) -> Number | None:
        """The compulsory traffic in bytes; ``None`` if the windows are drawn at random."""
        return None if self.cost.inputs_read is None else self.cost.bytes_moved(self.dtype)

    @property
    def intensity(self) -> float | None:
        """Operations for each byte; ``None`` if no byte is moved, or it is not known how many."""
        return float(self.cost.flops / self.bytes_moved) if self.bytes_moved else None

    def rooflines(self, names: Sequence[str] = ()) -> list[Roofline]:
        """Return the best that each device can do; all that have a peak for the dtype by default.

        Errors are those of :func:`costmodel.device.roofline`.
        """
        if self.bytes_moved == 0 or (self.bytes_moved is None and not names):
            return []
        chosen = names or [d.name for d in devices() if self.dtype in d.peak_flops]
        return [
            roofline(name, self.operator, self.shape, dtype=self.dtype, **self.arguments)
            for name in chosen
        ]

    def countings(self) -> dict[str, Number]:
        """Return the operations by every counting convention; none if the operator has but one."""
        return self._alternatives("counting", COUNTINGS)

    def algorithms(self) -> dict[str, Number]:
        """Return the operations by every algorithm; none if the operator has but one."""
        return self._alternatives("algorithm", dict.fromkeys(chain(CHOICE, MEAN)))

    def _alternatives(self, argument: str, names: Iterable[str]) -> dict[str, Number]:
        if argument not in parameters(self.operator):
            return {}
        plain = self._counted_exactly()
        return dict(plain._possible(argument, names))

    def _possible(self, argument: str, values: Iterable[Any]) -> Iterator[tuple[Any, Number]]:
        """Yield the values of ``argument`` that the operator takes, with the operations."""
        for value in values:
            try:
                layer = replace(self, arguments={**self.arguments, argument: value})
                yield value, layer.cost.flops
            except (ValueError, TypeError):
                continue

    def _counted_exactly(self) -> LayerCost:
        """Return the layer without its choice of convention and algorithm."""
        left = {
            name: value
            for name, value in self.arguments.items()
            if name not in ("counting", "algorithm")
        }
        return replace(self, arguments=left)

    def formula(self) -> Formula:
        """Return the operations in symbols: one for each size of the input above three.

        With ``ceil_mode``, with dilation and for van Herk's algorithm a formula in the spatial
        sizes takes a page and seconds to find: there, where it turns out long, and where the cost
        has none, they stay numbers.

        >>> layer = LayerCost("max_pool2d", (1, 64, 112, 112), {"kernel_size": 2})
        >>> formula = layer.formula()
        >>> formula.text, formula.sizes
        ('3·C·⌊H/2⌋·⌊W/2⌋', {'C': 64, 'H': 112, 'W': 112})
        """
        long = (
            self.arguments.get("ceil_mode", False)
            or {*_entries(self.arguments.get("dilation", 1))} != {1}
            or self.arguments.get("algorithm") == "van_herk"
        )
        with contextlib.suppress(ValueError):  # of sizes that a cost does not take as symbols
            if not long and len((formula := self._in_symbols(spatial=True)).text) <= _READABLE:
                return formula
        return self._in_symbols(spatial=False)

    def _in_symbols(self, spatial: bool) -> Formula:
        import sympy

        dimensions = entry_of(self.operator).dimensions
        names = f"NC{_AXES[dimensions]}"[-len(self.shape) :]
        sizes = {
            name: size
            for name, size in zip(names, self.shape, strict=True)
            if size > _SMALL and (spatial or name in "NC")
        }
        shape = [
            sympy.Symbol(name, integer=True, positive=True) if name in sizes else size
            for name, size in zip(names, self.shape, strict=True)
        ]
        flops = costmodel.flops(self.operator, shape, **self.arguments)
        return Formula(sympy.factor_terms(sympy.sympify(flops)), sizes, spatial)

    def sweeps(self) -> list[Sweep]:
        """Return the cost along stride, window, padding and output size, where there are such.

        What the operator refuses is left out, and so is an argument with less than two values.
        """
        plain = self._counted_exactly()._with_stride()
        found = [
            plain._sweep(argument)
            for argument in ("stride", "kernel_size", "padding", "output_size")
            if argument in parameters(self.operator)
        ]
        return [sweep for sweep in found if len(sweep.values) > 1]

    def _with_stride(self) -> LayerCost:
        """Return the layer with its stride written out, so that it stays when the window grows."""
        if "stride" not in parameters(self.operator) or self.arguments.get("stride") is not None:
            return self
        return replace(self, arguments={**self.arguments, "stride": self.arguments["kernel_size"]})

    def _sweep(self, argument: str) -> Sweep:
        parameter = parameters(self.operator)[argument]
        given = self.arguments.get(argument, parameter.default)
        exact = dict(self._possible(argument, self._values(argument, given)))
        counts = {"exact": tuple(exact.values())}
        layers = [replace(self, arguments={**self.arguments, argument: v}) for v in exact]
        if "counting" in parameters(self.operator):
            counts["window"] = tuple(layer.countings()["window"] for layer in layers)
        if "algorithm" in parameters(self.operator):
            counts["cheapest"] = tuple(min(layer.algorithms().values()) for layer in layers)
        here = _uniform(given)
        return Sweep(argument, tuple(exact), counts, here if here in exact else None)

    def _values(self, argument: str, given: Any) -> Sequence[int]:
        """Return values of ``argument`` worth trying, of which some may be refused."""
        largest = _largest(given)
        first, last = {
            "stride": (1, max(8, 2 * largest)),
            "kernel_size": (1, max(11, 2 * largest + 1)),
            "padding": (0, 2 * _largest(self.arguments.get("kernel_size"))),
            "output_size": (1, max(self.shape[-entry_of(self.operator).dimensions :])),
        }[argument]
        step = math.ceil((last - first + 1) / _MOST_VALUES)
        values = {*range(first, last + 1, step)}
        here = _uniform(given)
        return sorted(values if here is None else values | {here})

    def to_dict(self, device_names: Sequence[str] = ()) -> dict[str, Any]:
        """Return all of it as what ``json.dumps`` takes."""
        cost, formula = self.cost, self.formula()
        data = {
            "operator": self.operator,
            "input_shape": self.shape,
            "arguments": dict(self.arguments),
            "dtype": self.dtype,
            "output_shape": cost.output_shape,
            "operations": {kind: getattr(cost, kind) for kind in OPERATIONS},
            "flops": cost.flops,
            "taps": cost.taps,
            "outputs": cost.outputs,
            "inputs_read": cost.inputs_read,
            "indices": cost.indices,
            "bytes_moved": self.bytes_moved,
            "intensity": self.intensity,
            "formula": {
                "text": formula.text,
                "latex": formula.latex,
                "sizes": dict(formula.sizes),
                "spatial": formula.spatial,
            },
            "countings": self.countings(),
            "algorithms": self.algorithms(),
            "rooflines": [row._asdict() for row in self.rooflines(device_names)],
        }
        plain: dict[str, Any] = _plain(data)
        return plain


def _entries(value: Any) -> list[Any]:
    """Return the entries of an argument, those of its pairs included."""
    if isinstance(value, tuple):
        return [entry for part in value for entry in _entries(part)]
    return [value]


def _uniform(value: Any) -> int | None:
    """Return the int that an argument is along every axis, if there is one."""
    first, *others = _entries(value)
    return first if type(first) is int and others.count(first) == len(others) else None


def _largest(value: Any) -> int:
    return max((entry for entry in _entries(value) if type(entry) is int), default=1)


def _plain(value: Any) -> Any:
    """Return ``value`` without what JSON does not know: fractions, infinity, NaN."""
    if isinstance(value, dict):
        return {name: _plain(entry) for name, entry in value.items()}
    if isinstance(value, tuple | list):
        return [_plain(entry) for entry in value]
    if isinstance(value, Fraction):
        return float(value)
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    return value
