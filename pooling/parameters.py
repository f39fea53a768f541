"""The parameters of the generalised poolings, checked: a temperature, a mixing proportion.

Apart from the definitions that take them because the cost model asks the same questions, and has
no use for the rest.
"""

from math import inf
from typing import Any

from pooling.checks import holds

#: A real number of any kind: an int, a float, a fraction or a symbol.
Real = Any


def check_temperature(temperature: Real) -> None:
    """Refuse a temperature that is not a positive, finite number.

    A symbol passes unless it is known to be neither.

    >>> check_temperature(0)
    Traceback (most recent call last):
    ...
    ValueError: temperature must be positive and finite, got 0
    """
    _check_number("temperature", temperature)
    unordered = temperature != temperature
    if unordered or holds(temperature <= 0) or holds(temperature == inf):
        raise ValueError(f"temperature must be positive and finite, got {temperature}")


def check_temperature_in(temperature: Real, smallest: float, largest: float, dtype: str) -> None:
    """Refuse a temperature with which a float format cannot be computed.

    Below its smallest normal number a temperature loses digits, and becomes 0 in the end. Above a
    1024th of its largest number, T times a logarithm may be infinite, and so may the difference of
    two taps without being 1024 times T, from where on its exponential is 0 in any format.

    Args:
        temperature: A positive number, or a symbol.
        smallest: The smallest normal number of the format.
        largest: Its largest number.
        dtype: Its name.

    >>> check_temperature_in(65, 2.0**-14, 65504, "float16")
    Traceback (most recent call last):
    ...
    ValueError: temperature must be from 6.103515625e-05 to 63.96875 in float16, got 65
    """
    # A float of NumPy would be compared in its own format, in which the limits need not exist.
    temperature = temperature.item() if hasattr(temperature, "item") else temperature
    if holds(temperature < smallest) or holds(temperature > largest / 1024):
        raise ValueError(
            f"temperature must be from {smallest} to {largest / 1024} in {dtype}, got {temperature}"
        )


def check_proportion(proportion: Real) -> None:
    """Refuse a proportion that is no number from 0 to 1.

    >>> check_proportion(1.5)
    Traceback (most recent call last):
    ...
    ValueError: proportion must lie between 0 and 1, got 1.5
    """
    _check_number("proportion", proportion)
    if proportion != proportion or holds(proportion < 0) or holds(proportion > 1):
        raise ValueError(f"proportion must lie between 0 and 1, got {proportion}")


def _check_number(name: str, value: Any) -> None:
    number = hasattr(value, "__float__") and not getattr(value, "shape", ())
    if isinstance(value, bool) or not number:
        raise TypeError(f"{name} must be a number, got {value!r} of type {type(value).__name__}")
