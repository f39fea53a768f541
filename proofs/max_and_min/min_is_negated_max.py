"""min(a, b) = −max(−a, −b): min-pooling is max-pooling of the negated input, negated.

Negation reverses the order, so it turns the largest into the smallest. Floats negate exactly.
Two's complement does not: its smallest number is its own negative, and the claim beside this one
says what that costs.
"""

from pooling.arithmetic import maximum, minimum
from proofs.claim import PROVED, REFUTED, Claim, Theorem, expect
from proofs.kernel import kernel
from proofs.systems import BINARY, EXACT, FLOATS, INTEGERS
from proofs.terms import variables

a, b = variables("a b")

claim = Claim(
    __name__,
    title="The minimum of two numbers is the negated maximum of their negatives: min(a, b) = "
    "−max(−a, −b).",
    why="Negation reverses the order wherever every number has a negative. In int dtypes the "
    "smallest number has none, in unsigned ones only 0 has.",
    source="Dive into Deep Learning, pooling chapter, exercise on minimum pooling",
    generality="all pairs (a, b), NaN and infinities included",
    parts=(
        Theorem(
            minimum(a, b) == -maximum(-a, -b),
            by=(
                kernel(
                    "min_is_negated_max",
                    "max_and_min/negation.v",
                    "real",
                    says="all pairs of reals",
                ),
                kernel(
                    "min_is_negated_max_of_integers",
                    "max_and_min/negation.v",
                    "integer",
                    says="all pairs of integers",
                ),
            ),
        ),
    ),
    expected=expect(PROVED, EXACT, "rounding", FLOATS, BINARY) | expect(REFUTED, INTEGERS),
    mutants={
        "negates once": Theorem(minimum(a, b) == maximum(-a, -b)),
        "negates the minimum": Theorem(minimum(a, b) == -minimum(-a, -b)),
        "negates one input": Theorem(minimum(a, b) == -maximum(-a, b)),
    },
)
