from __future__ import annotations

from itertools import product

import pytest

from proofs.claim import Theorem
from proofs.systems import SYSTEMS
from proofs.terms import (
    Term,
    constant,
    for_all,
    half,
    iff,
    implies,
    in_range,
    relu,
    select,
    summation,
    value,
    variables,
)
from proofs.verdict import Verdict
from verify.engines.engine import Settings
from verify.engines.sympy import SymPy, weak_orders

a, b, c, d = variables("a b c d")
ENGINE = SymPy()
REAL, INTEGER = SYSTEMS["real"], SYSTEMS["integer"]

TRUE: list[tuple[Theorem, str]] = [
    (Theorem(a.maximum(b) == relu(a - b) + b), "13 orders"),
    (Theorem(a.maximum(b) == half(a + b + abs(a - b))), "13 orders"),
    (Theorem(a.maximum(b).maximum(c) == a.maximum(b.maximum(c))), "75 orders"),
    (Theorem(a.minimum(b) == -(-a).maximum(-b)), "13 orders"),
    (Theorem(a * b == b * a), "13 orders"),
    (Theorem(abs(a * b) == abs(a) * abs(b)), "13 orders"),
    (Theorem(relu(a) + a == 2 * relu(a) - relu(-a)), "3 orders"),
    (Theorem(a <= b, (a < b,)), "5 orders"),
    (Theorem(a / b * b == a, (constant(0) < b,)), "5 orders"),
    (Theorem(iff(a < b, ~(b <= a)) & implies(a < b, a != b)), "13 orders"),
    (Theorem(value(a) - value(b) == value(a - b)), "13 orders"),
    (Theorem(in_range(a + b) | (a == b)), "13 orders"),
]
FALSE: list[Theorem] = [
    Theorem(a.maximum(b) == relu(a - b) + a),
    Theorem(a.maximum(b) == relu(b - a) + b),
    Theorem(a.maximum(b) == half(a + b - abs(a - b))),
    Theorem(relu(a) == a),
    Theorem(relu(a) == constant(0)),
    Theorem(abs(a) == -a),
    Theorem(a * b == abs(a * b)),
    Theorem(a < b, (a <= b,)),
    Theorem(a.minimum(b) == a.maximum(b)),
    Theorem(iff(a < b, a <= b)),
    Theorem(constant(1) == constant(2)),
]


@pytest.mark.parametrize(("theorem", "detail"), TRUE, ids=str)
def test_proves(theorem: Theorem, detail: str) -> None:
    """True in every order of the variables and zero; the orders that count are told."""
    assert ENGINE.supports(theorem, REAL)
    evidence = ENGINE.examine(theorem, REAL, Settings())
    assert (evidence.verdict, evidence.detail) == (Verdict.PROVED, detail)


@pytest.mark.parametrize("theorem", FALSE, ids=str)
def test_refutes(theorem: Theorem) -> None:
    """False in some order, at a point that was replayed."""
    evidence = ENGINE.examine(theorem, REAL, Settings())
    assert (evidence.verdict, evidence.detail) == (Verdict.REFUTED, "false by algebra")
    assert evidence.counterexample is not None


def test_what_algebra_does_not_decide_is_unknown() -> None:
    """A sign that depends on more than the order is no proof and no refutation."""
    for theorem in (Theorem(a * a <= a), Theorem(a != b + 5)):
        evidence = ENGINE.examine(theorem, REAL, Settings())
        assert evidence.verdict is Verdict.UNKNOWN
        assert " is undecided where " in evidence.detail
    narrow = Theorem(a < b, (a * a < b,))
    evidence = ENGINE.examine(narrow, REAL, Settings())
    assert (evidence.verdict, evidence.detail) == (
        Verdict.UNKNOWN,
        "a case that a premise may exclude is false",
    )


def test_a_bound_makes_it_a_bounded_proof() -> None:
    """As with every engine."""
    evidence = ENGINE.examine(Theorem(a + b == b + a, bound="n = 2"), REAL, Settings())
    assert (evidence.verdict, evidence.detail) == (Verdict.PROVED_BOUNDED, "13 orders, n = 2")


@pytest.mark.parametrize(
    ("term", "system", "takes"),
    [
        (a == b, "real", True),
        (a == b, "integer", True),
        (a == b, "int8", False),
        (a == b, "float32", False),
        (half(a) == b, "real", True),
        (half(a) == b, "integer", False),
        (a / b == a, "real", True),
        (a / b == a, "integer", False),
        (a // b == a, "integer", False),
        (select(a < b, a, b) == a, "real", False),
        (summation(a, b, a) == b, "integer", False),
        (for_all((a,), a == b), "real", False),
        (a + b + c == d, "real", False),
    ],
    ids=str,
)
def test_takes(term: Term, system: str, takes: bool) -> None:
    """Up to three variables of exact arithmetic, without what rounds down."""
    assert ENGINE.supports(Theorem(term), SYSTEMS[system]) is takes


@pytest.mark.parametrize(("items", "count"), list(enumerate([1, 1, 3, 13, 75, 541])))
def test_weak_orders_are_counted_by_fubini(items: int, count: int) -> None:
    """The ordered Bell numbers, no order twice, every item in each."""
    names = tuple("abcdefg"[:items])
    orders = list(weak_orders(names))
    assert len(orders) == len(set(orders)) == count
    assert all(sorted(x for group in order for x in group) == list(names) for order in orders)


def test_weak_orders_are_the_ways_numbers_can_lie() -> None:
    """Each triple of numbers lies in one of the orders, and each order is met."""
    met = set()
    for triple in product(range(3), repeat=3):
        ranked = sorted(set(triple))
        met.add(tuple(
            tuple(x for x, n in zip("abc", triple, strict=True) if n == rank) for rank in ranked
        ))  # fmt: skip
    assert met == set(weak_orders(("a", "b", "c")))


def test_integers_are_ordered_like_reals() -> None:
    """Unbounded integers take the same cases, and their counterexamples are whole."""
    proved = ENGINE.examine(TRUE[0][0], INTEGER, Settings())
    assert (proved.verdict, proved.detail) == (Verdict.PROVED, "13 orders")
    refuted = ENGINE.examine(FALSE[0], INTEGER, Settings())
    assert refuted.verdict is Verdict.REFUTED and refuted.counterexample is not None
    assert refuted.counterexample.assignment == {"a": "0", "b": "1"}
    assert (
        ENGINE.examine(Theorem(a + 1 <= b, (a < b,)), REAL, Settings()).verdict is Verdict.UNKNOWN
    )
