"""Tolerances of rebuilt layers: what was proved, over the range that arrives."""

from __future__ import annotations

import random
from fractions import Fraction
from itertools import product
from math import inf, prod

import numpy
import pytest
import torch
from numpy.typing import NDArray
from torch import nn

import pooling
from pooling.rebuilt.maximum import SCHEMES
from pooling.rebuilt.plain import Layers, merging_layers
from pooling.rebuilt.tolerance import (
    PRECISIONS,
    SHALLOW,
    LayerTolerance,
    network_units,
    tolerance_of,
)

Numbers = NDArray[numpy.float64]


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


def test_what_is_left_has_none() -> None:
    """And of what is rebuilt each has one, whose windows may depend on the input."""
    model = nn.Sequential(nn.LPPool2d(2, 2), nn.ReLU6(), nn.AdaptiveAvgPool2d(3))
    rebuilt = pooling.rebuild(model, scheme="tree", skips=False)
    assert [change.tolerance is None for change in rebuilt.changes] == [True, False]
    assert rebuilt.tolerances == {"2": None}
    left, adaptive = str(rebuilt).splitlines()[:2]
    assert left.startswith("0: LPPool2d is left: a power and a root")
    assert adaptive == (
        "2: AdaptiveAvgPool2d is rebuilt, within 2·n u·8 for [0, 6] of 1 (ReLU6) "
        "and windows of n taps"
    )


