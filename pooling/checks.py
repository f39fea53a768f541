"""Checks of single arguments, for ints, arrays and symbols alike.

A condition on ints holds or not, one on arrays holds if it does for some entry, and one on symbols
only if it surely does. No library is imported: an array or a symbol brings its own.
"""

import sys
from collections.abc import Iterable, Sequence
from operator import index
from typing import Any, NoReturn

from pooling.arithmetic import Number

#: The largest entry of an array of 64-bit integers, with which NumPy computes.
LARGEST = 2**63 - 1

_PLAIN = {int}


def check_entries(name: str, value: Sequence[Any], count: int) -> None:
    """Refuse a tuple that does not have ``count`` entries."""
    if len(value) != count:
        wanted = "1 entry" if count == 1 else f"{count} entries"
        raise ValueError(f"{name} must have {wanted}, got {len(value)}: {tuple(value)}")


def per_axis(name: str, value: Any, count: int) -> Sequence[Number]:
    """Return ``value`` once for each of ``count`` axes, or its entries if it has as many."""
    if type(value) is int:
        return (value,) * count
    if not isinstance(value, tuple | list):
        return (integer(name, None, value),) * count
    if len(value) not in (1, count):
        wanted = "1 entry" if count == 1 else f"1 or {count} entries"
        raise ValueError(f"{name} must have {wanted}, got {len(value)}: {tuple(value)}")
    entries: Sequence[Number] = value
    if not are_ints(value):
        entries = [integer(name, axis, entry) for axis, entry in enumerate(value)]
    return entries if len(entries) == count else tuple(entries) * count


def are_ints(value: Sequence[Any]) -> bool:
    """Say at a glance whether all entries are plain ints, as most arguments are.

    >>> are_ints((3, 5)), are_ints((3, True))
    (True, False)
    """
    return {*map(type, value)} == _PLAIN


def integer(name: str, position: int | None, value: Any) -> Number:
    """Return ``value`` as an int, an int64 array or an expression that may be an integer.

    Raises:
        TypeError: A value that is no integer.
        OverflowError: An array of unsigned integers with an entry beyond those of an int64.
    """
    if type(value) is int or is_open(value):
        return value
    where = name if position is None else f"{name}[{position}]"
    if not isinstance(value, bool):
        try:
            return index(value)  # NumPy's and SymPy's integers
        except TypeError:
            pass
        if getattr(getattr(value, "dtype", None), "kind", "") in ("i", "u"):
            if value.dtype.kind == "u" and value.max(initial=0) > LARGEST:
                raise OverflowError(
                    f"{where} must be at most 2**63 - 1 in an array, got {value.max()}"
                )
            # A narrow type would wrap around in the products.
            return value.astype("int64", copy=False)
        # A float has is_integer too, but as a method, which is neither of these.
        if getattr(value, "is_integer", False) in (True, None):
            return value
    raise TypeError(f"{where} must be an integer, got {value!r} of type {type(value).__name__}")


def is_open(value: Any) -> bool:
    """Say whether a size stands for many, as where a module is followed for every size.

    The compiler has such sizes too. There they become numbers: how many windows reach the padding
    decides what is computed.
    """
    torch = sys.modules.get("torch")
    if torch is None or not isinstance(value, torch.SymInt):
        return False
    return not torch.compiler.is_compiling()


def size_of(value: Any) -> Number:
    """Return a size of a tensor as an int, unless it stands for many.

    >>> size_of(5)
    5
    """
    return value if is_open(value) else index(value)


def check_name(name: str, value: Any, known: Iterable[str]) -> None:
    """Refuse what is not one of the ``known`` names.

    >>> check_name("counting", "madds", ("exact", "mac"))
    Traceback (most recent call last):
    ...
    ValueError: unknown counting 'madds'; countings: exact, mac
    """
    known = tuple(known)
    if not isinstance(value, str):
        raise TypeError(
            f"{name} must be one of {', '.join(known)}, got {value!r} of type "
            f"{type(value).__name__}"
        )
    if value not in known:
        kind = name.rpartition("_")[2]
        raise ValueError(f"unknown {name} {value!r}; {kind}s: {', '.join(known)}")


def holds(condition: Any) -> bool:
    """Say whether ``condition`` is true: of ints, of some entry of arrays, surely of symbols."""
    if condition is False or condition is True:
        return condition
    if hasattr(condition, "any"):
        return bool(condition.any())
    return bool(condition == True)  # noqa: E712 - an undecided relation is neither, and has no bool


def refuse(message: str, condition: Any, *values: Number) -> NoReturn:
    """Raise ``message`` with the values of the first entry for which ``condition`` holds."""
    if hasattr(condition, "any"):
        first = int(condition.argmax())
        broadcast_to = sys.modules["numpy"].broadcast_to
        values = tuple(broadcast_to(value, condition.shape).flat[first] for value in values)
    raise ValueError(message.format(*values))
