"""What follows if every element of the input is a whole number: rounding to one changes nothing."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

from verify.judge.symbols.classes import Pattern, Vertex


def of_whole_inputs(kind: Pattern) -> Pattern:
    """Return a kind over the reals without the steps that whole inputs make needless.

    A floor, or a rounding to whole numbers, of a node that is a whole number is that node.
    """
    whole: list[bool] = []
    nodes: list[Vertex] = []
    for node in kind.nodes:
        args = [whole[arg] for arg in node.args]
        if node.operator in ("floor", "round") and args == [True]:
            node = Vertex("linear", node.args, (Fraction(1),))
        nodes.append(node)
        whole.append(_is_whole(node, args))
    return replace(kind, nodes=tuple(nodes))


def _is_whole(node: Vertex, args: list[bool]) -> bool:
    match node.operator:
        case "variable" | "floor" | "round":
            return True
        case "constant":
            return isinstance(node.value, int)
        case "linear":
            return all(args) and all(weight.denominator == 1 for weight in node.weights)
        case "max" | "min" | "add" | "sub" | "mul" | "neg" | "abs":
            return all(args)
        case "select":
            return all(args[1:])
        case "pick" | "rank":
            return all(args[: len(args) // 2])
    return False
