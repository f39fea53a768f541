"""Building terms: what is known is computed, what is the same is written in one way."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

import numpy
import pytest

from proofs.systems import SYSTEMS
from verify.judge.symbols.algebra import Algebra, NoTermError
from verify.judge.symbols.terms import OPAQUE, ZERO, Terms


def algebra(system: str = "real") -> tuple[Algebra, list[int]]:
    """Return an algebra with three variables."""
    made = Algebra(Terms(3), SYSTEMS[system])
    return made, made.terms.variables.tolist()


def known(made: Algebra, ids: Any) -> Any:
    """Return the value of a single term."""
    return made.value(int(numpy.asarray(ids).reshape(())))


def test_what_is_known_is_computed() -> None:
    """Sums, products, extremes, orders and choices of known values."""
    real, (a, b, _) = algebra()
    half, two = real.constant(Fraction(1, 2)), real.constant(2)
    assert known(real, real.add(half, two)) == Fraction(5, 2)
    assert known(real, real.multiply(half, two)) == 1
    assert known(real, real.maximum(half, two)) == 2
    assert known(real, real.compare("lt", half, two)) is True
    assert int(real.select(real.constant(True), a, b)) == a
    assert int(real.select(real.compare("lt", a, b), a, a)) == a


def test_infinities_decide_and_spoil() -> None:
    """Over the reals a variable is finite: ∞ decides orders and sums, 0 · ∞ is NaN."""
    real, (a, _, _) = algebra()
    end, nan = real.constant(-math.inf), real.constant(math.nan)
    assert known(real, real.compare("lt", end, a)) is True
    assert known(real, real.compare("eq", nan, a)) is False
    assert known(real, real.add(end, a)) == -math.inf
    assert math.isnan(known(real, real.maximum(nan, a)))
    assert known(real, real.maximum(real.constant(math.inf), a)) == math.inf
    row = numpy.array([[end, a]], numpy.int32)
    assert math.isnan(known(real, real.linear(row, [Fraction(0), Fraction(1)])[0]))
    with pytest.raises(NoTermError, match="infinity"):
        real.multiply(end, a)


def test_what_may_be_infinite_is_not_reckoned_with() -> None:
    """A choice with an infinity in it may be one: no arithmetic, but extremes."""
    real, (a, b, _) = algebra()
    chosen = real.select(real.compare("lt", a, b), a, real.constant(-math.inf))
    with pytest.raises(NoTermError, match="may be infinite"):
        real.add(chosen, a)
    both = real.maximum(chosen, b)
    with pytest.raises(NoTermError, match="may be infinite"):
        real.compare("lt", both, a)


def test_the_least_number_is_lost_beside_an_element() -> None:
    """No element is below it; of a sum, which may be, nothing is known."""
    real, (a, b, _) = algebra()
    real.least, real.most = Fraction(-4), Fraction(4)
    assert real.maximum(real.constant(-4), a) == a
    assert real.minimum(b, real.constant(5)) == b
    kept = [
        real.maximum(real.constant(-3), a),
        real.minimum(real.constant(-4), a),
        real.maximum(real.constant(-4), real.add(a, b)),
    ]
    assert not {int(k) for k in kept} & {a, b}


def test_choices_by_an_order_are_extremes() -> None:
    """``b if a < b else a`` is the larger; in a float system NaN makes it another thing."""
    real, (a, b, _) = algebra()
    chosen = int(real.select(real.compare("lt", a, b), b, a))
    assert real.terms.block_of(chosen).operator == "max"
    half, (a, b, _) = algebra("float16")
    chosen = int(half.select(half.compare("lt", a, b), b, a))
    assert half.terms.block_of(chosen).operator == "select"


def test_choices_are_merged_inside() -> None:
    """A choice between two maxima with a part in common is a maximum with a choice in it."""
    real, (a, b, c) = algebra()
    larger = int(real.compare("lt", a, b))
    then, otherwise = int(real.maximum(b, c)), int(real.maximum(a, c))
    merged = real.merged(larger, then, otherwise)
    block = real.terms.block_of(merged)
    assert block.operator == "max"
    assert c in block.args[merged - block.start]


def test_opaque_stays_opaque() -> None:
    """What is not known as a term makes nothing known."""
    real, (a, _, _) = algebra()
    for made in (
        real.add(OPAQUE, a), real.maximum(OPAQUE, a), real.select(OPAQUE, a, ZERO),
        real.compare("lt", OPAQUE, real.constant(math.inf)), real.multiply(OPAQUE, a),
        real.add(OPAQUE, real.constant(math.inf)),
    ):  # fmt: skip
        assert int(made.reshape(())) == OPAQUE


def test_sums_in_floats() -> None:
    """Two summands have one value, three have not; what is left out may be infinite."""
    half, (a, b, c) = algebra("float16")
    row = numpy.array([[a, b, c]], numpy.int32)
    one, zero = Fraction(1), Fraction(0)
    spoiled = int(half.linear(row, [one, one, zero])[0])
    assert half.terms.block_of(spoiled).operator == "spoiled"
    with pytest.raises(NoTermError, match="order of the additions"):
        half.linear(row, [one, one, one])
    with pytest.raises(NoTermError, match="before they are added"):
        half.linear(row[:, :2], [one, Fraction(1, 2)])
    with pytest.raises(NoTermError, match="exp"):
        half.function("exp", a)


def test_whole_numbers_wrap() -> None:
    """Known values wrap as the system does; what it does not have is refused."""
    int8, _ = algebra("int8")
    assert known(int8, int8.add(int8.constant(100), int8.constant(100))) == -56
    with pytest.raises(NoTermError, match="no number of int8"):
        int8.constant(Fraction(1, 2))
