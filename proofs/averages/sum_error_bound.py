"""The sum of k floats is off by at most (k − 1)·u·(|x₁| + … + |x_k|), in whatever order.

Say of a partial sum s that it is *good for g* if it is off by at most g times the sum A of the
magnitudes in it. A single float is good for 0. The claim is that adding two partial sums that are
good for g and for h gives one that is good for g + h + u. Then u is charged once per addition, a
sum of k floats has k − 1 additions however it is bracketed, and that is the bound: for the loop
that adds one tap after the other, for rows and then columns, for a tree and for vector lanes.

One addition errs by D. As a float is nowhere closer to s + t than the rounded sum, D is at most |s|
and at most |t|; and it is at most u/(1+u) times |s + t|. The triangle inequality turns that into
statements about magnitudes, and what is left is an inequality between non-negative numbers. If t is
tiny beside s, the error is at most t and costs nothing; if not, u times the sum does.

The textbook's constant (1+u)^(k−1) − 1 is a little larger, and (k − 1)·u without any condition on k
is what Jeannerod and Rump found in 2013. With gradual underflow sums of floats never underflow;
overflow is excluded.
"""

import itertools
from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction

from proofs.claim import PROVED, TESTED, Check, CheckFailedError, Claim, Theorem, expect
from proofs.kernel import kernel
from proofs.systems import IEEE, NATIVE_FLOATS
from proofs.systems.floats import AnyFormat
from proofs.terms import in_range, unit_roundoff, value, variables

a, b = variables("a b")
u = unit_roundoff()
error = abs(value(a + b) - (value(a) + value(b)))

one_addition = Theorem(
    (error <= abs(value(a))) & (error <= abs(value(b)))
    & ((1 + u) * error <= u * abs(value(a) + value(b))),
    where=(in_range(a + b),),
    name="one addition",
    systems=("rounding", *IEEE),
    swept=("float16",),
    beyond={"exhaustive/bfloat16": "sums of more bits than a float64: too close to decide"},
)  # fmt: skip

p, q, d, G, H, D, S = variables("p q d G H D S")
#: p and q are what two partial sums are off by, d what their addition adds to that, S a true sum.
triangle = Theorem(
    (abs(p + q + d) <= G + H + D) & (abs(S + p) <= abs(S) + G),
    given=(abs(p) <= G, abs(q) <= H, abs(d) <= D),
    name="the triangle inequality",
    judged_in="real",
)

A, B, g, h, eps = variables("A B g h eps")
MAGNITUDES = (g >= 0, h >= 0, eps >= 0, eps <= 1, A >= 0, B >= 0)
good = g * A + h * B + D <= (g + h + eps) * (A + B)
#: The same with A, g and B, h exchanged is the case in which the first is tiny.
second_is_tiny = Theorem(
    good,
    where=MAGNITUDES,
    given=(B <= eps * A, D <= (1 + h) * B),
    name="g + h + u, the second tiny beside the first",
    judged_in="real",
)
#: D ≤ u·((1 + g)·A + (1 + h)·B), with u·g·A ≤ g·B and u·h·B ≤ h·A put in.
none_is_tiny = Theorem(
    good,
    where=MAGNITUDES,
    given=(D <= eps * (A + B) + g * B + h * A,),
    name="g + h + u, neither tiny beside the other",
    judged_in="real",
)
a_share = Theorem(
    eps * (g * A) <= g * B,
    where=MAGNITUDES,
    given=(eps * A <= B,),
    name="neither tiny: u times the error of one is in the other's share",
    judged_in="real",
)


def bracketings(first: int, last: int) -> Iterator[object]:
    """Yield every way to bracket the taps ``first`` … ``last`` − 1, as nested pairs of indices.

    >>> list(bracketings(0, 3))
    [(0, (1, 2)), ((0, 1), 2)]
    """
    if last - first == 1:
        yield first
    for middle in range(first + 1, last):
        yield from itertools.product(bracketings(first, middle), bracketings(middle, last))


