"""Fractional max-pooling: where its random windows lie, and what is random about them.

Along n elements the m windows of k elements begin at ⌊(i + u)·α⌋ − ⌊u·α⌋, with α = (n − k)/(m − 1)
and u drawn from [0, 1). Let u = a/b and span = n − k; then the start is
⌊(i·b + a)·span/(b·(m − 1))⌋ − ⌊a·span/(b·(m − 1))⌋, in whole numbers.

The first window begins at 0 and the last at n − k, whatever is drawn, and those between at places
that never go back: all lie inside the input. Steps are ⌊α⌋ or ⌈α⌉. They add up to n − k, so their
mean is α for *every* draw. The expectation of a single one need not be: for n = 5, k = 2 and m = 3,
where α = 3/2, the first step is 2 for 1/3 ≤ u < 2/3 and 1 otherwise, 4/3 on average.
"""

from dataclasses import replace
from fractions import Fraction
from itertools import pairwise

from pooling.arithmetic import ceil_divide
from proofs.claim import PROVED, Check, CheckFailedError, Claim, Theorem, expect
from proofs.terms import Term, variables

i, a, b, span, steps = variables("i a b span steps")
#: u = a/b is in [0, 1); there are m = steps + 1 windows, and span = n − k places to begin.
DRAW = (0 <= a, a < b, span >= 0, steps >= 1)
CVC5 = {"cvc5": "nonlinear integer division: cvc5 runs out of steps"}
divisor = b * steps


def begins(window: Term | int) -> Term:
    """Return where a window begins, as defined."""
    return ((window * b + a) * span) // divisor - (a * span) // divisor


ends_meet = Theorem(
    (begins(0) == 0) & (begins(steps) == span),
    where=DRAW,
    name="the first window begins at 0, the last at n − k",
    beyond=CVC5,
)
one_step = Theorem(
    (span // steps <= begins(i + 1) - begins(i))
    & (begins(i + 1) - begins(i) <= ceil_divide(span, steps)),
    where=(*DRAW, i >= 0),
    name="a step is ⌊α⌋ or ⌈α⌉, and never back",
    beyond=CVC5,
)


def expected_step(alpha: Fraction, window: int) -> Fraction:
    """Return the expectation of one step over u uniform in [0, 1), exactly.

    ⌊(i + u)·α⌋ jumps where (i + u)·α is whole; between these places of u it is constant.
    """
    jumps = {Fraction(0), Fraction(1)}
    for at in (window, window + 1):
        jumps |= {Fraction(whole) / alpha - at for whole in range(int((at + 1) * alpha) + 2)}
    places = sorted(u for u in jumps if 0 <= u <= 1)
    total = Fraction(0)
    for low, high in pairwise(places):
        middle = (low + high) / 2
        step = (window + 1 + middle) * alpha // 1 - (window + middle) * alpha // 1
        total += (high - low) * step
    return total


def steps_of(claimed: Fraction) -> str:
    """Compare the expectation of the first step for α = 3/2 with ``claimed``."""
    found = expected_step(Fraction(3, 2), 0)
    if found != claimed:
        raise CheckFailedError(f"the first of two steps is {found} on average, not {claimed}")
    both = found + expected_step(Fraction(3, 2), 1)
    if both != 3:
        raise CheckFailedError(f"two steps of 3/2 add up to {both}")
    return f"α = 3/2: {found} on average, and {both - found} for the step after it"


def single(claimed: Fraction) -> Check:
    """Return the check that the expectation of one step is ``claimed``."""
    return Check(
        "the expectation of one step is not α", "certificate", lambda: steps_of(claimed),
        PROVED, ("integer",),
    )  # fmt: skip


claim = Claim(
    __name__,
    title="Whatever is drawn, the windows of fractional max-pooling lie inside the input, reach "
    "both ends, and step by ⌊α⌋ or ⌈α⌉.",
    holds="m ≥ 2 windows of k in n elements, in exact arithmetic, with α = (n − k)/(m − 1), the "
    "mean of the steps of every draw",
    why="Rounding down keeps the order of the places, and (m − 1)·α is whole.",
    source="Graham, Fractional Max-Pooling, 2014 (arXiv 1412.6071); torch's FractionalMaxPool2d",
    generality="all input, window and output sizes with at least two windows, all rational u in "
    "[0, 1), in exact arithmetic",
    parts=(ends_meet, one_step, single(Fraction(4, 3))),
    expected=expect(PROVED, "integer"),
    mutants={
        "the expectation of one step is α": single(Fraction(3, 2)),
        "the last window begins before n − k": replace(ends_meet, conclusion=begins(steps) < span),
        "steps are ⌊α⌋": replace(
            one_step,
            where=(*DRAW, b == 1, i >= 0),
            conclusion=begins(i + 1) - begins(i) == span // steps,
        ),
        "u may be 1 and more": Theorem(
            begins(1) == span // steps, where=(0 <= a, b >= 1, span >= 0, steps >= 1)
        ),
    },
)
