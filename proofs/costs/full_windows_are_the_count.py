"""Textbooks charge every window in full, K − 1 comparisons. That is the count of the inner ones.

A window that hangs over the border of the input has fewer taps than positions, and fewer taps take
fewer comparisons. The smallest layer in which the two differ has one element, a window of two and
one element of padding: the textbook charges a comparison, and there is nothing to compare.

What is true: the two agree iff no window leaves the input (``full-windows-iff-inside``), and the
textbook never charges too little.
"""

from costmodel.counting import charge
from pooling.arguments import Axis, PoolingArguments
from pooling.windows import output_size
from proofs.claim import REFUTED, Claim, Theorem, expect
from proofs.terms import Term, applied, variables

n, k, s, p = variables("n k s p")
#: What torch accepts.
LAYER = (n >= 1, k >= 1, s >= 1, p >= 0, 2 * p <= k, n + 2 * p >= k)


def comparisons(counting: str, padding: Term | int = p) -> Term:
    """Return the comparisons of a max-pooling over one axis, in a counting convention."""
    outputs = output_size(n, k, s, (padding, padding))
    axis = Axis(n, k, s, (padding, padding), 1, False, outputs, outputs)
    counted: Term = charge(PoolingArguments((), (axis,)), counting).combinations
    return counted


exact = applied(comparisons, "exact")
unpadded = (n >= k, k >= 1, s >= 1)

claim = Claim(
    __name__,
    title="Max-pooling with windows of K elements takes K − 1 comparisons per window.",
    why="Windows that leave the input have fewer taps, and those take fewer comparisons.",
    source="the textbooks' count; Dive into Deep Learning, pooling chapter, exercise 4",
    generality="all input sizes, windows, strides and paddings that torch accepts, one axis",
    parts=(
        Theorem(
            exact == applied(comparisons, "window"),
            where=LAYER,
            beyond={"cvc5": "products of variables and division: cvc5 runs out of steps"},
        ),
    ),
    expected=expect(REFUTED, "integer"),
    mutants={
        "one comparison per position": Theorem(exact == applied(comparisons, "mac"), where=LAYER),
        "as a popular answer has it, padding and all": Theorem(
            exact == applied(comparisons, "popular_floor"), where=LAYER
        ),
        "the popular answer without padding": Theorem(
            applied(comparisons, "exact", 0) == applied(comparisons, "popular_floor", 0),
            where=unpadded,
        ),
    },
)
