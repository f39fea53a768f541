from __future__ import annotations

from fractions import Fraction
from itertools import permutations

import numpy
import pytest

from proofs.claim import CheckFailedError
from proofs.networks import max_of_eight_in_two_layers
from proofs.networks.max_of_eight_in_two_layers import (
    DENOMINATOR,
    KINDS,
    identity,
    named,
    places,
    summed,
)


def value(left: str, right: str, numbers: list[int]) -> int:
    """Return the sum of a kind at some numbers, from maxima of numbers alone."""
    p, q = places(left), places(right)
    x = numpy.array(numbers)[named(1 + max(letter for pair in p + q for letter in pair))].T
    sums = [sum(numpy.maximum(x[i], x[j]) for i, j in pairs) for pairs in (p, q)]
    return int(numpy.maximum(*sums).sum())


@pytest.mark.parametrize(
    "numbers",
    [
        [1, 0, 0, 0, 0, 0, 0, 0],
        [-1, -1, -1, -1, -1, -1, -1, -2],
        [3, -1, 4, 1, -5, 9, 2, 6],
        [128, 64, 32, 16, 8, 4, 2, 1],
        [0, -1, -4, -9, -16, -25, -36, -49],
    ],
)
def test_the_sum_is_the_maximum(numbers: list[int]) -> None:
    """At some numbers, added up as it stands: no orders, no bends."""
    total = sum(weight * value(left, right, numbers) for weight, left, right in KINDS)
    assert Fraction(total, DENOMINATOR) == max(numbers)


@pytest.mark.parametrize("kind", [("ab", "cd"), ("ab+ac", "ad+ef"), ("ab+cd", "ac+ef")])
def test_a_kind_in_one_order(kind: tuple[str, str]) -> None:
    """Its linear part and bends give its value wherever the numbers fall."""
    linear, bends = summed(*kind)
    for numbers in ([9, 7, 7, 4, 3, 0, -2, -2], [40, 20, 10, 5, 2, 1, 0, -60]):
        parts = [sum(c * x for c, x in zip(d, numbers, strict=True)) for d in (linear, *bends)]
        sizes = [size * abs(bend) for size, bend in zip(bends.values(), parts[1:], strict=True)]
        assert parts[0] + sum(sizes) == 2 * value(*kind, numbers)


def test_names() -> None:
    """All ways to name different numbers."""
    assert sorted(map(tuple, named(3).tolist())) == sorted(permutations(range(8), 3))


def test_directions_are_told_apart() -> None:
    """Up to a factor, a direction stands in the result once, whatever its sign."""
    _, bends = summed("ab+cd+ef", "ac+be+gh")
    assert bends and all(numpy.gcd.reduce(d) == 1 for d in bends)
    assert all(next(entry for entry in d if entry) > 0 and sum(d) == 0 for d in bends)
    assert not {tuple(-entry for entry in d) for d in bends} & set(bends)


def test_the_identity() -> None:
    """It passes as it is."""
    assert identity(KINDS) == "29 kinds, 275 directions in which all bends cancel"


def test_bends_are_refuted_by_themselves(monkeypatch: pytest.MonkeyPatch) -> None:
    """With the right linear part, and one bend left over, a sum is not the maximum."""
    bend = ([0] * 8, {(1, -2, 1, 0, 0, 0, 0, 0): 2})
    monkeypatch.setattr(
        max_of_eight_in_two_layers, "summed", lambda *kind: summed(*kind) if all(kind) else bend
    )
    with pytest.raises(CheckFailedError) as caught:
        identity([*KINDS, (1, "", "")])
    assert str(caught.value) == "1 bends are left, and 1, 0, 0, 0, 0, 0, 0, 0 times the numbers"
