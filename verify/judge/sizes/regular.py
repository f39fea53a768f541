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
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from pooling.arithmetic import ceil_divide
from pooling.windows import changed_after
from verify.judge.sizes.integers import quotient
from verify.judge.sizes.lengths import Length, Sizes, UnreadableError, length, product


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


Factor = Fixed | Open | Uniform
#: The factors of an axis, the outermost first: merged axes have several, those of size 1 none.
Axis = tuple[Factor, ...]


@dataclass(frozen=True)
class Regular:
    """A tensor that grows regularly: its axes, and to which ends of others it is bound."""

    axes: tuple[Axis, ...]
    #: Axes of the input of which only one end has been used, and which: (2, "left").
    ends: frozenset[tuple[int, str]] = frozenset()

    @property
    def shape(self) -> tuple[Length, ...]:
        """The lengths of its axes."""
        return tuple(product(f.length for f in axis) for axis in self.axes)

    @property
    def uses(self) -> frozenset[int]:
        """The axes of the input along which it is regular."""
        return frozenset(
            f.axis for axis in self.axes for f in axis if isinstance(f, Open) and f.axis is not None
        )

    def with_axis(self, number: int, *axes: Axis) -> Regular:
        """Return it with one axis replaced by others, or by none."""
        return self.with_axes((*self.axes[:number], *axes, *self.axes[number + 1 :]))

    def with_axes(self, axes: Iterable[Axis]) -> Regular:
        """Return it with other axes."""
        return checked(replace(self, axes=tuple(canonical(axis) for axis in axes)))


def checked(tensor: Regular) -> Regular:
    """Refuse what is bound to both ends of an axis, or regular along one axis twice."""
    along = [
        f.axis for axis in tensor.axes for f in axis if isinstance(f, Open) and f.axis is not None
    ]
    bound = [axis for axis, _ in tensor.ends]
    if len({*along, *bound}) < len(along) + len(bound):
        raise UnreadableError("elements of one axis meet others of the same axis far away")
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
                    last, length=last.length * k, left=last.left * k, right=last.right * k
                )
                continue
        made.append(factor)
    return tuple(made)


def single(axis: Axis) -> Fixed | Open:
    """Return an axis as one factor."""
    if not axis:
        return Fixed(1)
    if len(axis) == 1:
        (factor,) = axis
        if not isinstance(factor, Uniform):
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
    return (Open(first, None, size),)


def uniform(sizes: Iterable[Length | int]) -> Regular:
    """Return a tensor whose elements are all alike."""
    return Regular(tuple(uniform_axis(size) for size in sizes))


# -- along one axis ------------------------------------------------------------------------------


def padded(factor: Fixed | Open, before: int, after: int) -> Fixed | Open:
    """Return a part with known elements before and after it, or without some of its own.

    What is added at an end is as far from there as before at every size; what is taken away takes
    from the border.
    """
    if isinstance(factor, Fixed):
        return Fixed(factor.size + before + after)
    return replace(
        factor,
        length=factor.length + (before + after),
        left=max(factor.left + before, 0),
        right=max(factor.right + after, 0),
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
    return replace(factor, length=count, left=ceil_divide(factor.left, stride), right=right)


def spread(factor: Fixed | Open, times: int) -> Fixed | Open:
    """Return a part in which every element has become ``times``, side by side."""
    if isinstance(factor, Fixed):
        return Fixed(factor.size * times)
    (made,) = canonical((factor, Fixed(times)))
    assert isinstance(made, Open)
    return made


def end(sizes: Sizes, factor: Open, side: str, reach: int) -> frozenset[tuple[int, str]]:
    """Return to what the ``reach`` elements at one end are bound.

    They are the same terms at every size, renamed if they are at the right, from the size on at
    which they lie outside the border of the other end.
    """
    border = factor.right if side == "left" else factor.left
    from_length(sizes, factor, reach + border)
    return frozenset() if factor.axis is None else frozenset([(factor.axis, side)])


def from_length(sizes: Sizes, factor: Open, least: int) -> None:
    """Note that all that is said holds from the size on at which a part is so long."""
    counts = -((factor.rest - least) // factor.step)
    sizes.steady[factor.letter] = max(sizes.steady.get(factor.letter, 0), counts)


def sliced(
    sizes: Sizes, factor: Fixed | Open, start: Length, stop: Length, step: int
) -> tuple[Fixed | Open, frozenset[tuple[int, str]]]:
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
    raise UnreadableError("a slice that ends at neither end of an axis")


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
    return checked(Regular(tuple(axes), ends))


def met(sizes: Sizes, one: Axis, other: Axis) -> Axis:
    """Return an axis of two tensors that meet along it; one of size 1 is repeated."""
    if not one or not other:
        return one or other
    lengths = [product(f.length for f in axis) for axis in (one, other)]
    if lengths[0] != lengths[1]:
        if sizes.equal(lengths[0], lengths[1]):
            raise UnreadableError(f"sizes {lengths[0]} and {lengths[1]} are the same by chance")
        raise UnreadableError(f"axes of sizes {lengths[0]} and {lengths[1]}, one of which is 1")
    if isinstance(one[0], Uniform):
        return other
    if isinstance(other[0], Uniform):
        return one
    if len(one) != len(other):
        raise UnreadableError("axes that were merged in different ways meet")
    made: list[Factor] = []
    for x, y in zip(one, other, strict=True):
        if isinstance(x, Open) and isinstance(y, Open):
            same = x.length == y.length and (None in (x.axis, y.axis) or x.axis == y.axis)
            if same:
                made.append(replace(
                    x, axis=y.axis if x.axis is None else x.axis,
                    left=max(x.left, y.left), right=max(x.right, y.right),
                ))  # fmt: skip
                continue
        elif x == y:
            made.append(x)
            continue
        raise UnreadableError("axes of different origin meet")
    return tuple(made)


def concatenated(sizes: Sizes, tensors: Sequence[Regular], dim: int) -> Regular:
    """Return tensors one behind the other along an axis.

    What stands before or after an open part is as far from its end at every size.
    """
    parts = [single(t.axes[dim]) for t in tensors]
    grown = [i for i, part in enumerate(parts) if isinstance(part, Open)]
    without = [replace(t, axes=(*t.axes[:dim], (), *t.axes[dim + 1 :])) for t in tensors]
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
        own = frozenset((axis, side) for axis, side in tensor.ends if axis == middle.axis)
        if any(side != ("left" if number < place else "right") for _, side in own):
            raise UnreadableError("an end of an axis is joined to its other end")
        without[number] = replace(tensor, ends=tensor.ends - own)
    before, after = (
        sum(part.size for part in some if isinstance(part, Fixed))
        for some in (parts[:place], parts[place + 1 :])
    )
    return joined(sizes, without).with_axis(dim, (padded(middle, before, after),))


def regrouped(tensor: Regular, shape: Sequence[Length], sizes: Sizes) -> Regular:
    """Return a tensor with its elements, in order, as an array of another shape."""
    if all(isinstance(f, Uniform) or (isinstance(f, Open) and f == Open(f.letter, None, f.length))
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
                            right=-(-factor.right // k))
                )  # fmt: skip
                waiting.append(Fixed(k))
                return Length.number(1)
    raise UnreadableError("axes that were merged into one are taken apart otherwise")
