"""Gated pooling lies between mean and maximum, attention pooling between the extreme taps.

Gated pooling blends with a share of its own in each window, σ(s) = e/(e + 1) with e = exp(s) > 0.
So (e·M + A)/(e + 1) lies between the mean A and the maximum M, and is either only if A = M:
whatever the gating mask has learnt, neither of the two is reached.

Attention pooling is Σwx/Σw with the exponentials of scores for weights. A mean with positive
weights lies between the smallest and the largest tap, by induction over the taps; equal scores make
it the mean. It need not lie above the mean, as softmax pooling does, where larger taps weigh more:
of the taps 0 and 1 with the weights 3 and 1 it is 1/4.
"""

from __future__ import annotations

from dataclasses import replace

from proofs.claim import PROVED, Claim, Theorem, expect
from proofs.terms import iff, variables

e, average, largest, smallest, w, x, n = variables("e average largest smallest w x n")
weights, weighted, total = variables("weights weighted total")
NONLINEAR = {"cvc5": "products of unknowns: cvc5 runs out of steps"}
blend = (e * largest + average) / (e + 1)
mean = (weighted + w * x) / (weights + w)

gated = Theorem(
    (average <= blend) & (blend <= largest),
    given=(average <= largest,),
    where=(e > 0,),
    name="gated: mean ≤ (e·max + mean)/(e + 1) ≤ max",
    beyond=NONLINEAR,
)
neither = Theorem(
    iff((blend == average) | (blend == largest), average == largest),
    where=(e > 0,),
    name="and it is neither of the two unless they are equal",
    beyond=NONLINEAR,
)
attended = Theorem(
    (smallest <= mean) & (mean <= largest),
    given=(smallest <= x, x <= largest),
    where=(w > 0, weights >= 0, smallest * weights <= weighted, weighted <= largest * weights),
    name="attention, one tap more: min ≤ Σwx/Σw ≤ max",
    beyond=NONLINEAR,
)
alike = Theorem(
    (w * total) / (w * n) == total / n,
    where=(w > 0, n >= 1),
    name="equal scores: the mean",
    beyond=NONLINEAR,
)

claim = Claim(
    __name__,
    title="Gated pooling lies between mean and maximum whatever its weights, attention pooling "
    "between the smallest and the largest tap whatever its scores.",
    holds="exact arithmetic; attention pooling may lie below the mean",
    why="The one is a blend of the two, the other a mean with positive weights.",
    source="Lee, Gallagher and Tu 2016; Bahdanau, Cho and Bengio 2015; Gao, Wang and Wu 2019; "
    "derived for this project",
    generality="any number of taps, one by one, all real values, all weights and scores",
    parts=(gated, neither, attended, alike),
    expected=expect(PROVED, "real"),
    mutants={
        "gated pooling reaches the maximum": replace(gated, conclusion=blend == largest),
        "attention lies above the mean": Theorem(
            (3 * smallest + largest) / 4 >= (smallest + largest) / 2, given=(smallest <= largest,)
        ),
        "weights of any sign": replace(
            attended, where=(w != 0, weights + w > 0, *attended.where[1:])
        ),
        "a weight for a tap outside": replace(attended, given=(smallest <= x,)),
    },
)
