"""Mixed pooling lies between the average and the maximum, unless padding counts in the average.

The average of n taps is at most their maximum: n numbers up to a bound add up to n times that at
most. A blend a·M + (1 − a)·A with 0 ≤ a ≤ 1 lies between its parts, A ≤ M, and so does its
expectation if the pooling is chosen at random, since that is the same blend with the probability
for a.

With ``count_include_pad``, torch's default, the divisor k of a window at the border exceeds its
number of taps. The average is then still at most the maximum if that is at least 0, as after a
ReLU. A window of −1 and one padded zero has the average −1/2 and the maximum −1.
"""

from dataclasses import replace

from proofs.claim import PROVED, Claim, Theorem, expect
from proofs.means.power_average_squeezes import at_most
from proofs.terms import constant, variables

a, average, largest, total, n, k = variables("a average largest total n k")
NONLINEAR = {"cvc5": "products of unknowns: cvc5 runs out of steps"}
blend = a * largest + (1 - a) * average

blended = Theorem(
    (average <= blend) & (blend <= largest),
    given=(constant(0) <= a, a <= 1, average <= largest),
    name="average ≤ a·max + (1 − a)·average ≤ max",
    beyond={"sympy": "the sign of a product that depends on how far a is from 1"},
)
padded = Theorem(
    total / k <= largest,
    given=(n <= k, constant(0) <= largest),
    where=(n >= 1, k >= 1, total <= n * largest),
    name="divided by k ≥ n, padding counted: at most a maximum of at least 0",
    beyond=NONLINEAR,
)

claim = Claim(
    __name__,
    title="Mixed pooling, blended or chosen at random, lies between the average of the taps and "
    "their maximum.",
    holds="proportions from 0 to 1; where padding counts, the average is at most the maximum if "
    "that is at least 0",
    why="No tap exceeds the maximum, and a blend does not exceed its parts.",
    source="Yu et al. 2014; Lee, Gallagher and Tu 2016 (arXiv 1509.08985); torch's "
    "count_include_pad",
    generality="any number of taps, all real values, all proportions from 0 to 1, exact arithmetic",
    parts=(at_most, blended, padded),
    expected=expect(PROVED, "real"),
    mutants={
        "a blend is the maximum": replace(blended, conclusion=blend == largest),
        "any proportion": replace(blended, given=(average <= largest,)),
        "whatever the maximum": replace(padded, given=(n <= k,)),
    },
)
