"""What a kind of window computes on both sides, as formulas that solvers are asked about.

Over the reals and the integers they are Z3's own, apart from the terms of the project, because a
condition is searched for with what only Z3 does, bounds by optimisation among them, and so that
both are written twice. In a float format they are the terms of the project, which several solvers
read.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from functools import cached_property, reduce
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from proofs.systems import SYSTEMS
from proofs.systems.integers import WrapAround
from proofs.systems.number_system import NumberSystem, UnsupportedError
from verify.judge.conditions.whole import of_whole_inputs
from verify.judge.symbols.classes import Pattern, Vertex

if TYPE_CHECKING:
    from verify.judge.conditions.given import Given


#: Values of variables, by the numbers of their nodes.
Values: TypeAlias = dict[int, Fraction | int | float]


class Formulas(ABC):
    """Both sides of a kind, and what can be said of them.

    Attributes:
        kind: The kind.
        left: What the module computes.
        right: What the reference computes.
        of: The formula of every variable's node, by the node's number.
        taps: The nodes that are taps: variables that the reference reads, or else all.
        given: What holds of every variable.
    """

    kind: Pattern
    left: Any
    right: Any
    of: Mapping[int, Any]
    taps: Sequence[int]
    given: Sequence[Any]

    @property
    def differ(self) -> Any:
        """That both sides differ."""
        return self.no(self.same(self.left, self.right))

    def tap(self) -> list[Any]:
        """Return the formulas of the taps."""
        return [self.of[tap] for tap in self.taps]

    def largest(self, values: Sequence[Any]) -> Any:
        """Return the maximum."""
        return reduce(self._larger, values)

    def smallest(self, values: Sequence[Any]) -> Any:
        """Return the minimum."""
        return reduce(self._smaller, values)

    def _read(self, end: int) -> list[int]:
        """Return the variables below a node."""
        reached, waiting = set(), [end]
        while waiting:
            node = waiting.pop()
            if node not in reached:
                reached.add(node)
                waiting.extend(self.kind.nodes[node].args)
        return [node for node in self.kind.elements if node in reached]

    @abstractmethod
    def number(self, value: int | Fraction) -> Any:
        """Return a number."""

    @abstractmethod
    def least(self, a: Any, b: Any) -> Any:
        """Return a ≤ b."""

    @abstractmethod
    def below(self, a: Any, b: Any) -> Any:
        """Return a < b."""

    @abstractmethod
    def same(self, a: Any, b: Any) -> Any:
        """Return a = b."""

    @abstractmethod
    def whole(self, a: Any) -> Any:
        """Return that a number is whole."""

    @abstractmethod
    def all(self, formulas: Sequence[Any]) -> Any:
        """Return that all hold."""

    @abstractmethod
    def no(self, formula: Any) -> Any:
        """Return that a formula does not hold."""

    @abstractmethod
    def _larger(self, a: Any, b: Any) -> Any: ...

    @abstractmethod
    def _smaller(self, a: Any, b: Any) -> Any: ...

    @abstractmethod
    def values(self, formulas: Sequence[Any], milliseconds: int) -> Values | Literal[False] | None:
        """Return values of the variables at which formulas hold, and what is given.

        ``False`` if there are none, ``None`` if that is not found out.
        """


class ExactFormulas(Formulas):
    """Both sides of a kind over the reals, or over integers that wrap around."""

    def __init__(self, kind: Pattern, system: NumberSystem, given: Given | None = None) -> None:
        import z3

        self.z3: Any = z3
        self.kind = kind
        self.bits = system.bits if isinstance(system, WrapAround) else None
        if self.bits is None and system.name != "real":
            raise UnsupportedError(f"conditions in {system.name}")
        self.signed = not system.name.startswith("uint")
        written: list[Any] = []
        for number, node in enumerate(kind.nodes):
            written.append(self._written(number, node, [written[a] for a in node.args]))
        self.left, self.right = written[kind.left], written[kind.right]
        self.of = dict(enumerate(written))
        for side in (self.left, self.right):
            if isinstance(side, float):
                raise UnsupportedError("an output that is infinite")
        if z3.is_bool(self.left) or z3.is_bool(self.right):
            self.left, self.right = self._truth(self.left), self._truth(self.right)
        self.taps = self._read(kind.right) or [*kind.elements]
        self.given = [] if given is None else [
            formula for node in kind.elements for formula in self._given(given, self.of[node])
        ]  # fmt: skip

    @cached_property
    def over_the_reals(self) -> ExactFormulas:
        """Both sides where nothing wraps around."""
        return ExactFormulas(self.kind, SYSTEMS["real"])

    @cached_property
    def of_whole_inputs(self) -> ExactFormulas:
        """Both sides over the reals if every element is whole, without needless roundings."""
        return ExactFormulas(of_whole_inputs(self.kind), SYSTEMS["real"])

    def _given(self, given: Given, x: Any) -> Iterator[Any]:
        if given.low is not None:
            low = self.number(given.low if self.bits is None else math.ceil(given.low))
            strict = given.above and (self.bits is None or given.low.denominator == 1)
            yield self.below(low, x) if strict else self.least(low, x)
        if given.high is not None:
            high = self.number(given.high if self.bits is None else math.floor(given.high))
            strict = given.below and (self.bits is None or given.high.denominator == 1)
            yield self.below(x, high) if strict else self.least(x, high)
        if given.whole and self.bits is None:
            yield self.z3.IsInt(x)

    def number(self, value: int | Fraction) -> Any:
        """Return a number."""
        if self.bits is None:
            return self.z3.RealVal(str(Fraction(value)))
        return self.z3.BitVecVal(int(value), self.bits)

    def least(self, a: Any, b: Any) -> Any:
        """Return a ≤ b."""
        return a <= b if self.bits is None or self.signed else self.z3.ULE(a, b)

    def below(self, a: Any, b: Any) -> Any:
        """Return a < b."""
        return a < b if self.bits is None or self.signed else self.z3.ULT(a, b)

    def same(self, a: Any, b: Any) -> Any:
        """Return a = b."""
        return a == b

    def whole(self, a: Any) -> Any:
        """Return that a number is whole."""
        return self.z3.IsInt(a) if self.bits is None else self.z3.BoolVal(True)

    def all(self, formulas: Sequence[Any]) -> Any:
        """Return that all hold."""
        return self.z3.And(*formulas)

    def no(self, formula: Any) -> Any:
        """Return that a formula does not hold."""
        return self.z3.Not(formula)

    def values(self, formulas: Sequence[Any], milliseconds: int) -> Values | Literal[False] | None:
        """Return values of the variables at which formulas hold; see the base."""
        solver = self.z3.Solver()
        solver.set("timeout", milliseconds)
        solver.add(*formulas, *self.given)
        said = solver.check()
        if said == self.z3.unsat:
            return False
        if said != self.z3.sat:
            return None
        model = solver.model()
        return {
            node: self._value(model.eval(self.of[node], model_completion=True))
            for node in self.kind.elements
        }

    def _value(self, found: Any) -> Fraction | int:
        if self.bits is None:
            # An algebraic number is rounded: whether it is wrong there is seen by running it.
            return (
                Fraction(found.as_fraction()) if self.z3.is_rational_value(found) else Fraction(0)
            )
        return int(found.as_signed_long() if self.signed else found.as_long())

    def _larger(self, a: Any, b: Any) -> Any:
        return self.z3.If(self.least(a, b), b, a)

    def _smaller(self, a: Any, b: Any) -> Any:
        return self.z3.If(self.least(a, b), a, b)

    def _truth(self, side: Any) -> Any:
        return self.z3.If(side, self.number(1), self.number(0))

    def _written(self, number: int, node: Vertex, args: list[Any]) -> Any:
        z3 = self.z3
        if node.operator == "variable":
            name = f"x{number}"
            return z3.Real(name) if self.bits is None else z3.BitVec(name, self.bits)
        if node.operator == "constant":
            value = node.value
            if isinstance(value, bool):
                return z3.BoolVal(value)
            if isinstance(value, float) and not math.isfinite(value):
                return value
            assert value is not None
            return self.number(Fraction(value))
        if node.operator in ("max", "min"):
            endless = -math.inf if node.operator == "max" else math.inf
            kept = [a for a in args if not (isinstance(a, float) and a == endless)]
            if not kept or any(isinstance(a, float) for a in kept):
                raise UnsupportedError("an infinity that is chosen")
            return self.largest(kept) if node.operator == "max" else self.smallest(kept)
        if any(isinstance(a, float) for a in args):
            raise UnsupportedError("arithmetic with an infinity")
        match node.operator, args:
            case "linear", _:
                return self._sum(args, node.weights)
            case "add", (a, b):
                return a + b
            case "sub", (a, b):
                return a - b
            case "mul", (a, b):
                return a * b
            case "div", (a, b) if z3.is_rational_value(b) and b.as_fraction() != 0:
                return a / b
            case "neg", (a,):
                return -a
            case "abs", (a,):
                return z3.If(self.below(a, self.number(0)), -a, a)
            case "lt", (a, b):
                return self.below(a, b)
            case "le", (a, b):
                return self.least(a, b)
            case "eq", (a, b):
                return a == b
            case "not", (a,):
                return z3.Not(a)
            case "and", _:
                return z3.And(*args)
            case "or", _:
                return z3.Or(*args)
            case "select", (c, a, b):
                return z3.If(c, a, b)
            case "floor", (a,) if self.bits is None:
                return z3.ToReal(z3.ToInt(a))
            case "round", (a,) if self.bits is None:
                half = self.number(Fraction(1, 2))
                near = z3.ToReal(z3.ToInt(a + half))
                odd = z3.Not(z3.IsInt(near * half))
                return z3.If(z3.And(near == a + half, odd), near - 1, near)
            case "pick", _:
                half = len(args) // 2
                best, chosen = args[half], args[0]
                for key, value in zip(args[half + 1 :], args[1:half], strict=True):
                    chosen = z3.If(self.below(best, key), value, chosen)
                    best = self.largest([best, key])
                return chosen
        raise UnsupportedError(f"{node.operator} in a condition")

    def _sum(self, args: list[Any], weights: Sequence[Fraction]) -> Any:
        if self.bits is not None and any(weight.denominator != 1 for weight in weights):
            raise UnsupportedError("fractions of integers")
        parts = [arg * self.number(weight) for arg, weight in zip(args, weights, strict=True)]
        total = parts[0] if parts else self.number(0)
        for part in parts[1:]:
            total = total + part
        return total
