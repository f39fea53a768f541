from __future__ import annotations

from itertools import pairwise

import pytest
import torch
from torch import nn

from pooling.networks import tree
from pooling.rebuilt.maximum import in_pairs, one_by_one
from pooling.rebuilt.plain import NETWORKS, Convolution, maximum_network, merging_layers


def widths(layers: list[torch.Tensor]) -> list[int]:
    """Return the neurons of each hidden layer."""
    return [len(matrix) for matrix in layers[:-1]]


def test_widths() -> None:
    """Three neurons per merge and two per value that waits: the widths known for the tree."""
    assert widths(merging_layers(in_pairs, 4)) == [6, 3]
    assert widths(merging_layers(in_pairs, 9)) == [14, 8, 5, 3]
    assert widths(merging_layers(one_by_one, 4)) == [7, 5, 3]
    assert widths(merging_layers(one_by_one, 1)) == []


def test_widths_for_inputs_of_at_least_0() -> None:
    """Two neurons per merge and one per value that waits."""
    assert widths(merging_layers(in_pairs, 4, non_negative=True)) == [4, 2]
    assert widths(merging_layers(in_pairs, 9, non_negative=True)) == [9, 5, 3, 2]
    assert widths(merging_layers(one_by_one, 4, non_negative=True)) == [4, 3, 2]


@pytest.mark.parametrize("non_negative", [False, True])
@pytest.mark.parametrize("taps", range(1, 12))
def test_merging_in_pairs_is_the_exact_tree(taps: int, non_negative: bool) -> None:
    """Here and in exact fractions, drawn up in two ways, the layers are as wide."""
    assert tuple(widths(merging_layers(in_pairs, taps, non_negative))) == (
        tree(taps, non_negative).widths
    )


@pytest.mark.parametrize("non_negative", [False, True])
@pytest.mark.parametrize("name", NETWORKS)
@pytest.mark.parametrize("taps", range(1, 12))
def test_layers_compute_the_maximum(name: str, taps: int, non_negative: bool) -> None:
    """On integers, where float32 is exact, negative ones if they may; weights are 0, ±½ or ±1."""
    low = 0 if non_negative else -99
    x = torch.randint(low, 100, (taps, 500), generator=torch.Generator().manual_seed(taps)).float()
    first, *rest = NETWORKS[name](taps, non_negative)
    y = first @ x
    for matrix in rest:
        y = matrix @ y.relu()
    assert torch.equal(y, x.amax(0, keepdim=True))
    assert all(set(matrix.flatten().tolist()) <= {-1, -0.5, 0, 0.5, 1} for matrix in (first, *rest))


@pytest.mark.parametrize("scheme", NETWORKS)
def test_networks_are_convolutions_and_relus(scheme: str) -> None:
    """Nothing else, no biases, no state; no two ReLUs in a row, and the ends are convolutions."""
    network = maximum_network(scheme, (3, 2), (2, 1), (1, 2))
    kinds = [type(module) for module in network]
    assert set(kinds) == {Convolution, nn.ReLU}
    assert kinds[0] is kinds[-1] is Convolution
    assert (nn.ReLU, nn.ReLU) not in pairwise(kinds)
    assert not network.state_dict() and not list(network.parameters())
    assert all(
        module.weight.dtype == torch.float32 for module in network if hasattr(module, "weight")
    )


@pytest.mark.parametrize(
    ("scheme", "depth"), [("fold", 8), ("tree", 4), ("separable", 4), ("shallow", 3)]
)
def test_depth(scheme: str, depth: int) -> None:
    """The hidden layers of a 3 × 3 maximum."""
    network = maximum_network(scheme, (3, 3), (1, 1), (1, 1))
    assert sum(isinstance(module, nn.ReLU) for module in network) == depth


@pytest.mark.parametrize("sign", [1, -1])
def test_sign(sign: int) -> None:
    """A sign of −1 gives minima, and a window of one tap is itself under both."""
    x = torch.tensor([[[3.0, -1.0, 4.0, 1.0]]])
    pooled = maximum_network("tree", (2,), (2,), (1,), sign)(x)
    assert pooled.tolist() == ([[[3.0, 4.0]]] if sign > 0 else [[[-1.0, 1.0]]])
    assert torch.equal(maximum_network("tree", (1,), (1,), (1,), sign)(x), x)
