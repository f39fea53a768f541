"""What keeps every tap, and so never makes a pooling cheaper.

A layer costs no less than another if every tap of the one is matched by a tap of its own in the
other: by the same one or, no two by one, by that of the next window. That is so if the image grows,
or the padding after it: every window stays where it is. If the padding *before* the image grows by
a whole stride, window i becomes window i + 1. Without padding before the image, a smaller stride or
a smaller dilation moves every position towards the beginning, where it is inside as well. And if
the number of windows is kept, as with "same" padding, a larger window holds the smaller one.

All of these are for one axis. An image has the product of the taps of its axes, which is at least
as large if one factor is.

In any other way taps can fall: see ``larger-window-more-taps``, ``more-padding-more-taps`` and
``larger-stride-fewer-taps``.
"""

from dataclasses import replace

from pooling.arithmetic import ceil_divide, maximum
from pooling.windows import output_size, window_taps
from proofs.claim import PROVED, Claim, Theorem, expect
from proofs.kernel import kernel
from proofs.terms import Term, applied, constant, implies, summation, variables

n, k, s, before, after, d, i, j, e, m, p, q = variables("n k s before after d i j e m p q")
SIZES = (n >= 1, k >= 1, s >= 1)
LAYER = (*SIZES, before >= 0, after >= 0, d >= 1)
#: Windows of one element, padded before the image only.
PLAIN = {"k": constant(1), "j": constant(0), "after": constant(0), "d": constant(1)}
CVC5 = {"cvc5": "nonlinear integer division: cvc5 runs out of steps or takes seconds"}


def tap(window: Term, ceil_mode: bool, **changed: Term) -> Term:
    """Say that position j of ``window`` is a tap, with some of its layer ``changed``."""
    layer = {"n": n, "k": k, "s": s, "before": before, "after": after, "d": d, "j": j} | changed
    padding = (layer["before"], layer["after"])
    mode = {"ceil_mode": True} if ceil_mode else {}
    outputs = applied(output_size, layer["n"], layer["k"], layer["s"], padding, layer["d"], **mode)
    place = window * layer["s"] + layer["j"] * layer["d"] - layer["before"]
    return (window >= 0) & (window < outputs) & (place >= 0) & (place < layer["n"])


def grows(ceil_mode: bool) -> Term:
    """Say that taps stay taps if image or padding grow."""
    return implies(
        tap(i, ceil_mode),
        tap(i, ceil_mode, n=n + 1)
        & tap(i, ceil_mode, after=after + 1)
        & tap(i + 1, ceil_mode, before=before + s),
    )


def shrinks(ceil_mode: bool) -> Term:
    """Say that without padding before the image taps stay taps if stride or dilation shrink."""
    none = constant(0)
    return implies(
        tap(i, ceil_mode, before=none, s=s + 1) | tap(i, ceil_mode, before=none, d=d + 1),
        tap(i, ceil_mode, before=none),
    )


growing = Theorem(
    grows(False) & grows(True),
    where=LAYER,
    name="larger image, more padding, without and with ceil_mode",
    beyond=CVC5,
)
shrinking = Theorem(
    shrinks(False) & shrinks(True),
    where=(*SIZES, after >= 0, d >= 1, d * (k - 1) < n + after, j >= 0),
    name="smaller stride or dilation, no padding before, without and with ceil_mode",
    beyond=CVC5,
)


def under(kernel_size: Term, odd: int) -> Term:
    """Say that window i lies over element e, padded as in "same", an ``odd`` element before."""
    missing: Term = maximum((ceil_divide(n, s) - 1) * s + kernel_size - n, 0)
    start: Term = i * s - (missing + odd) // 2
    return (start <= e) & (e < start + kernel_size)


same = Theorem(
    implies(under(k, 0), under(k + 1, 0)) & implies(under(k, 1), under(k + 1, 1)),
    where=SIZES,
    name='larger window, "same" padding, SAME_UPPER and SAME_LOWER',
    beyond=CVC5,
)
fixed = Theorem(
    summation(i, m, applied(window_taps, n, k, i * s - before))
    <= summation(i, m, applied(window_taps, n + 1, k + 1, i * s - before)),
    where=(n >= 0, k >= 0, s >= 1),
    name="larger window and image, as many windows",
    by_induction_on=m,
)
axes = Theorem(p * m <= q * m, given=(p <= q, 0 <= m), name="the product of the taps of the axes")

claim = Claim(
    __name__,
    title="The number of taps never falls when the input grows, or the padding: after it, or "
    "before it by whole strides.",
    holds="nor for a smaller stride or dilation without padding before the input, nor for a larger "
    "kernel with 'same' padding",
    why="Every tap of the smaller layer has a tap of its own in the larger one.",
    source="derived for this project; Dive into Deep Learning, padding and stride, for the rules",
    generality="all input sizes, kernels, strides, paddings (each side its own) and dilations",
    parts=(
        growing,
        shrinking,
        same,
        fixed,
        axes,
        kernel(
            "matched_taps_are_no_more",
            "windows/taps/matched.v",
            "integer",
            says="taps that are matched one by one are no more than what they are matched with",
            cross_check=False,
        ),
    ),
    expected=expect(PROVED, "integer"),
    mutants={
        "one element of padding before moves every window on by one": replace(
            growing,
            conclusion=implies(
                tap(i, False, **PLAIN), tap(i + 1, False, **PLAIN, before=before + 1)
            ),
            where=(n >= 1, s >= 1, before >= 0),
        ),
        "a smaller stride keeps every tap, padded or not": replace(
            shrinking,
            conclusion=implies(tap(i, False, **PLAIN, s=s + 1), tap(i, False, **PLAIN)),
            where=(n >= 1, s >= 1, before >= 0),
        ),
        'with "same" padding a smaller window keeps every tap': Theorem(
            implies(under(k + 1, 0), under(k, 0)), where=SIZES
        ),
        "as many windows over a larger image have more taps": replace(
            fixed,
            conclusion=summation(i, m, applied(window_taps, n, k, i * s - before))
            < summation(i, m, applied(window_taps, n + 1, k, i * s - before)),
        ),
    },
)
