"""The power average goes to the maximum: between max and n^(1/p)·max, at a rate of (n − 1)/p.

For taps of at least 0 let S be the sum of the n powers xᵖ. The largest power is that of the largest
tap M, since powers keep order, and the sum of n numbers of at least 0 lies between the largest and
n times that: Mᵖ ≤ S ≤ n·Mᵖ. That is proved by induction over the taps, for the powers as any
numbers of at least 0. In logarithms, which keep order too, p·log M ≤ log S ≤ p·log M + log n, and
the norm S^(1/p) has the logarithm log S/p. (If M is 0, so is the norm.)

So M ≤ ‖x‖_p ≤ n^(1/p)·M. As 1 + (n − 1)/p =: A is the mean of n and 1 with weights 1/p and
1 − 1/p, and the logarithm is concave, n^(1/p) ≤ A: the norm exceeds the maximum by a share of at
most (n − 1)/p, and the limit p → ∞ is the maximum. Concavity is taken from tangents:
n/A ≥ 1 + log(n/A) and 1/A ≥ 1 + log(1/A), added with these weights, are 1 ≥ 1 + log(n)/p − log A.
"""

from dataclasses import replace

from proofs.claim import PROVED, Claim, Theorem, expect
from proofs.kernel import kernel
from proofs.means.softmax.exponential_above_tangents import tangent
from proofs.terms import constant, fold, greatest, least, sequence, variables

first, so_far, tap = variables("first so_far tap")
x = sequence("x")
total = fold(first, x, so_far, tap, so_far + tap)
count = fold(1, x, so_far, tap, so_far + 1)
largest, smallest = greatest(first, x), least(first, x)

bound, n, p, a, log_n, log_a, log_sum, log_max = variables(
    "bound n p a log_n log_a log_sum log_max"
)

at_least = Theorem(
    (0 <= largest) & (largest <= total),
    given=(constant(0) <= smallest,),
    name="the largest of numbers of at least 0 is at most their sum",
    by_induction_on=x,
)
at_most = Theorem(
    total <= count * bound,
    given=(largest <= bound,),
    name="n numbers up to a bound, such as the largest, add up to n times that at most",
    by_induction_on=x,
    beyond={"cvc5": "a product with the number of taps: cvc5 runs out of steps"},
)
roots = Theorem(
    (log_max <= log_sum / p) & (log_sum / p <= log_max + log_n / p),
    given=(p * log_max <= log_sum, log_sum <= p * log_max + log_n),
    where=(p > 0,),
    name="max ≤ ‖x‖_p ≤ n^(1/p)·max, in logarithms",
)
rate = Theorem(
    log_n <= p * log_a,
    given=(n >= a * (1 + log_n - log_a), 1 >= a * (1 - log_a), p >= 1),
    where=(n >= 1, a > 0, p * a == p + n - 1),
    name="n^(1/p) ≤ A = 1 + (n − 1)/p, in logarithms",
    beyond={"cvc5": "products of three unknowns", "sympy": "five unknowns"},
)

claim = Claim(
    __name__,
    title="For n non-negative taps and p ≥ 1, max ≤ ‖x‖_p ≤ n^(1/p)·max ≤ (1 + (n − 1)/p)·max.",
    holds="so power average pooling tends to max-pooling as p grows",
    why="The largest power is one of the n, and none is larger.",
    source="norm equivalence, a standard fact; Dive into Deep Learning, pooling chapter; the rate "
    "by Bernoulli's inequality",
    generality="any number of taps, all non-negative values, all real p ≥ 1, exact arithmetic",
    parts=(
        at_least,
        at_most,
        roots,
        rate,
        tangent,
        kernel(
            "norms_squeeze_the_maximum",
            "means/powers.v",
            "real",
            says="any number of taps and all p ≥ 1: powers, roots and logarithms put in",
            cross_check=False,
        ),
    ),
    expected=expect(PROVED, "real"),
    mutants={
        "the sum is the largest": replace(at_least, conclusion=total == largest),
        "one less than n times": replace(at_most, conclusion=total <= count * bound - bound),
        "a rate with room to spare": replace(rate, conclusion=log_n + 1 <= p * log_a),
    },
)