def summed(order: object, taps: tuple[float, ...], system: AnyFormat) -> float:
    """Return the sum of ``taps`` in the order of ``order``, rounded after every addition."""
    if isinstance(order, int):
        return taps[order]
    assert isinstance(order, tuple)
    left, right = (summed(part, taps, system) for part in order)
    return system.operation("add")(left, right)


def every_order(taps: int, units: Fraction, precision: int = 3) -> str:
    """Sum all tuples of a few floats in every order and hold the error against the bound.

    ``units`` is the number of u that the bound allows. Raises ``CheckFailedError`` where the error
    is larger.
    """
    system = AnyFormat(precision)
    unit = system.exact_constant("unit_roundoff")
    floats = [float(m * Fraction(2) ** e) for e in (0, precision) for m in _significands(precision)]
    worst = Fraction(0)
    orders = list(bracketings(0, taps))
    tuples = list(itertools.product([*floats, -floats[0]], repeat=taps))
    for numbers, order in itertools.product(tuples, orders):
        off = abs(Fraction(summed(order, numbers, system)) - sum(map(Fraction, numbers)))
        share = off / (unit * sum(abs(Fraction(x)) for x in numbers))
        if share > units:
            raise CheckFailedError(f"{numbers} in the order {order} is {float(share):.2f} u off")
        worst = max(worst, share)
    return (
        f"{len(orders)} orders of {len(tuples)} tuples: at most {float(worst):.2f} u of {units} u"
    )


def _significands(precision: int) -> tuple[int, ...]:
    return (1 << (precision - 1), (1 << (precision - 1)) + 1, (1 << precision) - 1)


def checked(name: str, taps: int, units: Fraction) -> Check:
    """Return an attack on the whole bound, beside the proof of its steps."""
    return Check(
        name,
        "certificate",
        lambda: every_order(taps, units),
        TESTED,
        ("rounding",),
        cross_check=True,
    )


#: For every radix, precision and tie rule without overflow, and where an IEEE sum is finite.
JOINED = "any number of taps in any order, as a tree: the steps joined, by induction"

claim = Claim(
    __name__,
    title="Summing k floats in any order errs by at most (k − 1)·u·(|x₁| + … + |x_k|).",
    holds="u the unit roundoff; no overflow, gradual underflow; one addition and the steps by "
    "solvers, sums as trees by a proof kernel",
    why="Each of the k − 1 additions is charged u: where one float is tiny beside the other, the "
    "error is at most that float.",
    source="Jeannerod and Rump 2013, Improved error bounds for inner products in floating-point "
    "arithmetic; Higham, Accuracy and Stability, section 4.2",
    generality="any number of taps in any order: a tree, by induction in a proof kernel, "
    "and every link of it by solvers; every format with gradual underflow, no overflow",
    parts=(
        replace(
            one_addition,
            by=(
                kernel(
                    "one_addition",
                    "averages/sums.v",
                    "rounding",
                    says="any radix, precision, least exponent and tie rule",
                ),
                kernel(
                    "ieee_one_addition",
                    "averages/sums.v",
                    NATIVE_FLOATS,
                    says="any binary format, ties to even",
                ),
            ),
        ),
        triangle,
        second_is_tiny,
        a_share,
        none_is_tiny,
        kernel("sum_error_bound", "averages/sums.v", "rounding", cross_check=False, says=JOINED),
        kernel("ieee_sum_error_bound", "averages/sums.v", IEEE, cross_check=False, says=JOINED),
        checked("three taps in every order", 3, Fraction(2)),
    ),
    expected=expect(PROVED, "rounding", IEEE),
    mutants={
        "half the charge per addition": replace(
            one_addition, conclusion=(1 + u) * (2 * error) <= u * abs(value(a) + value(b))
        ),
        "only one charge is kept": replace(
            none_is_tiny, conclusion=g * A + h * B + D <= (g + eps) * (A + B)
        ),
        "no charge for an addition": replace(
            second_is_tiny, conclusion=g * A + h * B + D <= (g + h) * (A + B)
        ),
        "half a unit per addition": checked("", 3, Fraction(1)),
    },
)
