"""Outputs that are maxima of the same elements, found for all places at once.

A maximum of maxima is the maximum of all their elements: max is associative, commutative and
idempotent in every number system here, rounded, wrapped or with NaN. So a term is a set of
elements, a row of bits, and where two sides have the same set they are equal.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy

from verify.judge.symbols.terms import Ids, Terms

if TYPE_CHECKING:
    from numpy.typing import NDArray

#: Bits, at most, that are kept at a time.
MOST = 1 << 27


def same_maxima(terms: Terms, left: Ids, right: Ids) -> NDArray[numpy.bool_]:
    """Say where two arrays of terms are maxima of the same elements.

    Anything that is no maximum counts as an element; -∞ is the maximum of none.

    >>> terms = Terms(3)
    >>> a, b, c = terms.variables
    >>> (ab,) = terms.add("max", numpy.array([[a, b]]))
    >>> (bc,) = terms.add("max", numpy.array([[b, c]]))
    >>> one = terms.add("max", numpy.array([[ab, c], [ab, ab]]))
    >>> other = terms.add("max", numpy.array([[a, bc], [ab, c]]))
    >>> same_maxima(terms, one, other).tolist()
    [True, False]
    """
    found = left == right
    used = _used(terms, numpy.concatenate([left.reshape(-1), right.reshape(-1)]))
    maxima = numpy.zeros(terms.size, bool)
    for block in terms.blocks:
        if block.operator == "max":
            maxima[block.start : block.start + block.rows] = True
    atoms = numpy.flatnonzero(used & ~maxima)
    width = -(-len(atoms) // 8)
    if width * terms.size * 8 > MOST:
        return numpy.asarray(found)
    rows = numpy.zeros((terms.size, width), numpy.uint8)
    least = [n for n, value in terms.values.items() if value == -math.inf]
    for number, atom in enumerate(atoms.tolist()):
        if atom not in least:
            rows[atom, number // 8] |= 1 << number % 8
    for block in terms.blocks:
        if block.operator == "max":
            inside = slice(block.start, block.start + block.rows)
            here = numpy.flatnonzero(used[inside])
            rows[block.start + here] = numpy.bitwise_or.reduce(rows[block.args[here]], axis=1)
    return numpy.asarray(found | (rows[left] == rows[right]).all(axis=-1))


def _used(terms: Terms, ends: Ids) -> NDArray[Any]:
    """Say which terms outputs consist of: maxima, what these are of, and no further."""
    used = numpy.zeros(terms.size, bool)
    used[ends] = True
    for block in reversed(terms.blocks):
        if block.operator == "max":
            here = used[block.start : block.start + block.rows]
            used[block.args[here].reshape(-1)] = True
    return used
