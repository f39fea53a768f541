"""The exact value of a term at one input, in fractions: which way its decisions fall there.

Floating point cannot say on which side of a tie a computed value is, whatever its precision. Of
functions such as log there are fractions that come very near: what is made of the same is the same,
and what is as near to something else as that cannot be told from it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Any

from verify.judge.symbols.terms import Rows, Terms

#: Bits of the values of functions, and up to which size of an argument there are any.
_PRECISION, _LARGEST = 400, 4096
_FUNCTIONS = ("exp", "log", "sigmoid", "sqrt", "power", "tanh")


def exact_values(
    terms: Terms, inputs: Sequence[float | Fraction], wanted: Sequence[int]
) -> list[Any]:
    """Return the values of terms over the reals, ``None`` of what has none, or cannot be told.

    Args:
        terms: A few terms.
        inputs: The elements of the input, finite.
        wanted: The terms that are asked for.

    >>> terms = Terms(1)
    >>> third = terms.weight(Fraction(1, 3))
    >>> found = terms.add("linear", terms.variables[:, None], terms.variables[:, None] * 0 + third)
    >>> exact_values(terms, [1.0], found)
    [Fraction(1, 3)]
    """
    values: list[Any] = []
    near: list[bool] = []
    elements = iter(inputs)
    for block in terms.blocks:
        for row in range(block.rows):
            if block.operator == "variable":
                values.append(Fraction(next(elements)))
            elif block.operator == "constant":
                value = terms.values[block.start]
                values.append(value if isinstance(value, bool | float) else Fraction(value))
            else:
                args = block.args[row].tolist()
                function = block.operator in _FUNCTIONS
                near.append(function or any(near[a] for a in args))
                if function:
                    values.append(_function(block, values[args[0]]))
                elif near[-1] and _undecided(block, [values[a] for a in args]):
                    values.append(None)
                else:
                    values.append(_value(terms, block, row, values))
                continue
            near.append(False)
    return [values[int(term)] for term in wanted]


def _value(terms: Terms, block: Rows, row: int, values: list[Any]) -> Any:
    args = [values[a] for a in block.args[row].tolist()]
    if block.operator == "select" and args[0] is not None:
        return args[1] if args[0] else args[2]
    if block.operator == "and" and any(a is False for a in args):
        return False
    if block.operator == "or" and any(a is True for a in args):
        return True
    if any(a is None or a != a for a in args):
        return None
    if block.operator == "linear":
        assert block.weights is not None
        weights = block.weights[row if len(block.weights) > 1 else 0].tolist()
        return sum((terms.weights[w] * a for w, a in zip(weights, args, strict=True)), Fraction(0))
    if block.operator in ("pick", "rank"):
        return _placed(block, args)
    compute = _EXACT.get(block.operator)
    if compute is None or (block.operator == "div" and args[1] == 0):
        return None
    return compute(args)


def _undecided(block: Rows, args: list[Any]) -> bool:
    """Say whether a comparison is of numbers that are too near to each other, and not the same."""
    if block.operator not in ("lt", "le", "eq") or any(a is None or a != a for a in args):
        return False
    apart = abs(args[0] - args[1])
    return bool(0 < apart <= max(abs(args[0]), abs(args[1])) / (1 << _PRECISION // 2))


def _function(block: Rows, x: Any) -> Fraction | None:
    """Return a fraction very near to a function's value, ``None`` if there is none at hand."""
    import mpmath

    if (
        isinstance(x, bool)
        or not isinstance(x, Fraction)
        or abs(x) > _LARGEST
        or (block.operator == "log" and x <= 0)
    ):
        return None
    with mpmath.workprec(_PRECISION):
        given = mpmath.mpf(x.numerator) / x.denominator
        if block.operator in ("sqrt", "power") and x < 0:
            return None
        if block.operator == "power":
            exponent: Any = block.data
            if x == 0 and exponent < 0:
                return None
            found = given ** (mpmath.mpf(exponent.numerator) / exponent.denominator)
        elif block.operator == "sigmoid":
            found = 1 / (1 + mpmath.exp(-given))
        else:
            found = getattr(mpmath, block.operator)(given)
        sign, mantissa, scale, _ = found._mpf_
    made = Fraction(int(mantissa)) * Fraction(2) ** int(scale)
    return -made if sign else made


def _placed(block: Rows, args: list[Any]) -> Any:
    """Return the value that stands where the key is largest, or has a place in the order."""
    half = len(args) // 2
    keys = args[half:]
    if block.operator == "pick":
        return args[keys.index(max(keys))]
    order: Any = block.data
    if order.ties is not None and len(set(keys)) < half:
        return None  # the order of equal ones is nobody's
    places = sorted(range(half), key=lambda i: -keys[i] if order.descending else keys[i])
    return args[places[order.rank]]


_EXACT: dict[str, Callable[[list[Any]], Any]] = {
    "max": max,
    "min": min,
    "mul": lambda args: args[0] * args[1],
    "div": lambda args: args[0] / args[1],
    "lt": lambda args: args[0] < args[1],
    "le": lambda args: args[0] <= args[1],
    "eq": lambda args: args[0] == args[1],
    "not": lambda args: not args[0],
    "and": all,
    "or": any,
    "floor": lambda args: Fraction(math.floor(args[0])),
    "round": lambda args: Fraction(round(args[0])),
}
