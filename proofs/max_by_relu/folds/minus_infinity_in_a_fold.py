"""What −∞ does to a fold m ← ReLU(t − m) + m: nothing as a tap, everything as a start.

A fold that starts at −∞ gets NaN from its first tap, whatever that is, and NaN it stays. Padding of
−∞ is the same thing wherever a window begins with padding. As a later tap −∞ is harmless, because
the maximum so far is subtracted from it and not the other way round: t − m = −∞, its ReLU is 0.

In the other order, m ← ReLU(m − t) + t, it is the reverse. There one padded tap is enough for NaN,
and a start at −∞ would be fine.
"""

from proofs.claim import PROVED, Claim, Theorem, expect
from proofs.kernel import kernel
from proofs.max_by_relu.errors.nan_iff import is_nan, minus_infinity
from proofs.max_by_relu.forms._forms import by_difference
from proofs.systems import BINARY, IEEE
from proofs.terms import finite, fold, implies, sequence, variables

first, m, start, t = variables("first m start t")
x = sequence("x")
BEYOND = {"[zc]*/float[136]*": "seconds of bit-blasting, where Bitwuzla takes a fraction of one"}

folded = fold(by_difference(first, start), x, m, t, by_difference(t, m))

claim = Claim(
    __name__,
    title="A fold m ← ReLU(t − m) + m started at −∞ gives NaN; a later tap of −∞ leaves a finite m "
    "unchanged.",
    holds="the first for any number of taps; in the other order, ReLU(m − t) + t, a tap of −∞ "
    "gives NaN",
    why="ReLU(t + ∞) − ∞ is ∞ − ∞. With −∞ as the tap the difference is −∞, which the ReLU drops.",
    source="nan-iff; torch.nn.MaxPool2d, which pads with −∞",
    generality="one tap or more, NaN and infinities included",
    parts=(
        Theorem(
            implies(minus_infinity(start), is_nan(folded)),
            name="as the start",
            systems=BINARY + IEEE,
            by=(
                kernel(
                    "ieee_minus_infinity_as_the_start",
                    "max_by_relu/ieee.v",
                    BINARY + IEEE,
                    says="any binary format, ties to even, any number of taps",
                ),
            ),
            beyond=BEYOND,
        ),
        Theorem(
            by_difference(t, m) == m,
            given=(minus_infinity(t), finite(m)),
            name="as a tap",
            by=(
                kernel(
                    "ieee_minus_infinity_as_a_tap",
                    "max_by_relu/ieee.v",
                    "binary float8_e5m2 bfloat16 float32 float64",
                    says="any binary format, ties to even",
                ),
            ),
            beyond=BEYOND,
        ),
        Theorem(
            is_nan(by_difference(m, t)),
            given=(minus_infinity(t),),
            name="as a tap, in the other order",
            by=(
                kernel(
                    "ieee_minus_infinity_in_the_other_order",
                    "max_by_relu/ieee.v",
                    "binary float8_e5m2 bfloat16 float32 float64",
                    says="any binary format, ties to even",
                ),
            ),
            beyond=BEYOND,
        ),
    ),
    expected=expect(PROVED, IEEE, BINARY),
    mutants={
        "as a start, in the other order": Theorem(
            is_nan(by_difference(start, t)), (minus_infinity(start),)
        ),
        "every tap of −∞": Theorem(is_nan(by_difference(t, m)), (minus_infinity(t),)),
        "a start at any infinity": Theorem(is_nan(by_difference(t, start)), (~finite(start),)),
    },
)
