"""ReLU and max-pooling may change places; so may any function that never decreases.

If f never decreases, the largest of all f(t) is f at the largest t. ReLU is such a function, and it
rounds nothing, so ReLU of the maximum is the maximum of the ReLUs in every number system: pooling
first saves most of the ReLUs. A positive slope and a bias pass as well. Averages do not: the ReLU
of the mean of 1 and −1 is 0, the mean of their ReLUs is 1/2.
"""

from proofs.claim import PROVED, Claim, Theorem, expect
from proofs.kernel import kernel
from proofs.rebuilt._folds import BEYOND
from proofs.systems import BINARY, EXACT, FLOATS, INTEGERS
from proofs.terms import fold, greatest, half, implies, relu, select, sequence, variables

first, m, t, a, b, f_a, f_b, slope, bias = variables("first m t a b f_a f_b slope bias")
x = sequence("x")

claim = Claim(
    __name__,
    title="ReLU commutes with max-pooling, and in exact arithmetic so does every non-decreasing "
    "function.",
    why="A function that never decreases keeps the largest tap the largest.",
    source="folklore; a rewrite of inference compilers",
    generality="any number of taps, for ReLU in every number system, for any function that never "
    "decreases in exact arithmetic; from two taps to more by induction",
    parts=(
        Theorem(
            fold(relu(first), x, m, t, m.maximum(relu(t))) == relu(greatest(first, x)),
            name="ReLU",
            beyond=BEYOND,
        ),
        Theorem(
            fold(slope * first + bias, x, m, t, m.maximum(slope * t + bias))
            == slope * greatest(first, x) + bias,
            given=(slope >= 0,),
            name="in the reals a slope of at least 0, and a bias",
            judged_in="real",
        ),
        Theorem(
            f_a.maximum(f_b) == select(a <= b, f_b, f_a),
            given=(implies(a <= b, f_a <= f_b), implies(b <= a, f_b <= f_a)),
            name="in the reals f at the larger of two taps is the larger of f",
            judged_in="real",
        ),
        kernel(
            "what_keeps_a_merge_keeps_a_fold",
            "rebuilt/merging.v",
            (),
            says="what keeps the maximum of any two taps keeps that of any number",
            cross_check=False,
        ),
    ),
    expected=expect(PROVED, EXACT, "rounding", INTEGERS, FLOATS, BINARY),
    mutants={
        "with the average of two taps": Theorem(half(relu(a) + relu(b)) == relu(half(a + b))),
        "the absolute value, which decreases below 0": Theorem(
            fold(abs(first), x, m, t, m.maximum(abs(t))) == abs(greatest(first, x))
        ),
        "a ReLU of the first tap only": Theorem(greatest(relu(first), x) == greatest(first, x)),
    },
)
