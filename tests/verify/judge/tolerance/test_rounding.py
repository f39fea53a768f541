"""What one rounding costs, held against every number of small formats and every point between."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from fractions import Fraction

import pytest

from proofs.averages.sum_error_bound import bracketings, summed
from proofs.systems.floats import AnyFormat, FloatFormat
from tests.verify.judge.tolerance.graphs import SMALL, TINY, floats_between
from verify.judge.tolerance.rounding import Interval, Rounding, root, sum_roundings


def points(system: FloatFormat, high: Fraction) -> Iterator[Fraction]:
    """Yield the floats from 0 on, the middles between them, and what is beside the middles."""
    floats = [Fraction(x) for x in floats_between(Fraction(0), high, system)]
    tiny = system.tiniest / 64
    for low, up in itertools.pairwise(floats):
        middle = (low + up) / 2
        yield from (low, middle - tiny, middle, middle + tiny)


@pytest.mark.parametrize("system", [TINY, SMALL], ids=lambda s: s.name)
def test_no_rounding_errs_by_more(system: FloatFormat) -> None:
    """The bound up to every magnitude is reached by something below it, or nearly."""
    rounding, worst, of_sums = Rounding(system), Fraction(0), Fraction(0)
    for exact in points(system, Fraction(16)):
        off = abs(rounding.nearest(exact) - exact)
        worst = max(worst, off)
        bound = rounding.error(exact, of_sum=False)
        assert worst <= bound <= worst + system.tiniest / 64
        if exact % system.tiniest == 0:
            of_sums = max(of_sums, off)
            assert of_sums <= rounding.error(exact, of_sum=True) <= bound


@pytest.mark.parametrize("system", [TINY, SMALL], ids=lambda s: s.name)
def test_what_comes_back_to_a_power_costs_nothing(system: FloatFormat) -> None:
    """All numbers up to a magnitude, all errors before the rounding, every rounding after it."""
    rounding = Rounding(system)
    every = sorted(set(points(system, Fraction(5, 2))))[::2]
    for magnitude in every[:: max(1, len(every) // 24)]:
        for error in [Fraction(0), *every[:: max(1, len(every) // 12)]]:
            allowed = error + rounding.excess(magnitude, error, of_sum=False)
            for to_round in every:
                if to_round <= magnitude + error:
                    made = rounding.nearest(to_round)
                    low, high = max(to_round - error, -magnitude), min(to_round + error, magnitude)
                    assert max(abs(made - low), abs(made - high)) <= allowed


def test_sums_in_every_order() -> None:
    """The charges for additions cover every bracketing of five numbers."""
    system = AnyFormat(3)
    wide = FloatFormat("wide", exponent_bits=8, precision=3)
    numbers = [1.0, 1.25, 1.75, 0.3125, 7.0]
    charge = sum(sum_roundings(Rounding(wide), [Fraction(abs(x)) for x in numbers]))
    exact = sum(map(Fraction, numbers))
    worst = max(
        abs(Fraction(summed(order, tuple(chosen), system)) - exact)
        for order in bracketings(0, 5)
        for chosen in itertools.permutations(numbers)
    )
    assert 0 < worst <= charge <= 4 * worst


def test_intervals() -> None:
    """Sums, products and what two have in common."""
    one, two = Interval(Fraction(-1), Fraction(2)), Interval(Fraction(1), Fraction(3))
    assert one + two == Interval(Fraction(0), Fraction(5))
    assert one - two == Interval(Fraction(-4), Fraction(1))
    assert one * two == Interval(Fraction(-3), Fraction(6))
    assert one.times(Fraction(-2)) == Interval(Fraction(-4), Fraction(2))
    assert one.meet(two) == Interval(Fraction(1), Fraction(2))
    assert one.hull(two) == Interval(Fraction(-1), Fraction(3))
    assert [float(x) for x in (one.magnitude, one.smallest, two.smallest)] == [2, 0, 1]


def test_roots_are_on_the_side_asked_for() -> None:
    """Exact of squares, and otherwise closer than any float."""
    for number in (Fraction(2), Fraction(1, 3), Fraction(7, 2**300), Fraction(10**40 + 1, 9)):
        low, high = root(number, up=False), root(number, up=True)
        assert low * low < number < high * high
        assert high - low < low / 2**99
    assert root(Fraction(25, 4), up=False) == root(Fraction(25, 4), up=True) == Fraction(5, 2)
    assert root(Fraction(0), up=True) == root(Fraction(-1), up=True) == 0
