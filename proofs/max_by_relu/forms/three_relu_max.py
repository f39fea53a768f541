"""max(a, b) = ReLU(a − b) + ReLU(b) − ReLU(−b): the maximum without a residual connection.

In ReLU(a − b) + b the second b goes around the ReLU. A network of layers only cannot do that, so
it carries b through as its positive and its negative part: three neurons for a pair instead of
one. For inputs that are not negative the third is never needed.
"""

from pooling.arithmetic import maximum
from proofs.claim import PROVED, REFUTED, Claim, Theorem, expect
from proofs.kernel import kernel
from proofs.systems import BINARY, MACHINE
from proofs.terms import relu, variables

a, b = variables("a b")

claim = Claim(
    __name__,
    title="The maximum of two numbers is ReLU(a − b) + ReLU(b) − ReLU(−b), one hidden layer of "
    "three ReLUs.",
    why="ReLU(b) − ReLU(−b) is b. What the difference loses in wrapping, saturating or rounding is "
    "lost as in the residual form.",
    source="Arora et al. 2018 (arXiv 1611.01491), lemma on max of two",
    generality="all pairs (a, b)",
    parts=(
        Theorem(
            maximum(a, b) == relu(a - b) + relu(b) - relu(-b),
            by=(
                kernel(
                    "max_is_three_relus", "max_by_relu/exact.v", "real", says="all pairs of reals"
                ),
            ),
            beyond={"cvc5/float[136]*": "half a second, where Bitwuzla takes a fraction of that"},
        ),
    ),
    expected=expect(PROVED, "real integer") | expect(REFUTED, MACHINE, BINARY),
    mutants={
        "two neurons only": Theorem(maximum(a, b) == relu(a - b) + relu(b)),
        "sign of the third": Theorem(maximum(a, b) == relu(a - b) + relu(b) + relu(-b)),
        "difference reversed": Theorem(maximum(a, b) == relu(b - a) + relu(b) - relu(-b)),
    },
)
