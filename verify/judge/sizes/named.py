"""How a pooling by name grows with sizes, and at which sizes there is one."""

from __future__ import annotations

from typing import Any

from pooling.arguments import Axis as WindowedAxis
from verify.judge.references import NamedPooling
from verify.judge.sizes.lengths import Sizes, UnreadableError, length
from verify.judge.sizes.regular import Regular, checked, single
from verify.judge.sizes.rules import Strided
from verify.judge.sizes.whole import adaptive


class UndefinedError(Exception):
    """There is no such pooling at the sizes at hand, nor where the same conditions hold."""


def growing(pooling: NamedPooling, input_: Regular, sizes: Sizes) -> Regular:
    """Return how the output of a pooling grows.

    Raises:
        UndefinedError: The pooling refuses the sizes at hand.
        UnreadableError: Nobody says how its windows depend on sizes.
    """
    shape = tuple(sizes.number(n) for n in input_.shape)
    refused = _refusal(pooling, shape)
    if pooling.kind.family in _ADAPTIVE:
        if refused is not None:
            raise UnreadableError(f"at which sizes there is a {pooling.written}: {refused}")
        return _adaptive(pooling, input_, sizes)
    tensor, mine = input_, False
    for number in range(pooling.dimensions):
        place = len(input_.axes) - pooling.dimensions + number
        window, largest = _window(pooling, shape, number, sizes, input_)
        factor = single(tensor.axes[place])
        if largest and not sizes.at_least(factor.length, window.size):
            mine = True
            break
        try:
            window.count(sizes, factor.length)
        except UnreadableError:
            mine = True
            break
        tensor = tensor.with_axis(place, window.over(sizes, tensor.axes[place]))
    if mine != (refused is not None):
        raise UnreadableError(f"at which sizes there is a {pooling.written}: {refused}")
    if refused is not None:
        raise UndefinedError(refused)
    return tensor


#: Adaptive poolings: what they make of a window, and whether it is a mean.
_ADAPTIVE = {"adaptive_avg_pool": ("sum", True), "adaptive_max_pool": ("max", False)}


def _adaptive(pooling: NamedPooling, input_: Regular, sizes: Sizes) -> Regular:
    """Return how the output of an adaptive pooling grows."""
    tensor = input_
    places = range(len(input_.axes) - pooling.dimensions, len(input_.axes))
    letters = {le for n in input_.shape for le in n.letters}
    counts = [{le: sizes.counts[le] + more for le in letters} for more in (0, 1, 2, 5, 40)]
    shapes = [tuple(n.at(at) for n in input_.shape) for at in counts]
    for number, place in enumerate(places):
        outputs = [int(_read(pooling, shape).axes[number].outputs) for shape in shapes]
        size = input_.shape[place]
        if outputs == [shape[place] for shape in shapes]:
            wanted = size
        elif len(set(outputs)) == 1:
            wanted = length(outputs[0])
        else:
            raise UnreadableError(f"the number of windows of {pooling.written}")
        tensor = adaptive(sizes, tensor, place, wanted, *_ADAPTIVE[pooling.kind.family])
    return checked(tensor)


def _refusal(pooling: NamedPooling, shape: tuple[int, ...]) -> str | None:
    try:
        _read(pooling, shape)
    except ValueError as error:
        return str(error)
    return None


def _read(pooling: NamedPooling, shape: tuple[int, ...]) -> Any:
    whole = (1, *shape) if len(shape) == pooling.dimensions else shape
    return pooling.kind.read(pooling.dimensions, whole, **pooling.arguments)


def _window(
    pooling: NamedPooling, shape: tuple[int, ...], number: int, sizes: Sizes, input_: Regular
) -> tuple[Strided, bool]:
    """Return the windows along one axis, and whether they must not exceed the bare input."""
    found: set[Any] = set()
    place = len(shape) - pooling.dimensions + number
    # Padding by a convention depends on the remainder of the size alone; so it is looked at anew
    # at larger sizes, and where the pooling refuses this size, at these only.
    letters = {le for n in input_.shape for le in n.letters}
    for more in (0, 1, 2, 5, 40):
        counts = {le: sizes.counts[le] + more for le in letters}
        larger = tuple(n.at(counts) for n in input_.shape)
        try:
            axis = _read(pooling, larger).axes[number]
        except ValueError:
            continue
        if not isinstance(axis, WindowedAxis):
            raise UnreadableError(f"the windows of {pooling.written}, which grow with sizes")
        window = Strided(
            int(axis.kernel_size), int(axis.stride),
            (int(axis.padding[0]), int(axis.padding[1])),
            int(axis.dilation), bool(axis.ceil_mode),
        )  # fmt: skip
        if int(axis.outputs) != _outputs(window, larger[place]):
            raise UnreadableError(f"the number of windows of {pooling.written}")
        # Another remainder has another padding: the period must be a multiple of the stride.
        if length(input_.shape[place]).known is None:
            _ = input_.shape[place] // window.stride
        found.add(window)
    if len(found) != 1:
        raise UnreadableError(f"the windows of {pooling.written}")
    torch_like = pooling.arguments.get("padding_convention", "torch") == "torch"
    only = pooling.kind.family == "avg_pool" and pooling.dimensions == 3 and torch_like
    return found.pop(), only


def _outputs(window: Strided, size: int) -> int:
    return window.count(Sizes({}, {}), length(size)).constant
