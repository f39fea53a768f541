"""The values of terms at inputs: exact in a system, over the reals with what rounding may do.

The same rows that are proved are computed here, for a plain run of the module to be held against.
Over the reals every value comes with a bound on how far a run in the module's dtype may be from it
whatever the order of its sums; nowhere is a tolerance assumed. In a float or integer system the
rows are computed by torch itself in that dtype, one operator after the other.

Source of the bounds: Higham, "Accuracy and Stability of Numerical Algorithms", 2nd ed., chapter 3.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy
import torch

from proofs.systems import NumberSystem
from verify.judge.symbols.algebra import PARTIAL
from verify.judge.symbols.terms import OPAQUE, Ids, Rows, Terms

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[numpy.float64]

#: Sums of two multiples of 1/1024 are known to be exact if they are small.
_STEPS = 1024
#: NumPy is slow where it reduces an axis that is not longer than this.
_SHORT = 64
#: Where it is looked at: in more elements it would take time, and refute nothing more.
_SMALL = 1 << 16
#: A decision that rounding turns is a step in the values if it moves them by more than so many
#: times what rounding does there.
STEP = 64
#: Rows of a block that are computed at a time.
_PIECE = 1 << 14
#: How many units roundoff a kernel of a function of the real numbers may be off.
FUNCTION_UNITS = 8


@dataclass(frozen=True)
class Values:
    """Values at several inputs, one column each, and how far a run may be from them."""

    values: Floats
    bounds: Floats
    #: Where terms are not defined: a division by 0, the logarithm of a negative number.
    undefined: NDArray[numpy.bool_]
    #: Whether anything may overflow at an input: what is multiplied by 0 spoils a run as well.
    spilled: NDArray[numpy.bool_]
    #: How far a run may be from them that takes every decision as these values do: smaller than
    #: the bounds where rounding may turn one.
    steady: Floats

    def at(self, place: Any, shape: tuple[int, ...] | None = None) -> Values:
        """Return some of the values, in another shape if one is given."""
        of = (self.values, self.bounds, self.undefined, self.spilled, self.steady)
        some = [numpy.asarray(each[place]) for each in of]
        return Values(*(each if shape is None else each.reshape(shape) for each in some))


def real_values(terms: Terms, inputs: Floats, dtype: torch.dtype, wanted: Ids) -> Values:
    """Return the values of ``wanted`` over the reals, with bounds on the rounding of ``dtype``.

    Args:
        terms: The terms.
        inputs: Finite numbers of shape ``(elements, inputs)``.
        dtype: The dtype in which the module runs.
        wanted: The terms asked for, of any shape.

    Returns:
        Values and bounds of shape ``(*wanted.shape, inputs)``. A bound is infinite where the run
        may overflow or where nothing can be said.
    """
    computing = _Reals(terms, inputs, dtype)
    values, bounds = computing.all(wanted)
    spilled = numpy.isinf(computing.bounds[OPAQUE + 1 :]).any(axis=0)
    steady, doubted = bounds, computing.doubted
    if doubted.any():
        steady = bounds.copy()
        _, steady[..., doubted] = _Reals(terms, inputs[:, doubted], dtype, decided=True).all(wanted)
    return Values(
        values,
        bounds,
        computing.undefined[wanted],
        numpy.broadcast_to(spilled, values.shape),
        steady,
    )


def _pieces(block: Rows) -> Iterator[Rows]:
    """Yield so many rows of a block at a time as a processor keeps at hand.

    All of them, if what is said of one rests on the largest of all.
    """
    if block.rows <= _PIECE or not block.args.shape[1] or block.operator == "exp":
        if block.rows:
            yield block
        return
    for first in range(0, block.rows, _PIECE):
        piece = slice(first, first + _PIECE)
        weights = block.weights
        if weights is not None and len(weights) > 1:
            weights = weights[piece]
        yield Rows(block.operator, block.start + first, block.args[piece], weights, block.data)


class _Reals:
    def __init__(
        self, terms: Terms, inputs: Floats, dtype: torch.dtype, *, decided: bool = False
    ) -> None:
        self.terms = terms
        #: Whether a run decides as the values do, but for what makes no more than a small step.
        self.decided = decided
        #: The inputs at which rounding may turn a decision that matters.
        self.doubted = numpy.zeros(inputs.shape[1], bool)
        self.inputs = inputs
        self.dtype = dtype
        info = torch.finfo(dtype)
        #: Half an ulp of 1 in the dtype, and the same for the float64 of this computation.
        self.unit = info.eps / 2 + 2.0**-53
        self.tiny = info.smallest_normal * info.eps + 5e-324
        self.normal = max(float(info.smallest_normal), 1 / float(info.max))
        self.largest = float(info.max)
        self.weights = numpy.array([float(w) for w in terms.weights], numpy.float64)
        shape = (terms.size, inputs.shape[1])
        self.values = numpy.zeros(shape)
        self.bounds = numpy.zeros(shape)
        self.undefined = numpy.zeros(shape, bool)
        #: Whether any block so far is not defined everywhere.
        self.partial = False
        #: Constants that are meant to be infinite or NaN.
        self.endless = numpy.zeros(terms.size, bool)
        #: Whether there are any, so that they are not looked for in every block.
        self.any_endless = False

    def all(self, wanted: Ids) -> tuple[Floats, Floats]:
        """Return the values and bounds of ``wanted`` after computing everything."""
        with numpy.errstate(all="ignore"):
            for block in self.terms.blocks:
                for piece in _pieces(block):
                    self.run(piece)
            values, bounds = self.values[wanted], self.bounds[wanted]
            lost = ~numpy.isfinite(values) & ~self.endless[wanted][..., None]
            bounds[lost] = math.inf
            bounds[numpy.isnan(bounds)] = math.inf
        return values, bounds

    def _held(self, value: float, term: int) -> bool:
        """Say whether the dtype has a constant as it stands."""
        held = float(torch.tensor(value, dtype=self.dtype).item())
        return math.isfinite(held) and Fraction(held) == self.terms.values[term]

    def run(self, block: Rows) -> None:
        """Compute the rows of a block."""
        rows = slice(block.start, block.start + block.rows)
        if block.operator == "opaque":
            self.bounds[rows] = math.inf
            return
        if block.operator == "variable":
            self.values[rows] = self.inputs
            return
        if block.operator == "constant":
            value = float(self.terms.values[block.start])
            self.values[rows] = value
            if math.isfinite(value):
                self.bounds[rows] = 0 if self._held(value, block.start) else (
                    abs(value) * self.unit + self.tiny
                )  # fmt: skip
            else:
                self.endless[block.start] = self.any_endless = True
            return
        x = numpy.take(self.values, block.args, axis=0)
        e = numpy.take(self.bounds, block.args, axis=0)
        compute: Callable[[Rows, Floats, Floats], tuple[Floats, Floats]]
        compute = getattr(self, f"_{block.operator}")
        values, bounds = compute(block, x, e)
        bounds[numpy.abs(values) + bounds > self.largest] = math.inf
        if block.operator in ("max", "min", "select", "pick", "rank") and self.any_endless:
            # An infinity that was meant, such as the start of a maximum, is exact.
            some = numpy.asarray(self.endless[block.args].any(axis=1))
            meant = some[:, None] & ~numpy.isfinite(values)
            bounds = numpy.where(meant, 0, bounds)
        self.values[rows], self.bounds[rows] = values, bounds
        self._undefined(block, rows, x, e, values)

    def _undefined(self, block: Rows, rows: slice, x: Floats, e: Floats, values: Floats) -> None:
        """Note where a block is not defined, as opposed to where its computation overflows."""
        if not self.partial and block.operator not in PARTIAL:
            return
        self.partial = True
        inner = self.undefined[block.args]
        if block.operator == "select":
            of_choice = numpy.where(x[:, 0] != 0, inner[:, 1], inner[:, 2])
            self.undefined[rows] = inner[:, 0] | of_choice
            return
        found = inner.any(axis=1)
        if block.operator in PARTIAL:
            known = (numpy.isfinite(x) & numpy.isfinite(e)).all(axis=1) & ~numpy.isfinite(values)
            if block.operator == "div":
                known &= x[:, 1] == 0
            elif block.operator == "power":
                known &= numpy.isnan(values) | (x[:, 0] == 0)
            found |= known
        self.undefined[rows] = found

    def _linear(self, block: Rows, x: Floats, e: Floats) -> tuple[Floats, Floats]:
        assert block.weights is not None
        w = self.weights[block.weights]
        count, plain = x.shape[1], bool((numpy.abs(w) == 1).all())
        values, sizes, carried = (numpy.zeros(x.shape[::2]) for _ in range(3))
        plain_sizes = sizes if plain else numpy.zeros_like(sizes)
        if count > _SHORT:
            every = w[..., None] * x
            values, sizes = every.sum(axis=1), numpy.abs(every).sum(axis=1)
            carried = (e if plain else numpy.abs(w)[..., None] * e).sum(axis=1)
            plain_sizes = sizes if plain else numpy.abs(x).sum(axis=1)
        for k in range(count if count <= _SHORT else 0):
            term, weight = x[:, k], w[:, k, None]
            part = weight * term
            values += part
            sizes += numpy.abs(part)
            if plain:
                carried += e[:, k]
            else:
                plain_sizes += numpy.abs(term)
                carried += numpy.abs(weight) * e[:, k]
        # Weights are rounded, products are, sums are, in any order; and a quotient or a mean by a
        # reciprocal once more.
        roundings = count - 1 if plain else count + 3
        gamma = roundings * self.unit / (1 - roundings * self.unit)
        bounds = carried * (1 + gamma) + gamma * (sizes + carried)
        if not plain:
            bounds = bounds + roundings * self.tiny
        if isinstance(block.data, int):  # a kernel rounds more
            bounds = bounds + block.data * self.unit * (plain_sizes + carried)
        if plain and block.data is None and (x.size <= _SMALL or len(x) == 1):
            # Of small multiples of one power of two a sum is exact, as IEEE 754 has it.
            fine = (carried == 0) & (sizes * _STEPS < 0.5 / self.unit)
            if fine.any():
                fine &= self._whole_steps(x)
                bounds = numpy.where(fine, 0, bounds)
        if self.dtype is torch.bfloat16:
            # Matrix instructions take its subnormal numbers for 0, and give 0 for them.
            bounds = bounds + (numpy.abs(w).sum(axis=1)[:, None] + 1) * self.normal
        if not plain:
            bounds[(plain_sizes == 0) & (carried == 0)] = 0  # of zeros nothing is rounded
        # Part of a sum may overflow that in another order does not, or before a mean is divided.
        reach = (sizes if plain else numpy.maximum(sizes, plain_sizes)) + carried
        bounds[reach > self.largest] = math.inf
        return values, bounds

    @staticmethod
    def _whole_steps(x: Floats) -> NDArray[numpy.bool_]:
        """Say of every row whether all in it are multiples of the same small number."""
        if x.shape[1] > _SHORT:
            every = x * _STEPS
            found: NDArray[numpy.bool_] = (every == numpy.rint(every)).all(axis=1)
            return found
        fine = numpy.ones(x.shape[::2], bool)
        for k in range(x.shape[1]):  # NumPy is slow where it reduces a short axis
            steps = x[:, k] * _STEPS
            fine &= steps == numpy.rint(steps)
        return fine

    def _max(self, block: Rows, x: Floats, e: Floats) -> tuple[Floats, Floats]:
        return self._extreme(x, e, numpy.maximum, -math.inf)

    def _min(self, block: Rows, x: Floats, e: Floats) -> tuple[Floats, Floats]:
        return self._extreme(x, e, numpy.minimum, math.inf)

    def _extreme(
        self, x: Floats, e: Floats, join: numpy.ufunc, neutral: float
    ) -> tuple[Floats, Floats]:
        if x.shape[1] > _SHORT:
            bounds = numpy.where(x == neutral, 0, e).max(axis=1)
            return join.reduce(x, axis=1), bounds
        values, bounds = x[:, 0], numpy.where(x[:, 0] == neutral, 0, e[:, 0])
        for k in range(1, x.shape[1]):
            values = join(values, x[:, k])
            bounds = numpy.maximum(bounds, numpy.where(x[:, k] == neutral, 0, e[:, k]))
        return values, bounds

    def _mul(self, block: Rows, x: Floats, e: Floats) -> tuple[Floats, Floats]:
        (a, b), (p, q) = (x[:, 0], x[:, 1]), (e[:, 0], e[:, 1])
        carried = numpy.abs(a) * q + numpy.abs(b) * p + p * q
        bounds = carried + (numpy.abs(a * b) + carried) * self.unit + self.tiny
        nothing = ((a == 0) & (p == 0)) | ((b == 0) & (q == 0))
        return a * b, numpy.where(nothing & numpy.isfinite(carried), 0, bounds)

    def _div(self, block: Rows, x: Floats, e: Floats) -> tuple[Floats, Floats]:
        (a, b), (p, q) = (x[:, 0], x[:, 1]), (e[:, 0], e[:, 1])
        values = a / b
        room = numpy.abs(b) - q
        carried = numpy.where(room > 0, (p + numpy.abs(values) * q) / room, math.inf)
        values = numpy.where((room <= 0) & (q > 0), 0, values)  # nobody knows
        return values, carried + (numpy.abs(values) + carried) * 2 * self.unit + self.tiny

    def _lt(self, block: Rows, x: Floats, e: Floats) -> tuple[Floats, Floats]:
        return self._compared(x[:, 0] < x[:, 1], x, e, block.args)

    def _le(self, block: Rows, x: Floats, e: Floats) -> tuple[Floats, Floats]:
        return self._compared(x[:, 0] <= x[:, 1], x, e, block.args)

    def _eq(self, block: Rows, x: Floats, e: Floats) -> tuple[Floats, Floats]:
        return self._compared(x[:, 0] == x[:, 1], x, e, block.args)

    def _compared(
        self, holds: NDArray[Any], x: Floats, e: Floats, args: Ids
    ) -> tuple[Floats, Floats]:
        """Return truth values, and a doubt where rounding may turn them, infinite if it may so."""
        room, apart = e[:, 0] + e[:, 1], numpy.abs(x[:, 0] - x[:, 1])
        doubt = numpy.where((room == 0) | (apart > room), 0.0, 1.0)
        if self.decided:
            # Of what is no number nothing is known; what overflows is decided as its value says.
            # A number that an element is compared with is read as another than it is.
            known = self.terms.known(args)[..., None]
            read = (known[:, 0] & (e[:, 1] == 0)) | (known[:, 1] & (e[:, 0] == 0))
            doubt = numpy.where((doubt > 0) & (read | ~numpy.isfinite(apart)), math.inf, doubt)
        return holds.astype(float), doubt

    def _step_between(self, one: Floats, other: Floats, doubt: Floats, errors: Floats) -> Floats:
        """Return how far a decision that may turn moves a value from ``one`` to ``other``."""
        apart = numpy.where(one == other, 0, numpy.abs(one - other))
        if not self.decided:
            self.doubted |= ((doubt > 0) & (apart > 0)).any(axis=tuple(range(apart.ndim - 1)))
            return apart
        size = numpy.maximum(numpy.abs(one), numpy.abs(other)) * self.unit
        found: Floats = numpy.where(
            numpy.isinf(doubt), apart, numpy.minimum(apart, STEP * (size + errors))
        )
        return found

    def _not(self, block: Rows, x: Floats, e: Floats) -> tuple[Floats, Floats]:
        return 1 - x[:, 0], e[:, 0]

    def _and(self, block: Rows, x: Floats, e: Floats) -> tuple[Floats, Floats]:
        # A part that is surely false decides; else any doubt is doubt.
        sure = ((x == 0) & (e == 0)).any(axis=1)
        return x.min(axis=1), numpy.where(sure, 0, e.max(axis=1))

    def _or(self, block: Rows, x: Floats, e: Floats) -> tuple[Floats, Floats]:
        sure = ((x == 1) & (e == 0)).any(axis=1)
        return x.max(axis=1), numpy.where(sure, 0, e.max(axis=1))

    def _select(self, block: Rows, x: Floats, e: Floats) -> tuple[Floats, Floats]:
        condition, doubt = x[:, 0] != 0, e[:, 0]
        values = numpy.where(condition, x[:, 1], x[:, 2])
        bounds = numpy.where(condition, e[:, 1], e[:, 2])
        apart = self._step_between(x[:, 1], x[:, 2], doubt, e[:, 1] + e[:, 2])
        return values, numpy.where(doubt > 0, apart + numpy.maximum(e[:, 1], e[:, 2]), bounds)

    def _pick(self, block: Rows, x: Floats, e: Floats) -> tuple[Floats, Floats]:
        half = x.shape[1] // 2
        values, keys = x[:, :half], x[:, half:]
        errors, doubts = e[:, :half], e[:, half:]
        place = keys.argmax(axis=1)[:, None]
        best = numpy.take_along_axis(keys, place, 1)
        chosen = numpy.take_along_axis(values, place, 1)
        doubt = numpy.take_along_axis(doubts, place, 1)
        # The first of several that are the largest is meant, unless rounding may choose otherwise.
        near = (keys + doubts >= best - doubt) & (doubts + doubt > 0)
        numpy.put_along_axis(near, place, True, 1)
        near |= ~numpy.isfinite(keys).all(axis=1, keepdims=True)  # any may be, by overflow
        return chosen[:, 0], self._chosen(values, chosen, near, doubts + doubt, errors)

    def _chosen(
        self, values: Floats, chosen: Floats, near: Any, doubts: Floats, errors: Floats
    ) -> Floats:
        """Return how far a run may be off that may take any of the values that are near."""
        if self.decided:
            doubts = numpy.where(numpy.isinf(doubts), 0, doubts)
        apart = self._step_between(values, chosen, numpy.where(near, doubts, 0), errors)
        found: Floats = numpy.where(near, apart + errors, 0).max(axis=1)
        return found

    def _rank(self, block: Rows, x: Floats, e: Floats) -> tuple[Floats, Floats]:
        half = x.shape[1] // 2
        values, keys = x[:, :half], x[:, half:]
        errors, doubts = e[:, :half], e[:, half:]
        order: Any = block.data
        places = numpy.argsort(-keys if order.descending else keys, axis=1, kind="stable")
        place = places[:, order.rank : order.rank + 1]
        chosen = numpy.take_along_axis(values, place, 1)
        key, doubt = (numpy.take_along_axis(of, place, 1) for of in (keys, doubts))
        # Whoever is not surely before or after the chosen one may stand in its place.
        near = numpy.abs(keys - key) <= (doubts + doubt) * keys.shape[1]
        if order.ties is None:
            near &= doubts + doubt > 0
        numpy.put_along_axis(near, place, True, 1)
        # With doubt about any key, any other may move.
        near |= ~numpy.isfinite(doubts.max(axis=1, keepdims=True))
        if order.ties is not None:  # the order of equal ones is nobody's
            return chosen[:, 0], numpy.where(near, numpy.abs(values - chosen) + errors, 0).max(
                axis=1
            )
        return chosen[:, 0], self._chosen(values, chosen, near, doubts + doubt, errors)

    def _floor(self, block: Rows, x: Floats, e: Floats) -> tuple[Floats, Floats]:
        return self._step(numpy.floor, x, e)

    def _round(self, block: Rows, x: Floats, e: Floats) -> tuple[Floats, Floats]:
        return self._step(numpy.round, x, e)

    def _step(
        self, function: Callable[[Floats], Floats], x: Floats, e: Floats
    ) -> tuple[Floats, Floats]:
        values, low, high = (function(t) for t in (x[:, 0], x[:, 0] - e[:, 0], x[:, 0] + e[:, 0]))
        bounds = numpy.maximum(high - values, values - low)
        if self.decided:
            # From 1 / unit on all numbers are whole, and steps as large as rounding.
            return values, numpy.minimum(bounds, STEP * self.unit * numpy.abs(values))
        self.doubted |= (bounds > 0).any(axis=0)
        return values, bounds

    def _function(self, values: Floats, low: Floats, high: Floats) -> tuple[Floats, Floats]:
        spread = numpy.maximum(numpy.abs(high - values), numpy.abs(low - values))
        spread = numpy.where(numpy.isnan(spread), math.inf, spread)
        own = numpy.abs(values) + spread
        # Kernels may give 0 for what is no normal number, or where an intermediate overflows.
        return values, spread + own * FUNCTION_UNITS * self.unit + 8 * self.normal

    def _exp(self, block: Rows, x: Floats, e: Floats) -> tuple[Floats, Floats]:
        a, p = x[:, 0], e[:, 0]
        values, bounds = self._function(numpy.exp(a), numpy.exp(a - p), numpy.exp(a + p))
        # Kernels take the largest argument off first, and the difference is rounded.
        reach = numpy.abs(a).max(axis=0, initial=0)
        return values, bounds + (numpy.abs(values) + bounds) * 4 * reach * self.unit

    def _log(self, block: Rows, x: Floats, e: Floats) -> tuple[Floats, Floats]:
        a, p = x[:, 0], e[:, 0]
        values = numpy.where((numpy.abs(a) <= p) & (p > 0), 0, numpy.log(a))
        return self._function(values, numpy.log(a - p), numpy.log(a + p))

    def _sqrt(self, block: Rows, x: Floats, e: Floats) -> tuple[Floats, Floats]:
        a, p = x[:, 0], e[:, 0]
        low = numpy.where(a > 0, numpy.maximum(a - p, 0), a - p)
        values = numpy.where((numpy.abs(a) <= p) & (a < 0), 0, numpy.sqrt(a))
        values, bounds = self._function(values, numpy.sqrt(low), numpy.sqrt(a + p))
        return values, numpy.where((a == 0) & (p == 0), 0, bounds)  # the root of 0 is 0

    def _power(self, block: Rows, x: Floats, e: Floats) -> tuple[Floats, Floats]:
        a, p = x[:, 0], e[:, 0]
        exponent = float(block.data)  # type: ignore[arg-type]
        low = numpy.where(a >= 0, numpy.maximum(a - p, 0), a - p)
        values, spread = self._function(a**exponent, low**exponent, (a + p) ** exponent)
        bounds = spread + numpy.abs(values * numpy.log(numpy.abs(a) + 1e-300)) * (
            FUNCTION_UNITS * self.unit
        )
        return values, numpy.where((a == 0) & (p == 0) & (values == 0), 0, bounds)

    def _sigmoid(self, block: Rows, x: Floats, e: Floats) -> tuple[Floats, Floats]:
        a, p = x[:, 0], e[:, 0]
        low, middle, high = (1 / (1 + numpy.exp(-t)) for t in (a - p, a, a + p))
        return self._function(middle, low, high)

    def _tanh(self, block: Rows, x: Floats, e: Floats) -> tuple[Floats, Floats]:
        a, p = x[:, 0], e[:, 0]
        return self._function(numpy.tanh(a), numpy.tanh(a - p), numpy.tanh(a + p))


def system_values(
    terms: Terms, inputs: torch.Tensor, system: NumberSystem, wanted: Ids
) -> torch.Tensor:
    """Return the values of ``wanted`` in a float or integer system, each operator as torch has it.

    Args:
        terms: The terms.
        inputs: A tensor of the system's dtype, of shape ``(elements, inputs)``.
        system: The number system.
        wanted: The terms asked for, of any shape.

    Returns:
        A tensor of the same dtype and of shape ``(*wanted.shape, inputs)``; truth values are 0, 1.
    """
    values = torch.zeros((terms.size, inputs.shape[1]), dtype=inputs.dtype)
    weights = [float(w) for w in terms.weights]
    for block in terms.blocks:
        if not block.rows or block.operator == "opaque":
            continue
        rows = slice(block.start, block.start + block.rows)
        if block.operator == "variable":
            values[rows] = inputs
        elif block.operator == "constant":
            values[rows] = _element(terms.values[block.start], system)
        else:
            x = values[torch.from_numpy(block.args.astype(numpy.int64))]
            values[rows] = _computed(block, x, weights, system).to(inputs.dtype)
    return values[torch.from_numpy(wanted.astype(numpy.int64))]


def _element(value: Any, system: NumberSystem) -> torch.Tensor:
    if isinstance(value, bool | float):
        return system.tensor([value])
    return system.tensor([system.constant(value)])


def _computed(
    block: Rows, x: torch.Tensor, weights: list[float], system: NumberSystem
) -> torch.Tensor:
    parts = list(x.unbind(1))
    match block.operator:
        case "linear":
            assert block.weights is not None
            total = torch.zeros_like(parts[0])
            rows = block.weights if len(block.weights) > 1 else block.weights[[0]]
            for k, part in enumerate(parts):
                column = torch.tensor([int(weights[w]) for w in rows[:, k]]).to(x.dtype)
                total = total + part * column[:, None]
            return total
        case "max" | "min":
            result = parts[0]
            for part in parts[1:]:
                result = (torch.maximum if block.operator == "max" else torch.minimum)(result, part)
            return result
        case "lt":
            return torch.lt(*parts)
        case "le":
            return torch.le(*parts)
        case "eq":
            return torch.eq(*parts)
        case "div":
            return parts[0] / parts[1]
        case "pick":
            values, keys = x[:, : len(parts) // 2], x[:, len(parts) // 2 :]
            first = (keys == keys.amax(1, keepdim=True)).to(torch.uint8).argmax(1, keepdim=True)
            return values.gather(1, first)[:, 0]
        case "rank":
            values, keys = x[:, : len(parts) // 2], x[:, len(parts) // 2 :]
            order: Any = block.data
            places = keys.sort(dim=1, stable=True, descending=order.descending).indices
            return values.gather(1, places[:, order.rank : order.rank + 1])[:, 0]
        case "not":
            return parts[0] == 0
        case "and":
            return (x != 0).all(1)
        case "or":
            return (x != 0).any(1)
        case "select":
            return torch.where(parts[0] != 0, parts[1], parts[2])
        case "spoiled":
            fine = x[:, 1:].isfinite().all(1)
            return torch.where(fine, parts[0], torch.full_like(parts[0], math.nan))
    return system.tensor_apply(block.operator, parts)
