"""What a pooling does not notice when its input moves by one element.

It is said that max-pooling makes a network invariant to a translation by one pixel. A window that
moves by one loses a tap l, gains a tap r, and keeps the others, with the maximum m. Its maximum is
the same iff both l and r are at most m, or equal. So it is the same if the largest tap stays and
nothing larger comes, and not always: of the window (1, 0) and its neighbour (0, 0) the maxima are 1
and 0. An average is the same only if l = r; whenever the average is, the maximum is too.

Take a single feature at position p of an image of zeros, as an edge detector may put out. Output r
with a window of k taps from r·s on sees it where r·s ≤ p < r·s + k: it is still seen after a
movement by m as long as 0 ≤ p + m − r·s < k, which are k − 1 steps, to either side together. Both
neighbours of p are in the same window only if k ≥ 3: a 2 × 2 window keeps the feature after a step
in one of the two directions, never in both.

All outputs at once: with stride 1 none of that is invariance, as the outputs move along. With
windows side by side a step of one changes nothing for k − 1 of every k positions: for half of
them along an axis if windows are 2 × 2, and for a quarter if the step is diagonal. By whole
strides the outputs move along (``max-pool-shifts-with-its-input``).

The chapter adds that the output next to an edge is 1 whatever the four values of a window. It is 1
iff one of the four is.
"""

from dataclasses import replace

from proofs.claim import PROVED, Claim, Theorem, expect
from proofs.terms import Term, conjunction, fold, greatest, iff, sequence, variables

left, right, first, so_far, tap, k = variables("left right first so_far tap k")
start, p, m = variables("start p m")
a, b, c, d = variables("a b c d")
kept = sequence("kept")

staying = greatest(first, kept)
total = fold(first, kept, so_far, tap, so_far + tap)
same_maximum = left.maximum(staying) == right.maximum(staying)
same_mean = (left + total) / k == (total + right) / k


def seen(position: Term) -> Term:
    """Say that a feature at ``position`` is in the window of k taps from ``start`` on."""
    return (start <= position) & (position < start + k)


def zero_or_one(*values: Term) -> tuple[Term, ...]:
    """Say of each value that it is 0 or 1."""
    return tuple((value == 0) | (value == 1) for value in values)


maximum = Theorem(
    iff(same_maximum, ((left <= staying) & (right <= staying)) | (left == right)),
    name="the maximum stays exactly if the tap that goes and the tap that comes are no larger",
)
mean = Theorem(
    iff(same_mean, left == right),
    where=(k >= 1,),
    name="the mean stays exactly if they are equal",
    beyond={"cvc5": "a quotient of two unknowns: a second where Z3 takes a moment"},
    judged_in="real",
)
feature = Theorem(
    iff(seen(p + m), (start - p <= m) & (m <= k - 1 - (p - start))),
    name="a feature stays in sight for k − 1 steps in all",
    judged_in="integer",
)
both_ways = Theorem(
    k >= 3,
    given=(start <= p - 1, p + 1 < start + k),
    name="one step either way takes three taps",
    beyond={"sympy": "orders of start and p do not settle by how much they differ"},
    judged_in="integer",
)
side_by_side = Theorem(
    iff((p + 1) // k == p // k, p - k * (p // k) < k - 1),
    where=(k >= 1,),
    name="side by side, a step changes nothing for k − 1 of k positions",
    judged_in="integer",
)
edge = Theorem(
    iff(a.maximum(b).maximum(c.maximum(d)) == 1, (a == 1) | (b == 1) | (c == 1) | (d == 1)),
    given=(conjunction(zero_or_one(a, b, c, d)),),
    name="an output is 1 exactly if a tap is",
)

claim = Claim(
    __name__,
    title="A shift by one element leaves a maximum unchanged iff the leaving and the entering tap "
    "are equal or at most the remaining maximum.",
    holds="a mean, of real numbers, stays iff both are equal; windows of k taps side by side do "
    "not notice a single feature moving at k − 1 of k positions",
    why="A maximum does not tell which tap it is, until that tap leaves or a larger one comes.",
    source="Dive into Deep Learning, pooling chapter: with 2 × 2 max-pooling a pattern is still "
    "detected if it moves by no more than one element; Summary: some degree of invariance",
    generality="any number of taps and all their values; all windows, strides and positions, axis "
    "by axis, away from the border",
    parts=(maximum, mean, feature, both_ways, side_by_side, edge),
    expected=expect(PROVED, "real integer"),
    mutants={
        "as it is said: max-pooling is invariant to a step of one element": replace(
            maximum, conclusion=same_maximum
        ),
        "it is if the tap that comes is no larger": replace(
            maximum, conclusion=same_maximum, given=(right <= staying,)
        ),
        "as it is said: two taps bear one step either way": replace(both_ways, conclusion=k >= 4),
        "side by side no step is noticed": replace(side_by_side, conclusion=(p + 1) // k == p // k),
        "as it is said: the output next to an edge is always 1": replace(
            edge, conclusion=edge.conclusion.args[0]
        ),
    },
)
