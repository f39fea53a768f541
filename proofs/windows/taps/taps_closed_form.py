"""How many taps there are: the closed forms equal the count, position by position.

A tap is a window position that falls inside the input. An undilated window that starts at x has
R(x+k) − R(x) − R(x+k−n) + R(x−n) of them, with R(x) = max(x, 0). If it reaches the input, that is
all k but R(−x) before the input and R(x+k−n) after it, and over evenly spaced windows either R sums
to an arithmetic series, from the first window on or from the last one back: the whole count takes
the same few operations for any image, window and stride. With dilation the windows are counted
kernel position by kernel position instead: how often the position i·s + x falls inside. Such a
window may step over a small input and have no tap at all; the windows that have one are counted at
the position where they enter.

Every count is a sum on one side and a function of ``pooling.windows`` on the other, proved by
induction on the number of terms with everything else symbolic.
"""

from dataclasses import replace

from pooling.arithmetic import ceil_divide, maximum, minimum
from pooling.windows import occupied, taps, visits, window_taps
from proofs.claim import PROVED, Claim, Theorem, expect
from proofs.kernel import kernel
from proofs.terms import applied, iff, implies, indicator, summation, variables

n, k, s, d, x, m, i, j, before, overhang = variables("n k s d x m i j before overhang")
SIZES = (n >= 0, k >= 0)
CVC5 = {"cvc5": "nonlinear integer division: cvc5 runs out of steps, Z3 takes milliseconds"}

per_window = Theorem(
    summation(j, k, indicator((0 <= x + j) & (x + j < n))) == applied(window_taps, n, k, x),
    where=SIZES,
    name="taps of one window",
)
reaching = Theorem(
    applied(window_taps, n, k, x) == k - maximum(-x, 0) - maximum(x + k - n, 0),
    given=(-x <= k, x <= n),
    where=SIZES,
    name="a window that reaches the input",
    beyond={"sympy": "whether x + k exceeds n is not a matter of their order"},
)
all_windows = Theorem(
    summation(i, m, k - maximum(before - i * s, 0) - maximum(overhang - i * s, 0))
    == applied(taps, (m - 1) * s - before + k - overhang, k, s, before, m),
    where=(*SIZES, s >= 1),
    name="taps of all windows, what they overhang counted from the last one",
    beyond=CVC5,
)
altogether = Theorem(
    summation(i, m, applied(window_taps, n, k, i * s - before))
    == applied(taps, n, k, s, before, m),
    given=(before <= k, (m - 1) * s - before <= n),
    where=(*SIZES, s >= 1),
    name="taps of all windows, where all reach the input",
    cross_check=True,
    by_induction_on=m,
    beyond=dict.fromkeys(("z3", "cvc5"), "seconds in one piece; the parts take milliseconds"),
)
per_position = Theorem(
    summation(i, m, indicator((0 <= i * s + x) & (i * s + x < n))) == applied(visits, n, x, s, m),
    where=(n >= 0, s >= 1),
    name="taps of one kernel position, any dilation",
    beyond=CVC5,
)
non_empty = Theorem(
    summation(i, m, indicator((i * s - before < n) & (i * s - before + k > 0)))
    == applied(occupied, n, k, s, before, m),
    given=(before < k, (m - 1) * s - before < n),
    where=(n >= 1, k >= 1, s >= 1),
    name="windows with a tap",
    by_induction_on=m,
    beyond=CVC5,
)
# The first position of a dilated window that is not before the input. Positions only grow, so the
# window has a tap exactly if this one is a tap.
first = maximum(ceil_divide(-x, d), 0)
entered = (first <= m) & (x + first * d < n)
enters = Theorem(
    implies(j >= 0, iff(x + j * d >= 0, first <= j)),
    where=(d >= 1,),
    name="where a dilated window enters the input",
)
entries = Theorem(
    summation(j, m, indicator((0 <= x + (j + 1) * d) & (x + (j + 1) * d < minimum(n, d))))
    == indicator(entered) - indicator((0 <= x) & (x < n)),
    where=(n >= 1, d >= 1),
    name="each such window is counted once, where it enters",
    beyond=CVC5,
)

claim = Claim(
    __name__,
    title="The closed forms for the taps of a layer equal the count over its windows.",
    holds="undilated layers whose first window does not end before the input and whose last does "
    "not begin after it; dilated ones position by position",
    why="Clipping a window at both ends is a difference of ramps, and a sum of ramps at equal "
    "steps is an arithmetic series from the first positive term on.",
    source="derived for this project; the series is the textbook's",
    generality="all input sizes, kernels, strides, paddings, dilations and numbers of windows; "
    "undilated where every window reaches the input or begins at its end, as in every layer that "
    "torch accepts",
    parts=(
        per_window,
        reaching,
        all_windows,
        kernel(
            "overhangs_from_the_last_window",
            "windows/taps/taps.v",
            "integer",
            says="undilated: what windows overhang, added up from the last one back",
            cross_check=False,
        ),
        altogether,
        per_position,
        kernel(
            "positions_before_windows",
            "windows/taps/taps.v",
            "integer",
            says="dilated: added up position by position, windows within",
            cross_check=False,
        ),
        non_empty,
        enters,
        entries,
    ),
    expected=expect(PROVED, "integer"),
    mutants={
        "overhang at the end ignored": Theorem(
            summation(j, k, indicator((0 <= x + j) & (x + j < n)))
            == applied(window_taps, n + k, k, x),
            where=SIZES,
        ),
        "every window in full": replace(
            altogether, conclusion=altogether.conclusion.args[0] == m * k
        ),
        "padding forgotten": replace(
            altogether, conclusion=altogether.conclusion.args[0] == applied(taps, n, k, s, 0, m)
        ),
        "every position of a dilated window can be its first": replace(
            entries,
            conclusion=summation(j, m, indicator((0 <= x + (j + 1) * d) & (x + (j + 1) * d < n)))
            == indicator(entered) - indicator((0 <= x) & (x < n)),
        ),
        "one position off": Theorem(
            summation(i, m, indicator((0 <= i * s + x) & (i * s + x < n)))
            == applied(visits, n, x + 1, s, m),
            where=(n >= 0, s >= 1),
        ),
    },
)
