from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pooling.networks import Network, shallow, tree
from proofs.claim import CheckFailedError
from proofs.networks.max_of_five_in_two_layers import changed, without
from proofs.networks.max_of_nine_in_three_layers import composed


def test_the_networks_pass() -> None:
    """Pairs first, then five: three layers, as wide as is known, for any sign and for ≥ 0."""
    assert composed(shallow(9)).startswith("3 layers of (14, 10, 9); of two: ")
    assert composed(shallow(9, True), non_negative=True).startswith("3 layers of (9, 9, 8); ")


@given(st.lists(st.fractions(-9, 9, max_denominator=5), min_size=9, max_size=9))
@settings(max_examples=50)
def test_they_are_maxima(values: list[int]) -> None:
    """What is proved of the two parts is so of the whole."""
    assert shallow(9)(values) == [max(values)]


@pytest.mark.parametrize(
    ("network", "non_negative"),
    [
        (tree(9), False),
        (shallow(9), True),
        (shallow(9, True), False),
        (changed(shallow(9)), False),
        *((without(shallow(9), neuron), False) for neuron in range(9)),
    ],
)
def test_other_networks_do_not(network: Network, non_negative: bool) -> None:
    """Another depth, the wrong sign of inputs, a weight or a neuron changed."""
    with pytest.raises(CheckFailedError, match="not the maximum of five behind the pairs"):
        composed(network, non_negative)
