"""ReLU(a − b) + ReLU(b) − ReLU(−b) is ReLU(a − b) + b, rounding errors included.

Of ReLU(b) and ReLU(−b) one is 0. If it is the second, the form adds b and then takes 0 away; if it
is the first, it adds 0 and then takes −b away. Adding or taking 0 is exact, so a float network
without a residual connection rounds where the one with it rounds, to the same number: what is known
of the error, the overflow and the NaN of one holds for the other.

Fixed-width integers differ where −b does: the smallest number of a signed type, every number but 0
of an unsigned one.
"""

from proofs.claim import PROVED, REFUTED, Claim, Theorem, expect
from proofs.kernel import kernel
from proofs.max_by_relu.forms._forms import FORMS
from proofs.systems import BINARY, FLOAT16, FLOATS, INTEGERS, NATIVE_FLOATS
from proofs.terms import relu, variables

a, b = variables("a b")
FASTER = "seconds for what the other solvers say at once"
BLASTED = "two forms of a pair are four roundings: seconds of bit-blasting"

claim = Claim(
    __name__,
    title="ReLU(a − b) + ReLU(b) − ReLU(−b) gives the same number as ReLU(a − b) + b, right or "
    "wrong.",
    holds="rounding errors, overflow and NaN included",
    why="One of ReLU(b) and ReLU(−b) is 0, and adding 0 is exact. Fixed-width integers have a "
    "number without a negative.",
    source="Arora et al. 2018 (arXiv 1611.01491), whose network it is; IEEE 754-2019",
    generality="all pairs (a, b), NaN and infinities included; 8-bit formats exhausted",
    parts=(
        Theorem(
            FORMS["three-relus"] == FORMS["difference"],
            by=(
                kernel(
                    "ieee_three_relus",
                    "max_by_relu/ieee.v",
                    BINARY + NATIVE_FLOATS,
                    says="any binary format and rounding mode, NaN and infinities included",
                ),
            ),
            swept=FLOAT16,
            beyond={"[zcb]*/*float*": BLASTED, "z3/*int*": FASTER, "cvc5/*binary": FASTER},
        ),
    ),
    expected=expect(PROVED, "real integer", FLOATS, BINARY) | expect(REFUTED, INTEGERS),
    mutants={
        "negative part added": Theorem(relu(a - b) + relu(b) + relu(-b) == FORMS["difference"]),
        "same as the mirror": Theorem(FORMS["three-relus"] == FORMS["mirror"]),
        "parts joined first": Theorem(relu(a - b) - relu(-b) + relu(b) == relu(a - b - b) + b),
    },
)
