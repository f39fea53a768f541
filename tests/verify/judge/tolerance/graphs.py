"""Small expressions as graphs, and what every order of their sums makes of them in any format."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from typing import Any

import numpy

from proofs.averages.sum_error_bound import bracketings
from proofs.systems.floats import FloatFormat
from verify.judge.symbols.classes import Pattern, Vertex, kinds
from verify.judge.symbols.terms import Terms
from verify.judge.tolerance.algebra import RoundedReals
from verify.judge.tolerance.bounds import Bound, Bounds
from verify.judge.tolerance.rounding import Interval

#: A format with 7 bits, in which all pairs are few, and one with 8.
TINY = FloatFormat("tiny", exponent_bits=4, precision=3)
SMALL = FloatFormat("small", exponent_bits=4, precision=4)


class Graph:
    """Terms of an expression in the elements of one input, written with Python's operators."""

    def __init__(self, count: int, system: FloatFormat) -> None:
        self.terms = Terms(count)
        self.algebra = RoundedReals(self.terms, system)
        self.inputs = [Element(self, int(t)) for t in self.terms.variables]

    def total(self, elements: Sequence[Element], factor: Fraction = Fraction(1)) -> Element:
        """Return a sum in any order, times a number."""
        row = numpy.array([[e.term for e in elements]], numpy.int32)
        return Element(self, int(self.algebra.total(row, factor)[0]))

    def weighted(self, elements: Sequence[Element], weights: Sequence[Fraction]) -> Element:
        """Return a sum in any order of numbers times elements."""
        row = numpy.array([[e.term for e in elements]], numpy.int32)
        return Element(self, int(self.algebra.linear(row, weights)[0]))


class Element:
    """A term of a graph."""

    def __init__(self, graph: Graph, term: int) -> None:
        self.graph, self.term = graph, term

    def _made(self, ids: Any) -> Element:
        return Element(self.graph, int(numpy.asarray(ids).reshape(())))

    def _term(self, other: Any) -> int:
        return other.term if isinstance(other, Element) else self.graph.algebra.constant(other)

    def __add__(self, other: Any) -> Element:
        return self._made(self.graph.algebra.add(self.term, self._term(other)))

    def __sub__(self, other: Any) -> Element:
        return self._made(self.graph.algebra.add(self.term, self._term(other), Fraction(-1)))

    def __mul__(self, other: Any) -> Element:
        return self._made(self.graph.algebra.multiply(self.term, self._term(other)))

    def __neg__(self) -> Element:
        return self._made(self.graph.algebra.negative(numpy.array(self.term, numpy.int32)))

    def __abs__(self) -> Element:
        return self._made(self.graph.algebra.absolute(numpy.array(self.term, numpy.int32)))

    def relu(self) -> Element:
        """Return the larger of it and 0."""
        return self._made(self.graph.algebra.relu(self.term))


Expression = Callable[..., Element]


def pattern_of(expression: Expression, count: int, system: FloatFormat) -> Pattern:
    """Return the graph of an expression; both its ends are the same."""
    graph = Graph(count, system)
    ids = numpy.array([expression(*graph.inputs).term], numpy.int32)
    (found,) = kinds(graph.terms, ids, ids)
    return found


def bound_of(pattern: Pattern, ranges: Interval, system: FloatFormat) -> Bound:
    """Return the bound on what is computed, all inputs in one range."""

    def reading(meant: Fraction) -> Fraction:
        return abs(Fraction(system.rounded(meant)) - meant) if meant else Fraction(0)

    bounds = Bounds(pattern, dict.fromkeys(pattern.elements, ranges), system, reading)
    return bounds.distance(pattern.left, pattern.right, executed=False)


def floats_between(low: Fraction, high: Fraction, system: FloatFormat) -> list[float]:
    """Return all numbers of a small format in a range."""
    every = {system.from_bits(bits) for bits in range(1 << system.bits)}
    return sorted(x for x in every if system.finite(x) and low <= Fraction(x) <= high)


def results(
    pattern: Pattern, inputs: Sequence[float], system: FloatFormat, *, fused: bool = False
) -> Iterator[float]:
    """Yield what an expression may be computed to: its sums in every order, fused or not."""
    sums = [len(n.args) for n in pattern.nodes if n.operator == "linear" and len(n.args) > 2]
    for orders in itertools.product(*(list(bracketings(0, count)) for count in sums)):
        yield _computed(pattern, inputs, system, list(orders), fused)


def _computed(
    pattern: Pattern, inputs: Sequence[float], system: FloatFormat, orders: list[Any], fused: bool
) -> float:
    given = dict(zip(pattern.elements, inputs, strict=True))
    values: list[float] = []
    for number, node in enumerate(pattern.nodes):
        args = [values[a] for a in node.args]
        if number in given:
            values.append(given[number])
        elif node.operator == "constant":
            assert node.value is not None
            values.append(float(system.rounded(Fraction(node.value))) if node.value else 0.0)
        elif node.operator == "max":
            values.append(max(args))
        elif node.operator == "linear":
            order = orders.pop(0) if len(args) > 2 else ((0, 1) if len(args) == 2 else 0)
            values.append(_summed(node, args, order, system, fused))
        else:
            values.append(system.operation(node.operator)(*args))
    return values[pattern.left]


def _summed(
    node: Vertex, args: Sequence[float], order: Any, system: FloatFormat, fused: bool
) -> float:
    weights = [system.rounded(w) for w in node.weights]

    def product_of(i: int) -> float:
        return system.operation("mul")(weights[i], args[i])

    def part(tree: Any) -> float:
        if isinstance(tree, int):
            return product_of(tree)
        left, right = tree
        if fused and isinstance(right, int):
            exact = Fraction(part(left)) + Fraction(weights[right]) * Fraction(args[right])
            return float(system.rounded(exact)) if exact else 0.0
        return system.operation("add")(part(left), part(right))

    return part(order)


def exact_value(pattern: Pattern, inputs: Sequence[float]) -> Fraction:
    """Return the exact value of an expression."""
    given = dict(zip(pattern.elements, inputs, strict=True))
    values: list[Fraction] = []
    for number, node in enumerate(pattern.nodes):
        args = [values[a] for a in node.args]
        match node.operator:
            case "constant":
                assert node.value is not None
                values.append(Fraction(node.value))
            case "max":
                values.append(max(args))
            case "linear":
                values.append(sum((w * a for w, a in zip(node.weights, args, strict=True)),
                                  start=Fraction(0)))  # fmt: skip
            case "mul":
                values.append(args[0] * args[1])
            case "div":
                values.append(args[0] / args[1])
            case _:
                values.append(Fraction(given[number]))
    return values[pattern.left]
