"""The elements that a sweep pairs with each other, in the order in which it does."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy

from proofs.systems import SYSTEMS
from proofs.systems.floats import FloatFormat

#: Formats of more bits than these are sampled, with about this many elements.
MOST_BITS = 16
SAMPLED = 1 << 15


@dataclass(frozen=True, eq=False)
class Elements:
    """Elements of a format, simplest first; pairs of them go by the first, then by the second.

    Those without a sign come first, then the negative ones, the infinities and the NaNs. Within
    each, an element comes before another if it has fewer significant bits or, with as many, if it
    is nearer to 1 by a power of two: 0, 1, 2, 1/2, 4, 1/4, …, 3/2, 3, …
    """

    #: In float64 if that is the format, else in float32, which holds them.
    values: Any
    #: How many have no sign and are finite, and how many are finite.
    non_negative: int
    finite: int
    #: Whether these are all elements of the format, NaNs with every payload included.
    complete: bool

    def __len__(self) -> int:
        return len(self.values)


@lru_cache(maxsize=8)
def elements(name: str, seed: int = 0) -> Elements:
    """Return every element of a format of up to 16 bits, or a sample that is drawn with ``seed``.

    A sample has random significands, equally many for every exponent and sign, and besides them
    all special values: zeros, the smallest and the largest numbers, neighbours of 1, infinities,
    NaN. Of all pairs of its elements as many have each difference of exponents as in the format.

    Raises ``KeyError`` if ``name`` is no float format.

    >>> elements("float16").values[:6].tolist()
    [0.0, 1.0, 2.0, 0.5, 4.0, 0.25]
    """
    system = SYSTEMS[name]
    if not isinstance(system, FloatFormat):
        raise KeyError(f"{name} is no float format")
    complete = system.bits <= MOST_BITS
    values = _every(system) if complete else _sample(system, seed)
    kind = numpy.select(
        [numpy.isnan(values), numpy.isinf(values), numpy.signbit(values)], [3, 2, 1], 0
    )
    order = _simplest_first(values, kind)
    values, kind = numpy.ascontiguousarray(values[order]), kind[order]
    values.flags.writeable = False
    ends = numpy.searchsorted(kind, [1, 2])
    return Elements(values, int(ends[0]), int(ends[1]), complete)


def _every(system: FloatFormat) -> Any:
    """Return the elements in the order of their bit patterns."""
    if system.bits <= 8:
        patterns = range(1 << system.bits)
        return numpy.array([system.from_bits(bits) for bits in patterns], dtype=numpy.float32)
    patterns_16 = numpy.arange(1 << system.bits, dtype=numpy.uint32)
    if system.exponent_bits == 8:
        return (patterns_16 << (32 - system.bits)).view(numpy.float32)
    return patterns_16.astype(numpy.uint16).view(numpy.float16).astype(numpy.float32)


def _sample(system: FloatFormat, seed: int) -> Any:
    stored = system.precision - 1
    exponents = (1 << system.exponent_bits) - 1  # the last is that of infinities and NaNs
    each = SAMPLED // (2 * exponents)
    word = numpy.dtype(f"uint{system.bits}")
    shape = (2, exponents, each)
    random = numpy.random.default_rng(seed)
    significands = random.integers(0, 1 << stored, size=shape, dtype=word)
    signs = numpy.arange(2, dtype=word).reshape(2, 1, 1) << word.type(system.bits - 1)
    powers = numpy.arange(exponents, dtype=word).reshape(1, -1, 1) << word.type(stored)
    drawn = (signs | powers | significands).flatten().view(system.dtype)
    special = numpy.array(list(system.simple_values()), dtype=drawn.dtype)
    return numpy.concatenate([special, drawn])


def _simplest_first(values: Any, kind: Any) -> Any:
    """Return the order of elements described in :class:`Elements`."""
    finite = numpy.where(kind < 2, numpy.abs(values), 0).astype(numpy.float64)
    fractions, exponents = numpy.frexp(finite)
    integers = (fractions * 2.0**53).astype(numpy.int64)
    lowest = numpy.frexp((integers & -integers).astype(numpy.float64))[1]
    significant = numpy.where(integers == 0, 0, 54 - lowest)
    exponents = numpy.where(integers == 0, 0, exponents - 1)
    # Two infinities, or elements that are drawn twice, have the order of their signs.
    keys = (numpy.signbit(values), finite, exponents < 0, abs(exponents), significant, kind)
    return numpy.lexsort(keys)
