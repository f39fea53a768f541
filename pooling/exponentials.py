"""Exponentials and logarithms of any numbers, as the tempered poolings take them.

Floats are shifted by the largest tap of a window first, so that nothing overflows; symbols have no
order and do not overflow, and stay as they are.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import reduce
from itertools import chain
from math import inf
from typing import TYPE_CHECKING, Any

from pooling.arithmetic import _is_symbol, maximum
from pooling.parameters import Real, check_temperature_in

if TYPE_CHECKING:
    from pooling.evaluation import Array


def temperature_for(array: Array, temperature: Real) -> Any:
    """Return a temperature as a number that the numbers of ``array`` can be combined with.

    Raises ``ValueError`` if an array is computed in float64 and the temperature out of its range.
    """
    if array.dtype == object:
        return temperature
    check_temperature_in(temperature, sys.float_info.min, sys.float_info.max, "float64")
    return float(temperature)


def has_exponential(value: Any) -> bool:
    """Say whether a number is a symbol, or brings an exponential of its own."""
    return _is_symbol(value) or hasattr(value, "exp")


def exponents(taps: list[Array], largest: Array, temperature: Any) -> list[Array]:
    """Return (tap − largest)/T for every tap, so that no exponential overflows."""
    by = shift(largest)
    shifted = [tap - by for tap in taps]
    return shifted if temperature == 1 else [value / temperature for value in shifted]


def largest_of(taps: list[Array]) -> Array:
    """Return the largest tap, or NaN; 0 of symbols, which have no order and do not overflow."""
    import numpy

    larger: Callable[[Array, Array], Array] = numpy.maximum
    if taps[0].dtype == object:
        if any(map(_is_symbol, chain(*taps))):
            return numpy.zeros_like(taps[0])
        larger = numpy.frompyfunc(lambda a, b: a if a != a else maximum(a, b), 2, 1)
    return reduce(larger, taps)


def shift(largest: Array) -> Array:
    """Return what is subtracted of every tap: nothing in place of an infinity."""
    import numpy

    return numpy.where(infinite(largest), 0, largest)


def infinite(values: Array) -> Array:
    """Say of every value whether it is infinite."""
    infinite: Array = (values == inf) | (values == -inf)
    return infinite


def elementwise(function: str, values: Array) -> Array:
    """Return exp or log of every value: NumPy's, a symbol's, or that of a number of its own."""
    import numpy

    if values.dtype != object:
        result: Array = getattr(numpy, function)(values)
        return result

    def of(value: Any) -> Any:
        if _is_symbol(value):
            return getattr(sys.modules["sympy"], function)(value)
        if hasattr(value, function):
            return getattr(value, function)()
        return float(getattr(numpy, function)(float(value)))

    mapped: Array = numpy.frompyfunc(of, 1, 1)(values)
    return mapped
