"""Outputs that are maxima of the same elements."""

from __future__ import annotations

import math

import numpy

from verify.judge.symbols.maxima import same_maxima
from verify.judge.symbols.terms import Terms


def test_sets_are_what_counts() -> None:
    """Order, nesting, repetition and -∞ do not; one element more or less does."""
    terms = Terms(9)
    v = terms.variables
    least = terms.constant(-math.inf)
    rows = numpy.array([[v[i], v[i + 1], v[i + 2]] for i in range(7)])
    whole = terms.add("max", rows)
    pairs = terms.add("max", rows[:, :2])
    nested = terms.add("max", numpy.column_stack([rows[:, 2], pairs, rows[:, 0]]))
    padded = terms.add("max", numpy.column_stack([nested, numpy.full(7, least)]))
    assert same_maxima(terms, whole, padded).all()
    assert not same_maxima(terms, whole, pairs).any()
    assert same_maxima(terms, v, v).all()


def test_anything_else_is_an_element() -> None:
    """A sum is what it is, by its own number."""
    terms = Terms(2)
    a, b = terms.variables
    (total,) = terms.add("add", numpy.array([[a, b]]))
    ends = terms.add("max", numpy.array([[total, a], [a, total], [a, b]]))
    assert same_maxima(terms, ends[[0, 0]], ends[[1, 2]]).tolist() == [True, False]
