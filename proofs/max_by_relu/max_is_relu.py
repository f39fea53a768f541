"""max(a, b) = ReLU(a − b) + b: how a network without a max layer takes a maximum.

Adding b back to the positive part of a − b gives a where a is larger and b elsewhere. That is a
theorem of exact arithmetic. A tensor computes a − b in its own number system first, and whatever
is lost there (a wrapped, saturated or rounded difference) never comes back. The neighbouring
claims say exactly what is lost where.
"""

from pooling.arithmetic import maximum
from proofs.claim import PROVED, REFUTED, Claim, Theorem, expect
from proofs.kernel import kernel
from proofs.systems import BINARY, MACHINE
from proofs.terms import relu, variables

a, b = variables("a b")

claim = Claim(
    __name__,
    title="The maximum of two numbers is one ReLU of their difference plus the second.",
    why="Exact arithmetic never loses the difference. Fixed-width integers wrap or saturate it, "
    "unsigned ones cannot hold a negative one, and floats round it.",
    source="Dive into Deep Learning, pooling chapter, exercise on max-pooling by ReLU; "
    "Arora et al. 2018 (arXiv 1611.01491)",
    generality="all pairs (a, b)",
    parts=(
        Theorem(
            maximum(a, b) == relu(a - b) + b,
            by=(
                kernel("max_is_relu", "max_by_relu/exact.v", "real", says="all pairs of reals"),
                kernel(
                    "max_is_relu_of_integers",
                    "max_by_relu/exact.v",
                    "integer",
                    says="all pairs of integers",
                ),
            ),
        ),
    ),
    expected=expect(PROVED, "real integer") | expect(REFUTED, MACHINE, BINARY),
    mutants={
        "adds back a": Theorem(maximum(a, b) == relu(a - b) + a),
        "difference reversed": Theorem(maximum(a, b) == relu(b - a) + b),
        "subtracts b": Theorem(maximum(a, b) == relu(a - b) - b),
        "no ReLU": Theorem(maximum(a, b) == a - b + b),
    },
)
