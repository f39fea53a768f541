from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy
import pytest
from hypothesis import given
from hypothesis import strategies as st

from proofs.systems.number_system import UnsupportedError
from verify.encodings.exact_arrays import ExactArray

HUGE, TINY = 1.7976931348623157e308, 5e-324
LOW, HIGH = -(2**63), 2**63 - 1

BINARY: dict[str, Callable[[Fraction, Fraction], Fraction]] = {
    "add": lambda x, y: x + y,
    "sub": lambda x, y: x - y,
    "mul": lambda x, y: x * y,
    "maximum": max,
    "minimum": min,
}
RELATIONS: dict[str, Callable[[Fraction, Fraction], bool]] = {
    "eq": lambda x, y: x == y,
    "ne": lambda x, y: x != y,
    "lt": lambda x, y: x < y,
    "le": lambda x, y: x <= y,
}

floats = st.floats() | st.sampled_from(
    [0.0, -0.0, 1.0, 0.1, HUGE, -HUGE, TINY, 2.0**-1022, 65504.0]
)
small = st.integers(-64, 64).map(lambda n: n / 8)
integers = st.integers(LOW, HIGH) | st.sampled_from([LOW, HIGH, 0, -1, 2**62, -(2**62)])


def _fraction(x: float | int) -> Fraction | None:
    return Fraction(x) if math.isfinite(x) else None


def _fractions(array: ExactArray) -> list[Fraction | None]:
    return [
        int(n) * array.scale if known else None
        for n, known in zip(array.numerators, array.defined, strict=True)
    ]


def _columns(
    one: st.SearchStrategy[Any], other: st.SearchStrategy[Any]
) -> st.SearchStrategy[tuple[list[Any], list[Any]]]:
    rows = st.lists(st.tuples(one, other) | one.map(lambda x: (x, x)), min_size=1, max_size=12)
    return rows.map(lambda drawn: ([x for x, _ in drawn], [y for _, y in drawn]))


def _array(values: list[Any]) -> ExactArray:
    if all(isinstance(v, int) for v in values):
        return ExactArray.of_integers(values)
    return ExactArray.of_floats(values)


def _check(left: list[Any], right: list[Any]) -> None:
    x, y = _array(left), _array(right)
    pairs = [(_fraction(p), _fraction(q)) for p, q in zip(left, right, strict=True)]
    assert _fractions(x) == [p for p, _ in pairs] and _fractions(y) == [q for _, q in pairs]
    for name, operation in BINARY.items():
        expected = [None if p is None or q is None else operation(p, q) for p, q in pairs]
        assert _fractions(x.apply(name, y)) == expected, name
    for name, relation in RELATIONS.items():
        said = [name == "ne" if p is None or q is None else relation(p, q) for p, q in pairs]
        assert x.relation(name, y).tolist() == said, name
    assert _fractions(x.apply("neg")) == [None if p is None else -p for p, _ in pairs]
    assert _fractions(x.apply("abs")) == [None if p is None else abs(p) for p, _ in pairs]
    first = numpy.arange(len(pairs)) % 2 == 0
    chosen = [p if number % 2 == 0 else q for number, (p, q) in enumerate(pairs)]
    assert _fractions(x.chosen(first, y)) == chosen
    deep = x.apply("mul", y).apply("sub", x).apply("add", y).apply("abs")
    assert _fractions(deep) == [
        None if p is None or q is None else abs(p * q - p + q) for p, q in pairs
    ]


@given(_columns(floats, floats))
def test_floats_as_fractions(columns: tuple[list[float], list[float]]) -> None:
    """Any floats, huge, tiny, signed zeros and undefined ones, against Fraction."""
    _check(*columns)


@given(_columns(small, small))
def test_small_floats_stay_machine_words(columns: tuple[list[float], list[float]]) -> None:
    """Numbers of an 8-bit format are words, and so are their sums."""
    _check(*columns)
    total = _array(columns[0]).apply("add", _array(columns[1]))
    assert total.numerators.dtype == numpy.int64


