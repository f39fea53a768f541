"""How operators carry regularity along: one rule for each overload, by what it does to axes.

A rule is given the operator's arguments, with :class:`~verify.judge.sizes.regular.Regular` in the
place of tensors that depend on sizes and lengths in the place of sizes, and returns what its
results are. What has no rule is not proved at every size.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, TypeVar

import torch

from verify.judge.sizes.integers import quotient
from verify.judge.sizes.lengths import (
    Length,
    RefusedError,
    Sizes,
    UnreadableError,
    length,
    product,
)
from verify.judge.sizes.regular import (
    Axis,
    Fixed,
    Open,
    Regular,
    Uniform,
    checked,
    concatenated,
    end,
    fixed,
    from_length,
    in_pieces,
    joined,
    padded,
    regrouped,
    single,
    sliced,
    spread,
    uniform,
    uniform_axis,
    windows,
)
from verify.judge.sizes.scales import Scale
from verify.judge.sizes.whole import (
    adaptive,
    extreme_of,
    folded_along,
    growing_windows,
    linear,
    opposite,
    product_of,
    quotient_of,
    reduced,
    rising,
    sum_of,
    times,
)

aten = torch.ops.aten
Rule = Callable[..., Any]
_Rule = TypeVar("_Rule", bound=Rule)

#: What an overload makes of regular tensors.
RULES: dict[Any, Rule] = {}
#: What it makes of those that are folds of whole axes, or multiplied by what depends on sizes.
FOLDED: dict[Any, Rule] = {}


def carries(*overloads: Any) -> Callable[[_Rule], _Rule]:
    """Register the rule of overloads."""
    return _registered(RULES, "two rules", overloads)


def folds(*overloads: Any) -> Callable[[_Rule], _Rule]:
    """Register what overloads make of folds."""
    return _registered(FOLDED, "two rules for folds", overloads)


def _registered(
    table: dict[Any, Rule], twice: str, overloads: Sequence[Any]
) -> Callable[[_Rule], _Rule]:
    def register(rule: _Rule) -> _Rule:
        for overload in overloads:
            if overload in table:
                raise ValueError(f"{overload} has {twice}")
            table[overload] = rule
        return rule

    return register


def rule_of(overload: Any) -> Rule | None:
    """Return the rule of an overload; all that goes element by element shares one."""
    found = RULES.get(overload)
    if found is None and overload.namespace == "aten" and torch.Tag.pointwise in overload.tags:
        found = elementwise
    return None if found is None else partial(_chosen, overload, found)


def _chosen(overload: Any, rule: Rule, sizes: Sizes, *args: Any, **named: Any) -> Any:
    """Return what an overload makes: by another rule of what more depends on sizes than places."""
    leaves = _leaves([*args, *named.values()])
    numbers = rule is elementwise and any(
        isinstance(v, Length | Scale) and v.known is None for v in leaves
    )
    if numbers or any(isinstance(v, Scale) or (isinstance(v, Regular) and v.scaled)
                      for v in leaves):  # fmt: skip
        if overload not in FOLDED:
            raise UnreadableError("what depends on whole axes, or on a size, is computed with")
        return FOLDED[overload](sizes, *args, **named)
    return rule(sizes, *args, **named)


def _leaves(value: Any) -> list[Any]:
    if isinstance(value, tuple | list):
        return [leaf for entry in value for leaf in _leaves(entry)]
    return [value]


def regular(value: Any) -> Regular:
    """Return a tensor as a regular one; plain tensors are known and of known sizes."""
    if isinstance(value, Regular):
        return value
    if isinstance(value, torch.Tensor):
        return fixed(value.shape)
    return Regular(())


def _values(*values: Any) -> None:
    """Refuse sizes among the numbers that are computed with."""
    for value in values:
        if isinstance(value, Length | Scale) and value.known is None:
            raise UnreadableError("a size is one of the numbers that are computed with")
        if isinstance(value, tuple | list):
            _values(*value)


def _dim(tensor: Regular, dim: int) -> int:
    return dim % max(len(tensor.axes), 1)


# -- element by element --------------------------------------------------------------------------


def elementwise(sizes: Sizes, *args: Any, **named: Any) -> Regular:
    """Return what comes of tensors of one shape, element by element."""
    _values(*args, *named.values())
    given = [*args, *named.values()]
    return joined(sizes, [regular(v) for v in given if isinstance(v, Regular | torch.Tensor)])


@carries(
    aten.clone.default, aten._to_copy.default, aten.alias.default, aten.detach.default,
    aten.lift_fresh.default,
)  # fmt: skip
def same(sizes: Sizes, x: Any, *args: Any, **named: Any) -> Regular:
    """Return the same elements."""
    return regular(x)


@carries(aten.copy_.default)
def copied(sizes: Sizes, x: Any, source: Any, *args: Any) -> Regular:
    """Return what is written over a tensor."""
    return written(sizes, x, source)


def written(sizes: Sizes, x: Any, source: Any) -> Regular:
    """Return a tensor, of the shape of ``x``, that is written over it."""
    target, made = regular(x), regular(source)
    over = joined(sizes, [uniform(target.shape), made])
    if over.shape != target.shape:
        raise UnreadableError("a tensor is written over one of another size")
    return over


@carries(aten.fill_.Scalar, aten.fill_.Tensor, aten.zero_.default)
def filled(sizes: Sizes, x: Any, value: Any = 0) -> Regular:
    """Return one number everywhere."""
    _values(value)
    return uniform(regular(x).shape)


@carries(
    aten.ones_like.default, aten.zeros_like.default, aten.full_like.default,
    aten.empty_like.default,
)  # fmt: skip
def alike(sizes: Sizes, x: Any, value: Any = 0, **named: Any) -> Regular:
    """Return one number everywhere."""
    _values(value)
    return uniform(regular(x).shape)


@carries(
    aten.full.default, aten.zeros.default, aten.ones.default, aten.empty.memory_format,
)  # fmt: skip
def made(sizes: Sizes, size: Sequence[Any], value: Any = 0, **named: Any) -> Regular:
    """Return one number everywhere."""
    _values(value)
    return uniform(size)


@carries(
    aten.new_full.default, aten.new_zeros.default, aten.new_ones.default, aten.new_empty.default,
)  # fmt: skip
def newly_made(sizes: Sizes, x: Any, size: Sequence[Any], value: Any = 0, **named: Any) -> Regular:
    """Return one number everywhere."""
    _values(value)
    return uniform(size)


@carries(aten.native_dropout.default)
def unread(sizes: Sizes, *args: Any) -> Regular:
    """Refuse what draws random numbers."""
    raise UnreadableError("random numbers")


# -- views ---------------------------------------------------------------------------------------


@carries(
    aten.view.default, aten._unsafe_view.default,
)  # fmt: skip
def viewed(sizes: Sizes, x: Any, shape: Sequence[Any], *strides: Any) -> Regular:
    """Return the elements, in order, in another shape."""
    tensor = regular(x)
    wanted = [length(n) for n in shape]
    if any(n.known == -1 for n in wanted):
        known, total = product(n for n in wanted if n.known != -1), product(tensor.shape)
        if known.known and (total % known.known).known:
            raise RefusedError("a shape of another number of elements")
        missing = quotient(total, known, sizes, exact=True)
        wanted = [missing if n.known == -1 else n for n in wanted]
    elif not sizes.equal(product(wanted), product(tensor.shape)):
        raise RefusedError("a shape of another number of elements")
    return regrouped(tensor, wanted, sizes)


@carries(aten.permute.default)
def permuted(sizes: Sizes, x: Any, dims: Sequence[int]) -> Regular:
    """Return the axes in another order."""
    tensor = regular(x)
    return tensor.with_axes(tensor.axes[_dim(tensor, d)] for d in dims)


@carries(aten.transpose.int)
def transposed(sizes: Sizes, x: Any, one: int, other: int) -> Regular:
    """Return two axes exchanged."""
    tensor = regular(x)
    axes = list(tensor.axes)
    one, other = _dim(tensor, one), _dim(tensor, other)
    axes[one], axes[other] = axes[other], axes[one]
    return tensor.with_axes(axes)


@carries(aten.t.default)
def turned(sizes: Sizes, x: Any) -> Regular:
    """Return a matrix turned round."""
    tensor = regular(x)
    return tensor.with_axes(tensor.axes[::-1])


@carries(aten.unsqueeze.default)
def unsqueezed(sizes: Sizes, x: Any, dim: int) -> Regular:
    """Return one axis more."""
    tensor = regular(x)
    place = dim % (len(tensor.axes) + 1)
    return tensor.with_axes((*tensor.axes[:place], (), *tensor.axes[place:]))


@carries(aten.squeeze.default, aten.squeeze.dim, aten.squeeze.dims)
def squeezed(sizes: Sizes, x: Any, dims: Any = None) -> Regular:
    """Return it without axes of size 1."""
    tensor = regular(x)
    listed = range(len(tensor.axes)) if dims is None else [dims] if isinstance(dims, int) else dims
    gone = {_dim(tensor, d) for d in listed}
    for number in gone:
        if tensor.axes[number] and sizes.equal(tensor.shape[number], 1):
            raise UnreadableError("an open axis that may have size 1 is taken away")
    return tensor.with_axes(
        axis for number, axis in enumerate(tensor.axes) if axis or number not in gone
    )


@carries(aten.expand.default)
def expanded(sizes: Sizes, x: Any, shape: Sequence[Any], **named: Any) -> Regular:
    """Return axes of size 1 repeated, and new ones before them."""
    tensor = regular(x)
    more = len(shape) - len(tensor.axes)
    axes: list[Axis] = []
    for number, wanted in enumerate(shape):
        own = tensor.axes[number - more] if number >= more else ()
        if own and length(wanted).known != -1 and product(f.length for f in own) != length(wanted):
            raise UnreadableError("an open axis is repeated as if it had size 1")
        if own or length(wanted).known == -1:
            axes.append(own)
        else:
            axes.append(uniform_axis(wanted))
    return tensor.with_axes(axes)


@carries(aten.slice.Tensor)
def cut(
    sizes: Sizes, x: Any, dim: int = 0, start: Any = None, stop: Any = None, step: Any = 1
) -> Regular:
    """Return some elements along an axis."""
    tensor = regular(x)
    number = _dim(tensor, dim)
    _values(step)
    factor = single(tensor.axes[number])
    first = Length.number(0) if start is None else length(start)
    last = factor.length if stop is None or length(stop).known == ENDLESS else length(stop)
    part, ends = sliced(sizes, factor, first, last, int(length(step).constant))
    return replace(tensor, ends=tensor.ends | ends).with_axis(number, (part,))


#: What torch writes for an end that is left out.
ENDLESS = 2**63 - 1


@carries(aten.select.int)
def selected(sizes: Sizes, x: Any, dim: int, index: Any) -> Regular:
    """Return what stands at one place of an axis."""
    tensor = regular(x)
    number = _dim(tensor, dim)
    factor = single(tensor.axes[number])
    if isinstance(factor, Fixed):
        _values(index)
        return tensor.with_axis(number)
    place = length(index)
    reach = (factor.length - place).known
    if place.known is not None and place.known >= 0:
        ends = end(sizes, factor, "left", place.known + 1)
    elif place.known is not None or reach is not None:
        ends = end(sizes, factor, "right", -place.known if place.known else reach or 0)
    else:
        raise UnreadableError("an element that is at neither end of an axis")
    return replace(tensor, ends=tensor.ends | ends).with_axis(number)


@carries(aten.split.Tensor, aten.split_with_sizes.default)
def split(sizes: Sizes, x: Any, parts: Any, dim: int = 0) -> list[Regular]:
    """Return pieces of an axis."""
    tensor = regular(x)
    number = _dim(tensor, dim)
    factor = single(tensor.axes[number])
    if isinstance(factor, Fixed) and isinstance(parts, int | Length):
        each = length(parts).known
        if each is None:
            raise UnreadableError("pieces whose number depends on a size")
        parts = [min(each, factor.size - at) for at in range(0, factor.size, each)]
    if isinstance(parts, int | Length):
        raise UnreadableError("pieces whose number depends on a size")
    found, at = [], Length.number(0)
    for part in parts:
        found.append(cut(sizes, tensor, number, at, at + part))
        at = at + part
    return found


@carries(aten.unbind.int)
def unbound(sizes: Sizes, x: Any, dim: int = 0) -> list[Regular]:
    """Return all that stands along an axis, one by one."""
    tensor = regular(x)
    number = _dim(tensor, dim)
    factor = single(tensor.axes[number])
    if not isinstance(factor, Fixed):
        raise UnreadableError("an open axis is taken apart element by element")
    return [tensor.with_axis(number)] * factor.size


@carries(aten.unfold.default)
def unfolded(sizes: Sizes, x: Any, dim: int, span: Any, step: Any) -> Regular:
    """Return windows along an axis, their elements along a new last one."""
    tensor = regular(x)
    _values(span, step)
    number = _dim(tensor, dim)
    factor = single(tensor.axes[number])
    size = length(span).constant
    if not sizes.at_least(factor.length, size):
        raise RefusedError("a window larger than its axis")
    made = tensor.with_axis(number, (windows(factor, size, length(step).constant),))
    return made.with_axes((*made.axes, (Fixed(size),)))


# -- axes joined and repeated --------------------------------------------------------------------


@carries(aten.cat.default)
def joined_to_one(sizes: Sizes, tensors: Sequence[Any], dim: int = 0) -> Regular:
    """Return tensors one behind the other."""
    given = [regular(t) for t in tensors]
    return concatenated(sizes, given, _dim(given[0], dim))


@carries(aten.stack.default)
def stacked(sizes: Sizes, tensors: Sequence[Any], dim: int = 0) -> Regular:
    """Return tensors along a new axis."""
    given, axis = in_pieces([regular(t) for t in tensors])
    whole = joined(sizes, given)
    place = dim % (len(whole.axes) + 1)
    return whole.with_axes((*whole.axes[:place], axis, *whole.axes[place:]))


@carries(aten.constant_pad_nd.default)
def surrounded(sizes: Sizes, x: Any, pad: Sequence[Any], value: Any = 0) -> Regular:
    """Return a tensor with a number around it."""
    _values(value)
    return _around(sizes, regular(x), pad)


def _around(sizes: Sizes, tensor: Regular, pad: Sequence[Any], reach: int = 0) -> Regular:
    """Return axes, the last one first, with something at both ends.

    ``reach`` is how many more elements than are added it looks at at each end.
    """
    for number, (before, after) in enumerate(zip(pad[::2], pad[1::2], strict=True)):
        place = len(tensor.axes) - 1 - number
        amounts = [length(n).known for n in (before, after)]
        if any(n is None for n in amounts):
            raise UnreadableError("an amount of padding that grows with a size")
        first, last = (int(n or 0) for n in amounts)
        if not (first or last):
            continue
        factor = single(tensor.axes[place])
        if reach >= 0 and isinstance(factor, Open) and reach:
            from_length(sizes, factor, max(first + factor.right, last + factor.left) + reach)
        if not sizes.at_least(factor.length + (first + last), 0):
            raise UnreadableError("an axis of negative size")
        tensor = tensor.with_axis(place, (padded(factor, first, last, numbers=not reach),))
    return tensor


@carries(
    aten.replication_pad1d.default, aten.replication_pad2d.default, aten.replication_pad3d.default,
)  # fmt: skip
def mirrored(sizes: Sizes, x: Any, pad: Sequence[Any]) -> Regular:
    """Return a tensor with its own ends around it."""
    return _around(sizes, regular(x), pad, reach=1)


@carries(
    aten.reflection_pad1d.default, aten.reflection_pad2d.default, aten.reflection_pad3d.default,
)  # fmt: skip
def reflected(sizes: Sizes, x: Any, pad: Sequence[Any]) -> Regular:
    """Return a tensor with its own elements around it, from its ends inwards."""
    tensor = regular(x)
    for number, beyond in enumerate(zip(pad[::2], pad[1::2], strict=True)):
        size = tensor.shape[len(tensor.axes) - 1 - number]
        if not all(sizes.at_least(size, length(n) + 1) for n in beyond):
            raise RefusedError("a reflection of more than there is")
    return _around(sizes, tensor, pad, reach=1)


@carries(aten.repeat.default)
def repeated(sizes: Sizes, x: Any, times: Sequence[Any]) -> Regular:
    """Return a tensor several times along its axes: axes of size 1, or of known sizes."""
    tensor = regular(x)
    more = len(times) - len(tensor.axes)
    axes: list[Axis] = []
    for number, count in enumerate(times):
        own = tensor.axes[number - more] if number >= more else ()
        if length(count).known == 1:
            axes.append(own)
        elif not own:
            axes.append(uniform_axis(count))
        else:
            axes.append((*uniform_axis(count), *own))
    return tensor.with_axes(axes)


@carries(aten.flip.default)
def flipped(sizes: Sizes, x: Any, dims: Sequence[int]) -> Regular:
    """Return axes of known sizes the other way round."""
    return _alongknown_axis(regular(x), dims, "turned round")


@carries(aten.roll.default)
def rolled(sizes: Sizes, x: Any, shifts: Any, dims: Any = ()) -> Regular:
    """Return axes of known sizes moved round."""
    tensor = regular(x)
    return _alongknown_axis(tensor, dims or range(len(tensor.axes)), "moved round")


def _alongknown_axis(tensor: Regular, dims: Any, what: str) -> Regular:
    for dim in [dims] if isinstance(dims, int) else dims:
        known_axis(tensor, _dim(tensor, dim), what)
    return tensor


def known_axis(tensor: Regular, number: int, what: str) -> None:
    """Refuse an open axis."""
    if not all(isinstance(factor, Fixed) for factor in tensor.axes[number]):
        raise UnreadableError(f"an open axis is {what}")


# -- windows -------------------------------------------------------------------------------------


def _each(value: Any, count: int) -> tuple[int, ...]:
    entries = list(value) if isinstance(value, tuple | list) else [value]
    _values(entries)
    numbers = [length(n).constant for n in entries]
    return tuple(numbers * (count // len(numbers)))


@dataclass(frozen=True)
class Strided:
    """Windows along one axis."""

    size: int
    stride: int
    padding: tuple[int, int]
    dilation: int = 1
    ceil_mode: bool = False

    @property
    def span(self) -> int:
        """How far one reaches."""
        return self.dilation * (self.size - 1) + 1

    def over(self, sizes: Sizes, axis: Axis) -> Axis:
        """Return the windows along an axis, padded or cut at its end to where the last one ends.

        That is as far from the end of the input at all sizes of one class of remainders.
        """
        before, _ = self.padding
        if self.span == self.stride == 1 and not any(self.padding):
            return axis
        factor = single(axis)
        count = self.count(sizes, factor.length)
        more = (count - 1) * self.stride + self.span - factor.length - before
        if isinstance(factor, Fixed):
            return (Fixed(count.constant),)
        beyond = more.known
        assert beyond is not None  # the period is a multiple of the stride
        return (windows(padded(factor, before, beyond), self.span, self.stride),)

    def count(self, sizes: Sizes, size: Length) -> Length:
        """Return how many windows there are, by torch's rule."""
        before, after = self.padding
        room = size + (before + after - self.span)
        if not self.ceil_mode:
            if not sizes.at_least(room, 0):
                raise RefusedError("a window larger than its axis")
            return room // self.stride + 1
        count = -(-room // self.stride) + 1
        # A last window must begin inside the input or the padding before it.
        if sizes.at_least((count - 1) * self.stride, size + before):
            count = count - 1
        if not sizes.at_least(count, 1):
            raise RefusedError("a window larger than its axis")
        return count


def _pooled(
    sizes: Sizes, tensor: Regular, count: int, kernel: Any, stride: Any, padding: Any,
    dilation: Any, ceil_mode: bool,
) -> Regular:  # fmt: skip
    kernel = _each(kernel, count)
    stride = kernel if stride is None or len(stride) == 0 else _each(stride, count)
    padding, dilation = _each(padding, count), _each(dilation, count)
    for number in range(count):
        place = len(tensor.axes) - count + number
        window = Strided(
            kernel[number], stride[number], (padding[number],) * 2, dilation[number], ceil_mode
        )
        tensor = tensor.with_axis(place, window.over(sizes, tensor.axes[place]))
    return tensor


def _pooling(count: int, *overloads: Any, dilated: bool) -> None:
    @carries(*overloads)
    def pool(
        sizes: Sizes, x: Any, kernel: Any, stride: Any = None, padding: Any = 0, *rest: Any,
        **named: Any,
    ) -> Any:  # fmt: skip
        names = ("dilation", "ceil_mode") if dilated else ("ceil_mode",)
        given = dict(zip(names, rest, strict=False)) | named
        made = _pooled(
            sizes, regular(x), count, kernel, stride, padding, given.get("dilation", 1),
            bool(given.get("ceil_mode", False)),
        )  # fmt: skip
        # The places of maxima are counted from the beginning of the input.
        return (made, None) if dilated and "indices" in str(overloads[0]) else made


_pooling(2, aten.max_pool2d_with_indices.default, dilated=True)
_pooling(3, aten.max_pool3d_with_indices.default, dilated=True)
for _count, _overload in enumerate((aten.avg_pool2d.default, aten.avg_pool3d.default), 2):
    _pooling(_count, _overload, dilated=False)


@carries(aten.im2col.default)
def columns(sizes: Sizes, x: Any, kernel: Any, dilation: Any, padding: Any, stride: Any) -> Regular:
    """Return the windows of a picture as columns: channels and places, one behind the other."""
    tensor = regular(x)
    kernel, stride, padding, dilation = (_each(v, 2) for v in (kernel, stride, padding, dilation))
    across: Axis = ()
    for number in range(2):
        place = len(tensor.axes) - 2 + number
        window = Strided(kernel[number], stride[number], (padding[number],) * 2, dilation[number])
        across = (*across, *window.over(sizes, tensor.axes[place]))
    channels = (*tensor.axes[-3], Fixed(math.prod(kernel)))
    return tensor.with_axes((*tensor.axes[:-3], channels, across))


@carries(aten.convolution.default)
def convolution(
    sizes: Sizes, x: Any, weight: Any, bias: Any, stride: Any, padding: Any, dilation: Any,
    transposed: bool, output_padding: Any, groups: Any,
) -> Regular:  # fmt: skip
    """Return a convolution: windows along the last axes, over all channels or one by one."""
    tensor, kernel = regular(x), regular(weight)
    count = len(kernel.axes) - 2
    if len(tensor.axes) != count + 2:
        raise UnreadableError("a convolution of an input without batch")
    if kernel.uses or kernel.ends:
        raise UnreadableError("a kernel that depends on the input")
    spans = [single(axis) for axis in kernel.axes[2:]]
    if transposed:
        raise UnreadableError("a transposed convolution")
    if not all(isinstance(span, Fixed) for span in spans):
        tensor = _convolved_whole(sizes, tensor, spans, _ints(stride, count), padding, dilation)
        return _with_channels(sizes, tensor, kernel, bias, groups)
    stride, padding, dilation = (_each(v, count) for v in (stride, padding, dilation))
    for number in range(count):
        place = 2 + number
        size = spans[number].length.constant
        window = Strided(size, stride[number], (padding[number],) * 2, dilation[number])
        tensor = tensor.with_axis(place, window.over(sizes, tensor.axes[place]))
    return _with_channels(sizes, tensor, kernel, bias, groups)


def _with_channels(
    sizes: Sizes, tensor: Regular, kernel: Regular, bias: Any, groups: Any
) -> Regular:
    """Return a convolution of which only channels are to be mixed, and a bias to be added."""
    given = regular(bias)
    axis = _mixed(sizes, tensor.axes[1], kernel, given, groups)
    if not (tensor.scaled or kernel.scaled or given.scaled):
        return tensor.with_axis(1, axis)
    mixed = linear(sizes, tensor, tensor.bare.with_axis(1, axis), [kernel])
    return mixed if bias is None else sum_of(sizes, mixed, replace(given, axes=(
        *given.axes, *[()] * (len(kernel.axes) - 2))))  # fmt: skip


def _convolved_whole(
    sizes: Sizes, tensor: Regular, spans: Sequence[Fixed | Open], stride: Sequence[Length],
    padding: Any, dilation: Any,
) -> Regular:  # fmt: skip
    """Return a convolution with kernels, all of one number, that are as large as sizes say."""
    count = len(spans)
    if any(_each(padding, count)) or set(_each(dilation, count)) != {1}:
        raise UnreadableError("a kernel whose size depends on a size, with padding or dilation")
    for number, span in enumerate(spans):
        place = 2 + number
        if isinstance(span, Fixed):
            window = Strided(span.size, stride[number].constant, (0, 0))
            if stride[number].known is None:
                raise UnreadableError("a stride that depends on a size")
            tensor = tensor.with_axis(place, window.over(sizes, tensor.axes[place]))
            continue
        if span.axis is not None or not span.plain:
            raise UnreadableError("a kernel of several numbers whose size depends on a size")
        tensor = growing_windows(sizes, tensor, place, span.length, stride[number], "sum", False)
    return checked(tensor)


def _ints(value: Any, count: int) -> list[Length]:
    entries = list(value) if isinstance(value, tuple | list) else [value]
    return [length(n) for n in entries * (count // len(entries))]


def _mixed(sizes: Sizes, channels: Axis, kernel: Regular, bias: Regular, groups: Any) -> Axis:
    """Return the channels that come of channels: known ones are mixed, open ones kept apart."""
    out, each = kernel.axes[0], kernel.axes[1]
    own = product(f.length for f in channels)
    if own.known is not None:
        if not all(isinstance(f, Fixed) for f in out):
            raise UnreadableError("as many kernels as a size says")
        return out
    if length(groups) != own or each or product(f.length for f in out) != own:
        raise UnreadableError("open channels are mixed")
    meeting = [out] + ([bias.axes[0]] if bias.axes else [])
    for axis in meeting:
        channels = met_axis(sizes, channels, axis)
    return channels


def met_axis(sizes: Sizes, one: Axis, other: Axis) -> Axis:
    """Return an axis of two tensors that meet along it."""
    made = joined(sizes, [Regular((one,)), Regular((other,))])
    return made.axes[0]


# -- axes that end -------------------------------------------------------------------------------


def _reducing(*overloads: Any, results: int = 1, made_of: tuple[str, bool] | None = None) -> None:
    """Register rules of what makes one element of those along axes.

    Args:
        overloads: The operators.
        results: How many they return; the second of them is places.
        made_of: What it is of whole axes, ``sum``, ``max`` or ``min``, and whether it is a mean.
    """
    results_are_places = made_of is not None

    @carries(*overloads)
    def reduce(sizes: Sizes, x: Any, dim: Any = None, keepdim: bool = False, **named: Any) -> Any:
        tensor = regular(x)
        named_dims = named.pop("dim", dim)
        dims = named_dims if named_dims is not None and named_dims != [] else range(
            len(tensor.axes))  # fmt: skip
        keepdim = named.pop("keepdim", keepdim)
        gone = [_dim(tensor, d) for d in ([dims] if isinstance(dims, int) else dims)]
        known = all(isinstance(f, Fixed) for n in gone for f in tensor.axes[n])
        if made_of is None or (known and not tensor.scaled):
            made = without(tensor, gone, keepdim)
        else:
            made = reduced(sizes, tensor, gone, keepdim, *made_of)
        return made if results == 1 else (made, None if results_are_places else made)

    if made_of is not None:
        folds(*overloads)(reduce)


def without(tensor: Regular, dims: Any, keepdim: bool) -> Regular:
    """Return a tensor without axes of known sizes, of whose elements something was made."""
    gone = sorted({_dim(tensor, d) for d in ([dims] if isinstance(dims, int) else dims)})
    for number in gone:
        known_axis(tensor, number, "made one element of")
    for number in reversed(gone):
        tensor = tensor.with_axis(number, *([()] if keepdim else []))
    return tensor


_reducing(
    aten.any.default, aten.any.dim, aten.any.dims, aten.all.default, aten.all.dim, aten.all.dims,
    aten.prod.default, aten.prod.dim_int, aten.logsumexp.default, aten.argmax.default,
    aten.argmin.default,
)  # fmt: skip
_reducing(aten.sum.default, aten.sum.dim_IntList, made_of=("sum", False))
_reducing(aten.mean.default, aten.mean.dim, made_of=("sum", True))
_reducing(aten.amax.default, aten.max.default, made_of=("max", False))
_reducing(aten.amin.default, aten.min.default, made_of=("min", False))
_reducing(aten.max.dim, results=2, made_of=("max", False))
_reducing(aten.min.dim, results=2, made_of=("min", False))
_reducing(aten.median.dim, results=2)
_reducing(aten.aminmax.default, results=2)


@carries(aten.linalg_vector_norm.default)
def norm(
    sizes: Sizes, x: Any, order: Any = 2, dim: Any = None, keepdim: bool = False, **named: Any
) -> Regular:
    """Return norms along axes of known sizes."""
    tensor = regular(x)
    return without(tensor, range(len(tensor.axes)) if dim is None else dim, keepdim)


@carries(
    aten.cumsum.default, aten._softmax.default, aten._log_softmax.default,
)  # fmt: skip
def along(sizes: Sizes, x: Any, dim: int, *args: Any, **named: Any) -> Regular:
    """Return as many elements, each made of those along an axis of known size."""
    return _alongknown_axis(regular(x), dim, "gone along from its beginning")


@carries(aten.cummax.default, aten.cummin.default)
def both_along(sizes: Sizes, x: Any, dim: int) -> Any:
    """Return running extremes and their places."""
    return (along(sizes, x, dim),) * 2


@carries(aten.sort.default, aten.sort.stable)
def sorted_along(sizes: Sizes, x: Any, dim: int = -1, *args: Any, **named: Any) -> Any:
    """Return elements along an axis of known size in order, and their places."""
    return (along(sizes, x, named.get("dim", dim)),) * 2


@carries(aten.topk.default)
def largest_few(sizes: Sizes, x: Any, k: Any, dim: int = -1, *args: Any, **named: Any) -> Any:
    """Return the largest few along an axis of known size, and their places."""
    tensor = along(sizes, x, dim)
    _values(k)
    return (tensor.with_axis(_dim(tensor, dim), (Fixed(length(k).constant),)),) * 2


@carries(aten.kthvalue.default)
def kth(sizes: Sizes, x: Any, k: Any, dim: int = -1, keepdim: bool = False) -> Any:
    """Return one of the order along an axis of known size, and its place."""
    _values(k)
    return (without(regular(x), dim, keepdim),) * 2


@carries(aten.gather.default)
def gathered(sizes: Sizes, x: Any, dim: int, index: Any, **named: Any) -> Regular:
    """Return elements at places along an axis of known size."""
    tensor, places = regular(x), regular(index)
    number = _dim(tensor, dim)
    known_axis(tensor, number, "looked up in")
    known_axis(places, number, "looked up in")
    others = joined(sizes, [tensor.with_axis(number, ()), places.with_axis(number, ())])
    if others.shape != places.with_axis(number, ()).shape:
        raise UnreadableError("places are looked up for a part of a tensor only")
    return others.with_axis(number, places.axes[number])


@carries(aten.index_select.default)
def at_places(sizes: Sizes, x: Any, dim: int, index: Any) -> Regular:
    """Return what stands at known places of an axis of known size."""
    tensor = regular(x)
    number = _dim(tensor, dim)
    known_axis(tensor, number, "looked up in")
    return tensor.with_axis(number, regular(index).axes[0])


# -- matrices ------------------------------------------------------------------------------------


@carries(aten.mm.default, aten.bmm.default, aten.mv.default, aten.dot.default)
def multiplied(sizes: Sizes, a: Any, b: Any) -> Regular:
    """Return a product of matrices over axes of known size."""
    one, other = regular(a), regular(b)
    inner = (len(one.axes) - 1, max(len(other.axes) - 2, 0))
    known = all(
        isinstance(f, Fixed) for t, n in zip((one, other), inner, strict=True) for f in t.axes[n]
    )
    if not known or one.scaled or other.scaled:
        return _summed(sizes, one, other, inner)
    ends = one.ends | other.ends
    if len(one.axes) == 3:
        batch = joined(sizes, [Regular((one.axes[0],)), Regular((other.axes[0],))]).axes
        return replace(one, ends=ends).with_axes((*batch, one.axes[1], other.axes[2]))
    rest = other.axes[1:] if len(other.axes) == 2 else ()
    return replace(one, ends=ends).with_axes((*one.axes[:-1], *rest))


def _summed(sizes: Sizes, one: Regular, other: Regular, inner: tuple[int, int]) -> Regular:
    """Return a product of matrices one of which is known, and alike along what is summed."""
    first = other.independent
    tensor, weights = (one, other) if first else (other, one)
    if not weights.independent:
        raise UnreadableError("an open axis is made one element of")
    here, there = inner if first else inner[::-1]
    if product(f.length for f in tensor.axes[here]) != product(
        f.length for f in weights.axes[there]
    ):
        raise UnreadableError("axes of different sizes are multiplied")
    if not all(isinstance(f, Fixed) for f in tensor.axes[here]):
        if not all(isinstance(f, Uniform) or (isinstance(f, Open) and f.plain)
                   for f in weights.axes[there]):  # fmt: skip
            raise UnreadableError("an open axis is made one element of, with weights")
        tensor = folded_along(sizes, tensor, here, "sum")
    made = [t.bare.with_axis(n, ()) for t, n in ((tensor, here), (weights, there))]
    left, right = made if first else made[::-1]
    return linear(sizes, tensor, multiplied(sizes, left, right), [weights])


@carries(aten.addmm.default)
def added(sizes: Sizes, x: Any, a: Any, b: Any, **named: Any) -> Regular:
    """Return a product of matrices and a summand."""
    if any(n != 1 for n in named.values()):
        raise UnreadableError("a summand or a product that is multiplied")
    return sum_of(sizes, multiplied(sizes, a, b), regular(x))


# -- windows that grow ---------------------------------------------------------------------------


def _adaptive(count: int, kind: str, mean: bool, places: bool, *overloads: Any) -> None:
    @carries(*overloads)
    @folds(*overloads)
    def pool(sizes: Sizes, x: Any, outputs: Any) -> Any:
        tensor = regular(x)
        for number, wanted in enumerate(outputs):
            place = len(tensor.axes) - count + number
            tensor = adaptive(sizes, tensor, place, length(wanted), kind, mean)
        made = checked(tensor)
        return (made, None) if places else made


_adaptive(2, "sum", True, False, aten._adaptive_avg_pool2d.default)
_adaptive(3, "sum", True, False, aten._adaptive_avg_pool3d.default)
_adaptive(2, "max", False, True, aten.adaptive_max_pool2d.default)
_adaptive(3, "max", False, True, aten.adaptive_max_pool3d.default)


# -- folds ---------------------------------------------------------------------------------------

for _overload in (
    aten.view.default, aten._unsafe_view.default, aten.permute.default, aten.transpose.int,
    aten.t.default, aten.unsqueeze.default, aten.squeeze.default, aten.squeeze.dim,
    aten.squeeze.dims, aten.expand.default, aten.alias.default, aten.clone.default,
    aten.detach.default, aten.slice.Tensor, aten.select.int, aten.split.Tensor,
    aten.split_with_sizes.default, aten.unbind.int, aten.cat.default, aten.stack.default,
    aten.mm.default, aten.bmm.default, aten.mv.default, aten.dot.default, aten.addmm.default,
    aten.convolution.default,
):  # fmt: skip
    folds(_overload)(RULES[_overload])

folds(aten.mul.Tensor, aten.mul.Scalar, aten.mul_.Tensor, aten.mul_.Scalar)(product_of)
folds(aten.maximum.default)(partial(extreme_of, kind="max"))
folds(aten.minimum.default)(partial(extreme_of, kind="min"))
folds(
    aten.relu.default, aten.relu_.default, aten.clamp.default, aten.clamp_min.default,
    aten.clamp_max.default, aten.clamp_.default, aten.clamp_min_.default,
    aten.clamp_max_.default, aten.exp.default, aten.sigmoid.default, aten.tanh.default,
    aten.hardtanh.default,
)(rising)  # fmt: skip


@folds(aten.leaky_relu.default)
def leaking(sizes: Sizes, x: Any, slope: Any = 0.01) -> Regular:
    """Return what is kept where it is positive, and else multiplied."""
    tensor = rising(sizes, x, slope)
    if float(slope) < 0:
        raise UnreadableError("an extreme of whole axes through what falls")
    return tensor


@folds(aten.div.Tensor, aten.div.Scalar, aten.div_.Tensor, aten.div_.Scalar)
def divided(sizes: Sizes, x: Any, y: Any) -> Regular:
    """Return a quotient."""
    return quotient_of(sizes, x, y)


@folds(aten.add.Tensor, aten.add.Scalar, aten.add_.Tensor, aten.add_.Scalar)
def added_to(sizes: Sizes, x: Any, y: Any, alpha: Any = 1) -> Regular:
    """Return a sum."""
    return sum_of(sizes, x, y, alpha)


@folds(aten.sub.Tensor, aten.sub.Scalar, aten.sub_.Tensor, aten.sub_.Scalar)
def subtracted(sizes: Sizes, x: Any, y: Any, alpha: Any = 1) -> Regular:
    """Return a difference."""
    return sum_of(sizes, x, y, alpha, minus=True)


@folds(aten.neg.default, aten.neg_.default)
def negated(sizes: Sizes, x: Any) -> Regular:
    """Return the opposite."""
    return opposite(regular(x))


@folds(aten._to_copy.default)
def converted(sizes: Sizes, x: Any, *, dtype: Any = None, **named: Any) -> Regular:
    """Return the same numbers, in another float format."""
    if dtype is not None and not dtype.is_floating_point:
        raise UnreadableError("a conversion to whole numbers")
    return regular(x)


@folds(aten.full.default)
def full(sizes: Sizes, size: Sequence[Any], value: Any = 0, **named: Any) -> Regular:
    """Return one number everywhere, which depends on sizes."""
    return times(sizes, uniform(size), value if isinstance(value, Scale) else Scale(length(value)))


@folds(aten.new_full.default, aten.full_like.default)
def newly_full(sizes: Sizes, x: Any, *given: Any, **named: Any) -> Regular:
    """Return one number everywhere, which depends on sizes."""
    size, value = given if len(given) == 2 else (regular(x).shape, given[0])
    if not isinstance(value, Scale | Length):
        return uniform(size)
    return times(sizes, uniform(size), value if isinstance(value, Scale) else Scale(length(value)))


@folds(aten.ones_like.default, aten.zeros_like.default)
def one_everywhere(sizes: Sizes, x: Any, **named: Any) -> Regular:
    """Return one number everywhere."""
    return uniform(regular(x).shape)


# -- pictures ------------------------------------------------------------------------------------


def _not_empty(sizes: Sizes, tensor: Regular) -> None:
    """Refuse a picture without elements, which torch leaves as it is."""
    if not all(sizes.at_least(n, 1) for n in tensor.shape):
        raise UnreadableError("a picture without elements")


@carries(aten.pixel_shuffle.default)
def shuffled(sizes: Sizes, x: Any, factor: Any) -> Regular:
    """Return channels as places beside one another."""
    tensor = regular(x)
    _values(factor)
    k = length(factor).constant
    _not_empty(sizes, tensor)
    *leading, channels, height, width = tensor.axes
    known = single(channels)
    if not isinstance(known, Fixed):
        raise UnreadableError("open channels are taken apart")
    tall, wide = (spread(single(axis), k) for axis in (height, width))
    return tensor.with_axes((*leading, (Fixed(known.size // k**2),), (tall,), (wide,)))


@carries(aten.pixel_unshuffle.default)
def unshuffled(sizes: Sizes, x: Any, factor: Any) -> Regular:
    """Return places beside one another as channels."""
    tensor = regular(x)
    _values(factor)
    k = length(factor).constant
    _not_empty(sizes, tensor)
    *leading, channels, height, width = tensor.axes
    small = []
    for axis in (height, width):
        part = single(axis)
        if (part.length % k).known != 0:
            raise UnreadableError("a size that is no multiple of the factor")
        small.append((windows(part, k, k),))
    return tensor.with_axes((*leading, (*channels, Fixed(k * k)), *small))


@carries(
    aten.upsample_nearest1d.default, aten.upsample_nearest2d.default,
    aten.upsample_nearest3d.default,
)  # fmt: skip
def enlarged(sizes: Sizes, x: Any, output: Sequence[Any], *scales: Any) -> Regular:
    """Return every element several times, side by side."""
    tensor = regular(x)
    count = len(output)
    for number, wanted in enumerate(output):
        place = len(tensor.axes) - count + number
        factor = single(tensor.axes[place])
        times, own = length(wanted), factor.length
        k = times.slope(factor.letter) // factor.step if isinstance(factor, Open) else (
            times.constant // own.constant)  # fmt: skip
        # Places are computed in float32, by a factor that must be exact.
        exact = k > 0 and k & (k - 1) == 0 and own * k == times
        if not exact or any(s not in (None, float(k)) for s in scales[number : number + 1]):
            raise UnreadableError("enlarged by what is no power of two")
        tensor = tensor.with_axis(place, (spread(factor, k),))
    return tensor


@carries(aten.native_batch_norm.default)
def normalised(sizes: Sizes, x: Any, *args: Any) -> Any:
    """Return a normalisation by known statistics: every element by its channel."""
    tensor = regular(x)
    if any(isinstance(a, Regular) for a in args) or args[4] is True:
        raise UnreadableError("statistics of the batch")
    if not isinstance(single(tensor.axes[1]), Fixed):
        raise UnreadableError("statistics for open channels")
    return tensor, fixed((0,)), fixed((0,))
