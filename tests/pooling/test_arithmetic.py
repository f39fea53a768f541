from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy
import pytest
import sympy
from hypothesis import given
from hypothesis import strategies as st

from pooling import arithmetic

small = st.integers(-20, 20)
OPERATIONS: list[tuple[Callable[..., Any], Callable[[int, int], int]]] = [
    (arithmetic.maximum, max),
    (arithmetic.minimum, min),
    (lambda a, b: arithmetic.clamp(a, -b * b, b * b), lambda a, b: min(max(a, -b * b), b * b)),
    (
        lambda a, b: arithmetic.ceil_divide(a, b * b + 1),
        lambda a, b: math.ceil(a / (b * b + 1)),
    ),
]


@pytest.mark.parametrize(("operation", "python"), OPERATIONS)
@given(a=small, b=small)
def test_ints_arrays_and_symbols_agree(
    operation: Callable[..., Any], python: Callable[[int, int], int], a: int, b: int
) -> None:
    """One spelling gives Python's result on ints, on arrays and on symbols."""
    x, y = sympy.symbols("x y", integer=True)
    assert operation(a, b) == python(a, b)
    assert operation(numpy.array([a, b]), numpy.int64(b)).tolist() == [python(a, b), python(b, b)]
    assert operation(x, y).subs({x: a, y: b}) == python(a, b)
    assert operation(x, b).subs({x: a}) == python(a, b)


def test_clamp_prefers_the_upper_bound() -> None:
    """Where the bounds cross, the upper one wins, which empty ranges of windows rely on."""
    assert arithmetic.clamp(3, 5, 1) == 1


def test_objects_choose_for_themselves() -> None:
    """A number with its own ``maximum`` and ``minimum`` is asked for them, on either side."""

    class Chooser:
        def maximum(self, other: object) -> str:
            return f"max with {other}"

        def minimum(self, other: object) -> str:
            return f"min with {other}"

    assert arithmetic.maximum(Chooser(), 1) == arithmetic.maximum(1, Chooser()) == "max with 1"
    assert arithmetic.minimum(Chooser(), 1) == arithmetic.minimum(1, Chooser()) == "min with 1"


def test_total_of_an_int_an_array_and_a_symbol() -> None:
    """A sum of the first squares is the same however its length is given."""
    n = sympy.Symbol("n", integer=True, nonnegative=True)
    assert [arithmetic.total(count, lambda i: i * i) for count in range(5)] == [0, 0, 1, 5, 14]
    counts = numpy.array([0, 4, 2, 3])
    assert arithmetic.total(counts, lambda i: i * i).tolist() == [0, 14, 1, 5]
    assert arithmetic.total(n, lambda i: i * i).subs(n, 4).doit() == 14
    assert arithmetic.total(sympy.Integer(4), lambda i: i * i) == 14
