"""Max-pooling along one axis and then along the other is max-pooling over both.

A maximum is at most T iff all its taps are: that is proved by induction over the taps. The maximum
of row maxima is therefore at most T iff every row maximum is, and so iff every element of every row
is, and so iff the maximum over all of them is. Two numbers that are at most the same T are equal.
The rows may have any number of taps and there may be any number of them, and a third axis is one
more step of the same argument.

It takes a window that is a product of its axes, as kernel, stride, padding and dilation make it.
Then k₁ + k₂ taps are compared instead of k₁·k₂. NaN in the window is at most no T on either side.
"""

from __future__ import annotations

from proofs.claim import Claim, Mutant, Theorem, expect
from proofs.rebuilt._folds import BEYOND
from proofs.systems import EXACT, IEEE, INTEGERS
from proofs.terms import fold, greatest, iff, implies, select, sequence, variables
from proofs.verdict import Verdict

first, bound, so_far, t, one, other = variables("first bound so_far t one other")
x = sequence("x")
maximum_of_all = greatest(first, x)
# The first tap above T; the last tap where none is.
suspect = fold(first, x, so_far, t, select(so_far <= bound, t, so_far))
TWICE = "settled by solvers in a moment"

claim = Claim(
    __name__,
    title="Max-pooling is separable: the maximum over rows and columns is the maximum of the row "
    "maxima.",
    holds="from lemmas on one sequence to rows and columns in words",
    why="Either is at most T iff every tap is, and numbers with the same upper bounds are equal.",
    source="folklore; the row-column algorithm of grey-scale morphology, van Herk 1992",
    generality="any number of taps, by induction; from there to any number of rows, columns and "
    "axes by the three sentences of the proof, in words",
    parts=(
        Theorem(
            iff(maximum_of_all <= bound, suspect <= bound),
            name="a maximum is at most T iff all its taps are",
            beyond=BEYOND,
        ),
        Theorem(
            implies(
                iff(one <= one, other <= one) & iff(one <= other, other <= other), one == other
            ),
            name="numbers with the same upper bounds are equal",
            beyond=BEYOND | {"exhaustive/*": TWICE, "sympy": TWICE},
        ),
    ),
    expected=expect(Verdict.PROVED, EXACT, "rounding", INTEGERS, IEEE)
    | expect(Verdict.TESTED, "float8_e4m3fn"),
    mutants=(
        Mutant(
            "at most T iff the first tap is",
            Theorem(iff(maximum_of_all <= bound, first <= bound)),
        ),
        Mutant(
            "below T iff all taps are at most T",
            Theorem(iff(maximum_of_all < bound, suspect <= bound)),
        ),
        Mutant(
            "one common upper bound is enough",
            Theorem(implies(iff(one <= bound, other <= bound), one == other)),
        ),
    ),
)
