"""A summed-area table pays off from 3 × 3 against the definition, from 4 × 4 against separability.

A table of running sums takes two additions for each element of the input, and a window three more,
whatever its size: about five per output. The definition takes k² − 1, and axis by axis it is
2·(k − 1). So in the long run the table wins from k² > 6 and from 2k > 7 on; the borders do not
change where, but a few windows are needed before it does: two along each axis against the
definition, three against separable sums, or two if the window is 6 × 6 or larger.

The formulas are those of ``costmodel.algorithms`` for m × m windows of k × k elements, one element
apart and without padding.
"""

from costmodel.algorithms import MEAN
from proofs.claim import PROVED, Claim, Theorem, expect
from proofs.costs import pooling_over, unpadded
from proofs.terms import Term, applied, iff, variables

k, m = variables("k m")


def additions(algorithm: str) -> Term:
    """Return the additions for m × m windows of k × k elements."""
    pooling = pooling_over(unpadded(m, k), unpadded(m, k))
    count: Term = MEAN[algorithm](pooling)["additions"]
    return count


direct, separable, table = (
    applied(additions, algorithm) for algorithm in ("direct", "separable", "summed_area")
)
SIZES = (k >= 1, m >= 1)
SYMPY = {"sympy": "whether k reaches 3 is not a matter of its order with m and 0"}

against_definition = Theorem(
    iff(table < direct, (k >= 3) & (m >= 2)),
    where=SIZES,
    name="against the definition",
    beyond=SYMPY,
)
against_separable = Theorem(
    iff(table < separable, ((k >= 4) & (m >= 3)) | ((k >= 6) & (m >= 2))),
    where=SIZES,
    name="against separable sums",
    beyond={**SYMPY, "cvc5": "cubes of unknowns: cvc5 takes seconds, Z3 milliseconds"},
)

claim = Claim(
    __name__,
    title="A summed-area table needs fewer additions than m × m windows of k × k summed directly "
    "iff k ≥ 3 and m ≥ 2.",
    holds="stride 1, no padding; fewer than separable sums iff k ≥ 4 and m ≥ 3, or k ≥ 6 and m ≥ 2",
    why="About five additions per output against k² − 1 and 2·(k − 1), exactly counted with the "
    "borders of the table.",
    source="derived for this project; the table is Crow's, 1984",
    generality="all square windows on all square images, at stride 1 without padding",
    parts=(against_definition, against_separable),
    expected=expect(PROVED, "integer"),
    mutants={
        "it pays off against separable 3 × 3 sums in large images": Theorem(
            table < separable, where=(k >= 3, m >= 10)
        ),
        "it always pays off against the definition": Theorem(
            table < direct, where=(*SIZES, m >= 2)
        ),
        "one window is enough": Theorem(table < direct, where=(*SIZES, k >= 3)),
    },
)
