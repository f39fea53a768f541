"""If b is not negative, ReLU(a − b) + b is within 2u/(1+u) of max(a, b), relatively, and one ulp.

The error is at most 2u/(1+u) times |a − b|, and only a > b can err. For 0 ≤ b < a the distance is
at most a itself, which turns the bound into one on the relative error: the rewrite is as accurate
as two rounded operations can be expected to be. It is one unit in the last place at the most, as
the exact characterisation of the wrong pairs says.
"""

from dataclasses import replace

from pooling.arithmetic import maximum
from proofs.claim import PROVED, Claim, Theorem, expect
from proofs.kernel import kernel
from proofs.max_by_relu.forms._forms import FORMS
from proofs.systems import FLOAT16
from proofs.terms import Term, in_range, ulp, unit_roundoff, value, variables

a, b = variables("a b")
BEYOND = {"cvc5/*binary": "products with u: seconds, where Z3 takes a fraction of one"}
u = unit_roundoff()
rebuilt = FORMS["difference"]
greater = maximum(a, b)
error = abs(value(rebuilt) - value(greater))
FORMATS = "float32 float64 float16 bfloat16 binary"


def bounded(conclusion: Term, name: str = "", systems: str = "") -> Theorem:
    """State a bound for b ≥ 0 and a sum that does not overflow."""
    return Theorem(
        conclusion,
        given=(value(b) >= 0, in_range(rebuilt)),
        name=name,
        systems=tuple(systems.split()),
        swept=FLOAT16,
        beyond=BEYOND,
    )


claim = Claim(
    __name__,
    title="For b ≥ 0, ReLU(a − b) + b differs from max(a, b) by at most 2u/(1 + u)·max(a, b), and "
    "at most one ulp.",
    holds="u the unit roundoff; nothing overflows, underflow is gradual",
    why="The error is relative to |a − b|, which is at most a where 0 ≤ b < a.",
    source="max-is-relu-error-bound and wrong-iff-odd-significand",
    generality="all pairs with b ≥ 0, in every format at once and format by format",
    parts=(
        replace(
            bounded(
                (1 + u) * error <= 2 * u * abs(value(greater)), "relative", f"{FORMATS} rounding"
            ),
            by=(
                kernel(
                    "ieee_relative_error_if_not_negative",
                    "max_by_relu/ieee.v",
                    FORMATS,
                    says="any binary format, ties to even",
                ),
            ),
        ),
        replace(
            bounded(error <= ulp(greater), "in ulps", FORMATS),
            by=(
                kernel(
                    "ieee_one_ulp_if_not_negative",
                    "max_by_relu/ieee.v",
                    FORMATS,
                    says="any binary format, ties to even",
                ),
            ),
        ),
        # Solvers have no ulp of every format at once; the kernel has.
        kernel(
            "one_ulp_if_not_negative",
            "max_by_relu/rounding.v",
            "rounding",
            says="in ulps",
            cross_check=False,
        ),
    ),
    expected=expect(PROVED, FORMATS, "rounding"),
    mutants={
        "half an ulp": bounded(2 * error <= ulp(greater), systems=FORMATS),
        "relative to the smaller": bounded(
            (1 + u) * error <= 2 * u * abs(value(b)), systems=FORMATS
        ),
        "only a is not negative": Theorem(
            (1 + u) * error <= 2 * u * abs(value(greater)), given=(value(a) >= 0, in_range(rebuilt))
        ),
    },
)
