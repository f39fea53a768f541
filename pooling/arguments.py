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
from collections.abc import Sequence
from math import prod
from operator import index
from typing import Any, NamedTuple, NoReturn

from pooling.arithmetic import Number
from pooling.windows import occupied, output_size, taps

#: One size for every spatial axis, or a tuple with one per axis.
Sizes = Number | Sequence[Number]


class Axis(NamedTuple):
    """One spatial axis of a pooling: the arguments torch takes, and the number of windows.

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

    @property
    def taps(self) -> Number:
        """The taps of all windows along this axis."""
        return taps(
            self.size, self.kernel_size, self.stride, self.padding[0], self.outputs, self.dilation
        )

    @property
    def occupied(self) -> Number:
        """The windows along this axis that have at least one tap."""
        return occupied(
            self.size, self.kernel_size, self.stride, self.padding[0], self.outputs, self.dilation
        )


class PoolingArguments(NamedTuple):
    """A pooling of one input shape: the leading axes, which it leaves alone, and the spatial ones.

    >>> arguments = pooling_arguments(2, (1, 64, 112, 112), kernel_size=3, stride=2, padding=1)
    >>> arguments.output_shape, arguments.outputs, arguments.taps, arguments.occupied
    ((1, 64, 56, 56), 200704, 1784896, 200704)
    """

    leading: tuple[Number, ...]
    axes: tuple[Axis, ...]

    @property
    def output_shape(self) -> tuple[Number, ...]:
        """The shape of the output, leading axes included."""
        return (*self.leading, *[axis.outputs for axis in self.axes])

    @property
    def outputs(self) -> Number:
        """The number of windows, which is the number of output elements."""
        return prod(self.output_shape)

    @property
    def taps(self) -> Number:
        """The taps of all windows together: positions of windows that fall inside the input."""
        return prod((*self.leading, *[axis.taps for axis in self.axes]))

    @property
    def occupied(self) -> Number:
        """The number of windows that have at least one tap."""
        return prod((*self.leading, *[axis.occupied for axis in self.axes]))


def pooling_arguments(
    dimensions: int,
    shape: Sequence[Number],
    kernel_size: Sizes,
    stride: Sizes | None = None,
    padding: Sizes = 0,
    dilation: Sizes = 1,
    ceil_mode: bool = False,
) -> PoolingArguments:
    """Return the checked arguments of a pooling over the last ``dimensions`` axes of ``shape``.

    Args:
        dimensions: The number of spatial axes: 1, 2 or 3.
        shape: The input shape, ``(N, C, *spatial)`` or unbatched ``(C, *spatial)``. Only N may
            be 0.
        kernel_size: The elements of a window, one int or one per spatial axis.
        stride: The elements from one window to the next; ``None``, or an empty tuple, means
            ``kernel_size``.
        padding: The elements added on *each* side of an axis, at most half of ``kernel_size``.
            ``dilation`` does not raise that limit.
        dilation: The elements from one position of a window to the next.
        ceil_mode: Whether a last window may overhang the padded input.

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
    """
    if not isinstance(shape, tuple | list):
        raise TypeError(f"shape must be a tuple of integers, got {shape!r}")
    sizes = [
        size if type(size) is int else _integer("shape", axis, size)
        for axis, size in enumerate(shape)
    ]
    if not dimensions < len(sizes) <= dimensions + 2:
        raise ValueError(
            f"shape must have {dimensions + 1} or {dimensions + 2} dimensions for "
            f"{dimensions} spatial axes, got {len(sizes)}: {tuple(shape)}"
        )
    leading = sizes[:-dimensions]
    if _holds(wrong := leading[-1] < 1):
        _refuse("the channels of shape must be at least 1, got {0}", wrong, leading[-1])
    if _holds(wrong := leading[0] < 0):
        _refuse("the batch of shape must be at least 0, got {0}", wrong, leading[0])
    axes = window_axes(sizes[-dimensions:], kernel_size, stride, padding, dilation, ceil_mode)
    return PoolingArguments(tuple(leading), axes)


def average_arguments(
    dimensions: int,
    shape: Sequence[Number],
    kernel_size: Sizes,
    stride: Sizes | None = None,
    padding: Sizes = 0,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
    divisor_override: Number | None = None,
) -> PoolingArguments:
    """Return the checked arguments of an average pooling, which refuses more than max-pooling.

    Arguments and errors are those of :func:`pooling_arguments`. In addition ``divisor_override``
    must not be 0, and over three spatial axes no ``kernel_size`` may exceed the *unpadded* input:
    torch says so for ``avg_pool3d`` alone, whatever the padding and the ceil_mode.

    >>> average_arguments(2, (1, 2, 2), kernel_size=3, padding=1).output_shape
    (1, 1, 1)
    >>> average_arguments(3, (1, 2, 2, 2), kernel_size=3, padding=1)
    Traceback (most recent call last):
    ...
    ValueError: kernel_size must be at most 2, the unpadded input of an avg_pool3d, got 3
    """
    check_divisor(count_include_pad, divisor_override)
    arguments = pooling_arguments(
        dimensions, shape, kernel_size, stride, padding, ceil_mode=ceil_mode
    )
    if dimensions == 3:
        for axis in arguments.axes:
            if _holds(above := axis.kernel_size > axis.size):
                _refuse(
                    "kernel_size must be at most {1}, the unpadded input of an avg_pool3d, got {0}",
                    above,
                    axis.kernel_size,
                    axis.size,
                )
    return arguments


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
        divisor = _integer("divisor_override", None, divisor_override)
        if _holds(zero := divisor == 0):
            _refuse("divisor_override must not be 0, got {0}", zero, divisor)


def window_axes(
    sizes: Sequence[Number],
    kernel_size: Sizes,
    stride: Sizes | None = None,
    padding: Sizes = 0,
    dilation: Sizes = 1,
    ceil_mode: bool = False,
) -> tuple[Axis, ...]:
    """Return one checked :class:`Axis` per entry of ``sizes``, the spatial part of a shape.

    Arguments and errors are those of :func:`pooling_arguments`.

    >>> [axis.outputs for axis in window_axes((4, 4), (2, 3), stride=(2, 3), padding=(0, 1))]
    [2, 2]
    """
    if type(ceil_mode) is not bool:
        raise TypeError(f"ceil_mode must be a bool, got {ceil_mode!r}")
    count = len(sizes)
    kernel_sizes = _per_axis("kernel_size", kernel_size, count)
    omitted = stride is None or (isinstance(stride, tuple | list) and not stride)
    strides = kernel_sizes if omitted else _per_axis("stride", stride, count)
    paddings = _per_axis("padding", padding, count)
    dilations = _per_axis("dilation", dilation, count)
    return tuple(
        [
            _axis(size, kernel_sizes[i], strides[i], paddings[i], dilations[i], ceil_mode)
            for i, size in enumerate(sizes)
        ]
    )


def _axis(
    size: Number,
    kernel_size: Number,
    stride: Number,
    padding: Number,
    dilation: Number,
    ceil_mode: bool,
) -> Axis:
    if _holds(wrong := size < 1):
        _refuse("the spatial sizes of shape must be at least 1, got {0}", wrong, size)
    if _holds(wrong := kernel_size < 1):
        _refuse("kernel_size must be at least 1, got {0}", wrong, kernel_size)
    if _holds(wrong := stride < 1):
        _refuse("stride must be at least 1, got {0}", wrong, stride)
    if _holds(wrong := padding < 0):
        _refuse("padding must be at least 0, got {0}", wrong, padding)
    if _holds(wrong := dilation < 1):
        _refuse("dilation must be at least 1, got {0}", wrong, dilation)
    half = kernel_size // 2
    if _holds(wrong := padding > half):
        _refuse(
            "padding must be at most {1}, half of kernel_size {2}, got {0}",
            wrong,
            padding,
            half,
            kernel_size,
        )
    outputs = output_size(size, kernel_size, stride, (padding, padding), dilation, ceil_mode)
    if _holds(wrong := outputs < 1):
        # The longest window that still gives an output; ceil_mode lets it overhang.
        room = size + 2 * padding + (stride - 1 if ceil_mode else 0)
        _refuse(
            "kernel_size {0} with dilation {1} spans {2} elements, but at most {3} fit: size {4} "
            "with padding {5} on each side; the output would be empty",
            wrong,
            kernel_size,
            dilation,
            dilation * (kernel_size - 1) + 1,
            room,
            size,
            padding,
        )
    return Axis(size, kernel_size, stride, (padding, padding), dilation, ceil_mode, outputs)


def _per_axis(name: str, value: Any, count: int) -> Sequence[Number]:
    if type(value) is int:
        return (value,) * count
    if not isinstance(value, tuple | list):
        return (_integer(name, None, value),) * count
    if len(value) not in (1, count):
        wanted = "1 entry" if count == 1 else f"1 or {count} entries"
        raise ValueError(f"{name} must have {wanted}, got {len(value)}: {tuple(value)}")
    entries = [_integer(name, axis, entry) for axis, entry in enumerate(value)]
    return entries if len(entries) == count else entries * count


def _integer(name: str, position: int | None, value: Any) -> Number:
    """Return ``value`` as an int, an int64 array or an expression that may be an integer."""
    if type(value) is int:
        return value
    if not isinstance(value, bool):
        try:
            return index(value)  # NumPy's and SymPy's integers
        except TypeError:
            pass
        if getattr(getattr(value, "dtype", None), "kind", "") in ("i", "u"):
            return value.astype("int64")  # a narrow type would wrap around in the products
        # A float has is_integer too, but as a method, which is neither of these.
        if getattr(value, "is_integer", False) in (True, None):
            return value
    where = name if position is None else f"{name}[{position}]"
    raise TypeError(f"{where} must be an integer, got {value!r} of type {type(value).__name__}")


def _holds(condition: Any) -> bool:
    """Say whether ``condition`` is true: of ints, of some entry of arrays, surely of symbols."""
    if condition is False or condition is True:
        return condition
    if hasattr(condition, "any"):
        return bool(condition.any())
    return bool(condition == True)  # noqa: E712 - an undecided relation is neither, and has no bool


def _refuse(message: str, condition: Any, *values: Number) -> NoReturn:
    """Raise ``message`` with the values of the first entry for which ``condition`` holds."""
    if hasattr(condition, "any"):
        first = int(condition.argmax())
        broadcast_to = sys.modules["numpy"].broadcast_to
        values = tuple(broadcast_to(value, condition.shape).flat[first] for value in values)
    raise ValueError(message.format(*values))
