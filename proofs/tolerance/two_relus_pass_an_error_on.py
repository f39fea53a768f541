"""ReLU(v) − ReLU(−v) passes on the larger error of the two, not their sum.

A network without skips carries a value along as ReLU(v) − ReLU(−v), with both computed apart. Of
the exact values one is 0. Of the computed ones both may be above 0, but only where v is closer to 0
than the errors, and then they cancel in part. Where −v is v negated, one of the computed ones is 0
as well, and adds nothing to a sum in whatever order (``three-relus-are-the-difference-form``).
"""

from dataclasses import replace

from proofs.claim import PROVED, Claim, Theorem, expect
from proofs.terms import relu, variables

v, p, q, E, F = variables("v p q E F")

passed_on = Theorem(
    abs(relu(p) - relu(q) - v) <= E.maximum(F),
    given=(abs(p - v) <= E, abs(q + v) <= F),
    name="p is computed for v, q for −v",
    systems=("real",),
)


alpha, beta = variables("alpha beta")
between = Theorem(
    abs(2 * (relu(v + alpha) - relu(-v + beta) - v) - (alpha - beta)) <= abs(alpha + beta),
    name="it is between the error of v and that of −v turned round: what both share counts once",
    systems=("real",),
    beyond={"sympy": "orders of three unknowns: solvers say it at once"},
)

claim = Claim(
    __name__,
    title="ReLU(v) − ReLU(−v) is off by the larger error of v and −v, before it is rounded.",
    why="Both are above 0 only near 0, and there they cancel in part.",
    source="networks without skips: Arora et al. 2018 (arXiv 1611.01491)",
    generality="all values and errors",
    parts=(passed_on, between),
    expected=expect(PROVED, "real"),
    mutants={
        "the error of v alone": replace(passed_on, conclusion=abs(relu(p) - relu(q) - v) <= E),
        "half of what both differ by is all": replace(
            between, conclusion=2 * (relu(v + alpha) - relu(-v + beta) - v) == alpha - beta
        ),
        "the smaller error": replace(
            passed_on, conclusion=abs(relu(p) - relu(q) - v) <= E.minimum(F)
        ),
    },
)
