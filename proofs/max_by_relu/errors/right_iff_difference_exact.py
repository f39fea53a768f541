"""Where a > b and |a| ≤ |b|, ReLU(a − b) + b is off by the rounding error of a − b.

Such a b is negative, and a − b = a + |b|. If a ≥ 0, that lies between |b| and 2·|b|, and so does
its rounded value, for both ends are floats. By Sterbenz's lemma, taking |b| away again is then
exact: the sum never rounds, and whatever the difference lost is the error of the result, neither
more nor less. If a is negative and |a| ≤ |b|/2, the same goes for |b|/2 and |b|; and if |a| ≥
|b|/2, Sterbenz's lemma says that a − b itself is exact, and with it the result. (Where |b|/2 is no
float, b is subnormal, and nothing rounds.)

Together with the two neighbours, a ≤ b is exact and 0 ≤ b < a is a matter of a last bit, this
leaves one case: b negative and smaller than a in magnitude, where both operations may round.
"""

from pooling.arithmetic import maximum
from proofs.claim import PROVED, Claim, Theorem, expect
from proofs.kernel import kernel
from proofs.max_by_relu.forms._forms import FORMS
from proofs.systems import BINARY, FLOAT16, FLOATS, NATIVE_FLOATS
from proofs.terms import Term, exact, iff, in_range, value, variables

a, b = variables("a b")
BEYOND = {"[zcb]*/*float*": "exactness of a difference: seconds of bit-blasting"}
CLOSE = {"exhaustive/bfloat16": "sums of more bits than a float64: too close to decide"}
rebuilt = FORMS["difference"]
right = maximum(a, b) == rebuilt
SMALLER = (abs(value(a)) <= abs(value(b))) & (value(b) < value(a))


def errs_by(error: Term) -> Term:
    """Say that the result is off by ``error``."""
    return value(rebuilt) - value(a) == error


error_of_difference = value(a - b) - (value(a) - value(b))

claim = Claim(
    __name__,
    title="If a > b and |a| ≤ |b|, ReLU(a − b) + b is off by exactly the rounding error of a − b.",
    holds="so it is right iff a − b is exact; the size of the error where a − b does not overflow",
    why="The rounded difference is within a factor of two of |b|, so that adding b is exact by "
    "Sterbenz's lemma, or the difference is exact by it.",
    source="Sterbenz 1974, Floating-Point Computation, theorem 4.3.1; sterbenz",
    generality="all such pairs of one format; 8-bit formats exhausted",
    parts=(
        Theorem(
            iff(right, exact(a - b)),
            given=(SMALLER,),
            name="right iff exact",
            by=(
                kernel(
                    "ieee_right_iff_difference_exact",
                    "max_by_relu/ieee.v",
                    BINARY + NATIVE_FLOATS,
                    says="any binary format, ties to even",
                ),
            ),
            swept=FLOAT16,
            beyond=BEYOND,
        ),
        Theorem(
            errs_by(error_of_difference),
            given=(SMALLER, in_range(a - b)),
            name="errs as the difference does",
            by=(
                kernel(
                    "ieee_errs_as_the_difference_does",
                    "max_by_relu/ieee.v",
                    BINARY + NATIVE_FLOATS,
                    says="any binary format, ties to even",
                ),
            ),
            swept=("float16",),
            beyond=BEYOND | CLOSE,
        ),
    ),
    expected=expect(PROVED, FLOATS, BINARY),
    mutants={
        "right iff the sum is exact": Theorem(iff(right, exact(a + b)), given=(SMALLER,)),
        "errs the other way": Theorem(
            errs_by(-error_of_difference), given=(SMALLER, in_range(a - b))
        ),
    },
)
