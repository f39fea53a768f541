"""When ReLU(a − b) + b is NaN: if an input is, or b = −∞, or a = b = +∞, and never else.

In a − b the only new NaN is ∞ − ∞: both +∞ or both −∞. The ReLU passes NaN on, as torch's does. In
the sum, ReLU(a − b) is at least 0, so −∞ can only come from b, and it meets +∞ whenever b = −∞ and
a is above it. So b = −∞ is always fatal, and a = −∞ alone never is: the first operand may hold −∞
padding, the second must not. A difference that merely overflows gives ∞ and no NaN.

float8_e4m3fn has no infinities, and its largest numbers saturate: NaN only from NaN.
"""

from proofs.claim import PROVED, Claim, Theorem, expect
from proofs.kernel import kernel
from proofs.max_by_relu.forms._forms import FORMS
from proofs.systems import BINARY, FLOAT16, FLOATS
from proofs.terms import Term, finite, iff, variables

a, b = variables("a b")
WIDE = "a difference and a sum of 24 bits or more: seconds of bit-blasting"
BEYOND = {"[zc]*/float[136]*": WIDE}


def is_nan(x: Term) -> Term:
    """Say that ``x`` is not even at most itself."""
    return ~(x <= x)


def plus_infinity(x: Term) -> Term:
    """Say that ``x`` is +∞."""
    return ~finite(x) & (x > 0)


def minus_infinity(x: Term) -> Term:
    """Say that ``x`` is −∞."""
    return ~finite(x) & (x < 0)


nan_in = is_nan(a) | is_nan(b)
both_infinite = plus_infinity(a) & plus_infinity(b)
nan_out = is_nan(FORMS["difference"])

claim = Claim(
    __name__,
    title="ReLU(a − b) + b is NaN iff a or b is NaN, b = −∞, or a = b = +∞.",
    why="∞ − ∞ is NaN: in the difference if both are the same infinity, in the sum if b = −∞ meets "
    "a positive part of +∞.",
    source="IEEE 754-2019, section 7.2 (invalid operations)",
    generality="all pairs (a, b), NaN and infinities included",
    parts=(
        Theorem(
            iff(nan_out, nan_in | minus_infinity(b) | both_infinite),
            by=(
                kernel(
                    "ieee_nan_iff",
                    "max_by_relu/ieee.v",
                    "binary float8_e5m2 bfloat16 float16 float32 float64",
                    says="any binary format, ties to even",
                ),
            ),
            swept=FLOAT16,
            beyond=BEYOND,
        ),
    ),
    expected=expect(PROVED, FLOATS, BINARY),
    mutants={
        "only from NaN": Theorem(iff(nan_out, nan_in)),
        "not from two infinities": Theorem(iff(nan_out, nan_in | minus_infinity(b))),
        "from either −∞": Theorem(
            iff(nan_out, nan_in | minus_infinity(a) | minus_infinity(b) | both_infinite)
        ),
    },
)
