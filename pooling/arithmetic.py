"""The few operations that ints, NumPy arrays, SymPy expressions and proof terms spell differently.

Every formula of the project is written once, with ``+ - * //`` and the functions below, and is
then evaluated on Python ints, on whole NumPy arrays, on SymPy symbols and on the terms that the
provers read. Nothing heavy is imported here: an array or a symbol can only arrive if its library
is already loaded.
"""

import sys
from collections.abc import Callable
from typing import Any

#: What a formula takes and returns: an ``int``, an integer NumPy array, a SymPy expression or a
#: proof term. Python's type system has no name for "has + - * // and an order", hence ``Any``.
Number = Any


def _is_array(value: object) -> bool:
    numpy = sys.modules.get("numpy")
    return numpy is not None and isinstance(value, (numpy.ndarray, numpy.generic))


def _is_symbol(value: object) -> bool:
    sympy = sys.modules.get("sympy")
    return sympy is not None and isinstance(value, sympy.Basic)


def maximum(a: Number, b: Number) -> Number:
    """Return the larger of ``a`` and ``b``, elementwise for arrays, symbolic for symbols.

    >>> maximum(2, -3)
    2
    """
    if type(a) is int and type(b) is int:
        return a if a >= b else b
    if hasattr(a, "maximum"):
        return a.maximum(b)
    if hasattr(b, "maximum"):
        return b.maximum(a)
    if _is_symbol(a) or _is_symbol(b):
        return sys.modules["sympy"].Max(a, b)
    if _is_array(a) or _is_array(b):
        return sys.modules["numpy"].maximum(a, b)
    return a if a >= b else b


def minimum(a: Number, b: Number) -> Number:
    """Return the smaller of ``a`` and ``b``, elementwise for arrays, symbolic for symbols.

    >>> minimum(2, -3)
    -3
    """
    if type(a) is int and type(b) is int:
        return a if a <= b else b
    if hasattr(a, "minimum"):
        return a.minimum(b)
    if hasattr(b, "minimum"):
        return b.minimum(a)
    if _is_symbol(a) or _is_symbol(b):
        return sys.modules["sympy"].Min(a, b)
    if _is_array(a) or _is_array(b):
        return sys.modules["numpy"].minimum(a, b)
    return a if a <= b else b


def clamp(value: Number, low: Number, high: Number) -> Number:
    """Return ``value`` moved into ``[low, high]``; ``high`` wins if the two cross.

    >>> clamp(9, 0, 4)
    4
    """
    return minimum(maximum(value, low), high)


def ceil_divide(a: Number, b: Number) -> Number:
    """Return ⌈a / b⌉ for ``b`` ≥ 1.

    >>> ceil_divide(7, 2), ceil_divide(-7, 2)
    (4, -3)
    """
    return -((-a) // b)


def halve(value: Number) -> Number:
    """Return half of an even number.

    >>> halve(-6)
    -3
    """
    return value // 2 if type(value) is int or not _is_symbol(value) else value / 2


def total(count: Number, term: Callable[[Any], Number]) -> Number:
    """Return term(0) + … + term(count − 1).

    An int ``count`` is summed term by term, an array of counts with the terms past each count
    left out, a symbolic one becomes a ``sympy.Sum``.

    >>> total(4, lambda i: i * i)
    14
    """
    if _is_symbol(count) and not count.is_Integer:
        sympy = sys.modules["sympy"]
        index = sympy.Dummy("j", integer=True, nonnegative=True)
        return sympy.Sum(term(index), (index, 0, count - 1))
    if _is_array(count):
        numpy = sys.modules["numpy"]
        longest = int(numpy.max(count, initial=0))
        return sum((numpy.where(i < count, term(i), 0) for i in range(longest)), 0 * count)
    return sum(term(i) for i in range(int(count)))
