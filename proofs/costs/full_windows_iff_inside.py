"""Charging windows in full is right iff none of them leaves the input.

Of m windows the first begins ``before`` elements ahead of the input, and the last ends where
(m − 1)·s − before + k says. Every other lies between them, so these two decide: if neither is cut
off, no window is, and the textbook's m·(k − 1) comparisons are the count. Otherwise it is too much,
never too little. The same condition settles m·k operations, one per position, as the count of an
average: t − 1 additions and a division are t operations. For a maximum, which needs no division,
one per position is always too much.

Along several axes taps and windows are products, and a product of counts that are never too small
is right only if each of them is.
"""

from costmodel.counting import Charge, charge
from pooling.arguments import Axis, PoolingArguments
from proofs.claim import PROVED, Claim, Theorem, expect
from proofs.terms import Term, applied, iff, variables

n, k, s, m, before = variables("n k s m before")
T, M, F, G = variables("T M F G")
#: Any windows that reach the input, whatever rule gave their number.
WINDOWS = (n >= 1, k >= 1, s >= 1, m >= 1, before >= 0, before < k, (m - 1) * s - before < n)
CVC5 = {"cvc5": "products of variables and division: cvc5 runs out of steps"}


def charged(counting: str) -> Charge:
    """Return what the windows of one axis are charged."""
    axis = Axis(n, k, s, (before, before), 1, False, m, m)
    return charge(PoolingArguments((), (axis,)), counting)


def maximum(counting: str) -> Term:
    """Return the operations of a max-pooling in a counting convention."""
    counted: Term = charged(counting).combinations
    return counted


def average(counting: str) -> Term:
    """Return the operations of an average pooling, divisions included."""
    counted: Term = charged(counting).combinations + charged(counting).divisions
    return counted


inside = (before == 0) & ((m - 1) * s - before + k <= n)
right = applied(maximum, "exact") == applied(maximum, "window")

claim = Claim(
    __name__,
    title="Charging max-pooling K − 1 comparisons per window is exact iff no window leaves the "
    "input, and otherwise too much.",
    holds="windows of K elements, all of which reach the input; so is K operations per window for "
    "average pooling",
    why="What a window leaves out is what it is charged too much.",
    source="derived for this project",
    generality="all input sizes, windows, strides, paddings and numbers of windows along one axis; "
    "all products of two such counts",
    parts=(
        Theorem(iff(right, inside), where=WINDOWS, name="maximum, windows in full", beyond=CVC5),
        Theorem(
            applied(maximum, "exact") <= applied(maximum, "window"),
            where=WINDOWS,
            name="never too little",
            beyond=CVC5,
        ),
        Theorem(
            applied(maximum, "exact") < applied(maximum, "mac"),
            where=WINDOWS,
            name="maximum, one per position",
            beyond=CVC5,
        ),
        Theorem(
            iff(applied(average, "exact") == applied(average, "mac"), inside),
            where=WINDOWS,
            name="average, one per position",
            beyond=CVC5,
        ),
        Theorem(
            iff(T * F == M * G, (T == M) & (F == G)),
            where=(T >= 1, F >= 1, T <= M, F <= G),
            name="two axes",
            beyond=CVC5,
        ),
    ),
    expected=expect(PROVED, "integer"),
    mutants={
        "only the end matters": Theorem(iff(right, (m - 1) * s - before + k <= n), where=WINDOWS),
        "only the beginning matters": Theorem(iff(right, before == 0), where=WINDOWS),
        "always right": Theorem(right, where=WINDOWS),
        "one per position is right for a maximum that stays inside": Theorem(
            iff(applied(maximum, "exact") == applied(maximum, "mac"), inside), where=WINDOWS
        ),
    },
)
