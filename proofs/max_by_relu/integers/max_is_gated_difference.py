"""(a − b if a > b else 0) + b is the maximum in every wrap-around dtype, with no bit to spare.

ReLU asks the wrapped difference for its sign, and there the answer is lost. The gate asks a and b
themselves. Where it lets the difference through, (a − b) + b wraps there and back and is a, to the
last bit; elsewhere 0 + b is b. So a comparison and a multiplication by 0 or 1 replace the ReLU, and
the intermediate may overflow as it likes.

Saturation and rounding do not come back: what they lose is lost on either way.
"""

from pooling.arithmetic import maximum
from proofs.claim import PROVED, REFUTED, Claim, Theorem, expect
from proofs.systems import BINARY, EXACT, FLOATS, WRAPPING
from proofs.terms import select, variables

a, b = variables("a b")
gated = select(a > b, a - b, 0) + b
ENOUGH = {"[!h]*/*float*": "a second opinion on a counterexample, at the price of bit-blasting"}

claim = Claim(
    __name__,
    title="In wrap-around integers (a − b if a > b else 0) + b equals max(a, b), even where a − b "
    "overflows.",
    why="The comparison cannot wrap, and a wrapped difference comes back when b is added.",
    source="modular arithmetic; the gated form of max-is-relu",
    generality="all pairs (a, b); all widths at once, signed or not, and 8 to 64 bits one by one",
    parts=(Theorem(gated == maximum(a, b), beyond=ENOUGH),),
    expected=expect(PROVED, EXACT, WRAPPING)
    | expect(REFUTED, "saturating_int8 rounding", FLOATS, BINARY),
    mutants={
        "the gate asks the difference": Theorem(
            select(a - b > 0, a - b, 0) + b == maximum(a, b), systems=("wraparound",)
        ),
        "the other way round": Theorem(select(a < b, a - b, 0) + b == maximum(a, b)),
        "adds back a": Theorem(select(a > b, a - b, 0) + a == maximum(a, b)),
    },
)
