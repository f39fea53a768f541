"""max(a, b) = max(b, a): the order of two taps does not matter.

True of torch's maximum, which lets NaN through from either side; ``a > b ? a : b`` is not
commutative once NaN is involved, as the mutant shows.
"""

from pooling.arithmetic import maximum
from proofs.claim import PROVED, Claim, Theorem, expect
from proofs.systems import BINARY, EXACT, FLOAT16, FLOATS, INTEGERS
from proofs.terms import select, variables

a, b = variables("a b")

claim = Claim(
    __name__,
    title="Maximum is commutative: max(a, b) = max(b, a).",
    holds="NaN propagates, as in torch.maximum; −0 and +0 count as equal",
    why="It holds in every number system, because torch's maximum returns NaN if either is NaN. "
    "Zeros of both signs count as the same number.",
    source="torch.maximum; IEEE 754-2019, section 9.6 (maximum)",
    generality="all pairs (a, b), NaN and infinities included",
    parts=(Theorem(maximum(a, b) == maximum(b, a), swept=FLOAT16),),
    expected=expect(PROVED, EXACT, INTEGERS, "rounding", FLOATS, BINARY),
    mutants={
        "second input ignored": Theorem(maximum(a, b) == maximum(b, b)),
        "a comparison without NaN": Theorem(select(b < a, a, b) == select(a < b, b, a)),
        "subtraction instead": Theorem(a - b == b - a),
    },
)
