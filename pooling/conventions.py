"""How frameworks and textbooks spell padding: conventions by name, one placement of windows.

The same word means different things: torch pads each side, the chapter speaks of all rows added,
TensorFlow computes the padding from the output it wants, ONNX lists every edge. A convention turns
what its users write into the elements added *before* and *after* an axis, and into the number of
windows; nothing that follows knows which one it was.

============ ============================== ========================================== ===========
convention   ``padding``                    windows of span k' along n elements        limit
============ ============================== ========================================== ===========
torch        each side, or pairs            torch's rule                               ≤ k/2
total        elements added in all          torch's rule; ⌈p/2⌉ before, ⌊p/2⌋ after    < k' a side
valid        none                           ⌊(n − k')/s⌋ + 1
same         none                           ⌈n/s⌉; an odd element goes after
SAME_UPPER   none                           as same
SAME_LOWER   none                           ⌈n/s⌉; an odd element goes before
onnx_SAME_…  none                           the same two; what is left over is cropped
onnx         all begins, then all ends      torch's rule                               < k' a side
full         each side                      ⌈(n + 2p − k')/s⌉ + 1                      < k' a side
============ ============================== ========================================== ===========

k' = dilation · (kernel_size − 1) + 1 is the span of a window, s the stride.

With a stride beyond the span, ⌈n/s⌉ windows may need less than there is. TensorFlow then pads by
nothing and begins with the first element; ONNX's formula for ``auto_pad`` gives a negative padding,
half of it before, so that its first elements are never read: ``onnx_SAME_UPPER`` and
``onnx_SAME_LOWER``. onnx's reference evaluator computes them so, onnxruntime refuses them.

Sources: ``torch.nn.MaxPool2d``; Dive into Deep Learning, "Padding and Stride" (p_h rows in all,
⌈p_h/2⌉ of them on top); ``tf.nn.max_pool``, "same" and "valid" as in Keras; the MaxPool operator of
ONNX, ``auto_pad`` and ``pads``; Apache MXNet's ``Pooling``, ``pooling_convention="full"``.
"""

from collections.abc import Callable, Sequence
from itertools import chain
from typing import Any, NamedTuple

from pooling.arithmetic import Number, ceil_divide, maximum, minimum
from pooling.checks import check_entries, check_name, holds, integer, per_axis, refuse
from pooling.windows import output_size

#: The elements added before and after an axis.
Edges = tuple[Number, Number]

#: An int for every edge, one int per axis, or what else the convention lets its users write.
Padding = Number | Sequence[Number] | Sequence[Sequence[Number]]


class Placement(NamedTuple):
    """The windows along one axis: the padding, how many there are, how many reach the input."""

    padding: Edges
    outputs: Number
    reaching: Number


def edges(convention: Any, padding: Padding, count: int) -> Sequence[Edges | None]:
    """Return what ``padding`` adds before and after each of ``count`` axes.

    ``None`` stands for what the convention will compute when it knows the windows.

    Raises:
        ValueError: An unknown convention, a wrong number of entries, or a padding that is given
            although the convention computes it.
        TypeError: An entry that is no integer.

    >>> edges("torch", (1, 2), 2), edges("torch", ((1, 0), (0, 0)), 2)
    ([(1, 1), (2, 2)], [(1, 0), (0, 0)])
    >>> edges("total", 3, 1), edges("onnx", (1, 2, 3, 4), 2)
    ([(2, 1)], [(1, 3), (2, 4)])
    """
    written = _WRITTEN.get(convention) if isinstance(convention, str) else None
    if written is not None:
        return written(padding, count)
    check_name("padding_convention", convention, (*_WRITTEN, *_COMPUTED))
    for entry in chain(*_each_side(padding, count)):
        if holds(wrong := entry != 0):
            message = f"padding must be 0 with padding_convention {convention!r}, which computes it"
            refuse(f"{message}, got {{0}}", wrong, entry)
    return (None,) * count


