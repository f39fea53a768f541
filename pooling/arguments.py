"""The arguments of a pooling operator, normalised and checked the way torch checks them.

What torch accepts as an int, a tuple or nothing at all becomes a :class:`Window`, and on an input
one :class:`Axis` per spatial axis; what torch refuses is refused here with a message that names the
argument, the value and the limit. Which arguments an operator takes says its entry in
:mod:`pooling.kinds`. This is apart from the window arithmetic because the arithmetic is what the
proofs are about: it checks nothing, and everything that reaches it from a user has passed through
here.

Sizes are ints, integer NumPy arrays (one entry per configuration of a batch, broadcast) or SymPy
expressions. An array is refused if one of its entries is; a condition on symbols that cannot be
decided passes. No library is imported: an array or a symbol brings its own.
"""

from collections.abc import Callable, Mapping, Sequence
from math import prod
from operator import attrgetter
from types import MappingProxyType
from typing import Any, NamedTuple

from pooling.arithmetic import Number, maximum, minimum
from pooling.checks import check_entries, holds, integer, per_axis, refuse
from pooling.conventions import Padding, edges, place
from pooling.windows import adaptive_taps, adaptive_touched, occupied, output_size, taps, touched

#: What is counted along one axis.
TAPS, OCCUPIED, TOUCHED = map(attrgetter, ("taps", "occupied", "touched"))

_PLAIN = {int}

#: Makes a named tuple of all its fields in half the time of its constructor.
_new = tuple.__new__

#: What an operator takes besides its windows, if it takes nothing.
NO_OPTIONS: Mapping[str, Any] = MappingProxyType({})

#: One size for every spatial axis, or a tuple with one per axis.
Sizes = Number | Sequence[Number]


