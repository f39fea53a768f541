"""A 1 × 1 convolution and average pooling may change places.

Both are linear and they work along different axes: one over channels, the other over taps. So the
sums may be taken in either order, and a bias, the same at every tap, is its own average. Pooling
first does the convolution on k² times fewer positions.

Averages of what is there keep this; zero padding that counts does not if there is a bias, since
padding has none. Maxima do not: a negative weight turns the largest tap into the smallest. Machine
numbers round, saturate or, where the sum is divided, wrap in one order and not in the other.
"""

from proofs.claim import PROVED_BOUNDED, REFUTED, Claim, Theorem, expect
from proofs.systems import MACHINE
from proofs.terms import Term, fold, half, sequence, variable, variables

w, bias, total, count, t = variables("w bias total count t")
x = sequence("x")
taps = fold(0, x, count, t, count + 1)
added = fold(0, x, total, t, total + t)
ENOUGH = {"[!h]*/*float*": "a second opinion on a counterexample, at the price of bit-blasting"}
CHANNELS, TAPS = 2, 4


def summed(terms: list[Term]) -> Term:
    """Return the sum of ``terms``, first to last."""
    result = terms[0]
    for term in terms[1:]:
        result = result + term
    return result


weights = [variable(f"w{c}") for c in range(CHANNELS)]
pixels = [[variable(f"x{c}{i}") for i in range(TAPS)] for c in range(CHANNELS)]
mixed = [summed([weights[c] * pixels[c][i] for c in range(CHANNELS)]) for i in range(TAPS)]
pooled = [summed(pixels[c]) for c in range(CHANNELS)]
a, b = variables("a b")

claim = Claim(
    __name__,
    title="A 1 × 1 convolution, bias included, commutes with average pooling.",
    holds="with a bias, padding must not count; both sides times the number of taps are compared",
    why="Sums over channels and over taps may be exchanged, and a constant is its own average. "
    "Rounding depends on the order.",
    source="linearity; a rewrite of inference compilers and of transition blocks, "
    "Huang et al. 2017 (arXiv 1608.06993)",
    generality="any number of taps for one channel and a bias, by induction; two channels and four "
    "taps for the sum over channels; both sides times the number of taps, so that nothing is "
    "divided. Two taps and a weight of 2 in the integers, where a division rounds down, and in "
    "machine numbers, where it fails",
    parts=(
        Theorem(
            fold(0, x, total, t, total + (w * t + bias)) == w * added + bias * taps,
            name="one channel, any number of taps",
            systems=("real",),
        ),
        Theorem(
            summed(mixed) == summed([weights[c] * pooled[c] for c in range(CHANNELS)]),
            name="two channels, four taps",
            systems=("real",),
            bound="two channels, four taps",
        ),
        Theorem(
            half((a + a) + (b + b)) == half(a + b) + half(a + b),
            name="two taps and a weight of 2, averaged",
            beyond=ENOUGH,
        ),
    ),
    expected=expect(PROVED_BOUNDED, "real") | expect(REFUTED, "integer", MACHINE),
    mutants={
        "with the maximum": Theorem((w * a).maximum(w * b) == w * a.maximum(b)),
        "the bias added once to a sum": Theorem(
            fold(0, x, total, t, total + (w * t + bias)) == w * added + bias
        ),
        "weights of different taps": Theorem(
            weights[0] * a + weights[1] * b == weights[0] * (a + b)
        ),
    },
)
