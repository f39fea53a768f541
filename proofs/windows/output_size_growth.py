"""How the number of windows moves with each argument, everything else held fixed.

A larger image or more padding, on either side, never costs a window; a larger kernel or dilation
never brings one. Nor does a larger stride, as long as one window fits: ⌊L/s⌋ falls with s only for
L ≥ 0. All of that is so with and without ``ceil_mode``.

Taps are another matter: ``taps-growth`` says which of this carries over to them.
"""

from pooling.windows import output_size
from proofs.claim import PROVED, Claim, Theorem, expect
from proofs.terms import Term, applied, variables

n, k, s, before, after, d = variables("n k s before after d")
SIZES = (n >= 1, k >= 1, s >= 1)
DOMAIN = (*SIZES, before >= 0, after >= 0, d >= 1)
CVC5 = {"cvc5": "nonlinear integer division: cvc5 runs out of steps, Z3 takes milliseconds"}


def windows(ceil_mode: bool, **changed: Term) -> Term:
    """Return the number of windows with some arguments ``changed``."""
    given = {"n": n, "k": k, "s": s, "before": before, "after": after, "d": d} | changed
    padding = (given["before"], given["after"])
    mode = {"ceil_mode": True} if ceil_mode else {}
    return applied(output_size, given["n"], given["k"], given["s"], padding, given["d"], **mode)


def plain(size: Term, kernel_size: Term, stride: Term) -> Term:
    """Return the number of windows without padding or dilation."""
    return applied(output_size, size, kernel_size, stride)


def grows(ceil_mode: bool) -> Term:
    """Say what never lowers the number of windows."""
    now = windows(ceil_mode)
    return (
        (now <= windows(ceil_mode, n=n + 1))
        & (now <= windows(ceil_mode, before=before + 1))
        & (now <= windows(ceil_mode, after=after + 1))
    )


def falls(ceil_mode: bool) -> Term:
    """Say what never raises it."""
    now = windows(ceil_mode)
    return (
        (windows(ceil_mode, k=k + 1) <= now)
        & (windows(ceil_mode, d=d + 1) <= now)
        & (windows(ceil_mode, s=s + 1) <= now)
    )


growing = Theorem(
    grows(False) & grows(True),
    where=DOMAIN,
    name="image and padding, without and with ceil_mode",
    beyond=CVC5,
)
falling = Theorem(
    falls(False) & falls(True),
    where=(*DOMAIN, d * (k - 1) < n + before + after),
    name="window, dilation and stride, where a window fits, without and with ceil_mode",
    beyond=CVC5,
)

claim = Claim(
    __name__,
    title="The number of windows is non-decreasing in input size and padding, non-increasing in "
    "kernel size, dilation and stride.",
    holds="each changed alone; the second where at least one window fits",
    why="Rounding, up or down, keeps the order, and so does dividing by a positive number.",
    source="Dive into Deep Learning, padding and stride",
    generality="all input sizes, kernels, strides, paddings (each side its own) and dilations, "
    "without and with ceil_mode; kernel, dilation and stride where a window fits",
    parts=(growing, falling),
    expected=expect(PROVED, "integer"),
    mutants={
        "a larger image has more windows": Theorem(
            plain(n, k, s) < plain(n + 1, k, s), where=(*SIZES, k <= n)
        ),
        "a larger stride has fewer windows": Theorem(
            plain(n, k, s + 1) < plain(n, k, s), where=(*SIZES, k <= n)
        ),
        "nor does a larger stride bring one where none fits": Theorem(
            plain(n, k, s + 1) <= plain(n, k, s), where=SIZES
        ),
    },
)
