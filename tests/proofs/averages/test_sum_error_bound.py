from __future__ import annotations

import math
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from proofs.averages.sum_error_bound import bracketings, every_order, summed
from proofs.claim import CheckFailedError
from proofs.systems.floats import AnyFormat


@pytest.mark.parametrize("taps", range(1, 7))
def test_bracketings_are_counted_by_catalan(taps: int) -> None:
    """There are C(2n, n)/(n + 1) ways to bracket n + 1 numbers."""
    n = taps - 1
    orders = list(bracketings(0, taps))
    assert len(orders) == len({str(order) for order in orders}) == math.comb(2 * n, n) // (n + 1)


def test_orders_round_differently() -> None:
    """With three bits 8 + 1 + 1 is 8 or 10, in exact arithmetic 10."""
    system = AnyFormat(3)
    numbers = (8.0, 1.0, 1.0)
    found = {str(order): summed(order, numbers, system) for order in bracketings(0, 3)}
    assert found == {"(0, (1, 2))": 10.0, "((0, 1), 2)": 8.0}


def test_the_bound_is_kept_and_a_smaller_one_is_not() -> None:
    """Two additions cost two units at the most, and more than one and a half."""
    assert "2 orders of 343 tuples: at most 1.60 u of 2 u" in every_order(3, Fraction(2))
    with pytest.raises(CheckFailedError, match="u off"):
        every_order(3, Fraction(3, 2))


FLOATS = st.builds(
    lambda m, e: float(m) * 2.0**e, st.integers(-(2**11), 2**11), st.integers(-12, 12)
)


@settings(max_examples=60, deadline=None)
@given(st.lists(FLOATS, min_size=2, max_size=5), st.data())
def test_any_order_of_any_floats(numbers: list[float], data: st.DataObject) -> None:
    """The bound holds for drawn floats of 11 bits in a drawn order."""
    system = AnyFormat(11)
    taps = tuple(float(system.rounded(Fraction(x))) if x else 0.0 for x in numbers)
    order = data.draw(st.sampled_from(list(bracketings(0, len(taps)))))
    off = abs(Fraction(summed(order, taps, system)) - sum(map(Fraction, taps)))
    assert off <= (len(taps) - 1) * Fraction(1, 2**11) * sum(abs(Fraction(x)) for x in taps)
