"""Padding with zeros instead of −∞ is harmless exactly where no maximum is negative.

A zero among the taps turns the maximum M into max(M, 0), which is M unless M < 0. This is the side
condition of rewrites that pad with zeros, or that end in a ReLU: they are right after a ReLU, and
wrong for a window whose taps are all negative. A NaN stays a NaN either way.
"""

from proofs.claim import PROVED, Claim, Theorem, expect
from proofs.rebuilt._folds import BEYOND
from proofs.systems import BINARY, EXACT, FLOATS, INTEGERS
from proofs.terms import constant, greatest, iff, sequence, variable

first = variable("first")
x = sequence("x")
padded, true_maximum = greatest(first.maximum(0), x), greatest(first, x)
negative = true_maximum < constant(0)

claim = Claim(
    __name__,
    title="Zero padding turns a window's maximum M into max(M, 0), which is M unless M is "
    "negative.",
    why="The maximum with 0 changes negative numbers only.",
    source="the side condition of max-pooling rewrites that pad with zeros or end in a ReLU",
    generality="any number of taps and all their values",
    parts=(
        Theorem(
            (padded == true_maximum.maximum(0)) & iff(padded == true_maximum, ~negative),
            beyond=BEYOND,
        ),
    ),
    expected=expect(PROVED, EXACT, "rounding", INTEGERS, FLOATS, BINARY),
    mutants={
        "always right": Theorem(padded == true_maximum),
        "right only for positive maxima": Theorem(
            iff(padded == true_maximum, constant(0) < true_maximum)
        ),
        "right iff the first tap is": Theorem(iff(padded == true_maximum, first >= 0)),
    },
)
