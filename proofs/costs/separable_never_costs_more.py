"""Pooling axis by axis never takes more comparisons than pooling window by window.

Along one axis let T be the taps of all windows, U the elements that some window reads and E the
windows with a tap. The definition takes T·T′ − E·E′ comparisons over two axes. Axis by axis it is
U·(T′ − E′) along the last one and E′·(T − E) along the first, and the difference is a product,
(T − U)·(T′ − E′): what windows share along the first axis, times what they compare along the
last. Neither factor is negative, whatever the window, the stride, the padding or the dilation.

That takes an implementation that leaves out the rows that no window reads. One that goes through
all of them does cost more where a stride exceeds the window.

The formulas are those of ``costmodel.algorithms``; average pooling adds as often as max-pooling
compares.
"""

from costmodel.algorithms import CHOICE
from pooling.windows import taps, touched
from proofs.claim import PROVED, Claim, Theorem, expect
from proofs.costs import Counted, pooling_over, unpadded
from proofs.terms import Term, applied, iff, variables


def direct(*axes: Counted) -> Term:
    """Return the comparisons of the definition."""
    comparisons: Term = CHOICE["direct"](pooling_over(*axes))["comparisons"]
    return comparisons


def separable(*axes: Counted) -> Term:
    """Return the comparisons axis by axis."""
    comparisons: Term = CHOICE["separable"](pooling_over(*axes))["comparisons"]
    return comparisons


Td, Ud, Ed, Th, Uh, Eh, Tw, Uw, Ew = variables("Td Ud Ed Th Uh Eh Tw Uw Ew")
depth, rows, columns = Counted(Td, Ud, Ed), Counted(Th, Uh, Eh), Counted(Tw, Uw, Ew)
n, k, s, m, kh, kw, mh, mw = variables("n k s m kh kw mh mw")

CVC5 = {"cvc5": "products of unknowns: cvc5 takes a second or gives up, Z3 takes milliseconds"}

by_window = applied(direct, rows, columns)
by_axis = applied(separable, rows, columns)

saved = Theorem(by_window - by_axis == (Th - Uh) * (Tw - Ew), name="what is saved over two axes")
never_more = Theorem(
    by_axis <= by_window, given=(Uh <= Th, Ew <= Tw), name="never more over two axes", beyond=CVC5
)
less = Theorem(
    iff(by_axis < by_window, (Uh < Th) & (Ew < Tw)),
    where=(Uh <= Th, Ew <= Tw),
    name="less exactly if windows share rows and have two taps in one",
    beyond=CVC5,
)
three_axes = Theorem(
    applied(direct, depth, rows, columns) - applied(separable, depth, rows, columns)
    == (Td - Ud) * (Th * Tw - Eh * Ew) + Ud * (Th - Uh) * (Tw - Ew),
    name="what is saved over three axes",
)
read_once = Theorem(
    applied(touched, n, k, s, 0, m) <= applied(taps, n, k, s, 0, m),
    where=(n >= 1, k >= 1, s >= 1, m >= 1, (m - 1) * s < n),
    name="no element is read that is not a tap",
    beyond=CVC5,
)
stride_one = Theorem(
    direct(unpadded(mh, kh), unpadded(mw, kw)) - separable(unpadded(mh, kh), unpadded(mw, kw))
    == (mh - 1) * mw * (kh - 1) * (kw - 1),
    name="what is saved at stride 1 without padding",
)

# Windows that are s rows apart, with the rows between them gone through as well.
every_row = Counted(mh * kh, (mh - 1) * s + kh, mh)
SIZES = (mh >= 1, kh >= 1, s >= 1, Ew <= Tw)

claim = Claim(
    __name__,
    title="Pooling axis by axis never takes more comparisons than pooling window by window.",
    holds="rows that no window reads are left out",
    why="The difference is (T − U)·(T′ − E′): the taps that windows share along the first axis "
    "times the comparisons along the last.",
    source="derived for this project; separability of max is the field's",
    generality="all windows, strides, paddings and dilations; the last two parts without padding",
    parts=(saved, never_more, less, three_axes, read_once, stride_one),
    expected=expect(PROVED, "integer"),
    mutants={
        "rows that no window reads are gone through as well": Theorem(
            applied(separable, every_row, columns) <= applied(direct, every_row, columns),
            where=SIZES,
        ),
        "always less": Theorem(
            separable(rows, columns) < direct(rows, columns), where=(Uh <= Th, Ew <= Tw)
        ),
        "the axes are interchangeable": Theorem(
            by_axis == applied(separable, columns, rows), where=(Uh <= Th, Uw <= Tw)
        ),
    },
)
