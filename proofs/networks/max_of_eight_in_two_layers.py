"""The maximum of eight numbers takes two hidden layers of ReLUs, so that of seven does.

With M for the maximum and ab for M(a, b), it is a sum of w·M(p, q), where p and q are sums of up to
three maxima of two: outer maxima of what one hidden layer gives. They come in 29 kinds. A kind
stands for what it becomes when its letters name any of the eight numbers, each another.

So the sum does not change when numbers are exchanged, and it is enough to look at one order of
them. There every ab is a or b, p and q are linear, and M(p, q) = (p + q)/2 + |p − q|/2. Where p − q
has one sign for all numbers in that order, that is p or q. What is left are multiples of |p − q|:
they are collected by p − q, up to a factor, and those of every one of them add up to 0. The linear
part is the largest number.

A network of all this would have hundreds of thousands of neurons, and none is built: for six
numbers there is one that runs (``max-of-six-in-two-layers``). That two layers suffice for up to ten
numbers, so for 3 × 3, is due to Rueß et al. 2026 (arXiv 2607.21651), cited and not proved here.
These weights were found by ``benchmarks/eight_in_two_layers.py``.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from fractions import Fraction
from functools import cache
from itertools import permutations
from typing import TYPE_CHECKING, Any

from proofs.claim import PROVED, Check, CheckFailedError, Claim, Theorem, expect
from proofs.terms import variables

if TYPE_CHECKING:
    from numpy.typing import NDArray

TAPS = 8
#: A weight, and the two sums of an outer maximum.
Kind = tuple[int, str, str]

#: What the weights are over.
DENOMINATOR = 1_209_600
KINDS: tuple[Kind, ...] = (
    (1872, "ab", "cd"),
    (192, "ab+ac", "ad+ae"),
    (96, "ab+ac", "ad+ef"),
    (-12, "ab+ac", "de+fg"),
    (-624, "ab+cd", "ac+be"),
    (-48, "ab+cd", "ac+ef"),
    (-9, "ab+cd", "ef+gh"),
    (24, "ab+ac+ad", "ae+af+gh"),
    (-24, "ab+ac+ad", "ae+ef+gh"),
    (-12, "ab+ac+ad", "ae+fg+fh"),
    (-2, "ab+ac+ad", "ef+eg+eh"),
    (12, "ab+ac+ad", "ef+eg+fh"),
    (36, "ab+ac+bd", "ae+bf+gh"),
    (-36, "ab+ac+bd", "ae+fg+fh"),
    (-48, "ab+ac+de", "ad+af+be"),
    (-72, "ab+ac+de", "ad+af+gh"),
    (96, "ab+ac+de", "ad+be+ce"),
    (48, "ab+ac+de", "ad+be+ef"),
    (72, "ab+ac+de", "ad+df+gh"),
    (-24, "ab+ac+de", "ad+ef+gh"),
    (12, "ab+ac+de", "ad+fg+fh"),
    (-72, "ab+ac+de", "af+bd+gh"),
    (30, "ab+ac+de", "af+dg+dh"),
    (-60, "ab+ac+de", "af+dg+eh"),
    (36, "ab+ac+de", "bd+fg+fh"),
    (-12, "ab+cd+ef", "ac+bd+gh"),
    (32, "ab+cd+ef", "ac+be+df"),
    (60, "ab+cd+ef", "ac+be+gh"),
    (30, "ab+cd+ef", "ac+eg+fh"),
)


def places(sums: str) -> list[tuple[int, int]]:
    """Return the pairs of a sum by number.

    >>> places("ab+ac")
    [(0, 1), (0, 2)]
    """
    return [("abcdefgh".index(pair[0]), "abcdefgh".index(pair[1])) for pair in sums.split("+")]


@cache
def named(letters: int) -> NDArray[Any]:
    """Return all ways to name different numbers by so many letters, one in each row."""
    import numpy

    return numpy.array(list(permutations(range(TAPS), letters)))


@cache
def summed(left: str, right: str) -> tuple[list[int], dict[tuple[int, ...], int]]:
    """Return twice the sum of a kind where x₀ ≥ x₁ ≥ …: a linear part, and multiples by direction.

    >>> summed("ab", "cd")[0][:3], summed("ab", "cd")[1]
    ([1680, 960, 480], {})
    """
    import numpy

    pairs = places(left), places(right)
    ranks = named(1 + max(letter for both in pairs for pair in both for letter in pair))
    every = numpy.arange(len(ranks))
    # No entry, nor a sum of a row, is beyond six.
    p, q = (numpy.zeros((len(ranks), TAPS), numpy.int8) for _ in pairs)
    for linear, of in ((p, pairs[0]), (q, pairs[1])):
        for i, j in of:
            # The larger of two numbers is the one that comes first.
            linear[every, numpy.minimum(ranks[:, i], ranks[:, j])] += 1
    # Coefficients in terms of the differences of neighbours, which are ≥ 0.
    steps = (p - q).cumsum(axis=1, dtype=numpy.int8)
    up, down = (steps >= 0).all(axis=1), (steps <= 0).all(axis=1)
    bent = ~(up | down)
    upper, lower, both = p[up], q[down & ~up], (p + q)[bent]
    twice = 2 * upper.sum(axis=0) + 2 * lower.sum(axis=0) + both.sum(axis=0)
    lines = (p - q)[bent].astype(int)
    sizes = numpy.gcd.reduce(lines, axis=1)
    leading = lines[numpy.arange(len(lines)), (lines != 0).argmax(axis=1)]
    directions = lines // (sizes * numpy.sign(leading))[:, None]
    # One number per direction: its entries are from −3 to 3, as digits to the base of seven.
    codes = directions @ 7 ** numpy.arange(TAPS)
    _, at, which = numpy.unique(codes, return_index=True, return_inverse=True)
    totals = numpy.zeros(len(at), int)
    numpy.add.at(totals, which, sizes)
    found = map(tuple, directions[at].tolist())
    return twice.tolist(), dict(zip(found, totals.tolist(), strict=True))


def identity(kinds: Sequence[Kind]) -> str:
    """Prove that the kinds add up to the maximum of eight.

    Raises ``CheckFailedError`` if they do not.
    """
    linear = [Fraction(0)] * TAPS
    bends: defaultdict[tuple[int, ...], Fraction] = defaultdict(Fraction)
    for weight, left, right in kinds:
        twice, found = summed(left, right)
        share = Fraction(weight, DENOMINATOR)
        linear = [x + share * y / 2 for x, y in zip(linear, twice, strict=True)]
        for direction, size in found.items():
            bends[direction] += share * size
    left_over = sum(map(bool, bends.values()))
    if left_over or linear != [1, *[0] * (TAPS - 1)]:
        raise CheckFailedError(
            f"{left_over} bends are left, and {', '.join(map(str, linear))} times the numbers"
        )
    return f"{len(kinds)} kinds, {len(bends)} directions in which all bends cancel"


def checked(name: str, kinds: Sequence[Kind]) -> Check:
    """Return the proof of the identity."""
    return Check(name, "certificate", lambda: identity(kinds), PROVED, ("real",))


p, q = variables("p q")

claim = Claim(
    __name__,
    title="A ReLU network with two hidden layers computes the maximum of eight numbers, and so of "
    "seven.",
    why="It is a sum of maxima of two numbers each, of which either comes out of one hidden layer; "
    "all kinks cancel that the maximum lacks.",
    source="that two layers suffice: Rueß et al. 2026 (arXiv 2607.21651); these weights were found "
    "by linear programming for this project",
    generality="all real inputs",
    parts=(
        Theorem(
            2 * p.maximum(q) == p + q + abs(p - q),
            name="a maximum is linear but for one absolute value",
        ),
        checked("the identity", KINDS),
    ),
    expected=expect(PROVED, "real"),
    mutants={
        "a kind forgotten": checked("", KINDS[:-1]),
        "the first kind twice": checked("", (KINDS[0], *KINDS)),
        "no outer maxima of sums of three": checked("", KINDS[:7]),
    },
)
