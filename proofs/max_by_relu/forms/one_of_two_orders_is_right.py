"""ReLU(a − b) + b or its mirror ReLU(b − a) + a: of two floats, one of them is the maximum.

A form is exact wherever its difference is not positive, and of a − b and b − a one is not. So the
order in which a pair is written decides which inputs come out wrong and never how many. The
exception is one infinity twice, where both differences are NaN.
"""

from pooling.arithmetic import maximum, minimum
from proofs.claim import PROVED, REFUTED, Claim, Theorem, expect
from proofs.kernel import kernel
from proofs.max_by_relu.forms._forms import FORMS
from proofs.systems import BINARY, EXACT, FLOAT16, FLOATS, NATIVE_FLOATS
from proofs.terms import finite, variables

a, b = variables("a b")
right = maximum(a, b) == FORMS["difference"]
NOT_ONE_INFINITY = finite(a) | (a != b)
mirror_right = maximum(a, b) == FORMS["mirror"]

claim = Claim(
    __name__,
    title="Of two numbers that are not the same infinity, ReLU(a − b) + b or ReLU(b − a) + a is "
    "exactly the maximum.",
    why="Rounding keeps the sign of a difference. Where it is not positive the ReLU gives 0, and "
    "adding 0 is exact.",
    source="max-is-relu-when-ordered, taken both ways",
    generality="all pairs but one infinity twice; every format at once, and one by one",
    parts=(
        Theorem(
            right | mirror_right,
            given=(NOT_ONE_INFINITY,),
            by=(
                kernel(
                    "one_of_two_orders",
                    "max_by_relu/rounding.v",
                    "rounding",
                    says="any radix, exponents and rounding",
                ),
                kernel(
                    "ieee_one_of_two_orders",
                    "max_by_relu/ieee.v",
                    BINARY + NATIVE_FLOATS,
                    says="any binary format and rounding mode, NaN and infinities included",
                ),
            ),
            swept=FLOAT16,
            beyond={
                "[zc]*/float[13]*": "seconds of bit-blasting, where bitwuzla takes a moment",
                "cvc5/float8_e5m2": "a second of bit-blasting for what torch exhausts at once",
                "cvc5/bfloat16": "seconds of bit-blasting, where z3 takes one",
                "cvc5/*binary": "seconds, where Z3 takes a fraction of one",
                "[zc]*/float64": "53 bits of bit-blasting",
            },
        ),
    ),
    expected=expect(PROVED, EXACT, "saturating_int8 rounding", FLOATS, BINARY)
    | expect(REFUTED, "int8"),
    mutants={
        "both are right": Theorem(right & mirror_right, given=(NOT_ONE_INFINITY,)),
        "the smaller of both is right": Theorem(
            maximum(a, b) == minimum(FORMS["difference"], FORMS["mirror"]),
            given=(NOT_ONE_INFINITY,),
        ),
        "the larger of both is right": Theorem(
            maximum(a, b) == maximum(FORMS["difference"], FORMS["mirror"]),
            given=(NOT_ONE_INFINITY,),
        ),
    },
)
