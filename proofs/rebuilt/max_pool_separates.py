"""Max-pooling along one axis and then along the other is max-pooling over both.

Merging the maximum of one row with what came before is going on through its taps one by one: that
is associativity, by induction over the taps of a row. So row by row, which is a second induction
and a theorem of Coq about whatever associates, the maximum of the row maxima is what going through
all elements leaves. The rows may have any number of taps and there may be any number of them, and a
third axis is one more time the same.

It takes a window that is a product of its axes, as kernel, stride, padding and dilation make it.
Then k₁ + k₂ taps are compared instead of k₁·k₂. NaN in the window comes out on either side.
"""

from proofs.claim import PROVED, Claim, Theorem, expect
from proofs.kernel import kernel
from proofs.rebuilt._folds import ALIKE, BEYOND
from proofs.systems import BINARY, EXACT, FLOATS, INTEGERS
from proofs.terms import greatest, sequence, variables

merged, first = variables("merged first")
row = sequence("row")

claim = Claim(
    __name__,
    title="Max-pooling is separable: the maximum over rows and columns is the maximum of the row "
    "maxima.",
    why="The maximum is associative, so a row may be merged whole or tap by tap.",
    source="folklore; the row-column algorithm of grey-scale morphology, van Herk 1992",
    generality="any number of rows of any number of taps, by induction over either; any number of "
    "axes, one after the other",
    parts=(
        Theorem(
            merged.maximum(greatest(first, row)) == greatest(merged.maximum(first), row),
            name="a row merged whole or tap by tap",
            beyond=BEYOND,
        ),
        ALIKE,
        kernel(
            "rows_then_columns",
            "rebuilt/merging.v",
            (),
            says="row by row, of what associates in any number system",
            cross_check=False,
        ),
    ),
    expected=expect(PROVED, EXACT, "rounding", INTEGERS, FLOATS, BINARY),
    mutants={
        "the first tap of a row forgotten": Theorem(
            merged.maximum(greatest(first, row)) == greatest(merged, row)
        ),
        "a row without what came before": Theorem(
            merged.maximum(greatest(first, row)) == greatest(first, row)
        ),
        "the minimum of the row maxima": Theorem(
            merged.minimum(greatest(first, row)) == greatest(merged.maximum(first), row)
        ),
    },
)
