from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

import pytest

from proofs.evaluate import evaluate, trace
from proofs.systems import SYSTEMS
from proofs.systems.number_system import UnsupportedError
from proofs.terms import (
    Term,
    conjunction,
    constant,
    exact,
    finite,
    fold,
    for_all,
    greatest,
    half,
    iff,
    implies,
    in_range,
    indicator,
    largest,
    least,
    odd_multiple,
    relu,
    select,
    sequence,
    smallest,
    subterms,
    summation,
    ulp,
    unit_roundoff,
    value,
    variables,
    widened,
)

a, b = variables("a b")
i, j, m, t = variables("i j m t")
x = sequence("x")
half_of = Fraction(1, 2)
nan, inf = math.nan, math.inf

NUMBERS: list[tuple[Term, str, dict[str, Any], Any]] = [
    (a - b, "real", {"a": half_of, "b": Fraction(1)}, -half_of),
    (half(a), "real", {"a": Fraction(3)}, Fraction(3, 2)),
    (half(a), "integer", {"a": -3}, -2),
    (a // b, "integer", {"a": -7, "b": 2}, -4),
    (a // b, "integer", {"a": 7, "b": -2}, -4),
    (a / b, "real", {"a": Fraction(1), "b": Fraction(3)}, Fraction(1, 3)),
    (a - b, "int8", {"a": -128, "b": 1}, 127),
    (a - b, "saturating_int8", {"a": -128, "b": 1}, -128),
    (a - b, "uint8", {"a": 0, "b": 1}, 255),
    (-a, "int8", {"a": -128}, -128),
    (-a, "saturating_int8", {"a": -128}, 127),
    (abs(a), "int16", {"a": -32768}, -32768),
    (half(a), "int8", {"a": -1}, -1),
    (a + b, "float16", {"a": 2048.0, "b": 1.0}, 2048.0),
    (a + b, "float16", {"a": 2048.0, "b": 3.0}, 2052.0),
    (a + b, "float16", {"a": 65504.0, "b": 16.0}, inf),
    (a + b, "float8_e4m3fn", {"a": 448.0, "b": 448.0}, 448.0),
    (relu(a), "float32", {"a": -inf}, 0.0),
    (widened(a - b), "int8", {"a": -128, "b": 1}, 127),
    (widened(relu(a - b) + b), "int8", {"a": 127, "b": -128}, 127),
    (widened(relu(a - b) + b), "uint8", {"a": 0, "b": 255}, 255),
    (widened(a + b), "saturating_int8", {"a": -128, "b": -1}, -128),
    (widened(a - b + b), "integer", {"a": 1, "b": 10**30}, 1),
    (widened(a - b + b), "float16", {"a": 1.0, "b": -2048.0}, 1.0),
    (widened(a - b + b), "float16", {"a": 2.0**-24, "b": -65504.0}, 0.0),
    (widened(a + b), "float16", {"a": 65504.0, "b": 16.0}, inf),
    (widened(a + b), "float8_e4m3fn", {"a": -448.0, "b": -448.0}, -448.0),
    (widened(a + a - a), "float32", {"a": 2.0**127}, 2.0**127),
    (fold(a, x, m, t, widened(m - t + t)), "float16", {"a": 1.0, "x": (2048.0, -3.0)}, 1.0),
    (a.maximum(2), "int32", {"a": 1}, 2),
    (select(a < b, a, b), "int8", {"a": 3, "b": 2}, 2),
    (indicator(a < b), "int8", {"a": 1, "b": 2}, 1),
    (summation(i, m, i), "integer", {"m": 5}, 10),
    (summation(i, m, i + 1), "integer", {"m": 3}, 6),
    (summation(i, m, i), "integer", {"m": 0}, 0),
    (summation(i, m, i), "integer", {"m": -4}, 0),
    (summation(i, m, summation(j, i + 1, j * a)), "integer", {"m": 3, "a": 2}, 8),
    (summation(i, 100, i), "int8", {}, 4950 - 19 * 256),
    (fold(a, x, m, t, m - t), "integer", {"a": 10, "x": (1, 2, 3)}, 4),
    (fold(a, x, m, t, t - m), "integer", {"a": 10, "x": (1, 5)}, 5 - (1 - 10)),
    (fold(a, x, m, t, m - t), "integer", {"a": 10, "x": ()}, 10),
    (fold(0, x, m, t, m + t * b), "integer", {"b": 2, "x": (1, 5)}, 12),
    (fold(a, x, m, t, m + t), "int8", {"a": 100, "x": (27, 1)}, -128),
    (fold(a, x, m, t, m + greatest(t, x)), "integer", {"a": 0, "x": (1, 3, 2)}, 9),
    (greatest(a, x), "float16", {"a": 1.0, "x": (3.0, 2.0)}, 3.0),
    (least(a, x), "int8", {"a": 1, "x": (3, -2)}, -2),
    (least(a, x), "real", {"a": half_of, "x": ()}, half_of),
    (value(a) + value(b), "int8", {"a": 127, "b": 127}, Fraction(254)),
    (value(a) / 3, "float16", {"a": 1.0}, Fraction(1, 3)),
    (value(a), "float16", {"a": nan}, None),
    (abs(-value(a)), "float16", {"a": -2.0}, Fraction(2)),
    (value(a).minimum(1).maximum(half_of), "float16", {"a": 0.0}, half_of),
    (value(a) * 2 - 1, "float16", {"a": inf}, None),
    (ulp(a), "float16", {"a": 1.0}, Fraction(1, 1024)),
    (ulp(a), "float16", {"a": -1.9990234375}, Fraction(1, 1024)),
    (ulp(a), "float16", {"a": 0.0}, Fraction(1, 2**24)),
    (ulp(a), "float8_e4m3fn", {"a": 2.0**-9}, Fraction(1, 2**9)),
    (ulp(a), "bfloat16", {"a": inf}, None),
    (unit_roundoff(), "float16", {}, Fraction(1, 2048)),
    (largest() - smallest(), "uint8", {}, Fraction(255)),
    (largest(), "float8_e4m3fn", {}, Fraction(448)),
]

TRUTHS: list[tuple[Term, str, dict[str, Any], bool]] = [
    (a == b, "float16", {"a": nan, "b": nan}, True),
    (a == b, "float16", {"a": 0.0, "b": -0.0}, True),
    (a != b, "float16", {"a": nan, "b": nan}, False),
    (a <= b, "float16", {"a": nan, "b": nan}, False),
    (a < b, "float16", {"a": 1.0, "b": inf}, True),
    (a <= b, "int8", {"a": 2, "b": 2}, True),
    (a < b, "int8", {"a": 2, "b": 2}, False),
    (value(a) == value(b), "float16", {"a": nan, "b": nan}, False),
    (value(a) != value(b), "float16", {"a": nan, "b": 0.0}, True),
    (value(a) <= value(b), "float16", {"a": nan, "b": inf}, False),
    (value(a) < value(b), "float16", {"a": 1.0, "b": inf}, False),
    (odd_multiple(value(a), ulp(a)), "float16", {"a": 1.0009765625}, True),
    (odd_multiple(value(a), ulp(a)), "float16", {"a": -1.0009765625}, True),
    (odd_multiple(value(a), ulp(a)), "float16", {"a": 1.0}, False),
    (odd_multiple(value(a), value(b)), "float16", {"a": 3.0, "b": 2.0}, False),
    (odd_multiple(value(a), value(b)), "float16", {"a": 3.0, "b": 0.0}, False),
    (odd_multiple(value(a), value(b)), "float16", {"a": nan, "b": 1.0}, False),
    (odd_multiple(value(a), value(b)), "float16", {"a": 1.0, "b": inf}, False),
    (finite(a), "float16", {"a": inf}, False),
    (finite(a), "float16", {"a": 65504.0}, True),
    (finite(a), "int8", {"a": 127}, True),
    (exact(a - b), "float16", {"a": 2048.0, "b": -1.0}, False),
    (exact(a - b), "float16", {"a": 2048.0, "b": 1.0}, True),
    (exact(a - b), "float16", {"a": inf, "b": 1.0}, False),
    (exact(a + b), "int8", {"a": 127, "b": 1}, False),
    (exact(a + b), "saturating_int8", {"a": 127, "b": 1}, False),
    (in_range(a + b), "int8", {"a": 127, "b": 0}, True),
    (in_range(a + b), "int8", {"a": 127, "b": 1}, False),
    (in_range(a - b), "uint8", {"a": 0, "b": 1}, False),
    (in_range(a + b), "float16", {"a": 65504.0, "b": 15.0}, True),
    (in_range(a + b), "float16", {"a": 65504.0, "b": 16.0}, False),
    (in_range(a + b), "float16", {"a": nan, "b": 16.0}, False),
    (in_range(a - b), "real", {"a": Fraction(0), "b": Fraction(1)}, True),
    (conjunction(()), "real", {}, True),
    (~(a < b), "float16", {"a": nan, "b": 0.0}, True),
]


@pytest.mark.parametrize(("term", "system", "assignment", "result"), NUMBERS, ids=str)
def test_numbers(term: Term, system: str, assignment: dict[str, Any], result: Any) -> None:
    """Elements come out as the system computes them, exact values as fractions."""
    found = evaluate(term, assignment, SYSTEMS[system])
    assert found == result and type(found) is type(result)


@pytest.mark.parametrize(("term", "system", "assignment", "result"), TRUTHS, ids=str)
def test_propositions(term: Term, system: str, assignment: dict[str, Any], result: bool) -> None:
    """NaN equals NaN as an element, has no exact value, and is below nothing."""
    assert evaluate(term, assignment, SYSTEMS[system]) is result


@pytest.mark.parametrize(("p", "q"), [(x, y) for x in (False, True) for y in (False, True)])
def test_connectives(p: bool, q: bool) -> None:
    """The whole truth table of every connective."""
    left, right = a == constant(int(p)), b == constant(int(q))
    expected = {
        left & right: p and q,
        left | right: p or q,
        ~left: not p,
        implies(left, right): q if p else True,
        iff(left, right): p is q,
    }
    for term, result in expected.items():
        assert evaluate(term, {"a": 1, "b": 1}, SYSTEMS["integer"]) is result


def test_branches_not_taken_are_not_computed() -> None:
    """A select guards a division by zero."""
    guarded = select(b == constant(0), a, a // b)
    assert evaluate(guarded, {"a": 3, "b": 0}, SYSTEMS["integer"]) == 3
    with pytest.raises(ZeroDivisionError):
        evaluate(a // b, {"a": 3, "b": 0}, SYSTEMS["integer"])


@pytest.mark.parametrize(
    ("term", "system", "message"),
    [
        (for_all((a,), a == b), "real", "a quantifier cannot be evaluated"),
        (a // b, "int8", "floordiv has no entry for integers of fixed width"),
        (a / b, "float16", "div has no entry for floats"),
        (a // b, "real", "floordiv has no entry for real numbers"),
        (unit_roundoff() == 1, "int8", "int8 has no unit_roundoff"),
        (largest() == 1, "integer", "integer has no largest"),
        (smallest() == 1, "rounding", "rounding has no smallest"),
        (value(a) // 2, "int8", "floordiv has no entry for exact values"),
        (widened(a), "int64", "int64 has no wider number system"),
        (widened(a), "float64", "float64 has no wider number system"),
        (widened(a), "rounding", "rounding has no wider number system"),
        (ulp(a) == 1, "int8", "int8 has no ulp"),
        (a == constant(128), "int8", "128 is not a value of int8"),
        (a == constant(half_of), "integer", "1/2 is not an integer"),
        (a == constant(2049), "float16", "2049 is not a value of float16"),
        (a == constant(10**400), "float64", f"{10**400} is not a value of float64"),
    ],
    ids=str,
)
def test_refuses(term: Term, system: str, message: str) -> None:
    """What a system lacks is refused by name."""
    one = SYSTEMS[system].constant(1)
    with pytest.raises(UnsupportedError) as caught:
        evaluate(term, {"a": one, "b": one}, SYSTEMS[system])
    assert str(caught.value) == message


def test_trace_gives_every_step() -> None:
    """Each node computed has its value; a sum is one step."""
    term = relu(a - b) + b == summation(i, 2, i)
    values = trace(term, {"a": -128, "b": 1}, SYSTEMS["int8"])
    shown = {repr(node): values[id(node)] for node in subterms(term) if id(node) in values}
    assert shown == {
        "a": -128,
        "b": 1,
        "a − b": 127,
        "ReLU(a − b)": 127,
        "ReLU(a − b) + b": -128,
        "2": 2,
        "Σ(i < 2) i": 1,
        "ReLU(a − b) + b = Σ(i < 2) i": False,
    }
