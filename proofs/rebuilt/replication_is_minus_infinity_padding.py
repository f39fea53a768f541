"""Where a window leaves the input, repeating elements does what −∞ would: nothing.

Let d be the dilation. Before the input, position p takes the element at p mod d; after it, the last
one congruent to p. Both stand a multiple of d from p, so they are positions of the same window: its
first inside, or its last. A maximum does not notice a tap that it has twice. All this needs is that
the window has some tap at all; without one the repeated element is no tap either, and the maximum
is that of no number, −∞. So the condition is exact.

Undilated windows always have a tap if the padding is smaller than the kernel and they begin before
the end of the input, and torch allows padding up to half of the kernel. Dilated ones may step over
a short input: two taps 2 apart, at −1 and 1, around an input of one element.

With p = q·d + r and 0 ≤ r < d, the positions of the window are t·d + r for whole t; the one at p is
the j-th of k, so that at t is number j − q + t.
"""

from dataclasses import replace

from proofs.claim import PROVED, Claim, Theorem, expect
from proofs.terms import Term, constant, implies, substitute, variables

n, k, d, j, q, r, t, last, x, padding = variables("n k d j q r t last x padding")
zero = 0 * t
WINDOW = (n >= 1, d >= 1, 0 <= r, r < d, 0 <= j, j < k)
#: Seven sizes that fit together are no matter of chance.
RARE = {"hypothesis": "hardly a sample meets the premises"}


def tap(place: Term) -> Term:
    """Say that place·d + r is inside the input, and a position of the window."""
    inside = (0 <= place * d + r) & (place * d + r < n)
    return inside & (0 <= j - q + place) & (j - q + place < k)


def of_two_taps(theorem: Theorem, **numbers: int) -> Theorem:
    """State ``theorem`` for windows of two taps, the one inside being where t = 0."""
    known = {name: constant(number) for name, number in (numbers | {"k": 2, "t": 0}).items()}
    return replace(
        theorem,
        conclusion=substitute(theorem.conclusion, known),
        given=tuple(substitute(p, known) for p in theorem.given),
        where=tuple(substitute(p, known) for p in theorem.where),
    )


before = Theorem(
    implies(tap(t), tap(zero)),
    given=(q * d + r < 0,),
    where=WINDOW,
    name="before the input: p mod d is a tap if there is any",
    beyond=RARE,
)
behind = Theorem(
    implies(tap(t), tap(last)),
    given=(q * d + r >= n,),
    where=(*WINDOW, last * d + r < n, n <= (last + 1) * d + r),
    name="behind it: the last element congruent to p is a tap if there is any",
    beyond=RARE,
)
undilated = Theorem(
    x + k > 0,
    given=(2 * padding <= k,),
    where=(n >= 1, k >= 1, -padding <= x, x < n),
    name="undilated, torch's padding leaves every window a tap",
)

claim = Claim(
    __name__,
    title="For max-pooling, repeating the nearest element a multiple of the dilation away equals "
    "−∞ padding iff the window has a tap.",
    why="Before the input that element is the window's first tap, after it its last; a maximum "
    "does not notice a tap twice. A window without taps has no such element.",
    source="derived for this project; torch's documentation of max_pool2d for the implicit −∞ and "
    "the limit on padding",
    generality="all input sizes, kernels, dilations and window positions, axis by axis; that a "
    "window of which the repeated element is a tap has one needs no proof",
    parts=(before, behind, undilated),
    expected=expect(PROVED, "integer"),
    mutants={
        "a tap or not": replace(before, conclusion=tap(zero)),
        "the first element, whatever the dilation": of_two_taps(
            replace(before, conclusion=implies(tap(t), r < 1)), j=0, q=-1
        ),
        "the last element, whatever the dilation": of_two_taps(
            replace(behind, conclusion=implies(tap(t), last * d + r == n - 1)), j=1, q=1, last=0
        ),
        "one element further": of_two_taps(
            replace(before, conclusion=implies(tap(t), tap(zero + 1))), j=0, q=-1
        ),
        "padding up to twice the kernel": replace(undilated, given=(padding <= 2 * k,)),
    },
)
