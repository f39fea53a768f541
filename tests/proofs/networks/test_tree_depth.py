from __future__ import annotations

from collections.abc import Callable
from math import ceil, log2

import pytest

from pooling.networks import Affine, Network, shallow, tree
from pooling.rebuilt.maximum import in_pairs
from pooling.rebuilt.plain import merging_layers
from proofs.claim import CheckFailedError
from proofs.networks import tree_depth
from proofs.networks.max_of_five_in_two_layers import changed
from proofs.networks.tree_depth import LARGEST, left, pairs, trees, width


def test_depth_and_widths() -> None:
    """The closed forms give what two builders of the network come to."""
    for taps in (*range(1, 34), 49, 121):
        expected, values = [], taps
        while values > 1:
            expected.append(width(values))
            values = left(values)
        assert len(expected) == ceil(log2(taps))
        assert tree(taps).widths == tuple(expected)
        assert [len(layer) for layer in merging_layers(in_pairs, taps)[:-1]] == expected


@pytest.mark.parametrize("non_negative", [False, True])
@pytest.mark.parametrize("taps", range(1, 8))
def test_a_layer_of_pairs(taps: int, non_negative: bool) -> None:
    """It gives the maxima of neighbours, and an odd one as it is."""
    values = [4, 1, 0, 5, 9, 2, 6][:taps]
    values = values if non_negative else [value - 5 for value in values]
    layer = pairs(taps, non_negative)
    assert layer(values) == [max(values[i : i + 2]) for i in range(0, taps, 2)]
    assert layer.widths == (taps if non_negative else width(taps),)


def test_the_trees_are_read() -> None:
    """As far as it says; layers that merge three would be fewer."""
    assert trees().startswith(f"1 to {LARGEST} numbers")
    with pytest.raises(CheckFailedError) as caught:
        trees(layer=3)
    assert str(caught.value) == "the tree of 3 has 2 layers"


def wider(taps: int, non_negative: bool = False) -> Network:
    """Return a tree that takes no notice of inputs being ≥ 0."""
    return tree(taps)


def one_too_deep(taps: int, non_negative: bool = False) -> Network:
    """Return a tree with a layer that only passes its value on."""
    carry = Network((Affine.linear([[1], [-1]]), Affine.linear([[1, -1]])))
    return carry.after(tree(taps, non_negative))


@pytest.mark.parametrize("other", [shallow, wider, one_too_deep])
def test_other_networks_fail(
    monkeypatch: pytest.MonkeyPatch, other: Callable[[int, bool], Network]
) -> None:
    """Networks that are maxima as well, but no such trees."""
    monkeypatch.setattr(tree_depth, "tree", other)
    with pytest.raises(CheckFailedError):
        trees()


def test_weights_and_widths_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """Trees with one weight of the last layer negated, and another closed form of widths."""

    def negated(taps: int, non_negative: bool = False) -> Network:
        network = tree(taps, non_negative)
        return changed(network) if taps == 7 else network

    monkeypatch.setattr(tree_depth, "tree", negated)
    with pytest.raises(CheckFailedError, match="the tree of 7 is no tree behind pairs"):
        trees()
    monkeypatch.setattr(tree_depth, "tree", tree)
    monkeypatch.setattr(tree_depth, "width", lambda values: 3 * values // 2)
    with pytest.raises(CheckFailedError, match="the tree of 3 has layers of"):
        trees()
