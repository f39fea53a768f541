"""Ranges of normal forms, and how far unknowns move them, against sampled values."""

from __future__ import annotations

import random
from fractions import Fraction

from verify.judge.symbols.classes import Vertex
from verify.judge.symbols.normal_form import NormalForms
from verify.judge.tolerance.ranges import Ranges
from verify.judge.tolerance.rounding import Interval

F = Fraction
#: a, b, c; b − a; its ReLU; the larger of a and b; twice that minus c; the larger of this and c.
NODES = (
    Vertex("variable"), Vertex("variable"), Vertex("variable"), Vertex("constant", value=0),
    Vertex("linear", (1, 0), (F(1), F(-1))), Vertex("max", (4, 3)),
    Vertex("linear", (5, 0), (F(1), F(1))), Vertex("linear", (6, 2), (F(2), F(-1))),
    Vertex("max", (7, 2)), Vertex("mul", (0, 0)),
)  # fmt: skip
ENDS = {0: Interval(F(-1), F(1)), 1: Interval(F(-1), F(2)), 2: Interval(F(-3), F(1, 2))}


def test_ranges_hold_all_values() -> None:
    """And the larger of two is no wider than they are."""
    normal = NormalForms()
    ranges = Ranges(normal, ENDS)
    forms = normal.of(NODES)
    found = [ranges.of(form) for form in forms]  # type: ignore[arg-type]
    assert found[6] == Interval(F(-1), F(2))
    assert found[9] == Interval(F(0), F(1))
    chosen = random.Random(1)
    for _ in range(300):
        a, b, c = (F(chosen.randint(int(8 * e.low), int(8 * e.high)), 8) for e in ENDS.values())
        top = max(a, b)
        values = (a, b, c, F(0), b - a, max(b - a, F(0)), top, 2 * top - c, max(2 * top - c, c))
        for value, inside in zip((*values, a * a), found, strict=True):
            assert inside is not None
            assert inside.low <= value <= inside.high


def test_what_unknowns_move() -> None:
    """An unknown of size 1 at a and at b moves their maximum by 1, the last node by 2."""
    normal = NormalForms()
    ranges = Ranges(normal, ENDS)
    forms = normal.of(NODES[:4])
    noisy = [normal.added(forms[n], normal.free(f"e{n}")) for n in (0, 1)]  # type: ignore[arg-type]
    sizes = {normal.free(f"e{n}")[0][0][0][0]: F(1) for n in (0, 1)}
    made: list[object] = [*noisy, forms[2], forms[3]]
    for number, node in enumerate(NODES[4:9], start=4):
        made.append(normal.formed(number, node, [made[a] for a in node.args]))
    moved = [ranges.shift(form, sizes) for form in made]  # type: ignore[arg-type]
    assert moved == [1, 1, 0, 0, 2, 2, 1, 2, 2]
    assert ranges.shift(normal.formed(9, NODES[9], [made[0], made[0]]), sizes) is None
