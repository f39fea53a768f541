"""ReLU(a − b) + b computed in a wider format and rounded once: nearly the maximum, and not quite.

In float32 the difference of two float16 numbers is closer to the truth by thirteen bits, but it is
still rounded: the exponents of float16 span forty binades, and float32 has 24 bits. So a small a
beside a large negative b is lost as before, only later. float8_e4m3fn spans so little that float32
holds every difference, and there the form is right for all pairs. Integers are right as soon as
there is one bit more.
"""

from pooling.arithmetic import maximum
from proofs.claim import EXHAUSTED, PROVED, REFUTED, Claim, Theorem, expect
from proofs.max_by_relu.forms._forms import FORMS
from proofs.systems import EXACT
from proofs.terms import relu, variables, widened

a, b = variables("a b")

claim = Claim(
    __name__,
    title="The maximum of two numbers is ReLU(a − b) + b, computed in a wider format and rounded "
    "once.",
    why="A wider integer holds every difference, a wider float does not: it has more bits than "
    "the inputs, and fewer than their exponents span.",
    source="accumulation in float32, as matrix units do it; Higham, Accuracy and Stability, "
    "section 27.4 (extra precision)",
    generality="all pairs (a, b); floats of up to 16 bits in float32, float32 in float64",
    parts=(
        Theorem(
            maximum(a, b) == FORMS["wide"],
            beyond={"[zcb]*/*float*": "a counterexample that two conversions make slow to find"},
        ),
    ),
    expected=expect(PROVED, EXACT, "int8 int16 int32 uint8 saturating_int8")
    | expect(EXHAUSTED, "float8_e4m3fn")
    | expect(REFUTED, "float8_e5m2 float16 bfloat16 float32"),
    mutants={
        "adds back a": Theorem(maximum(a, b) == widened(relu(a - b) + a)),
        "rounded in between": Theorem(maximum(a, b) == relu(widened(a - b)) + b),
    },
)
