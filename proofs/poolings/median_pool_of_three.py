"""Median pooling of three taps, rank pooling of the second, by maximum and minimum.

The second of three taps is the largest of the three minima of two, min(a, b), min(a, c) and
min(b, c): some two taps are at least that and some two at most. It is one of the taps, as every
rank is, so nothing is rounded, and a function that never decreases, such as ReLU, may change places
with it.

Unlike the maximum it is no maximum of affine functions: those are convex, so that in the middle
between two windows none exceeds the mean of its values at both. The median is 0 at (2, 0, 0) and
at (0, 2, 0), and 1 in the middle, at (1, 1, 0). A rebuild needs minima or differences: by the sums
of k-max pooling it is a + b + c − max − min.
"""

from __future__ import annotations

from dataclasses import replace

from proofs.claim import PROVED, Claim, Theorem, expect
from proofs.systems import EXACT, IEEE, INTEGERS
from proofs.terms import Term, constant, relu, variables

a, b, c, p, q, r, s, t = variables("a b c p q r s t")
#: None of them is NaN.
NUMBERS = (a <= a, b <= b, c <= c)


def median(a: Term, b: Term, c: Term) -> Term:
    """Return the largest minimum of two of three taps."""
    return a.minimum(b).maximum(a.minimum(c)).maximum(b.minimum(c))


def two_of(one: Term, other: Term, third: Term) -> Term:
    """Say that two of three propositions hold."""
    return (one & other) | (one & third) | (other & third)


middle = median(a, b, c)
zero = constant(0)

ranked = Theorem(
    two_of(a <= middle, b <= middle, c <= middle) & two_of(middle <= a, middle <= b, middle <= c),
    where=NUMBERS,
    name="two taps are at most the largest of the minima of two, and two are at least that",
)
chosen = Theorem(
    (middle == a) | (middle == b) | (middle == c),
    where=NUMBERS,
    name="it is one of the taps",
)
between = Theorem(
    (a.minimum(b).minimum(c) <= middle) & (middle <= a.maximum(b).maximum(c)),
    where=NUMBERS,
    name="between minimum and maximum",
)
commutes = Theorem(
    relu(middle) == median(relu(a), relu(b), relu(c)),
    where=NUMBERS,
    name="ReLU commutes with it",
)
sums = Theorem(
    middle == a + b + c - a.maximum(b).maximum(c) - a.minimum(b).minimum(c),
    systems=("real", "integer"),
    name="it is what is left of the sum without maximum and minimum",
    beyond={"bitwuzla/int*": "seconds at 64 bits, where others prove all widths at once in less"},
)
convex = Theorem(
    (p + q).maximum(r + s) <= p.maximum(r) + q.maximum(s),
    name="a maximum in the middle is at most the mean of both ends",
    judged_in="real",
)
not_convex = Theorem(
    median(2 * t, zero, zero) + median(zero, 2 * t, zero) < 2 * median(t, t, zero),
    given=(t > 0,),
    name="the median of (t, t, 0) exceeds that of its ends",
    judged_in="real",
)

claim = Claim(
    __name__,
    title="The median of three taps is a maximum of minima, one of the taps, commutes with ReLU, "
    "and is no maximum of affine functions.",
    holds="no NaN; the last in the reals",
    why="Maxima of affine functions are convex, and the median is not.",
    source="minimax form of order statistics, a standard fact; Shi, Ye and Wu 2016; torch.median",
    generality="windows of three taps; all values",
    parts=(ranked, chosen, between, commutes, sums, convex, not_convex),
    expected=expect(PROVED, EXACT, INTEGERS, "rounding", IEEE, "float8_e4m3fn"),
    mutants={
        "two of the three minima": Theorem(
            a.minimum(b).maximum(a.minimum(c)) == middle, where=NUMBERS
        ),
        "it is the maximum": replace(between, conclusion=a.maximum(b).maximum(c) == middle),
        "the maximum is not convex either": replace(
            not_convex, conclusion=(2 * t).maximum(0) + zero.maximum(2 * t) < 2 * t.maximum(0)
        ),
        "the absolute value commutes too": Theorem(
            abs(middle) == median(abs(a), abs(b), abs(c)), where=NUMBERS
        ),
    },
)
