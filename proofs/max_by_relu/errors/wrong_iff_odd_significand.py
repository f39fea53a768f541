"""For b ≥ 0: when ReLU(a − b) + b is wrong, and that it is then wrong by one ulp of a.

Only a > b can be. Count in half ulps of a, so that a is the even number 2·A, where A is its
significand, between 2^(p−1) and 2^p. If a − b falls below a's own binade, it is rounded to whole
units at worst, by half a unit; if b is no odd multiple of a unit, a − b is rounded by less than a
unit. Either way adding b lands less than a unit from 2·A, and rounds to it. (At a power of two the
gap below is one unit, and the tie goes to the power, which is even.)

What is left is an odd b with a − b ≥ 2^⌊lg a⌋. Then a − b is odd, a tie between two floats, and
goes to the multiple of 4; adding b gives 2·A ± 1, which is a tie again, between 2·A and a
neighbour. Of these the multiple of 4 wins: 2·A if A is even, the neighbour if A is odd. Two ties in
a row, and the second one errs by a whole ulp.
"""

from dataclasses import replace

from pooling.arithmetic import maximum
from proofs.claim import EXHAUSTED, PROVED, Claim, Theorem, expect
from proofs.kernel import kernel
from proofs.max_by_relu.forms._forms import FORMS
from proofs.systems import FLOAT16
from proofs.terms import (
    Term,
    iff,
    in_range,
    odd_multiple,
    select,
    ulp,
    unit_roundoff,
    value,
    variables,
)

a, b = variables("a b")
BEYOND = dict.fromkeys(
    ("z3/*binary", "cvc5/*binary", "yices/*binary"), "no axiom says where a tie goes"
)
rebuilt = FORMS["difference"]
wrong = maximum(a, b) != rebuilt
error = abs(value(rebuilt) - value(a))
LARGER, EXHAUSTIBLE = "float32 float64 float16 bfloat16 binary", "float8_e4m3fn float8_e5m2"
FORMATS = tuple(f"{LARGER} {EXHAUSTIBLE}".split())

odd_significand = odd_multiple(value(a), ulp(a))
odd_half_ulp = odd_multiple(2 * value(b), ulp(a))
#: 2^⌊lg a⌋ is 2^(p−1) ulps of a, and u = 2^−p.
same_binade = ulp(a) <= 2 * unit_roundoff() * (value(a) - value(b))


def wrong_iff(condition: Term) -> Theorem:
    """State when the result is not the maximum."""
    return Theorem(
        iff(wrong, condition),
        given=(value(b) >= 0,),
        name="when it is wrong",
        systems=FORMATS,
        swept=FLOAT16,
        beyond=BEYOND,
    )


def how_wrong(conclusion: Term) -> Theorem:
    """State how wrong the result is where it is wrong and does not overflow."""
    return Theorem(
        conclusion,
        given=(value(b) >= 0, wrong, in_range(rebuilt)),
        name="how wrong it is then",
        systems=FORMATS,
        swept=FLOAT16,
        beyond=BEYOND,
    )


def tie_to_even(n: Term) -> Term:
    """Return the multiple of 4 beside the odd number ``n``: the even one of two floats."""
    return (n + 1) // 4 * 4


def both_ties() -> Theorem:
    """State what two ties in a row make of 2·A, for an odd number b of half ulps."""
    significand, j = variables("A j")
    odd = 2 * j + 1
    result = tie_to_even(tie_to_even(2 * significand - odd) + odd)
    return Theorem(
        abs(result - 2 * significand) == select(significand // 2 * 2 == significand, 0, 2),
        name="both ties, in half ulps of a, at every precision",
        judged_in="integer",
    )


claim = Claim(
    __name__,
    title="For b ≥ 0, ReLU(a − b) + b errs iff a's significand and 2b/ulp(a) are odd and a − b ≥ "
    "2^⌊lg a⌋.",
    holds="then by one ulp of a, unless the result overflows; ties go to even",
    why="Only then is a − b a tie, and adding b a second one, which goes to the even neighbour.",
    source="IEEE 754-2019, section 4.3.1 (ties to even)",
    generality="all pairs with b ≥ 0 of one format, 8-bit formats exhausted; the two ties, counted "
    "in integers, at every precision",
    parts=(
        replace(
            wrong_iff(odd_significand & odd_half_ulp & same_binade),
            by=(
                kernel(
                    "ieee_wrong_iff_odd_significand",
                    "max_by_relu/errors/odd_significand.v",
                    LARGER,
                    says="any binary format, ties to even, infinities and overflow included",
                ),
            ),
        ),
        replace(
            how_wrong(error == ulp(a)),
            by=(
                kernel(
                    "ieee_wrong_by_one_ulp",
                    "max_by_relu/errors/odd_significand.v",
                    LARGER,
                    says="any binary format, ties to even",
                ),
            ),
        ),
        both_ties(),
    ),
    expected=expect(PROVED, LARGER) | expect(EXHAUSTED, EXHAUSTIBLE),
    mutants={
        "whatever the significand": wrong_iff(odd_half_ulp & same_binade),
        "whatever b is": wrong_iff(odd_significand & same_binade),
        "in whatever binade": wrong_iff(odd_significand & odd_half_ulp),
        "off by half an ulp": how_wrong(2 * error == ulp(a)),
    },
)
