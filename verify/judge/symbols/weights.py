"""How the numbers in a module are read: the weights of a network are floats, its author meant 1/9.

Over the reals a float stands for the simplest fraction that rounds to it in its dtype, the one
with the smallest denominator: 0.11111111 in float32 is 1/9, 0.1 is 1/10, and 0.25 is 1/4. One that
is no simple fraction, but the logarithm of a small whole number, stands for that. In a number
system of floats it stands for itself.
"""

from __future__ import annotations

import math
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy

from proofs.systems import SYSTEMS
from proofs.systems.floats import FloatFormat, floor_log2
from verify.judge.symbols.algebra import Algebra, NoTermError
from verify.judge.symbols.terms import Ids

if TYPE_CHECKING:
    import torch


#: Fractions with a larger denominator may be meant as logarithms …
SIMPLE = 1000
#: … of whole numbers up to this one, such as the number of taps of a window.
LARGEST_WHOLE = 1024


def simplest_between(low: Fraction, high: Fraction) -> Fraction:
    """Return the fraction with the smallest denominator in the closed interval, found by Euclid.

    Source: Stern 1858 and Brocot 1861; the continued fractions of both ends agree up to it.

    >>> simplest_between(Fraction(11, 100), Fraction(12, 100))
    Fraction(1, 9)
    """
    if low <= 0 <= high:
        return Fraction(0)
    if high < 0:
        return -simplest_between(-high, -low)
    whole = math.ceil(low)
    if whole <= high:
        return Fraction(whole)
    below = whole - 1
    return below + 1 / simplest_between(1 / (high - below), 1 / (low - below))


def simplest_fraction(number: float, dtype: str = "float64") -> Fraction:
    """Return the simplest fraction that rounds to the finite ``number`` in ``dtype``.

    Args:
        number: A finite number of the dtype.
        dtype: torch's name of a float dtype.

    >>> import numpy
    >>> simplest_fraction(float(numpy.float32(1) / numpy.float32(9)), "float32")
    Fraction(1, 9)
    >>> simplest_fraction(0.1), simplest_fraction(-0.75), simplest_fraction(3.0)
    (Fraction(1, 10), Fraction(-3, 4), Fraction(3, 1))
    """
    exact = Fraction(number)
    if exact.denominator == 1:
        return exact
    system = SYSTEMS[dtype]
    assert isinstance(system, FloatFormat)
    gap = system.ulp(exact)
    assert gap is not None  # of a finite number
    # Half a gap to either side rounds back here; below a power of two the gap is half as wide. The
    # ends themselves may round elsewhere, but ``exact`` between them is simpler than they are.
    below = gap / 2 if abs(exact) == Fraction(2) ** floor_log2(abs(exact)) else gap
    towards, away = abs(exact) - below / 2, abs(exact) + gap / 2
    magnitude = simplest_between(towards, away)
    return magnitude if exact > 0 else -magnitude


def _exponential(number: float, dtype: str) -> int | None:
    """Return the whole number whose logarithm rounds to ``number``, if there is one."""
    import torch

    whole = round(math.exp(number)) if number < math.log(LARGEST_WHOLE) else 0
    if whole < 2:
        return None
    rounded = torch.tensor(math.log(whole), dtype=getattr(torch, dtype)).item()
    return whole if rounded == number else None


def constants(tensor: torch.Tensor, algebra: Algebra) -> Ids:
    """Return the terms that the numbers of a tensor stand for, in an array of its shape.

    Raises ``NoTermError`` for a dtype or a number that the number system does not have.
    """
    dtype = str(tensor.dtype).removeprefix("torch.")
    if tensor.is_complex() or (tensor.is_floating_point() and dtype not in SYSTEMS):
        raise NoTermError(f"a tensor of {dtype}")
    numbers = tensor.detach()
    flat = (numbers.double() if numbers.is_floating_point() else numbers).flatten().numpy()
    distinct, inverse = numpy.unique(flat, return_inverse=True)
    terms = [_constant(number, dtype, algebra) for number in distinct.tolist()]
    return numpy.array(terms, numpy.int32)[inverse].reshape(tuple(tensor.shape))


def _constant(number: Any, dtype: str, algebra: Algebra) -> int:
    if isinstance(number, bool | int) or not math.isfinite(number):
        return algebra.constant(number)
    if not algebra.real:
        return algebra.constant(Fraction(number))
    meant = simplest_fraction(number, dtype)
    if meant.denominator > SIMPLE:
        whole = _exponential(abs(number), dtype)
        if whole is not None:
            algebra.logarithms[number] = whole
            found = algebra.function("log", algebra.constant(whole))
            return int(found if number > 0 else algebra.negative(found))
    if meant != Fraction(number):
        algebra.readings[number] = meant
    return algebra.constant(meant)
