"""What a graph is where its inputs are in a range: maxima and choices that the range decides.

A maximum that starts at −10⁴, or a clamp far outside, is right in a range and wrong over the reals.
An argument of a maximum that cannot win is left out, and so is the other side of a decided choice.
What stands twice, for it may be rounded in two ways, is one node here: over the reals it is one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from verify.judge.symbols.classes import Pattern, Vertex
from verify.judge.symbols.normal_form import NoNormalFormError, NormalForms
from verify.judge.tolerance.ranges import Ranges
from verify.judge.tolerance.rounding import Interval
from verify.judge.tolerance.signs import signed


def narrowed(pattern: Pattern, variables: Mapping[int, Interval]) -> Pattern:
    """Return a graph with the same values wherever the variables are in their ranges.

    Args:
        pattern: The graph.
        variables: The range of every variable, by its node.
    """
    normal = NormalForms()
    ranges = Ranges(normal, variables)
    forms: list[Any] = []
    known: list[Interval | None] = []
    nodes: list[Vertex] = []
    #: For every node the one that it is.
    is_: list[int] = []
    known_as: dict[Vertex, int] = {}
    for number, given in enumerate(pattern.nodes):
        node = replace(given, args=tuple(is_[a] for a in given.args))
        chosen, node = _decided(node, known, nodes)
        if chosen is None and node.args:
            first = known_as.setdefault(node, number)
            chosen = None if first == number else first
        if chosen is not None:
            is_.append(chosen)
            nodes.append(given)
            forms.append(forms[chosen])
            known.append(known[chosen])
            continue
        is_.append(number)
        nodes.append(node)
        forms.append(_form(normal, number, node, forms))
        form = forms[-1]
        is_number = isinstance(form, tuple) and not (form and isinstance(form[0], bool))
        known.append(ranges.of(form) if is_number else None)
    return _reachable(pattern, nodes, is_[pattern.left], is_[pattern.right])


def _form(normal: NormalForms, number: int, node: Vertex, forms: list[Any]) -> Any:
    args = [forms[a] for a in node.args]
    if any(arg is None for arg in args):
        return None
    try:
        return normal.formed(number, node, args)
    except NoNormalFormError:
        return None


def _decided(
    node: Vertex, known: list[Interval | None], nodes: list[Vertex]
) -> tuple[int | None, Vertex]:
    """Return which of its arguments a node is, or the node without those that never count."""
    args = [known[a] for a in node.args]
    if node.operator in ("max", "min"):
        sure = [a for a in args if a is not None]
        if sure and node.operator == "max":
            least = max(a.low for a in sure)
            # Of those that can be largest one at least is left: the one that is never smaller.
            kept = [n for n, a in zip(node.args, args, strict=True) if a is None or a.high > least]
            first = [n for n, a in zip(node.args, args, strict=True) if a and a.low == least]
        elif sure:
            most = min(a.high for a in sure)
            kept = [n for n, a in zip(node.args, args, strict=True) if a is None or a.low < most]
            first = [n for n, a in zip(node.args, args, strict=True) if a and a.high == most]
        else:
            return None, node
        if not set(first) & set(kept):
            kept = [first[0], *kept]
        if len(kept) == 1:
            return kept[0], node
        return None, replace(node, args=tuple(kept))
    if node.operator in ("lt", "le") and None not in args:
        one, other = args
        assert one is not None
        assert other is not None
        strict = node.operator == "lt"
        if one.high < other.low or (one.high == other.low and not strict):
            return None, Vertex("constant", value=True)
        if other.high < one.low or (other.high == one.low and strict):
            return None, Vertex("constant", value=False)
    again = signed(nodes, node)
    if again is not None:
        x, whole = again
        inside = known[x]
        if not whole or (inside is not None and inside.low >= 0):
            return x, node
    if node.operator == "not" and nodes[node.args[0]].operator == "constant":
        return None, Vertex("constant", value=not nodes[node.args[0]].value)
    if node.operator == "select":
        condition = nodes[node.args[0]]
        if condition.operator == "constant":
            return node.args[1 if condition.value else 2], node
    return None, node


def _reachable(pattern: Pattern, nodes: list[Vertex], left: int, right: int) -> Pattern:
    """Return the part of a graph that two of its nodes are made of."""
    needed: set[int] = set()
    waiting = [left, right]
    while waiting:
        number = waiting.pop()
        if number not in needed:
            needed.add(number)
            waiting.extend(nodes[number].args)
    order = sorted(needed)
    renamed = {old: new for new, old in enumerate(order)}
    kept = tuple(
        replace(nodes[old], args=tuple(renamed[a] for a in nodes[old].args)) for old in order
    )
    elements = {renamed[old]: e for old, e in pattern.elements.items() if old in renamed}
    return Pattern(pattern.places, kept, renamed[left], renamed[right], elements)
