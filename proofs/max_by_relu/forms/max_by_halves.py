"""max(a, b) from halved inputs, doubled at the end: the form whose difference cannot overflow.

Halving a float is exact unless it loses the last bit of a subnormal number, and then the whole form
works on a smaller copy of the problem: a/2 − b/2 rounds as a − b does and stays finite for every
finite pair. What it gives is therefore what ReLU(a − b) + b gives wherever that is finite, the same
wrong answers included. It buys range, not accuracy, and pays with the last bit of tiny inputs.
Integers lose their last bit always.
"""

from pooling.arithmetic import maximum
from proofs.claim import PROVED, REFUTED, Claim, Theorem, expect
from proofs.max_by_relu.forms._forms import FORMS, by_difference
from proofs.systems import BINARY, MACHINE
from proofs.terms import half, variables

a, b = variables("a b")
ENOUGH = {"[zcb]*/*float*": "a second opinion on a counterexample, at the price of bit-blasting"}

claim = Claim(
    __name__,
    title="The maximum of two numbers is that of their halves, doubled: 2·(ReLU(a/2 − b/2) + b/2).",
    why="Halving and doubling are exact in real arithmetic. Integers lose the last bit, floats "
    "round as in the form without halves.",
    source="the usual guard against overflow of a difference, as in (a + b)/2 for midpoints",
    generality="all pairs (a, b)",
    parts=(Theorem(maximum(a, b) == FORMS["halves"], beyond=ENOUGH),),
    expected=expect(PROVED, "real") | expect(REFUTED, "integer", MACHINE, BINARY),
    mutants={
        "not doubled": Theorem(maximum(a, b) == by_difference(half(a), half(b))),
        "only the difference halved": Theorem(maximum(a, b) == by_difference(half(a - b), b)),
    },
)
