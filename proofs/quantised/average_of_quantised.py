"""Averaging quantised numbers is up to one step off the quantised average, and no more.

Rounding the inputs moves each by at most half a step, so their mean by at most half a step, however
many there are. Rounding the mean moves it by another half. The rounded mean of what was not rounded
first is half a step from the truth as well. So the two results differ by at most one step and a
half, and being integers, by one step. They do differ: the mean of 0.4 and 0.8 is 0.6, which rounds
to 1; rounded first they are 0 and 1, with the mean ½, which rounds to 0.

Clamping is another matter: what lies outside the range is moved by any distance, and the mean with
it. Average pooling needs its range to fit what it reads, which max-pooling does not.
"""

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from itertools import combinations_with_replacement

from pooling.arithmetic import maximum, minimum
from proofs.claim import PROVED, Check, CheckFailedError, Claim, Theorem, expect
from proofs.terms import fold, sequence, variables

HALF = Fraction(1, 2)
mean, rounded_mean, p, q, total, e = variables("mean rounded_mean p q total e")
errors = sequence("errors")
a_rounding_error = minimum(maximum(e, -HALF), HALF)

together = Theorem(
    abs(fold(0, errors, total, e, total + a_rounding_error))
    <= fold(0, errors, total, e, total + HALF),
    name="k rounding errors add up to k/2 at the most",
    by_induction_on=errors,
)
one_step = Theorem(
    abs(p - q) <= 3 * HALF,
    given=(abs(rounded_mean - mean) <= HALF, abs(p - rounded_mean) <= HALF, abs(q - mean) <= HALF),
    name="less than two steps",
)


def farthest_apart(most: int, low: int | None = None) -> str:
    """Quantise windows of two and three numbers before and after averaging; compare the integers.

    The numbers are all fifths from −4 to 2, in steps of the scale; integers below ``low`` are
    clamped to it. Raises ``CheckFailedError`` unless the results are ``most`` apart at the most,
    and somewhere that far.
    """

    def quantised(x: Fraction) -> int:
        return round(x) if low is None else max(round(x), low)

    fifths = [Fraction(n, 5) for n in range(-20, 11)]
    windows = [w for size in (2, 3) for w in combinations_with_replacement(fifths, size)]
    apart = {}
    for window in windows:
        first = quantised(Fraction(sum(map(quantised, window)), len(window)))
        apart[window] = abs(first - quantised(sum(window, Fraction(0)) / len(window)))
    worst = max(apart.values())
    if worst != most:
        raise CheckFailedError(f"the results are up to {worst} apart, not {most}")
    example = next(window for window, steps in apart.items() if steps == worst)
    differing = sum(steps > 0 for steps in apart.values())
    shown = ", ".join(map(str, map(float, example)))
    return f"{differing} of {len(windows)} windows differ, none by more than {worst}; first {shown}"


def checked(name: str, run: Callable[[], str]) -> Check:
    """Return a count in exact fractions: an example proves that the bound is attained."""
    return Check(name, "certificate", run, PROVED, ("real",))


claim = Claim(
    __name__,
    title="The average of quantised numbers differs from the quantised average by at most one "
    "step.",
    holds="nothing is clamped; numbers and averages are rounded to a nearest integer",
    why="Half a step is lost by rounding the inputs, half by rounding the mean, half on the other "
    "side; integers less than two steps apart are one step apart.",
    source="the triangle inequality; Jacob et al. 2018 (arXiv 1712.05877)",
    generality="any number of taps, any rounding to a nearest integer; p is the rounded mean of "
    "the rounded numbers, q the rounded mean, both in steps of the scale",
    parts=(together, one_step, checked("attained", lambda: farthest_apart(1))),
    expected=expect(PROVED, "real"),
    mutants={
        "no difference": checked("", lambda: farthest_apart(0)),
        "two steps": checked("", lambda: farthest_apart(2)),
        "with clamped inputs": checked("", lambda: farthest_apart(1, low=-2)),
        "errors cancel": replace(
            together, conclusion=abs(fold(0, errors, total, e, total + a_rounding_error)) <= HALF
        ),
    },
)
