"""max(a, b) = (a + b + |a − b|) / 2: the maximum by an absolute value.

A favourite where | · | is at hand and ReLU is not, as in some encrypted-inference schemes. It
forms a + b besides a − b, so it overflows on two large inputs of one sign where the ReLU form does
not, and it rounds three times instead of twice.
"""

from pooling.arithmetic import maximum
from proofs.claim import PROVED, REFUTED, Claim, Theorem, expect
from proofs.systems import BINARY, MACHINE
from proofs.terms import half, variables

a, b = variables("a b")

claim = Claim(
    __name__,
    title="The maximum of two numbers is half of their sum plus their distance: (a + b + |a − "
    "b|)/2.",
    why="Sum plus distance is twice the larger, an even number for integers. Fixed widths "
    "overflow in the sum, floats round.",
    source="folklore; its smoothed form is the usual maximum of encrypted inference",
    generality="all pairs (a, b)",
    parts=(
        Theorem(
            maximum(a, b) == half(a + b + abs(a - b)),
            beyond={
                "cvc5/*float[136]*": "seconds, where Bitwuzla takes a tenth of one",
                "z3/float32": "most of a second, where Bitwuzla takes a tenth",
            },
        ),
    ),
    expected=expect(PROVED, "real integer") | expect(REFUTED, MACHINE, BINARY),
    mutants={
        "not halved": Theorem(maximum(a, b) == a + b + abs(a - b)),
        "distance subtracted": Theorem(maximum(a, b) == half(a + b - abs(a - b))),
        "no absolute value": Theorem(maximum(a, b) == half(a + b + (a - b))),
    },
)
