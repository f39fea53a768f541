"""Output elements that are one and the same statement, but for where their variables stand.

Both sides' outputs are walked in lockstep, from the outputs to the input, all places at once. Where
operators, weights, constants or the sharing of subterms differ, the places part; what is left
together is one statement about one graph of nodes, to be proved once. Nothing is assumed alike:
every place is looked at, as arrays.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy

from verify.judge.symbols.terms import OPAQUE, Ids, Terms, Value, rows_of

if TYPE_CHECKING:
    from numpy.typing import NDArray


#: Of terms of more arguments those that many places share are looked at once.
_WIDE = 64


@dataclass(frozen=True)
class Vertex:
    """One node of a graph that many places share."""

    operator: str
    #: The numbers of its arguments, which come before it.
    args: tuple[int, ...] = ()
    weights: tuple[Fraction, ...] = ()
    data: Hashable = None
    value: Value | None = None


_VARIABLE = Vertex("variable")


@dataclass(frozen=True)
class Pattern:
    """Places with one graph: two of its nodes are to be shown equal."""

    #: Flat places in the output.
    places: NDArray[Any]
    nodes: tuple[Vertex, ...]
    left: int
    right: int
    #: For every node that is a variable, the elements of the input that it is at the places.
    elements: Mapping[int, NDArray[Any]]

    @property
    def variables(self) -> dict[int, int]:
        """For every node that is a variable, the element that it is at the first place."""
        if isinstance(self.elements, _Elements):
            return {node: column.first for node, column in self.elements.columns.items()}
        return {node: int(elements[0]) for node, elements in self.elements.items()}

    def depends_on(self, end: int) -> set[int]:
        """Return the variables of which a node is made."""
        made_of = {end}
        for number in range(end, -1, -1):
            if number in made_of:
                made_of.update(self.nodes[number].args)
        return made_of & self.elements.keys()


class _Column:
    """One node's terms at all places; where many places share them, each of them once."""

    def __init__(self, ids: Ids, of: NDArray[Any] | None = None) -> None:
        #: The terms, and for every place which one it has; ``None`` if there is one for each.
        self.ids = ids
        self.of = of

    @property
    def first(self) -> int:
        """The term at the first place."""
        return int(self.ids[0 if self.of is None else self.of[0]])

    def spread(self, of_each: NDArray[Any]) -> NDArray[Any]:
        """Return for every place what is so of its term."""
        return of_each if self.of is None else of_each[self.of]

    def shared(self) -> _Column:
        """Return the same with every term once."""
        ids, inverse = numpy.unique(self.ids, return_inverse=True)
        return _Column(ids, self.spread(inverse.reshape(-1)))

    def hold(self, other: _Column) -> None:
        """Raise :class:`_Split` unless it is the same at all places as another one."""
        if self.of is other.of:
            same = self.ids == other.ids
            if not same.all():
                raise _Split(self.spread(same))
            return
        same = self.spread(self.ids) == other.spread(other.ids)
        if not same.all():
            raise _Split(same)


class _Elements(Mapping[int, "NDArray[Any]"]):
    """The elements of the input that variables are at all places."""

    def __init__(self, columns: dict[int, _Column]) -> None:
        self.columns = columns

    def __getitem__(self, node: int) -> NDArray[Any]:
        column = self.columns[node]
        return column.spread(column.ids)

    def __iter__(self) -> Iterator[int]:
        return iter(self.columns)

    def __len__(self) -> int:
        return len(self.columns)


class _Split(Exception):  # noqa: N818 - it is no error
    """Places turn out to be of several kinds; the argument tells which is of which."""


class TooManyKindsError(Exception):
    """Time is up before all kinds of places are known; the message says how many are."""


