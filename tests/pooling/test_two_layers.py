from __future__ import annotations

from fractions import Fraction
from itertools import permutations, product

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from pooling.networks import Network
from pooling.rebuilt.plain import matrices
from pooling.two_layers import Outer, exchanged, outer_maxima, renamed, six, two_layers

NUMBERS = st.fractions(-9, 9, max_denominator=7)


SIX, NARROW = six(), six(non_negative=True)


@given(st.lists(NUMBERS, min_size=6, max_size=6))
@settings(max_examples=20)
def test_six(values: list[Fraction]) -> None:
    """The maximum of rationals, and by the narrower network of those that are ≥ 0."""
    assert SIX(values) == [max(values)]
    positive = [abs(value) for value in values]
    assert NARROW(positive) == [max(positive)]


def test_every_order_and_tie() -> None:
    """By matrices of torch in float64: all orders of six numbers, and all inputs of 0, 1 and 2."""
    x = torch.tensor([*permutations((-7, -3, 0, 2, 5, 6)), *product(range(3), repeat=6)]).double().T
    for network, shift in ((SIX, 0), (NARROW, 7)):
        first, second, last = (matrix.double() for matrix in matrices(network))
        pooled = last @ (second @ (first @ (x + shift)).relu()).relu()
        assert torch.allclose(pooled[0], x.amax(0) + shift, rtol=0, atol=1e-5)


def test_depth_and_widths() -> None:
    """Two layers: 22 neurons, of which the second one's 92 take what they need."""
    assert SIX.widths == (22, 92) and NARROW.widths == (21, 92)


def test_the_sum_is_the_maximum() -> None:
    """Without a network: outer maxima of sums of maxima, in integers."""
    for values in product((-1, 2), repeat=6):

        def total(pairs: tuple[tuple[int, int], ...], x: tuple[int, ...] = values) -> int:
            return sum(max(x[i], x[j]) for i, j in pairs)

        terms = outer_maxima()
        assert sum(w * max(total(left), total(right)) for w, left, right in terms) == max(values)


def test_exchanges() -> None:
    """Each outer maximum once, whichever of its two sums comes first."""
    found = list(exchanged(((0, 1),), ((3, 4),)))
    assert len(found) == 9 and ((0, 2),) in [left for left, _ in found]
    assert len(set(map(frozenset, found))) == len(found)
    assert renamed(((0, 1), (2, 3)), to=(5, 4, 3, 2, 1, 0)) == ((2, 3), (4, 5))


@pytest.mark.parametrize("place", range(0, 90, 7))
def test_every_outer_maximum_matters(place: int) -> None:
    """Without one of them the sum is not the maximum."""
    terms = outer_maxima()
    network = two_layers(6, [*terms[:place], *terms[place + 1 :]])
    inputs = product((0, 1), repeat=6)
    assert any(network(values) != [max(values)] for values in inputs)


@given(st.lists(NUMBERS, min_size=4, max_size=4))
@settings(max_examples=40)
def test_other_sums(values: list[Fraction]) -> None:
    """The network of any sum of outer maxima adds them up."""
    a, b, c, d = values
    terms = [
        Outer(Fraction(1, 3), ((0, 1), (1, 2)), ((0, 3), (2, 3))),
        Outer(Fraction(-2), ((1, 3),), ((0, 2),)),
    ]
    larger = max(max(a, b) + max(b, c), max(a, d) + max(c, d))
    expected = larger / 3 - 2 * max(b, d, a, c)
    network: Network = two_layers(4, terms)
    assert network(values) == [expected]
