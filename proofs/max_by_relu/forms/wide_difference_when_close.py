"""When one rounding at the end is enough: |a − b| at most 2^(P − p) times |a|.

Here p is the number of significant bits of the inputs and P = 24 that of float32, in which the form
is computed: the ratio is 2¹³ for float16 and 2¹⁶ for bfloat16. Only a > b can go wrong at all.

If |b| ≥ 2·|a|, then b is a multiple of ulp(a), and so is a − b. As such it fits into P bits as long
as ⌊lg(a − b)⌋ ≤ ⌊lg |a|⌋ + P − p, which the condition ensures: the difference is exact, and adding
b gives a. If |b| < 2·|a|, then a − b < 3·|a|, the two errors made in float32 are far below half a
gap of the narrow format, and the last rounding removes them.

Where b is not negative, a − b is at most a, and the condition is met. That is what a layer after a
ReLU sees: there the wide form is always the maximum and the narrow one is not.
"""

from pooling.arithmetic import maximum
from proofs.claim import EXHAUSTED, Claim, Theorem, expect
from proofs.max_by_relu.forms._forms import FORMS
from proofs.systems import FLOAT8, FLOAT16
from proofs.terms import Term, in_range, unit_roundoff, value, variables

a, b = variables("a b")
WIDE_BITS = 24


def exact_if(condition: Term, name: str = "") -> Theorem:
    """State that the wide form is the maximum."""
    return Theorem(
        maximum(a, b) == FORMS["wide"],
        given=(condition,),
        name=name,
        swept=FLOAT16,
        beyond={"[zcb]*": "conversions between formats: seconds of bit-blasting"},
    )


def within(ratio: int) -> Term:
    """Say that a − b is at most ``ratio``·2^(P − p) times |a|."""
    farthest: Term = ratio * 2**WIDE_BITS * unit_roundoff() * abs(value(a))
    return value(a) - value(b) <= farthest


claim = Claim(
    __name__,
    title="ReLU(a − b) + b in float32, rounded once, is max(a, b) if a − b ≤ 2^(24 − p)·|a| or b ≥ "
    "0.",
    holds="a and b of a format of up to 16 bits, p of them significant; in the first case a − b "
    "does not overflow there",
    why="Then the difference is exact in float32, or its error is so far below half a gap of the "
    "narrow format that rounding back removes it.",
    source="Higham, Accuracy and Stability, section 27.4 (extra precision); Sterbenz 1974",
    generality="all pairs of each format of up to 16 bits, by exhaustion",
    parts=(
        exact_if(within(1) & in_range(a - b), name="close enough"),
        exact_if(value(b) >= 0, name="b not negative"),
    ),
    expected=expect(EXHAUSTED, FLOAT8 + FLOAT16),
    mutants={
        "twice as far": exact_if(within(2) & in_range(a - b)),
        "a not negative instead": exact_if(value(a) >= 0),
    },
)
