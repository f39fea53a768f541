"""Softmax pooling lies between the mean and the maximum, and how close it is to either.

Let w = exp((x − M)/T) be the weights, M the largest tap, R = M − min and K = R²/T. The pooling is
P = Σwx/W with W = Σw, a mean of the taps, so P ≤ M.

Near the maximum. M − P = Σ(M − x)·w/W. A tap d below M adds d·exp(−d/T), at most T/e: by the
tangent, exp(d/T − 1) ≥ d/T. M itself adds 0 and a weight of 1. So M − P ≤ (n − 1)·T/e.

Near the mean. n·Σwx − Σw·Σx is the sum of (x − y)(w_x − w_y) over all pairs of taps, since one tap
more adds its pairs with those before. Larger taps weigh more, so no pair is negative, and P is at
least the mean. By the tangents at either tap the weights of a pair differ by at most
max(w_x, w_y)·|x − y|/T, so a pair is at most K·(w_x + w_y). Each weight is in n − 1 pairs, and
P − mean ≤ K·(n − 1)/n, less than R²/T.

Both inductions over the taps are written out for the solvers, since a tap comes with its weight:
the domain of a step says what holds before it. Joined, over taps and their exponentials, they are
theorems of Coq.
"""

from dataclasses import replace

from proofs.claim import PROVED, Claim, Theorem, expect
from proofs.kernel import kernel
from proofs.means.softmax.exponential_above_tangents import tangent
from proofs.terms import variables

x, y, w_x, w_y, t, d, g, k, n = variables("x y w_x w_y t d g k n")
weights, weighted, taps, largest = variables("weights weighted taps largest")
gap, inner, outer, inv_e = variables("gap inner outer inv_e")
NONLINEAR = {"cvc5": "products of unknowns: cvc5 runs out of steps"}
#: The tangents at either weight: exp(b − a) ≥ 1 + b − a, for the exponents x/T and y/T.
TANGENTS = (t * w_y >= w_x * (t + y - x)) & (t * w_x >= w_y * (t + x - y))

below = Theorem(
    (weighted + w_x * x) / (weights + w_x) <= largest,
    given=(x <= largest,),
    where=(weighted <= largest * weights, weights >= 0, w_x > 0),
    name="one tap more: P ≤ max",
    beyond=NONLINEAR,
)
far_tap = Theorem(
    gap + d * w_x <= (n + 1) * (t * inv_e),
    given=(t * g >= d,),
    where=(t > 0, w_x > 0, g * w_x == inv_e, gap <= n * (t * inv_e)),
    name="a tap d below adds d·exp(−d/T) ≤ T/e, as exp(d/T − 1) ≥ d/T",
    beyond=NONLINEAR,
)
near_maximum = Theorem(
    gap / weights <= (n - 1) * (t * inv_e),
    where=(weights >= 1, gap >= 0, gap <= (n - 1) * (t * inv_e)),
    name="max − P ≤ (n − 1)·T/e",
    beyond=NONLINEAR,
)
pair = Theorem(
    (0 <= (x - y) * (w_x - w_y)) & (t * ((x - y) * (w_x - w_y)) <= (x - y) * (x - y) * (w_x + w_y)),
    given=(TANGENTS,),
    where=(t > 0, w_x > 0, w_y > 0),
    name="a pair of taps: 0 ≤ (x − y)(w_x − w_y) ≤ (w_x + w_y)·(x − y)²/T",
    beyond=NONLINEAR,
)
one_tap_more = Theorem(
    (
        (n + 1) * (weighted + w_x * x) - (taps + x) * (weights + w_x)
        == (n * weighted - taps * weights) + (weighted - w_x * taps - x * weights + n * (w_x * x))
    )
    & (
        (weighted + w_y * y) - w_x * (taps + y) - x * (weights + w_y) + (n + 1) * (w_x * x)
        == (weighted - w_x * taps - x * weights + n * (w_x * x)) + (y - x) * (w_y - w_x)
    ),
    name="n·Σwx − Σx·Σw: one tap more adds its pairs with those before, one by one",
)
pairs = Theorem(
    (0 <= inner + outer) & (inner + outer <= k * (weights + w_y) + k * ((n + 1) * w_x)),
    where=(0 <= inner, inner <= k * weights + k * (n * w_x), 0 <= outer, outer <= k * (w_x + w_y)),
    name="one pair more: they add up to at most K·(W + n·w)",
    beyond=NONLINEAR,
)
all_pairs = Theorem(
    (0 <= outer + inner) & (outer + inner <= k * (n * (weights + w_x))),
    where=(
        0 <= outer,
        outer <= k * ((n - 1) * weights),
        0 <= inner,
        inner <= k * weights + k * (n * w_x),
    ),
    name="one tap more: all pairs add up to at most K·(n − 1)·W",
    beyond=NONLINEAR,
)
near_mean = Theorem(
    (taps / n <= weighted / weights) & (weighted / weights - taps / n <= k * (n - 1) / n),
    where=(n >= 1, weights > 0, 0 <= n * weighted - taps * weights,
            n * weighted - taps * weights <= k * ((n - 1) * weights)),
    name="0 ≤ P − mean ≤ (n − 1)/n·R²/T",
    beyond=NONLINEAR,
)  # fmt: skip

claim = Claim(
    __name__,
    title="Softmax pooling lies between mean and maximum: at most (n − 1)·T/e below the maximum, "
    "at most (n − 1)/n·R²/T above the mean.",
    holds="n taps that range over R, temperature T > 0, exact arithmetic",
    why="Larger taps weigh more, and the weights change by exp(−d/T) over a distance d.",
    source="Boureau, Ponce and LeCun 2010: softmax pooling between average and max; "
    "Chebyshev's sum inequality; bounds derived for this project",
    generality="any number of taps, all real values, all temperatures T > 0, exact arithmetic, by "
    "induction over the taps; both limits in T follow",
    parts=(
        tangent,
        below,
        far_tap,
        near_maximum,
        pair,
        one_tap_more,
        pairs,
        all_pairs,
        near_mean,
        kernel(
            "softmax_is_near_the_maximum",
            "means/softmax/softmax_bounds.v",
            "real",
            says="any number of taps: the bounds at the maximum",
            cross_check=False,
        ),
        kernel(
            "softmax_is_near_the_mean",
            "means/softmax/softmax_bounds.v",
            "real",
            says="any number of taps: the bounds at the mean",
            cross_check=False,
        ),
    ),
    expected=expect(PROVED, "real"),
    mutants={
        "it is the maximum": replace(near_maximum, conclusion=gap / weights <= 0),
        "half as far from the maximum": replace(
            far_tap, conclusion=gap + 2 * (d * w_x) <= (n + 1) * (t * inv_e)
        ),
        "a bound without n": replace(far_tap, conclusion=gap + d * w_x <= n * (t * inv_e)),
        "below the mean": replace(near_mean, conclusion=weighted / weights <= taps / n),
    },
)
