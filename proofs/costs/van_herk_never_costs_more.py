"""Running extremes within blocks never take more comparisons than the definition.

With blocks as long as the window k, the running extremes of a block from both ends, one of each
per element, and one comparison per window are all there is: less than three per element, however
long the window. Block for block that is (k − 1) + (k − 2) + (k − 1) = 3k − 4 comparisons for k
outputs, and the definition takes k·(k − 1), more by (k − 2)². So the two are equal at k ≤ 2, and
from k = 3 on the blocks win as soon as there are a few windows.

The formula is the one in ``costmodel.algorithms`` at stride 1 without padding.
"""

from costmodel.algorithms import van_herk_row
from proofs.claim import PROVED, Claim, Theorem, expect
from proofs.terms import Term, applied, iff, variables

k, m = variables("k m")


def blockwise(kernel_size: Term, outputs: Term) -> Term:
    """Return the comparisons for that many windows one element apart."""
    return applied(van_herk_row, outputs + kernel_size - 1, kernel_size, 1, 0, outputs)


CVC5 = {"cvc5": "nonlinear integer division: cvc5 runs out of time, Z3 takes half a second"}

never_more = Theorem(
    blockwise(k, m) <= m * (k - 1), where=(k >= 1, m >= 1), name="never more", beyond=CVC5
)
less = Theorem(
    iff(blockwise(k, m) < m * (k - 1), k >= 3),
    where=(k >= 1, m >= 4),
    name="less exactly from a window of three on, if there are four windows",
    beyond=CVC5,
)
per_element = Theorem(
    blockwise(k, m) <= 3 * (m + k - 2),
    where=(k >= 1, m >= 1),
    name="less than three for each of m + k − 1 elements",
    beyond=CVC5,
)

claim = Claim(
    __name__,
    title="Van Herk's algorithm never takes more comparisons than the definition, and fewer than "
    "three per element.",
    holds="along one axis, stride 1, no padding",
    why="k outputs take 3k − 4 comparisons in blocks and k·(k − 1) by the definition: "
    "(k − 2)² more.",
    source="van Herk 1992; Gil and Werman 1993; 3 − 4/k per output: Gil and Kimmel 2002",
    generality="all windows and numbers of windows, at stride 1 without padding",
    parts=(never_more, less, per_element),
    expected=expect(PROVED, "integer"),
    mutants={
        "less for every window": Theorem(
            blockwise(k, m) < m * (k - 1), where=(k >= 2, m >= 4), beyond=CVC5
        ),
        "less from a window of three on, however few windows": Theorem(
            blockwise(k, m) < m * (k - 1), where=(k >= 3, m >= 1), beyond=CVC5
        ),
        "less than three for each output": Theorem(
            blockwise(k, m) < 3 * m, where=(k >= 1, m >= 1), beyond=CVC5
        ),
    },
)
