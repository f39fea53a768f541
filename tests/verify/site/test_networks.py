"""Networks as the page draws them."""

from __future__ import annotations

from fractions import Fraction

from pooling.networks import shallow, tree
from verify.site.networks import DRAWN, drawn


def test_weights_are_those_of_the_networks() -> None:
    """Read as fractions they are the network's own."""
    schemes = {"tree": tree, "shallow": shallow}
    for (taps, scheme), one in zip(DRAWN, drawn(), strict=True):
        for layer, data in zip(schemes[scheme](taps).layers, one["layers"], strict=True):
            assert [tuple(map(Fraction, row)) for row in data["weights"]] == list(layer.weights)
            assert tuple(map(Fraction, data["bias"])) == layer.bias
