"""Places that are one statement."""

from __future__ import annotations

from fractions import Fraction

import numpy
import pytest

from proofs.systems import SYSTEMS
from verify.judge.symbols.algebra import Algebra
from verify.judge.symbols.classes import Pattern, TooManyKindsError, Vertex, kinds, restricted
from verify.judge.symbols.terms import ZERO, Terms


def test_places_that_differ_in_variables_only_are_one_kind() -> None:
    """Windows of one shape are together; a shared variable or a constant sets one apart."""
    algebra = Algebra(Terms(200), SYSTEMS["real"])
    x = algebra.terms.variables
    left = algebra.relu(algebra.add(x[:100], x[100:], Fraction(-1)))
    right = algebra.maximum(x[:100], x[100:])
    found = kinds(algebra.terms, left, right)
    assert [kind.places.tolist() for kind in found] == [list(range(100))]
    right[7] = x[7]
    right[8] = ZERO
    right[9] = algebra.maximum(x[9], x[110])
    found = kinds(algebra.terms, left, right)
    assert sorted(len(kind.places) for kind in found) == [1, 1, 1, 97]


def test_what_many_places_share_is_held_once() -> None:
    """A maximum of everything in every place, or of one half of it in the places of that half."""
    algebra = Algebra(Terms(400), SYSTEMS["real"])
    x = algebra.terms.variables
    whole = algebra.extreme(x[200:].reshape(2, 100), largest=True)
    every = numpy.repeat(whole, 100)
    left = algebra.add(x[:200], every)
    (kind,) = kinds(algebra.terms, left, x[:200])
    assert len(kind.elements) == 101
    assert {tuple(e[[0, 99, 100, 199]]) for e in kind.elements.values()} == {
        (0, 99, 100, 199), *((200 + i, 200 + i, 300 + i, 300 + i) for i in range(100))
    }  # fmt: skip
    (kind,) = kinds(algebra.terms, left[:100], x[:100])
    assert list(kind.variables.values()) == [0, *range(200, 300)]
    assert kind.elements[5].tolist() == [204] * 100
    # Where a place has itself among what is shared, it is a statement of its own.
    assert len(kinds(algebra.terms, algebra.add(x[200:210], every[:10]), x[200:210])) == 10


def test_it_stops_where_time_is_up() -> None:
    """With as many kinds as it has found."""
    algebra = Algebra(Terms(4), SYSTEMS["real"])
    x = algebra.terms.variables
    late = iter([False, False, True])
    with pytest.raises(TooManyKindsError, match="kinds of window told apart: 1"):
        kinds(algebra.terms, x, numpy.array([x[0], ZERO, x[3], x[3]]), late=lambda: next(late))


def test_weights_tell_places_apart() -> None:
    """Two sums with other weights are two kinds, whatever blocks they stand in."""
    algebra = Algebra(Terms(4), SYSTEMS["real"])
    a, b, c, d = algebra.terms.variables
    pairs = numpy.array([[a, b], [c, d]], numpy.int32)
    sums = algebra.linear(pairs, [Fraction(1), Fraction(2)])
    other = algebra.linear(pairs[:1], [Fraction(2), Fraction(1)])
    places = numpy.concatenate([sums, other])
    found = kinds(algebra.terms, places, numpy.array([a, c, a], numpy.int32))
    assert [kind.places.tolist() for kind in found] == [[0, 1], [2]]


def test_a_kind_alone() -> None:
    """The terms of one place, by themselves, with the elements they are over."""
    algebra = Algebra(Terms(10), SYSTEMS["real"])
    x = algebra.terms.variables
    made = algebra.maximum(algebra.scaled(x[3:4], Fraction(2)), x[7:8])
    (kind,) = kinds(algebra.terms, made, x[7:8])
    terms, ends, elements = restricted(kind)
    assert terms.count == 2
    assert sorted(elements) == [3, 7]
    assert terms.block_of(int(ends[0])).operator == "max"
    assert elements[int(ends[1]) - terms.first_variable] == 7


def test_what_a_side_depends_on() -> None:
    """The variables of which an end is made, of whatever depth, and no others."""
    variables = {node: numpy.array([node]) for node in (0, 1, 2)}
    nodes = (*[Vertex("variable")] * 3, Vertex("max", (0, 1)), Vertex("max", (3, 2)))
    one = Pattern(numpy.array([0]), nodes, 3, 4, variables)
    assert one.depends_on(one.left) == {0, 1}
    assert one.depends_on(one.right) == {0, 1, 2}
    assert one.depends_on(2) == {2}
