"""If a − b is computed without error, so is the ReLU form of max, in every number system.

This is the one condition that serves integers, saturating integers and floats alike: whatever a
system does to a difference it cannot hold, it does nothing to one that it can. It covers 8-bit
pixels in every float format of 16 bits or more, since integers up to 256 subtract exactly there,
and two floats within a factor of two of each other (Sterbenz), which has a claim of its own.
"""

from pooling.arithmetic import maximum
from proofs.claim import PROVED, Claim, Theorem, expect
from proofs.kernel import kernel
from proofs.systems import BINARY, EXACT, FLOAT16, FLOATS, INTEGERS
from proofs.terms import exact, relu, variables

a, b = variables("a b")
SLOW = "two rounded additions of 24 bits or more: minutes of bit-blasting"

claim = Claim(
    __name__,
    title="If a − b is computed exactly, ReLU(a − b) + b equals max(a, b).",
    why="With d = a − b exact, d + b is exactly a, which is representable, so adding back cannot "
    "round, wrap or saturate either.",
    source="Sterbenz 1974, Floating-Point Computation; Higham, Accuracy and Stability, section 2",
    generality="all pairs (a, b); every float format and integer width at once, and one by "
    "one up to 16 bits, where all pairs are tried",
    parts=(
        Theorem(
            maximum(a, b) == relu(a - b) + b,
            given=(exact(a - b),),
            by=(
                kernel(
                    "exact_when_difference_exact",
                    "max_by_relu/rounding.v",
                    "rounding",
                    says="any radix, exponents and rounding",
                ),
                kernel(
                    "ieee_exact_when_difference_exact",
                    "max_by_relu/ieee.v",
                    "binary float8_e5m2 float32 float64",
                    says="any binary format and rounding mode, NaN and infinities included",
                ),
            ),
            swept=FLOAT16,
            beyond={
                "[!h]*/float64": SLOW,
                "[!h]*/float32": SLOW,
                "[bcz]*/*float16": "3 to 5 s of bit-blasting, as long as trying all pairs takes",
            },
        ),
    ),
    expected=expect(PROVED, EXACT, INTEGERS, "rounding", FLOATS, BINARY),
    mutants={
        "the sum is exact instead": Theorem(
            maximum(a, b) == relu(a - b) + b, given=(exact(a + b),)
        ),
        "adds back a": Theorem(maximum(a, b) == relu(a - b) + a, given=(exact(a - b),)),
    },
)
