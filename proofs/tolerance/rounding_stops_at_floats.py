"""What is rounded never passes a float, so a number just beyond a power of two comes back to it.

Rounding to nearest keeps the order, and a float is rounded to itself. So a number up to half a gap
above a power of two is rounded to the power; halfway, because its significand is even. Beyond it
gaps are twice as wide, and a bound by half a gap alone would jump there: what is known to be at
most 1 and was computed to u above it would be charged u once more. It costs nothing instead, as
where it is rounded to is between the exact value and the computed one.

This is what makes the bound of one merge of numbers up to R one and a half u·R, and not 2u·R.
"""

from dataclasses import replace

from proofs.claim import PROVED, Claim, Theorem, expect
from proofs.terms import Term, implies, value, variables

a, b, c = variables("a b c")
total = value(a) + value(b)


def in_any_format(conclusion: Term) -> Theorem:
    """State something of a sum that does not overflow."""
    return Theorem(conclusion, name="a float on the way", systems=("rounding",))


v, y, r, B, E, h = variables("v y r B E h")
#: v is exact and at most B, y is computed and to be rounded to r, h the most that costs up to B.
comes_back = Theorem(
    abs(r - v) <= E + h,
    where=(B >= 0, h >= 0),
    given=(
        abs(v) <= B,
        abs(y - v) <= E,
        implies(abs(y) <= B, abs(r - y) <= h),
        implies(y > B, r == B),
        implies(y < -B, r == -B),
    ),
    name="beyond B it is rounded to B: no more than what rounding costs up to B",
    judged_in="real",
)

k = variables("k")[0]


def tie(halves: Term) -> Term:
    """Return the even neighbour of an odd number of half gaps: a multiple of two gaps.

    >>> str(tie(k))
    '(k + 1) // 4·4'
    """
    return (halves + 1) // 4 * 4


halfway = Theorem(
    tie(2 * (2 * k) + 1) == 2 * (2 * k),
    name="halfway above an even significand 2k, in half gaps, at every precision",
    judged_in="integer",
)

claim = Claim(
    __name__,
    title="A sum is rounded to no less than any float below it; just beyond a power of two it is "
    "the power, at no cost.",
    holds="at no cost to the error that it had; no overflow, gradual underflow, ties to even",
    why="Rounding keeps the order and floats as they are, and a power of two is even.",
    source="IEEE 754-2019, section 4.3.1; Higham, Accuracy and Stability, section 2.1",
    generality="every format at once from the rounding axiom; errors in the reals; the tie in "
    "integers, at every precision from 2 on",
    parts=(
        in_any_format(
            implies(value(c) <= total, c <= a + b) & implies(total <= value(c), a + b <= c)
        ),
        comes_back,
        halfway,
    ),
    expected=expect(PROVED, "rounding"),
    mutants={
        "it passes no float, nor stops at one": in_any_format(implies(value(c) < total, c < a + b)),
        "nothing is charged at all": replace(comes_back, conclusion=abs(r - v) <= E),
        "only the rounding is charged": replace(comes_back, conclusion=abs(r - v) <= h),
        "halfway above an odd significand": replace(
            halfway, conclusion=tie(2 * (2 * k + 1) + 1) == 2 * (2 * k + 1)
        ),
    },
)
