"""What an adaptive pooling reads: its windows, their overlaps, and n + m − gcd(n, m) taps.

Window i of m over n elements is [⌊i·n/m⌋, ⌈(i + 1)·n/m⌉). None is empty, the first begins at 0, the
last ends at n, and window i + 1 begins where window i ends if m divides (i + 1)·n, and one element
earlier if not. So the windows cover the input, and neighbours share at most one element.

Added up, every element counts once, and once more for every i = 1 … m − 1 for which m does not
divide i·n. Let g = gcd(n, m), n = g·n′ and m = g·m′. Then n′ and m′ have no common divisor, so
there are u and v with u·n′ + v·m′ = 1 (Bézout). With them i·n = q·m, which is i·n′ = q·m′, iff i =
m′·r and q = n′·r for r = u·q + v·i: m divides i·n iff m′ divides i. Of the numbers 0 … m − 1 that
is so for g, so n + (m − g) taps remain.
"""

from dataclasses import replace
from math import gcd

from pooling.arithmetic import ceil_divide
from pooling.windows import adaptive_taps, adaptive_window
from proofs.claim import PROVED, PROVED_BOUNDED, Check, CheckFailedError, Claim, Theorem, expect
from proofs.kernel import kernel
from proofs.terms import Term, iff, indicator, summation, variables

n, m, i, t, g, q, u, v, n_part, m_part = variables("n m i t g q u v n_part m_part")
SIZES = (n >= 1, m >= 1)
#: n_part and m_part are n/g and m/g; u and v certify that they have no common divisor.
COPRIME = (n_part >= 1, m_part >= 1, u * n_part + v * m_part == 1)
ratio = u * q + v * i
MOST = 32
CVC5 = {"cvc5": "nonlinear integer division: cvc5 runs out of steps, Z3 takes milliseconds"}

start, end = adaptive_window(n, m, i)
next_start, _ = adaptive_window(n, m, i + 1)
first_start, _ = adaptive_window(n, m, 0)
_, last_end = adaptive_window(n, m, m - 1)


def divides(divisor: Term, number: Term) -> Term:
    """Say that ``divisor`` ≥ 1 divides ``number``."""
    return number // divisor * divisor == number


def counted() -> str:
    """Add up the windows of all n and m up to ``MOST`` and compare with the function that runs."""
    for size in range(1, MOST + 1):
        for outputs in range(1, MOST + 1):
            windows = [adaptive_window(size, outputs, window) for window in range(outputs)]
            brute = sum(end - start for start, end in windows)
            if not brute == adaptive_taps(size, outputs) == size + outputs - gcd(size, outputs):
                raise CheckFailedError(f"n = {size}, m = {outputs}: {brute} taps")
    return f"all n and m up to {MOST}"


covering = Theorem(
    (start < end)
    & (first_start == 0)
    & (last_end == n)
    & (end - next_start == indicator(~divides(m, (i + 1) * n))),
    where=(*SIZES, i >= 0),
    name="no window is empty, the first and the last reach the ends, neighbours share one or none",
    beyond=CVC5,
)
telescope = Theorem(
    summation(i, t, end - start)
    == ceil_divide(t * n, m) + summation(i, t, indicator(~divides(m, i * n))),
    where=SIZES,
    name="taps of the first t windows",
    by_induction_on=t,
    beyond=CVC5,
)
divisible = Theorem(
    iff(i * n_part == q * m_part, (i == m_part * ratio) & (q == n_part * ratio)),
    where=COPRIME,
    name="m divides i·n exactly if m/g divides i",
    beyond=CVC5,
)
multiples = Theorem(
    summation(i, t, indicator(divides(m_part, i))) == ceil_divide(t, m_part),
    where=(m_part >= 1,),
    name="multiples of m/g below t",
    beyond=CVC5,
)
in_all = Theorem(
    (ceil_divide(m * n, m) == n) & (ceil_divide(g * m_part, m_part) == g),
    where=(*SIZES, g >= 1, m_part >= 1),
    name="for t = m: n taps and m − g more",
    beyond=CVC5,
)

claim = Claim(
    __name__,
    title="The windows of adaptive pooling cover the input and have n + m − gcd(n, m) taps in all.",
    holds="n elements and m outputs along one axis",
    why="Rounding down and rounding up ⌊i·n/m⌋ and ⌈i·n/m⌉ differ by one unless m divides i·n.",
    source="torch's AdaptivePooling.h, start_index and end_index; derived for this project",
    generality="all input and output sizes of at least 1; whole, and link by link by solvers",
    parts=(
        kernel(
            "taps_of_adaptive_pooling",
            "windows/adaptive/adaptive.v",
            "integer",
            says="the links joined: n + m − gcd(n, m) taps",
            cross_check=False,
        ),
        kernel(
            "windows_cover_the_input",
            "windows/adaptive/adaptive.v",
            "integer",
            says="the windows cover the input, and neighbours share at most one element",
            cross_check=False,
        ),
        covering,
        telescope,
        divisible,
        multiples,
        in_all,
        Check(
            "count",
            "certificate",
            counted,
            PROVED_BOUNDED,
            ("integer",),
            bound=f"n, m ≤ {MOST}",
            cross_check=True,
        ),
    ),
    expected=expect(PROVED, "integer"),
    mutants={
        "neighbours share nothing": Theorem(end == next_start, where=(*SIZES, i >= 0)),
        "every element once": Theorem(
            summation(i, t, end - start) == ceil_divide(t * n, m), where=SIZES
        ),
        "m divides i·n only if it divides i": Theorem(
            iff(divides(m, i * n), divides(m, i)), where=(*SIZES, i >= 0)
        ),
        "any common divisor will do": replace(divisible, where=(n_part >= 1, m_part >= 1)),
        "multiples below t, rounded down": Theorem(
            summation(i, t, indicator(divides(m_part, i))) == t // m_part, where=(m_part >= 1,)
        ),
    },
)
