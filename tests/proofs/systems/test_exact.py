from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proofs.systems import SYSTEMS
from proofs.systems.exact import numeral, parse_numeral
from proofs.systems.number_system import Script, UnsupportedError

REAL, INTEGER = SYSTEMS["real"], SYSTEMS["integer"]


@pytest.mark.parametrize(
    ("value", "real", "written"),
    [
        (0, False, "0"),
        (-3, False, "(- 3)"),
        (Fraction(6, 3), False, "2"),
        (2, True, "2.0"),
        (-2, True, "(- 2.0)"),
        (Fraction(1, 3), True, "(/ 1.0 3.0)"),
        (Fraction(-1, 2), True, "(- (/ 1.0 2.0))"),
    ],
)
def test_numeral(value: int | Fraction, real: bool, written: str) -> None:
    """Int and Real literals; SMT-LIB has no negative ones."""
    assert numeral(value, real) == written


@pytest.mark.parametrize("value", [Fraction(1, 2), Fraction(-7, 3)])
def test_a_fraction_is_no_int(value: Fraction) -> None:
    """A fraction among integers is refused, never cut off."""
    with pytest.raises(UnsupportedError) as caught:
        numeral(value, real=False)
    assert str(caught.value) == f"{abs(value)} is not an integer"


@given(st.fractions() | st.integers().map(Fraction))
def test_numerals_read_back(value: Fraction) -> None:
    """What is written is read as what it was."""
    assert parse_numeral(numeral(value, real=True)) == value
    assert REAL.decode(numeral(value, real=True)) == value
    if value.denominator == 1:
        assert INTEGER.decode(numeral(value, real=False)) == value


@pytest.mark.parametrize(
    ("model", "value"),
    [("7", 7), ("(- 7)", -7), ("1.5", Fraction(3, 2)), ("(/ 1 3)", Fraction(1, 3)),
     ("(/ (- 1) 3)", Fraction(-1, 3)), ("(/ (- 1.0) 3.0)", Fraction(-1, 3)),
     ("-1/3", Fraction(-1, 3))],
)  # fmt: skip
def test_the_solvers_spellings(model: str, value: Fraction | int) -> None:
    """Each solver writes rationals its own way."""
    assert parse_numeral(model) == value


@pytest.mark.parametrize(
    "model",
    [
        "(root-obj (+ (^ x 2) (- 2)) 1)",
        "(_ real_algebraic_number <1*x^2 + (-2), (5/4, 3/2)>)",
        "(+ 1 2)",
        "true",
    ],
)
def test_what_is_not_rational(model: str) -> None:
    """An algebraic number has no numeral and says so."""
    with pytest.raises(UnsupportedError) as caught:
        parse_numeral(model)
    assert str(caught.value) == f"the model value {model} is not rational"


@given(st.integers(-50, 50), st.integers(-50, 50))
def test_integers_are_fractions_without_the_fraction(x: int, y: int) -> None:
    """Integer and Real agree on all that both have; halves round down."""
    for operator in ("add", "sub", "mul", "maximum", "minimum"):
        assert INTEGER.apply(operator, (x, y)) == REAL.apply(operator, (Fraction(x), Fraction(y)))
    for operator in ("neg", "abs", "relu"):
        assert INTEGER.apply(operator, (x,)) == REAL.apply(operator, (Fraction(x),))
    halved = REAL.apply("half", (Fraction(x),))
    assert halved * 2 == x
    assert INTEGER.apply("half", (x,)) == halved - Fraction(x % 2, 2)
    if y:
        quotient = REAL.apply("div", (Fraction(x), Fraction(y)))
        assert quotient * y == x
        assert 0 <= quotient - INTEGER.apply("floordiv", (x, y)) < 1


def test_everything_is_exact_here() -> None:
    """Nothing is out of range or infinite, and an element is its own value."""
    for one in (REAL, INTEGER):
        assert one.finite(one.constant(10**30)) and one.in_range(Fraction(10**30))
        assert one.exact_value(one.constant(-3)) == -3
    assert not REAL.equal(Fraction(1, 3), Fraction(1, 3) + Fraction(1, 10**30))


@pytest.mark.parametrize("operator", ["floordiv", "div"])
def test_each_has_its_own_division(operator: str) -> None:
    """Integers divide and round down, reals divide."""
    lacks = REAL if operator == "floordiv" else INTEGER
    with pytest.raises(UnsupportedError, match=f"^{operator} has no entry for "):
        lacks.apply(operator, (lacks.constant(1), lacks.constant(1)))
    encoder = lacks.encoder(Script("ALL"))
    with pytest.raises(UnsupportedError, match=f"^{operator} has no entry for SMT-LIB's "):
        encoder.number(operator, ["x", "y"])
