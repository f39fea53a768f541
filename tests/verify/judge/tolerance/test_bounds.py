"""Bounds are attacked: by all inputs of small formats in every order of the sums, and by search."""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable
from fractions import Fraction

import numpy
import pytest
import torch
import torch.nn.functional as F

from proofs.systems import SYSTEMS
from proofs.systems.floats import FloatFormat
from proofs.verdict import Verdict
from tests.verify.judge.tolerance.graphs import (
    SMALL,
    TINY,
    Element,
    Expression,
    bound_of,
    exact_value,
    floats_between,
    pattern_of,
    results,
)
from verify.judge import equivalent
from verify.judge.tolerance.bounds import UnknownRoundingError
from verify.judge.tolerance.rounding import Interval

ONE = Interval(Fraction(-1), Fraction(1))


def merged(a: Element, b: Element) -> Element:
    """Return the larger of two by one ReLU."""
    return (b - a).relu() + a


def drifting(a: Element, b: Element) -> Element:
    """Return the larger of two with the roles exchanged."""
    return (a - b).relu() + b


def folded(*taps: Element) -> Element:
    """Fold with the running maximum as the second operand: only a new one errs."""
    largest = taps[0]
    for tap in taps[1:]:
        largest = merged(largest, tap)
    return largest


def drifted(*taps: Element) -> Element:
    """Fold the other way round: every step may err."""
    largest = taps[0]
    for tap in taps[1:]:
        largest = drifting(largest, tap)
    return largest


def smallest(a: Element, b: Element) -> Element:
    """Return the smaller of two."""
    return a - (a - b).relu()


def three(a: Element, b: Element) -> Element:
    """Return the larger of two without a skip: b passes through two ReLUs."""
    return (a - b).relu() + b.relu() - (-b).relu()


def by_absolute_value(a: Element, b: Element) -> Element:
    """Return the larger of two by the absolute value of their difference."""
    return (a + b + abs(a - b)) * Fraction(1, 2)


def averaged(*taps: Element) -> Element:
    """Return the mean, its sum in any order."""
    return taps[0].graph.total(taps, Fraction(1, len(taps)))


def averaged_in_order(*taps: Element) -> Element:
    """Return the mean, tap after tap."""
    total = taps[0]
    for tap in taps[1:]:
        total = total + tap
    return total * Fraction(1, len(taps))


def squared(a: Element, b: Element) -> Element:
    """Return a product of sums."""
    return (a + b) * (a - b)


def shifted(a: Element, b: Element) -> Element:
    """Return a sum with a bias, which may be added first."""
    return a.graph.total([a, b]) + Fraction(3, 8)


def plain(a: Element, b: Element, c: Element) -> Element:
    """Return the largest of three by two layers without skips; each neuron is a sum of its own."""
    one, minus = Fraction(1), Fraction(-1)
    first = [(a - b).relu(), b.relu(), (-b).relu()]
    graph = a.graph
    values = [
        graph.weighted([*first, c], [minus, minus, one, one]),
        graph.weighted(first, [one, one, minus]),
        graph.weighted(first, [minus, minus, one]),
    ]
    return graph.weighted([v.relu() for v in values], [one, one, minus])


TWO: list[Expression] = [
    merged, drifting, smallest, three, by_absolute_value, averaged, squared, shifted,
]  # fmt: skip
RANGES = [
    ONE,
    Interval(Fraction(-4), Fraction(4)),
    Interval(Fraction(0), Fraction(3, 4)),
    Interval(Fraction(-5, 8), Fraction(7, 4)),
    Interval(Fraction(-1, 16), Fraction(1, 32)),  # mostly subnormal numbers
    Interval(Fraction(3, 2), Fraction(6)),
]


def worst_of(
    expression: Expression, count: int, ranges: Interval, system: FloatFormat, most: int = 10**6
) -> tuple[Fraction, Fraction]:
    """Return the bound and the worst of all inputs, or of so many; no input is beyond the bound."""
    pattern = pattern_of(expression, count, system)
    bound = bound_of(pattern, ranges, system)
    floats = floats_between(ranges.low, ranges.high, system)
    every = list(itertools.product(floats, repeat=len(pattern.elements)))
    if len(every) > most:
        every = random.Random(1).sample(every, most)
    worst = Fraction(0)
    for inputs, fused in itertools.product(every, (False, True)):
        exact = exact_value(pattern, inputs)
        for value in results(pattern, inputs, system, fused=fused):
            off = abs(Fraction(value) - exact)
            assert off <= bound.error, (inputs, value, exact)
            worst = max(worst, off)
    return bound.error, worst