class Axis(NamedTuple):
    """One spatial axis of a pooling: the arguments torch takes, and the number of windows.

    ``padding`` is (before, after), whatever convention it was given in.

    A named tuple, like :class:`PoolingArguments`, because it is built on every call of the cost
    model and loads in no time; its fields cannot be changed.

    >>> Window(kernel_size=3, stride=2, padding=1).axes((112,))[0].taps
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
        size, kernel_size, stride, (before, _), dilation, _, _, reaching = self
        return taps(size, kernel_size, stride, before, reaching, dilation)

    @property
    def occupied(self) -> Number:
        """The windows along this axis that have at least one tap."""
        size, kernel_size, stride, (before, _), dilation, _, _, reaching = self
        if type(dilation) is int and dilation == 1:  # as in nearly all
            return reaching
        return occupied(size, kernel_size, stride, before, reaching, dilation)

    @property
    def touched(self) -> Number:
        """The elements along this axis that some window reads."""
        size, before = self.size, self.padding[0]
        if not (type(before) is int and before >= 0) and not getattr(before, "is_nonnegative", 0):
            # Before the first window there may be elements that none reads.
            size, before = size + minimum(before, 0), maximum(before, 0)
        return touched(size, self.kernel_size, self.stride, before, self.reaching, self.dilation)


class AdaptiveAxis(NamedTuple):
    """One spatial axis of an adaptive pooling, whose windows follow from the number of outputs.

    >>> adaptive_axes((10,), output_size=4)[0].taps
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

    >>> FractionalAxis(9, kernel_size=2, outputs=4).taps
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

    >>> from pooling import pooling_arguments
    >>> arguments = pooling_arguments(2, (1, 64, 112, 112), kernel_size=3, stride=2, padding=1)
    >>> arguments.output_shape, arguments.outputs, arguments.taps, arguments.occupied
    ((1, 64, 56, 56), 200704, 1784896, 200704)
    """

    leading: tuple[Number, ...]
    axes: tuple[Axis | AdaptiveAxis | FractionalAxis, ...]
    #: What the operator takes besides its windows, such as a temperature, by name.
    options: Mapping[str, Any] = NO_OPTIONS

    def __eq__(self, other: object) -> bool:
        """Compare the windows: of options that change no window the costs need not speak."""
        return isinstance(other, PoolingArguments) and self[:2] == other[:2]

    def __ne__(self, other: object) -> bool:
        return not self == other

    def __hash__(self) -> int:
        return hash(self[:2])

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
    def windowed(self) -> tuple[Axis, ...]:
        """The axes of a pooling whose windows are all of one size and stand in a row."""
        return self.axes  # type: ignore[return-value]

    @property
    def adaptive(self) -> tuple[AdaptiveAxis, ...]:
        """The axes of an adaptive pooling."""
        return self.axes  # type: ignore[return-value]

    @property
    def touched(self) -> Number | None:
        """The elements that some window reads; ``None`` if that takes more than shapes."""
        if not hasattr(self.axes[0], "touched"):
            return None
        return prod(self.leading) * self.over_axes(TOUCHED)


class Window(NamedTuple):
    """How the windows of a pooling lie, as torch takes it: each size an int, or one per axis.

    Made once, where the arguments of an operator are read, and nothing is checked before
    :meth:`axes` meets the sizes of an input.
    """

    #: The elements of a window.
    kernel_size: Sizes
    #: The elements from one window to the next; ``None`` or an empty tuple means ``kernel_size``.
    stride: Sizes | None = None
    #: The elements added on each side of an axis, or what else the convention means.
    padding: Padding = 0
    #: The elements from one position of a window to the next.
    dilation: Sizes = 1
    #: Whether a last window may overhang the padded input.
    ceil_mode: bool = False
    #: What ``padding`` means: a name in :mod:`pooling.conventions`.
    padding_convention: str = "torch"

    def axes(self, sizes: Sequence[Number]) -> tuple[Axis, ...]:
        """Return one checked :class:`Axis` per entry of ``sizes``, the spatial part of a shape.

        Errors are those of :func:`pooling.pooling_arguments`.

        >>> window = Window((2, 3), stride=(2, 3), padding=(0, 1))
        >>> [axis.outputs for axis in window.axes((4, 4))]
        [2, 2]
        """
        kernel_size, stride, padding, dilation, ceil_mode, convention = self
        if type(ceil_mode) is not bool:
            raise TypeError(f"ceil_mode must be a bool, got {ceil_mode!r}")
        count = len(sizes)
        kernel_sizes = per_axis("kernel_size", kernel_size, count)
        omitted = stride is None or (isinstance(stride, tuple | list) and not stride)
        strides = kernel_sizes if omitted else per_axis("stride", stride, count)
        paddings = edges(convention, padding, count)
        dilations = per_axis("dilation", dilation, count)
        return tuple(
            [
                _axis(*along, ceil_mode, convention)
                for along in zip(sizes, kernel_sizes, strides, paddings, dilations, strict=True)
            ]
        )


def windowed(
    dimensions: int,
    shape: Sequence[Number],
    options: Mapping[str, Any],
    kernel_size: Sizes,
    stride: Sizes | None = None,
    padding: Padding = 0,
    dilation: Sizes = 1,
    ceil_mode: bool = False,
    padding_convention: str = "torch",
) -> PoolingArguments:
    """Return the checked arguments of a pooling whose windows are all of one size.

    Of the shape only the batch may be empty. Errors are those of :func:`pooling.pooling_arguments`.

    >>> windowed(2, (1, 3, 8, 8), NO_OPTIONS, 2).output_shape
    (1, 3, 4, 4)
    """
    pooling = _at_a_glance(
        dimensions, shape, options,
        kernel_size, stride, padding, dilation, ceil_mode, padding_convention,
    )  # fmt: skip
    if pooling is not None:
        return pooling
    leading, sizes = split_shape(dimensions, shape)
    if holds(wrong := leading[-1] < 1):
        refuse("the channels of shape must be at least 1, got {0}", wrong, leading[-1])
    if holds(wrong := leading[0] < 0):
        refuse("the batch of shape must be at least 0, got {0}", wrong, leading[0])
    window = Window(kernel_size, stride, padding, dilation, ceil_mode, padding_convention)
    return _new(PoolingArguments, (leading, window.axes(sizes), options))


def _at_a_glance(
    dimensions: int,
    shape: Sequence[Number],
    options: Mapping[str, Any],
    kernel_size: Any,
    stride: Any,
    padding: Any,
    dilation: Any,
    ceil_mode: Any,
    padding_convention: Any,
) -> PoolingArguments | None:
    """Return the arguments if all is plain ints and in order; ``None`` if it needs a closer look.

    Most calls are such, and one look finds them. The others, right or wrong, are read with care for
    arrays, symbols and mistakes; this is the only short cut.
    """
    if stride is None:
        stride = kernel_size
    if not (
        type(kernel_size) is type(stride) is type(padding) is type(dilation) is int
        and type(ceil_mode) is bool
        and type(shape) is tuple
        and dimensions < len(shape) <= dimensions + 2
        and 0 <= padding <= kernel_size // 2
        and kernel_size > 0 < stride
        and dilation > 0
        and padding_convention == "torch"
    ):
        return None
    leading = shape[:-dimensions]
    for size in leading:
        if type(size) is not int or size < 1:
            return None
    sides = (padding, padding)
    axes: list[Axis] = []
    before = None
    for size in shape[-dimensions:]:
        if size is not before:  # axes that are alike are one and the same
            if type(size) is not int or size < 1:
                return None
            outputs = output_size(size, kernel_size, stride, sides, dilation, ceil_mode)
            if outputs < 1:
                return None
            along = (size, kernel_size, stride, sides, dilation, ceil_mode, outputs, outputs)
            axis = _new(Axis, along)
            before = size
        axes.append(axis)
    return _new(PoolingArguments, (leading, tuple(axes), options))


def adaptive_axes(
    sizes: Sequence[Number], output_size: Sizes | Sequence[Number | None]
) -> tuple[AdaptiveAxis, ...]:
    """Return one checked :class:`AdaptiveAxis` per entry of ``sizes``, the spatial part of a shape.

    Arguments and errors are those of :func:`pooling.adaptive_arguments`.

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
        check_size(size)
        if holds(wrong := wanted < 0):
            refuse("output_size must be at least 0, got {0}", wrong, wanted)
        axes.append(AdaptiveAxis(size, wanted))
    return tuple(axes)


