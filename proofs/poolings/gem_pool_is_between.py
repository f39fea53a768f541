"""Generalised-mean pooling lies between mean and maximum, and grows with p.

Let G_p = (Σxᵖ/n)^(1/p) for taps x > 0. The largest tap M has the largest power, so Σxᵖ ≤ n·Mᵖ and
G_p ≤ M.

Let q ≥ p and r = q/p ≥ 1. Divided by its mean, zᵢ = xᵢᵖ/(Σxᵖ/n), the powers add up to n.
Bernoulli's inequality, zʳ ≥ 1 + r·(z − 1), gives Σzʳ ≥ n + r·(n − n) = n tap by tap, and that is
G_q ≥ G_p. With p = 1 it is the mean. So the derivative in p, which training follows, is never
negative: it is G/p²·Σwᵢ·log(n·wᵢ), wᵢ being the share of xᵢᵖ in Σxᵖ, and as log z ≥ 1 − 1/z each
term is at least wᵢ − 1/n, of which the sum is 0.

Bernoulli's inequality comes from two tangents of the exponential, with l = log z: at l,
zʳ = exp(r·l) ≥ z·(1 + (r − 1)·l), and at 0, 1/z ≥ 1 − l, which is z·l ≥ z − 1.
"""

from dataclasses import replace

from proofs.claim import PROVED, Claim, Theorem, expect
from proofs.kernel import kernel
from proofs.means.power_average_squeezes import at_most
from proofs.terms import variables

z, r, log, power, powers, total, n = variables("z r log power powers total n")
gains, share, log_share = variables("gains share log_share")
NONLINEAR = {"cvc5": "products of unknowns: cvc5 runs out of steps"}

bernoulli = Theorem(
    power >= 1 + r * (z - 1),
    given=(power >= z * (1 + (r - 1) * log), z * log >= z - 1, r >= 1),
    where=(z > 0,),
    name="Bernoulli's inequality, from the tangents of the exponential at log z and at 0",
    beyond=NONLINEAR,
)
one_more = Theorem(
    powers + power >= (n + 1) + r * (total + z - (n + 1)),
    given=(power >= 1 + r * (z - 1),),
    where=(powers >= n + r * (total - n),),
    name="one tap more: Σzʳ ≥ n + r·(Σz − n)",
    beyond=NONLINEAR,
)
mean_of_powers = Theorem(
    powers / n >= 1,
    given=(total == n,),
    where=(n >= 1, powers >= n + r * (total - n)),
    name="powers whose mean is 1: the mean of their r-th powers is at least 1",
    beyond=NONLINEAR,
)

slope = Theorem(
    gains + share * log_share >= 0,
    given=(share * n * log_share >= share * n - 1,),
    where=(n >= 1, share > 0, n * gains >= n * (1 - share) - (n - 1)),
    name="the derivative in p, the last of n taps: Σw·log(n·w) ≥ Σw − 1 = 0",
    beyond=NONLINEAR,
)

claim = Claim(
    __name__,
    title="Generalised-mean (GeM) pooling of positive taps lies between mean and maximum and never "
    "decreases as p grows.",
    holds="p ≥ 1 for the mean, any p > 0 for the rest; taps clamped from below, as the layer does, "
    "are positive",
    why="The largest tap has the largest power, and powers spread numbers further apart.",
    source="Radenović, Tolias and Chum 2019: between average and max-pooling; the inequality of "
    "power means, a standard fact",
    generality="any number of taps, all positive values, all real 0 < p ≤ q by induction "
    "over the taps; exact arithmetic",
    parts=(
        kernel(
            "generalised_means_never_decrease",
            "poolings/gem.v",
            "real",
            says="any number of taps and all 0 < p ≤ q: the steps joined",
            cross_check=False,
        ),
        kernel(
            "generalised_means_are_between_mean_and_maximum",
            "poolings/gem.v",
            "real",
            says="any number of taps and p ≥ 1: between mean and maximum",
            cross_check=False,
        ),
        at_most,
        bernoulli,
        one_more,
        mean_of_powers,
        slope,
    ),
    expected=expect(PROVED, "real"),
    mutants={
        "powers below 1 as well": replace(bernoulli, given=bernoulli.given[:2]),
        "it decreases": replace(mean_of_powers, conclusion=powers / n <= 1),
        "its derivative is positive": replace(slope, conclusion=gains + share * log_share > 0),
        "twice the slope": replace(bernoulli, conclusion=power >= 1 + 2 * r * (z - 1)),
    },
)
