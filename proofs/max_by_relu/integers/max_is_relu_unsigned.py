"""In unsigned integers ReLU(a − b) + b is a, whatever b is.

There is nothing below zero, so ReLU changes nothing: a difference that should be negative comes
out as a large positive number instead. Adding b takes the very turn back that the subtraction
wrapped, and what is left is a. Beside a ≥ b that is the maximum, and nowhere else.

For every modulus at once the claim writes the wrapping out: elements are the integers from 0 up to
M, and a difference below 0 is moved by M. With M = 2^w that is the unsigned dtype of w bits.
"""

from dataclasses import replace

from pooling.arithmetic import maximum
from proofs.claim import PROVED, Claim, Theorem, expect
from proofs.terms import Term, applied, iff, relu, select, variables

a, b, M = variables("a b M")
ELEMENTS = (0 <= a, a < M, 0 <= b, b < M)


def wrapped(x: Term, modulus: Term) -> Term:
    """Return the element that a sum or difference of two elements of 0 … ``modulus`` − 1 wraps to.

    >>> wrapped(a - b, M)
    (a − b + M if a − b < 0 else (a − b − M if M ≤ a − b else a − b))
    """
    return select(x < 0, x + modulus, select(x >= modulus, x - modulus, x))


rebuilt = relu(a - b) + b
of_any_width = applied(wrapped, relu(applied(wrapped, a - b, M)) + b, M)
first = Theorem(of_any_width == a, where=ELEMENTS, name="the first", systems=("integer",))
right = Theorem(
    iff(maximum(a, b) == of_any_width, b <= a),
    where=ELEMENTS,
    name="right iff ordered",
    systems=("integer",),
)

claim = Claim(
    __name__,
    title="In unsigned wrap-around integers ReLU(a − b) + b is always a, hence the maximum iff a ≥ "
    "b.",
    why="ReLU is the identity where nothing is negative, and (a − b) + b is a modulo 2^w.",
    source="modular arithmetic; max-is-relu restated for uint dtypes",
    generality="all pairs (a, b), every unsigned width at once, and any modulus; the dtype's own "
    "as bit-vectors and in torch",
    parts=(
        first,
        right,
        Theorem(rebuilt == a, name="the first", systems=("uint8",)),
        Theorem(
            iff(maximum(a, b) == rebuilt, b <= a), name="right iff ordered", systems=("uint8",)
        ),
    ),
    expected=expect(PROVED, "integer uint8"),
    mutants={
        "the other one": replace(first, conclusion=of_any_width == b),
        "always right": replace(right, conclusion=of_any_width == maximum(a, b)),
        "right iff a > b": replace(right, conclusion=iff(maximum(a, b) == of_any_width, b < a)),
        "the sum left unwrapped": replace(
            first, conclusion=relu(applied(wrapped, a - b, M)) + b == a
        ),
    },
)
