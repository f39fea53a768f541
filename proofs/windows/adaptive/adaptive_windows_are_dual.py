"""Which windows read an element: the same formula with n and m exchanged.

Element e is a tap of window i of m over n if i·n/m < e + 1 and e < (i + 1)·n/m. Multiplied by m/n
that is e·m/n − 1 < i and i < (e + 1)·m/n, so i is a tap of window e of n over m. Whatever holds of
the elements of a window therefore holds of the windows over an element.

A window has ⌈n/m⌉ elements or one more, so an element is in ⌈m/n⌉ windows or one more: in one or
two if m ≤ n, and then windows that are not neighbours share nothing. If m > n the input is
upsampled: windows have one element or two, and all have one iff n divides m, when each element is
repeated m/n times. A size of None asks for m = n, which repeats every element once.
"""

from dataclasses import replace

from pooling.arithmetic import ceil_divide
from pooling.windows import adaptive_window
from proofs.claim import PROVED, Claim, Theorem, expect
from proofs.terms import iff, variables

n, m, i, e, k = variables("n m i e k")
SIZES = (n >= 1, m >= 1)
CVC5 = {"cvc5": "nonlinear integer division: cvc5 runs out of steps"}

start, end = adaptive_window(n, m, i)
first_reader, past_readers = adaptive_window(m, n, e)
after_next, _ = adaptive_window(n, m, i + 2)
repeated = adaptive_window(n, k * n, i)
#: The window over the first boundary between two elements.
pair = ceil_divide(m, n) - 1
pair_start, pair_end = adaptive_window(n, m, pair)

dual = Theorem(
    iff((start <= e) & (e < end), (first_reader <= i) & (i < past_readers)),
    where=(*SIZES, i >= 0, e >= 0),
    name="element e is in window i exactly if i is in window e of the exchanged sizes",
    beyond=CVC5,
)
lengths = Theorem(
    (ceil_divide(n, m) <= end - start) & (end - start <= ceil_divide(n, m) + 1),
    where=(*SIZES, i >= 0),
    name="a window has ⌈n/m⌉ elements or one more",
    beyond=CVC5,
)
apart = Theorem(
    (end <= after_next) & (past_readers - first_reader <= 2),
    where=(*SIZES, m <= n, i >= 0, e >= 0),
    name="m ≤ n: only neighbours share elements, and no element is in three windows",
    beyond=CVC5,
)
repeats = Theorem(
    (repeated[0] == i // k) & (repeated[1] == i // k + 1),
    where=(n >= 1, k >= 1, i >= 0),
    name="n divides m = k·n: every element k times; None is k = 1",
    beyond=CVC5,
)
only_repeats = Theorem(
    iff(pair_end == pair_start + 1, m // n * n == m),
    where=(*SIZES, n >= 2),
    name="otherwise some window has two elements or more",
    beyond=CVC5,
)

claim = Claim(
    __name__,
    title="Element e is in window i of an adaptive pooling iff i is in window e with input and "
    "output sizes exchanged.",
    holds="n elements and m outputs along one axis; so an element is in ⌈m/n⌉ windows or one more",
    why="Both say that two intervals, one of 1/m and one of 1/n, overlap.",
    source="torch's AdaptivePooling.h, start_index and end_index; derived for this project",
    generality="all input and output sizes of at least 1, one axis, upsampling included",
    parts=(dual, lengths, apart, repeats, only_repeats),
    expected=expect(PROVED, "integer"),
    mutants={
        "without exchanging the sizes": replace(
            dual, conclusion=iff((start <= e) & (e < end), (start <= i) & (i < end))
        ),
        "never more than ⌈n/m⌉ elements": replace(
            lengths, conclusion=end - start <= ceil_divide(n, m)
        ),
        "one window for each element": Theorem(
            past_readers - first_reader <= 1, where=(*SIZES, m <= n, e >= 0)
        ),
        "upsampling always repeats": Theorem(end == start + 1, where=(*SIZES, n <= m, i >= 0)),
    },
)