@pytest.mark.slow
@pytest.mark.parametrize("ranges", RANGES, ids=str)
@pytest.mark.parametrize("expression", TWO)
def test_no_pair_of_a_small_format_is_beyond(expression: Expression, ranges: Interval) -> None:
    """All pairs, in both ways to compute a product and a sum."""
    bound, worst = worst_of(expression, 2, ranges, TINY)
    assert expression is squared or worst == 0 or bound <= 4 * worst


@pytest.mark.slow
@pytest.mark.parametrize("ranges", RANGES, ids=str)
@pytest.mark.parametrize("expression", [folded, drifted, averaged, averaged_in_order, plain])
def test_no_triple_is_beyond(expression: Expression, ranges: Interval) -> None:
    """Three taps, sums in every order."""
    most = 60 if expression is plain else 800  # each in hundreds of orders
    worst_of(expression, 3, ranges, TINY, most=most)
    worst_of(expression, 3, ranges, SMALL, most=most // 2)


@pytest.mark.parametrize(
    ("expression", "taps", "units"),
    [
        (merged, 2, 1.515),
        (folded, 9, 3.1),
        (folded, 25, 3.1),
        (drifted, 9, 12),
        (drifted, 25, 36),
        (averaged_in_order, 4, 1.3 * 1.25),
        (averaged_in_order, 9, 4.3),
    ],
)
@pytest.mark.parametrize("end", [1, 64, Fraction(1, 8)])
@pytest.mark.parametrize("system", ["float16", "bfloat16", "float32", "float64"])
def test_how_sharp_they_are(
    expression: Expression, taps: int, units: float, end: Fraction, system: str
) -> None:
    """Units of u·R, for inputs of at most R in magnitude, a power of two."""
    found = SYSTEMS[system]
    assert isinstance(found, FloatFormat)
    end = Fraction(end)
    bound = bound_of(pattern_of(expression, taps, found), Interval(-end, end), found)
    assert not bound.overflows
    room = 1.01 if system == "bfloat16" else 1.0  # products of so few digits are off by more
    assert bound.error / end * 2**found.precision <= Fraction(units * room)


def test_a_fold_forgets() -> None:
    """However many taps, a fold is as good as one merge."""
    system = SYSTEMS["float16"]
    assert isinstance(system, FloatFormat)
    few, many = (bound_of(pattern_of(folded, n, system), ONE, system).error for n in (2, 30))
    assert few == many == Fraction(3, 2) / 2**11


def test_overflow_is_seen() -> None:
    """A difference, and a sum in some order, that may be beyond the largest number."""
    system = SYSTEMS["float16"]
    assert isinstance(system, FloatFormat)
    whole = Interval(-system.greatest, system.greatest)
    half = Interval(-system.greatest / 2, system.greatest / 2)
    pair, mean = pattern_of(merged, 2, system), pattern_of(averaged, 4, system)
    assert bound_of(pair, whole, system).overflows
    assert not bound_of(pair, half, system).overflows
    assert bound_of(mean, half, system).overflows


def test_a_quotient_by_what_may_be_zero_has_no_bound() -> None:
    """Nothing is said rather than something small."""
    system = SYSTEMS["float32"]
    assert isinstance(system, FloatFormat)

    def ratio(a: Element, b: Element) -> Element:
        return a._made(a.graph.algebra.divide(a.term, b.term))

    pattern = pattern_of(ratio, 2, system)
    with pytest.raises(UnknownRoundingError, match="a division by what may be 0"):
        bound_of(pattern, ONE, system)
    assert bound_of(pattern, Interval(Fraction(1), Fraction(2)), system).error == Fraction(1, 2**24)


STEPS: list[Callable[[Element, Element], Element]] = [
    lambda x, y: x + y,
    lambda x, y: x - y,
    lambda x, y: (x - y).relu() + y,
    lambda x, y: x - (x - y).relu(),
    lambda x, _: x.relu() - (-x).relu(),
    lambda x, _: abs(x),
    lambda x, _: x * Fraction(1, 2),
    lambda x, _: x * Fraction(1, 3),
    lambda x, _: x.relu(),
]


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(40))
def test_no_random_expression_is_beyond(seed: int) -> None:
    """Sums, differences, ReLUs, maxima and multiples of one another, at random."""
    chosen = random.Random(seed)

    def grown(*inputs: Element) -> Element:
        made = list(inputs)
        for _ in range(chosen.randint(3, 7)):
            made.append(chosen.choice(STEPS)(chosen.choice(made), chosen.choice(made)))
        return made[-1]

    worst_of(grown, 2, chosen.choice(RANGES), TINY, most=150)


