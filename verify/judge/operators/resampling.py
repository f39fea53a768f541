"""Interpolation: bilinear, bicubic and their neighbours, as sums with the exact weights meant.

Along each axis every output is a weighted sum of few elements, and over several axes the weights
are multiplied. torch computes the weights in floats; here they are the fractions of its formula.

Source: ``aten/src/ATen/native/UpSample.h`` of PyTorch; Keys, "Cubic Convolution Interpolation for
Digital Image Processing", 1981, with torch's a = −3/4.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy
import torch

from verify.judge.operators.registry import interprets
from verify.judge.symbols.algebra import NoTermError
from verify.judge.symbols.terms import Ids
from verify.judge.symbols.weights import simplest_fraction

if TYPE_CHECKING:
    from verify.judge.watching.reader import Reader

aten = torch.ops.aten
#: Of one output along one axis: the elements, and their weights.
Taps = list[tuple[int, Fraction]]
#: Where a kernel's float of a place of size p is, in units roundoff of p + 1, doubled; and what the
#: polynomials of a cubic add.
_PLACE, _POLYNOMIAL = 6, 24
_HALF = Fraction(1, 2)
_CUBIC = Fraction(-3, 4)


def source(place: int, scale: Fraction, *, align_corners: bool, cubic: bool) -> Fraction:
    """Return where an output stands between the elements of the input."""
    if align_corners:
        return scale * place
    found = scale * (place + _HALF) - _HALF
    return found if cubic else max(found, Fraction(0))


def scale_of(size: int, outputs: int, given: float | None, *, align_corners: bool) -> Fraction:
    """Return how many elements of the input lie between two outputs."""
    if align_corners:
        return Fraction(size - 1, outputs - 1) if outputs > 1 else Fraction(0)
    if given is not None and given > 0:
        return 1 / simplest_fraction(float(given))
    return Fraction(size, outputs)


def linear_taps(size: int, at: Fraction) -> Taps:
    """Return the two elements next to a place; at the end twice the last.

    >>> linear_taps(4, Fraction(3, 2))
    [(1, Fraction(1, 2)), (2, Fraction(1, 2))]
    """
    first = min(math.floor(at), size - 1)
    beyond = min(max(at - first, Fraction(0)), Fraction(1))
    return [(first, 1 - beyond), (min(first + 1, size - 1), beyond)]


def cubic_taps(size: int, at: Fraction) -> Taps:
    """Return the four elements around a place; beyond the ends those at the ends."""

    def near(x: Fraction) -> Fraction:
        return ((_CUBIC + 2) * x - (_CUBIC + 3)) * x * x + 1

    def far(x: Fraction) -> Fraction:
        return ((_CUBIC * x - 5 * _CUBIC) * x + 8 * _CUBIC) * x - 4 * _CUBIC

    first = math.floor(at)
    t = at - first
    weights = [far(t + 1), near(t), near(1 - t), far(2 - t)]
    places = [min(max(first + k, 0), size - 1) for k in (-1, 0, 1, 2)]
    return list(zip(places, weights, strict=True))


def _resampled(o: Reader, x: torch.Tensor, each: Sequence[Sequence[Taps]], slack: int) -> Ids:
    """Return sums over the last axes, of which every output has its taps along each of them."""
    if not o.algebra.real:
        raise NoTermError(f"interpolation, whose rounding in {o.algebra.system.name} is not known")
    ids = o.ids(x)
    leading = ids.shape[: ids.ndim - len(each)]
    sizes = ids.shape[ids.ndim - len(each) :]
    planes = ids.reshape(math.prod(leading), math.prod(sizes))
    shape = [len(axis) for axis in each]
    farthest = [max(t for taps in axis for t, _ in taps) for axis in each]
    off = sum(_PLACE * (last + 1) + slack for last in farthest)
    result = numpy.empty((len(planes), math.prod(shape)), numpy.int32)
    by_count: dict[int, list[int]] = {}
    every = [list(itertools.product(*taps)) for taps in itertools.product(*each)]
    for number, together in enumerate(every):
        by_count.setdefault(len(together), []).append(number)
    for count, numbers in by_count.items():
        together = [one for number in numbers for one in every[number]]
        steps = numpy.array([[t for t, _ in one] for one in together]).T
        places = numpy.ravel_multi_index(tuple(steps), sizes).reshape(-1, count)
        weights = numpy.array(
            [o.terms.weight(math.prod((w for _, w in one), start=Fraction(1))) for one in together],
            numpy.int32,
        ).reshape(-1, count)
        args = planes[:, places].reshape(-1, count)
        made = o.algebra.linear(args, numpy.tile(weights, (len(planes), 1)), off)
        result[:, numbers] = made.reshape(len(planes), len(numbers))
    return result.reshape(*leading, *shape)


def _interpolating(overload: Any, axes: int, *, cubic: bool) -> None:
    taps: Callable[[int, Fraction], Taps] = cubic_taps if cubic else linear_taps

    @interprets(overload, computes=True)
    def interpolate(
        o: Reader, x: torch.Tensor, output_size: Sequence[int], align_corners: bool, *scales: Any
    ) -> Ids:
        each = []
        given = [*scales, *[None] * (axes - len(scales))]
        for size, outputs, factor in zip(x.shape[-axes:], output_size, given, strict=True):
            scale = scale_of(size, outputs, factor, align_corners=align_corners)
            places = [
                source(i, scale, align_corners=align_corners, cubic=cubic) for i in range(outputs)
            ]
            each.append([taps(size, at) for at in places])
        return _resampled(o, x, each, _POLYNOMIAL if cubic else 0)


_interpolating(aten.upsample_linear1d.default, 1, cubic=False)
_interpolating(aten.upsample_bilinear2d.default, 2, cubic=False)
_interpolating(aten.upsample_trilinear3d.default, 3, cubic=False)
_interpolating(aten.upsample_bicubic2d.default, 2, cubic=True)


def smoothed_taps(size: int, scale: Fraction, place: int) -> Taps:
    """Return the elements under a triangle as wide as two outputs, and their shares of it.

    >>> smoothed_taps(4, Fraction(2), 0)
    [(0, Fraction(3, 7)), (1, Fraction(3, 7)), (2, Fraction(1, 7))]
    """
    middle, support = scale * (place + _HALF), max(scale, Fraction(1))
    first = max(math.floor(middle - support + _HALF), 0)
    last = min(math.floor(middle + support + _HALF), size)
    heights = [
        max(Fraction(0), 1 - abs((j + _HALF - middle) / support)) for j in range(first, last)
    ]
    total = sum(heights)
    return [(j, height / total) for j, height in zip(range(first, last), heights, strict=True)]


@interprets(aten._upsample_bilinear2d_aa.default, computes=True)
def antialiased(
    o: Reader, x: torch.Tensor, output_size: Sequence[int], align_corners: bool, *scales: Any
) -> Ids:
    """Return a bilinear interpolation that takes all elements into account."""
    each = []
    given = [*scales, *[None] * (2 - len(scales))]
    for size, outputs, factor in zip(x.shape[-2:], output_size, given, strict=True):
        scale = scale_of(size, outputs, factor, align_corners=align_corners)
        each.append([smoothed_taps(size, scale, i) for i in range(outputs)])
    return _resampled(o, x, each, _POLYNOMIAL)
