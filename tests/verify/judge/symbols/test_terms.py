"""Terms as rows of blocks."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy

from verify.judge.symbols.terms import (
    SHARED_ROWS,
    SHORT,
    ZERO,
    Terms,
    all_in_row,
    any_in_row,
    rows_of,
)


def test_constants_and_variables() -> None:
    """One number for each value; a truth value is no number; NaN is one value."""
    terms = Terms(3)
    assert terms.constant(0) == ZERO
    assert terms.constant(Fraction(4, 2)) == terms.constant(2) == terms.constant(2.0)
    assert terms.constant(True) != terms.constant(1)
    assert terms.constant(math.nan) == terms.constant(-math.nan)
    assert [terms.is_variable(int(v)) for v in terms.variables] == [True] * 3
    assert not terms.is_variable(ZERO)


def test_few_rows_are_shared_and_many_are_not() -> None:
    """The same row of a small block is the same term; large blocks are kept as they come."""
    terms = Terms(100)
    pairs = numpy.column_stack([terms.variables, terms.variables])
    assert terms.add("mul", pairs[:2]).tolist() == terms.add("mul", pairs[:2]).tolist()
    assert len(set(terms.add("mul", pairs[[0, 0]]).tolist())) == 1
    large = pairs[: SHARED_ROWS + 1]
    assert terms.add("mul", large)[0] != terms.add("mul", large)[0]


def test_rows_are_found_again() -> None:
    """Arguments and weights, across blocks, with shared weights and with own ones."""
    terms = Terms(4)
    a, b, c, _ = terms.variables.tolist()
    half, third = terms.weight(Fraction(1, 2)), terms.weight(Fraction(1, 3))
    first = terms.add("linear", numpy.array([[a, b]]), numpy.array([[half, third]]))
    second = terms.add("linear", numpy.array([[b, c], [a, c]]), numpy.array([[third, third]]))
    ids = numpy.array([second[1], first[0]], numpy.int32)
    args, weights = rows_of(ids, terms)
    assert args.tolist() == [[a, c], [a, b]]
    assert weights is not None
    assert weights.tolist() == [[third, third], [half, third]]
    assert terms.block_of(int(first[0])).operator == "linear"


def test_what_is_unbounded() -> None:
    """Infinities and NaN are told from numbers."""
    terms = Terms(1)
    ids = numpy.array([ZERO, terms.constant(3)], numpy.int32)
    assert terms.unbounded(ids) is None
    ids = numpy.array([ZERO, terms.constant(-math.inf)], numpy.int32)
    found = terms.unbounded(ids)
    assert found is not None
    assert found.tolist() == [False, True]


def test_blocks_of_many_terms() -> None:
    """Of one block and of several, of few terms and of many."""
    terms = Terms(100)
    made = terms.add("mul", numpy.column_stack([terms.variables, terms.variables]))
    for ids in (made, terms.variables, numpy.concatenate([terms.variables, made])):
        each = [int(terms.blocks_of(ids[i : i + 1])[0]) for i in range(len(ids))]
        assert terms.blocks_of(ids).tolist() == each


def test_rows_are_reduced() -> None:
    """Short and long rows alike, and rows of nothing."""
    drawn = numpy.random.default_rng(0)
    for width in (0, 1, 2, SHORT, SHORT + 1):
        found = drawn.random((50, width)) < 1 / (1 + width)
        kept = found.copy()
        assert (any_in_row(found) == found.any(axis=1)).all()
        assert (all_in_row(~found) == ~found.any(axis=1)).all()
        assert (found == kept).all()
