"""Sterbenz's lemma: floats within a factor of two of each other subtract exactly.

So the ReLU form of max can only err on inputs of different magnitude or sign. It needs one side of
the condition only: a ≤ 2b is enough, because for a ≤ b the form is exact for another reason
(``max-is-relu-when-ordered``).
"""

from pooling.arithmetic import maximum
from proofs.claim import PROVED, Claim, Theorem, expect
from proofs.kernel import kernel
from proofs.systems import BINARY, FLOAT16, FLOATS, IEEE
from proofs.terms import exact, relu, value, variables

a, b = variables("a b")
SLOW = "an exactness statement of 24 bits or more: minutes of bit-blasting"
BEYOND = {
    "[!h]*/float32": SLOW,
    "[!h]*/float64": SLOW,
    "z3/float16": "2 s, where cvc5 takes one",
}

claim = Claim(
    __name__,
    title="If b/2 ≤ a ≤ 2b, then a − b is exact; if a ≤ 2b, ReLU(a − b) + b equals max(a, b).",
    holds="underflow is gradual",
    why="Both numbers are multiples of the smaller one's last place and their difference is no "
    "larger than the smaller one, so it fits.",
    source="Sterbenz 1974, Floating-Point Computation, theorem 4.3.1",
    generality="all pairs (a, b) of one format",
    parts=(
        Theorem(
            exact(a - b),
            given=(value(b) <= 2 * value(a), value(a) <= 2 * value(b)),
            name="the difference is exact",
            by=(
                kernel(
                    "ieee_sterbenz",
                    "max_by_relu/ieee.v",
                    BINARY + IEEE,
                    says="any binary format and rounding mode",
                ),
            ),
            swept=FLOAT16,
            beyond=BEYOND,
        ),
        Theorem(
            maximum(a, b) == relu(a - b) + b,
            given=(value(a) <= 2 * value(b),),
            name="the ReLU form is exact",
            by=(
                kernel(
                    "ieee_exact_when_at_most_twice",
                    "max_by_relu/ieee.v",
                    BINARY + IEEE,
                    says="any binary format and rounding mode",
                ),
            ),
            swept=FLOAT16,
            beyond=BEYOND,
        ),
    ),
    expected=expect(PROVED, FLOATS, BINARY),
    mutants={
        "a factor of four": Theorem(
            exact(a - b), given=(value(b) <= 2 * value(a), value(a) <= 2 * (2 * value(b)))
        ),
        "the sum is exact": Theorem(
            exact(a + b), given=(value(b) <= 2 * value(a), value(a) <= 2 * value(b))
        ),
    },
)
