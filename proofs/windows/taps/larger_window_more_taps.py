"""A larger window costs more, one would think. It also leaves room for fewer windows.

Without padding n − k + 1 windows fit at stride 1, with k·(n − k + 1) taps: n of them both for k = 1
and for the window that covers the input, most of them for k about half of n. With a larger stride
the count goes up and down from one window to the next.

What is true: with the number of windows held fixed, as "same" padding does, taps grow with the
window (``taps-growth``).
"""

from pooling.windows import output_size, taps
from proofs.claim import REFUTED, Claim, Theorem, expect
from proofs.terms import Term, applied, variables

n, k, s = variables("n k s")
CVC5 = {"cvc5": "nonlinear integer division: seconds, where Z3 takes milliseconds"}
SIZES = (n >= 1, k >= 1, s >= 1, k < n)


def unpadded(kernel_size: Term) -> Term:
    """Return the taps of a layer without padding."""
    windows = applied(output_size, n, kernel_size, s)
    return applied(taps, n, kernel_size, s, 0, windows)


claim = Claim(
    __name__,
    title="Increasing the kernel size never decreases the number of taps, the window positions "
    "inside the input.",
    why="Each window has more taps, but fewer windows fit.",
    source="Dive into Deep Learning, pooling chapter, exercise on the cost of pooling",
    generality="all input sizes, windows that fit, strides; no padding",
    parts=(Theorem(unpadded(k) <= unpadded(k + 1), where=SIZES, beyond=CVC5),),
    expected=expect(REFUTED, "integer"),
    mutants={
        "never more": Theorem(unpadded(k + 1) <= unpadded(k), where=SIZES),
        "up to half the image, whatever the stride": Theorem(
            unpadded(k) <= unpadded(k + 1), where=(*SIZES, 2 * k < n)
        ),
    },
)
