"""A larger stride costs less, one would think. With padding it can bring more of the input in.

A dilated window that begins in the padding steps over elements of the input; a stride later it may
hit more of them. A layer of torch's in which one element more per stride costs a tap more has a
window of 3 at dilation 3 with 3 elements of padding. Undilated it takes padding on one side only: 6
elements, window 6, padding 3 before and 0 after, has 8 taps at stride 2 and 9 at stride 3.

What is true: without padding before the input taps fall with the stride (``taps-growth``), and
undilated with as much padding on either side as well, as far as was tried
(``larger-stride-fewer-taps-undilated``).
"""

from pooling.windows import output_size, taps
from proofs.claim import REFUTED, Claim, Theorem, expect
from proofs.terms import Term, applied, variables

n, s = variables("n s")
WINDOW, DILATION, PADDING = 3, 3, 3
SIZES = (n >= 1, s >= 1)
SOLVERS = dict.fromkeys(("z3", "cvc5"), "seconds for what a few samples refute at once")


def layer(stride: Term, padding: int) -> Term:
    """Return the taps of a layer with a dilated window of three."""
    windows = applied(output_size, n, WINDOW, stride, (padding, padding), DILATION)
    return applied(taps, n, WINDOW, stride, padding, windows, DILATION)


claim = Claim(
    __name__,
    title="Increasing the stride never increases the number of taps, the window positions inside "
    "the input.",
    why="There are never more windows, but of a dilated window more may lie inside the input.",
    source="Dive into Deep Learning, pooling chapter, exercise on the cost of pooling",
    generality="all input sizes and strides, window 3, dilation 3, padding 3",
    parts=(Theorem(layer(s + 1, PADDING) <= layer(s, PADDING), where=SIZES, beyond=SOLVERS),),
    expected=expect(REFUTED, "integer"),
    mutants={
        "never fewer": Theorem(layer(s, PADDING) <= layer(s + 1, PADDING), where=SIZES),
        "always fewer without padding": Theorem(
            layer(s + 1, 0) < layer(s, 0), where=(*SIZES, n > DILATION * (WINDOW - 1))
        ),
    },
)