def test_layers_whose_windows_depend_on_the_input() -> None:
    """A fold forgets its errors whatever the windows, and axes are as many as they are."""
    fold, separable, tree = (
        tolerance_of(pooling.AdaptiveMaxPool2d(2, scheme=scheme))
        for scheme in ("fold", "separable", "tree")
    )
    assert (fold, separable) == (LayerTolerance(1.5), LayerTolerance(3.0))
    assert tree.within(torch.float16) is None
    assert [tree.of_windows(taps).units for taps in (1, 2, 3, 9)] == [0.0, 1.5, 3.0, 6.0]
    assert tolerance_of(pooling.MaxPool2d(1)) == LayerTolerance(0.0)


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float32])
@pytest.mark.parametrize("size", [(5, 5), (6, 5), (40, 7), (1, 9), (64, 64)])
@pytest.mark.parametrize("layer", [pooling.AdaptiveAvgPool2d, pooling.AdaptiveMaxPool2d])
def test_adaptive_layers_are_within(
    layer: type[nn.Module], size: tuple[int, int], dtype: torch.dtype
) -> None:
    """Ragged axes and even ones, near ties and cancellation: no run is further off than is told."""
    made = layer(3, **({"scheme": "tree"} if layer is pooling.AdaptiveMaxPool2d else {}))
    n = prod(max(-(-i * side // 3) - (i - 1) * side // 3 for i in (1, 2, 3)) for side in size)
    told = tolerance_of(made).of_windows(n)._replace(low=-1.0, high=1.0).within(dtype)
    assert told is not None
    x = (torch.rand(256, 1, *size, dtype=torch.float64) * 2 - 1).to(dtype)
    x[::2] = x[::2].sign() * (1 - x[::2].abs() * torch.finfo(dtype).eps * 8)
    native = nn.AdaptiveAvgPool2d(3) if "Avg" in layer.__name__ else nn.AdaptiveMaxPool2d(3)
    assert float((made(x).double() - native(x.double())).abs().max()) <= told


def test_averages_along_one_axis_after_the_other() -> None:
    """What up to three of them are off by is below what is told of all their taps, in fractions."""
    some = [2, 3, 4, 5, 7, 8, 16, 64, 1000]
    for precision in PRECISIONS.values():
        u = Fraction(1, 2**precision)
        for sizes in (one for axes in (1, 2, 3) for one in product(some, repeat=axes)):
            off = prod((1 + u) ** 2 * (1 + (k - 1) * u) for k in sizes) - 1
            told = tolerance_of(pooling.AdaptiveAvgPool2d(2)).of_windows(prod(sizes))
            assert off <= Fraction(told.units) * u, sizes


def test_reach_is_a_power_of_two() -> None:
    """The least that no input exceeds."""
    for high, reach in ((1.0, 1.0), (1.1, 2.0), (0.75, 1.0), (0.5, 0.5), (0.0, 0.0), (6, 8.0)):
        assert LayerTolerance(1.5, 0.0, high).reach == reach


@pytest.mark.slow
@pytest.mark.parametrize("non_negative", [False, True])
def test_shallow_networks_are_as_proved(non_negative: bool) -> None:
    """The judge proves what the table says, of some windows in one format each."""
    from benchmarks.tolerances import of_shallow

    for number, taps in enumerate((2, 3, 4, 6, 9)):
        system = ("float16", "float32", "bfloat16", "float64", "float32")[number]
        bound = SHALLOW[non_negative][taps - 2]
        assert of_shallow(taps, system, non_negative=non_negative) <= bound


def test_any_number_of_taps_has_a_bound() -> None:
    """Ten units for each layer, four where nothing is below 0, as long as errors are small."""
    for layers in (1, 2, 3, 9, 24, 99):
        assert network_units([layers], 24) == max(10 * layers - 10, 2)
        assert network_units([layers], 53, non_negative=True) == 4 * layers - 2.5
    # In bfloat16 errors of many layers are no longer small, and sums are larger.
    assert [network_units([layers], 8) for layers in (9, 24, 48)] == [80.0, 260.0, 820.0]
    for scheme in ("fold", "tree", "separable", "shallow"):
        for narrow in (False, True):
            of = [
                tolerance_of(
                    pooling.MaxPool2d(size, scheme=scheme, skips=False, non_negative=narrow)
                )
                for size in (4, 5)
            ]
            assert all(bound is not None for bound in of)
    deep = LayerTolerance(820.0, -1.0, 1.0, each=(470.0, 820.0, 470.0, 470.0))
    assert deep.within(torch.float16) == 470 * 2**-11
    assert deep.within(torch.bfloat16) == pytest.approx(820 * 2**-8)
    tiny = deep._replace(low=0.0, high=2.0**-120).within(torch.bfloat16)
    assert tiny is not None
    assert tiny > 2.0**16 * 2.0**-126  # what may be taken for 0
    assert str(deep._replace(low=-inf)) == ("470 u·R in float16 for inputs up to R, a power of two")


def rounded(x: Numbers, precision: int) -> Numbers:
    """Round to a significand of so many bits, ties to even, with no end of exponents."""
    share, exponent = numpy.frexp(x)
    made: Numbers = numpy.ldexp(numpy.rint(numpy.ldexp(share, precision)), exponent - precision)
    return made


def in_some_order(terms: list[Numbers], precision: int, draw: random.Random) -> Numbers:
    """Add up in a bracketing drawn at random, rounding each sum."""
    while len(terms) > 1:
        one, other = (terms.pop(draw.randrange(len(terms))) for _ in range(2))
        terms.append(rounded(one + other, precision))
    return terms[0]


def ran(layers: Layers, x: Numbers, precision: int, draw: random.Random) -> Numbers:
    """Run a network on columns of taps, every sum in an order of its own."""
    values: list[Numbers] = [*x]
    for number, matrix in enumerate(layers):
        sums = [
            in_some_order([w * v for w, v in zip(row, values, strict=True) if w], precision, draw)
            for row in matrix.tolist()
        ]
        last = number == len(layers) - 1
        values = sums if last else [numpy.maximum(made, 0.0) for made in sums]
    return values[0]


@pytest.mark.parametrize("precision", [3, 5, 8])
@pytest.mark.parametrize("non_negative", [False, True])
@pytest.mark.parametrize("scheme", ["fold", "tree"])
def test_no_order_of_sums_is_beyond(scheme: str, non_negative: bool, precision: int) -> None:
    """Networks in small formats, on inputs that climb towards the bound."""
    own = numpy.random.default_rng(precision)
    draw = random.Random(precision)
    for taps in (2, 4, 5, 9, 12):
        layers = merging_layers(SCHEMES[scheme].order, taps, non_negative)
        bound = network_units([len(layers) - 1], precision, non_negative=non_negative)
        worst, best = -1.0, numpy.zeros(taps)
        for attempt in range(20):
            x = own.uniform(-1, 1, (taps, 300))
            match attempt % 4:
                case 1:
                    x = numpy.where(own.random(x.shape) < 0.5, numpy.sign(x), x)
                case 2:
                    x *= 2.0 ** -own.integers(0, precision + 3, x.shape)
                case 3:
                    near = best[:, None] * (1 + own.integers(-4, 5, x.shape) * 2.0**-precision)
                    x = numpy.where(own.random(x.shape) < 0.2, x, near)
            x = rounded(numpy.clip(numpy.abs(x) if non_negative else x, -1, 1), precision)
            off = numpy.abs(ran(layers, x, precision, draw) - x.max(axis=0)) * 2**precision
            if off.max() > worst:
                worst, best = float(off.max()), x[:, off.argmax()]
        assert 1 <= worst <= bound, (taps, worst, bound)


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float32])
@pytest.mark.parametrize("scheme", ["fold", "tree", "separable", "shallow"])
def test_layers_of_many_taps_are_within(scheme: str, dtype: torch.dtype) -> None:
    """As torch runs them: 25 taps, inputs of several sizes, and such as nearly tie."""
    own = torch.Generator().manual_seed(25)
    layer = pooling.MaxPool2d(5, scheme=scheme, skips=False)
    known = tolerance_of(layer)
    for reach in (1.0, 2.0**-20, 4.0, 2.0**-130):
        if reach < torch.finfo(dtype).smallest_normal and dtype is not torch.bfloat16:
            continue
        limit = known._replace(low=-reach, high=reach).within(dtype)
        assert limit is not None
        x = torch.rand((64, 1, 5, 5), generator=own, dtype=torch.float64) * 2 - 1
        x[:16] = x[:16].sign()
        x[16:32] = x[16:32] * 2**-8 + 0.75
        x = (x * reach).clamp(-reach, reach).to(dtype)
        off = (layer(x).double() - x.double().amax((2, 3), keepdim=True)).abs().max()
        assert float(off) <= limit


@pytest.mark.slow
def test_a_padded_layer_is_within_its_tolerance() -> None:
    """Borders, strides and channels change nothing: the worst that the judge finds is within."""
    from verify.judge import equivalent

    for scheme in ("tree", "separable"):
        layer = pooling.MaxPool2d(3, stride=2, padding=1, scheme=scheme, skips=False)
        found = equivalent(
            layer, "max_pool2d(3, 2, 1)", (1, 2, 5, 5), "float32", between=(-6, 6)
        )  # fmt: skip
        known = tolerance_of(layer)
        assert found.worst is not None
        assert 0 < found.worst.error <= known.units * 8 * 2**-24


@pytest.mark.parametrize("divisor", [1, 3, -7, 100])
def test_averages_with_a_divisor_of_their_own(divisor: int) -> None:
    """No run is further off than is told, and the bound is in proportion."""
    layer = pooling.AvgPool2d(2, divisor_override=divisor)
    told = tolerance_of(layer)
    assert told.units_in(torch.float16) == pytest.approx(20 / abs(divisor), rel=1e-2)
    for dtype in (torch.float16, torch.bfloat16, torch.float32):
        x = (torch.rand(1 << 15, 1, 2, 2, dtype=torch.float64) * 2 - 1).to(dtype)
        x[::2] = x[::2].sign() * (1 - x[::2].abs() * torch.finfo(dtype).eps * 8)
        exact = x.double().sum((-1, -2), keepdim=True) / divisor
        within = told._replace(low=-1.0, high=1.0).within(dtype)
        assert within is not None
        assert 0 < float((layer(x).double() - exact).abs().max()) <= within
