"""Ways through a module: an input that takes one, or that there is none."""

from __future__ import annotations

import time
from fractions import Fraction

import numpy
import pytest

from proofs.systems import SYSTEMS
from verify.judge.symbols.algebra import Algebra
from verify.judge.symbols.terms import Terms
from verify.judge.watching.reader import Decision
from verify.judge.ways import ImpossibleError, input_for


def algebra() -> tuple[Algebra, int, int]:
    """Return an algebra over two elements, a < b and a² < 0."""
    made = Algebra(Terms(2), SYSTEMS["real"])
    a, b = made.terms.variables[:, None]
    smaller = made.compare("lt", a, b)
    negative = made.compare("lt", made.multiply(a, a), 0)
    return made, int(smaller[0]), int(negative[0])


def test_an_input_for_a_way() -> None:
    """It has the truth values that were answered; elements that do not matter are left out."""
    made, smaller, negative = algebra()
    soon = time.perf_counter() + 20
    found = input_for([Decision(smaller, True, ""), Decision(negative, False, "")], made, soon)
    assert found is not None
    assert found.get(0, 0) < found.get(1, 0)
    other = input_for([Decision(smaller, False, "")], made, soon)
    assert other is not None
    assert not other.get(0, 0) < other.get(1, 0)
    twice = made.compare("eq", made.terms.variables[:1], made.constant(Fraction(1, 3)))
    third = input_for([Decision(int(twice[0]), True, "")], made, soon)
    assert third == {0: Fraction(1, 3)}


def test_no_input_for_a_way() -> None:
    """A square is never negative, and nothing is both so and not so."""
    made, smaller, negative = algebra()
    soon = time.perf_counter() + 20
    with pytest.raises(ImpossibleError):
        input_for([Decision(negative, True, "")], made, soon)
    opposite = int(made.negation(numpy.array([smaller], numpy.int32))[0])
    with pytest.raises(ImpossibleError):
        input_for([Decision(smaller, True, ""), Decision(opposite, True, "")], made, soon)


def test_out_of_time() -> None:
    """Nobody knows then."""
    made, smaller, _ = algebra()
    assert input_for([Decision(smaller, True, "")], made, time.perf_counter() - 1) is None
