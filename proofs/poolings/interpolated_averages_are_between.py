"""Antialiased average and pyramid average pooling lie between the smallest and the largest element.

An output of antialiased average pooling weighs element j by max(0, 1 − |j + ½ − c|/r), where c is
the output's centre and r ≥ 1. No weight is negative, and the element in which the centre lies has
at least ½: so there is something to divide by, and a mean with such weights lies between the
extreme elements, by induction over them. With as many outputs as elements r is 1 and the centres
are those of the elements: each output is its own element, whose neighbours weigh 0.

A level of pyramid average pooling is stretched linearly: between two bins an element is
(1 − λ)·a + λ·b with 0 ≤ λ ≤ 1, axis after axis. Interpolation of a higher order, which has negative
weights, does not stay between.
"""

from __future__ import annotations

from dataclasses import replace

from proofs.claim import PROVED, Claim, Theorem, expect
from proofs.terms import Term, constant, variables

j, c, r, a, b, s, w, x = variables("j c r a b s w x")
smallest, largest, weights, weighted = variables("smallest largest weights weighted")
NONLINEAR = {"cvc5": "products of unknowns: cvc5 runs out of steps"}
DISTANCES = {**NONLINEAR, "sympy": "distances of either sign: it compares them with nothing else"}
zero, half = constant(0), constant(1) / 2
mean = (weighted + w * x) / (weights + w)


def weight(center: Term) -> Term:
    """Return what element j weighs in an output at a centre."""
    distance = (j + half - center).maximum(center - j - half)
    return zero.maximum(1 - distance / r)


seen = Theorem(
    (weight(c) >= half) & (weight(c) <= 1),
    given=(j <= c, c <= j + 1, r >= 1),
    where=(r > 0,),
    name="antialiased: the element at the centre weighs at least ½",
    beyond=DISTANCES,
)
averaged = Theorem(
    (smallest <= mean) & (mean <= largest),
    given=(smallest <= x, x <= largest, w >= 0),
    where=(
        weights > 0,
        weights + w > 0,
        smallest * weights <= weighted,
        weighted <= largest * weights,
    ),
    name="one element more: min ≤ Σwx/Σw ≤ max",
    beyond=NONLINEAR,
)
itself = Theorem(
    (weight(j + half) == 1) & (weight(j + half + 1) == 0) & (weight(j - half) == 0),
    given=(r == 1,),
    where=(r > 0,),
    name="as many outputs as elements: each is its element",
    beyond=DISTANCES,
)
stretched = Theorem(
    (smallest <= (1 - s) * a + s * b) & ((1 - s) * a + s * b <= largest),
    given=(0 <= s, s <= 1, smallest <= a, smallest <= b, a <= largest, b <= largest),
    name="pyramid: between two bins",
    beyond=NONLINEAR,
)

claim = Claim(
    __name__,
    title="Antialiased average and pyramid average pooling lie between the smallest and the "
    "largest element; with as many outputs as elements the former changes nothing.",
    holds="exact arithmetic",
    why="Both are means with weights that are not negative.",
    source="torch.nn.functional.interpolate, bilinear with antialias; Zhao et al. 2017 (PSPNet); "
    "derived for this project",
    generality="one axis after the other, any number of elements, one by one; all real values",
    parts=(seen, averaged, itself, stretched),
    expected=expect(PROVED, "real"),
    mutants={
        "a reach of a third of an element": replace(
            seen, given=(j <= c, c <= j + 1, r >= constant(1) / 3)
        ),
        "a reach of two leaves each element as it is": replace(itself, given=(r == 2,)),
        "stretched beyond the last bin": replace(
            stretched, given=(0 <= s, s <= 2, *stretched.given[2:])
        ),
    },
)
