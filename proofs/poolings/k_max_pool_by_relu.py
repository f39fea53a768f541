"""k times k-max pooling is the sum of the k largest taps: the largest sum of any k, and by ReLU.

Whatever t is, x ≤ t + ReLU(x − t), so k taps add up to at most k·t + ΣReLU(x − t), in which further
taps only add. Let t be the k-th largest: the k largest taps are x = t + ReLU(x − t) each, and those
below have ReLU(x − t) = 0. So the sum of the k largest is the least value of k·t + ΣReLU(x − t). It
is also what is left of all taps without the others: of three taps and k = 2 it is
a + b + c − min(a, b, c).
"""

from proofs.claim import PROVED, Claim, Theorem, expect
from proofs.kernel import kernel
from proofs.terms import iff, relu, variables

a, b, c, x, t = variables("a b c x t")

pairs = Theorem(
    a + b + c - a.minimum(b).minimum(c) == (a + b).maximum(a + c).maximum(b + c),
    name="of three taps: all but the smallest is the largest sum of two",
)
at_most = Theorem(x <= t + relu(x - t), name="a tap is at most t + ReLU(x − t)")
chosen = Theorem(iff(x == t + relu(x - t), t <= x), name="and is that exactly from t on")
others = Theorem(iff(relu(x - t) == 0, x <= t), name="taps up to t add nothing")

claim = Claim(
    __name__,
    title="K-max pooling times k is the sum of the k largest taps: the largest sum of k, and the "
    "least k·t + ΣReLU(x − t).",
    holds="t ranges over the taps; the least value is at the k-th largest",
    why="Every tap is at most t plus what it exceeds t by.",
    source="Durand et al. 2017 (WILDCAT); the sum of the k largest as a minimum over a threshold "
    "is a standard fact of convex analysis (Rockafellar and Uryasev 2000)",
    generality="three taps in one formula, one by solvers, any number of taps by Coq; all values, "
    "exact arithmetic: whole numbers are real",
    parts=(
        pairs,
        at_most,
        chosen,
        others,
        kernel(
            "sum_of_the_largest",
            "poolings/k_max.v",
            "real integer",
            says="any number of taps: the largest sum of k, and the least over all t",
            cross_check=False,
        ),
    ),
    expected=expect(PROVED, "real integer"),
    mutants={
        "without the largest": Theorem(
            a + b + c - a.maximum(b).maximum(c) == (a + b).maximum(a + c).maximum(b + c)
        ),
        "two of the three pairs": Theorem(
            a + b + c - a.minimum(b).minimum(c) == (a + b).maximum(b + c)
        ),
        "every tap is t + ReLU(x − t)": Theorem(x == t + relu(x - t)),
    },
)
