"""The power average never increases with p; at p = 1 it is the sum, n times the average.

Let q ≥ p and N = ‖x‖_p > 0, for taps of at least 0. The shares y = (x/N)ᵖ add up to 1, so each is
at most 1, and its power to q/p ≥ 1 at most itself: in logarithms (q/p)·log y ≤ log y, since
log y ≤ 0. Tap by tap added up, the sum of these powers, which is (‖x‖_q/N)^q, is at most 1. So
‖x‖_q ≤ N.

The reason is the sum. Divided by n, the *mean* of the powers, it is the other way round:
(Σxᵖ/n)^(1/p) grows with p. Both are shown for p = 1 and q = 2 in one induction each: Σx² ≤ (Σx)² ≤
n·Σx². torch's pooling is the first, without the division.
"""

from dataclasses import replace

from proofs.claim import PROVED, Claim, Theorem, expect
from proofs.kernel import kernel
from proofs.terms import constant, fold, least, sequence, variables

first, so_far, tap, n, mean = variables("first so_far tap n mean")
x = sequence("x")
total = fold(first, x, so_far, tap, so_far + tap)
squares = fold(first * first, x, so_far, tap, so_far + tap * tap)
count = fold(1, x, so_far, tap, so_far + 1)
smallest = least(first, x)

ratio, log_share, shares, powers, share, power = variables(
    "ratio log_share shares powers share power"
)
log_powers, log_norm, q = variables("log_powers log_norm q")
NONLINEAR = {"cvc5": "products of unknowns: cvc5 runs out of steps"}

of_one = Theorem(
    n * (total / n) == total,
    where=(n >= 1,),
    name="p = 1 is the sum, n times the average",
    by_induction_on=x,
    beyond=NONLINEAR,
)
each = Theorem(
    ratio * log_share <= log_share,
    given=(ratio >= 1, log_share <= 0),
    name="a share of at most 1 has powers of at most itself, in logarithms",
    beyond={"sympy": "the sign of a product that depends on how far the factors are from 0 and 1"},
)
added = Theorem(
    powers + power <= shares + share,
    given=(power <= share,),
    where=(powers <= shares,),
    name="one tap more: the powers add up to no more than the shares",
)
norms = Theorem(
    log_norm + log_powers / q <= log_norm,
    given=(log_powers <= 0,),
    where=(q > 0,),
    name="shares that add up to 1: ‖x‖_q ≤ ‖x‖_p, in logarithms",
)
one_and_two = Theorem(
    (squares <= total * total) & (total >= 0),
    given=(constant(0) <= smallest,),
    name="Σx² ≤ (Σx)²",
    by_induction_on=x,
    beyond=NONLINEAR,
)
means = Theorem(
    (total * total <= count * squares) & (count >= 1) & (squares >= 0),
    name="(Σx)² ≤ n·Σx²",
    by_induction_on=x,
    beyond=NONLINEAR,
)

claim = Claim(
    __name__,
    title="For non-negative taps the power average ‖x‖_p never increases with p; the power mean is "
    "no smaller at p = 2 than 1.",
    holds="0 < p; at p = 1 the first is the sum, n times the average; the mean divides by n inside "
    "the root",
    why="Shares of a whole are at most 1, and powers make them smaller.",
    source="monotonicity of p-norms and of power means, standard facts; torch.nn.LPPool2d: p = 1 "
    "is the sum",
    generality="any number of taps, all non-negative values, all real 0 < p ≤ q by induction over "
    "the taps; p = 1 and q = 2 by solvers too; exact arithmetic",
    parts=(
        of_one,
        each,
        added,
        norms,
        kernel(
            "norms_never_increase",
            "means/powers.v",
            "real",
            says="any number of taps and all 0 < p ≤ q: the steps joined",
            cross_check=False,
        ),
        one_and_two,
        means,
    ),
    expected=expect(PROVED, "real"),
    mutants={
        "negative taps as well": replace(one_and_two, given=()),
        "it increases": replace(one_and_two, conclusion=total * total <= squares),
        "the mean of powers decreases": replace(
            means, conclusion=(count * squares <= total * total)
        ),
        "p = 1 is the average": replace(of_one, conclusion=total / n == total),
    },
)
