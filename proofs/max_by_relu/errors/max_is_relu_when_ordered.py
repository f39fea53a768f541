"""If a ≤ b, the ReLU form of max is exact wherever a − b cannot come out positive.

The rounded or saturated difference of a ≤ b is never positive, so the ReLU gives 0 and adding 0
to b changes nothing: floats of every format return b itself, to the last bit. Integers that wrap
are the exception, because there a − b may come out positive.

Half of all pairs are settled by this claim alone. It is also why a fold of ReLUs should subtract
the running maximum from the new tap: it then errs only when a new maximum arrives.
"""

from pooling.arithmetic import maximum
from proofs.claim import PROVED, REFUTED, Claim, Theorem, expect
from proofs.kernel import kernel
from proofs.systems import BINARY, EXACT, FLOAT16, FLOATS, IEEE, WRAPPING
from proofs.terms import finite, relu, variables

a, b = variables("a b")

claim = Claim(
    __name__,
    title="If a ≤ b and b is finite, ReLU(a − b) + b equals max(a, b).",
    why="Rounding and saturation keep the sign of the difference, so the ReLU returns 0. "
    "Wrapping does not keep it. With b infinite, a − b can be NaN.",
    source="Higham, Accuracy and Stability of Numerical Algorithms, section 2.2 (monotonicity)",
    generality="all pairs a ≤ b; every float format at once, and one by one",
    parts=(
        Theorem(
            maximum(a, b) == relu(a - b) + b,
            given=(a <= b, finite(b)),
            by=(
                kernel(
                    "exact_when_ordered",
                    "max_by_relu/rounding.v",
                    "rounding",
                    says="any radix, exponents and rounding",
                ),
                kernel(
                    "ieee_exact_when_ordered",
                    "max_by_relu/ieee.v",
                    BINARY + IEEE,
                    says="any binary format and rounding mode, NaN and infinities included",
                ),
            ),
            swept=FLOAT16,
            beyond={"cvc5/float[36]*": "a second, where Bitwuzla takes a fraction of one"},
        ),
    ),
    expected=expect(PROVED, EXACT, "saturating_int8 rounding", FLOATS, BINARY)
    | expect(REFUTED, WRAPPING),
    mutants={
        "the other order": Theorem(maximum(a, b) == relu(a - b) + b, given=(b <= a, finite(b))),
        "adds back a": Theorem(maximum(a, b) == relu(a - b) + a, given=(a <= b, finite(b))),
        "a finite instead of b": Theorem(
            maximum(a, b) == relu(b - a) + b, given=(a <= b, finite(a))
        ),
    },
)
