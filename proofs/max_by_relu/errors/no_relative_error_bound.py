"""With mixed signs there is no bound relative to the maximum: the result can be 0 for any a.

With b negative and 1/u times as large as a, the difference a − b rounds to −b, and adding b leaves
0. Every digit of the maximum is gone, a relative error of 1; the absolute error is still within the
bound, which is relative to |a − b|. Padding with a large negative number in the place of −∞ invites
exactly that.
"""

from pooling.arithmetic import maximum
from proofs.claim import PROVED, REFUTED, Claim, Theorem, expect
from proofs.max_by_relu.forms._forms import FORMS
from proofs.systems import BINARY, FLOATS
from proofs.terms import value, variables

a, b = variables("a b")
greater = maximum(a, b)
rebuilt = FORMS["difference"]
error = abs(value(rebuilt) - value(greater))
lost = rebuilt == 0
ENOUGH = {"[zcb]*/*float*": "a second opinion on a counterexample, at the price of bit-blasting"}

claim = Claim(
    __name__,
    title="ReLU(a − b) + b is 0 only if max(a, b) is 0.",
    why="A difference with a much larger b rounds to −b, and adding b gives 0 whatever a was. So "
    "no bound on the error is relative to the maximum.",
    source="absorption: Higham, Accuracy and Stability, section 1.7 (cancellation)",
    generality="all pairs (a, b)",
    parts=(Theorem(greater == 0, given=(lost,), beyond=ENOUGH),),
    expected=expect(PROVED, "real integer") | expect(REFUTED, "rounding", FLOATS, BINARY),
    mutants={
        "the smaller is 0 as well": Theorem(a == b, given=(lost,)),
        "b is 0": Theorem(b == 0, given=(lost,)),
    },
)
