"""Output elements that are one and the same statement, but for where their variables stand.

Both sides' outputs are walked in lockstep, from the outputs to the input, all places at once. Where
operators, weights, constants or the sharing of subterms differ, the places part; what is left
together is one statement about one graph of nodes, to be proved once. Nothing is assumed alike:
every place is looked at, as arrays.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy

from verify.judge.symbols.terms import Ids, Terms, Value, rows_of

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True)
class Vertex:
    """One node of a graph that many places share."""

    operator: str
    #: The numbers of its arguments, which come before it.
    args: tuple[int, ...] = ()
    weights: tuple[Fraction, ...] = ()
    data: Hashable = None
    value: Value | None = None


@dataclass(frozen=True)
class Pattern:
    """Places with one graph: two of its nodes are to be shown equal."""

    #: Flat places in the output.
    places: NDArray[Any]
    nodes: tuple[Vertex, ...]
    left: int
    right: int
    #: For every node that is a variable, the elements of the input that it is at the places.
    elements: dict[int, NDArray[Any]]

    @property
    def variables(self) -> dict[int, int]:
        """For every node that is a variable, the element that it is at the first place."""
        return {node: int(elements[0]) for node, elements in self.elements.items()}

    def depends_on(self, end: int) -> set[int]:
        """Return the variables of which a node is made."""
        made_of = {end}
        for number in range(end, -1, -1):
            if number in made_of:
                made_of.update(self.nodes[number].args)
        return made_of & self.elements.keys()


class _Split(Exception):  # noqa: N818 - it is no error
    """Places turn out to be of several kinds; the argument tells which is of which."""


def kinds(terms: Terms, left: Ids, right: Ids, labels: NDArray[Any] | None = None) -> list[Pattern]:
    """Return the kinds of places, in the order of their first ones.

    Args:
        terms: The terms.
        left: One side's outputs.
        right: The other's.
        labels: For every element of the input what it must have in common with those that stand
            for it at other places of a kind; nothing without it.
    """
    left, right = left.reshape(-1), right.reshape(-1)
    waiting = [numpy.arange(len(left))]
    found = []
    while waiting:
        places = waiting.pop()
        if not len(places):
            continue
        try:
            found.append(_kind(terms, places, left[places], right[places], labels))
        except _Split as apart:
            apart_as = apart.args[0]
            waiting.extend(places[apart_as == label] for label in numpy.unique(apart_as))
    return sorted(found, key=lambda kind: int(kind.places[0]))


def _kind(
    terms: Terms, places: NDArray[Any], left: Ids, right: Ids, labels: NDArray[Any] | None
) -> Pattern:
    """Return the one kind of all places, or raise :class:`_Split`."""
    numbers: dict[int, int] = {}
    columns: list[Ids] = []
    waiting: list[int] = []

    def number(column: Ids) -> int:
        first = int(column[0])
        if first in numbers:
            same = columns[numbers[first]] == column
            if not same.all():
                raise _Split(same)
            return numbers[first]
        numbers[first] = len(columns)
        columns.append(column)
        waiting.append(numbers[first])
        return numbers[first]

    ends = number(left), number(right)
    read: dict[int, Vertex] = {}
    variables: dict[int, NDArray[Any]] = {}
    signs = _signatures(terms)
    while waiting:
        here = waiting.pop()
        column = columns[here]
        blocks = terms.blocks_of(column)
        block = terms.blocks[int(blocks[0])]
        if block.operator in ("constant", "opaque"):
            if not (column == column[0]).all():
                raise _Split(column)
            read[here] = Vertex(block.operator, value=terms.values.get(int(column[0])))
            continue
        if not (blocks == blocks[0]).all():
            kinds_ = signs[blocks]
            if not (kinds_ == kinds_[0]).all():
                raise _Split(kinds_)
        if block.operator == "variable":
            if labels is not None:
                here_labels = labels[column - terms.first_variable]
                if not (here_labels == here_labels[0]).all():
                    raise _Split(here_labels)
            variables[here] = column - terms.first_variable
            read[here] = Vertex("variable")
            continue
        args, weights = rows_of(column, terms)
        if weights is not None and not (weights == weights[0]).all():
            _, inverse = numpy.unique(weights, axis=0, return_inverse=True)
            raise _Split(inverse.reshape(-1))
        read[here] = Vertex(
            block.operator,
            tuple(number(args[:, k]) for k in range(args.shape[1])),
            () if weights is None else tuple(terms.weights[int(w)] for w in weights[0]),
            block.data,
        )
    # Arguments have smaller numbers than what is made of them.
    order = sorted(read, key=lambda n: int(columns[n][0]))
    renamed = {old: new for new, old in enumerate(order)}
    nodes = tuple(
        Vertex(n.operator, tuple(renamed[a] for a in n.args), n.weights, n.data, n.value)
        for n in (read[old] for old in order)
    )
    return Pattern(
        places,
        nodes,
        renamed[ends[0]],
        renamed[ends[1]],
        {renamed[old]: variables[old] for old in order if old in variables},
    )


def _signatures(terms: Terms) -> NDArray[Any]:
    """Return for every block a number of its own operator, arguments and data."""
    known: dict[Hashable, int] = {}
    found = []
    for number, block in enumerate(terms.blocks):
        key: Hashable = (block.operator, block.args.shape[1], block.data)
        if block.operator in ("constant", "opaque"):
            key = number
        found.append(known.setdefault(key, len(known)))
    return numpy.array(found)


def restricted(kind: Pattern) -> tuple[Terms, Ids, list[int]]:
    """Return the graph of a kind as terms of its own, both its ends, and its variables' elements.

    The elements are those of the first place.
    """
    elements = list(kind.variables.values())
    terms = Terms(len(elements))
    numbers: list[int] = []
    variables = iter(terms.variables.tolist())
    for node in kind.nodes:
        if node.operator == "variable":
            numbers.append(next(variables))
        elif node.operator == "constant":
            assert node.value is not None
            numbers.append(terms.constant(node.value))
        else:
            args = numpy.array([[numbers[a] for a in node.args]], numpy.int32)
            weights = None
            if node.weights:
                weights = numpy.array([[terms.weight(w) for w in node.weights]], numpy.int32)
            numbers.append(int(terms.add(node.operator, args, weights, node.data)[0]))
    return terms, numpy.array([numbers[kind.left], numbers[kind.right]], numpy.int32), elements
