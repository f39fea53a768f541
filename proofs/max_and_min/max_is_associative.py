"""max(max(a, b), c) = max(a, max(b, c)): taps may be taken in any grouping.

With commutativity this is why a window may be folded, split into rows and columns, or halved
again and again: fold, separable and tree schemes of max-pooling all rest on it.
"""

from pooling.arithmetic import maximum, minimum
from proofs.claim import PROVED, Claim, Theorem, expect
from proofs.systems import BINARY, EXACT, FLOATS, INTEGERS
from proofs.terms import variables

a, b, c = variables("a b c")

claim = Claim(
    __name__,
    title="Maximum is associative: max(max(a, b), c) = max(a, max(b, c)).",
    holds="NaN propagates, as in torch.maximum; −0 and +0 count as equal",
    why="Taking a maximum neither rounds nor wraps, so it holds in every number system, NaN and "
    "infinities included.",
    source="the max-plus semiring; torch.maximum",
    generality="all triples (a, b, c), NaN and infinities included",
    parts=(
        Theorem(
            maximum(maximum(a, b), c) == maximum(a, maximum(b, c)),
            beyond={"cvc5/float[136]*": "seconds, where Bitwuzla takes a fraction of one"},
        ),
    ),
    expected=expect(PROVED, EXACT, INTEGERS, "rounding", FLOATS, BINARY),
    mutants={
        "c forgotten": Theorem(maximum(maximum(a, b), c) == maximum(a, b)),
        "min inside": Theorem(maximum(minimum(a, b), c) == maximum(a, minimum(b, c))),
    },
)
