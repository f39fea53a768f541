"""The best an affine kernel can do for max-pooling: average pooling plus a constant.

On windows of n taps in [lo, hi] the mean lies below the maximum by between 0 and
(hi − lo)(n − 1)/n. Adding half of that leaves an error of E = (hi − lo)(n − 1)/(2n) either way: 3/8
for 2 × 2 windows in [0, 1], 4/9 for 3 × 3. No affine kernel does better: weigh the n windows with a
single hi by 1/(2n) each, the window of all hi by −1/(2n) and the window of all lo by −(n − 1)/(2n).
Every affine function gives 0, the weights add up to 1 in absolute value, and the maximum gives E;
so no affine function can stay closer to the maximum than E on all of these windows.
"""

from collections.abc import Callable
from fractions import Fraction

from proofs.claim import PROVED, PROVED_BOUNDED, Check, CheckFailedError, Claim, Theorem, expect
from proofs.kernel import kernel
from proofs.terms import variables

n, top, rest, lo, hi = variables("n top rest lo hi")
least_error = (hi - lo) * (n - 1) / (2 * n)
mean = (top + rest) / n
# What is known of a window: its maximum, and the sum of its other n − 1 taps.
WINDOW = (n >= 2, lo <= hi, (n - 1) * lo <= rest, rest <= (n - 1) * top, lo <= top, top <= hi)
SIGNS = {"sympy": "products of three unknowns: signs that sums of positive symbols do not settle"}
# 1/(2n) on each window with one hi, −1/(2n) on all hi, −(n − 1)/(2n) on all lo.
single, full, empty = 1 / (2 * n), -1 / (2 * n), -(n - 1) / (2 * n)


def primal(error: object = least_error) -> Theorem:
    """Say that the mean plus ``error`` stays within ``error`` of the maximum."""
    return Theorem(
        abs(mean + error - top) <= error,  # type: ignore[operator]
        where=WINDOW,
        name="the mean plus E is within E of the maximum",
        beyond=SIGNS,
    )


dual = (
    Theorem(n * single + full + empty == 0 * n, (), (n >= 2,), "constants give 0"),
    Theorem(single * hi + (n - 1) * (single * lo) + full * hi + empty * lo == 0 * n,
            (), (n >= 2, lo <= hi), "every single tap gives 0",
            beyond={"cvc5": "incomplete on this quotient of three unknowns"}),
    Theorem(n * single - full - empty == 0 * n + 1, (), (n >= 2,), "the weights add up to 1"),
    Theorem(n * (single * hi) + full * hi + empty * lo == least_error,
            (), (n >= 2, lo <= hi), "the maximum gives E"),
)  # fmt: skip


def certified(taps: int, claimed: Callable[[int], Fraction] | None = None) -> None:
    """Check both certificates on [0, 1] for one number of taps, window by window.

    The primal is checked on all corners, which differ only in their number of ones: maximum minus
    mean is convex, so its largest value is at a corner, and its smallest, 0, at equal taps. Raises
    ``CheckFailedError``.
    """
    one, zero = Fraction(1), Fraction(0)
    error = Fraction(taps - 1, 2 * taps) if claimed is None else claimed(taps)
    unit = [tuple(one if i == j else zero for j in range(taps)) for i in range(taps)]
    weights: dict[tuple[Fraction, ...], Fraction] = dict.fromkeys(unit, Fraction(1, 2 * taps))
    weights[(one,) * taps] = -Fraction(1, 2 * taps)
    weights[(zero,) * taps] = -Fraction(taps - 1, 2 * taps)
    if sum(weights.values()) != 0 or sum(map(abs, weights.values())) != 1:
        raise CheckFailedError(f"n = {taps}: the weights are no certificate")
    if any(sum(w * x[tap] for x, w in weights.items()) for tap in range(taps)):
        raise CheckFailedError(f"n = {taps}: an affine function survives")
    reached = sum(w * max(x) for x, w in weights.items())
    if reached != error:
        raise CheckFailedError(f"n = {taps}: the certificate reaches {reached}, not {error}")
    corners = [(one,) * ones + (zero,) * (taps - ones) for ones in range(taps + 1)]
    worst = max(abs(sum(x, zero) / taps + error - max(x)) for x in corners)
    if worst != error:
        raise CheckFailedError(f"n = {taps}: the mean plus E errs by {worst}, not {error}")


def certificates(claimed: Callable[[int], Fraction] | None = None) -> str:
    """Check the certificates for every number of taps up to 49 and return what was checked."""
    for taps in range(2, 50):
        certified(taps, claimed)
    return "primal and dual certificate for n = 2 … 49 (3/8 for 2 × 2, 4/9 for 3 × 3)"


def checked(run: Callable[[], str]) -> Check:
    """Return the window-by-window check, a second route to what the theorems say for all n."""
    return Check(
        "window by window", "certificate", run, PROVED_BOUNDED, ("real",),
        bound="n ≤ 49", cross_check=True,
    )  # fmt: skip


claim = Claim(
    __name__,
    title="The mean plus E = (hi − lo)(n − 1)/(2n) is a best uniform affine approximation of the "
    "maximum of n taps, with error E.",
    holds="n ≥ 2 taps in [lo, hi]; uniform error: the largest over all windows",
    why="A primal and a dual certificate meet: average pooling with a bias is the best convolution "
    "there is.",
    source="linear programming duality (Chebyshev approximation); certificate found here",
    generality="all n ≥ 2 and all intervals [lo, hi]",
    parts=(
        primal(),
        *dual,
        checked(certificates),
        kernel(
            "mean_with_a_bias_is_that_close",
            "linear_kernels/affine.v",
            "real",
            says="the mean plus E is within E, tap by tap, any number of taps",
        ),
        kernel(
            "no_affine_function_is_closer",
            "linear_kernels/affine.v",
            "real",
            says="no affine function errs by less than E, any number of taps",
        ),
    ),
    expected=expect(PROVED, "real"),
    mutants={
        "half the error": primal(least_error / 2),
        "the mean alone": primal(0 * n),
        "a smaller optimum claimed": checked(
            lambda: certificates(lambda taps: Fraction(taps - 1, 2 * taps + 1))
        ),
        "the optimum without the factor n − 1": Theorem(
            n * (single * hi) + full * hi + empty * lo == (hi - lo) / (2 * n),
            (),
            (n >= 2, lo <= hi),
        ),
    },
)
