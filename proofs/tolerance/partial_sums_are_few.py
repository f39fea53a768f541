"""In whatever order n numbers are added, the i-th smallest partial sum has at most i + 1 of them.

Sort the partial sums of a bracketing by how many numbers are in them. One of s numbers has s − 2
partial sums inside it: s − 1 additions make it, and the last is itself. All of these are of fewer
numbers. So at least s − 2 partial sums come before it, and if it is the i-th, s is at most i + 1.

What an addition may be rounded by grows with the magnitude of what is added. So no order costs more
than the one that adds the largest first and then one after the other, where the i-th partial sum is
of the i + 1 largest. Charging for that order covers all of them, vector lanes and trees included.
"""

from collections.abc import Iterator

from proofs.averages.sum_error_bound import bracketings
from proofs.claim import (
    PROVED,
    PROVED_BOUNDED,
    Check,
    CheckFailedError,
    Claim,
    Theorem,
    expect,
)
from proofs.kernel import kernel
from proofs.terms import Term, variables

s, r, i = variables("s r i")
#: All bracketings of up to so many numbers are looked at, 1430 of the most.
MOST = 9


def counted(name: str, conclusion: Term, given: tuple[Term, ...] = ()) -> Theorem:
    """State something of a sum of s and r numbers, each at least 1."""
    beyond = {"sympy": "orders of three unknowns: solvers say it at once"} if given else {}
    return Theorem(conclusion, given=given, where=(s >= 1, r >= 1), name=name,
                   systems=("integer",), beyond=beyond)  # fmt: skip


additions = counted("s + r numbers take s + r − 1 additions if s take s − 1 and r take r − 1",
                    (s - 1) + (r - 1) + 1 == (s + r) - 1)  # fmt: skip
smaller = counted("the sums inside one are of fewer numbers", (s < s + r) & (r < s + r))
place = counted("so the i-th has at most i + 1", s <= i + 1, (s - 2 <= i - 1,))


def sizes(order: object) -> Iterator[int]:
    """Yield the number of numbers in each partial sum of a bracketing, the whole one last.

    >>> list(sizes(((0, 1), (2, 3))))
    [2, 2, 4]
    """
    if isinstance(order, tuple):
        for part in order:
            yield from sizes(part)
        yield _leaves(order)


def _leaves(order: object) -> int:
    return sum(map(_leaves, order)) if isinstance(order, tuple) else 1


def every_order(more: int) -> str:
    """Look at all bracketings; raise ``CheckFailedError`` if an i-th has more than i + ``more``."""
    count = 0
    for numbers in range(2, MOST + 1):
        for order in bracketings(0, numbers):
            count += 1
            for number, size in enumerate(sorted(sizes(order)), start=1):
                if size > number + more:
                    raise CheckFailedError(f"{order}: number {number} has {size}")
    return f"{count} bracketings of up to {MOST} numbers"


def looked_at(more: int = 1) -> Check:
    """Return the check of all bracketings."""
    return Check("every bracketing", "certificate", lambda: every_order(more),
                 PROVED_BOUNDED, ("integer",), f"up to {MOST} numbers",
                 cross_check=True)  # fmt: skip


claim = Claim(
    __name__,
    title="In whatever order n numbers are added, the i-th smallest partial sum has at most i + 1.",
    holds="numbers, counted with repetition; partial sums sorted by how many are in them",
    why="One of s numbers has s − 2 partial sums inside it, all of fewer numbers.",
    source="counting the vertices of binary trees",
    generality=f"any bracketing of any number of numbers; all of up to {MOST}, counted out",
    parts=(
        additions,
        smaller,
        place,
        kernel(
            "partial_sums_are_few",
            "tolerance/partial_sums.v",
            "integer",
            says="any bracketing: the steps joined, by induction",
            cross_check=False,
        ),
        looked_at(),
    ),
    expected=expect(PROVED, "integer"),
    mutants={
        "at most i": looked_at(more=0),
        "s + r additions": counted("", (s - 1) + (r - 1) + 1 == s + r),
    },
)
