"""A finite difference does not make ReLU(a − b) + b finite: near the end the sum overflows too.

With a the largest number, a − b may be rounded up, and adding b then ends above a: the exact result
is a, the computed one ∞. In float16 that happens to 65504 and 48. Only numbers within 2u of the end
are so exposed, and inputs of at most half the range overflow nowhere.

float8_e4m3fn saturates, and so escapes.
"""

from proofs.claim import REFUTED, Claim, Theorem, expect
from proofs.max_by_relu.forms._forms import FORMS
from proofs.terms import finite, in_range, variables

a, b = variables("a b")
rebuilt = FORMS["difference"]
ENOUGH = {
    "[zcb]*/*float*": "a second opinion on a counterexample, at the price of bit-blasting",
    "exhaustive": "a second opinion that comes late in a sweep",
}

claim = Claim(
    __name__,
    title="If a − b is finite, so is ReLU(a − b) + b.",
    why="A difference that is rounded up can lift the sum past the largest number.",
    source="IEEE 754-2019, section 7.4 (overflow)",
    generality="all pairs (a, b) of a format with infinities",
    parts=(Theorem(finite(rebuilt), given=(in_range(a - b),), beyond=ENOUGH),),
    expected=expect(REFUTED, "float32 float64 float16 bfloat16 float8_e5m2 binary"),
    mutants={
        "the sum a + b is finite": Theorem(finite(a - b), given=(in_range(a + b),)),
        "a is finite": Theorem(finite(rebuilt), given=(finite(a),)),
    },
)
