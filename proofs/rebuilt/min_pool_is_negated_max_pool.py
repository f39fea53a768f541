"""Min-pooling is max-pooling of the negation, negated, for windows of any number of taps.

Negation turns the order around, so the largest of the negated taps is the negated smallest. Nothing
is lost where −x is exact: in the reals, in unbounded integers and in every float format, whose
numbers come in pairs ±x. Two's complement has one number too many below zero, and unsigned
integers have no negative ones at all.
"""

from proofs.claim import PROVED, REFUTED, Claim, Theorem, expect
from proofs.rebuilt._folds import BEYOND
from proofs.systems import BINARY, EXACT, FLOATS, INTEGERS
from proofs.terms import fold, least, sequence, variables

first, m, t = variables("first m t")
x = sequence("x")
largest_negated = fold(-first, x, m, t, m.maximum(-t))

claim = Claim(
    __name__,
    title="Min-pooling is max-pooling of the negated input, negated.",
    why="Negation reverses the order. −MIN does not fit into a signed integer: it wraps to MIN "
    "itself or saturates to MAX; unsigned integers wrap at every negation but that of 0.",
    source="folklore; min-is-negated-max, for a window",
    generality="any number of taps and all their values",
    parts=(Theorem(least(first, x) == -largest_negated, beyond=BEYOND),),
    expected=expect(PROVED, EXACT, "rounding", FLOATS, BINARY) | expect(REFUTED, INTEGERS),
    mutants={
        "not negated back": Theorem(least(first, x) == largest_negated),
        "the first tap not negated": Theorem(
            least(first, x) == -fold(first, x, m, t, m.maximum(-t))
        ),
        "minimum of the negation": Theorem(
            least(first, x) == -fold(-first, x, m, t, m.minimum(-t))
        ),
    },
)
