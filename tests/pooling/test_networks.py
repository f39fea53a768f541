from __future__ import annotations

from fractions import Fraction

import numpy
import pytest
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st

from pooling.networks import (
    Affine,
    Network,
    rounding_error,
    shallow,
    tree,
)

NUMBERS = st.fractions(-9, 9, max_denominator=7)


@pytest.mark.parametrize("make", [tree, shallow])
@given(data=st.data(), taps=st.integers(1, 27))
@settings(max_examples=60)
def test_networks_are_maxima(make: object, data: st.DataObject, taps: int) -> None:
    """Both networks give the maximum of rationals, the narrow ones of those that are ≥ 0."""
    assert callable(make)
    values = data.draw(st.lists(NUMBERS, min_size=taps, max_size=taps))
    assert make(taps)(values) == [max(values)]
    positive = [abs(value) for value in values]
    assert make(taps, non_negative=True)(positive) == [max(positive)]


def test_widths_and_depths() -> None:
    """What is known of these networks, for 2 × 2, five, 3 × 3 and 5 × 5."""
    assert tree(4).widths == (6, 3) and tree(4, True).widths == (4, 2)
    assert tree(9).widths == (14, 8, 5, 3) and tree(9, True).widths == (9, 5, 3, 2)
    assert shallow(5).widths == (10, 9) and shallow(5, True).widths == (9, 8)
    assert shallow(9).widths == (14, 10, 9) and shallow(9, True).widths == (9, 9, 8)
    assert [shallow(n).depth for n in (1, 2, 3, 5, 6, 10, 11, 25, 26)] == [
        0,
        1,
        2,
        2,
        3,
        3,
        4,
        4,
        5,
    ]
    assert all(tree(n).depth == sympy.ceiling(sympy.log(n, 2)) for n in range(1, 34))


def test_arrays_and_symbols() -> None:
    """One object takes columns of numbers and symbols."""
    columns = numpy.array([[1, 5], [4, 2], [-3, 9], [0, 0], [2, 2]])
    assert shallow(5)(list(columns))[0].tolist() == [4, 9]
    a, b = sympy.symbols("a b", real=True)
    network = tree(2)([a, b])[0]
    assert network.subs({a: 3, b: sympy.Rational(7, 2)}) == sympy.Rational(7, 2)


def test_joined_networks() -> None:
    """After adds depths and keeps biases; beside keeps inputs apart."""
    shifted = Network((Affine(((Fraction(1),),), (Fraction(3),)),))
    assert tree(2).after(shifted.beside(shifted))([1, -1]) == [4]
    assert shifted.after(tree(2))([1, -1]) == [4]
    assert tree(2).beside(tree(2))([1, 2, 4, 3]) == [2, 4]


def test_rounding_grows_with_the_unit() -> None:
    """The bound is first order in u, and the shallow network is the less exact one."""
    u = Fraction(1, 2**24)
    assert rounding_error(tree(9), u) < rounding_error(shallow(9), u) < 4000 * u
    assert rounding_error(shallow(9), 2 * u) > 2 * rounding_error(shallow(9), u)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: tree(0), "taps must be an int of at least 1, got 0"),
        (lambda: shallow(0), "taps must be an int of at least 1, got 0"),
        (lambda: tree(2)([1]), "values must have 2 entries, got 1"),
        (lambda: Network(()), "layers must have at least one entry, got none"),
        (
            lambda: Network((Affine.linear([[1]]), Affine.linear([[1, 1]]))),
            "layer 1 must take 1 values, got rows of 2",
        ),
        (
            lambda: Affine(((Fraction(1),),), ()),
            "bias must have one entry per row of weights, 1, got 0",
        ),
        (
            lambda: tree(2).beside(tree(4)),
            "networks side by side must be equally deep, got 1 and 2",
        ),
    ],
)
def test_refused(call: object, message: str) -> None:
    """Networks that do not fit together, and those of another shape."""
    assert callable(call)
    with pytest.raises(ValueError) as caught:
        call()
    assert str(caught.value) == message