def place(
    convention: str,
    size: Number,
    kernel_size: Number,
    stride: Number,
    padding: Edges | None,
    dilation: Number,
    ceil_mode: bool,
) -> Placement:
    """Return the windows along an axis whose ``padding`` is as :func:`edges` returned it.

    Raises:
        ValueError: A padding beyond the limit of the convention; a ``ceil_mode`` or a
            ``dilation`` in a convention that has none.

    >>> place("same", 5, 2, 2, None, 1, False)
    Placement(padding=(0, 1), outputs=3, reaching=3)
    >>> place("full", 6, 2, 3, (1, 1), 1, False)
    Placement(padding=(1, 1), outputs=3, reaching=3)
    """
    if ceil_mode and convention not in ("torch", "total", "onnx"):
        raise ValueError(f"ceil_mode must be False with padding_convention {convention!r}")
    span = dilation * (kernel_size - 1) + 1
    if padding is None:
        padding = _COMPUTED[convention](size, span, stride)
    elif convention != "torch":
        _check_edges(padding, span)
    if convention == "full":
        if holds(dilated := dilation != 1):
            refuse("dilation must be 1 with padding_convention 'full', got {0}", dilated, dilation)
        outputs = ceil_divide(size + sum(padding) - span, stride) + 1
        # The last windows may begin behind the input.
        return Placement(padding, outputs, minimum(outputs, ceil_divide(size + padding[0], stride)))
    outputs = output_size(size, kernel_size, stride, padding, dilation, ceil_mode)
    return Placement(padding, outputs, outputs)


def _check_edges(padding: Edges, span: Number) -> None:
    for edge in padding:
        if holds(wrong := edge >= span):
            message = "padding must be less than {1}, the span of a window, on each side, got {0}"
            refuse(message, wrong, edge, span)


def _each_side(padding: Padding, count: int) -> list[Edges]:
    """Read one int, one int per axis, or one pair (before, after) per axis."""
    if type(padding) is int:
        return [(_positive(padding), padding)] * count
    if isinstance(padding, tuple | list) and any(isinstance(e, tuple | list) for e in padding):
        check_entries("padding", padding, count)
        return [_pair(axis, entry) for axis, entry in enumerate(padding)]
    return [(_positive(entry), entry) for entry in per_axis("padding", padding, count)]


def _pair(axis: int, entry: Any) -> Edges:
    if not isinstance(entry, tuple | list) or len(entry) != 2:
        raise ValueError(f"padding[{axis}] must be a pair (before, after), got {entry!r}")
    before, after = [_positive(integer(f"padding[{axis}]", i, e)) for i, e in enumerate(entry)]
    return before, after


def _total(padding: Padding, count: int) -> list[Edges]:
    """Read one int, or one int per axis: all that is added, the odd one before."""
    return [
        (ceil_divide(_positive(entry), 2), entry // 2)
        for entry in per_axis("padding", padding, count)
    ]


def _begins_and_ends(padding: Padding, count: int) -> list[Edges]:
    """Read 0, or the beginnings of all axes and then their ends."""
    if type(padding) is int and padding == 0:
        padding = (0,) * (2 * count)
    if not isinstance(padding, tuple | list):
        raise TypeError(f"padding must be a tuple of begins and ends, got {padding!r}")
    check_entries("padding", padding, 2 * count)
    entries = [_positive(integer("padding", i, entry)) for i, entry in enumerate(padding)]
    return list(zip(entries[:count], entries[count:], strict=True))


def _positive(padding: Number) -> Number:
    if holds(wrong := padding < 0):
        refuse("padding must be at least 0, got {0}", wrong, padding)
    return padding


def _missing(size: Number, span: Number, stride: Number) -> Number:
    """Return the padding with which ⌈size / stride⌉ windows cover the input."""
    return maximum(span - stride + -size % stride, 0)


def _odd_one_after(size: Number, span: Number, stride: Number) -> Edges:
    missing = _missing(size, span, stride)
    return missing // 2, missing - missing // 2


def _odd_one_before(size: Number, span: Number, stride: Number) -> Edges:
    after, before = _odd_one_after(size, span, stride)
    return before, after


def _cropping(size: Number, span: Number, stride: Number) -> Edges:
    """Return the padding by ONNX's formula, which is negative where elements are left over."""
    missing = (ceil_divide(size, stride) - 1) * stride + span - size
    return missing // 2, missing - missing // 2


def _cropping_turned(size: Number, span: Number, stride: Number) -> Edges:
    after, before = _cropping(size, span, stride)
    return before, after


#: Conventions in which users write the padding.
_WRITTEN: dict[str, Callable[[Padding, int], list[Edges]]] = {
    "torch": _each_side,
    "total": _total,
    "onnx": _begins_and_ends,
    "full": _each_side,
}

#: Conventions that compute it from (size, span, stride).
_COMPUTED: dict[str, Callable[[Number, Number, Number], Edges]] = {
    "valid": lambda size, span, stride: (0, 0),
    "same": _odd_one_after,
    "SAME_UPPER": _odd_one_after,
    "SAME_LOWER": _odd_one_before,
    "onnx_SAME_UPPER": _cropping,
    "onnx_SAME_LOWER": _cropping_turned,
}
