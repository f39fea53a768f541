"""What "the maximum" of two floats is, by standard: seven definitions that differ at NaN and zero.

Between two numbers that are not both zero all agree. They differ in what they do with NaN, which
has no place in the order, and with −0 and +0, which are equal and yet told apart by their bits.
Each function is written from the clause that its definition names. Where a standard leaves a
result open, every function that it allows is listed.

Python cannot tell a signalling NaN from a quiet one, so an object of its own stands for it.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

Operation = Callable[[float, float], float]

#: The signalling NaN, told from any other by identity.
SIGNALLING = float("nan")


@dataclass(frozen=True)
class Definition:
    """A maximum with the minimum that belongs to it."""

    name: str
    #: Where it is written.
    clause: str
    #: Every function that the definition allows.
    maxima: tuple[Operation, ...]
    minima: tuple[Operation, ...]
    #: Whether it says what happens to a signalling NaN.
    signalling: bool = False


def maximum(x: float, y: float) -> float:
    """Return IEEE 754-2019's maximum: NaN if either is NaN, and −0 is less than +0.

    Source: IEEE 754-2019, clause 9.6.

    >>> maximum(-0.0, 0.0), maximum(1.0, math.nan)
    (0.0, nan)
    """
    if math.isnan(x) or math.isnan(y):
        return math.nan
    if x == y:
        return x if math.copysign(1.0, x) > 0 else y
    return x if x > y else y


def minimum(x: float, y: float) -> float:
    """Return IEEE 754-2019's minimum: NaN if either is NaN, and −0 is less than +0.

    Source: IEEE 754-2019, clause 9.6.

    >>> minimum(0.0, -0.0)
    -0.0
    """
    if math.isnan(x) or math.isnan(y):
        return math.nan
    if x == y:
        return x if math.copysign(1.0, x) < 0 else y
    return x if x < y else y


def maximum_number(x: float, y: float) -> float:
    """Return IEEE 754-2019's maximumNumber: the number if only one is a number.

    Source: IEEE 754-2019, clause 9.6. A signalling NaN is passed over like a quiet one.

    >>> maximum_number(1.0, math.nan), maximum_number(SIGNALLING, 1.0)
    (1.0, 1.0)
    """
    return _number(maximum, x, y)


def minimum_number(x: float, y: float) -> float:
    """Return IEEE 754-2019's minimumNumber: the number if only one is a number."""
    return _number(minimum, x, y)


def _number(of_numbers: Operation, x: float, y: float) -> float:
    if math.isnan(x):
        return math.nan if math.isnan(y) else y
    return x if math.isnan(y) else of_numbers(x, y)


def _by_comparison(larger: bool) -> Operation:
    """Return ``x > y ? x : y`` or ``x < y ? x : y``, which is what MAXSS and MINSS compute."""

    def compared(x: float, y: float) -> float:
        return x if (x > y if larger else x < y) else y

    return compared


#: What an operation may do with zeros of different sign, where its standard does not say.
_ZERO_RULES: tuple[Operation, ...] = (
    lambda x, y: x,
    lambda x, y: y,
    lambda x, y: 0.0,
    lambda x, y: -0.0,
)


def _open_at_zeros(of_numbers: Operation, quiet_only: bool) -> tuple[Operation, ...]:
    """Return the functions that pass over NaN and give either of two different zeros.

    With ``quiet_only`` a signalling NaN is an invalid operand, and the result NaN.
    """

    def with_rule(rule: Operation) -> Operation:
        def chosen(x: float, y: float) -> float:
            return rule(x, y) if x == y == 0 and str(x) != str(y) else of_numbers(x, y)

        def operation(x: float, y: float) -> float:
            if quiet_only and (x is SIGNALLING or y is SIGNALLING):
                return math.nan
            return _number(chosen, x, y)

        return operation

    return tuple(with_rule(rule) for rule in _ZERO_RULES)


def _python_max(x: float, y: float) -> float:
    return max(x, y)


def _python_min(x: float, y: float) -> float:
    return min(x, y)


DEFINITIONS: tuple[Definition, ...] = (
    Definition(
        "IEEE 754-2019 maximum", "IEEE 754-2019, 9.6", (maximum,), (minimum,), signalling=True
    ),
    Definition(
        "IEEE 754-2019 maximumNumber",
        "IEEE 754-2019, 9.6",
        (maximum_number,),
        (minimum_number,),
        signalling=True,
    ),
    Definition(
        "IEEE 754-2008 maxNum",
        "IEEE 754-2008, 5.3.1 and 6.2",
        _open_at_zeros(maximum, quiet_only=True),
        _open_at_zeros(minimum, quiet_only=True),
        signalling=True,
    ),
    Definition(
        "C fmax",
        "ISO C11, 7.12.12.2 and F.10.9.2",
        _open_at_zeros(maximum, quiet_only=False),
        _open_at_zeros(minimum, quiet_only=False),
    ),
    Definition(
        "SMT-LIB fp.max",
        "SMT-LIB 2.7, theory FloatingPoint",
        _open_at_zeros(maximum, quiet_only=False),
        _open_at_zeros(minimum, quiet_only=False),
    ),
    Definition(
        "a > b ? a : b",
        "x86 MAXSS; the comparison in C",
        (_by_comparison(larger=True),),
        (_by_comparison(larger=False),),
    ),
    Definition(
        "Python max",
        "Python, built-in functions: of equal ones the first",
        (_python_max,),
        (_python_min,),
    ),
)
