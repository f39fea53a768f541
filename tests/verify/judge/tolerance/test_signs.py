"""Products of a sign and a magnitude."""

from __future__ import annotations

from fractions import Fraction

import pytest

from verify.judge.symbols.classes import Vertex
from verify.judge.tolerance.signs import signed

ZERO, ONE, MINUS = (Vertex("constant", value=number) for number in (0, 1, -1))
#: x is node 3, which rounds.
START = [ZERO, ONE, MINUS, Vertex("mul", (1, 1))]
POSITIVE = [*START, Vertex("lt", (0, 3)), Vertex("select", (4, 1, 0))]
SIGN = [
    *START, Vertex("lt", (0, 3)), Vertex("lt", (3, 0)), Vertex("select", (5, 2, 0)),
    Vertex("select", (4, 1, 6)),
]  # fmt: skip
SIZE = [*SIGN, Vertex("linear", (3,), (Fraction(-1),)), Vertex("max", (3, 8))]


def test_a_number_times_whether_it_is_above_zero() -> None:
    """It is the number, and 0 where that is below 0; either factor may stand first."""
    assert signed(POSITIVE, Vertex("mul", (5, 3))) == (3, True)
    assert signed(POSITIVE, Vertex("mul", (3, 5))) == (3, True)


def test_a_sign_times_a_magnitude() -> None:
    """It is the number itself, also where a ReLU keeps the magnitude."""
    assert signed(SIZE, Vertex("mul", (7, 9))) == (3, False)
    relu = [*SIZE, Vertex("max", (0, 9))]
    assert signed(relu, Vertex("mul", (10, 7))) == (3, False)


@pytest.mark.parametrize(
    ("nodes", "node"),
    [
        (POSITIVE, Vertex("mul", (3, 3))),
        (POSITIVE, Vertex("linear", (5, 3), (Fraction(1), Fraction(1)))),
        # The sign itself times x is |x|, and a magnitude of something else is none of x.
        (SIGN, Vertex("mul", (7, 3))),
        ([*SIZE, Vertex("max", (1, 8))], Vertex("mul", (7, 10))),
        # It is told by another number whether it is above 0, or chosen between others.
        ([*START, Vertex("lt", (1, 3)), Vertex("select", (4, 1, 0))], Vertex("mul", (5, 3))),
        ([*START, Vertex("lt", (0, 3)), Vertex("select", (4, 0, 1))], Vertex("mul", (5, 3))),
        ([*START, Vertex("lt", (0, 1)), Vertex("select", (4, 1, 0))], Vertex("mul", (5, 3))),
    ],
)
def test_what_is_no_such_product(nodes: list[Vertex], node: Vertex) -> None:
    """Other products, other numbers in the choice, another node in the comparison."""
    assert signed(nodes, node) is None
