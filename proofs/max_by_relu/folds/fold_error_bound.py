"""However many taps, the fold m ← ReLU(t − m) + m errs no more than a single step can.

Only a new maximum can err: a tap t ≤ m leaves m as it is, exactly. And a new maximum forgets the
errors before it, because the result of a step misses t by at most 2u/(1+u)·(t − m), whatever m is.
So the error of a fold is that of its last step that changed m, however long ago that was.

For the induction t − m must not exceed max − min, so m must not lie below the smallest tap. It does
not, as it starts at a tap and never falls; nor does the bound allow it, since u ≤ 1/2 makes 2u/(1 +
u) at most 2/3. It is stated beside the bound, which spares the solvers that step. The bound is
attained by two taps, and subtracting the other way round has none (``other-fold-drifts``).
"""

from dataclasses import replace

from proofs.claim import PROVED, Claim, Theorem, expect
from proofs.kernel import kernel
from proofs.max_by_relu.errors.nan_iff import is_nan
from proofs.max_by_relu.forms._forms import by_difference
from proofs.systems import BINARY, NATIVE_FLOATS
from proofs.terms import (
    Term,
    finite,
    fold,
    greatest,
    implies,
    in_range,
    least,
    sequence,
    unit_roundoff,
    value,
    variables,
)

first, m, t = variables("first m t")
x = sequence("x")
u = unit_roundoff()

folded = fold(first, x, m, t, by_difference(t, m))
largest_tap, smallest_tap = greatest(first, x), least(first, x)
error = abs(value(folded) - value(largest_tap))
spread = value(largest_tap) - value(smallest_tap)
never_below = value(smallest_tap) <= value(folded)


bound = never_below & ((1 + u) * error <= 2 * u * spread)


def in_any_format(conclusion: Term) -> Theorem:
    """State something of a fold in which nothing overflows."""
    return Theorem(
        conclusion,
        systems=("rounding",),
        beyond={
            "cvc5": "products with u in every inequality: minutes, where Z3 takes a second",
            "hypothesis": "tried in the formats themselves",
        },
    )


def in_every_binary_format(conclusion: Term) -> Theorem:
    """State something of a fold that does not overflow, if max − min does not either.

    That the smallest tap is not above the largest is what the induction has to know besides.
    """
    ordered = (smallest_tap <= largest_tap) | is_nan(largest_tap)
    within = finite(folded) & in_range(largest_tap - smallest_tap)
    return Theorem(
        ordered & implies(within, conclusion),
        name="tap by tap",
        systems=BINARY + NATIVE_FLOATS,
        beyond={"cvc5": "products with u in every inequality: minutes, where Z3 takes a second"},
    )


claim = Claim(
    __name__,
    title="Folding m ← ReLU(t − m) + m over any number of taps errs by at most 2u/(1 + u)·(max − "
    "min).",
    holds="started at a tap, with max and min those of the taps and u the unit roundoff; nothing "
    "overflows, underflow is gradual; the result is never below min",
    why="Only a new maximum errs, by 2u/(1+u) of its distance from m, and it replaces whatever "
    "error m had; m never falls below its start.",
    source="max-is-relu-error-bound, by induction over the taps",
    generality="any number of taps; every format at once from the rounding axiom",
    parts=(
        replace(
            in_any_format(bound),
            by=(
                kernel(
                    "fold_error_bound",
                    "max_by_relu/rounding.v",
                    "rounding",
                    says="any radix, precision, least exponent and tie rule, any number of taps",
                ),
            ),
        ),
        in_every_binary_format(bound),
        Theorem(
            bound,
            where=(finite(folded), in_range(largest_tap - smallest_tap)),
            by=(
                kernel(
                    "ieee_fold_error_bound",
                    "max_by_relu/ieee.v",
                    BINARY + NATIVE_FLOATS,
                    says="any binary format, ties to even, any number of taps",
                ),
            ),
            systems=BINARY + NATIVE_FLOATS,
            beyond=dict.fromkeys(
                ("z3/*binary", "yices/*binary", "cvc5/*"),
                "no induction: silent where max − min overflows",
            ),
        ),
    ),
    expected=expect(PROVED, "rounding", NATIVE_FLOATS, BINARY),
    mutants={
        "never above the maximum": in_any_format(folded <= largest_tap),
        "never below the maximum": in_any_format(largest_tap <= folded),
        "never above the smallest tap": in_any_format(folded <= smallest_tap),
    },
)
