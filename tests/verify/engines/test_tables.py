"""Looked up is as computed: by torch, by compiled sweeps, and in fractions."""

from __future__ import annotations

from itertools import product

import pytest
import torch

from proofs.claim import Theorem
from proofs.systems import FLOAT8, SYSTEMS
from proofs.terms import exact, finite, iff, in_range, relu, summation, value, variables, widened
from proofs.verdict import Verdict
from verify.engines import ENGINES
from verify.engines.engine import Settings
from verify.engines.tables import _tabulated

a, b, c, i = variables("a b c i")
TABLES, EXHAUSTIVE = ENGINES["tables"], ENGINES["exhaustive"]
NEGATIVE = -a
STATEMENTS = [
    Theorem(a.maximum(b) == relu(a - b) + b, given=(a <= b, finite(b))),
    Theorem(a.maximum(b) == relu(a - b) + b, given=(exact(a - b), in_range(a - b))),
    Theorem(abs(value(a - b) - (value(a) - value(b))) <= abs(value(a)), given=(finite(a - b),)),
    Theorem(a.maximum(b) == relu(a - b) + b),
    Theorem(a + b == b + a),
    Theorem(iff(a - b == 0, a == b)),
    Theorem(-NEGATIVE == a),
]


@pytest.mark.parametrize("system", FLOAT8)
@pytest.mark.parametrize("theorem", STATEMENTS, ids=lambda theorem: str(theorem.statement))
def test_two_engines_say_the_same(theorem: Theorem, system: str) -> None:
    """One adds by tables and the other does not: the same word, the same tuples."""
    first, second = (e.say(theorem, SYSTEMS[system], Settings()) for e in (TABLES, EXHAUSTIVE))
    assert first.verdict is second.verdict
    assert first.verdict in (Verdict.EXHAUSTED, Verdict.REFUTED)
    if first.verdict is Verdict.EXHAUSTED:
        assert first.detail == second.detail
    assert first.counterexample == second.counterexample


def test_what_is_not_in_a_table_is_not_taken() -> None:
    """Wider formats, other operations, three variables, sums."""
    e5m2 = SYSTEMS["float8_e5m2"]
    assert TABLES.takes(Theorem(a + b == b), e5m2)
    for theorem in (
        Theorem(a // b == b),
        Theorem(widened(a + b) == b),
        Theorem(a + b == c),
        Theorem(summation(i, a, i) == b),
    ):
        assert not TABLES.takes(theorem, e5m2)
    assert not TABLES.takes(Theorem(a == b), SYSTEMS["float16"])
    assert not TABLES.takes(Theorem(a == b), SYSTEMS["int8"])


@pytest.mark.parametrize("system", FLOAT8)
@pytest.mark.parametrize("wrong", [1.0, -0.0])
def test_a_wrong_entry_is_seen(system: str, wrong: float) -> None:
    """It is no counterexample of the format itself: replayed, it does not fail."""
    tabulated = _tabulated(SYSTEMS[system])
    elements = tabulated.all_elements()
    tabulated.tensor_apply("add", (elements, elements))
    right, spoilt = tabulated.tables["add"], tabulated.tables["add"].clone()
    one = tabulated.places[repr(1.0)]
    spoilt[one, one] = tabulated.places[repr(wrong)]
    tabulated.tables["add"] = spoilt
    try:
        evidence = TABLES.say(Theorem(a + a == a * 2), SYSTEMS[system], Settings())
        assert evidence.verdict is Verdict.ERROR and "holds at a = 1.0" in evidence.detail
    finally:
        tabulated.tables["add"] = right


@pytest.mark.parametrize("system", FLOAT8)
def test_every_element_has_its_place(system: str) -> None:
    """What is looked up are the elements of the dtype, bit by bit."""
    tabulated = _tabulated(SYSTEMS[system])
    elements = tabulated.all_elements()
    same = zip(tabulated.elements(elements), SYSTEMS[system].elements(elements), strict=True)
    assert all(tabulated.equal(x, y) for x, y in same)
    for x, y in product((elements[:3], elements[-3:]), repeat=2):
        assert torch.equal(
            tabulated.tensor_relation("lt", x, y), SYSTEMS[system].tensor_relation("lt", x, y)
        )
