"""f(max(a, b)) = max(f(a), f(b)) for all a and b iff f never falls.

The larger input has the larger output, so it makes no difference whether the larger is chosen
before f or after it. Nothing more is asked of f: it may have jumps and flat pieces, as rounding,
clamping, quantising and every dtype conversion have. Where f falls between two inputs, the choice
goes the other way for those two; if it falls throughout, the maximum becomes the minimum, which is
how a negative sign or a negative scale turns max-pooling into min-pooling.

A window of more taps is a chain of pairs, so the same holds for max-pooling with any window, as
long as one f is used for all of it.
"""

from pooling.arithmetic import maximum, minimum
from proofs.claim import PROVED, Claim, Theorem, expect
from proofs.terms import iff, implies, select, variables

a, b, fa, fb = variables("a b fa fb")
of_maximum = select(b <= a, fa, fb)
a_function = (implies(a == b, fa == fb),)
rises = implies(a <= b, fa <= fb) & implies(b <= a, fb <= fa)
falls = implies(a <= b, fb <= fa) & implies(b <= a, fa <= fb)

claim = Claim(
    __name__,
    title="A function commutes with the maximum iff it is non-decreasing; it turns the maximum "
    "into the minimum iff it is non-increasing.",
    why="The larger input has the larger output, whatever jumps and flat pieces there are.",
    source="order theory: a map of chains preserves joins exactly when it is monotone",
    generality="all a and b and all values f(a) and f(b), written fa and fb",
    parts=(
        Theorem(iff(of_maximum == maximum(fa, fb), rises), where=a_function, name="max stays max"),
        Theorem(
            iff(of_maximum == minimum(fa, fb), falls), where=a_function, name="max becomes min"
        ),
    ),
    expected=expect(PROVED, "real integer"),
    mutants={
        "any function": Theorem(of_maximum == maximum(fa, fb), where=a_function),
        "no function at all": Theorem(iff(of_maximum == maximum(fa, fb), rises)),
        "min stays min where it falls": Theorem(
            iff(select(a <= b, fa, fb) == minimum(fa, fb), falls), where=a_function
        ),
    },
)
