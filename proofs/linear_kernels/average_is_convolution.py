"""Average pooling is a convolution whose weights are all one over the number of taps.

Two ways to say which taps count are compared. The convolution reads every position of its window
from an input framed by zeros. The pooling clips the window at both ends of the input, adds up what
is left, and divides. Tap by tap both contribute the same, wherever the window begins and whatever
the input, since a position is inside iff it is in the clipped window. So sums agree, and times the
number of positions of the window the convolution is the sum over the taps inside.

It is the average if that number is also the divisor: if padding counts and no window reaches beyond
it, or wherever windows stay inside. ``no-convolution-averages-what-is-there`` tells the rest.

The weight 1/k is exact in the reals only. Multiplied in first, it rounds every tap, where the
average rounds once, and halves of whole numbers are cut: two ones have the mean 1, and two halves
of one, rounded down, add up to 0.
"""

from dataclasses import replace
from itertools import product

from pooling.arithmetic import maximum, minimum
from proofs.claim import PROVED_BOUNDED, REFUTED, Claim, Theorem, expect
from proofs.systems import MACHINE
from proofs.terms import Term, constant, half, iff, select, variable, variables

height, width, top, left, i, j, tap, n, k, x, after = variables(
    "height width top left i j tap n k x after"
)
rows, columns = variables("rows columns")
a, b = variables("a b")
LARGEST = 7
SLOW = {
    "cvc5": "49 taps with a case split each: seconds, where Z3 takes half of one",
    "hypothesis": "samples of 55 numbers that all have to be small",
    "yices": "49 unknown products: seconds where cvc5 takes a moment",
}
ENOUGH = {"[!h]*/*float*": "a second opinion on a counterexample, at the price of bit-blasting"}


def framed(position: Term, size: Term) -> Term:
    """Say that a position is none of the frame's."""
    return (0 <= position) & (position < size)


def clipped(position: Term, start: Term, kernel: Term | int, size: Term) -> Term:
    """Say that a position is in the window that begins at ``start``, clipped to the input."""
    begun: Term = maximum(start, 0) <= position
    not_ended: Term = position < minimum(start + kernel, size)
    return begun & not_ended


one_tap = Theorem(
    (rows * columns)
    * (select(framed(top + i, height) & framed(left + j, width), tap, 0) / (rows * columns))
    == select(
        clipped(top + i, top, rows, height) & clipped(left + j, left, columns, width), tap, 0
    ),
    where=(0 <= i, i + 1 <= rows, 0 <= j, j + 1 <= columns),
    name="tap by tap, any kernel",
    systems=("real",),
)


def all_taps(most: int) -> Theorem:
    """State it for the sum over all taps of a kernel of at most ``most`` rows and columns."""
    convolved: Term = 0 * top
    averaged: Term = 0 * top
    down = [(u < rows) & framed(top + u, height) for u in map(constant, range(most))]
    across = [(v < columns) & framed(left + v, width) for v in map(constant, range(most))]
    kept_down = [clipped(top + u, top, rows, height) for u in range(most)]
    kept_across = [clipped(left + v, left, columns, width) for v in range(most)]
    for u, v in product(range(most), repeat=2):
        pixel = variable(f"x{u}{v}")
        convolved = convolved + select(down[u] & across[v], pixel, 0)
        averaged = averaged + select(kept_down[u] & kept_across[v], pixel, 0)
    return Theorem(
        convolved == averaged,
        where=(rows <= most, columns <= most),
        name=f"all taps of a kernel up to {most} × {most}",
        bound=f"kernels up to {most} × {most}",
        systems=("real",),
        beyond=SLOW,
    )


divisor = Theorem(
    iff(minimum(x + k, n + after) - x == k, x + k <= n + after),
    where=(k >= 1, after >= 0),
    name="padding counted: the divisor is the kernel's size unless a window reaches beyond",
    systems=("real",),
    judged_in="integer",
)
two_taps = Theorem(
    half(a) + half(b) == half(a + b), name="weights of 1/2 for two taps", beyond=ENOUGH
)

claim = Claim(
    __name__,
    title="Average pooling is a convolution with weights 1/k where padding counts and no window "
    "reaches beyond the padding.",
    holds="k positions in the kernel",
    why="The window clipped to the input has the taps that a frame of zeros leaves. Weights of "
    "1/k round or cut every tap, where the average does it once.",
    source="Dive into Deep Learning, pooling chapter, exercise on average pooling as a special "
    "case of a convolution",
    generality="all input sizes, and all places where a window can begin, so all strides, paddings "
    "and positions; any kernel tap by tap, kernels up to 7 × 7 for the sum, in the reals. Two taps "
    "in the integers, where a division rounds down, and in machine numbers, where it fails",
    parts=(one_tap, all_taps(LARGEST), divisor, two_taps),
    expected=expect(PROVED_BOUNDED, "real") | expect(REFUTED, "integer", MACHINE),
    mutants={
        "clipped at the start only": replace(
            one_tap,
            conclusion=one_tap.conclusion.args[0]
            == select((maximum(top, 0) <= top + i) & (left + j < width), tap, 0),
        ),
        "not divided": replace(one_tap, conclusion=one_tap.conclusion.args[0] == tap),
        "a window that begins one element later": replace(
            one_tap,
            conclusion=one_tap.conclusion.args[0]
            == select(
                clipped(top + i, top + 1, rows, height) & clipped(left + j, left, columns, width),
                tap,
                0,
            ),
        ),
        "the divisor is the kernel's size always": replace(
            divisor, conclusion=minimum(x + k, n + after) - x == k
        ),
    },
)
