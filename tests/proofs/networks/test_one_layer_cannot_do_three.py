from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pooling.networks import Affine, Network
from proofs.evaluate import evaluate
from proofs.networks._counterexamples import refute_one_layer
from proofs.networks.one_layer_cannot_do_three import claim, contradiction, left_over, odd
from proofs.systems import SYSTEMS

REAL = SYSTEMS["real"]
NUMBERS = st.fractions(-9, 9, max_denominator=7)


@given(weights=st.lists(st.tuples(NUMBERS, NUMBERS, NUMBERS), min_size=1, max_size=6), x=NUMBERS)
def test_the_odd_part_of_a_network_is_linear_up_to_c(
    weights: list[tuple[Fraction, Fraction, Fraction]], x: Fraction
) -> None:
    """What the induction adds up to, on networks v·ReLU(w·x + b) of one input."""

    def network(at: Fraction) -> Fraction:
        return sum((v * max(w * at + b, Fraction(0)) for v, w, b in weights), Fraction(0))

    linear = sum((v * w for v, w, _ in weights), Fraction(0)) * x
    distance = abs(network(x) - network(-x) - linear)
    assert distance <= sum(abs(v * b) for v, _, b in weights)


@given(z=NUMBERS, b=NUMBERS)
def test_one_neuron(z: Fraction, b: Fraction) -> None:
    """The term of the claim is the odd part of a neuron."""
    value = evaluate(odd, {"z": z, "b": b}, REAL)
    assert value == max(z + b, Fraction(0)) - max(-z + b, Fraction(0)) and abs(value - z) <= abs(b)


@pytest.mark.parametrize("taps", [3, 4, 5])
@pytest.mark.parametrize("t", [1, 12])
def test_what_the_maximum_leaves(taps: int, t: int) -> None:
    """T for three numbers and 2t with any more, where a linear map leaves 0."""
    assert evaluate(left_over(taps), {"t": t}, REAL) == t * (1 if taps == 3 else 2)


def test_the_distance_matters() -> None:
    """With t = 4C the four distances can add up to t, beyond it they cannot."""
    values = {f"x{i}": sign for i, sign in zip(range(1, 5), (1, 1, 1, -1), strict=True)}
    theorem = contradiction(4)
    assert evaluate(theorem.conclusion, {**values, "t": 4}, REAL) is False
    *near, far = theorem.given
    assert all(evaluate(term, {**values, "C": 1}, REAL) for term in near)
    assert evaluate(far, {"C": 1, "t": 4}, REAL) is False
    assert theorem.name in [part.name for part in claim.theorems]


@pytest.mark.parametrize("bias", [0, 1, 10**6])
def test_the_refuted_input_goes_as_far_as_the_biases_ask(bias: int) -> None:
    """A network that is right on a large part of space is refuted further out."""
    rows = [[1, -1, 0], [0, 1, -1], [1, 0, -1]]
    hidden = Affine(Affine.linear(rows).weights, (Fraction(bias),) * 3)
    network = Network((hidden, Affine.linear([[1, 1, 1]])))
    point, error = refute_one_layer(network)
    assert max(map(abs, point)) == 4 * 3 * bias + 8
    assert abs(network(point)[0] - max(point)) == error >= 1
