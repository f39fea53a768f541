"""Two nodes that are equal case by case: where something is 0, and where it is not.

A layer that divides by its largest tap first asks whether that is 0. Where it is, so is each tap,
and both sides are known; where it is not, it is positive, and normal forms cancel it. The facts
that are used, all of real numbers:

1. max aᵢ = 0, and no aᵢ is negative: every aᵢ is 0. max(a, −a) = 0: a is 0.
2. Σ wᵢaᵢ = 0, and no wᵢaᵢ is negative: every aᵢ is 0, as no wᵢ is.
3. a·b = 0: a is 0 if b is positive or negative; else whatever is 0 if a is and if b is, such as
   a, if b is a². a/b = 0: a is 0.
4. aᵖ = 0 for p > 0: a is 0.
5. What is not 0, and not negative, is positive.

Only conditions that are defined at every input of their case are told apart; so each input is in
one case, and nothing that is undefined is left out with the condition.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import Any

from verify.judge.symbols.classes import Vertex
from verify.judge.symbols.definedness import Requirements
from verify.judge.symbols.normal_form import NormalForms, times

#: Graphs of more nodes are not looked at.
LARGEST = 1000
#: So many conditions are told apart, one inside another.
DEEPEST = 4
_ZERO = Vertex("constant", value=0)


def same_by_cases(
    nodes: Sequence[Vertex],
    left: int,
    right: int,
    *,
    never_negative: frozenset[int] = frozenset(),
    not_zero: frozenset[int] = frozenset(),
    depth: int = DEEPEST,
) -> int | None:
    """Return in how many cases two nodes were shown equal over the reals, and alike undefined.

    ``None`` if that cannot be seen.

    Args:
        nodes: The graph.
        left: One of the two.
        right: The other.
        never_negative: Variables of which that is known.
        not_zero: Nodes that are not 0 in this case.
        depth: How many more conditions may be told apart.
    """
    if len(nodes) > LARGEST:
        return None
    normal = NormalForms()
    forms = normal.of(nodes, never_negative=never_negative, not_zero=not_zero)
    if any(forms[node] == () for node in not_zero):
        return 0  # there is no such input
    requirements = Requirements(nodes, forms, normal)
    ours, theirs = requirements.of(left, right)
    if ours is not None and ours == theirs and normal.same_numbers(forms[left], forms[right]):
        return 1
    if not depth:
        return None
    condition = next(_open(nodes, forms), None)
    if condition is None or requirements.of(condition)[0] != frozenset():
        return None
    tested = next(arg for arg in nodes[condition].args if forms[arg] != ())
    zeros = _zeros(nodes, forms, normal, tested)
    total = 0
    for holds in (True, False):
        case = list(nodes)
        case[condition] = Vertex("constant", value=holds)
        if holds:
            for node in zeros:
                case[node] = _ZERO
        found = same_by_cases(
            case, left, right, never_negative=never_negative - (zeros if holds else frozenset()),
            not_zero=not_zero if holds else not_zero | {tested}, depth=depth - 1,
        )  # fmt: skip
        if found is None:
            return None
        total += found
    return total


def _open(nodes: Sequence[Vertex], forms: Sequence[Any]) -> Iterator[int]:
    """Yield the comparisons of a node with 0 that are not decided, those inside first."""
    for number, node in enumerate(nodes):
        if node.operator == "eq" and forms[number] is not None:
            against = [forms[arg] for arg in node.args]
            if against.count(()) == 1 and None not in against and forms[number][1] != ("true",):
                yield number


def _zeros(
    nodes: Sequence[Vertex], forms: Sequence[Any], normal: NormalForms, tested: int
) -> frozenset[int]:
    """Return the nodes that are 0 where one is, by the facts that are stated above."""
    found: list[frozenset[int]] = []
    for number, node in enumerate(nodes[: tested + 1]):
        implied = frozenset({number} if node.operator != "constant" else ())
        found.append(implied | _implied(node, forms, normal, found))
    return found[tested]


def _implied(
    node: Vertex, forms: Sequence[Any], normal: NormalForms, found: Sequence[frozenset[int]]
) -> frozenset[int]:
    """Return what is 0 besides a node where the node is."""

    def sign(arg: int, factor: Fraction = Fraction(1)) -> int | None:
        form = forms[arg]
        return None if form is None else normal.sign(times(form, factor))

    args = node.args
    every = frozenset[int]().union(*(found[arg] for arg in args))
    match node.operator:
        case "max" if all(sign(arg) is not None for arg in args):
            return every
        case "max" if len(args) == 2:
            first, second = (forms[arg] for arg in args)
            if first is not None and second == times(first, Fraction(-1)):
                return every
        case "linear":
            signs = [sign(arg, weight) for arg, weight in zip(args, node.weights, strict=True)]
            if all(node.weights) and None not in signs:
                return every
        case "mul":
            for arg, other in (args, args[::-1]):
                if 1 in (sign(other), sign(other, Fraction(-1))):
                    return found[arg]
            return found[args[0]] & found[args[1]]
        case "div":
            return found[args[0]]
        case "sqrt":
            return every
        case "power":
            exponent: Any = node.data
            return every if exponent > 0 else frozenset()
    return frozenset()
