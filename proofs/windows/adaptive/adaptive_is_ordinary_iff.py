"""When an adaptive pooling is an ordinary one: rarely, and not only where m divides n.

Let n = q·m + r with a remainder r < m. Window i is [i·q + ⌊i·r/m⌋, (i + 1)·q + ⌈(i + 1)·r/m⌉).

- For r = 0 these are m disjoint windows of q elements: kernel and stride n/m.
- For r = 1 they are windows of q + 1 elements, q apart, of which neighbours share one.
- For r = m − 1 they are windows of q + 2 elements, q + 1 apart, of which the first begins one
  element before the input and the last ends one after it: padding 1. It must not count, as that of
  a maximum does not, nor that of an average with ``count_include_pad=False``.
- For other r nothing will do. Whatever the padding, windows that do not begin at 0 begin at equal
  distances, and these do not, from window 1 on. The smallest case is n = 6, m = 4: windows begin at
  0, 1, 3 and 4.

Without padding the last case is lost as well, unless it is one of the others. So the popular
conversion, stride ⌊n/m⌋ and kernel n − (m − 1)·stride, is right exactly for r ≤ 1.
"""

from dataclasses import replace

from pooling.arithmetic import ceil_divide, maximum, minimum
from pooling.windows import adaptive_window
from proofs.claim import PROVED, Claim, Theorem, expect
from proofs.terms import iff, variables

q, r, m, i = variables("q r m i")
n = q * m + r
#: Every n ≥ m ≥ 1 by its quotient and remainder.
SIZES = (q >= 1, m >= 1, r >= 0, r < m)
CVC5 = {"cvc5": "nonlinear integer division: cvc5 runs out of steps"}

start, end = adaptive_window(n, m, i)
last_start, _ = adaptive_window(n, m, m - 1)
second_start, _ = adaptive_window(n, m, 1)
third_start, _ = adaptive_window(n, m, 2)
_, first_end = adaptive_window(n, m, 0)

disjoint = Theorem(
    (start == i * q) & (end == (i + 1) * q),
    given=(r == 0,),
    where=(*SIZES, i >= 0),
    name="m divides n: kernel and stride n/m",
    beyond=CVC5,
)
only_disjoint = Theorem(
    iff(first_end == q, r == 0),
    where=SIZES,
    name="the first window has n/m elements only then",
    beyond=CVC5,
)
sharing_one = Theorem(
    (start == i * q) & (end == i * q + q + 1),
    given=(r == 1,),
    where=(*SIZES, i >= 0, i < m),
    name="remainder 1: kernel ⌊n/m⌋ + 1, stride ⌊n/m⌋",
    beyond=CVC5,
)
padded = Theorem(
    (start == maximum(i * (q + 1) - 1, 0)) & (end == minimum((i + 1) * (q + 1), n)),
    given=(r == m - 1,),
    where=(*SIZES, m >= 2, i >= 0, i < m),
    name="remainder m − 1: kernel ⌊n/m⌋ + 2, stride ⌊n/m⌋ + 1, padding 1",
    beyond=CVC5,
)
gaps = (last_start - second_start, (m - 2) * (third_start - second_start))
no_stride = Theorem(
    gaps[0] != gaps[1],
    given=(r >= 2, r <= m - 2),
    where=SIZES,
    name="any other remainder: not at equal distances, from window 1 on",
    beyond=CVC5,
)
evenly_from_0 = last_start == (m - 1) * second_start
unpadded = Theorem(
    iff(evenly_from_0, r <= 1),
    where=(*SIZES, m >= 2),
    name="and from window 0 on, as without padding, only for remainders 0 and 1",
    beyond=CVC5,
)
conversion = Theorem(
    iff(n - (m - 1) * q == ceil_divide(n, m), r <= 1),
    where=SIZES,
    name="the popular kernel n − (m − 1)·⌊n/m⌋ is the first window's only then",
    beyond=CVC5,
)

claim = Claim(
    __name__,
    title="Adaptive pooling of n elements to m ≤ n is an ordinary pooling iff n mod m is 0, 1 or m "
    "− 1.",
    holds="for 0 with kernel and stride n/m; for 1 with kernel ⌊n/m⌋ + 1 and stride ⌊n/m⌋; for m − "
    "1 with kernel ⌊n/m⌋ + 2, stride ⌊n/m⌋ + 1 and padding 1 that does not count",
    why="Any other remainder makes the windows begin at uneven distances.",
    source="torch's AdaptivePooling.h; the conversion stride = n // m, kernel = n − (m − 1)·stride "
    "is folklore; derived for this project",
    generality="all input and output sizes with 1 ≤ m ≤ n, one axis",
    parts=(disjoint, only_disjoint, sharing_one, padded, no_stride, unpadded, conversion),
    expected=expect(PROVED, "integer"),
    mutants={
        "whatever the remainder": replace(disjoint, given=()),
        "only where m divides n": replace(unpadded, conclusion=iff(evenly_from_0, r == 0)),
        "no padding helps": replace(no_stride, given=(r >= 2,)),
        "remainder 2 as well": replace(no_stride, conclusion=gaps[0] == gaps[1], given=(r == 2,)),
        "the last remainder needs no padding": replace(
            unpadded, conclusion=iff(evenly_from_0, (r <= 1) | (r == m - 1))
        ),
        "the popular kernel is always right": Theorem(
            n - (m - 1) * q == ceil_divide(n, m), where=SIZES
        ),
    },
)
