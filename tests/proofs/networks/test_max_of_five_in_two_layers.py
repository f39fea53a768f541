from __future__ import annotations

from random import Random

import pytest

from pooling.networks import Network, shallow, tree
from proofs.claim import CheckFailedError
from proofs.networks.max_of_five_in_two_layers import Cone, changed, on_cones, orders, without


def inside(point: list[int], cone: Cone) -> bool:
    """Say whether ``point`` is in the cone of an order, by its inputs in that order."""
    order = sorted(range(len(point)), key=lambda tap: -sum(ray[tap] for ray in cone[:-1]))
    values = [point[tap] for tap in order]
    return values == sorted(values, reverse=True) and values[-1] * cone[-1][0] >= 0


@pytest.mark.parametrize("taps", [2, 3, 4])
def test_cones_cover_everything(taps: int) -> None:
    """Every input is in one of the cones, and every input ≥ 0 in one of fewer."""
    random = Random(taps)
    for _ in range(50):
        point = [random.randint(-5, 5) for _ in range(taps)]
        assert any(inside(point, cone) for cone in orders(taps, non_negative=False))
        positive = [abs(value) for value in point]
        assert any(inside(positive, cone) for cone in orders(taps, non_negative=True))


@pytest.mark.parametrize("network", [tree(1), tree(3), tree(4), shallow(5)])
def test_maxima_pass(network: Network) -> None:
    """The networks of up to five numbers are proved without a solver."""
    assert "equal at every ray" in on_cones(network)


@pytest.mark.parametrize("neuron", range(9))
def test_every_neuron_matters(neuron: int) -> None:
    """Without any one of its neurons the network of five is refuted, at a named input."""
    with pytest.raises(CheckFailedError, match="the network gives"):
        on_cones(without(shallow(5), neuron))


def test_a_changed_weight_is_found() -> None:
    """A weight of the wrong sign is refuted too."""
    with pytest.raises(CheckFailedError, match="the network gives"):
        on_cones(changed(tree(3)))
