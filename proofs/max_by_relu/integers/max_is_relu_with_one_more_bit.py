"""One bit more for the difference repairs ReLU(a − b) + b in every integer dtype.

The difference of two w-bit numbers is at most 2^w − 1 in magnitude, and w + 1 bits with a sign hold
that. Nothing else of the form needs more room: the ReLU shrinks it, and adding b back gives one of
the two inputs. So int8 is safe inside int16 and uint8 as well, which is how quantised kernels
compute; for int32 it takes int64. The bit cannot be saved: MAX − MIN needs all of it.

Where the largest dtype is in use already, the gate of ``max-is-gated-difference`` needs no room.
"""

from pooling.arithmetic import maximum
from proofs.claim import PROVED, Claim, Theorem, expect
from proofs.systems import INTEGERS
from proofs.terms import largest, relu, smallest, value, variables, widened

a, b = variables("a b")
gap = value(a) - value(b)
positive = gap.maximum(0)
span = largest() - smallest()
DOUBLED = ("int8", "int16", "int32", "uint8", "saturating_int8")

claim = Claim(
    __name__,
    title="A difference of w + 1 bits makes ReLU(a − b) + b the maximum of w-bit integers; w bits "
    "are too few.",
    holds="the w + 1 bits have a sign",
    why="|a − b| ≤ MAX − MIN = 2^w − 1, which w + 1 bits with a sign hold.",
    source="two's complement arithmetic; int16 accumulators of 8-bit quantised kernels",
    generality="all pairs (a, b); every signed width at once, and 8 to 64 bits one by one",
    parts=(
        Theorem(
            (positive + value(b) == value(maximum(a, b))) & (abs(gap) <= span),
            name="right if nothing is lost, and w + 1 bits lose nothing",
            beyond={"[bc]*/int64": "half a second each, where Z3 takes a fifth"},
        ),
        Theorem(
            abs(gap) == span,
            given=(value(a) == largest(), value(b) == smallest()),
            name="all of them are needed",
        ),
        Theorem(
            widened(relu(a - b) + b) == maximum(a, b),
            name="twice the bits",
            systems=DOUBLED,
            cross_check=True,
        ),
    ),
    expected=expect(PROVED, INTEGERS),
    mutants={
        "w bits will do": Theorem(relu(a - b) + b == maximum(a, b)),
        "a difference of 2^w − 2": Theorem(abs(gap) <= span - 1),
        "the ReLU after the narrowing": Theorem(
            relu(widened(a - b)) + b == maximum(a, b), systems=DOUBLED
        ),
    },
)
