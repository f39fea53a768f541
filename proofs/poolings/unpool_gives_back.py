"""Max-pooling gives back what max-unpooling put where it came from iff no maximum is negative.

An unpooled window holds its maximum m where it was and zeros elsewhere. However many zeros there
are in front of m and behind it, they come to max(m, 0) with it, which is m exactly if m ≥ 0, as
behind a ReLU. Of two elements, then, unpool(pool(·)) changes nothing the second time. NaN comes
back as NaN. A window with one tap inside, as at the end of an input of odd length with ceil_mode,
has no zero beside it: what is there comes back, negative or not.

That takes windows that do not overlap. Of windows side by side any maxima come back. Where an
element is in two windows, a maximum put there is seen by both: of two windows of two elements, one
element apart, the maxima (m, n) put at the shared element and behind it come back as
(m, max(m, n)). Maxima that came from one input do come back, since what either window sees is no
larger than its own.
"""

from dataclasses import replace

from proofs.claim import PROVED, Claim, Theorem, expect
from proofs.systems import EXACT, FLOAT16, IEEE, INTEGERS
from proofs.terms import constant, fold, iff, select, sequence, variables

a, b, c, m, n, so_far, tap = variables("a b c m n so_far tap")
zeros = sequence("zeros")
zero = constant(0)

#: torch chooses a later tap if it is larger, or NaN.
later = (a < b) | ~(b <= b)
first, second = select(later, 0, a), select(later, b, 0)
gives_back = Theorem(
    iff(first.maximum(second) != a.maximum(b), a.maximum(b) < zero),
    name="pool(unpool) of a window is not its maximum exactly if that is negative",
    swept=FLOAT16,
)
#: A sequence stands for as many zeros as it has elements, whatever these are.
in_front = Theorem(
    fold(zero, zeros, so_far, tap, so_far.maximum(0)) == 0,
    name="zeros in front come to 0",
)
behind = Theorem(
    fold(zero.maximum(m), zeros, so_far, tap, so_far.maximum(0)) == m.maximum(0),
    name="with m and any zeros behind it they come to max(m, 0)",
)
negative = Theorem(iff(m.maximum(0) != m, m < zero), name="which is not m exactly if m is negative")
#: Pooled and unpooled, and once more.
again = (first < second) | ~(second <= second)
idempotent = Theorem(
    (select(again, 0, first) == first) & (select(again, second, 0) == second),
    where=(zero <= a.maximum(b),),
    name="of two elements, the second time changes nothing",
    swept=FLOAT16,
)
alone = Theorem(
    m.maximum(0) == m,
    given=(zero <= m,),
    name="side by side, any maximum that is not negative comes back",
)
shared = Theorem(
    iff((m.maximum(0) != m) | (m.maximum(n) != n), (m < zero) | (n < m)),
    where=(m <= m, n <= n),
    name="put at an element that two windows share, it does not exactly if the other is smaller",
    swept=FLOAT16,
)
#: The maxima of (a, b) and of (b, c), each put where torch found it.
last = (b < c) | ~(c <= c)
y_a, y_b, y_c = select(later, 0, a), select(later | ~last, b, 0), select(last, c, 0)
of_one_input = Theorem(
    (y_a.maximum(y_b) == a.maximum(b)) & (y_b.maximum(y_c) == b.maximum(c)),
    given=(zero <= a.maximum(b), zero <= b.maximum(c)),
    name="put at elements that two windows of one input share, they do",
    beyond={"exhaustive": "three variables and nine choices", "tables": "three variables"},
)

claim = Claim(
    __name__,
    title="Max-pooling gives back what max-unpooling put where it came from iff no maximum is "
    "negative.",
    holds="windows of two taps or more that do not overlap; of two windows of two that do, maxima "
    "that came from one input, not any",
    why="All else in an unpooled window is 0.",
    source="torch.nn.MaxUnpool2d: a partial inverse of MaxPool2d; Zeiler and Fergus 2014",
    generality="all values, any number of zeros in front of the maximum and behind it; which tap "
    "is the maximum, and overlapping windows, for two elements",
    parts=(gives_back, in_front, behind, negative, idempotent, alone, shared, of_one_input),
    expected=expect(PROVED, EXACT, INTEGERS, "rounding", IEEE, "float8_e4m3fn"),
    mutants={
        "negative maxima as well": replace(
            gives_back, conclusion=first.maximum(second) == a.maximum(b), given=(a == a, b == b)
        ),
        "m however many zeros are behind it": replace(
            behind, conclusion=fold(zero.maximum(m), zeros, so_far, tap, so_far.maximum(0)) == m
        ),
        "the second time, whatever the maximum": replace(idempotent, where=(a == a, b == b)),
        "whatever the maximum": replace(alone, given=(m == m,)),
        "windows that share an element": Theorem(m.maximum(n) == n, given=(zero <= m, zero <= n)),
    },
)
