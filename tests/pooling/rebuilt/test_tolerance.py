"""Tolerances of rebuilt layers: what was proved, over the range that arrives."""

from __future__ import annotations

from math import inf

import pytest
import torch
from torch import nn

import pooling
from pooling.rebuilt.tolerance import NETWORKS, SEPARABLE, LayerTolerance, units_of


def made(model: nn.Module, **named: object) -> dict[str, LayerTolerance | None]:
    """Return the tolerance of every rebuilt layer."""
    rebuilt = pooling.rebuild(model, **named)  # type: ignore[arg-type]
    return {change.path: change.tolerance for change in rebuilt.changes}


def test_the_range_of_a_layer_in_front() -> None:
    """It passes through poolings; where there is none, the bound is relative to it."""
    model = nn.Sequential(nn.ReLU6(), nn.MaxPool2d(2), nn.Conv2d(1, 1, 1), nn.MaxPool2d(3))
    found = made(model)
    first, last = found["1"], found["3"]
    assert first is not None
    assert last is not None
    assert (first.units, first.low, first.high, first.by) == (1.5, 0.0, 6.0, "0 (ReLU6)")
    assert first.within(torch.float32) == 1.5 * 2**-24 * 8
    assert (last.reach, last.within(torch.float32)) == (None, None)
    assert str(last) == "1.5 u·R for inputs up to R, a power of two"


def test_a_range_that_the_user_knows() -> None:
    """It counts where nothing is guaranteed, and is cut where something is."""
    model = nn.Sequential(nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(1, 1, 1), nn.AvgPool2d(2))
    found = made(model, between=(-3.0, 3.0))
    first, last = found["1"], found["3"]
    assert first is not None
    assert last is not None
    assert (first.low, first.high, first.by) == (0.0, 3.0, "")
    assert (last.low, last.high, last.products) == (-3.0, 3.0, 4)
    assert str(pooling.rebuild(model, between=(-3.0, 3.0))) == (
        "1: MaxPool2d is rebuilt, within 0.00292969 in float16 (1.5 u·4) for [0, 3]\n"
        "3: AvgPool2d is rebuilt, within 0.00976586 in float16 (5 u·4) for [-3, 3]"
    )
    for bad in ((1.0, 0.0), (-inf, 0.0), (0.0, float("nan"))):
        with pytest.raises(ValueError, match="between must be a lower and an upper end"):
            pooling.rebuild(model, between=bad)


def test_what_is_left_and_what_is_not_proved() -> None:
    """Both have no tolerance, and say so."""
    model = nn.Sequential(nn.LPPool2d(2, 2), nn.MaxPool2d(5))
    rebuilt = pooling.rebuild(model, scheme="tree", skips=False)
    assert [change.tolerance for change in rebuilt.changes] == [None, None]
    assert str(rebuilt).splitlines()[0].startswith("0: LPPool2d is left: a power and a root")
    assert str(rebuilt).splitlines()[1] == "1: MaxPool2d is rebuilt, nothing is proved"


def test_layers_whose_windows_depend_on_the_input() -> None:
    """A fold forgets its errors whatever the windows, and axes are as many as they are."""
    fold, separable, tree = (
        units_of(pooling.AdaptiveMaxPool2d(2, scheme=scheme))
        for scheme in ("fold", "separable", "tree")
    )
    assert (fold, separable, tree) == ((1.5, 0), (3.0, 0), None)
    assert units_of(pooling.AdaptiveAvgPool2d(1)) is None
    assert units_of(pooling.MaxPool2d(1)) == (0.0, 0)


def test_reach_is_a_power_of_two() -> None:
    """The least that no input exceeds."""
    for high, reach in ((1.0, 1.0), (1.1, 2.0), (0.75, 1.0), (0.5, 0.5), (0.0, 0.0), (6, 8.0)):
        assert LayerTolerance(1.5, 0.0, high).reach == reach


@pytest.mark.slow
@pytest.mark.parametrize("non_negative", [False, True])
@pytest.mark.parametrize("scheme", ["fold", "tree", "shallow", "separable"])
def test_networks_are_as_proved(scheme: str, non_negative: bool) -> None:
    """The judge proves what the tables say, of some windows in one format each."""
    from benchmarks.tolerances import of_network

    for number, taps in enumerate((2, 3, 4, 6, 9)):
        system = ("float16", "float32", "bfloat16", "float64", "float32")[number]
        name = "fold" if scheme == "separable" else scheme
        bound = NETWORKS[name, non_negative][taps - 2]
        assert of_network(scheme, (taps,), system, non_negative=non_negative) <= bound
    if scheme == "separable":
        for (sizes, narrow), bound in SEPARABLE.items():
            if narrow == non_negative:
                assert of_network(scheme, sizes, "float32", non_negative=narrow) <= bound


@pytest.mark.slow
def test_a_padded_layer_is_within_its_tolerance() -> None:
    """Borders, strides and channels change nothing."""
    from verify.judge import equivalent

    for scheme in ("tree", "separable"):
        layer = pooling.MaxPool2d(3, stride=2, padding=1, scheme=scheme, skips=False)
        found = equivalent(
            layer, "max_pool2d(3, 2, 1)", (1, 2, 5, 5), "float32", between=(-6, 6)
        )  # fmt: skip
        known = units_of(layer)
        assert known is not None
        assert found.within is not None
        assert found.within <= known[0] * 8 * 2**-24
