"""Inputs on which networks fail: found for any network that is too small, random or trained."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from pooling.networks import Affine, Network, tree
from proofs.networks._counterexamples import refute_narrow, refute_one_layer

NUMBERS = st.fractions(-9, 9, max_denominator=7)


@given(data=st.data())
@settings(max_examples=100)
def test_one_layer_is_refuted(data: st.DataObject) -> None:
    """Any network of one hidden layer errs by 1 at least where it is said to."""
    inputs, width = data.draw(st.integers(3, 5)), data.draw(st.integers(1, 8))

    def row(size: int) -> tuple[Fraction, ...]:
        return tuple(data.draw(st.lists(NUMBERS, min_size=size, max_size=size)))

    hidden = Affine(tuple([row(inputs) for _ in range(width)]), row(width))
    network = Network((hidden, Affine((row(width),), row(1))))
    point, error = refute_one_layer(network)
    assert abs(network(point)[0] - max(point)) == error >= 1


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(3))
def test_trained_networks_are_refuted(seed: int) -> None:
    """So does one that was trained until it is nearly the maximum on a cube."""
    generator = torch.Generator().manual_seed(seed)
    weights = [torch.randn(shape, generator=generator) for shape in ((16, 3), (16,), (16,), ())]
    for weight in weights:
        weight.requires_grad_()
    first, bias, last, constant = weights
    optimizer = torch.optim.Adam(weights, lr=0.02)
    for _ in range(500):
        x = torch.rand(256, 3, generator=generator) * 2 - 1
        loss = ((x @ first.T + bias).relu() @ last + constant - x.amax(1)).square().mean()
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
    assert loss < 0.01

    def exact(values: torch.Tensor) -> tuple[Fraction, ...]:
        return tuple([Fraction(value) for value in values.tolist()])

    hidden = Affine(tuple([exact(row) for row in first]), exact(bias))
    output = Affine((exact(last),), (Fraction(constant.item()),))
    assert refute_one_layer(Network((hidden, output)))[1] >= 1


@given(data=st.data())
@settings(max_examples=60)
def test_narrow_first_layers_are_refuted(data: st.DataObject) -> None:
    """However deep, a network with few neurons in front errs by 1 at least where it is said to."""
    non_negative = data.draw(st.booleans())
    inputs = data.draw(st.integers(1 + non_negative, 5))
    width = data.draw(st.integers(1, inputs - non_negative))
    sizes = [inputs, width, *data.draw(st.lists(st.integers(1, 4), max_size=2)), 1]
    # Small entries, so that rows that depend on each other are drawn often.
    entries = st.integers(-1, 1).map(Fraction) if data.draw(st.booleans()) else NUMBERS

    def row(size: int) -> tuple[Fraction, ...]:
        return tuple(data.draw(st.lists(entries, min_size=size, max_size=size)))

    network = Network(
        tuple(
            [
                Affine(tuple([row(before) for _ in range(after)]), row(after))
                for before, after in pairwise(sizes)
            ]
        )
    )
    point, error = refute_narrow(network, non_negative)
    assert abs(network(point)[0] - max(point)) == error >= 1
    assert min(point) >= 0 or not non_negative


@pytest.mark.parametrize(
    "rows",
    [
        pytest.param([[-1, 0, 0], [0, -1, 0], [0, 0, -1]], id="rays of maximum 0"),
        pytest.param([[1, 0, 0], [0, 1, 0], [0, 0, 1]], id="a falling cone"),
        pytest.param([[1, -1, 0], [0, 1, -1], [-1, 0, 1]], id="dependent"),
        pytest.param([[0, 0, 0], [0, 0, 0]], id="zero"),
        pytest.param([[1, 1, 0], [1, -1, 0]], id="two of three, an axis unseen"),
        pytest.param([[1, 0, 0], [0, 1, 0]], id="two of three"),
    ],
)
@pytest.mark.parametrize("bias", [-3, 0, 5])
def test_directions_that_a_first_layer_does_not_see(rows: list[list[int]], bias: int) -> None:
    """Cones and kernels of every kind; behind the layer the best there is, a maximum of all."""
    biases = tuple([Fraction(bias * place) for place in range(len(rows))])
    front = Affine(Affine.linear(rows).weights, biases)
    unit = [[int(i == j) for i in range(len(rows))] for j in range(len(rows))]
    network = tree(len(rows)).after(Network((front, Affine.linear(unit))))
    for non_negative in (False, True)[: 4 - len(rows)]:
        point, error = refute_narrow(network, non_negative)
        assert abs(network(point)[0] - max(point)) == error >= 1
        assert min(point) >= 0 or not non_negative


@pytest.mark.slow
@pytest.mark.parametrize(("width", "non_negative"), [(3, False), (2, True)])
def test_trained_networks_with_a_narrow_first_layer_are_refuted(
    width: int, non_negative: bool
) -> None:
    """So does one that was trained, with two wide layers behind the narrow one."""
    torch.manual_seed(width)
    network = torch.nn.Sequential(
        torch.nn.Linear(3, width), torch.nn.ReLU(),
        torch.nn.Linear(width, 16), torch.nn.ReLU(),
        torch.nn.Linear(16, 16), torch.nn.ReLU(),
        torch.nn.Linear(16, 1),
    )  # fmt: skip
    optimizer = torch.optim.Adam(network.parameters(), lr=0.01)
    for _ in range(400):
        x = torch.rand(256, 3) if non_negative else torch.rand(256, 3) * 2 - 1
        loss = (network(x)[:, 0] - x.amax(1)).square().mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    assert loss < 0.1
    layers = [part for part in network if isinstance(part, torch.nn.Linear)]
    exact = Network(tuple([Affine(rows(part.weight), rows(part.bias[None])[0]) for part in layers]))
    point, error = refute_narrow(exact, non_negative)
    assert error >= 1 and (min(point) >= 0 or not non_negative)
    said = network(torch.tensor([[float(x) for x in point]])).item()
    assert abs(said - float(max(point))) == pytest.approx(float(error), rel=1e-3)


def rows(weights: torch.Tensor) -> tuple[tuple[Fraction, ...], ...]:
    """Return the exact values of a matrix."""
    return tuple([tuple([Fraction(entry) for entry in row]) for row in weights.tolist()])


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda: refute_one_layer(tree(4)),
            "network must have one hidden layer, at least 3 inputs and 1 output, got 2, 4 and 1",
        ),
        (
            lambda: refute_narrow(tree(4)),
            "network must have 1 output and a first layer of at most 4 neurons, got 1 and 6",
        ),
        (
            lambda: refute_narrow(tree(4, non_negative=True), non_negative=True),
            "network must have 1 output and a first layer of at most 3 neurons, got 1 and 4",
        ),
        (
            lambda: refute_narrow(tree(1)),
            "network must have 1 output and a first layer of at most 1 neurons, got 1 and None",
        ),
    ],
)
def test_refused(call: object, message: str) -> None:
    """Networks of another shape are no cases for these proofs."""
    assert callable(call)
    with pytest.raises(ValueError) as caught:
        call()
    assert str(caught.value) == message
