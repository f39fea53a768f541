"""How far an output of a blur pooling moves when its input moves by one element.

Inputs in [0, R] are filtered with weights that rise to the middle and fall behind it, as binomials
do. Moved by one, every tap has the weight of its neighbour, and the output changes by Σ(wⱼ −
wⱼ₋₁)·xⱼ. The rises add up to the largest weight and so do the falls, so the change is at most the
largest weight times R: half of it for a filter of two or three elements, 3/8 for the four of the
paper, and the less the longer it is. A maximum moves by as much as the whole range: of (1, 0) and
(0, 0) the maxima are 1 and 0.
"""

from dataclasses import replace

from proofs.claim import PROVED, Claim, Theorem, expect
from proofs.kernel import kernel
from proofs.terms import Term, constant, variables

a, b, c, d, e = variables("a b c d e")
so_far, weight, rise, x, reach = variables("so_far weight rise x reach")


def in_unit(*taps: Term) -> tuple[Term, ...]:
    """Say of each tap that it is from 0 to 1."""
    return tuple((constant(0) <= tap) & (tap <= 1) for tap in taps)


def within(change: Term, bound: int) -> Term:
    """Say that a change is at most a bound, up and down."""
    return (change <= bound) & (constant(-bound) <= change)


three = Theorem(
    within((a + 2 * b + c) - (b + 2 * c + d), 2),
    given=in_unit(a, b, c, d),
    name="three elements: a change of at most 2/4",
)
four = Theorem(
    within((a + 3 * b + 3 * c + d) - (b + 3 * c + 3 * d + e), 3),
    given=in_unit(a, b, d, e),
    name="four elements, as in the paper: at most 3/8",
)
rising = Theorem(
    so_far + rise * x <= (weight + rise) * reach,
    given=(constant(0) <= rise, x <= reach),
    where=(so_far <= weight * reach,),
    name="any filter: rises add up to at most the weight they reach, times the range",
    beyond={"cvc5": "products of unknowns: cvc5 runs out of steps"},
)

claim = Claim(
    __name__,
    title="Blur pooling of inputs in [0, R] changes by at most its largest weight times R when the "
    "input moves by one element.",
    holds="weights that rise and then fall; 1/2 for three elements, 3/8 for four; a maximum may "
    "change by all of R",
    why="Each tap takes the weight of its neighbour, and the differences telescope.",
    source="Zhang 2019: blurring before subsampling, measured as shift-equivariance; the bound is "
    "derived for this project",
    generality="filters of three and four elements in one formula, any other by Coq; all values in "
    "the range, exact arithmetic",
    parts=(
        three,
        four,
        rising,
        kernel(
            "a_movement_changes_at_most_the_largest_weight",
            "poolings/blur.v",
            "real",
            says="any filter whose weights rise and then fall",
            cross_check=False,
        ),
    ),
    expected=expect(PROVED, "real"),
    mutants={
        "a third for three elements": replace(
            three, conclusion=within((a + 2 * b + c) - (b + 2 * c + d), 1)
        ),
        "a quarter for four": replace(
            four, conclusion=within((a + 3 * b + 3 * c + d) - (b + 3 * c + 3 * d + e), 2)
        ),
        "so is max-pooling's": Theorem(
            within(2 * (a.maximum(b) - b.maximum(c)), 1), given=in_unit(a, b, c)
        ),
    },
)
