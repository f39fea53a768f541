"""When an adaptive pooling is an ordinary one: rarely, and not only where m divides n.

Let n = q·m + r with a remainder r < m. Window i is [i·q + ⌊i·r/m⌋, (i + 1)·q + ⌈(i + 1)·r/m⌉). For
r = 0 these are m disjoint windows of q elements: kernel and stride n/m. For r = 1 they are windows
of q + 1 elements, q apart, of which neighbours share one. For r ≥ 2 window 1 still begins at q, but
the last one begins later than (m − 1)·q, so no stride fits. The smallest case is n = 5, m = 3:
[0, 2), [1, 4), [3, 5).

So the popular conversion, stride ⌊n/m⌋ and kernel n − (m − 1)·stride, is right exactly for r ≤ 1.
"""

from __future__ import annotations

from dataclasses import replace

from pooling.arithmetic import ceil_divide
from pooling.windows import adaptive_window
from proofs.claim import Claim, Mutant, Theorem, expect
from proofs.terms import iff, variables
from proofs.verdict import Verdict

q, r, m, i = variables("q r m i")
n = q * m + r
#: Every n ≥ m ≥ 1 by its quotient and remainder.
SIZES = (q >= 1, m >= 1, r >= 0, r < m)
CVC5 = {"cvc5": "nonlinear integer division: cvc5 runs out of steps"}

start, end = adaptive_window(n, m, i)
last_start, _ = adaptive_window(n, m, m - 1)
second_start, _ = adaptive_window(n, m, 1)
_, first_end = adaptive_window(n, m, 0)

disjoint = Theorem(
    (start == i * q) & (end == (i + 1) * q),
    assumptions=(r == 0,),
    domain=(*SIZES, i >= 0),
    name="m divides n: kernel and stride n/m",
    beyond=CVC5,
)
only_disjoint = Theorem(
    iff(first_end == q, r == 0),
    domain=SIZES,
    name="the first window has n/m elements only then",
    beyond=CVC5,
)
sharing_one = Theorem(
    (start == i * q) & (end == i * q + q + 1),
    assumptions=(r == 1,),
    domain=(*SIZES, i >= 0, i < m),
    name="remainder 1: kernel ⌊n/m⌋ + 1, stride ⌊n/m⌋",
    beyond=CVC5,
)
no_stride = Theorem(
    iff(last_start == (m - 1) * second_start, r <= 1),
    domain=(*SIZES, m >= 2),
    name="the last window begins where the stride of the first two would have it only then",
    beyond=CVC5,
)
conversion = Theorem(
    iff(n - (m - 1) * q == ceil_divide(n, m), r <= 1),
    domain=SIZES,
    name="the popular kernel n − (m − 1)·⌊n/m⌋ is the first window's only then",
    beyond=CVC5,
)

claim = Claim(
    id="adaptive-is-ordinary-iff",
    title="An adaptive pooling of n elements to m ≤ n is an ordinary pooling exactly if n mod m is "
    "0, with kernel and stride n/m, or 1, with kernel ⌊n/m⌋ + 1 and stride ⌊n/m⌋.",
    why="A remainder of 2 or more makes the windows begin at uneven distances.",
    source="torch's AdaptivePooling.h; the conversion stride = n // m, kernel = n − (m − 1)·stride "
    "is folklore; derived for this project",
    generality="all input and output sizes with 1 ≤ m ≤ n, one axis",
    parts=(disjoint, only_disjoint, sharing_one, no_stride, conversion),
    expected=expect(Verdict.PROVED, "integer"),
    mutants=(
        Mutant("whatever the remainder", replace(disjoint, assumptions=())),
        Mutant(
            "only where m divides n",
            replace(no_stride, conclusion=iff(last_start == (m - 1) * second_start, r == 0)),
        ),
        Mutant(
            "remainder 2 as well",
            replace(no_stride, conclusion=iff(last_start == (m - 1) * second_start, r <= 2)),
        ),
        Mutant(
            "the popular kernel is always right",
            Theorem(n - (m - 1) * q == ceil_divide(n, m), domain=SIZES),
        ),
    ),
)