def split_shape(
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


def check_leading(leading: Sequence[Number], empty_channels: bool) -> None:
    """Refuse what adaptive and fractional poolings do: of these the first axis may be empty."""
    if holds(wrong := leading[0] < 0):
        refuse("the first entry of shape must be at least 0, got {0}", wrong, leading[0])
    least = 0 if empty_channels else 1
    for size in leading[1:]:
        if holds(wrong := size < least):
            refuse("the channels of shape must be at least {1}, got {0}", wrong, size, least)


def check_size(size: Number) -> None:
    """Refuse an empty axis."""
    if holds(wrong := size < 1):
        refuse("the spatial sizes of shape must be at least 1, got {0}", wrong, size)


def _axis(
    size: Number,
    kernel_size: Number,
    stride: Number,
    padding: tuple[Number, Number] | None,
    dilation: Number,
    ceil_mode: bool,
    convention: str,
) -> Axis:
    _check_window(size, kernel_size, stride, dilation)
    if convention == "torch" and padding is not None:
        before, after = padding
        _check_half(padding, kernel_size)
        outputs = output_size(size, kernel_size, stride, padding, dilation, ceil_mode)
        reaching = outputs
    else:
        windows = place(convention, size, kernel_size, stride, padding, dilation, ceil_mode)
        (before, after), outputs, reaching = windows
    if holds(wrong := outputs < 1):
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
    check_size(size)
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
                "padding must be at most {1}, half of kernel_size {2}, got {0}"
                " (padding_convention='onnx' allows more)",
                wrong,
                edge,
                half,
                kernel_size,
            )
