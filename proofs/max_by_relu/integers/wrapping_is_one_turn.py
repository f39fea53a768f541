"""Wrapping moves a sum, a difference or a negative by one turn of 2^w, or not at all.

Two w-bit numbers add up to less than two turns, so bringing the sum back into the range takes at
most one turn: plus 2^w below it, minus 2^w above it. That is how all signed widths are proved at
once elsewhere: as the integers with a symbolic range, and one turn of 2^w added or subtracted where
needed. What the bits of 8, 16, 32 and 64 really do is known to the theory of bit-vectors, which
says nothing of turns. Here the one formula is proved of both, so the symbolic width and the
bit-vectors agree on every operation, and a proof for all widths is one for each.

Products are left out: they may be many turns away.
"""

from proofs.claim import PROVED, Claim, Theorem, expect
from proofs.systems import WRAPPING
from proofs.terms import Term, largest, select, smallest, value, variables

a, b = variables("a b")
turn = largest() - smallest() + 1


def moved(true: Term) -> Term:
    """Return the true result, moved by one turn if that brings it into the range."""
    below = select(true < smallest(), true + turn, true)
    return select(largest() < true, true - turn, below)


def wrapped_once(true: Term) -> Term:
    """Return the same, but for results above the range alone."""
    return select(largest() < true, true - turn, true)


exact_sum = value(a) + value(b)

claim = Claim(
    __name__,
    title="In wrap-around integers a + b, a − b and −a are the exact results, moved by 2^w at most "
    "once to fit.",
    holds="w bits, signed or not; products are left out",
    why="Two elements add up to less than two turns. Bit-vectors keep the low w bits, which is the "
    "same.",
    source="two's complement arithmetic; the SMT-LIB theory of fixed-size bit-vectors",
    generality="all pairs (a, b); all widths at once, signed or not, with a symbolic range, and 8 "
    "to 64 bits one by one as bit-vectors",
    parts=(
        Theorem(
            (value(a + b) == moved(exact_sum))
            & (value(a - b) == moved(value(a) - value(b)))
            & (value(-a) == moved(0 - value(a))),
            beyond={"cvc5/int64": "half a second, where the others take a tenth"},
        ),
    ),
    expected=expect(PROVED, WRAPPING),
    mutants={
        "a turn of 2^w − 1": Theorem(
            value(a + b) == select(largest() < exact_sum, exact_sum - turn + 1, exact_sum),
            where=(value(a) >= 0, value(b) >= 0),
        ),
        "never below the range": Theorem(value(a + b) == wrapped_once(exact_sum)),
        "saturation": Theorem(
            value(a + b) == select(largest() < exact_sum, largest(), exact_sum),
            where=(value(a) >= 0, value(b) >= 0),
        ),
    },
)
