"""How wrong the ReLU form of max can be in floats: at most 2u/(1+u) times |a − b|.

The difference rounds once and the sum rounds once. The second rounding can be no worse than the
first, because a itself is a float as close to the sum as the first error; so the two errors
together are at most twice the first, and one rounding of a sum errs by at most u/(1+u) relative. In
each format the bound is attained at a = 1 + 2u, b = u.

There is no bound relative to the maximum itself: with b much larger than a and negative, the
result can be 0 although the maximum is not.
"""

from dataclasses import replace

from pooling.arithmetic import maximum
from proofs.claim import EXHAUSTED, PROVED, Claim, Theorem, expect
from proofs.kernel import kernel
from proofs.systems import BINARY, FLOAT8, FLOAT16, FLOATS, NATIVE_FLOATS
from proofs.terms import Term, in_range, relu, unit_roundoff, value, variables

a, b = variables("a b")
u = unit_roundoff()
rebuilt = relu(a - b) + b
error = abs(value(rebuilt) - value(maximum(a, b)))
gap = abs(value(a) - value(b))


def bounded(conclusion: Term, *more: Term) -> Theorem:
    """State a bound for operations that do not overflow."""
    return Theorem(
        conclusion,
        given=(in_range(a - b), in_range(rebuilt), *more),
        swept=FLOAT16,
        beyond={"cvc5/*binary": "products with u: seconds, where Z3 takes a fraction of one"},
    )


#: By the kernel for radix 2, any precision from 2 on, ties to even.
ATTAINED = "attained at a = 1 + 2u, b = u"

claim = Claim(
    __name__,
    title="In floats ReLU(a − b) + b differs from max(a, b) by at most 2u/(1 + u)·|a − b|.",
    holds="u the unit roundoff; neither operation overflows, underflow is gradual",
    why="|fl(x) − x| is at most the distance to any float; a is one. Jeannerod and Rump's bound "
    "u/(1+u) for one rounding makes the constant the best there is.",
    source="Jeannerod and Rump 2018, On relative errors of floating-point operations; Higham, "
    "Accuracy and Stability, section 2",
    generality="all pairs (a, b); every format at once from the rounding axiom, which needs "
    "gradual underflow; the 8-bit formats exhausted; attained with radix 2 and ties to even",
    parts=(
        replace(
            bounded((1 + u) * error <= 2 * u * gap),
            by=(
                kernel(
                    "error_bound",
                    "max_by_relu/rounding.v",
                    "rounding",
                    says="any radix, precision, least exponent and tie rule",
                ),
                kernel(
                    "ieee_error_bound",
                    "max_by_relu/ieee.v",
                    BINARY + NATIVE_FLOATS,
                    says="any binary format, ties to even",
                ),
            ),
        ),
        Theorem(
            (1 + u) * error == 2 * u * gap,
            given=(value(a) == 1 + 2 * u, value(b) == u),
            name=ATTAINED,
            by=(
                kernel(
                    "ieee_error_bound_is_attained",
                    "max_by_relu/ieee.v",
                    BINARY + NATIVE_FLOATS,
                    says="any binary format, ties to even, precision 2 or more",
                ),
            ),
            systems=BINARY + FLOATS,
            beyond=dict.fromkeys(
                ("z3/*binary", "cvc5/*binary", "yices/*binary"), "no axiom says where a tie goes"
            ),
        ),
        kernel(
            "error_bound_is_attained",
            "max_by_relu/rounding.v",
            "rounding",
            says=ATTAINED,
            cross_check=False,
        ),
    ),
    expected=expect(PROVED, "rounding", NATIVE_FLOATS, BINARY) | expect(EXHAUSTED, FLOAT8),
    mutants={
        "half the constant": bounded((1 + u) * error <= u * gap),
        "never attained": bounded((1 + u) * error < 2 * u * gap, a != b),
        "relative to the maximum": bounded(error <= 2 * u * abs(value(maximum(a, b)))),
    },
)
