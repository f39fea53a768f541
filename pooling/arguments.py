"""The arguments of a pooling operator, normalised and checked the way torch checks them.

What torch accepts as an int, a tuple or nothing at all becomes one :class:`Axis` per spatial axis,
and what torch refuses is refused here with a message that names the argument, the value and the
limit. This is apart from the window arithmetic because the arithmetic is what the proofs are
about: it checks nothing, and everything that reaches it from a user has passed through here.

Sizes are ints, integer NumPy arrays (one entry per configuration of a batch, broadcast) or SymPy
expressions. An array is refused if one of its entries is; a condition on symbols that cannot be
decided passes. No library is imported: an array or a symbol brings its own.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from math import prod
from operator import attrgetter
from typing import Any, NamedTuple

from pooling.arithmetic import Number
from pooling.checks import check_entries, holds, integer, per_axis, refuse
from pooling.conventions import Padding, edges, place
from pooling.windows import (
    adaptive_taps,
    adaptive_touched,
    occupied,
    output_size,
    taps,
    touched,
)

#: What is counted along one axis.
TAPS, OCCUPIED, TOUCHED = map(attrgetter, ("taps", "occupied", "touched"))

_PLAIN = {int}

#: Makes a named tuple of all its fields in half the time of its constructor.
_new = tuple.__new__

#: One size for every spatial axis, or a tuple with one per axis.
Sizes = Number | Sequence[Number]


class Axis(NamedTuple):
    """One spatial axis of a pooling: the arguments torch takes, and the number of windows.

    ``padding`` is (before, after), whatever convention it was given in.

    A named tuple, like :class:`PoolingArguments`, because it is built on every call of the cost
    model and loads in no time; its fields cannot be changed.

    >>> pooling_arguments(1, (64, 112), kernel_size=3, stride=2, padding=1).axes[0].taps
    167
    """

    size: Number
    kernel_size: Number
    stride: Number
    padding: tuple[Number, Number]
    dilation: Number
    ceil_mode: bool
    outputs: Number
    #: The windows that begin before the end of the input; the others have no tap.
    reaching: Number

    @property
    def taps(self) -> Number:
        """The taps of all windows along this axis."""
        return taps(
            self.size, self.kernel_size, self.stride, self.padding[0], self.reaching, self.dilation
        )

    @property
    def occupied(self) -> Number:
        """The windows along this axis that have at least one tap."""
        return occupied(
            self.size, self.kernel_size, self.stride, self.padding[0], self.reaching, self.dilation
        )

    @property
    def touched(self) -> Number:
        """The elements along this axis that some window reads."""
        return touched(
            self.size, self.kernel_size, self.stride, self.padding[0], self.reaching, self.dilation
        )


class AdaptiveAxis(NamedTuple):
    """One spatial axis of an adaptive pooling, whose windows follow from the number of outputs.

    >>> adaptive_arguments(1, (1, 10), output_size=4).axes[0].taps
    12
    """

    size: Number
    outputs: Number

    @property
    def taps(self) -> Number:
        """The taps of all windows along this axis."""
        return adaptive_taps(self.size, self.outputs)

    @property
    def occupied(self) -> Number:
        """The windows along this axis that have at least one tap: all."""
        return self.outputs

    @property
    def touched(self) -> Number:
        """The elements along this axis that some window reads."""
        return adaptive_touched(self.size, self.outputs)


class FractionalAxis(NamedTuple):
    """One spatial axis of a fractional pooling, whose windows are drawn at random.

    Wherever they begin they lie inside the input; which elements they read together is not known
    before they are drawn, so there is no ``touched``.

    >>> fractional_arguments(2, (1, 9, 9), kernel_size=2, output_size=4).axes[0].taps
    8
    """

    size: Number
    kernel_size: Number
    outputs: Number

    @property
    def taps(self) -> Number:
        """The taps of all windows along this axis."""
        return self.outputs * self.kernel_size

    @property
    def occupied(self) -> Number:
        """The windows along this axis that have at least one tap: all."""
        return self.outputs


class PoolingArguments(NamedTuple):
    """A pooling of one input shape: the leading axes, which it leaves alone, and the spatial ones.

    >>> arguments = pooling_arguments(2, (1, 64, 112, 112), kernel_size=3, stride=2, padding=1)
    >>> arguments.output_shape, arguments.outputs, arguments.taps, arguments.occupied
    ((1, 64, 56, 56), 200704, 1784896, 200704)
    """

    leading: tuple[Number, ...]
    axes: tuple[Axis | AdaptiveAxis | FractionalAxis, ...]

    @property
    def input_shape(self) -> tuple[Number, ...]:
        """The shape of the input, leading axes included."""
        return (*self.leading, *[axis.size for axis in self.axes])

    @property
    def inputs(self) -> Number:
        """The number of elements of the input."""
        return prod(self.input_shape)

    @property
    def output_shape(self) -> tuple[Number, ...]:
        """The shape of the output, leading axes included."""
        return (*self.leading, *[axis.outputs for axis in self.axes])

    @property
    def outputs(self) -> Number:
        """The number of windows, which is the number of output elements."""
        return prod(self.output_shape)

    def over_axes(self, count: Callable[[Any], Number]) -> Number:
        """Return the product of ``count`` over the spatial axes.

        Windows are products of their axes, and so are their taps and what they cover together.
        Axes that are one and the same, as those of square images are, are counted once.
        """
        first = self.axes[0]
        product = counted = count(first)
        for axis in self.axes[1:]:
            product = product * (counted if axis is first else count(axis))
        return product

    @property
    def taps(self) -> Number:
        """The taps of all windows together: positions of windows that fall inside the input."""
        return prod(self.leading) * self.over_axes(TAPS)

    @property
    def occupied(self) -> Number:
        """The number of windows that have at least one tap."""
        return prod(self.leading) * self.over_axes(OCCUPIED)

    @property
    def combinations(self) -> Number:
        """What it takes to make one number of the taps of each window: one less than there are."""
        taps = occupied = prod(self.leading)
        counted = None
        for axis in self.axes:
            if axis is not counted:  # the axes of a square image are one and the same
                along, with_taps = axis.taps, axis.occupied
                counted = axis
            taps, occupied = taps * along, occupied * with_taps
        return taps - occupied

    @property
    def touched(self) -> Number | None:
        """The elements that some window reads; ``None`` if the windows are drawn at random."""
        if isinstance(self.axes[0], FractionalAxis):
            return None
        return prod(self.leading) * self.over_axes(TOUCHED)


def pooling_arguments(
    dimensions: int,
    shape: Sequence[Number],
    kernel_size: Sizes,
    stride: Sizes | None = None,
    padding: Padding = 0,
    dilation: Sizes = 1,
    ceil_mode: bool = False,
    padding_convention: str = "torch",
) -> PoolingArguments:
    """Return the checked arguments of a pooling over the last ``dimensions`` axes of ``shape``.

    Args:
        dimensions: The number of spatial axes: 1, 2 or 3.
        shape: The input shape, ``(N, C, *spatial)`` or unbatched ``(C, *spatial)``. Only N may
            be 0.
        kernel_size: The elements of a window, one int or one per spatial axis.
        stride: The elements from one window to the next; ``None``, or an empty tuple, means
            ``kernel_size``.
        padding: The elements added on *each* side of an axis, at most half of ``kernel_size``:
            one int, one per spatial axis, or one pair (before, after) per spatial axis, to pad
            only the top or only the left. ``dilation`` does not raise the limit.
        dilation: The elements from one position of a window to the next.
        ceil_mode: Whether a last window may overhang the padded input.
        padding_convention: What ``padding`` means, one of the names in
            :mod:`pooling.conventions`; torch's if it is left out.

    Raises:
        ValueError: A value that torch refuses: a kernel_size, stride or dilation below 1, a
            negative or too large padding, an empty output, a wrong number of dimensions or of
            entries, an empty input.
        TypeError: A value of the wrong type, such as a float or a bool for a size.

    Source: the checks of ``torch.nn.functional.max_pool2d`` and its neighbours.

    >>> pooling_arguments(2, (3, 4, 4), (2, 3), stride=(2, 3), padding=(0, 1)).output_shape
    (3, 2, 2)
    >>> pooling_arguments(2, (1, 64, 112, 112), kernel_size=3, padding=2)
    Traceback (most recent call last):
    ...
    ValueError: padding must be at most 1, half of kernel_size 3, got 2
    >>> pooling_arguments(2, (1, 64, 112, 112), 3, 2, ((1, 0), (1, 0))).axes[0].padding
    (1, 0)
    >>> pooling_arguments(2, (1, 64, 112, 112), 3, 2, padding_convention="same").axes[0].padding
    (0, 1)
    """
    leading, sizes = _windowed_shape(dimensions, shape)
    axes = window_axes(sizes, kernel_size, stride, padding, dilation, ceil_mode, padding_convention)
    return _new(PoolingArguments, (leading, axes))


def average_arguments(
    dimensions: int,
    shape: Sequence[Number],
    kernel_size: Sizes,
    stride: Sizes | None = None,
    padding: Padding = 0,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
    divisor_override: Number | None = None,
    padding_convention: str = "torch",
) -> PoolingArguments:
    """Return the checked arguments of an average pooling, which refuses more than max-pooling.

    Arguments and errors are those of :func:`pooling_arguments`. In addition ``divisor_override``
    must not be 0, and over three spatial axes no ``kernel_size`` may exceed the *unpadded* input:
    torch says so for ``avg_pool3d`` alone, whatever the padding and the ceil_mode. Other padding
    conventions are not bound by that.

    >>> average_arguments(2, (1, 2, 2), kernel_size=3, padding=1).output_shape
    (1, 1, 1)
    >>> average_arguments(3, (1, 2, 2, 2), kernel_size=3, padding=1)
    Traceback (most recent call last):
    ...
    ValueError: kernel_size must be at most 2, the unpadded input of an avg_pool3d, got 3
    """
    check_divisor(count_include_pad, divisor_override)
    leading, sizes = _windowed_shape(dimensions, shape)
    axes = window_axes(
        sizes,
        kernel_size,
        stride,
        padding,
        ceil_mode=ceil_mode,
        padding_convention=padding_convention,
    )
    for axis in axes if dimensions == 3 and padding_convention == "torch" else ():
        if holds(above := axis.kernel_size > axis.size):
            refuse(
                "kernel_size must be at most {1}, the unpadded input of an avg_pool3d, got {0}",
                above,
                axis.kernel_size,
                axis.size,
            )
    return _new(PoolingArguments, (leading, axes))


def norm_arguments(
    dimensions: int,
    shape: Sequence[Number],
    norm_type: float,
    kernel_size: Sizes,
    stride: Sizes | None = None,
    ceil_mode: bool = False,
) -> PoolingArguments:
    """Return the checked arguments of an LP pooling, which torch builds from other poolings.

    Arguments and errors are those of :func:`average_arguments`, or for an infinite ``norm_type``
    those of :func:`pooling_arguments`, and besides those of :func:`check_norm_type`. In addition
    ``kernel_size`` is an int or has one entry per spatial axis; over one axis with a finite
    ``norm_type`` it is an int.

    >>> norm_arguments(2, (1, 4, 4), norm_type=2, kernel_size=(2, 4)).output_shape
    (1, 2, 1)
    >>> norm_arguments(2, (1, 4, 4), norm_type=2, kernel_size=(2,))
    Traceback (most recent call last):
    ...
    ValueError: kernel_size must have 2 entries, got 1: (2,)
    """
    infinite = check_norm_type(norm_type)
    if isinstance(kernel_size, tuple | list):
        if dimensions == 1 and not infinite:
            raise TypeError(f"kernel_size must be an integer for one axis, got {kernel_size!r}")
        check_entries("kernel_size", kernel_size, dimensions)
    if infinite:
        return pooling_arguments(dimensions, shape, kernel_size, stride, ceil_mode=ceil_mode)
    return average_arguments(dimensions, shape, kernel_size, stride, ceil_mode=ceil_mode)


def check_norm_type(norm_type: float) -> bool:
    """Refuse a ``norm_type`` of 0 or one that is no real number; say whether it is infinite.

    >>> check_norm_type(2), check_norm_type(float("inf"))
    (False, True)
    >>> check_norm_type(0)
    Traceback (most recent call last):
    ...
    ValueError: norm_type must not be 0, got 0
    """
    number = hasattr(norm_type, "__float__") and not hasattr(norm_type, "shape")
    if isinstance(norm_type, bool) or not number:
        raise TypeError(
            f"norm_type must be a number, got {norm_type!r} of type {type(norm_type).__name__}"
        )
    if norm_type == 0:
        raise ValueError(f"norm_type must not be 0, got {norm_type}")
    return norm_type in (float("inf"), float("-inf"))


def adaptive_arguments(
    dimensions: int,
    shape: Sequence[Number],
    output_size: Sizes | Sequence[Number | None],
    empty_channels: bool = False,
) -> PoolingArguments:
    """Return the checked arguments of an adaptive pooling over the last ``dimensions`` axes.

    Args:
        dimensions: The number of spatial axes: 1, 2 or 3.
        shape: The input shape, ``(N, C, *spatial)`` or unbatched ``(C, *spatial)``. The first
            entry may be 0 in either.
        output_size: The number of windows: one int, or one per spatial axis, of which each may be
            ``None`` (as many as there are elements) if there is more than one axis. 0 and more
            windows than elements are allowed.
        empty_channels: Whether any leading entry may be 0, which torch allows for
            ``adaptive_avg_pool1d`` and ``adaptive_avg_pool2d`` alone.

    Raises:
        ValueError: A negative output_size, a wrong number of dimensions or of entries, an empty
            input. Stricter than torch in one place: an average pooling whose outputs are all 1 is
            a mean there, of any shape, and NaN of nothing.
        TypeError: A value of the wrong type, such as ``None`` in place of all entries.

    Source: the checks of ``torch.nn.functional.adaptive_avg_pool2d`` and its neighbours.

    >>> adaptive_arguments(2, (1, 64, 7, 9), (3, None)).output_shape
    (1, 64, 3, 9)
    >>> adaptive_arguments(2, (1, 64, 7, 9), -1)
    Traceback (most recent call last):
    ...
    ValueError: output_size must be at least 0, got -1
    """
    leading, sizes = _split_shape(dimensions, shape)
    _check_leading(leading, empty_channels)
    return PoolingArguments(leading, adaptive_axes(sizes, output_size))


def adaptive_axes(
    sizes: Sequence[Number], output_size: Sizes | Sequence[Number | None]
) -> tuple[AdaptiveAxis, ...]:
    """Return one checked :class:`AdaptiveAxis` per entry of ``sizes``, the spatial part of a shape.

    Arguments and errors are those of :func:`adaptive_arguments`.

    >>> [axis.outputs for axis in adaptive_axes((4, 6), (None, 3))]
    [4, 3]
    """
    count = len(sizes)
    if isinstance(output_size, tuple | list):
        check_entries("output_size", output_size, count)
        if count > 1:
            output_size = [
                size if entry is None else entry
                for size, entry in zip(sizes, output_size, strict=True)
            ]
    outputs = per_axis("output_size", output_size, count)
    axes: list[AdaptiveAxis] = []
    for size, wanted in zip(sizes, outputs, strict=True):
        if axes and size is axes[-1].size and wanted is axes[-1].outputs:
            axes.append(axes[-1])
            continue
        _check_size(size)
        if (wrong := wanted < 0) is not False and holds(wrong):
            refuse("output_size must be at least 0, got {0}", wrong, wanted)
        axes.append(AdaptiveAxis(size, wanted))
    return tuple(axes)


def fractional_arguments(
    dimensions: int,
    shape: Sequence[Number],
    kernel_size: Sizes,
    output_size: Sizes | None = None,
    output_ratio: float | Sequence[float] | None = None,
) -> PoolingArguments:
    """Return the checked arguments of a fractional max-pooling over the last ``dimensions`` axes.

    Args:
        dimensions: The number of spatial axes: 2 or 3.
        shape: The input shape, as in :func:`adaptive_arguments`.
        kernel_size: The elements of a window, one int or one per spatial axis.
        output_size: The number of windows, one int or one per spatial axis. 0 is allowed.
        output_ratio: Windows per element, used if there is no output_size: one number per spatial
            axis, of which the part after the point of the product is dropped. One number for all
            axes is accepted over three of them alone, as in torch's functions.

    Raises:
        ValueError: Windows that do not fit: torch wants kernel_size + output_size − 1 to be at
            most the size in two dimensions and *below* it in three. Neither output_size nor
            output_ratio. Wrong numbers of entries or dimensions, an empty input. Stricter than
            torch, which reads no window at all then: a kernel_size below 1; and which ignores
            it: an output_ratio of more than three entries.
        TypeError: A value of the wrong type.

    Source: the checks of ``torch.nn.functional.fractional_max_pool2d`` and its neighbour.

    >>> fractional_arguments(2, (1, 9, 9), 2, output_ratio=(0.5, 0.25)).output_shape
    (1, 4, 2)
    >>> fractional_arguments(3, (1, 5, 5, 5), 2, output_size=4)
    Traceback (most recent call last):
    ...
    ValueError: kernel_size + output_size must be at most 5 for a size of 5, got 2 + 4
    """
    leading, sizes = _split_shape(dimensions, shape)
    _check_leading(leading, empty_channels=False)
    return PoolingArguments(leading, fractional_axes(sizes, kernel_size, output_size, output_ratio))


def fractional_axes(
    sizes: Sequence[Number],
    kernel_size: Sizes,
    output_size: Sizes | None = None,
    output_ratio: float | Sequence[float] | None = None,
) -> tuple[FractionalAxis, ...]:
    """Return one checked :class:`FractionalAxis` per entry of ``sizes``.

    Arguments and errors are those of :func:`fractional_arguments`.

    >>> [axis.outputs for axis in fractional_axes((9, 9), kernel_size=2, output_size=(4, 3))]
    [4, 3]
    """
    count = len(sizes)
    outputs: Sequence[Number]
    if output_size is not None:
        if isinstance(output_size, tuple | list):
            check_entries("output_size", output_size, count)
        outputs = per_axis("output_size", output_size, count)
    elif output_ratio is not None:
        outputs = [
            _part(size, ratio)
            for size, ratio in zip(sizes, _ratios(output_ratio, count), strict=True)
        ]
    else:
        raise ValueError("either output_size or output_ratio must be given, got neither")
    if isinstance(kernel_size, tuple | list):
        check_entries("kernel_size", kernel_size, count)
    kernel_sizes = per_axis("kernel_size", kernel_size, count)
    axes = []
    for size, kernel, wanted in zip(sizes, kernel_sizes, outputs, strict=True):
        _check_size(size)
        if holds(wrong := kernel < 1):
            refuse("kernel_size must be at least 1, got {0}", wrong, kernel)
        if holds(wrong := wanted < 0):
            refuse("output_size must be at least 0, got {0}", wrong, wanted)
        limit = size if count == 3 else size + 1
        if holds(wrong := kernel + wanted > limit):
            refuse(
                "kernel_size + output_size must be at most {2} for a size of {3}, got {0} + {1}",
                wrong,
                kernel,
                wanted,
                limit,
                size,
            )
        axes.append(FractionalAxis(size, kernel, wanted))
    return tuple(axes)


def check_divisor(count_include_pad: bool, divisor_override: Number | None) -> None:
    """Refuse a ``divisor_override`` of 0 and anything that is not of the type torch takes.

    >>> check_divisor(True, 0)
    Traceback (most recent call last):
    ...
    ValueError: divisor_override must not be 0, got 0
    """
    if type(count_include_pad) is not bool:
        raise TypeError(f"count_include_pad must be a bool, got {count_include_pad!r}")
    if divisor_override is not None:
        divisor = integer("divisor_override", None, divisor_override)
        if holds(zero := divisor == 0):
            refuse("divisor_override must not be 0, got {0}", zero, divisor)


def window_axes(
    sizes: Sequence[Number],
    kernel_size: Sizes,
    stride: Sizes | None = None,
    padding: Padding = 0,
    dilation: Sizes = 1,
    ceil_mode: bool = False,
    padding_convention: str = "torch",
) -> tuple[Axis, ...]:
    """Return one checked :class:`Axis` per entry of ``sizes``, the spatial part of a shape.

    Arguments and errors are those of :func:`pooling_arguments`.

    >>> [axis.outputs for axis in window_axes((4, 4), (2, 3), stride=(2, 3), padding=(0, 1))]
    [2, 2]
    """
    if type(ceil_mode) is not bool:
        raise TypeError(f"ceil_mode must be a bool, got {ceil_mode!r}")
    step = kernel_size if stride is None else stride
    plain = type(kernel_size) is type(step) is type(dilation) is int
    if plain and type(padding) is int and padding >= 0 and padding_convention == "torch":
        # The same window along every axis: axes differ in their size or not at all.
        window = (kernel_size, step, (padding, padding), dilation, ceil_mode, "torch")
        first = sizes[0]
        axis = _axis(first, *window)
        return tuple([axis if size is first else _axis(size, *window) for size in sizes])
    count = len(sizes)
    kernel_sizes = per_axis("kernel_size", kernel_size, count)
    omitted = stride is None or (isinstance(stride, tuple | list) and not stride)
    strides = kernel_sizes if omitted else per_axis("stride", stride, count)
    paddings = edges(padding_convention, padding, count)
    dilations = per_axis("dilation", dilation, count)
    return tuple(
        [
            _axis(*along, ceil_mode, padding_convention)
            for along in zip(sizes, kernel_sizes, strides, paddings, dilations, strict=True)
        ]
    )


def _split_shape(
    dimensions: int, shape: Sequence[Number]
) -> tuple[tuple[Number, ...], Sequence[Number]]:
    """Return the leading and the spatial sizes of a shape of the right rank."""
    if not isinstance(shape, tuple | list):
        raise TypeError(f"shape must be a tuple of integers, got {shape!r}")
    sizes: Sequence[Number] = shape
    if {*map(type, shape)} != _PLAIN:
        sizes = [integer("shape", axis, size) for axis, size in enumerate(shape)]
    if not dimensions < len(sizes) <= dimensions + 2:
        raise ValueError(
            f"shape must have {dimensions + 1} or {dimensions + 2} dimensions for "
            f"{dimensions} spatial axes, got {len(sizes)}: {tuple(shape)}"
        )
    return tuple(sizes[:-dimensions]), sizes[-dimensions:]


def _windowed_shape(
    dimensions: int, shape: Sequence[Number]
) -> tuple[tuple[Number, ...], Sequence[Number]]:
    """Return the parts of a shape of which only the batch may be empty."""
    if (
        type(shape) is tuple
        and {*map(type, shape)} == _PLAIN
        and min(shape) > 0
        and dimensions < len(shape) <= dimensions + 2
    ):
        return shape[:-dimensions], shape[-dimensions:]  # nothing to refuse, at a glance
    leading, sizes = _split_shape(dimensions, shape)
    if holds(wrong := leading[-1] < 1):
        refuse("the channels of shape must be at least 1, got {0}", wrong, leading[-1])
    if holds(wrong := leading[0] < 0):
        refuse("the batch of shape must be at least 0, got {0}", wrong, leading[0])
    return leading, sizes


def _check_leading(leading: Sequence[Number], empty_channels: bool) -> None:
    """Refuse what adaptive and fractional poolings do: of these the first axis may be empty."""
    if (wrong := leading[0] < 0) is not False and holds(wrong):
        refuse("the first entry of shape must be at least 0, got {0}", wrong, leading[0])
    least = 0 if empty_channels else 1
    for size in leading[1:]:
        if (wrong := size < least) is not False and holds(wrong):
            refuse("the channels of shape must be at least {1}, got {0}", wrong, size, least)


def _check_size(size: Number) -> None:
    if (wrong := size < 1) is not False and holds(wrong):
        refuse("the spatial sizes of shape must be at least 1, got {0}", wrong, size)


def _ratios(output_ratio: Any, count: int) -> Sequence[float]:
    ratios: Sequence[Any]
    if isinstance(output_ratio, tuple | list):
        check_entries("output_ratio", output_ratio, count)
        ratios = output_ratio
    elif count == 3:
        ratios = (output_ratio,) * count
    else:
        raise TypeError(
            f"output_ratio must be a tuple with one entry per axis, got {output_ratio!r}"
        )
    for ratio in ratios:
        if isinstance(ratio, bool) or not isinstance(ratio, int | float):
            raise TypeError(f"output_ratio must be a number, got {ratio!r}")
    return ratios


def _part(size: Number, ratio: float) -> Number:
    """Return size · ratio without what stands behind the point."""
    part = size * ratio
    if hasattr(part, "astype"):
        return part.astype("int64")
    return sys.modules["sympy"].floor(part) if hasattr(part, "free_symbols") else int(part)


def _axis(
    size: Number,
    kernel_size: Number,
    stride: Number,
    padding: tuple[Number, Number] | None,
    dilation: Number,
    ceil_mode: bool,
    convention: str,
) -> Axis:
    # Plain numbers need no care with arrays and symbols, and one comparison finds them in order.
    plain = type(size) is type(kernel_size) is type(stride) is type(dilation) is int
    if not plain or size < 1 or kernel_size < 1 or stride < 1 or dilation < 1:
        _check_window(size, kernel_size, stride, dilation)
    if convention == "torch" and padding is not None:
        before, after = padding
        if not (plain and type(before) is int and before is after and before <= kernel_size // 2):
            _check_half(padding, kernel_size)
        outputs = output_size(size, kernel_size, stride, padding, dilation, ceil_mode)
        reaching = outputs
    else:
        windows = place(convention, size, kernel_size, stride, padding, dilation, ceil_mode)
        (before, after), outputs, reaching = windows
    if (wrong := outputs < 1) is not False and holds(wrong):
        # The longest window that still gives an output; ceil_mode lets it overhang.
        overhangs = ceil_mode or convention == "full"
        room = size + before + after + (stride - 1 if overhangs else 0)
        padded = "{5} on each side" if before is after else "{5} before and {6} after"
        refuse(
            "kernel_size {0} with dilation {1} spans {2} elements, but at most {3} fit: size {4} "
            f"with padding {padded}; the output would be empty",
            wrong,
            kernel_size,
            dilation,
            dilation * (kernel_size - 1) + 1,
            room,
            size,
            before,
            after,
        )
    sides = (before, after)
    return _new(Axis, (size, kernel_size, stride, sides, dilation, ceil_mode, outputs, reaching))


def _check_window(size: Number, kernel_size: Number, stride: Number, dilation: Number) -> None:
    _check_size(size)
    if holds(wrong := kernel_size < 1):
        refuse("kernel_size must be at least 1, got {0}", wrong, kernel_size)
    if holds(wrong := stride < 1):
        refuse("stride must be at least 1, got {0}", wrong, stride)
    if holds(wrong := dilation < 1):
        refuse("dilation must be at least 1, got {0}", wrong, dilation)


def _check_half(padding: tuple[Number, Number], kernel_size: Number) -> None:
    before, after = padding
    half = kernel_size // 2
    for edge in (before,) if before is after else (before, after):
        if holds(wrong := edge > half):
            refuse(
                "padding must be at most {1}, half of kernel_size {2}, got {0}",
                wrong,
                edge,
                half,
                kernel_size,
            )
