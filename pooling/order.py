"""Taps in order of size, as the poolings take them that choose by rank.

Numbers are sorted. Symbols have no order, and a number that counts what is done to it has to be
asked: objects are compared in pairs, and a pass over those that are left carries the largest of
them to the end. A window with a NaN has no order, and all of it is NaN.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pooling.arithmetic import _is_symbol, maximum, minimum
from pooling.checks import integer

if TYPE_CHECKING:
    from pooling.evaluation import Array


def check_whole(name: str, value: Any) -> None:
    """Refuse what is no integer of at least 1.

    >>> check_whole("k", 0)
    Traceback (most recent call last):
    ...
    ValueError: k must be at least 1, got 0
    """
    number = integer(name, None, value)
    if not isinstance(number, int):
        raise TypeError(f"{name} must be an integer, got {value!r} of type {type(value).__name__}")
    if number < 1:
        raise ValueError(f"{name} must be at least 1, got {value}")


def largest_first(taps: list[Array], count: int) -> list[Array]:
    """Return the ``count`` largest of the taps, the largest first, all NaN beside a NaN.

    >>> import numpy
    >>> [one.tolist() for one in largest_first([numpy.array([x]) for x in (3, 5, 4)], 2)]
    [[5], [4]]
    """
    import numpy

    if taps[0].dtype != object:
        stacked = numpy.stack(taps)
        ordered = numpy.sort(stacked, axis=0)[::-1]
        if stacked.dtype.kind not in "biu":  # bfloat16 and the like are of no kind of NumPy's
            ordered = numpy.where(numpy.isnan(stacked).any(0), stacked.dtype.type("nan"), ordered)
        return [*ordered[:count]]
    exchange = numpy.frompyfunc(_exchange, 2, 2)
    left, found = [*taps], []
    for _ in range(count):
        largest, rest = left[0], []
        for tap in left[1:]:
            largest, smaller = exchange(largest, tap)
            rest.append(smaller)
        found.append(largest)
        left = rest
    return found


def _exchange(a: Any, b: Any) -> tuple[Any, Any]:
    """Return the larger of two numbers and the smaller, by one comparison where there is one."""
    if any(_is_symbol(one) or hasattr(one, "maximum") for one in (a, b)):
        return maximum(a, b), minimum(a, b)
    for one in (a, b):
        if one != one:
            return one, one
    return (a, b) if a >= b else (b, a)
