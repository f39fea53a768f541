"""Halved inputs: the difference never overflows, and otherwise nothing changes.

Two parts. For finite a and b the difference of the halves is finite, since neither half exceeds
half of the largest number. And where halving is exact and ReLU(a − b) + b is finite, the form with
halves gives that very float: scaling by two commutes with rounding unless a result is subnormal,
and sums that are subnormal are exact anyway.

The result itself can still overflow: the rounded sum may be one step above half of the largest
number. And float8_e4m3fn saturates where others overflow, so there the two forms differ at large
inputs, as at 448 and −448.
"""

from proofs.claim import PROVED, REFUTED, Claim, Theorem, expect
from proofs.kernel import kernel
from proofs.max_by_relu.forms._forms import FORMS
from proofs.systems import BINARY, FLOAT16, IEEE
from proofs.terms import Term, finite, half, variables

a, b = variables("a b")
SLOW = {
    "[zcb]*/*float*": "two products or more beside two sums: seconds of bit-blasting",
    "cvc5/*binary": "half a minute, where Z3 takes two seconds",
}


def halved_exactly(x: Term) -> Term:
    """Say that half of ``x`` is a float."""
    return half(x) + half(x) == x


claim = Claim(
    __name__,
    title="For finite inputs a/2 − b/2 never overflows, and 2·(ReLU(a/2 − b/2) + b/2) equals "
    "ReLU(a − b) + b.",
    holds="equal where both halves are exact and ReLU(a − b) + b is finite, in formats with "
    "infinities: not in float8_e4m3fn, which saturates",
    why="Scaling by a power of two commutes with rounding, and sums in the subnormal range are "
    "exact.",
    source="Higham, Accuracy and Stability of Numerical Algorithms, section 27 (scaling)",
    generality="all pairs of finite floats; 8-bit formats exhausted",
    parts=(
        Theorem(
            finite(half(a) - half(b)),
            given=(finite(a) & finite(b),),
            name="the difference is finite",
            by=(
                kernel(
                    "ieee_halved_difference_is_finite",
                    "max_by_relu/forms/halves.v",
                    BINARY + IEEE,
                    says="any binary format, ties to even",
                ),
            ),
            swept=FLOAT16,
            beyond={"[zc]*/*float*": "seconds, where Bitwuzla takes a fraction of one"},
        ),
        Theorem(
            FORMS["halves"] == FORMS["difference"],
            given=(halved_exactly(a) & halved_exactly(b), finite(FORMS["difference"])),
            name="the result is the same",
            by=(
                kernel(
                    "ieee_halves",
                    "max_by_relu/forms/halves.v",
                    BINARY + IEEE,
                    says="any binary format, ties to even; infinities included",
                ),
            ),
            swept=FLOAT16,
            beyond=SLOW,
        ),
    ),
    expected=expect(PROVED, IEEE, BINARY) | expect(REFUTED, "float8_e4m3fn"),
    mutants={
        "nor does the difference of the whole": Theorem(
            finite(a - b), given=(finite(a) & finite(b),)
        ),
        "nor does the result": Theorem(finite(FORMS["halves"]), given=(finite(a) & finite(b),)),
    },
)
