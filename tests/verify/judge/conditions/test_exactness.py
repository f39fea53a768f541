"""How large elements may be that nothing rounds or wraps."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from itertools import product

import pytest
import torch

from proofs.systems import SYSTEMS
from proofs.systems.floats import FloatFormat
from proofs.systems.integers import WrapAround
from verify.judge.conditions.exactness import Exactness, Reach, integers_of, never_wraps
from verify.judge.symbols.algebra import Algebra
from verify.judge.symbols.classes import Pattern, kinds
from verify.judge.symbols.terms import Ids, Terms
from verify.judge.tolerance.algebra import RoundedReals
from verify.judge.tolerance.rounding import Interval

Side = Callable[[Algebra, list[Ids]], Ids]


def fold(algebra: Algebra, taps: list[Ids]) -> Ids:
    """Return the largest, tap after tap."""
    first, *others = taps
    for tap in others:
        first = algebra.add(algebra.relu(algebra.add(tap, first, Fraction(-1))), first)
    return first


def float_format(name: str) -> FloatFormat:
    """Return a float format."""
    system = SYSTEMS[name]
    assert isinstance(system, FloatFormat)
    return system


def kind_of(side: Side, count: int, algebra: Algebra) -> Pattern:
    """Return a side beside the maximum of its taps."""
    taps = [algebra.terms.variables[i : i + 1] for i in range(count)]
    right = taps[0]
    for tap in taps[1:]:
        right = algebra.maximum(right, tap)
    (kind,) = kinds(algebra.terms, side(algebra, taps), right)
    return kind


@pytest.mark.parametrize("count", [2, 4, 9])
@pytest.mark.parametrize("name", ["float16", "bfloat16", "float64"])
def test_a_fold_is_exact_in_half_of_the_whole_numbers(name: str, count: int) -> None:
    """Its differences are twice as large as its taps, however many there are."""
    system = float_format(name)
    kind = kind_of(fold, count, Algebra(Terms(count), system))
    assert Exactness(kind, system).largest_whole == 1 << (system.precision - 1)


def mean(algebra: Algebra, taps: list[Ids]) -> Ids:
    """Return the mean of taps that a kernel adds up in some order."""
    every = [int(tap[0]) for tap in taps]
    part = Fraction(1, len(taps))
    ids = torch.tensor([every], dtype=torch.int32).numpy()
    weights = algebra.terms.weight(part) + 0 * ids
    return algebra.terms.add("linear", ids, weights)


@pytest.mark.parametrize(("count", "size"), [(2, 1024), (4, 512), (8, 256), (3, 0), (9, 0)])
def test_a_mean_is_exact_while_its_sum_is(count: int, size: int) -> None:
    """In any order, and only where it divides by a power of two."""
    system = float_format("float16")
    kind = kind_of(mean, count, RoundedReals(Terms(count), system))
    assert Exactness(kind, system).largest_whole == size


def test_a_known_number_that_is_held_otherwise_is_not_exact() -> None:
    """Of such nothing is known."""
    system = float_format("float16")
    kind = kind_of(mean, 4, RoundedReals(Terms(4), system))
    assert Exactness(kind, system, held=lambda number: number != Fraction(1, 4)).largest_whole == 0


def test_multiples_of_no_smaller_number_than_the_least() -> None:
    """Where subnormal numbers are taken for 0, a quarter of one is none to count on."""
    system = float_format("float16")
    kind = kind_of(mean, 4, RoundedReals(Terms(4), system))
    assert Exactness(kind, system, least=Fraction(1, 2)).largest_whole == 0
    assert Exactness(kind, system, least=Fraction(1, 4)).largest_whole == 512


@pytest.mark.parametrize(("end", "never"), [(63, True), (64, False)])
def test_a_fold_of_integers_wraps_beyond_half_the_range(end: int, never: bool) -> None:
    """All triples of the corners of the range are right inside it, some wrong outside."""
    system = SYSTEMS["int8"]
    assert isinstance(system, WrapAround)
    reach = Reach(kind_of(fold, 3, Algebra(Terms(3), system)))
    inside = Interval(Fraction(-64), Fraction(end))
    assert never_wraps(reach, inside, system) is never
    taps = torch.tensor(list(product((-64, -63, 0, end - 1, end), repeat=3)), dtype=torch.int8)
    folded = taps[:, 0]
    for i in (1, 2):
        folded = torch.relu(taps[:, i] - folded) + folded
    assert torch.equal(folded, taps.amax(1)) is never


def test_ranges_of_integers() -> None:
    """With a sign and without."""
    for name, low, high in (("int8", -128, 127), ("uint8", 0, 255)):
        system = SYSTEMS[name]
        assert isinstance(system, WrapAround)
        assert integers_of(system) == Interval(Fraction(low), Fraction(high))