@pytest.mark.parametrize(("apart", "words"), [(8, True), (61, True), (62, False), (100, False)])
def test_words_hold_62_bits(apart: int, words: bool) -> None:
    """Floats far apart are words as long as the greatest is below 2^62 of the common unit."""
    array = ExactArray.of_floats([1.0, -(2.0**apart), 3 * 2.0 ** (apart - 2), 0.0])
    assert _fractions(array) == [1, -(2**apart), 3 * 2 ** (apart - 2), 0]
    assert (array.numerators.dtype == numpy.int64) is words


@pytest.mark.parametrize(("size", "words"), [(2**30, True), (2**31, False), (2**32, False)])
def test_products_of_words(size: int, words: bool) -> None:
    """A product is one of words where it is below 2^62, and right where it is not."""
    array = ExactArray.of_integers([size, -size, 1])
    square = array.apply("mul", array)
    assert _fractions(square) == [size**2, size**2, 1]
    assert (square.numerators.dtype == numpy.int64) is words


@given(_columns(integers, integers))
def test_integers_as_fractions(columns: tuple[list[int], list[int]]) -> None:
    """Any 64-bit integers, both ends included: sums and products never wrap."""
    _check(*columns)


@given(st.lists(st.tuples(integers, floats), min_size=1, max_size=12))
def test_integers_beside_floats(drawn: list[tuple[int, float]]) -> None:
    """Two scales meet in one operation, and no integer is rounded to a float."""
    _check([n for n, _ in drawn], [x for _, x in drawn])


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ([HUGE, HUGE, -HUGE], [TINY, HUGE, HUGE]),
        ([LOW, HIGH, LOW], [LOW, HIGH, HIGH]),
        ([2**61, 2**61], [2**61, -(2**61)]),
        ([2.0**62, 2.0**61], [2.0**-62, 1.0]),
        ([math.nan, math.inf, -math.inf, 1.0], [math.nan, math.inf, math.inf, math.nan]),
        ([0.0, -0.0], [-0.0, TINY]),
        ([math.nan], [math.nan]),
        ([0.1] * 3, [0.2, 0.30000000000000004, 0.1]),
    ],
)
def test_the_edges(left: list[Any], right: list[Any]) -> None:
    """Where a word overflows, a scale is extreme, or nothing is defined."""
    _check(left, right)


@given(st.fractions(), st.integers(1, 5))
def test_constants(value: Fraction, size: int) -> None:
    """A constant is one number for all, whatever its magnitude or denominator."""
    array = ExactArray.constant(value)
    assert _fractions(array) == [value]
    assert _fractions(array.apply("mul", array)) == [value * value]
    other = ExactArray.of_floats([0.1] * size)
    assert _fractions(array.apply("add", other)) == [value + Fraction(0.1)] * size


def test_where_asks_once_per_number() -> None:
    """A predicate is asked about every distinct number once, and never where there is none."""
    asked: list[Fraction] = []

    def positive(x: Fraction) -> bool:
        asked.append(x)
        return x > 0

    array = ExactArray.of_floats([1.5, -2.0, 1.5, math.nan, HUGE, 1.5, -2.0])
    assert array.where(positive).tolist() == [True, False, True, False, True, True, False]
    assert len(asked) == len(set(asked)) <= 4
    assert {Fraction(3, 2), Fraction(-2), Fraction(HUGE)} <= set(asked)


@pytest.mark.parametrize("operator", ["div", "floordiv", "relu"])
def test_refuses(operator: str) -> None:
    """What has no exact form here says so."""
    array = ExactArray.of_integers([1, 2])
    with pytest.raises(UnsupportedError) as caught:
        array.apply(operator, array)
    assert str(caught.value) == f"{operator} has no entry for arrays of exact numbers"


@given(_columns(integers, integers) | _columns(small, small) | _columns(floats, floats))
def test_odd_multiples(columns: tuple[list[Any], list[Any]]) -> None:
    """Entry by entry as fractions say; nothing is a multiple of 0 or without a value."""
    left, right = columns
    expected = []
    for x, y in zip(map(_fraction, left), map(_fraction, right), strict=True):
        times = x / y if x is not None and y else None
        expected.append(times is not None and times.denominator == 1 and times.numerator % 2 == 1)
    assert _array(left).odd_multiple(_array(right)).tolist() == expected
