"""Elements: what is known is computed, what is not becomes a term, infinities included."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

import pytest

from proofs.evaluate import evaluate
from proofs.systems import SYSTEMS
from proofs.systems.number_system import UnsupportedError
from verify.judge.elements import Arithmetic

REAL = Arithmetic(SYSTEMS["real"])
HALF = Arithmetic(SYSTEMS["float16"])
BYTE = Arithmetic(SYSTEMS["int8"])
A = REAL.variable("a")


def known(number: float | Fraction) -> Any:
    """Return a known real."""
    return REAL.constant(number)


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (known(2) + known(3), 5),
        (known(2) / known(3), Fraction(2, 3)),
        (-known(2), -2),
        (known(-math.inf) + known(1), -math.inf),
        (known(1) - known(-math.inf), math.inf),
        (known(-math.inf).maximum(known(Fraction(1, 3))), Fraction(1, 3)),
        (known(math.inf).minimum(known(2)), 2),
        (REAL.apply("relu", known(-math.inf)), 0),
        (abs(known(-math.inf)), math.inf),
        (known(1) / known(math.inf), 0),
        (A + known(math.inf), math.inf),
        (known(3) - A - known(math.inf), -math.inf),
        (A.maximum(known(math.inf)), math.inf),
        (A * known(0), 0),
    ],
)
def test_known_numbers_are_computed(found: Any, expected: Any) -> None:
    """Exact results, those of extended reals included."""
    assert found.known
    assert found.content == expected


@pytest.mark.parametrize(
    "found",
    [
        known(math.inf) - known(math.inf),
        known(0) * known(math.inf),
        A + known(math.nan),
        known(math.nan).maximum(known(1)),
    ],
)
def test_what_has_no_value_is_nan(found: Any) -> None:
    """Where the module returns NaN so does the arithmetic."""
    assert math.isnan(found.content)
    assert found != found


@pytest.mark.parametrize(
    "found",
    [A + known(0), known(0) + A, A - known(0), A * known(1), REAL.apply("neg", -A),
     A.maximum(known(-math.inf)),
     known(math.inf).minimum(A), A / known(1)],
)  # fmt: skip
def test_what_changes_nothing_leaves_no_trace(found: Any) -> None:
    """Neutral numbers disappear."""
    assert str(found) == "a"


def test_what_is_not_defined_is_refused() -> None:
    """An infinity times an unknown sign, a division by 0, numbers a dtype does not have."""
    with pytest.raises(UnsupportedError, match="whose sign is open"):
        A * known(math.inf)
    with pytest.raises(UnsupportedError, match="division by 0"):
        A / known(0)
    with pytest.raises(UnsupportedError, match=r"division by 3\.0 in float16"):
        HALF.variable("a") / HALF.constant(3)
    with pytest.raises(UnsupportedError, match="inf is not a value of int8"):
        BYTE.constant(math.inf)
    with pytest.raises(UnsupportedError, match="depends on the input"):
        A / A


def test_choices_between_two_compared_elements_are_extremes() -> None:
    """The larger of two is a maximum over the reals and in integers, not where NaN is."""
    for arithmetic, operator in ((REAL, "maximum"), (BYTE, "maximum"), (HALF, "select")):
        a, b = arithmetic.variable("a"), arithmetic.variable("b")
        chosen = arithmetic.choose(arithmetic.compare("lt", b, a), a, b)
        assert chosen.term.operator == operator
    b = REAL.variable("b")
    assert str(REAL.choose(REAL.compare("le", A, b), A, b)) == "min(a, b)"
    kept = REAL.choose(REAL.compare("lt", A, known(math.inf)), A, known(0))
    assert kept is A


@pytest.mark.parametrize("number", [math.inf, -math.inf, math.nan])
def test_special_floats_are_terms_of_the_format(number: float) -> None:
    """Infinities and NaN have no name in a statement; a term of finite numbers stands for them."""
    term = HALF.constant(number).term
    assert HALF.system.equal(evaluate(term, {}, HALF.system), number)
