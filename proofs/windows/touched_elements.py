"""Which elements are read at all: the closed form for touched elements equals their number.

A stride larger than the window leaves elements between windows that no window reads, and what is
left over after the last one is not read either. To count the others without looking at them, give
every element that is read to one of the taps that read it.

Undilated, to the first window. If an element lies under two windows, it lies under all between
them, so window i is the first iff window i − 1 is not over it. Of its k positions that leaves the
last min(k, s), and counting those inside the input, window by window, gives the formula.

Dilated, positions i·s + j·d of different windows meet here and there. Let g = gcd(s, d), s = g·s′,
d = g·d′. Then (i + x)·s + (j − y)·d is the same place as i·s + j·d iff x = r·d′ and y = r·s′ for
some r: the taps on one element are a chain with steps of d′ windows on and s′ positions back. If a
step from a tap stays among windows and positions, nothing is skipped, so the chain has no gap, and
elements are taps less steps: all taps without those from which a step on is possible. Moved on s′
positions, those are a layer of m − d′ windows of k − s′ taps, and counted as one.
"""

from dataclasses import replace
from itertools import product

from pooling.arithmetic import maximum, minimum
from pooling.windows import output_size, touched, window_taps
from proofs.claim import PROVED, PROVED_BOUNDED, Check, CheckFailedError, Claim, Theorem, expect
from proofs.kernel import kernel
from proofs.terms import Term, applied, iff, implies, indicator, summation, variables

n, k, s, d, m, i, j, e, x, y, r = variables("n k s d m i j e x y r")
before, earlier, u, v, s_part, d_part = variables("before earlier u v s_part d_part")
#: s_part and d_part are s/g and d/g; u and v certify that they have no common divisor.
COPRIME = (s_part >= 1, d_part >= 1, u * s_part + v * d_part == 1)
ratio = u * y + v * x
CVC5 = {"cvc5": "products of unknowns: cvc5 runs out of steps, Z3 takes milliseconds"}


def over(element: Term, start: Term) -> Term:
    """Say that the window that begins at ``start`` lies over ``element``."""
    return (start <= element) & (element < start + k)


between = Theorem(
    implies(over(e, i * s) & over(e, earlier * s), over(e, (i - 1) * s)),
    given=(earlier < i,),
    where=(k >= 1, s >= 1),
    name="under a window and an earlier one, so under the one before it",
    beyond=CVC5,
)
first_read = Theorem(
    summation(e, n, indicator(over(e, x) & ~over(e, x - s)))
    == applied(window_taps, n, minimum(k, s), x + maximum(k - s, 0)),
    where=(n >= 0, k >= 1, s >= 1),
    name="elements under a window and not under the one before it",
)
undilated = Theorem(
    applied(window_taps, n, k, -before)
    + summation(
        i, m, applied(window_taps, n, minimum(k, s), (i + 1) * s - before + maximum(k - s, 0))
    )
    == applied(touched, n, k, s, before, m + 1),
    given=(before < k, m * s - before < n),
    where=(n >= 1, k >= 1, s >= 1, before >= 0),
    name="elements that each window is the first to read, added up",
    by_induction_on=m,
    beyond=CVC5,
)
same_place = Theorem(
    iff(x * s_part == y * d_part, (x == d_part * ratio) & (y == s_part * ratio)),
    where=COPRIME,
    name="places that meet are whole steps apart",
    beyond=CVC5,
)
no_gap = Theorem(
    (i + d_part < m) & (0 <= j - s_part),
    given=(1 <= r, i + r * d_part < m, 0 <= j - r * s_part),
    where=(d_part >= 1, s_part >= 1),
    name="where r steps can be made, one can",
    beyond=CVC5,
)


def counted() -> str:
    """Mark the elements read by all layers of small sizes and compare with the function."""
    layers = 0
    for size, kernel_size, stride, dilation, begin in product(
        range(1, 9), range(1, 5), range(1, 5), range(1, 5), range(3)
    ):
        reach = dilation * (kernel_size - 1)
        for end, ceil_mode in product(range(3), (False, True)):
            if reach >= size + begin + end or max(begin, end) > reach:
                continue
            outputs = output_size(size, kernel_size, stride, (begin, end), dilation, ceil_mode)
            read = {
                window * stride + position * dilation - begin
                for window in range(outputs)
                for position in range(kernel_size)
            }
            marked = len(read & set(range(size)))
            formula = touched(size, kernel_size, stride, begin, outputs, dilation)
            if marked != formula:
                raise CheckFailedError(
                    f"size {size}, kernel_size {kernel_size}, stride {stride}, "
                    f"padding {begin, end}, dilation {dilation}: {marked} elements, not {formula}"
                )
            layers += 1
    return f"{layers:,} layers"


claim = Claim(
    __name__,
    title="The closed form for the elements that at least one window reads equals their number.",
    holds="layers whose first window does not end before the input and whose last does not begin "
    "after it",
    why="Each element that is read counts once: at the first window over it, or, dilated, at the "
    "one of its taps from which no step leads on.",
    source="derived for this project",
    generality="all input sizes, kernels, strides, paddings and dilations of layers with a window, "
    "where the first ends inside the input or after it and the last begins inside it or before it",
    parts=(
        kernel(
            "elements_by_their_first_window",
            "windows/touched.v",
            "integer",
            says="each element that is read counts at the first window over it",
            cross_check=False,
        ),
        kernel(
            "touched_elements",
            "windows/touched.v",
            "integer",
            says="dilated: all taps without those from which one can move on",
            cross_check=False,
        ),
        between,
        first_read,
        undilated,
        same_place,
        no_gap,
        Check(
            "count",
            "certificate",
            counted,
            PROVED_BOUNDED,
            ("integer",),
            bound="size ≤ 8, kernel_size, stride and dilation ≤ 4, padding ≤ 2",
            cross_check=True,
        ),
    ),
    expected=expect(PROVED, "integer"),
    mutants={
        "every window reads as many elements that are new": Theorem(
            applied(window_taps, n, k, -before)
            + summation(i, m, applied(window_taps, n, minimum(k, s), (i + 1) * s - before))
            == applied(touched, n, k, s, before, m + 1),
            where=(n >= 1, k >= 1, s >= 1, before >= 0, before < k, m * s - before < n),
            by_induction_on=m,
        ),
        "an element under two windows is not under those between": replace(
            between, conclusion=implies(over(e, i * s), ~over(e, (i - 1) * s))
        ),
        "steps of s on and d back are all there are": Theorem(
            implies(x * s == y * d, x == d * ratio), where=(s >= 1, d >= 1)
        ),
        "any common divisor will do": replace(same_place, where=(s_part >= 1, d_part >= 1)),
    },
)
