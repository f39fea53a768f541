"""Log-sum-exp pooling: within T·log n of the maximum, and never above softmax pooling.

L = M + T·log A, where A is the mean of the n numbers exp((x − M)/T) and M the largest tap. They are
positive, at most 1, and one of them is 1: A lies in [1/n, 1], so M − T·log n ≤ L ≤ M. With the sum
in place of the mean, as in torch.logsumexp, L is T·log n more: max ≤ L ≤ max + T·log n.

L is at least the mean μ: by the tangent, exp((x − μ)/T) ≥ 1 + (x − μ)/T, and these add up to n, so
their mean is at least 1 and its logarithm, which is (L − μ)/T, at least 0. And L is at most the
softmax pooling P: with s = exp((x − M)/T)/(n·A), the weights of P, (P − L)/T is Σs·log(n·s), and
s·log(n·s) ≥ s − 1/n, by the tangent at log(1/(n·s)); these add up to 0.
"""

from proofs.claim import PROVED, Claim, Theorem, expect
from proofs.kernel import kernel
from proofs.means.softmax.exponential_above_tangents import tangent
from proofs.terms import constant, fold, greatest, least, sequence, variables

first, so_far, tap, x, mu, e, t, n = variables("first so_far tap x mu e t n")
exponentials, taps, log_mean, log_n, largest = variables("exponentials taps log_mean log_n largest")
share, log_ns, shares, entropy = variables("share log_ns shares entropy")
#: The exponentials less the largest tap; the first of them is 1.
others = sequence("others")
total = fold(1, others, so_far, tap, so_far + tap)
count = fold(1, others, so_far, tap, so_far + 1)
NONLINEAR = {"cvc5": "products of unknowns: cvc5 runs out of steps"}

within = Theorem(
    (1 <= total) & (total <= count),
    given=(constant(0) <= least(1, others), greatest(1, others) <= 1),
    name="n exponentials of at most 1, one of them 1, add up to between 1 and n",
    by_induction_on=others,
)
near_maximum = Theorem(
    (largest - t * log_n <= largest + t * log_mean) & (largest + t * log_mean <= largest),
    given=(-log_n <= log_mean, log_mean <= 0),
    where=(t > 0,),
    name="max − T·log n ≤ L ≤ max",
    beyond=NONLINEAR | {"sympy": "four unknowns"},
)
one_tap_more = Theorem(
    t * (exponentials + e) >= t * (n + 1) + (taps + x - (n + 1) * mu),
    given=(t * e >= t + (x - mu),),
    where=(t > 0, t * exponentials >= t * n + (taps - n * mu)),
    name="one tap more: Σexp((x − μ)/T) ≥ n + Σ(x − μ)/T, from the tangents",
    beyond=NONLINEAR,
)
above_mean = Theorem(
    exponentials / n >= 1,
    given=(taps == n * mu,),
    where=(n >= 1, t > 0, t * exponentials >= t * n + (taps - n * mu)),
    name="μ the mean: the mean of these exponentials is at least 1, so L ≥ μ",
    beyond=NONLINEAR,
)
one_share_more = Theorem(
    entropy + share * log_ns >= (shares + share) - (n + 1) / largest,
    given=(1 / (largest * share) >= 1 - log_ns,),
    where=(largest >= 1, share > 0, entropy >= shares - n / largest),
    name="one share more: Σs·log(N·s) ≥ Σs − n/N after n of N, from the tangents",
    beyond=NONLINEAR,
)
below_softmax = Theorem(
    t * entropy >= 0,
    given=(shares == 1,),
    where=(t > 0, n >= 1, entropy >= shares - n / n),
    name="all shares: P − L = T·Σs·log(n·s) ≥ 0",
    beyond=NONLINEAR,
)

claim = Claim(
    __name__,
    title="Log-sum-exp pooling lies between the mean and the softmax pooling of n taps, and at "
    "most T·log n below their maximum.",
    holds="temperature T > 0, exact arithmetic; with the sum in place of the mean it is above the "
    "maximum, by at most T·log n",
    why="The mean of n numbers up to 1, one of them 1, is at least 1/n.",
    source="Pinheiro and Collobert 2015; the bounds are standard facts (Jensen, Gibbs)",
    generality="any number of taps, all real values, all temperatures T > 0, exact arithmetic, by "
    "induction over the taps; both limits in T follow",
    parts=(
        tangent,
        within,
        near_maximum,
        one_tap_more,
        above_mean,
        one_share_more,
        below_softmax,
        kernel(
            "logsumexp_is_near_the_maximum",
            "means/softmax/softmax_bounds.v",
            "real",
            says="any number of taps: the bounds at the maximum",
            cross_check=False,
        ),
        kernel(
            "logsumexp_is_between_mean_and_softmax",
            "means/softmax/softmax_bounds.v",
            "real",
            says="any number of taps: between the mean and softmax pooling",
            cross_check=False,
        ),
    ),
    expected=expect(PROVED, "real"),
    mutants={
        "the exponentials add up to 1": Theorem(
            total == 1, where=(constant(0) <= least(1, others),)
        ),
        "the mean is not subtracted": Theorem(
            exponentials / n >= 1,
            where=(n >= 1, t > 0, t * exponentials >= t * n + (taps - n * mu)),
        ),
        "above the maximum": Theorem(
            largest <= largest + t * log_mean, where=(t > 0, -log_n <= log_mean, log_mean <= 0)
        ),
    },
)
