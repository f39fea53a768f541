"""More padding costs more, one would think. It also moves the windows.

An element of padding more on each side makes room for more windows, or for as many with the input
farther to the right under them: at strides above 1 the first window then holds an element of the
input less, and no other need hold one more.

What is true: padding after the input never costs a tap, nor does padding before it that grows by
whole strides. So at stride 1 the saying holds (``taps-growth``).
"""

from pooling.windows import output_size, taps
from proofs.claim import REFUTED, Claim, Theorem, expect
from proofs.terms import Term, applied, variables

n, k, s = variables("n k s")
#: torch allows padding up to half the window: one element from a window of two.
SIZES = (n >= 1, k >= 2, s >= 1, k <= n)
SOLVERS = dict.fromkeys(("z3", "cvc5"), "seconds for what a few samples refute at once")


def padded(padding: int) -> Term:
    """Return the taps of a layer with ``padding`` on both sides."""
    windows = applied(output_size, n, k, s, (padding, padding))
    return applied(taps, n, k, s, padding, windows)


claim = Claim(
    __name__,
    title="Padding both sides by one element never decreases the number of taps, the window "
    "positions inside the input.",
    why="At strides above 1 the padding moves the windows, and less of the input lies under them.",
    source="Dive into Deep Learning, pooling chapter, exercise on the cost of pooling",
    generality="all input sizes, windows that fit, and strides",
    parts=(Theorem(padded(0) <= padded(1), where=SIZES, beyond=SOLVERS),),
    expected=expect(REFUTED, "integer"),
    mutants={
        "never more": Theorem(padded(1) <= padded(0), where=SIZES),
        "if the stride is at most the window": Theorem(
            padded(0) <= padded(1), where=(*SIZES, s <= k)
        ),
    },
)
