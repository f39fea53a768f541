"""A large negative number in the place of −∞ swallows the data: the result is 0, not the tap.

With s large and negative, t − s rounds to −s as soon as |t| is below half the gap between floats at
s, and then adding s leaves 0. So a fold that starts at s, or in the other order meets s as padding,
replaces every tap much smaller than s by 0. A popular choice is −10⁸: in float32, where its
neighbours are 8 away, it turns 0.1 into 0, and every other number below 4.
"""

from proofs.claim import PROVED, Check, Claim, Theorem, expect
from proofs.kernel import kernel
from proofs.max_by_relu.forms._forms import by_difference
from proofs.systems import BINARY, FLOAT16, FLOATS, IEEE
from proofs.terms import constant, unit_roundoff, value, variables

s, t = variables("s t")
u = unit_roundoff()
KERNEL = kernel(
    "ieee_large_negative_swallows",
    "max_by_relu/folds/large_negative.v",
    BINARY + IEEE,
    says="any binary format, ties to even",
)
BEYOND = {"cvc5/*binary": "products with u: seconds, where Z3 takes a fraction of one"}


def swallowed(ratio: int, *by: Check) -> Theorem:
    """State that taps below ``ratio``·u/2 times |s| are replaced by 0."""
    small = 2 * abs(value(t)) < ratio * u * abs(value(s))
    return Theorem(
        by_difference(t, s) == 0,
        given=(value(s) < 0, small),
        name="taps that are small beside s",
        by=by,
        swept=FLOAT16,
        beyond=BEYOND,
    )


def hundred_million(limit: int) -> Theorem:
    """State that a start at −10⁸ replaces every tap below ``limit`` by 0 in float32."""
    return Theorem(
        by_difference(t, constant(-(10**8))) == 0,
        given=(abs(t) < limit,),
        name="beside −10⁸",
        systems=("float32",),
    )


claim = Claim(
    __name__,
    title="A large negative s in place of −∞ loses small taps: ReLU(t − s) + s is 0 if |t| < "
    "u·|s|/2.",
    holds="s < 0, u the unit roundoff; in float32 s = −10⁸ does so to every |t| < 4",
    why="t − s rounds to −s, and −s + s is 0.",
    source="absorption: Higham, Accuracy and Stability, section 1.7; the popular advice to pad "
    "with a large negative number",
    generality="all such pairs of one format; 8-bit formats exhausted",
    parts=(swallowed(1, KERNEL), hundred_million(4)),
    expected=expect(PROVED, FLOATS, BINARY),
    mutants={"taps four times as large": swallowed(4), "up to 8 beside −10⁸": hundred_million(8)},
)
