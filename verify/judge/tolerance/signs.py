"""Products of a sign and a magnitude, which are their number again and round nothing.

``torch.nn.functional.lp_pool2d`` takes the root of sign(x)·relu(|x|), where x is what was computed.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from verify.judge.symbols.classes import Vertex


def signed(nodes: Sequence[Vertex], node: Vertex) -> tuple[int, bool] | None:
    """Return x of a node that is sign(x)·|x|, and whether it is 0 of what is below 0.

    Args:
        nodes: The graph.
        node: One of its nodes.
    """
    if node.operator != "mul":
        return None
    for sign, size in (node.args, node.args[::-1]):
        for x, whole in ((_positive(nodes, sign), True), (_sign(nodes, sign), False)):
            if x is None:
                continue
            if whole and size == x:
                return x, True
            if _is_magnitude(nodes, size, x):
                return x, whole
    return None


def _value(nodes: Sequence[Vertex], number: int) -> object:
    node = nodes[number]
    return node.value if node.operator == "constant" else None


def _positive(nodes: Sequence[Vertex], number: int) -> int | None:
    """Return x of a node that is 1 where x is above 0, and 0 elsewhere."""
    node = nodes[number]
    if node.operator != "select" or nodes[node.args[0]].operator != "lt":
        return None
    (low, x), one, other = nodes[node.args[0]].args, node.args[1], node.args[2]
    known = _value(nodes, low) == 0 and _value(nodes, one) == 1 and _value(nodes, other) == 0
    return x if known else None


def _sign(nodes: Sequence[Vertex], number: int) -> int | None:
    """Return x of a node that is 1 where x is above 0, −1 where it is below, and 0 at 0."""
    node = nodes[number]
    if node.operator != "select" or nodes[node.args[0]].operator != "lt":
        return None
    (low, x), one, other = nodes[node.args[0]].args, node.args[1], nodes[node.args[2]]
    if other.operator != "select" or nodes[other.args[0]].operator != "lt":
        return None
    known = (
        _value(nodes, low) == 0
        and _value(nodes, one) == 1
        and nodes[other.args[0]].args[0] == x
        and _value(nodes, nodes[other.args[0]].args[1]) == 0
        and [_value(nodes, a) for a in other.args[1:]] == [-1, 0]
    )
    return x if known else None


def _is_magnitude(nodes: Sequence[Vertex], number: int, x: int) -> bool:
    """Say whether a node is |x|, perhaps through a ReLU."""
    node = nodes[number]
    if node.operator != "max" or len(node.args) != 2:
        return False
    for one, other in (node.args, node.args[::-1]):
        if _value(nodes, one) == 0 and _is_magnitude(nodes, other, x):
            return True
        negated = nodes[other]
        if one == x and negated.operator == "linear" and negated.args == (x,):
            return negated.weights == (Fraction(-1),)
    return False
