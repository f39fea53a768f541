from __future__ import annotations

from fractions import Fraction
from itertools import permutations

import pytest

from pooling.networks import Affine, Network, shallow, tree
from pooling.two_layers import Outer, outer_maxima, six, two_layers
from proofs.claim import CheckFailedError
from proofs.networks.max_of_five_in_two_layers import changed, without
from proofs.networks.max_of_six_in_two_layers import (
    computes,
    identity,
    is_largest,
    orders,
    primitive,
)

TERMS = outer_maxima()


def test_the_identity_and_the_networks_pass() -> None:
    """Ninety outer maxima; two layers of 22 and 92 neurons, or 21 for inputs ≥ 0."""
    assert identity(TERMS) == "90 outer maxima, in 20 orders that stand for all"
    assert computes(six(), TERMS) == "2 layers of (22, 92), neuron by neuron"
    assert computes(six(True), TERMS, non_negative=True).startswith("2 layers of (21, 92)")


def test_the_orders_stand_for_all() -> None:
    """Any order is one of them after exchanging a, b, c and d, e, f."""
    kinds = {tuple([tap < 3 for tap in order]) for order in orders()}
    assert kinds == {tuple([tap < 3 for tap in order]) for order in permutations(range(6))}
    assert len(kinds) == len(list(orders()))


@pytest.mark.slow
def test_all_orders() -> None:
    """Nor does it take the exchanges: each of the 720 orders passes by itself."""
    for order in permutations(range(6)):
        is_largest(TERMS, order)


def test_bends_that_do_not_cancel() -> None:
    """A sum that is right but for its bends is refuted by them alone."""
    bent = Outer(Fraction(1), ((0, 5), (4, 5)), ((1, 2), (3, 5)))
    straight = [
        Outer(Fraction(-1, 2), bent.left, bent.left),
        Outer(Fraction(-1, 2), bent.right, bent.right),
    ]
    messages = set()
    for order in orders():
        with pytest.raises(CheckFailedError) as caught:
            is_largest([*TERMS, bent, *straight], order)
        messages.add(str(caught.value).partition(") ")[2])
    assert any(
        message.startswith("half of ('2', '0', '0', '0', '0', '0') and 1 bends are left")
        for message in messages
    )


@pytest.mark.parametrize(
    ("network", "message"),
    [
        (changed(six()), "1 of 92 neurons of the second layer"),
        (without(six(), 0), "1 of 92 neurons"),
        (without(six(), 91), "1 of 92 neurons"),
        (two_layers(6, TERMS[:-1]), "neurons of the second layer are not"),
        (six(non_negative=True), "neurons of the second layer are not"),
        (shallow(5), "does not take six numbers"),
        (tree(6), "through two layers"),
        (
            Network((*six().layers[:-1], Affine(six().layers[-1].weights, (Fraction(1),)))),
            "unbiased",
        ),
    ],
)
def test_other_networks_fail(network: Network, message: str) -> None:
    """Weights changed, neurons missing, another depth, a bias."""
    with pytest.raises(CheckFailedError, match=message):
        computes(network, TERMS)


@pytest.mark.parametrize("neuron", range(0, 22, 3))
def test_the_first_layer_is_read_too(neuron: int) -> None:
    """A neuron of the first layer with other weights is found by what the second takes in."""
    first, *rest = six().layers
    rows = [[w * (1 + (k == neuron)) for w in row] for k, row in enumerate(first.weights)]
    with pytest.raises(CheckFailedError, match="neurons of the second layer are not"):
        computes(Network((Affine.linear(rows), *rest)), TERMS)


def test_primitive() -> None:
    """A direction, and by how much it is taken; a function and its negative share one."""
    form = [Fraction(x) for x in (0, -4, 6, -2)]
    assert primitive(form) == (tuple([Fraction(x) for x in (0, 2, -3, 1)]), Fraction(2))
    assert primitive([-x for x in form]) == primitive(form)


def test_exchanges_are_asked_for() -> None:
    """What adds M(a, b) − a is right in the orders that are looked at, where a comes before b."""
    ab, a = ((0, 1),), ((0, 0),)
    terms = [*TERMS, Outer(Fraction(1), ab, ab), Outer(Fraction(-1), a, a)]
    for order in orders():
        is_largest(terms, order)
    with pytest.raises(CheckFailedError) as caught:
        identity(terms)
    assert str(caught.value) == "the sum is another when 0 and 1 are exchanged"
