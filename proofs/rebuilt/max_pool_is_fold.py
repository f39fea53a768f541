"""Max-pooling, one tap after the other: m ← ReLU(t − m) + m leaves the maximum of any window.

The claim is proved by induction over the taps. Before the first step m is the first tap, which is
the maximum of one tap; and one step turns the maximum so far into the maximum with one tap more.
So the length of the window never matters, and neither do its stride, padding or dilation, which
only say which taps there are. No start at −∞ is needed, where ∞ − ∞ would be NaN.

Machine numbers lose what a single step loses: the difference wraps, saturates or rounds. Then the
induction breaks at its first step already, with two taps.
"""

from proofs.claim import PROVED, REFUTED, Claim, Theorem, expect
from proofs.systems import BINARY, FLOATS, INTEGERS
from proofs.terms import fold, greatest, relu, sequence, variables

first, m, t = variables("first m t")
x = sequence("x")
folded = fold(first, x, m, t, relu(t - m) + m)
ENOUGH = {"[!h]*/*float*": "a second opinion on a counterexample, at the price of bit-blasting"}

claim = Claim(
    __name__,
    title="Folding m ← ReLU(t − m) + m over the taps of a window gives their maximum.",
    holds="started at the first tap",
    why="Each step turns the maximum so far into the maximum with one tap more. Fixed widths wrap "
    "or saturate in t − m, floats round it.",
    source="Dive into Deep Learning, pooling chapter, exercise on max-pooling by ReLU; the fold is "
    "the popular answer's, started at the first tap",
    generality="any number of taps and all their values",
    parts=(Theorem(folded == greatest(first, x), beyond=ENOUGH),),
    expected=expect(PROVED, "real integer") | expect(REFUTED, INTEGERS, "rounding", FLOATS, BINARY),
    mutants={
        "started at 0": Theorem(fold(0, x, m, t, relu(t - m) + m) == greatest(first, x)),
        "the tap added back": Theorem(fold(first, x, m, t, relu(t - m) + t) == greatest(first, x)),
        "the last tap instead": Theorem(fold(first, x, m, t, t - m + m) == greatest(first, x)),
    },
)
