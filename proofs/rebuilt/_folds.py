"""Where claims about folds over a window are not put to an engine, and why: shared by all of them.

Folds are tried in exact Python, where formats of one kind differ in nothing but their range.
"""

from __future__ import annotations

REPEATED = "tried with more and with fewer bits"

#: Engines, as ``engine/system`` patterns, and the reason.
BEYOND = {
    "cvc5/*float[!8]*": "bit-blasting, where Z3 or Bitwuzla takes a moment",
    "hypothesis/int[13]*": REPEATED,
    "hypothesis/bfloat16": REPEATED,
    "hypothesis/rounding": "tried in the formats themselves",
}
