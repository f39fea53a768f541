"""Whole axes, and pieces that grow with them: global and adaptive poolings.

An axis of the input that is made one element of, or that windows divide whose size grows with it,
leaves a *fold*, :class:`~verify.judge.sizes.regular.Fold`. Only what keeps it one may be done with
it then: a sum may be added to others and multiplied by what depends on no element, a maximum goes
through what is never falling.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import torch

from verify.judge.sizes.integers import quotient
from verify.judge.sizes.lengths import Length, Sizes, UnreadableError, product
from verify.judge.sizes.regular import (
    EACH,
    Axis,
    Fixed,
    Fold,
    Open,
    Pieces,
    Regular,
    Uniform,
    borders_of,
    checked,
    end_of,
    fixed,
    from_length,
    joined,
    piece_of,
    relative,
    single,
)
from verify.judge.sizes.scales import ONE, Scale

#: The fold of what is negated.
TURNED = {"sum": "sum", "max": "min", "min": "max"}

#: Where a window begins, and before which element it ends.
Bounds = tuple[Length, Length]


# -- folds ---------------------------------------------------------------------------------------


def reduced(
    sizes: Sizes, tensor: Regular, dims: Sequence[int], keepdim: bool, kind: str, mean: bool
) -> Regular:
    """Return what is made of all elements along some axes: a sum, a mean, or an extreme."""
    total = product(tensor.shape[number] for number in dims)
    for number in dims:
        tensor = folded_along(sizes, tensor, number, kind)
    for number in sorted(dims, reverse=True):
        tensor = tensor.with_axis(number, *([()] if keepdim else []))
    return times(sizes, tensor, Scale(Length.number(1), total)) if mean else tensor


def folded_along(sizes: Sizes, tensor: Regular, number: int, kind: str) -> Regular:
    """Return a tensor of which all elements along an axis are made one, which stays as size 1."""
    axis = tensor.axes[number]
    if tensor.fold is not None and tensor.fold.kind != kind:
        raise UnreadableError("what was made of a whole axis is made another thing of")
    if tensor.fold is None and kind != "sum":
        positive(sizes, tensor.scale)
    tensor = replace(tensor, axes=(*tensor.axes[:number], (), *tensor.axes[number + 1 :]))
    for factor in axis:
        if isinstance(factor, Pieces):
            raise UnreadableError("several pieces of an axis are made one element of")
        if isinstance(factor, Open):
            tensor = _folded(sizes, tensor, factor, kind)
        elif isinstance(factor, Uniform) and kind == "sum":
            tensor = times(sizes, tensor, Scale(factor.length))
    return tensor


def _folded(sizes: Sizes, tensor: Regular, factor: Open, kind: str) -> Regular:
    """Return a tensor without a part of an axis, of all elements along which something was made."""
    if factor.axis is None and factor.plain:
        # All are alike: so many times that, or that.
        return times(sizes, tensor, Scale(factor.length)) if kind == "sum" else tensor
    if kind != "sum" and not factor.framed:
        # What stood at an end of a smaller one is in that, and nowhere in this. Numbers are.
        raise UnreadableError(f"the {kind} of a whole axis whose ends are made in another way")
    from_length(sizes, factor, factor.step + factor.left + factor.right)
    ends = tensor.ends
    if factor.axis is not None and factor.piece != EACH:
        ends |= {end_of(sizes, factor)}
    fold = (tensor.fold or Fold(kind, ())).with_letters([factor.letter])
    return replace(tensor, ends=ends, fold=fold)


def times(sizes: Sizes, tensor: Regular, scale: Scale) -> Regular:
    """Return a tensor, every element multiplied by what depends on sizes."""
    if scale.known is not None:
        return tensor
    if tensor.fold is not None and tensor.fold.kind != "sum":
        positive(sizes, scale)
    for part in (scale.above, scale.below):
        if sizes.equal(part, 0):
            raise UnreadableError("a number that is 0 at some sizes is computed with")
    return replace(tensor, scale=tensor.scale * scale)


def positive(sizes: Sizes, scale: Scale) -> None:
    """Refuse a factor that is not positive."""
    if not (sizes.at_least(scale.above, 1) and sizes.at_least(scale.below, 1)):
        raise UnreadableError("an extreme is multiplied by what may be negative")


# -- pieces --------------------------------------------------------------------------------------


def in_windows(sizes: Sizes, axis: Axis, bounds: Sequence[Bounds], kind: str, mean: bool) -> Any:
    """Return an axis of as many folds of it, the ends they are bound to, their fold and scale.

    ``bounds`` are where each of the windows begins and ends; there may be one, of all elements.
    """
    factor = single(axis)
    if isinstance(factor, Fixed):
        return (Fixed(len(bounds)),), frozenset(), (), ONE
    if len(bounds) == 1 and bounds[0] == (Length.number(0), factor.length):
        whole = folded_along(sizes, Regular((axis,)), 0, kind)
        scale = whole.scale * (Scale(Length.number(1), factor.length) if mean else ONE)
        return (), whole.ends, (whole.fold.letters if whole.fold else ()), scale
    windows = [piece_of(factor, *each) for each in bounds]
    for window in windows:
        from_length(sizes, window, window.step)
    scales = [Scale(Length.number(1), w.length) if mean else ONE for w in windows]
    if len(windows) == 1:
        return (), frozenset([end_of(sizes, windows[0])]), (factor.letter,), scales[0]
    assert factor.axis is not None
    made = Pieces(
        factor.letter, factor.axis, tuple(borders_of(sizes, w) for w in windows),
        relative(scales),
    )  # fmt: skip
    return (made,), frozenset(), (factor.letter,), scales[0]


def windowed(
    sizes: Sizes, tensor: Regular, place: int, bounds: Sequence[Bounds], kind: str, mean: bool
) -> Regular:
    """Return a tensor, along an axis of which windows that grow are made one element of each."""
    if tensor.fold is not None and tensor.fold.kind != kind:
        raise UnreadableError("what was made of a whole axis is made another thing of")
    axis, ends, letters, scale = in_windows(sizes, tensor.axes[place], bounds, kind, mean)
    fold = (tensor.fold or Fold(kind, ())).with_letters(letters) if letters else tensor.fold
    axes = (*tensor.axes[:place], axis, *tensor.axes[place + 1 :])
    if tensor.fold is None and kind != "sum":
        positive(sizes, tensor.scale)
    made = replace(tensor, axes=axes, ends=tensor.ends | ends, fold=fold)
    return times(sizes, made, scale)


def adaptive(
    sizes: Sizes, tensor: Regular, place: int, outputs: Length, kind: str, mean: bool
) -> Regular:
    """Return a tensor, along an axis of which an adaptive pooling has so many windows."""
    size = tensor.shape[place]
    if size == outputs:
        return tensor  # of one element each
    count = outputs.known
    if count is None or size.known is not None:
        if size.known is None:
            raise UnreadableError("a number of windows that depends on a size")
        return tensor.with_axis(place, (Fixed(sizes.pinned(outputs)),))
    if count < 1:
        raise UnreadableError("no windows")
    return windowed(sizes, tensor, place, shared(size, count), kind, mean)


def shared(size: Length, count: int) -> list[Bounds]:
    """Return where the windows of an adaptive pooling begin and end.

    Source: :func:`pooling.windows.adaptive_window`, of which the constants are taken as they are.
    """
    return [(size * i // count, -(-(size * (i + 1)) // count)) for i in range(count)]


def growing_windows(
    sizes: Sizes, tensor: Regular, place: int, kernel: Length, stride: Length, kind: str,
    mean: bool,
) -> Regular:  # fmt: skip
    """Return a tensor with windows without padding whose size grows with that of an axis."""
    size = tensor.shape[place]
    if not sizes.at_least(size, kernel) or not sizes.at_least(stride, 1):
        raise UnreadableError("a window larger than its axis")
    room = size - kernel
    count = (Length.number(0) if room.known == 0 else quotient(room, stride, sizes)).known
    if count is None:
        raise UnreadableError("as many growing windows as a size says")
    bounds = [(stride * i, stride * i + kernel) for i in range(count + 1)]
    return windowed(sizes, tensor, place, bounds, kind, mean)


# -- what may be done with folds -----------------------------------------------------------------


def operand(value: Any) -> Any:
    """Return what is computed with: a tensor, a factor that depends on sizes, or a number."""
    if isinstance(value, Regular | Scale):
        return value
    if isinstance(value, torch.Tensor):
        return fixed(value.shape)
    if isinstance(value, Length):
        return Scale(value) if value.known is None else float(value.known)
    return float(value)


def product_of(sizes: Sizes, x: Any, y: Any) -> Regular:
    """Return a product, one of whose factors is no fold."""
    one, other = operand(x), operand(y)
    if not isinstance(one, Regular):
        one, other = other, one
    if isinstance(other, Scale):
        return times(sizes, one, other)
    if not isinstance(other, Regular):
        return by_number(one, other)
    if one.fold is None:
        one, other = other, one
    if one.fold is not None and (one.fold.kind != "sum" or not other.independent):
        raise UnreadableError("what was made of whole axes is multiplied by what depends on them")
    made = joined(sizes, [one.bare, other.bare])
    return checked(replace(made, fold=one.fold, scale=one.scale * other.scale))


def by_number(tensor: Regular, number: float) -> Regular:
    """Return a tensor times a number."""
    if tensor.fold is None or tensor.fold.kind == "sum" or number > 0:
        return tensor
    if number < 0:
        return opposite(tensor)
    raise UnreadableError("an extreme is multiplied by 0, or by no number")


def opposite(tensor: Regular) -> Regular:
    """Return a tensor, negated."""
    if tensor.fold is None:
        return tensor
    return replace(tensor, fold=replace(tensor.fold, kind=TURNED[tensor.fold.kind]))


def quotient_of(sizes: Sizes, x: Any, y: Any) -> Regular:
    """Return a quotient by what is no fold."""
    one, other = operand(x), operand(y)
    if isinstance(other, Scale):
        return times(sizes, one, other.inverse)
    if not isinstance(other, Regular):
        return by_number(one, other)
    if isinstance(one, Scale | float):
        if other.fold is not None:
            raise UnreadableError("a number is divided by what was made of whole axes")
        made = replace(other, scale=other.scale.inverse)
        return made if isinstance(one, float) else times(sizes, made, one)
    if other.fold is not None:
        raise UnreadableError("a division by what was made of whole axes")
    return product_of(sizes, one, replace(other, scale=other.scale.inverse))


def sum_of(sizes: Sizes, x: Any, y: Any, alpha: Any = 1, *, minus: bool = False) -> Regular:
    """Return a sum, or a difference."""
    one, other = operand(x), operand(y)
    by = operand(alpha)
    if isinstance(by, Scale):
        raise UnreadableError("a size is one of the numbers that are computed with")
    if isinstance(one, Scale) or isinstance(other, Scale):
        raise UnreadableError("what depends on a size is added")
    if not isinstance(one, Regular):
        if minus and other.scaled:
            other = opposite(other)
        one, other = other, one
    elif isinstance(other, Regular) and other.fold is not None:
        other = by_number(other, -by if minus else by)
    if isinstance(other, Regular) and (other.scaled or not other.independent):
        if one.fold is not None and one.fold.kind != "sum":
            raise UnreadableError("extremes of whole axes are added")
        if not one.scaled and one.independent:
            return with_known(sizes, other, one)
        return joined(sizes, [one, other])
    return with_known(sizes, one, other)


def with_known(sizes: Sizes, tensor: Regular, known: Any) -> Regular:
    """Return a tensor to which something is added, or with which compared, that has no element.

    Over the scale of the tensor that must be a fold too. A number over 1/n is one, as it grows
    evenly with n; over more than as many factors n as there are axes of that size it is none.
    """
    letters = tensor.fold.letters if tensor.fold else ()
    scale = tensor.scale
    even = tensor.fold is None or tensor.fold.kind == "sum"
    fine = even and scale.above.known is not None and all(
        scale.degree(letter) < 2 ** letters.count(letter) for letter in scale.below.letters
    )  # fmt: skip
    ragged = any(s.known is None for s in _scales(tensor)[1:])
    if ragged or (scale.known is None and not fine):
        raise UnreadableError("a number is added to what is divided by a size")
    if not isinstance(known, Regular):
        return tensor
    made = joined(sizes, [tensor.bare, known])
    return checked(replace(made, fold=tensor.fold, scale=tensor.scale))


def extreme_of(sizes: Sizes, x: Any, y: Any, kind: str) -> Regular:
    """Return the larger, or the smaller, of two."""
    one, other = regular_of(x), regular_of(y)
    for mine, theirs in ((one, other), (other, one)):
        if not theirs.scaled and theirs.independent:
            return rising(sizes, mine) if not theirs.axes else with_known(
                sizes, rising(sizes, mine), theirs)  # fmt: skip
    if one.fold is None or one.fold.kind != kind or one.fold != other.fold:
        raise UnreadableError("extremes of what was made of whole axes")
    return joined(sizes, [one, other])


def regular_of(value: Any) -> Regular:
    """Return a tensor as a regular one."""
    found = operand(value)
    if not isinstance(found, Regular):
        raise UnreadableError("a number in the place of a tensor")
    return found


def rising(sizes: Sizes, x: Any, *numbers: Any, **named: Any) -> Regular:
    """Return an extreme of whole axes through what never falls, such as a ReLU."""
    tensor = regular_of(x)
    for value in (*numbers, *named.values()):
        if isinstance(value, Regular | torch.Tensor | Scale) or (
            isinstance(value, Length) and value.known is None
        ):
            raise UnreadableError("a size is one of the numbers that are computed with")
    uneven = any(s.known is None for s in _scales(tensor))
    if tensor.fold is not None and tensor.fold.kind == "sum":
        raise UnreadableError("a sum or mean of whole axes is followed through sums alone")
    if tensor.fold is None or uneven:
        raise UnreadableError("what was made of whole axes is no extreme any more")
    return tensor


def _scales(tensor: Regular) -> list[Scale]:
    """Return by what a tensor is multiplied, and its pieces besides."""
    return [tensor.scale, *(
        s for axis in tensor.axes for f in axis if isinstance(f, Pieces) for s in f.scales
    )]  # fmt: skip


def linear(sizes: Sizes, tensor: Regular, made: Regular, weights: Sequence[Regular]) -> Regular:
    """Return what known weights make of a sum of whole axes, as ``made`` of it if it were none."""
    if tensor.fold is not None and tensor.fold.kind != "sum":
        raise UnreadableError("extremes of whole axes are added")
    scale = tensor.scale
    for weight in weights:
        if not weight.independent:
            raise UnreadableError("weights that depend on the input")
        scale = scale * weight.scale
    return checked(replace(made, fold=tensor.fold, scale=scale))
