"""A merge m + ReLU(t − m) is off by no more than m was, or t and one step together.

It never mixes the errors of its two operands. If t ≤ m as computed, the result is m itself, with
whatever error m has. If t is above m, the result is near t, however wrong m is: it misses t by at
most twice the rounding error of the difference, as t is a float that close to what the sum rounds.
And it does not fall below m, so where m was the maximum after all, the result is as near as m is.

So a fold over taps that are known exactly never gets worse than its worst step: errors do not add
up. Exchange m and t, and they do, as the error of what is carried along is then the one to which
each step is added. That a step with ReLU(t − m) = 0 "is exact" would be wrong as a rule about the
maximum: near a tie the wrong operand may win. It is right about m.
"""

from dataclasses import replace

from proofs.claim import PROVED, Claim, Theorem, expect
from proofs.max_by_relu.forms._forms import by_difference
from proofs.terms import Term, implies, value, variables

t, m = variables("t m")
merged = by_difference(t, m)
#: What the difference is rounded by, and then the sum.
first = abs(value(t - m) - (value(t) - value(m)))
off = abs(value(merged) - value(t))


def in_any_format(conclusion: Term) -> Theorem:
    """State something of one merge in which nothing overflows."""
    return Theorem(conclusion, name="one merge", systems=("rounding",))


step = in_any_format(
    implies(t <= m, merged == m) & implies(m < t, (m <= merged) & (off <= 2 * first))
)

p, q, y, E, F, S = variables("p q y E F S")
#: t and m are exact, p and q what is computed of them, y what the merge makes of these.
rule = Theorem(
    abs(y - t.maximum(m)) <= F.maximum(E + S),
    where=(E >= 0, F >= 0, S >= 0),
    given=(
        abs(p - t) <= E,
        abs(q - m) <= F,
        implies(p <= q, y == q),
        implies(q < p, q <= y),
        implies(q < p, abs(y - p) <= S),
    ),
    name="what it makes of the errors of its operands",
    judged_in="real",
)

claim = Claim(
    __name__,
    title="m + ReLU(t − m) is off by at most the error of m, or that of t and of one step.",
    holds="the step errs by at most twice the rounding error of t − m; no overflow, gradual "
    "underflow",
    why="If t ≤ m the result is m itself, else it is near t and not below m.",
    source="fold-error-bound, for operands that are computed themselves",
    generality="every format at once from the rounding axiom, which needs gradual underflow; the "
    "rule for errors in the reals, E of t, F of m and S of the step",
    parts=(step, rule),
    expected=expect(PROVED, "rounding"),
    mutants={
        "a merge is off by the rounding of its difference": in_any_format(
            implies(m < t, off <= first)
        ),
        "a merge is never below its larger operand": in_any_format(t <= merged),
        "the step costs nothing": replace(rule, conclusion=abs(y - t.maximum(m)) <= F.maximum(E)),
        "as for m, the error of t and the step do not add up": replace(
            rule, conclusion=abs(y - t.maximum(m)) <= F.maximum(E.maximum(S))
        ),
    },
)
