"""Elements at places: known ones, and places of extremes or ranks, and what is computed of these.

A place that depends on the input is one of few numbers, and which one is decided by where the
largest element stands. Whatever is done with such a place is done with each of the numbers that it
can be: an element there is ``pick(v; w)``, of elements v that stand in these places.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy
import torch

from verify.judge.operators.movement import as_tensor, as_terms
from verify.judge.operators.registry import interprets
from verify.judge.symbols.algebra import NoTermError
from verify.judge.symbols.terms import ZERO, Ids, Terms, possible, rows_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from verify.judge.watching.reader import Reader

aten = torch.ops.aten
#: A place that can be more numbers than this is not followed.
MOST_NUMBERS = 1 << 12
#: Takes known numbers, one for each place asked about; returns a term.
Made = Callable[[tuple[int, ...]], int]
_COMPUTED = "elements at places that are computed from the input"


class _Chosen:
    """Terms of which the choices by where an extreme stands are made one after the other."""

    def __init__(self, terms: Terms) -> None:
        self.terms = terms
        #: Operator, order and keys of a choice → which of its values is chosen.
        self.choices: dict[Hashable, int] = {}

    def value(self, term: int) -> Fraction | Hashable:
        """Return the number that a term is; of an open choice the key of it, as a tuple.

        Raises ``NoTermError`` if it is no number of a few.
        """
        known = self.terms.values.get(term)
        if known is not None:
            if isinstance(known, float):
                raise NoTermError(_COMPUTED)
            return Fraction(known)
        block = self.terms.block_of(term)
        args, weights = rows_of(numpy.array([term], numpy.int32), self.terms)
        row = args[0].tolist()
        if block.operator in ("pick", "rank"):
            half = len(row) // 2
            key = (block.operator, block.data, tuple(row[half:]))
            return self.value(row[self.choices[key]]) if key in self.choices else key
        if block.operator not in ("linear", "floor", "max", "min"):
            raise NoTermError(_COMPUTED)
        found = []
        for arg in row:
            inner = self.value(arg)
            if not isinstance(inner, Fraction):
                return inner
            found.append(inner)
        if block.operator == "linear":
            assert weights is not None
            factors = [self.terms.weights[int(w)] for w in weights[0]]
            return sum((w * v for w, v in zip(factors, found, strict=True)), Fraction(0))
        if block.operator == "floor":
            return Fraction(math.floor(found[0]))
        return max(found) if block.operator == "max" else min(found)


def chosen(o: Reader, places: Sequence[int], make: Made) -> int:
    """Return the term that ``make`` gives for places, whichever numbers they turn out to be."""
    state = _Chosen(o.terms)
    left = MOST_NUMBERS

    def made() -> int:
        nonlocal left
        found: list[int] = []
        for place in places:
            value = state.value(int(place))
            if isinstance(value, Fraction):
                found.append(int(value))
                continue
            key: Any = value
            results = []
            for number in range(len(key[2])):
                state.choices[key] = number
                results.append(made())
            del state.choices[key]
            keys = numpy.array([key[2]], numpy.int32)
            row = numpy.array([results], numpy.int32)
            if key[0] == "pick":
                return int(o.algebra.pick(row, keys)[0])
            return int(o.algebra.rank(row, keys, key[1])[0])
        left -= 1
        if left < 0:
            raise NoTermError(f"a place that can be more than {MOST_NUMBERS} numbers")
        return make(tuple(found))

    return made()


def is_there(o: Reader, place: int, number: int) -> int:
    """Return whether a place is a number, as a truth value."""
    here = chosen(o, [place], lambda known: o.algebra.constant(int(known[0] == number)))
    return int(o.algebra.compare("eq", here, o.algebra.constant(1)).reshape(()))


def inside(o: Reader, places: Ids, length: int) -> None:
    """Refuse places of which torch may say, on some input, that they are out of bounds.

    Raises:
        NoTermError: One may be negative, or beyond the end.
    """
    for place in numpy.unique(places).tolist():
        numbers = possible(o.terms, place)
        if numbers is None:
            raise NoTermError(_COMPUTED)
        if min(numbers) < 0 or max(numbers) >= length:
            raise NoTermError("a place that may be out of bounds")


def handed_out(o: Reader, places: Ids, given: Ids) -> tuple[NDArray[Any], NDArray[Any], Ids]:
    """Return what arrives where of terms that are written at places, each at one of a few.

    Args:
        o: What is asked for terms.
        places: Terms of places, of shape ``(n,)``.
        given: The terms that go there, as many.

    Returns:
        Three arrays of one length: which of the terms, a place where it may come to stand, and
        what then stands there of it: the term, or 0 if it goes elsewhere.

    Raises:
        NoTermError: A place can be anything.
    """
    whose: list[NDArray[Any]] = []
    targets: list[NDArray[Any]] = []
    sources: list[Ids] = []

    def add(which: NDArray[Any], where: Any, what: Ids) -> None:
        whose.append(which)
        targets.append(numpy.broadcast_to(numpy.asarray(where, numpy.int64), which.shape))
        sources.append(what)

    blocks = o.terms.blocks_of(places)
    for number in numpy.unique(blocks):
        block = o.terms.blocks[int(number)]
        which = numpy.flatnonzero(blocks == number)
        if block.operator == "pick":
            values, keys = numpy.split(block.args[places[which] - block.start], 2, axis=1)
            ordered = numpy.sort(values, axis=1)
            distinct = bool((ordered[:, 1:] != ordered[:, :-1]).all())
            if distinct and o.terms.known(values).all():
                terms, inverse = numpy.unique(values, return_inverse=True)
                numbers = numpy.array([_whole(o, int(term)) for term in terms])
                each = numbers[inverse.reshape(values.shape)]
                for column in range(values.shape[1]):
                    alone = numpy.full(values.shape, ZERO, numpy.int32)
                    alone[:, column] = given[which]
                    add(which, each[:, column], o.algebra.pick(alone, keys))
                continue
        for one in which.tolist():
            term = int(given[one])
            for target in sorted(possible(o.terms, int(places[one])) or _anywhere()):

                def here(known: tuple[int, ...], target: int = target, term: int = term) -> int:
                    return term if known[0] == target else ZERO

                made = chosen(o, [int(places[one])], here)
                add(numpy.array([one]), target, numpy.array([made], numpy.int32))
    return numpy.concatenate(whose), numpy.concatenate(targets), numpy.concatenate(sources)


def _whole(o: Reader, term: int) -> int:
    value = o.algebra.value(term)
    if isinstance(value, bool | float) or value is None or Fraction(value).denominator != 1:
        raise NoTermError(_COMPUTED)
    return int(value)


def _anywhere() -> frozenset[int]:
    raise NoTermError("places that are not known")


@interprets(aten.gather.default)
def gather(
    o: Reader, x: torch.Tensor, dim: int, index: torch.Tensor, sparse_grad: bool = False
) -> Ids:
    """Return elements at places along an axis."""
    if not o.depends(index):
        return as_terms(aten.gather.default(as_tensor(o.ids(x)), dim, index))
    ids, terms = o.ids(x), o.ids(index)
    dim = dim % max(ids.ndim, 1)
    inside(o, terms, ids.shape[dim] if ids.ndim else 1)
    result = numpy.empty(terms.shape, numpy.int32)
    for at in numpy.ndindex(terms.shape):

        def element(known: tuple[int, ...], at: tuple[int, ...] = at) -> int:
            return int(ids[(*at[:dim], known[0], *at[dim + 1 :])])

        result[at] = chosen(o, [int(terms[at])], element)
    return result


@interprets(aten.index_select.default)
def index_select(o: Reader, x: torch.Tensor, dim: int, index: torch.Tensor) -> Ids:
    """Return slices at places along an axis."""
    if not o.depends(index):
        return as_terms(aten.index_select.default(as_tensor(o.ids(x)), dim, index))
    moved = numpy.moveaxis(o.ids(x), dim, 0)
    inside(o, o.ids(index), len(moved))
    made = [_elements(o, moved, [numpy.asarray(place)]) for place in o.ids(index).reshape(-1)]
    return numpy.moveaxis(numpy.stack(made), 0, dim)


@interprets(aten.take.default)
def take(o: Reader, x: torch.Tensor, index: torch.Tensor) -> Ids:
    """Return elements at flat places."""
    if not o.depends(index):
        return as_terms(aten.take.default(as_tensor(o.ids(x)), index))
    return _elements(o, o.ids(x).reshape(-1), [o.ids(index)])


def _elements(o: Reader, ids: Ids, places: Sequence[Ids]) -> Ids:
    """Return what stands at places along the first axes, the rest behind them."""
    spread = numpy.broadcast_arrays(*places)
    inner = ids.shape[len(places) :]
    result = numpy.empty((*spread[0].shape, *inner), numpy.int32)
    for at in numpy.ndindex(spread[0].shape):
        asked = [int(part[at]) for part in spread]
        for below in numpy.ndindex(inner):

            def element(known: tuple[int, ...], below: tuple[int, ...] = below) -> int:
                return int(ids[(*known, *below)])

            result[(*at, *below)] = chosen(o, asked, element)
    return result


@interprets(aten.index.Tensor)
def indexed(o: Reader, x: torch.Tensor, indices: Sequence[Any]) -> Any:
    """Return elements at places, or where a mask holds."""
    if not any(o.depends(i) for i in indices if i is not None):
        return as_terms(aten.index.Tensor(as_tensor(o.ids(x)), list(indices)))
    if any(i is not None and i.dtype is torch.bool and o.depends(i) for i in indices):
        return o.instead(x, [_settled(o, i) for i in indices])
    if any(i is not None and i.dtype in (torch.bool, torch.uint8) for i in indices):
        raise NoTermError("masks beside places that depend on the values of the input")
    axes = [axis for axis, i in enumerate(indices) if i is not None]
    rest = [axis for axis in range(x.ndim) if axis not in axes]
    moved = numpy.transpose(o.ids(x), (*axes, *rest))
    found = _elements(o, moved, [o.ids(indices[a]) for a in axes])
    width = found.ndim - len(rest)
    if axes == list(range(axes[0], axes[0] + len(axes))):  # torch leaves adjacent axes in place
        order = [*range(width, width + axes[0]), *range(width), *range(width + axes[0], found.ndim)]
        found = numpy.transpose(found, order)
    return found


def _settled(o: Reader, mask: Any) -> Any:
    return o.settled(mask) if mask is not None and o.depends(mask) else mask


@interprets(aten.nonzero.default)
def nonzero(o: Reader, x: torch.Tensor) -> Any:
    """Return the places that are not 0, one decision for each element."""
    return o.instead(o.settled(x))


@interprets(aten.masked_select.default)
def masked_select(o: Reader, x: torch.Tensor, mask: torch.Tensor) -> Any:
    """Return the elements where a mask holds, one decision for each of its elements."""
    if o.depends(mask):
        return o.instead(x, o.settled(mask))
    return as_terms(aten.masked_select.default(as_tensor(o.ids(x)), mask))


@interprets(aten.masked_scatter.default)
def masked_scatter(o: Reader, x: torch.Tensor, mask: torch.Tensor, source: torch.Tensor) -> Any:
    """Return ``x`` with elements of a source, one after the other, where a mask holds."""
    if o.depends(mask):
        return o.instead(x, o.settled(mask), source)
    ids = as_tensor(o.ids(x))
    return as_terms(aten.masked_scatter.default(ids, mask, as_tensor(o.ids(source))))
