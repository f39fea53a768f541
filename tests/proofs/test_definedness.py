from __future__ import annotations

import pytest

from proofs.claim import Theorem
from proofs.definedness import divisors
from proofs.systems import SYSTEMS
from proofs.terms import Term, constant, finite, relu, select, summation, value, variables

a, b, c, i, m, s = variables("a b c i m s")
INTEGER, REAL, FLOAT32 = (SYSTEMS[name] for name in ("integer", "real", "float32"))


def _left(theorem: Theorem, system: str = "integer") -> list[str]:
    return [one.label for one in divisors(theorem, SYSTEMS[system])]


@pytest.mark.parametrize(
    ("divisor", "premises"),
    [
        (s, (1 <= s,)),
        (s, (s > 0,)),
        (s, (s != 0,)),
        (s, (constant(0) != s,)),
        (s, ((c >= 0) & (c < s),)),
        (s, (s == c, c >= 2)),
        (s + 1, (s >= 0,)),
        (s * (b + 1), (1 <= s, b >= 0)),
        (s.maximum(1), ()),
        (s.minimum(b), (1 <= s, b > 1)),
        (constant(-3), ()),
    ],
)
def test_divisors_seen_not_to_be_0(divisor: Term, premises: tuple[Term, ...]) -> None:
    """What premises of one relation tell of sums, products and extremes is seen at once."""
    assert _left(Theorem(a // divisor <= a, where=premises)) == []


@pytest.mark.parametrize(
    ("divisor", "premises"),
    [
        (s, ()),
        (s, (s >= 0,)),
        (s, (s <= c, 1 <= c)),
        (s, (s <= c, c <= s)),
        (s, (s > -1,)),
        (s, (1 <= c,)),
        (s, ((s > 0) | (c > 0),)),
        (s, (~(s > 0),)),
        (s + c, (s > 0,)),
        (s - c, (s > 0, c > 0)),
        (s * c, (s < 0, c > 0)),
        (s.minimum(b), (s > 0, b >= 0)),
        (relu(s), (s >= 0,)),
        (constant(0), ()),
    ],
)
def test_divisors_that_may_be_0(divisor: Term, premises: tuple[Term, ...]) -> None:
    """Or are not seen not to be: whoever proves something has to show that they are not."""
    left = list(divisors(Theorem(a // divisor <= a, where=premises), INTEGER))
    assert [one.label for one in left] == [f"{divisor} is not 0"]
    assert left[0].premises == premises


def test_what_is_known_where_it_divides() -> None:
    """A premise counts behind it; the condition of a choice, and an index, where they stand."""
    assert _left(Theorem(a <= a, where=(s >= 1, a // s >= 1))) == []
    assert _left(Theorem(a <= a, where=(a // s >= 1, s >= 1))) == ["s is not 0"]
    assert _left(Theorem(select(s >= 1, a // s, 0) <= a)) == []
    assert _left(Theorem(select(s >= 1, 0, a // s) <= a)) == ["s is not 0"]
    assert _left(Theorem(summation(i, m, a // (i + 1)) <= a)) == []
    assert _left(Theorem(summation(i, m, a // i) <= a)) == ["i is not 0"]
    # A premise is about another one than an index of the same name.
    assert _left(Theorem(summation(s, m, a // s) <= a, where=(s >= 1,))) == ["s is not 0"]
    # A conclusion is computed whole: what it says beside a quotient guards none.
    assert _left(Theorem((s == 0) | (a // s <= a))) == ["s is not 0"]


def test_floats_are_divided_by_0_and_exact_values_are_not() -> None:
    """Of a quotient of floats IEEE 754 says what it is, of one of real numbers nobody does."""
    assert _left(Theorem(a / b <= a), "float32") == []
    assert _left(Theorem(a / b <= a), "real") == ["b is not 0"]
    assert _left(Theorem(value(a) / value(b) <= 1), "float32") == ["⟦b⟧ is not 0"]
    assert _left(Theorem(value(a) / value(b) <= 1, where=(value(b) > 0,)), "float32") == []
    # What a sum of floats exceeds is not what its exact value does.
    rounded = Theorem(value(a) / value(a + b) <= 1, where=(a > 0, b > 0, finite(a + b)))
    assert _left(rounded, "float32") == ["⟦a + b⟧ is not 0"]
