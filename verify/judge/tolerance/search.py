"""Looking for the input on which a module is furthest from the exact value.

Candidates are made worse step by step on one window alone, hundreds at a time, as arrays: the
module's own terms are computed in its dtype, and the reference's as exactly as the machine can.
What counts in the end is a run of the module itself, held against an exact fraction.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from fractions import Fraction
from itertools import product
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy
import torch

from verify.judge.symbols.classes import Pattern, Vertex
from verify.judge.tolerance.rounding import root

if TYPE_CHECKING:
    from numpy.typing import NDArray

#: How many candidates there are at a time, and how often each is changed.
CANDIDATES = 256
ROUNDS = 1200
#: After so many changes the worse quarter goes on from where the best are.
GENERATION = 25


#: On so many candidates the ways to compute sums and quotients are held against the module.
ALIKE = 12

#: Takes the numbers of several windows, returns the module's outputs there.
Run = Callable[[Sequence[Sequence[float]]], Sequence[float]]


class Way(NamedTuple):
    """How kernels may compute what terms leave open."""

    #: Whether by a division, where terms have a product with a fraction.
    quotients: bool
    #: Whether sums are taken in a wider dtype and rounded once.
    wide: bool


WAYS = tuple(Way(*choices) for choices in product((False, True), repeat=2))


def candidates(
    pattern: Pattern,
    limits: Sequence[tuple[float, float]],
    dtype: torch.dtype,
    *,
    run: Run,
    until: float = math.inf,
    executed: bool = False,
    seed: int = 0,
) -> list[list[float]]:
    """Return inputs of one window on which the error is large, the worst first.

    Args:
        pattern: The window's graph.
        limits: The range of every variable, in the order of ``pattern.variables``.
        dtype: In which is computed.
        run: What the module itself makes of candidates.
        until: When to stop at the latest, on the clock of :func:`time.process_time`.
        executed: Whether the right side is computed in the dtype as well.
        seed: For the generator.
    """
    generator = numpy.random.default_rng(seed)
    low, high = (numpy.array(ends, float)[:, None] for ends in zip(*limits, strict=True))
    climb = _Climb(pattern, low, high, dtype, executed, generator)
    x = climb.first(CANDIDATES)
    climb.way = likeliest(pattern, x[:, :ALIKE], dtype, run)
    score = climb.errors(x)
    for number in range(ROUNDS):
        tried = climb.changed(x)
        new = climb.errors(tried)
        # Errors jump: what is no worse is a step on the way to what is better.
        kept = new >= score
        x[:, kept], score[kept] = tried[:, kept], new[kept]
        if number % GENERATION == GENERATION - 1:
            order = numpy.argsort(-score, kind="stable")
            x, score = x[:, order], score[order]
            few = len(score) // 4
            x[:, -few:], score[-few:] = x[:, :few], score[:few]
            if time.process_time() > until:
                break
    order = numpy.argsort(-score, kind="stable")
    seen: dict[bytes, list[float]] = {}
    for place in order:
        seen.setdefault(x[:, place].tobytes(), x[:, place].tolist())
    return list(seen.values())


class _Climb:
    def __init__(
        self,
        pattern: Pattern,
        low: NDArray[Any],
        high: NDArray[Any],
        dtype: torch.dtype,
        executed: bool,
        generator: numpy.random.Generator,
    ) -> None:
        self.pattern = pattern
        self.low, self.high = low, high
        self.dtype = dtype
        self.executed = executed
        self.way = WAYS[0]
        self.random = generator
        info = torch.finfo(dtype)
        self.unit, self.smallest = info.eps / 2, info.tiny * info.eps
        self.digits = round(-math.log2(self.unit))

    def rounded(self, x: NDArray[Any]) -> NDArray[Any]:
        """Return numbers of the dtype, inside the range."""
        inside = numpy.clip(x, self.low, self.high)
        made: NDArray[Any] = torch.from_numpy(inside).to(self.dtype).double().numpy()
        made = numpy.clip(made, self.low, self.high)
        return made

    def first(self, count: int) -> NDArray[Any]:
        """Return candidates to begin with: anywhere in the range, at its ends, of all sizes."""
        shape = (len(self.low), count)
        anywhere = self.low + (self.high - self.low) * self.random.random(shape)
        reach = numpy.maximum(abs(self.low), abs(self.high))
        sizes = reach * numpy.exp2(-self.random.integers(0, 16, shape).astype(float))
        sizes *= 1 + self.unit * self.random.integers(-3, 4, shape)
        sizes *= self.random.choice([-1.0, 1.0], shape)
        ends = numpy.where(self.random.random(shape) < 0.5, self.low, self.high)
        ends -= numpy.sign(ends) * self.unit * reach * self.random.integers(0, 8, shape)
        kind = self.random.random(shape)
        made = numpy.where(kind < 0.4, anywhere, numpy.where(kind < 0.7, sizes, ends))
        return self.rounded(made)

    def changed(self, x: NDArray[Any]) -> NDArray[Any]:
        """Return candidates of which one or two elements are others, mostly close by."""
        made = x.copy()
        count = x.shape[1]
        everyone = numpy.arange(count)
        for share in (1.0, 0.3):
            place = self.random.integers(0, len(x), (count,))
            old = made[place, everyone]
            gaps = numpy.maximum(abs(old) * self.unit * 2, self.smallest)
            steps = self.random.integers(-3, 4, (count,)) * numpy.exp2(
                self.random.integers(0, self.digits, (count,))
            )
            moved = old + steps * gaps
            fresh = self.first(count)[place, everyone]
            new: NDArray[Any] = numpy.where(self.random.random((count,)) < 0.85, moved, fresh)
            chosen = self.random.random((count,)) < share
            made[place[chosen], everyone[chosen]] = new[chosen]
        return self.rounded(made)

    def errors(self, x: NDArray[Any]) -> NDArray[Any]:
        """Return how far what is computed is from what is meant."""
        rough = torch.from_numpy(x).to(self.dtype)
        mine = computed(self.pattern, self.pattern.left, list(rough), self.way)
        mine_ = mine.double().numpy().astype(numpy.longdouble)
        if self.executed:
            other = computed(self.pattern, self.pattern.right, list(rough), self.way)
            exact = other.double().numpy().astype(numpy.longdouble)
        else:
            exact = precise(self.pattern, self.pattern.right, list(x.astype(numpy.longdouble)))
        with numpy.errstate(invalid="ignore"):
            found: NDArray[Any] = numpy.abs(mine_ - exact).astype(float)
        return numpy.where(numpy.isnan(found), -1.0, found)


def likeliest(pattern: Pattern, x: NDArray[Any], dtype: torch.dtype, run: Run) -> Way:
    """Return the way to compute that agrees with the module on most candidates."""
    actual = numpy.array(run(x.T.tolist()))
    rough = list(torch.from_numpy(x).to(dtype))

    def agreeing(way: Way) -> int:
        made = computed(pattern, pattern.left, rough, way).double().numpy()
        return int((made == actual).sum())

    return max(WAYS, key=agreeing)


def computed(
    pattern: Pattern, end: int, inputs: Sequence[torch.Tensor], way: Way = WAYS[0]
) -> torch.Tensor:
    """Return a node as torch computes it, one operator after the other."""
    like = inputs[0] if inputs else torch.zeros(1)
    variables = dict(zip(pattern.variables, inputs, strict=True))
    values: list[Any] = []
    for number, node in enumerate(pattern.nodes[: end + 1]):
        args = [values[a] for a in node.args]
        values.append(variables[number] if number in variables else _torch(node, args, like, way))
    result: torch.Tensor = values[end]
    return result


def _torch(node: Vertex, args: list[Any], like: torch.Tensor, way: Way) -> Any:
    match node.operator:
        case "constant":
            if isinstance(node.value, bool):
                return torch.full_like(like, node.value, dtype=torch.bool)
            assert node.value is not None
            return torch.full_like(like, float(node.value))
        case "linear":
            return _summed(args, node.weights, like, way)
        case "max":
            return _reduced(torch.maximum, args)
        case "min":
            return _reduced(torch.minimum, args)
        case "mul":
            return args[0] * args[1]
        case "div":
            return args[0] / args[1]
        case "sqrt":
            return args[0].sqrt()
        case "select":
            return torch.where(args[0], args[1], args[2])
        case "lt":
            return args[0] < args[1]
        case "le":
            return args[0] <= args[1]
        case "eq":
            return args[0] == args[1]
        case "not":
            return ~args[0]
        case "and":
            return _reduced(torch.logical_and, args)
        case "or":
            return _reduced(torch.logical_or, args)
    raise NotImplementedError(node.operator)


def _summed(
    args: list[torch.Tensor], weights: Sequence[Fraction], like: torch.Tensor, way: Way
) -> torch.Tensor:
    wide = torch.float64 if like.dtype.itemsize > 2 else torch.float32
    dtype = wide if way.wide else like.dtype
    sizes = {abs(w) for w in weights}
    scale = sizes.pop() if len(sizes) == 1 and way.quotients else Fraction(1)
    total: torch.Tensor | None = None
    for arg, weight in zip(args, weights, strict=True):
        part, factor = arg.to(dtype), abs(weight / scale)
        if factor != 1:
            part = part * torch.tensor(float(factor), dtype=like.dtype).to(dtype)
        if total is None:
            total = part if weight > 0 else -part
        else:
            total = total + part if weight > 0 else total - part
    assert total is not None
    if scale != 1:
        total = total / float(1 / scale)
    return total.to(like.dtype)


def _reduced(join: Any, args: list[Any]) -> Any:
    result = args[0]
    for arg in args[1:]:
        result = join(result, arg)
    return result


def precise(pattern: Pattern, end: int, inputs: Sequence[Any]) -> Any:
    """Return a node in the arithmetic of its inputs: fractions, or arrays of a wide format."""
    variables = dict(zip(pattern.variables, inputs, strict=True))
    values: list[Any] = []
    for number, node in enumerate(pattern.nodes[: end + 1]):
        args = [values[a] for a in node.args]
        values.append(variables[number] if number in variables else _precise(node, args, inputs))
    return values[end]


def _precise(node: Vertex, args: list[Any], inputs: Sequence[Any]) -> Any:
    arrays = bool(inputs) and isinstance(inputs[0], numpy.ndarray)
    match node.operator:
        case "constant":
            value = node.value
            if arrays and not isinstance(value, bool):
                held = _wide(value)
                return numpy.full(inputs[0].shape, held, numpy.longdouble)
            return numpy.full(inputs[0].shape, value) if arrays else value
        case "linear":
            total: Any = 0
            for arg, weight in zip(args, node.weights, strict=True):
                total = total + (arg * _wide(weight) if arrays else arg * weight)
            return total
        case "max":
            return _reduced(numpy.maximum if arrays else max, args)
        case "min":
            return _reduced(numpy.minimum if arrays else min, args)
        case "mul":
            return args[0] * args[1]
        case "div":
            return args[0] / args[1]
        case "sqrt":
            # Of a fraction it is one within 2^−100.
            return numpy.sqrt(args[0]) if arrays else root(args[0], up=False)
        case "select":
            if arrays:
                return numpy.where(args[0], args[1], args[2])
            return args[1] if args[0] else args[2]
        case "lt":
            return args[0] < args[1]
        case "le":
            return args[0] <= args[1]
        case "eq":
            return args[0] == args[1]
        case "not":
            return ~args[0] if arrays else not args[0]
        case "and":
            return _reduced(numpy.logical_and, args) if arrays else all(args)
        case "or":
            return _reduced(numpy.logical_or, args) if arrays else any(args)
    raise NotImplementedError(node.operator)


def _wide(value: Any) -> Any:
    """Return a number in the widest format there is."""
    if isinstance(value, float) and not math.isfinite(value):
        return numpy.longdouble(value)
    number = Fraction(value)
    return numpy.longdouble(number.numerator) / numpy.longdouble(number.denominator)
