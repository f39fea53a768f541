"""Batches of configurations: whether their arrays go together, and what they count into 64 bits.

Apart from the registry because ints and symbols need none of it. NumPy's integers have 64 bits and
wrap around in silence, so a batch whose counts may not fit is refused before anything is counted.
One look at the largest entry of each array settles that, whatever the formula.
"""

import sys
from collections.abc import Iterator, Mapping, Sequence
from math import prod
from operator import index
from typing import Any

from pooling.checks import LARGEST

#: Everything counted or met on the way, sums over all kinds of operation and bytes included, is at
#: most this many times the bounds in :func:`_check_range`.
_MARGIN = 128


def check_arrays(
    operator: str, dimensions: int, shape: Sequence[Any], arguments: Mapping[str, Any]
) -> None:
    """Refuse arrays that do not broadcast, and configurations too large for 64 bits.

    ``shape`` and the named ``arguments`` are as a user gave them, checked by nobody yet: what is
    wrong with them otherwise is left to who reads them.

    The counts of a batch are bounded by those of its largest entries together, and generously: what
    passes does fit, and what is refused might have.

    Raises:
        ValueError: Arrays that do not broadcast; the message names them and their shapes.
        OverflowError: Counts that may exceed 2⁶³ − 1; the message names the largest entries.

    >>> import numpy
    >>> check_arrays("max_pool1d", 1, (numpy.array([1, 2]), 8), {"kernel_size": numpy.arange(3)})
    Traceback (most recent call last):
    ...
    ValueError: arrays must broadcast, got shape[0] with shape (2,), kernel_size with shape (3,)
    """
    arrays = {
        where: entry
        for name, value in {"shape": shape, **arguments}.items()
        for where, entry in _entries(name, value)
        if _is_integer_array(entry)
    }
    if not arrays or not isinstance(shape, tuple | list):
        return
    shapes = {where: array.shape for where, array in arrays.items()}
    try:
        sys.modules["numpy"].broadcast_shapes(*shapes.values())
    except ValueError:
        got = ", ".join(f"{where} with shape {found}" for where, found in shapes.items())
        raise ValueError(f"arrays must broadcast, got {got}") from None
    _check_range(operator, dimensions, shape, arguments)


def _check_range(
    operator: str, dimensions: int, shape: Sequence[Any], arguments: Mapping[str, Any]
) -> None:
    most = [_largest(size) for size in shape]
    windows = [
        _per_axis(arguments.get(name), dimensions)
        for name in ("kernel_size", "stride", "dilation", "output_size")
    ]
    padding = 2 * max(
        (_largest(entry) for _, entry in _entries("", arguments.get("padding"))), default=0
    )
    counted, places = prod(most[:-dimensions]), 0
    for size, kernel_size, stride, dilation, output_size in zip(
        most[-dimensions:], *windows, strict=False
    ):
        window, apart = _largest(kernel_size), _largest(dilation)
        padded = size + padding
        # Along an axis no count exceeds this: outputs · kernel_size is the largest of them.
        counted *= (
            padded * window // _smallest(stride)
            + padded
            + 2 * window
            + apart
            + _largest(output_size)
        )
        places = max(places, padded + apart * (window + _largest(stride)))
    if _MARGIN * max(counted, places) > LARGEST:
        entries = [f"shape {tuple(most)}"]
        entries += [
            f"{name} {[_largest(entry) for _, entry in _entries(name, value)]}"
            for name, value in arguments.items()
            if any(_is_integer_array(entry) for _, entry in _entries(name, value))
        ]
        raise OverflowError(
            f"counts of {operator} may exceed 2**63 - 1, where arrays wrap around; the largest "
            f"entries are {', '.join(entries)}: smaller batches or ints, which have no limit, do"
        )


def _entries(name: str, value: Any) -> Iterator[tuple[str, Any]]:
    """Yield the numbers of an argument, each by its place."""
    if not isinstance(value, tuple | list):
        yield name, value
        return
    for position, entry in enumerate(value):
        yield from _entries(f"{name}[{position}]", entry)


def _per_axis(value: Any, dimensions: int) -> Sequence[Any]:
    entries = value if isinstance(value, tuple | list) else (value,)
    return tuple(entries) * dimensions if len(entries) == 1 else entries or (None,) * dimensions


def _largest(value: Any) -> int:
    """Return the largest entry, at least 1; of what is no number, or none yet, 1."""
    try:
        return max(index(value.max(initial=0) if _is_integer_array(value) else value), 1)
    except TypeError:
        return 1


def _smallest(value: Any) -> int:
    """Return the smallest entry, at least 1."""
    return _largest(value.min() if _is_integer_array(value) and value.size else value)


def _is_integer_array(value: Any) -> bool:
    """Say whether ``value`` is computed with in NumPy's integers; a single one becomes an int."""
    return getattr(getattr(value, "dtype", None), "kind", "") in ("i", "u") and value.ndim > 0