@pytest.mark.parametrize("name", ["float16", "bfloat16", "float32", "float64"])
def test_roots_of_torch_are_within_a_unit_in_the_last_place(name: str) -> None:
    """All numbers of 16 bits, and a sample of the others: nearest they are not always."""
    dtype = getattr(torch, name)
    whole = {2: torch.int16, 4: torch.int32, 8: torch.int64}[dtype.itemsize]
    if dtype.itemsize == 2:
        x = torch.arange(1 << 15, dtype=torch.int32).to(whole).view(dtype)
    else:
        x = torch.rand(1 << 17, dtype=torch.float64).mul(6).sub(3).exp2().to(dtype)
        bits = torch.randint(0, 1 << 62, (1 << 17,)) >> (64 - 8 * dtype.itemsize)
        x = torch.cat([x, bits.to(whole).view(dtype)])
    x = x[x.isfinite() & (x > 0)]
    for made in (x.sqrt(), x**0.5, torch.stack([x, x], 1)[:, 0].sqrt()):
        exact = numpy.sqrt(x.double().numpy().astype(numpy.longdouble))
        gap = numpy.exp2(numpy.floor(numpy.log2(exact))) * torch.finfo(dtype).eps
        assert (abs(made.double().numpy() - exact) < gap).all()


@pytest.mark.parametrize("between", [(-1, 1), (0, 6), (-2e-3, 1e-3), (-3e-6, 3e-6), (0.5, 1)])
@pytest.mark.parametrize("scheme", ["lp_pool", "norm"])
def test_norms_are_within_their_bound(scheme: str, between: tuple[float, float]) -> None:
    """Millions of pairs in float16, small ones whose squares underflow among them."""

    def norm(x: torch.Tensor) -> torch.Tensor:
        if scheme == "lp_pool":
            return F.lp_pool1d(x, 2, 2)
        return (x * x).sum(-1, keepdim=True).sqrt()

    found = equivalent(
        norm, lambda x: (x**2).sum(-1, keepdim=True) ** 0.5, (1, 1, 2), "float16",
        between=between, why=False,
    )  # fmt: skip
    assert found.verdict is Verdict.WITHIN
    low, high = between
    x = torch.rand(1 << 20, 1, 2, dtype=torch.float64)
    x[::2] = 2.0 ** -(x[::2] * 24)
    x = ((x * (high - low) + low).to(torch.float16)).clamp(low, high)
    exact = numpy.sqrt((x.double().numpy().astype(numpy.longdouble) ** 2).sum(-1))
    worst = abs(norm(x).double().numpy()[..., 0] - exact).max()
    assert found.within is not None
    assert 0 < worst <= found.within
    if scheme == "norm":  # of a mean that is multiplied again the underflow is charged for both
        assert found.within < 10 * worst


def test_a_root_of_what_may_be_computed_below_zero_has_no_bound() -> None:
    """The exact value is never negative, and what is computed may be: then a run is NaN."""
    found = equivalent(
        lambda a, b: (a * a - a * b * 2 + b * b).sqrt(), lambda a, b: (a - b).square().sqrt(),
        ((2,), (2,)), "float16", between=(0, 1), why=False,
    )  # fmt: skip
    assert found.verdict is not Verdict.WITHIN


def test_specks_cost_no_more_than_themselves() -> None:
    """A third summand below the last place of the others is not charged as another addition."""
    unit = 2.0**-11

    def total(*taps: torch.Tensor) -> torch.Tensor:
        return torch.stack(taps).sum(0)

    def judged(end: float) -> float:
        found = equivalent(
            total, lambda a, b, c: a + (b + c), ((1,), (1,), (1,)), "float16",
            between=((-1, 1), (-1, 1), (-end, end)), why=False,
        )  # fmt: skip
        assert found.verdict is Verdict.WITHIN
        assert found.within is not None
        a, b, c = (torch.rand(3, 1 << 18, dtype=torch.float64) * 2 - 1).to(torch.float16)
        c = (c.double() * end).to(torch.float16)
        exact = a.double() + b.double() + c.double()
        assert float((total(a, b, c).double() - exact).abs().max()) <= found.within
        assert float(((a + b) + c - exact).abs().max()) <= found.within
        return found.within / unit

    assert judged(unit / 256) < 1.1 < 1.5 < judged(0.5)
