"""Where claims about folds over a window are not put to an engine, and why: shared by all of them.

Folds are tried in exact Python, where formats of one kind differ in nothing but their range.
"""

from proofs.claim import Theorem
from proofs.terms import variables

a, b, c = variables("a b c")
REPEATED = "tried with more and with fewer bits"

#: Engines, as ``engine/system`` patterns, and the reason.
BEYOND = {
    "cvc5/*float[!8]*": "bit-blasting, where Z3 or Bitwuzla takes a moment",
    "hypothesis/int[13]*": REPEATED,
    "hypothesis/bfloat16": REPEATED,
    "hypothesis/rounding": "tried in the formats themselves",
}

#: What the theorems of ``merging.v`` take for granted, besides that merging associates.
ALIKE = Theorem(
    (a.maximum(c) == b.maximum(c)) & (c.maximum(a) == c.maximum(b)),
    given=(a == b,),
    name="equal taps are merged alike",
    beyond=BEYOND | {"exhaustive/*": "2²⁴ tuples take seconds"},
)
