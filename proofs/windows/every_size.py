"""Why a few sizes stand for all: borders that operators carry along, and where they meet.

Let an axis of the input grow by whole periods, and let a tensor computed from it have c elements
more for each. All but its last b elements are the same terms as one period before, counted from the
left, and all but its first a are the same from the right, over elements of the input that are
renamed. If L elements of it were enough for a and b and the c new ones, every element of the next
size is one that was there before; so two tensors that are equal at a size are equal at the next,
and at all that follow. The rules by which operators carry a and b along are those of
``verify equivalent`` at open sizes: windows take the formulas of ``pooling.windows``.

A sum of all elements along such an axis is that of one period before, from the left, and that from
the right, less the sum of two periods before: cut where the border before ends, each element is
counted once, and what is counted besides, a border before and all behind the cut, is there.
"""

from pooling.arithmetic import ceil_divide
from pooling.windows import changed_after, output_size
from proofs.claim import PROVED, Claim, Mark, Theorem, expect
from proofs.terms import Term, applied, iff, implies, variables

L, c, a, b, i, j, k, t, s, w, p, q, r = variables("L c a b i j k t s w p q r")
BORDERS = (a >= 0, b >= 0)


def met(length: Term) -> Term:
    """Say that a tensor of that length is long enough for both borders and the new elements."""
    return length >= c + a + b


#: An element of the next size is as before, from the left or from the right.
covered = (i < L - b) | (i >= c + a)
NEXT = (*BORDERS, c >= 0, i >= 0, i < L + c)

#: Windows of w elements, s apart, of which there are so many.
count = applied(output_size, L, w, s)
last = j * s + w - 1
after = applied(changed_after, L, w, s, b)
WINDOWS = (*BORDERS, w >= 1, s >= 1, L >= w, j >= 0)

claim = Claim(
    __name__,
    title="What is computed alike at one size is so at the next, once both borders leave room; "
    "windows, padding and merged axes carry borders along.",
    holds="for every period, and for all tensors that grow by as many elements with each",
    why="An element inside the left border and one inside the right border are the same element "
    "only in a tensor shorter than both borders.",
    source="small-model arguments for arrays: Bradley, Manna & Sipma, What's decidable about "
    "arrays?, VMCAI 2006",
    generality="all lengths, periods, borders, windows, strides, paddings",
    marks=(
        Mark(
            "argued",
            "from equal elements at one size, renamed, to equal tensors at the next and "
            "at all that follow; that the rules follow each operator is tried on random "
            "pipelines",
        ),
    ),
    parts=(
        Theorem(covered, given=(met(L),), where=NEXT, name="covered"),
        Theorem(iff(j < count - after, last < L - b), where=WINDOWS, name="windows, left"),
        Theorem(
            iff(j >= c + applied(ceil_divide, a, s), j * s >= c * s + a),
            where=(*BORDERS, s >= 1, c >= 0, j >= 0),
            name="windows, right",
        ),
        Theorem(
            iff(i < L + p + q - (b + q), i - p < L - b),
            where=(*BORDERS, p >= 0, q >= 0),
            name="padding",
        ),
        Theorem(
            iff(k * j + t < k * L - k * b, j < L - b),
            where=(k >= 1, t >= 0, t < k, j >= 0),
            name="merged axes",
            beyond={"cvc5": "products of two unknowns"},
        ),
        Theorem(implies(j < r, j < L - b), given=(L >= r + b,), where=BORDERS, name="an end"),
        Theorem(
            implies(j < a, j < L - c - b),
            given=(met(L),),
            where=(*BORDERS, c >= 0, j >= 0),
            name="what a sum counts twice",
        ),
    ),
    expected=expect(PROVED, "integer"),
    mutants={
        "one element too few": Theorem(covered, given=(L >= c + a + b - 1,), where=NEXT),
        "the new elements forgotten": Theorem(covered, given=(L >= a + b,), where=NEXT),
        "a border after windows too narrow": Theorem(
            iff(j < count - after + 1, last < L - b), where=WINDOWS
        ),
        "a border before windows rounded down": Theorem(
            iff(j >= c + a // s, j * s >= c * s + a), where=(*BORDERS, s >= 1, c >= 0, j >= 0)
        ),
        "padding leaves the border as it is": Theorem(
            iff(i < L + p + q - b, i - p < L - b), where=(*BORDERS, p >= 0, q >= 0)
        ),
        "a merged axis with the border of one": Theorem(
            iff(k * j + t < k * L - b, j < L - b), where=(k >= 1, t >= 0, t < k, j >= 0, b >= 0)
        ),
    },
)
