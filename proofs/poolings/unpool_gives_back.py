"""Max-pooling gives back what max-unpooling put where it came from iff no maximum is negative.

An unpooled window holds its maximum where it was and zeros elsewhere, so its maximum is max(m, 0),
which is m exactly if m ≥ 0, as behind a ReLU. Then unpool(pool(·)) changes nothing the second time:
it is idempotent. NaN comes back as NaN. A window with one tap inside, as at the end of an input of
odd length with ceil_mode, has no zero beside it: what is there comes back, negative or not.

That takes windows that do not overlap. Of windows side by side any maxima come back. Where an
element is in two windows, a maximum put there is seen by both: of two windows of two elements, one
element apart, the maxima (m, n) put at the shared element and behind it come back as
(m, max(m, n)). Maxima that came from one input do come back, since what either window sees is no
larger than its own.
"""

from dataclasses import replace

from proofs.claim import PROVED, Claim, Mark, Theorem, expect
from proofs.systems import EXACT, IEEE, INTEGERS
from proofs.terms import constant, iff, select, variables

a, b, m, n = variables("a b m n")
zero = constant(0)

#: torch chooses a later tap if it is larger, or NaN.
later = (a < b) | ~(b <= b)
first, second = select(later, 0, a), select(later, b, 0)
gives_back = Theorem(
    iff(first.maximum(second) != a.maximum(b), a.maximum(b) < zero),
    name="pool(unpool) of a window is not its maximum exactly if that is negative",
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
)

claim = Claim(
    __name__,
    title="Max-pooling gives back what max-unpooling put where it came from iff no maximum is "
    "negative; so unpooling is idempotent.",
    holds="windows of two taps or more that do not overlap; where they do, maxima that came from "
    "one input, not any",
    why="All else in an unpooled window is 0.",
    source="torch.nn.MaxUnpool2d: a partial inverse of MaxPool2d; Zeiler and Fergus 2014",
    generality="all values; windows of two elements, of which the second stands for any zeros",
    marks=(
        Mark(
            "argued",
            "from two elements to more, and from one time to a second that changes nothing; where "
            "windows overlap, no window sees more than its own maximum",
        ),
    ),
    parts=(gives_back, alone, shared),
    expected=expect(PROVED, EXACT, INTEGERS, "rounding", IEEE, "float8_e4m3fn"),
    mutants={
        "negative maxima as well": replace(
            gives_back, conclusion=first.maximum(second) == a.maximum(b), given=(a == a, b == b)
        ),
        "whatever the maximum": replace(alone, given=(m == m,)),
        "windows that share an element": Theorem(m.maximum(n) == n, given=(zero <= m, zero <= n)),
    },
)