def kinds(
    terms: Terms,
    left: Ids,
    right: Ids,
    labels: NDArray[Any] | None = None,
    *,
    late: Callable[[], bool] = lambda: False,
) -> list[Pattern]:
    """Return the kinds of places, in the order of their first ones.

    Args:
        terms: The terms.
        left: One side's outputs.
        right: The other's.
        labels: For every element of the input what it must have in common with those that stand
            for it at other places of a kind; nothing without it.
        late: Says whether to stop.

    Raises:
        TooManyKindsError: It is late.
    """
    left, right = left.reshape(-1), right.reshape(-1)
    waiting = [numpy.arange(len(left))]
    found: list[Pattern] = []
    while waiting:
        places = waiting.pop()
        if not len(places):
            continue
        if late():
            raise TooManyKindsError(f"kinds of window told apart: {len(found)}")
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
    columns: list[_Column] = []
    waiting: list[int] = []

    def number(column: _Column) -> int:
        first = column.first
        if first in numbers:
            columns[numbers[first]].hold(column)
            return numbers[first]
        here = numbers[first] = len(columns)
        columns.append(column)
        if len(column.ids) == 1 and terms.is_variable(first):
            # Soon done, for there may be hundreds of thousands.
            variables[here] = _Column(column.ids - terms.first_variable, column.of)
            read[here] = _VARIABLE
        else:
            waiting.append(here)
        return here

    read: dict[int, Vertex] = {}
    variables: dict[int, _Column] = {}
    ends = number(_Column(left)), number(_Column(right))
    signs = _signatures(terms)
    while waiting:
        here = waiting.pop()
        column = columns[here]
        blocks = terms.blocks_of(column.ids)
        block = terms.blocks[int(blocks[0])]
        if block.operator in ("constant", "opaque"):
            if not (column.ids == column.ids[0]).all():
                raise _Split(column.spread(column.ids))
            read[here] = Vertex(block.operator, value=terms.values.get(int(column.ids[0])))
            continue
        if not (blocks == blocks[0]).all():
            kinds_ = signs[blocks]
            if not (kinds_ == kinds_[0]).all():
                raise _Split(column.spread(kinds_))
        if block.operator == "variable":
            elements = column.ids - terms.first_variable
            if labels is not None and not (labels[elements] == labels[elements[0]]).all():
                raise _Split(column.spread(labels[elements]))
            variables[here] = _Column(elements, column.of)
            read[here] = _VARIABLE
            continue
        if block.args.shape[1] > _WIDE:
            column = columns[here] = column.shared()
        args, weights = rows_of(column.ids, terms)
        if weights is not None and not (weights == weights[0]).all():
            _, inverse = numpy.unique(weights, axis=0, return_inverse=True)
            raise _Split(column.spread(inverse.reshape(-1)))
        read[here] = Vertex(
            block.operator,
            tuple(number(_Column(args[:, k], column.of)) for k in range(args.shape[1])),
            () if weights is None else tuple(terms.weights[int(w)] for w in weights[0]),
            block.data,
        )
    # Arguments have smaller numbers than what is made of them.
    order = sorted(read, key=lambda n: columns[n].first)
    renamed = {old: new for new, old in enumerate(order)}
    nodes = tuple(
        replace(n, args=tuple(renamed[a] for a in n.args)) if n.args else n
        for n in (read[old] for old in order)
    )
    return Pattern(
        places,
        nodes,
        renamed[ends[0]],
        renamed[ends[1]],
        _Elements({renamed[old]: variables[old] for old in order if old in variables}),
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
    for together in _alike(kind.nodes):
        first = together[0]
        if first.operator == "variable":
            numbers.append(next(variables))
        elif first.operator == "constant":
            assert first.value is not None
            numbers.append(terms.constant(first.value))
        else:
            args = numpy.array([[numbers[a] for a in node.args] for node in together], numpy.int32)
            weights = None
            if first.weights:
                weights = numpy.array(
                    [[terms.weight(w) for w in node.weights] for node in together], numpy.int32
                )
            numbers += terms.appended(first.operator, args, weights, first.data).tolist()
    return terms, numpy.array([numbers[kind.left], numbers[kind.right]], numpy.int32), elements


def _alike(nodes: Sequence[Vertex]) -> Iterator[list[Vertex]]:
    """Yield nodes that follow each other, are of one operator, and none made of another one."""
    together: list[Vertex] = []
    for number, node in enumerate(nodes):
        first = together[0] if together else None
        if first is not None and (
            node.operator in ("variable", "constant")
            or (node.operator, node.data, len(node.args))
            != (first.operator, first.data, len(first.args))
            or any(arg >= number - len(together) for arg in node.args)
        ):
            yield together
            together = []
        together.append(node)
    if together:
        yield together


def made_of(terms: Terms, ends: Ids) -> tuple[Terms, Ids, list[int]]:
    """Return what some terms are made of as terms of their own, the same ends, and its elements.

    It is what :func:`restricted` returns of one place, by arrays: for what is made of many terms.

    >>> terms = Terms(4)
    >>> pairs = terms.add("max", terms.variables.reshape(2, 2))
    >>> part, ends, elements = made_of(terms, pairs[1:])
    >>> part.blocks[part.blocks_of(ends)[0]].args.tolist(), elements
    ([[2, 3]], [2, 3])
    """
    used = numpy.zeros(terms.size, bool)
    used[ends] = True
    for block in reversed(terms.blocks):
        here = used[block.start : block.start + block.rows]
        if block.args.shape[1] and here.any():
            used[block.args[here].reshape(-1)] = True
    first = terms.first_variable
    elements = numpy.flatnonzero(used[first : first + terms.count])
    part = Terms(len(elements))
    part.weights = terms.weights  # no weight is added to it
    numbers = numpy.full(terms.size, OPAQUE, numpy.int32)
    numbers[first + elements] = part.variables
    for block in terms.blocks:
        here = numpy.flatnonzero(used[block.start : block.start + block.rows])
        if block.operator in ("variable", "opaque") or not len(here):
            continue
        if block.operator == "constant":
            numbers[block.start] = part.constant(terms.values[block.start])
            continue
        weights = block.weights
        if weights is not None and len(weights) > 1:
            weights = weights[here]
        numbers[block.start + here] = part.appended(
            block.operator, numbers[block.args[here]], weights, block.data
        )
    return part, numbers[ends], elements.tolist()
