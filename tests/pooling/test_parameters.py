from __future__ import annotations

import math
import sys
from fractions import Fraction
from typing import Any

import numpy
import pytest
import sympy

from pooling.parameters import check_proportion, check_temperature, check_temperature_in


@pytest.mark.parametrize(
    "temperature", [0, -1, 0.0, math.nan, math.inf, -math.inf, Fraction(-1, 2)]
)
def test_temperatures_that_are_refused(temperature: Any) -> None:
    """There is no limit at 0 or infinity to compute, only one to approach."""
    with pytest.raises(ValueError) as caught:
        check_temperature(temperature)
    assert str(caught.value) == f"temperature must be positive and finite, got {temperature}"


@pytest.mark.parametrize("proportion", [-0.1, 1.5, math.nan, Fraction(3, 2), sympy.Integer(2)])
def test_proportions_that_are_refused(proportion: Any) -> None:
    """A share of more than all, or of less than nothing, is no blend."""
    with pytest.raises(ValueError) as caught:
        check_proportion(proportion)
    assert str(caught.value) == f"proportion must lie between 0 and 1, got {proportion}"


@pytest.mark.parametrize("kind", [float, Fraction, numpy.float32, sympy.Rational])
def test_temperatures_out_of_the_range_of_a_format(kind: Any) -> None:
    """Below its smallest normal number, or above a 1024th of its largest, ends included."""
    limits = (2.0**-14, 65504.0, "float16")
    for temperature in (2.0**-14, 1, 65504 / 1024):
        check_temperature_in(kind(temperature), *limits)
        check_temperature_in(kind(temperature), sys.float_info.min, sys.float_info.max, "float64")
    for temperature in (2.0**-15, 64):
        with pytest.raises(ValueError) as caught:
            check_temperature_in(kind(temperature), *limits)
        assert str(caught.value) == (
            "temperature must be from 6.103515625e-05 to 63.96875 in float16, "
            f"got {kind(temperature)}"
        )


def test_symbols_are_refused_only_if_they_surely_are_wrong() -> None:
    """What is not known of a symbol is not held against it."""
    check_temperature(sympy.Symbol("T"))
    check_temperature_in(sympy.Symbol("T"), 2.0**-14, 65504.0, "float16")
    check_proportion(sympy.Symbol("a"))
    with pytest.raises(ValueError) as caught:
        check_temperature(sympy.Symbol("T", negative=True))
    assert str(caught.value) == "temperature must be positive and finite, got T"


@pytest.mark.parametrize(
    "number", [1, 0.5, Fraction(1, 2), numpy.float16(0.5), sympy.Rational(1, 2)]
)
def test_numbers_of_every_kind_pass(number: Any) -> None:
    """Anything with an order that is a single real number."""
    check_temperature(number)
    check_proportion(number)


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("1", "'1' of type str"),
        (True, "True of type bool"),
        (None, "None of type NoneType"),
        (1j, "1j of type complex"),
        (numpy.array([1.0]), "array([1.]) of type ndarray"),
    ],
)
def test_what_is_no_number(value: Any, shown: str) -> None:
    """A batch of temperatures is no temperature either."""
    for name, check in (("temperature", check_temperature), ("proportion", check_proportion)):
        with pytest.raises(TypeError) as caught:
            check(value)
        assert str(caught.value) == f"{name} must be a number, got {shown}"
