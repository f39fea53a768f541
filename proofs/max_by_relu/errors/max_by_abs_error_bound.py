"""How wrong (a + b + |a − b|)/2 can be in floats: about 2u times the larger magnitude.

The form rounds a sum, a difference and their sum. The first two err by at most v·|a + b| and v·|a −
b|, v = u/(1+u), and |a + b| + |a − b| is twice the larger magnitude M; the third adds v times a
result that is itself near 2·max. That makes 2·(2v + v²)·M before halving, which is exact unless it
underflows.

The ReLU form errs by at most 2v·|a − b| instead. So the two are as good where the inputs differ
greatly, and the ReLU form is better where they are close: its error vanishes with |a − b|, this one
does not. It is not even exact for a ≤ b.
"""

from dataclasses import replace

from pooling.arithmetic import maximum
from proofs.claim import PROVED, Claim, Theorem, expect
from proofs.kernel import kernel
from proofs.systems import BINARY, FLOAT16, NATIVE_FLOATS
from proofs.terms import Term, in_range, unit_roundoff, value, variables

a, b = variables("a b")
u = unit_roundoff()
doubled = a + b + abs(a - b)
error = abs(value(doubled) - 2 * value(maximum(a, b)))
magnitude = abs(value(a)).maximum(abs(value(b)))


def bounded(conclusion: Term) -> Theorem:
    """State a bound for a sum of finite terms that does not overflow either."""
    return Theorem(
        conclusion,
        given=(in_range(doubled),),
        swept=FLOAT16,
        beyond={"cvc5": "products of three unknowns: minutes, where Z3 takes a second"},
    )


claim = Claim(
    __name__,
    title="In floats a + b + |a − b| differs from 2·max(a, b) by at most 2·(2v + v²)·max(|a|, "
    "|b|).",
    holds="v = u/(1 + u), u the unit roundoff; nothing overflows, underflow is gradual",
    why="Three roundings, of which the first two share twice the larger magnitude. The error does "
    "not vanish for close inputs, as that of the ReLU form does.",
    source="standard model: Higham, Accuracy and Stability, section 2.2; Jeannerod and Rump 2018 "
    "for v",
    generality="all pairs (a, b); every format at once from the rounding axiom",
    parts=(
        replace(
            bounded((1 + u) * (1 + u) * error <= 2 * u * (2 + 3 * u) * magnitude),
            by=(
                kernel(
                    "ieee_error_bound_by_distance",
                    "max_by_relu/ieee.v",
                    BINARY + NATIVE_FLOATS,
                    says="any binary format, ties to even",
                ),
            ),
        ),
    ),
    expected=expect(PROVED, "rounding", NATIVE_FLOATS, BINARY),
    mutants={
        "half of it": bounded(error <= 2 * u * magnitude),
        "relative to the distance, as the ReLU form": bounded(
            error <= 4 * u * abs(value(a) - value(b))
        ),
    },
)
