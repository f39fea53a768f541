"""Where integers saturate, the ReLU form of max fails only by a clipped positive difference.

A difference clipped from below is negative either way, so the ReLU drops it and nothing is lost.
Clipped from above it is MAX instead of a − b, and the result is MAX + b: too small, never too
large. That makes the rewrite safe for inputs of one sign, which is what quantised networks have
after a ReLU.
"""

from pooling.arithmetic import maximum, minimum
from proofs.claim import PROVED, Claim, Theorem, expect
from proofs.terms import iff, in_range, largest, relu, value, variables

a, b = variables("a b")
rebuilt = relu(a - b) + b

claim = Claim(
    __name__,
    title="In saturating int8 ReLU(a − b) + b is max(a, b) iff a − b ≤ MAX, and always min(max(a, "
    "b), MAX + b).",
    holds="MAX = 127, and a − b ≤ MAX is meant of the exact difference",
    why="Saturation from below is undone by the ReLU; saturation from above is not undone by "
    "anything.",
    source="saturating arithmetic of quantised kernels; max-is-relu restated for it",
    generality="all pairs (a, b) of 8-bit integers",
    parts=(
        Theorem(
            iff(maximum(a, b) == rebuilt, value(a) - value(b) <= largest()),
            name="right iff the difference does not saturate from above",
        ),
        Theorem(
            value(rebuilt) == minimum(maximum(value(a), value(b)), largest() + value(b)),
            name="what it is otherwise",
        ),
    ),
    expected=expect(PROVED, "saturating_int8"),
    mutants={
        "any saturation hurts": Theorem(iff(maximum(a, b) == rebuilt, in_range(a - b))),
        "strictly below MAX": Theorem(
            iff(maximum(a, b) == rebuilt, value(a) - value(b) < largest())
        ),
        "clipped to MAX": Theorem(value(rebuilt) == minimum(value(a), largest())),
    },
)
