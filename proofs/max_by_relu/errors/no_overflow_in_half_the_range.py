"""Inputs of at most half the range never overflow in ReLU(a − b) + b.

If a + a and b + b are finite, then so is a − b, and the error bound leaves the sum far below the
end. If only a − b is known to be finite, a must keep a distance of 2u, relatively, from the largest
number: the rounded difference is then too small by more than it can be too large.
"""

from dataclasses import replace

from proofs.claim import PROVED, Claim, Theorem, expect
from proofs.kernel import kernel
from proofs.max_by_relu.forms._forms import FORMS
from proofs.systems import BINARY, FLOAT16, NATIVE_FLOATS
from proofs.terms import Term, finite, in_range, largest, unit_roundoff, value, variables

a, b = variables("a b")
rebuilt = FORMS["difference"]
SLOW = {
    "[zc]*/*float*": "four roundings: seconds of bit-blasting",
    "bitwuzla": "an exact bound",
}


def finite_if(*preconditions: Term, name: str = "", within_reach: bool = False) -> Theorem:
    """State that the result is finite, within Bitwuzla's reach or not."""
    beyond = {
        reach: why for reach, why in SLOW.items() if not (within_reach and "bitwuzla" in reach)
    }
    return Theorem(finite(rebuilt), given=preconditions, name=name, swept=FLOAT16, beyond=beyond)


below_the_end = value(a) <= (1 - 2 * unit_roundoff()) * largest()

claim = Claim(
    __name__,
    title="ReLU(a − b) + b is finite if 2a and 2b are, or if a − b is and a ≤ (1 − 2u)·MAX.",
    holds="MAX the largest finite number, u the unit roundoff, in formats with infinities",
    why="A difference of halves of the range fits, and an error of 2u/(1+u)·|a − b| does not "
    "reach the end from there.",
    source="max-is-relu-error-bound",
    generality="all pairs of finite floats; 8-bit formats exhausted",
    parts=(
        replace(
            finite_if(finite(a + a), finite(b + b), name="half the range", within_reach=True),
            by=(
                kernel(
                    "ieee_no_overflow_in_half_the_range",
                    "max_by_relu/ieee.v",
                    BINARY + NATIVE_FLOATS,
                    says="any binary format, ties to even",
                ),
            ),
        ),
        replace(
            finite_if(in_range(a - b), below_the_end, name="below the end"),
            by=(
                kernel(
                    "ieee_no_overflow_below_the_end",
                    "max_by_relu/ieee.v",
                    BINARY + NATIVE_FLOATS,
                    says="any binary format, ties to even",
                ),
            ),
        ),
    ),
    expected=expect(PROVED, NATIVE_FLOATS, "float8_e5m2", BINARY),
    mutants={
        "finite inputs": finite_if(finite(a), finite(b)),
        "up to the end": finite_if(in_range(a - b), value(a) <= largest()),
    },
)
