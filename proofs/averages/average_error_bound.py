"""Sum and divide: off by at most ((1 + (k−1)u)(1 + u) − 1)·mean|x|; other schemes: one factor more.

The sum of k taps is off by at most g = (k − 1)·u times the sum of the magnitudes, in any order
(``sum-error-bound``). Every product or quotient after that is one rounding, and multiplies 1 + g by
1 + u. Three schemes are in use:

Sum, then divide by k: one rounding more. To first order k·u, relative to the mean magnitude.

Sum, then multiply by the rounded 1/k: two, one in 1/k and one in the product. To first order
(k + 1)·u.

Convolution with k weights of the rounded 1/k: the same two, before the sum instead of after it. The
products are good for e = (1 + u)² − 1, and their sum for (1 + g)(1 + e) − 1, which is the same
bound.

The bound is relative to the mean of |x|. On data of one sign, as after a ReLU, that is the mean
itself; where taps cancel, nothing relative to the mean can be said. Underflow is excluded: half of
the smallest subnormal number rounds to 0.

``average-schemes-in-torch`` holds six schemes against it.
"""

from dataclasses import replace

from proofs.claim import PROVED, Check, Claim, Theorem, expect
from proofs.kernel import kernel
from proofs.terms import variables

y, s, S, A, P, B, g, e, u, k = variables("y s S A P B g e u k")

one_rounding_more = Theorem(
    abs(y - S) <= ((1 + g) * (1 + u) - 1) * A,
    where=(g >= 0, u >= 0, A >= 0),
    given=(abs(s - S) <= g * A, abs(S) <= A, abs(y - s) <= u * abs(s)),
    name="a rounding is a factor of 1 + u",
    systems=("real",),
)
rounded_products = Theorem(
    abs(y - S) <= ((1 + g) * (1 + e) - 1) * A,
    where=(g >= 0, e >= 0, A >= 0),
    given=(abs(P - S) <= e * A, B <= (1 + e) * A, abs(y - P) <= g * B),
    name="a sum of products that are good for e",
    systems=("real",),
)
bound = (1 + (k - 1) * u) * (1 + u)
to_first_order = Theorem(
    (bound - 1 == k * u + (k - 1) * (u * u))
    & (bound * (1 + u) - 1 == (k + 1) * u + (2 * k - 1 + (k - 1) * u) * (u * u)),
    name="k·u and (k + 1)·u, and what has a factor of u²",
    systems=("real",),
)


def joined(theorem: str, says: str) -> Check:
    """Return the bound of one scheme for any number of taps, added in any order."""
    return kernel(theorem, "averages/average.v", "real", says=says, cross_check=False)


claim = Claim(
    __name__,
    title="An average of k taps is off by at most k·u·mean|x| to first order, by (k + 1)·u·mean|x| "
    "if 1/k is rounded.",
    holds="u the unit roundoff, a sum that keeps sum-error-bound; no overflow, no underflow",
    why="Each addition is charged u, and each product or quotient is a factor of 1 + u.",
    source="Higham, Accuracy and Stability of Numerical Algorithms, sections 2.2, 3.1 and 4.2; "
    "Jeannerod and Rump 2013",
    generality="any number of taps, any order of summation, over the standard model of arithmetic: "
    "no overflow and no underflow; S is the true sum, s or y the computed one, A the sum of the "
    "magnitudes, P the true sum of the rounded products",
    parts=(
        one_rounding_more,
        rounded_products,
        to_first_order,
        joined("divided_average", "a sum of any number of taps in any order, divided"),
        joined("average_by_reciprocal", "the same times the rounded 1/k"),
        joined("average_of_products", "a sum of the taps times the rounded 1/k"),
    ),
    expected=expect(PROVED, "real"),
    mutants={
        "a rounding costs nothing": replace(one_rounding_more, conclusion=abs(y - S) <= g * A),
        "rounded products cost nothing": replace(rounded_products, conclusion=abs(y - S) <= g * A),
    },
)
