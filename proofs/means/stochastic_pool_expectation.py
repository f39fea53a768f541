"""Stochastic pooling: what it gives on average, and where that lies.

A random number u from [0, 1) chooses the first tap at which the running sum exceeds u·S, S = Σx.
With c before the tap and c + x after it that is u from c/S to (c + x)/S, an interval of length x/S:
its probability. The probabilities add up to 1, and the expectation is Σx·(x/S) = Σx²/S.

That lies between the average and the maximum: Σx² ≤ max·Σx as no tap is above the maximum, and
(Σx)² ≤ n·Σx², by induction over the taps (Cauchy and Schwarz). All of it needs taps of at least 0;
``stochastic-weights-iff-one-sign`` says what happens without.
"""

from dataclasses import replace

from proofs.claim import PROVED, Claim, Theorem, expect
from proofs.means.power_average_decreases import means
from proofs.terms import constant, fold, greatest, iff, least, sequence, variables

first, so_far, tap, s, c, u, n, bound = variables("first so_far tap s c u n bound")
squares_, total_, largest_ = variables("squares total largest")
x = sequence("x")
total = fold(first, x, so_far, tap, so_far + tap)
squares = fold(first * first, x, so_far, tap, so_far + tap * tap)
probabilities = fold(first / s, x, so_far, tap, so_far + tap / s)
expectation = fold(first * (first / s), x, so_far, tap, so_far + tap * (tap / s))
NONLINEAR = {"cvc5": "products of unknowns: cvc5 runs out of steps"}

interval = Theorem(
    iff((c <= u * s) & (u * s < c + tap), (c / s <= u) & (u < (c + tap) / s))
    & ((c + tap) / s - c / s == tap / s),
    where=(s > 0, c >= 0, tap >= 0),
    name="a tap is chosen by the u of an interval of length x/S",
    beyond=NONLINEAR,
)
certain = Theorem(
    probabilities == total / s,
    where=(s > 0,),
    name="the probabilities add up to Σx/S, which is 1",
    by_induction_on=x,
    beyond=NONLINEAR,
)
mean = Theorem(
    expectation == squares / s,
    where=(s > 0,),
    name="the expectation is Σx²/S",
    by_induction_on=x,
    beyond=NONLINEAR,
)
below = Theorem(
    squares <= bound * total,
    given=(constant(0) <= least(first, x), greatest(first, x) <= bound),
    name="Σx² ≤ max·Σx",
    by_induction_on=x,
    beyond=NONLINEAR,
)
between = Theorem(
    (total_ / n <= squares_ / total_) & (squares_ / total_ <= largest_),
    where=(n >= 1, total_ > 0, squares_ <= largest_ * total_, total_ * total_ <= n * squares_),
    name="so average ≤ Σx²/Σx ≤ max",
    beyond=NONLINEAR,
)

claim = Claim(
    __name__,
    title="Stochastic pooling of non-negative taps has the expectation Σx²/Σx, which lies between "
    "their average and their maximum.",
    holds="Σx > 0, exact arithmetic",
    why="Each tap is drawn in proportion to itself, so larger ones count for more.",
    source="Zeiler and Fergus, Stochastic Pooling, 2013 (arXiv 1301.3557); Cauchy and Schwarz",
    generality="any number of taps and all non-negative values with a positive sum, exact "
    "arithmetic",
    parts=(interval, certain, mean, below, means, between),
    expected=expect(PROVED, "real"),
    mutants={
        "the expectation is the average": replace(mean, conclusion=expectation == total / s),
        "the expectation is the maximum": replace(below, conclusion=squares == bound * total),
        "above the maximum": replace(between, conclusion=largest_ <= squares_ / total_),
        "the interval is as long as the tap": replace(
            interval, conclusion=(c + tap) / s - c / s == tap
        ),
    },
)
