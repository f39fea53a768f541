"""Replacing max by ReLU networks costs three times as many operations, or more than six times.

max(a, b) = ReLU(a − b) + b is a subtraction, a ReLU and an addition in the place of a comparison:
with a residual (skip) connection for b exactly three times the definition, for any pooling. A plain
network has no residual connections, and every value that passes a layer takes two ReLUs: a 2 × 2
window takes six times the definition, and a 3 × 3 window, which leaves a value over in three of its
four layers, more than seven times. The network is the same at every window, so it saves nothing at
the border, where the definition does: the factors are those of windows that stay inside the input.

The formulas are those of ``costmodel.algorithms``.
"""

from functools import reduce
from operator import add

from costmodel.algorithms import CHOICE
from proofs.claim import PROVED, Claim, Theorem, expect
from proofs.costs import Counted, pooling_over
from proofs.terms import Term, applied, variables


def operations(algorithm: str, *axes: Counted) -> Term:
    """Return the operations of all kinds together."""
    total: Term = reduce(add, CHOICE[algorithm](pooling_over(*axes)).values())
    return total


Th, Uh, Eh, Tw, Uw, Ew = variables("Th Uh Eh Tw Uw Ew")
rows, columns = Counted(Th, Uh, Eh), Counted(Tw, Uw, Ew)


def whole(size: int) -> tuple[Counted, Counted]:
    """Return two axes whose windows have ``size`` taps along each."""
    return Counted(Eh * size, Uh, Eh, size), Counted(Ew * size, Uw, Ew, size)


fold = Theorem(
    applied(operations, "relu_fold", rows, columns)
    == 3 * applied(operations, "direct", rows, columns),
    name="with skip connections",
)
two_by_two = Theorem(
    applied(operations, "relu_tree", *whole(2)) == 6 * applied(operations, "direct", *whole(2)),
    name="without skip connections, 2 × 2",
)
three_by_three = Theorem(
    8 * applied(operations, "relu_tree", *whole(3))
    == 57 * applied(operations, "direct", *whole(3)),
    name="without skip connections, 3 × 3",
)

claim = Claim(
    __name__,
    title="Per comparison max-pooling by ReLUs takes 3 operations with residual connections; "
    "without, 6 for 2 × 2 and 57/8 for 3 × 3 windows.",
    holds="without them as a tree of pairs, over windows that all stay inside the input",
    why="Each comparison becomes a subtraction, a ReLU and an addition; without residual "
    "connections a value needs two ReLUs to pass a layer.",
    source="derived for this project; the tree is that of Arora et al. 2018, arXiv 1611.01491",
    generality="all poolings with residual connections; without them all 2 × 2 and 3 × 3 ones "
    "whose windows stay inside the input",
    parts=(fold, two_by_two, three_by_three),
    expected=expect(PROVED, "integer"),
    mutants={
        "twice is enough": Theorem(
            applied(operations, "relu_fold", rows, columns)
            <= 2 * applied(operations, "direct", rows, columns),
            where=(Eh >= 1, Ew >= 1, Th >= Eh, Tw >= Ew),
        ),
        "the tree costs what the fold does": Theorem(
            applied(operations, "relu_tree", *whole(2))
            == applied(operations, "relu_fold", *whole(2)),
            where=(Eh >= 1, Ew >= 1),
        ),
    },
)
