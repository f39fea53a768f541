"""Where integers wrap, the ReLU form of max is right iff a − b does not overflow.

If a − b leaves the range, the wrapped difference has the wrong sign. The ReLU then drops what it
should keep, or keeps what it should drop, and the result is exactly the other number: the minimum.
So the error is never small and never random, and the condition cannot be weakened.
"""

from pooling.arithmetic import maximum, minimum
from proofs.claim import PROVED, Claim, Theorem, expect
from proofs.systems import EXACT, WRAPPING
from proofs.terms import iff, in_range, relu, variables

a, b = variables("a b")
rebuilt = relu(a - b) + b

claim = Claim(
    __name__,
    title="In wrap-around integers ReLU(a − b) + b is max(a, b) iff a − b does not overflow, and "
    "min(a, b) otherwise.",
    why="An overflowing difference wraps to the wrong sign. Unsigned integers overflow whenever "
    "a < b. A (w+1)-bit difference, or inputs within half the range, make the rewrite safe.",
    source="two's complement arithmetic; max-is-relu restated for int dtypes",
    generality="all pairs (a, b); all widths at once, signed or not, and 8 to 64 bits one by one, "
    "unsigned 8 bits among them",
    parts=(
        Theorem(
            iff(maximum(a, b) == rebuilt, in_range(a - b)),
            name="right iff the difference is in range",
        ),
        Theorem(
            rebuilt == minimum(a, b),
            given=(~in_range(a - b),),
            name="otherwise the minimum",
            systems=WRAPPING,
        ),
    ),
    expected=expect(PROVED, EXACT, WRAPPING),
    mutants={
        "sum in range": Theorem(iff(maximum(a, b) == rebuilt, in_range(a + b))),
        "right iff ordered": Theorem(iff(maximum(a, b) == rebuilt, a <= b)),
        "never right when it overflows by one": Theorem(maximum(a, b) == rebuilt),
    },
)
