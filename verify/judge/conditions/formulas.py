"""What a kind of window computes on both sides, as formulas of Z3.

Apart from the terms for solvers because a condition is searched for with what only Z3 does, bounds
by optimisation among them, and so that both are written twice.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from proofs.systems.integers import WrapAround
from proofs.systems.number_system import NumberSystem, UnsupportedError
from verify.judge.symbols.classes import Pattern, Vertex

if TYPE_CHECKING:
    from verify.judge.conditions.given import Given


class Formulas:
    """Both sides of a kind over the reals, or over integers that wrap around."""

    def __init__(self, kind: Pattern, system: NumberSystem, given: Given | None = None) -> None:
        import z3

        self.z3: Any = z3
        self.kind = kind
        self.bits = system.bits if isinstance(system, WrapAround) else None
        if self.bits is None and system.name != "real":
            raise UnsupportedError(f"conditions in {system.name}")
        self.signed = not system.name.startswith("uint")
        #: The formula of every node, by number.
        self.of: list[Any] = []
        for number, node in enumerate(kind.nodes):
            self.of.append(self._written(number, node, [self.of[a] for a in node.args]))
        self.left, self.right = self.of[kind.left], self.of[kind.right]
        for side in (self.left, self.right):
            if isinstance(side, float):
                raise UnsupportedError("an output that is infinite")
        if z3.is_bool(self.left) or z3.is_bool(self.right):
            self.left, self.right = self._truth(self.left), self._truth(self.right)
        #: The nodes that are taps: variables that the reference reads, or else all.
        self.taps = self._read(kind.right) or [*kind.elements]
        #: What holds of every variable.
        self.given = [] if given is None else [
            formula for node in kind.elements for formula in self._given(given, self.of[node])
        ]  # fmt: skip

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

    @property
    def differ(self) -> Any:
        """That both sides differ."""
        return self.left != self.right

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

    def largest(self, values: Sequence[Any]) -> Any:
        """Return the maximum."""
        best = values[0]
        for value in values[1:]:
            best = self.z3.If(self.least(best, value), value, best)
        return best

    def smallest(self, values: Sequence[Any]) -> Any:
        """Return the minimum."""
        best = values[0]
        for value in values[1:]:
            best = self.z3.If(self.least(best, value), best, value)
        return best

    def _truth(self, side: Any) -> Any:
        return self.z3.If(side, self.number(1), self.number(0))

    def _read(self, end: int) -> list[int]:
        """Return the variables below a node."""
        reached, waiting = set(), [end]
        while waiting:
            node = waiting.pop()
            if node not in reached:
                reached.add(node)
                waiting.extend(self.kind.nodes[node].args)
        return [node for node in self.kind.elements if node in reached]

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
