"""How far windows overlap: what neighbours share, and how often an element is read.

Two undilated windows that are t strides apart share k − t·s positions, or none. So neighbours
overlap iff the kernel is larger than the stride, and as each further window starts s elements on,
⌈k/s⌉ of them are the most that can lie over one element. Away from the border ⌊k/s⌋ are the least:
with s = k every element is read once, with s = 1 k times.

One element more at the end of the input adds one tap to each window over it. Hence the taps of a
layer are the windows over each element, added up, and at most n·⌈k/s⌉: reading with a cache, which
fetches every element once, saves that factor at the most.
"""

from pooling.arithmetic import ceil_divide, clamp, maximum
from pooling.windows import window_taps
from proofs.claim import PROVED, Claim, Theorem, expect
from proofs.terms import Term, applied, indicator, summation, variables

n, k, s, m, i, j, t, e, before = variables("n k s m i j t e before")
DOMAIN = (k >= 1, s >= 1)
CVC5 = {"cvc5": "nonlinear integer division: cvc5 runs out of steps or takes seconds"}


def windows_over(element: Term) -> Term:
    """Return how many of the first m windows begin at or before ``element`` and end behind it."""
    begun = (element + before) // s + 1
    ended = ceil_divide(element + before - k + 1, s)
    result: Term = clamp(begun, 0, m) - clamp(ended, 0, m)
    return result


def over(element: Term, window: Term) -> Term:
    """Say that ``window`` lies over ``element``."""
    start = window * s - before
    return (start <= element) & (element < start + k)


shared = Theorem(
    summation(j, k, indicator(t * s <= j)) == maximum(k - t * s, 0),
    where=(k >= 0, s >= 1, t >= 1),
    name="positions shared by windows that are t strides apart",
)
readers = Theorem(
    summation(i, m, indicator(over(e, i))) == applied(windows_over, e),
    where=DOMAIN,
    name="windows over an element",
    beyond=CVC5,
)
most = Theorem(
    applied(windows_over, e) <= ceil_divide(k, s),
    where=(*DOMAIN, m >= 0),
    name="at most ⌈k/s⌉ of them",
    beyond=CVC5,
)
least = Theorem(
    k // s <= applied(windows_over, e),
    given=(k <= e + before + 1, e + before < m * s),
    where=(*DOMAIN, m >= 0),
    name="at least ⌊k/s⌋ away from the border",
    beyond=CVC5,
)
gained = Theorem(
    window_taps(n + 1, k, i * s - before) - window_taps(n, k, i * s - before)
    == indicator(over(n, i)),
    where=(n >= 0, *DOMAIN),
    name="one more element is a tap of the windows over it",
)
added_up = Theorem(
    summation(e, n, applied(windows_over, e)) <= n * ceil_divide(k, s),
    where=(*DOMAIN, m >= 0),
    name="at most n·⌈k/s⌉ taps, element by element",
    by_induction_on=n,
    beyond=CVC5,
)
altogether = Theorem(
    summation(i, m, applied(window_taps, n, k, i * s - before)) <= n * ceil_divide(k, s),
    where=(n >= 0, *DOMAIN),
    name="at most n·⌈k/s⌉ taps, window by window",
    cross_check=True,
    by_induction_on=m,
    beyond=dict.fromkeys(("z3", "cvc5"), "no bound of m windows follows from that of m − 1"),
)

claim = Claim(
    __name__,
    title="Neighbouring windows overlap in max(k − s, 0) positions, and an element is under at "
    "most ⌈k/s⌉ windows.",
    holds="kernel size k and stride s, undilated, positions in the padding included; away from the "
    "border at least ⌊k/s⌋ windows",
    why="Windows over one element begin within k positions and s apart.",
    source="Dive into Deep Learning, pooling chapter: stride and window of the same shape by "
    "default; Krizhevsky et al. 2012, section 3.4, overlapping pooling",
    generality="all input sizes, kernels, strides, paddings and numbers of windows, undilated",
    parts=(shared, readers, most, least, gained, added_up, altogether),
    expected=expect(PROVED, "integer"),
    mutants={
        "windows of the stride's size overlap": Theorem(
            summation(j, k, indicator(t * s <= j)) == maximum(k - t * s + 1, 0),
            where=(k >= 0, s >= 1, t >= 1),
        ),
        "at most ⌊k/s⌋ windows over an element": Theorem(
            applied(windows_over, e) <= k // s, where=(*DOMAIN, m >= 0)
        ),
        "at least ⌈k/s⌉ away from the border": Theorem(
            ceil_divide(k, s) <= applied(windows_over, e),
            given=(k <= e + before + 1, e + before < m * s),
            where=(*DOMAIN, m >= 0),
        ),
        "every element is read once": Theorem(
            summation(i, m, applied(window_taps, n, k, i * s - before)) <= n,
            where=(n >= 0, *DOMAIN),
            by_induction_on=m,
        ),
    },
)
