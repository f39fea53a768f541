r"""Tensors that grow regularly with a size, and what operators make of them.

Let an axis of the input have the size P·m + r, and let T_m be a tensor that is computed from it, as
terms over its elements. Along one of its axes, of length c·m + d, T is *regular with borders* a and
b if for every m, from some m on,

- T_m[i] is T_{m-1}[i] for i < c·(m - 1) + d - b: all but the last b elements are the same terms
  as before (*from the left*), and
- T_m[i] is T_{m-1}[i - c] with every element j of the input renamed to j + P, for i ≥ c + a: all
  but the first a elements are so (*from the right*).

With c·(m - 1) + d ≥ c + a + b every element is one or the other. So what holds of all elements of
two such tensors at m - 1, for all values of the input, holds at m; that is the claim
``every-size``. The functions here are the rules by which operators carry borders along. They err on
the side of borders too wide, never too narrow.

What is made of all elements along such an axis is a *fold*. Without borders the elements of T_m are
those of T_{m-1} from the left and from the right, so of a maximum R_m = max(R_{m-1}, R_{m-1}'),
where the prime renames. In a sum those that are both count twice, and they, with the borders that
T_m does not have in its middle, are the elements of T_{m-2}: R_m = R_{m-1} + R_{m-1}' - R_{m-2}'.
So what holds of two folds at one size, or at two that follow one another, holds at the next. A mean
is a sum times a *scale*, which must be the same in both.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from pooling.arithmetic import ceil_divide
from pooling.windows import changed_after
from verify.judge.sizes.integers import quotient
from verify.judge.sizes.lengths import Length, Sizes, UnreadableError, length, product
from verify.judge.sizes.scales import ONE, Scale


@dataclass(frozen=True)
class Fixed:
    """Part of an axis: as many elements at all sizes, of which nothing is said."""

    size: int

    @property
    def length(self) -> Length:
        """How many."""
        return Length.number(self.size)


@dataclass(frozen=True)
class Open:
    """Part of an axis that is regular along an axis of the input."""

    letter: str
    #: The axis of the input, ``None`` if no element of the input is in it.
    axis: int | None
    #: c·m + d.
    length: Length
    #: a and b.
    left: int = 0
    right: int = 0
    #: Whether every element is made in the same way of what stands at its place.
    plain: bool = False
    #: By how much its ends move with each period, if it is no whole axis; :data:`EACH` if that is
    #: what :class:`Pieces` say.
    piece: tuple[int, int] | None = None
    #: Whether what stands in its borders are numbers, the same at every size.
    around: bool = False

    @property
    def framed(self) -> bool:
        """Whether there is nothing in its borders but such numbers."""
        return self.around or not (self.left or self.right)

    @property
    def step(self) -> int:
        """How many elements come with each period, c."""
        return self.length.slope(self.letter)

    @property
    def rest(self) -> int:
        """How many elements there are besides, d."""
        return self.length.constant


@dataclass(frozen=True)
class Uniform:
    """An axis, or several merged, along which all elements are alike."""

    length: Length


@dataclass(frozen=True)
class Pieces:
    """Part of an axis: as many elements at all sizes, each of a piece of its own of the input's.

    A piece begins and ends at places that move with the size, by so much with each period.
    """

    letter: str
    axis: int
    bounds: tuple[tuple[int, int], ...]
    #: By what each is multiplied.
    scales: tuple[Scale, ...]

    @property
    def length(self) -> Length:
        """How many."""
        return Length.number(len(self.bounds))

    def same(self, other: Factor) -> bool:
        """Say whether elements of both are of the same pieces, multiplied alike."""
        return (
            isinstance(other, Pieces)
            and (self.letter, self.axis, self.bounds) == (other.letter, other.axis, other.bounds)
            and all(a.same(b) for a, b in zip(self.scales, other.scales, strict=True))
        )


@dataclass(frozen=True)
class End:
    """Where on an axis of the input all that is used stands: how its ends move with each period."""

    letter: str
    axis: int
    low: int
    high: int


@dataclass(frozen=True)
class Fold:
    """What was made of all elements along axes."""

    #: ``sum``, ``max`` or ``min``.
    kind: str
    #: The size of each of the axes.
    letters: tuple[str, ...]

    def with_letters(self, letters: Iterable[str]) -> Fold:
        """Return it over more axes."""
        return replace(self, letters=tuple(sorted((*self.letters, *letters))))


#: A part of an open axis whose place :class:`Pieces` say.
EACH = (-1, -1)
Factor = Fixed | Open | Uniform | Pieces
#: The factors of an axis, the outermost first: merged axes have several, those of size 1 none.
Axis = tuple[Factor, ...]


@dataclass(frozen=True)
class Regular:
    """A tensor that grows regularly: its axes, and to which ends of others it is bound."""

    axes: tuple[Axis, ...]
    #: Axes of the input of which one end has been used, or a piece as a whole.
    ends: frozenset[End] = frozenset()
    #: What its elements are of whole axes, or pieces of them.
    fold: Fold | None = None
    #: By what that depends on sizes they are multiplied.
    scale: Scale = ONE

    @property
    def scaled(self) -> bool:
        """Whether more than the places of its elements depends on sizes."""
        pieces = (f for axis in self.axes for f in axis if isinstance(f, Pieces))
        return self.fold is not None or any(
            s != ONE for s in (self.scale, *(s for p in pieces for s in p.scales))
        )

    @property
    def bare(self) -> Regular:
        """The same, as if it were no fold and not multiplied."""
        return replace(self, fold=None, scale=ONE)

    @property
    def independent(self) -> bool:
        """Whether no element of the input is in it."""
        return not self.uses and not self.ends and self.fold is None

    @property
    def shape(self) -> tuple[Length, ...]:
        """The lengths of its axes."""
        return tuple(product(f.length for f in axis) for axis in self.axes)

    @property
    def uses(self) -> frozenset[int]:
        """The axes of the input along which it is regular."""
        return frozenset(
            f.axis for axis in self.axes for f in axis
            if isinstance(f, Open | Pieces) and f.axis is not None
        )  # fmt: skip

    def with_axis(self, number: int, *axes: Axis) -> Regular:
        """Return it with one axis replaced by others, or by none."""
        return self.with_axes((*self.axes[:number], *axes, *self.axes[number + 1 :]))

    def with_axes(self, axes: Iterable[Axis]) -> Regular:
        """Return it with other axes."""
        return checked(replace(self, axes=tuple(canonical(axis) for axis in axes)))


def checked(tensor: Regular) -> Regular:
    """Refuse what is bound to both ends of an axis, or regular along one axis twice."""
    factors = [f for axis in tensor.axes for f in axis]
    along = [
        f.axis for f in factors
        if (isinstance(f, Pieces) or (isinstance(f, Open) and f.piece != EACH))
        and f.axis is not None
    ]  # fmt: skip
    bound = [end.axis for end in tensor.ends]
    if len({*along, *bound}) < len(along) + len(bound):
        raise UnreadableError("elements of one axis meet others of the same axis far away")
    placed = {f.axis for f in factors if isinstance(f, Pieces)}
    each = [f.axis for f in factors if isinstance(f, Open) and f.piece == EACH]
    if len(set(each)) < len(each) or not placed.issuperset(each):
        raise UnreadableError("pieces of an axis without their places")
    if tensor.fold is not None and any(
        isinstance(f, Open | Uniform) and f.length.letters & set(tensor.fold.letters)
        for f in factors
    ):
        raise UnreadableError("an axis of a size that was reduced along another one")
    return tensor


def canonical(axis: Axis) -> Axis:
    """Return the factors of an axis, those of known size joined to what they are in."""
    made: list[Factor] = []
    for factor in axis:
        if isinstance(factor, Fixed):
            if factor.size == 1:
                continue
            last = made[-1] if made else None
            if isinstance(last, Fixed):
                made[-1] = Fixed(last.size * factor.size)
                continue
            if isinstance(last, Open):
                k = factor.size
                made[-1] = replace(
                    last, length=last.length * k, left=last.left * k, right=last.right * k,
                    plain=False, around=False,
                )  # fmt: skip
                continue
        made.append(factor)
    return tuple(made)


def single(axis: Axis) -> Fixed | Open:
    """Return an axis as one factor."""
    if not axis:
        return Fixed(1)
    if len(axis) == 1:
        (factor,) = axis
        if isinstance(factor, Fixed | Open):
            return factor
    raise UnreadableError("axes that were merged into one are taken apart otherwise")


def fixed(sizes: Sequence[int]) -> Regular:
    """Return a known tensor of known sizes."""
    return Regular(tuple(canonical((Fixed(n),)) for n in sizes))


def uniform_axis(size: Length | int) -> Axis:
    """Return an axis along which all elements are alike."""
    size = length(size)
    if size.known is not None:
        return canonical((Fixed(size.known),))
    (first, *others) = size.letters
    if others or any(len(m) > 1 for m, _ in size.terms):
        return (Uniform(size),)
    return (Open(first, None, size, plain=True),)


def uniform(sizes: Iterable[Length | int]) -> Regular:
    """Return a tensor whose elements are all alike."""
    return Regular(tuple(uniform_axis(size) for size in sizes))


# -- along one axis ------------------------------------------------------------------------------


def padded(factor: Fixed | Open, before: int, after: int, *, numbers: bool = False) -> Fixed | Open:
    """Return a part with elements before and after it, or without some of its own.

    What is added at an end is as far from there as before at every size; what is taken away takes
    from the border. ``numbers`` says that what is added are numbers, whatever the input.
    """
    if isinstance(factor, Fixed):
        return Fixed(factor.size + before + after)
    return replace(
        factor,
        length=factor.length + (before + after),
        left=max(factor.left + before, 0),
        right=max(factor.right + after, 0),
        plain=factor.plain and factor.axis is None and before <= 0 and after <= 0,
        around=numbers and factor.framed,
    )


def windows(factor: Fixed | Open, span: int, stride: int) -> Fixed | Open:
    """Return the windows of ``span`` elements that begin every ``stride`` elements and fit in.

    Window j is elements j·stride … j·stride + span - 1. From the left it is the same as before if
    the last of them is; from the right, if the first is.
    """
    count = (factor.length - span) // stride + 1
    if isinstance(factor, Fixed):
        return Fixed(count.constant)
    # The claim ``every-size``; the period is a multiple of the stride, so the rest will do.
    right = changed_after(factor.rest, span, stride, factor.right)
    plain = factor.plain and factor.axis is None
    return replace(
        factor, length=count, left=ceil_divide(factor.left, stride), right=right, plain=plain,
        around=False,
    )  # fmt: skip


def spread(factor: Fixed | Open, times: int) -> Fixed | Open:
    """Return a part in which every element has become ``times``, side by side."""
    if isinstance(factor, Fixed):
        return Fixed(factor.size * times)
    (made,) = canonical((factor, Fixed(times)))
    assert isinstance(made, Open)
    return made


def end(sizes: Sizes, factor: Open, side: str, reach: int) -> frozenset[End]:
    """Return to what the ``reach`` elements at one end are bound.

    They are the same terms at every size, renamed if they are at the right, from the size on at
    which they lie outside the border of the other end.
    """
    border = factor.right if side == "left" else factor.left
    from_length(sizes, factor, reach + border)
    if factor.axis is None:
        return frozenset()
    if factor.piece == EACH:
        raise UnreadableError("an end of every piece of an axis")
    place = borders_of(sizes, factor)[0 if side == "left" else 1]
    return frozenset([End(factor.letter, factor.axis, place, place)])


def borders_of(sizes: Sizes, factor: Open) -> tuple[int, int]:
    """Return by how much the ends of a part of an axis move with each period."""
    if factor.piece is not None:
        return factor.piece
    period, _ = sizes.periods[factor.letter]
    return 0, period if factor.axis is None else sizes.along.get(factor.axis, period)


def end_of(sizes: Sizes, factor: Open) -> End:
    """Return to what all elements along a part of an axis are bound."""
    assert factor.axis is not None
    return End(factor.letter, factor.axis, *borders_of(sizes, factor))


def from_length(sizes: Sizes, factor: Open, least: int) -> None:
    """Note that all that is said holds from the size on at which a part is so long."""
    counts = -((factor.rest - least) // factor.step)
    sizes.steady[factor.letter] = max(sizes.steady.get(factor.letter, 0), counts)


def sliced(
    sizes: Sizes, factor: Fixed | Open, start: Length, stop: Length, step: int
) -> tuple[Fixed | Open, frozenset[End]]:
    """Return the elements from ``start`` to before ``stop``, and to which end they are bound."""
    whole = factor.length
    if isinstance(factor, Fixed):
        start, stop = (Length.number(sizes.pinned(v)) for v in (start, stop))
    bounds = []
    for bound in (start, stop):
        if not sizes.at_least(bound, 0):
            bound = sizes.larger(bound + whole, 0)
        bounds.append(sizes.smaller(bound, whole))
    start, stop = bounds[0], sizes.larger(bounds[1], bounds[0])
    if isinstance(factor, Fixed):
        return Fixed(-(-(stop.constant - start.constant) // step)), frozenset()
    before, after = start.known, (whole - stop).known
    if before is not None and after is not None:
        return windows(padded(factor, -before, -after), 1, step), frozenset()
    count = (stop - start).known
    if count is not None:
        size = Fixed(-(-count // step))
        if count == 0:
            return size, frozenset()
        if before is not None:
            return size, end(sizes, factor, "left", before + count)
        reach = (whole - start).known
        if reach is not None:
            return size, end(sizes, factor, "right", reach)
    return windows(piece_of(factor, start, stop), 1, step), frozenset()


def piece_of(factor: Open, start: Length, stop: Length) -> Open:
    """Return what stands between two places of an axis that move with its size."""
    own = {factor.letter}
    if not factor.plain or factor.axis is None or factor.piece is not None:
        raise UnreadableError("a slice that ends at neither end of an axis")
    if not (start.letters <= own and stop.letters <= own):
        raise UnreadableError("a slice of one axis by the size of another")
    bounds = start.slope(factor.letter), stop.slope(factor.letter)
    if bounds[0] >= bounds[1]:
        raise UnreadableError("a slice that does not grow, at neither end of an axis")
    return replace(factor, length=stop - start, piece=bounds, plain=False, around=False)


# -- several axes --------------------------------------------------------------------------------


def joined(sizes: Sizes, tensors: Sequence[Regular]) -> Regular:
    """Return what element by element operators make of tensors, broadcast."""
    count = max(len(t.axes) for t in tensors)
    axes: list[Axis] = []
    for place in range(-count, 0):
        here = [t.axes[place] for t in tensors if len(t.axes) >= -place]
        found: Axis = ()
        for axis in here:
            found = met(sizes, found, axis)
        axes.append(found)
    ends = frozenset().union(*(t.ends for t in tensors))
    first = tensors[0]
    if any(t.fold != first.fold or not t.scale.same(first.scale) for t in tensors):
        raise UnreadableError("what was made of whole axes meets what was not, or otherwise")
    return checked(Regular(tuple(axes), ends, first.fold, first.scale))


def met(sizes: Sizes, one: Axis, other: Axis) -> Axis:
    """Return an axis of two tensors that meet along it; one of size 1 is repeated."""
    if not one or not other:
        return one or other
    lengths = [product(f.length for f in axis) for axis in (one, other)]
    if lengths[0] != lengths[1]:
        if sizes.equal(lengths[0], lengths[1]):
            raise UnreadableError(f"sizes {lengths[0]} and {lengths[1]} are the same by chance")
        raise UnreadableError(f"axes of sizes {lengths[0]} and {lengths[1]}, one of which is 1")
    if len(one) == 1 and isinstance(one[0], Uniform):
        return other
    if len(other) == 1 and isinstance(other[0], Uniform):
        return one
    if len(one) != len(other):
        raise UnreadableError("axes that were merged in different ways meet")
    made: list[Factor] = []
    for x, y in zip(one, other, strict=True):
        if isinstance(x, Open) and isinstance(y, Open):
            known = None in (x.axis, y.axis)
            same = x.length == y.length and (known or (x.axis == y.axis and x.piece == y.piece))
            if same:
                made.append(replace(
                    y if x.axis is None else x,
                    left=max(x.left, y.left), right=max(x.right, y.right),
                    plain=x.plain and y.plain, around=framed_alike(x, y),
                ))  # fmt: skip
                continue
        elif x == y or (isinstance(x, Pieces) and x.same(y)):
            made.append(x)
            continue
        raise UnreadableError("axes of different origin meet")
    return tuple(made)


def framed_alike(one: Open, other: Open) -> bool:
    """Say whether numbers meet numbers in the borders of two parts that meet."""
    alike = [x.axis is None and x.plain for x in (one, other)]
    if one.around and other.around:
        return (one.left, one.right) == (other.left, other.right)
    return (one.around and alike[1]) or (other.around and alike[0])


def concatenated(sizes: Sizes, tensors: Sequence[Regular], dim: int) -> Regular:
    """Return tensors one behind the other along an axis.

    What stands before or after an open part is as far from its end at every size.
    """
    if all(not t.axes[dim] for t in tensors):
        stripped, axis = in_pieces([t.with_axis(dim) for t in tensors])
        made = joined(sizes, stripped)
        return made.with_axes((*made.axes[:dim], axis, *made.axes[dim:]))
    parts = [single(t.axes[dim]) for t in tensors]
    grown = [i for i, part in enumerate(parts) if isinstance(part, Open)]
    without = [replace(t, axes=(*t.axes[:dim], (), *t.axes[dim + 1 :])) for t in tensors]
    grows = {part.letter for part in parts if isinstance(part, Open)}
    numbers = all(
        isinstance(part, Open)
        or (t.independent and t.scale == ONE and not any(n.letters & grows for n in t.shape))
        for t, part in zip(tensors, parts, strict=True)
    )
    if not grown:
        total = sum(part.size for part in parts if isinstance(part, Fixed))
        return joined(sizes, without).with_axis(dim, (Fixed(total),))
    if len(grown) > 1:
        if len(grown) < len(parts) or any(part.length != parts[0].length for part in parts):
            raise UnreadableError("several open axes are joined to one")
        whole = joined(sizes, tensors)
        return whole.with_axis(dim, (Fixed(len(parts)), *whole.axes[dim]))
    (place,) = grown
    middle = parts[place]
    assert isinstance(middle, Open)
    for number, tensor in enumerate(without):
        own = frozenset(one for one in tensor.ends if one.axis == middle.axis)
        at = borders_of(sizes, middle)[0 if number < place else 1]
        if any((one.low, one.high) != (at, at) for one in own):
            raise UnreadableError("an end of an axis is joined to its other end")
        without[number] = replace(tensor, ends=tensor.ends - own)
    before, after = (
        sum(part.size for part in some if isinstance(part, Fixed))
        for some in (parts[:place], parts[place + 1 :])
    )
    return joined(sizes, without).with_axis(dim, (padded(middle, before, after, numbers=numbers),))


def in_pieces(tensors: Sequence[Regular]) -> tuple[list[Regular], Axis]:
    """Return tensors without what each is of an axis of the input, and the axis that says it.

    So they can stand side by side: of each piece of the axis one.
    """
    bound = [{one.axis: one for one in t.ends} for t in tensors]
    unlike = {
        axis for each in bound for axis in each if any(b.get(axis) != each[axis] for b in bound)
    }
    scales = [t.scale for t in tensors]
    if not unlike and all(s.same(scales[0]) for s in scales):
        return list(tensors), (Fixed(len(tensors)),)
    if len(unlike) != 1 or any(not unlike <= b.keys() for b in bound):
        raise UnreadableError("elements of one axis meet others of the same axis far away")
    (number,) = unlike
    places = [b[number] for b in bound]
    bounds = tuple((p.low, p.high) for p in places)
    axis = Pieces(places[0].letter, number, bounds, relative(scales))
    left = [
        replace(t, ends=t.ends - {place}, scale=scales[0])
        for t, place in zip(tensors, places, strict=True)
    ]
    return left, (axis,)


def relative(scales: Sequence[Scale]) -> tuple[Scale, ...]:
    """Return by what each is more than the first."""
    first = scales[0]
    return tuple(ONE if s.same(first) else s * first.inverse for s in scales)


def regrouped(tensor: Regular, shape: Sequence[Length], sizes: Sizes) -> Regular:
    """Return a tensor with its elements, in order, as an array of another shape."""
    if all(isinstance(f, Uniform) or (isinstance(f, Open) and f.axis is None and f.plain)
           for axis in tensor.axes for f in axis):  # fmt: skip
        return replace(tensor, axes=uniform(shape).axes)
    waiting = [factor for axis in tensor.axes for factor in axis][::-1]
    axes: list[Axis] = []
    for size in shape:
        axis: list[Factor] = []
        while size.known != 1:
            if not waiting:
                raise UnreadableError("axes that were merged into one are taken apart otherwise")
            factor = waiting.pop()
            size = _taken(factor, size, axis, waiting, sizes)
        axes.append(tuple(axis))
    if waiting:
        raise UnreadableError("axes that were merged into one are taken apart otherwise")
    return tensor.with_axes(axes)


def _taken(
    factor: Factor, size: Length, axis: list[Factor], waiting: list[Factor], sizes: Sizes
) -> Length:
    """Put a factor, or the outer part of it, into an axis; return what is left of its size."""
    if isinstance(factor, Fixed):
        k = factor.size
        if all(c % k == 0 for _, c in size.terms):
            axis.append(factor)
            return size // k
        if size.known and k % size.known == 0:
            axis.append(Fixed(size.known))
            waiting.append(Fixed(k // size.known))
            return Length.number(1)
    elif isinstance(factor, Pieces):
        k = len(factor.bounds)
        if all(c % k == 0 for _, c in size.terms):
            axis.append(factor)
            return size // k
    else:
        try:
            rest = quotient(size, factor.length, sizes, exact=True)
        except UnreadableError:
            rest = None
        if rest is not None:
            axis.append(factor)
            return rest
        slope = size.slope(factor.letter) if isinstance(factor, Open) else 0
        if isinstance(factor, Open) and slope and factor.step % slope == 0:
            k = factor.step // slope
            if size * k == factor.length:
                axis.append(
                    replace(factor, length=size, left=-(-factor.left // k),
                            right=-(-factor.right // k), plain=False, around=False)
                )  # fmt: skip
                waiting.append(Fixed(k))
                return Length.number(1)
        if isinstance(factor, Open) and factor.plain and size.known and factor.axis is not None:
            return _in_equal_pieces(factor, size.known, axis, waiting)
    raise UnreadableError("axes that were merged into one are taken apart otherwise")


def _in_equal_pieces(factor: Open, count: int, axis: list[Factor], waiting: list[Factor]) -> Length:
    """Put an axis into as many pieces of the same length."""
    each = factor.length // count
    if each * count != factor.length or factor.piece is not None or factor.axis is None:
        raise UnreadableError("axes that were merged into one are taken apart otherwise")
    step = each.slope(factor.letter)
    bounds = tuple((i * step, (i + 1) * step) for i in range(count))
    axis.append(Pieces(factor.letter, factor.axis, bounds, (ONE,) * count))
    waiting.append(replace(factor, length=each, piece=EACH, plain=False, around=False))
    return Length.number(1)
