from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pooling.networks import Affine, Network, shallow, tree
from proofs.claim import CheckFailedError
from proofs.networks import first_layer_width
from proofs.networks.first_layer_width import narrow_first, narrower, widths

NUMBERS = st.integers(-9, 9)


@given(data=st.data(), taps=st.integers(2, 12))
@settings(max_examples=60)
def test_the_narrowest_networks_are_maxima(data: st.DataObject, taps: int) -> None:
    """One neuron per number and one more, one per number where none is negative."""
    values = data.draw(st.lists(NUMBERS, min_size=taps, max_size=taps))
    network, narrow = narrow_first(taps, False), narrow_first(taps, True)
    assert network.widths[0] == taps + 1 and narrow.widths[0] == taps
    assert network(values) == [max(values)]
    positive = [abs(value) for value in values]
    assert narrow(positive) == [max(positive)]


@pytest.mark.parametrize("taps", range(2, 18))
def test_how_deep_they_are(taps: int) -> None:
    """One layer, and then a tree over one number less."""
    assert narrow_first(taps, False).depth == 1 + tree(taps - 1).depth


def test_narrower_drops_what_a_neuron_adds() -> None:
    """The network without a neuron is the one whose weights from it are 0."""
    network = narrow_first(4, False)
    for neuron in range(5):
        front, behind, *later = network.layers
        rows = [[w * (p != neuron) for p, w in enumerate(row)] for row in behind.weights]
        silenced = Network((front, Affine.linear(rows), *later))
        for point in ([3, -1, 4, 1], [-5, -9, -2, -6], [0, 0, 0, 7]):
            assert narrower(network, neuron)(point) == silenced(point)


def test_the_widths_are_checked() -> None:
    """It says for how many numbers; one neuron less than there are is refuted."""
    assert widths().startswith("2 to 5 numbers: n + 1 neurons")
    with pytest.raises(CheckFailedError) as caught:
        widths(1)
    assert str(caught.value) == "the maximum of 2 has 3 neurons in its first layer, not 2"


@pytest.mark.parametrize(
    ("other", "message"),
    [
        (lambda taps, non_negative: tree(taps, True), "the network gives"),
        (tree, "the maximum of 3 has 5 neurons in its first layer, not 4"),
        (shallow, "the maximum of 3 has 5 neurons in its first layer, not 4"),
    ],
)
def test_other_networks_fail(
    monkeypatch: pytest.MonkeyPatch, other: Callable[[int, bool], Network], message: str
) -> None:
    """One that is wrong below 0, and wider ones."""
    monkeypatch.setattr(first_layer_width, "narrow_first", other)
    with pytest.raises(CheckFailedError, match=message):
        widths()


def test_an_error_below_one_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    """The check does not take the algorithm's word for it."""
    monkeypatch.setattr(first_layer_width, "refute_narrow", lambda *_: ((0, 0), Fraction(1, 2)))
    with pytest.raises(CheckFailedError, match="errs by 1/2 only"):
        widths()
