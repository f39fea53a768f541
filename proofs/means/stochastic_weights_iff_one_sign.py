"""When a tap over the sum of its window is a probability: when no two taps differ in sign.

Popular code for stochastic pooling divides every tap by the sum of the window and draws with these
weights. For S ≠ 0 a weight x/S is at least 0 iff x has the sign of S or is 0. If all are, no weight
exceeds 1, since they add up to 1. So the taps must all be non-negative, or all non-positive (when
the weights of the negated window come out). One tap of each sign gives a weight below 0 and another
above 1: 2 and −1 have the weights 2 and −1.

For S = 0 there are no weights at all: a window of zeros, which a ReLU leaves often, or 1 and −1.
The definition calls the first 0 and refuses negative taps.
"""

from dataclasses import replace

from proofs.claim import PROVED, Claim, Theorem, expect
from proofs.terms import constant, fold, greatest, iff, least, sequence, variables

first, s, a, b, so_far, tap = variables("first s a b so_far tap")
x = sequence("x")
smallest_weight = fold(first / s, x, so_far, tap, so_far.minimum(tap / s))
smallest, largest = least(first, x), greatest(first, x)
zero = constant(0)
NONLINEAR = {"cvc5": "quotients of unknowns: cvc5 runs out of steps"}

one_sign = Theorem(
    iff(zero <= smallest_weight, ((s > 0) & (zero <= smallest)) | ((s < 0) & (largest <= zero))),
    where=(s != 0,),
    name="no weight is negative exactly if all taps have the sign of the sum, or are 0",
    by_induction_on=x,
    beyond=NONLINEAR,
)
at_most_1 = Theorem(
    a / (a + b) <= 1,
    given=(zero <= b / (a + b),),
    where=(a + b != 0,),
    name="if the other weights together are at least 0, a weight is at most 1",
    beyond=NONLINEAR | {"sympy": "the sign of a sum of both signs"},
)
both_signs = Theorem(
    ((a / (a + b) < 0) & (b / (a + b) > 1)) | ((a / (a + b) > 1) & (b / (a + b) < 0)),
    given=(a * b < 0,),
    where=(a + b != 0,),
    name="two taps of different sign: one weight below 0, the other above 1",
    beyond=NONLINEAR | {"sympy": "the sign of a sum of both signs"},
)

claim = Claim(
    __name__,
    title="Taps divided by their sum are probabilities iff the sum is not 0 and no two taps differ "
    "in sign.",
    why="A quotient is negative iff the signs differ.",
    source="Zeiler and Fergus 2013 assume activations behind a ReLU; popular implementations do "
    "not check",
    generality="any number of taps and all values with a sum other than 0, exact arithmetic",
    parts=(one_sign, at_most_1, both_signs),
    expected=expect(PROVED, "real"),
    mutants={
        "always": Theorem(zero <= smallest_weight, where=(s != 0,), by_induction_on=x),
        "only for non-negative taps": replace(
            one_sign, conclusion=iff(zero <= smallest_weight, zero <= smallest)
        ),
        "whatever the other weights": replace(at_most_1, given=()),
    },
)
