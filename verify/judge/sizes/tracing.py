"""Running a module on a tensor whose sizes are symbols, beside a real one of sizes at hand.

Every operator is executed on the real tensor; beside it the rules say how its result grows with
the sizes. What the module asks of a size it gets as a symbol. So one run tells what the module
does at all sizes at which its decisions are the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import torch
from torch.utils._python_dispatch import TorchDispatchMode

from verify.judge.sizes.functions import Functions
from verify.judge.sizes.integers import (
    as_length,
    as_scale,
    divided_with_remainder,
    integer,
)
from verify.judge.sizes.lengths import (
    Length,
    PeriodError,
    RefusedError,
    Sizes,
    UnreadableError,
    length,
)
from verify.judge.sizes.regular import (
    Open,
    Regular,
    fixed,
    joined,
    padded,
    single,
    sliced,
    uniform,
)
from verify.judge.sizes.rules import ENDLESS, known_axis, regular, rule_of, transposed
from verify.judge.sizes.steps import Steps, unfollowed, user_line
from verify.judge.watching.running import quiet

aten = torch.ops.aten

#: Numbers and truth values that depend on sizes.
_SYMBOLS = (torch.SymInt, torch.SymFloat, torch.SymBool)

#: What an operator was, with the sizes it was given.
Call = tuple[str, tuple[Any, ...]]


class Growing(torch.Tensor):
    """A real tensor, and how it grows with sizes."""

    held: torch.Tensor
    run: Run
    base: Growing | None
    #: The views by which it is seen through its base: operator, arguments, which of the results.
    through: tuple[tuple[Any, Any, Any, int], ...]
    #: How it grows, or why that is not known.
    state: Regular | str

    @staticmethod
    def __new__(cls, real: torch.Tensor, run: Run, state: Regular | str) -> Growing:
        """Return a tensor that asks the run for its sizes."""
        made: Growing = torch.Tensor._make_wrapper_subclass(
            cls, real.shape, strides=real.stride(), storage_offset=real.storage_offset(),
            dtype=real.dtype, layout=real.layout, device=real.device,
            requires_grad=False, dispatch_sizes_strides_policy="sizes",
        )  # fmt: skip
        made.held, made.run = real, run
        made.base, made.through, made.state = None, (), state
        return made

    __torch_function__ = torch._C._disabled_torch_function_impl  # type: ignore[assignment]

    @classmethod
    def __torch_dispatch__(  # type: ignore[override]
        cls, func: Any, types: Any, args: Any = (), kwargs: Any = None
    ) -> Any:
        """Hand what is done with it outside of the run to the run."""
        (first, *_) = [a for a in args if isinstance(a, Growing)]
        return first.run.seen(func, args, kwargs or {})

    def __repr__(self) -> str:  # type: ignore[override]
        raise UnreadableError(f"a tensor is printed{user_line()}")

    def untyped_storage(self) -> Any:
        """Refuse to show the memory, whose size depends on sizes."""
        raise UnreadableError(f"a tensor's memory is asked for{user_line()}")

    storage = _typed_storage = data_ptr = untyped_storage


class Run(TorchDispatchMode):  # type: ignore[no-untyped-call]
    """Sees every operator of one run."""

    @classmethod
    def _should_skip_dynamo(cls) -> bool:
        return False

    def __init__(self, sizes: Sizes) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.sizes = sizes
        self.calls: list[Call] = []
        #: What is done that cannot be followed at all, the first reason first.
        self.unread: list[str] = []
        #: What torch refused, at which other sizes as well nobody says; the module may go on.
        self.refused: list[str] = []
        #: What it refused at all sizes that meet what was decided.
        self.explained: BaseException | None = None

    def state(self, tensor: Any) -> Regular:
        """Return how a tensor grows."""
        if not isinstance(tensor, Growing):
            return regular(tensor)
        found = tensor.state
        if tensor.base is not None:
            found = tensor.base.state
            for func, args, named, number in tensor.through:
                if isinstance(found, str):
                    break
                if args is None:
                    raise UnreadableError("a view by what is no size")
                rule = rule_of(func)
                if rule is None:
                    raise UnreadableError(f"a view by {func.overloadpacket}")
                made = rule(self.sizes, found, *args, **named)
                found = made[number] if isinstance(made, list) else made
        if isinstance(found, str):
            raise UnreadableError(found)
        return found

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        """Execute an operator, and say how what it makes grows."""
        return self.seen(func, args, kwargs or {})

    def seen(self, func: Any, args: Any, kwargs: Any) -> Any:
        """Execute an operator, and say how what it makes grows."""
        with unfollowed():  # what the rules run is no instruction of the user's
            try:
                return self._seen(func, args, kwargs)
            except UnreadableError as error:
                # Noted here, as the module may catch it.
                self.unread.append(str(error))
                raise

    def _seen(self, func: Any, args: Any, kwargs: Any) -> Any:
        if func in _ASKING:
            return self._asked(func, args)
        growing = any(isinstance(v, (Growing, *_SYMBOLS)) for v in _leaves((args, kwargs)))
        plain_args, plain_named = (_mapped(v, self.plain) for v in (args, kwargs))
        try:
            result = func(*plain_args, **plain_named)
        except Exception as error:
            if self._refuses(func, args, kwargs):
                self.explained = error
            self.refuse(error)
            raise
        if not growing:
            return result
        if func is aten._local_scalar_dense.default:
            raise UnreadableError(f"values are read{user_line()}")
        self.calls.append(call(func, plain_args, plain_named))
        if torch.Tag.nondeterministic_seeded in func.tags:
            raise UnreadableError(f"random numbers{user_line()}")
        if not isinstance(result, torch.Tensor | tuple | list):
            raise UnreadableError(f"{func.overloadpacket} reads values{user_line()}")
        return self._grown(func, args, kwargs, result)

    def refuse(self, error: BaseException) -> None:
        """Note that torch refuses something, unless it is known at which sizes it does."""
        if error is not self.explained:
            self.refused.append(f"{type(error).__name__} at some sizes{user_line()}")

    def _refuses(self, func: Any, args: Any, kwargs: Any) -> bool:
        """Say whether a rule says at which sizes torch refuses this."""
        try:
            rule = rule_of(func)
            if rule is not None:
                rule(self.sizes, *_mapped(args, self._argument),
                     **_mapped(kwargs, self._argument))  # fmt: skip
        except RefusedError:
            return True
        except UnreadableError:
            return False
        return False

    # -- what is asked of a tensor ---------------------------------------------------------------

    def _asked(self, func: Any, args: Any) -> Any:
        tensor = args[0]
        if not isinstance(tensor, Growing):
            return func(*args)
        try:
            return self._told(func, tensor, args)
        except UnreadableError as error:
            # torch may ask where no exception may be raised. So it gets plain numbers, and nothing
            # is said of the run.
            self.unread.append(str(error))
            return func(tensor.held, *args[1:])

    def _told(self, func: Any, tensor: Growing, args: Any) -> Any:
        """Return what is asked of a tensor, in symbols."""
        if func in _SIZES:
            shape = self._shape(tensor)
            if func in (aten.sym_numel.default, aten.numel.default):
                total = Length.number(1)
                for size in shape:
                    total = total * size
                return integer(self.sizes, total)
            return [integer(self.sizes, n) for n in shape]
        if func in (aten.sym_stride.default, aten.stride.default):
            return [integer(self.sizes, n) for n in self._strides(tensor)]
        if func in (aten.sym_storage_offset.default, aten.storage_offset.default):
            return integer(self.sizes, self._layout(tensor)[1])
        if func in (aten.is_contiguous.default, aten.is_contiguous.memory_format):
            return self._contiguous(tensor, *args[1:])
        if func is aten.dim.default:
            return len(self._shape(tensor))
        return func(tensor.held, *args[1:])

    def _shape(self, tensor: Growing) -> tuple[Length, ...]:
        return self.state(tensor).shape

    def _contiguous(self, tensor: Growing, layout: Any = torch.contiguous_format) -> bool:
        """Say whether a tensor lies in memory without gaps, in the order of its axes."""
        answer: bool = tensor.held.is_contiguous(memory_format=layout)
        order = list(range(tensor.held.ndim))[::-1]
        if layout in (torch.channels_last, torch.channels_last_3d):
            if len(order) != (4 if layout is torch.channels_last else 5):
                return answer
            order = [1, *order[:-2], 0]
        shape, strides, step = self._shape(tensor), self._strides(tensor), Length.number(1)
        for dim in order:
            size, stride = shape[dim], strides[dim]
            # Sizes of 1 are judged themselves, all others follow from no such size only if at hand
            # there is none.
            if stride != step and self.sizes.number(size) == 1:
                self.sizes.equal(size, 1, user_line())
            elif stride != step and not self.sizes.apart(stride, step):
                if not self.sizes.equal(stride, step, user_line()):
                    break
            elif stride != step:
                break
            step = step * size
        return answer

    def _strides(self, tensor: Growing) -> tuple[Length, ...]:
        """Return how far apart elements lie in memory."""
        return self._layout(tensor)[0]

    def _layout(self, tensor: Growing) -> tuple[tuple[Length, ...], Length]:
        """Return how far apart elements lie in memory, and where the first does."""
        if tensor.base is not None:
            return _layout_of(self, tensor)
        shape, real = self._shape(tensor), tensor.held
        found, step = [Length.number(0)] * real.ndim, Length.number(1)
        # As torch has put them: the axis whose elements lie side by side first.
        for dim in sorted(range(real.ndim), key=lambda d: (real.stride(d), -d)):
            found[dim] = step
            step = step * shape[dim]
        return tuple(found), Length.number(int(real.storage_offset()))

    # -- what operators make ---------------------------------------------------------------------

    def plain(self, value: Any) -> Any:
        """Return a value as it is at the sizes at hand."""
        if isinstance(value, Growing):
            return value.held
        if isinstance(value, torch.SymInt):
            return self.sizes.number(as_length(value))
        if isinstance(value, torch.SymFloat | torch.SymBool):
            return value.node.hint
        return value

    def _argument(self, value: Any) -> Any:
        if isinstance(value, Growing):
            return self.state(value)
        if isinstance(value, torch.SymInt):
            return as_length(value)
        if isinstance(value, torch.SymFloat):
            return as_scale(value)
        if isinstance(value, torch.SymBool):
            raise UnreadableError("a size is one of the numbers that are computed with")
        return value

    def _grown(self, func: Any, args: Any, kwargs: Any, result: Any) -> Any:
        """Return the results of an operator with how they grow."""
        returns = func._schema.returns
        single = isinstance(result, torch.Tensor)
        results = [result] if single else list(result)
        view = bool(getattr(func, "is_view", False))
        writes = [r.alias_info is not None and r.alias_info.is_write for r in returns]
        elsewhere = self._elsewhere(func, args, kwargs)
        if any(writes) and elsewhere:
            return elsewhere[0] if single else tuple(elsewhere)
        states: list[Any]
        try:
            rule = rule_of(func)
            if rule is None:
                raise UnreadableError(f"{func.overloadpacket} is not known at every size")
            made = rule(self.sizes, *_mapped(args, self._argument),
                        **_mapped(kwargs, self._argument))  # fmt: skip
            states = list(made) if isinstance(made, list | tuple) else [made]
            if len(states) != len(results):
                raise UnreadableError(f"{func.overloadpacket} returns {len(results)} results")
        except UnreadableError as error:
            name = str(func.overloadpacket).removeprefix("aten.")
            said = str(error)
            if "line " not in said:
                said = said if name in said else f"{name}: {said}"
                said = f"{said}{user_line()}"
            states = [said] * len(results)
            if isinstance(result, list):  # how many there are can be another number as well
                self.unread.append(said)
        found = []
        for number, (value, state) in enumerate(zip(results, states, strict=True)):
            if any(writes):
                found.append(self._written(args[0], state))
                continue
            state = f"{func.overloadpacket}: places{user_line()}" if state is None else state
            grown = Growing(value, self, self._agreeing(func, value, state))
            if view and isinstance(args[0], Growing):
                grown.base = args[0] if args[0].base is None else args[0].base
                grown.through = (*args[0].through, (func, *self._rest(args, kwargs), number))
            found.append(grown)
        if single:
            return found[0]
        return tuple(found) if isinstance(result, tuple) else found

    def _elsewhere(self, func: Any, args: Any, kwargs: Any) -> list[Any]:
        """Return what an operator writes over besides its first argument, no longer known."""
        named = dict(zip((a.name for a in func._schema.arguments), args, strict=False)) | kwargs
        found = []
        for number, argument in enumerate(func._schema.arguments):
            if number and argument.is_write and named.get(argument.name) is not None:
                target = named[argument.name]
                found.append(target)
                if isinstance(target, Growing):
                    whole = target if target.base is None else target.base
                    whole.state = f"{func.overloadpacket}: written elsewhere{user_line()}"
                else:
                    self.unread.append(f"a tensor of known size is written over{user_line()}")
        return found

    def noted(self, func: Any, real: torch.Tensor, state: Any) -> Any:
        """Return the result of a function that was executed, with how it grows."""
        self.calls.append(call(func, (), {}))
        return Growing(real, self, self._agreeing(func, real, state))

    def _rest(self, args: Any, kwargs: Any) -> tuple[Any, Any]:
        """Return the arguments of a view besides the tensor."""
        try:
            return _mapped(args[1:], self._argument), _mapped(kwargs, self._argument)
        except UnreadableError:
            return None, {}

    def _agreeing(self, func: Any, value: torch.Tensor, state: Any) -> Any:
        """Hold what a rule says against what torch has made."""
        if isinstance(state, str):
            return state
        shape = [self.sizes.number(n) for n in state.shape]
        if list(value.shape) != shape:
            raise AssertionError(f"{func}: {list(value.shape)}, the rule says {shape}")
        return state

    def _written(self, target: Any, state: Any) -> Any:
        """Note that a tensor, or a part of one, was written over."""
        if not isinstance(target, Growing):
            raise UnreadableError(f"a tensor of known size is written over{user_line()}")
        if target.base is None:
            target.state = self._fitting(target, state)
            return target
        try:
            if isinstance(state, str):
                raise UnreadableError(state)
            whole = self.state(target.base)
            target.base.state = self._put(whole, list(target.through), state)
        except UnreadableError as error:
            target.base.state = str(error)
        return target

    def _fitting(self, target: Growing, state: Any) -> Any:
        if isinstance(state, str):
            return state
        if state.shape == self._shape(target):
            return state
        over = joined(self.sizes, [uniform(self._shape(target)), state])
        if over.shape != self._shape(target):
            return f"a tensor is written over one of another size{user_line()}"
        return over

    def _put(self, whole: Regular, through: list[Any], state: Regular) -> Regular:
        """Return a tensor a view of which was written over."""
        if not through:
            return joined(self.sizes, [uniform(whole.shape), state])
        (func, args, named, _), *inner = through
        part = rule_of(func)(self.sizes, whole, *args, **named)  # type: ignore[misc]
        if isinstance(part, list):
            raise UnreadableError(f"a piece is written over{user_line()}")
        part = self._put(part, inner, state)
        undo = _UNDONE.get(func)
        if undo is None:
            raise UnreadableError(f"a view by {func.overloadpacket} is written over{user_line()}")
        done: Regular = undo(self.sizes, whole, part, *args, **named)
        return done


def _layout_of(run: Run, tensor: Growing) -> tuple[tuple[Length, ...], Length]:
    """Return strides and offset of a view, as each operator makes them of those before."""
    assert tensor.base is not None
    given, offset = run._layout(tensor.base)
    strides = list(given)
    seen: Any = run.state(tensor.base)
    for func, args, named, number in tensor.through:
        name = str(func.overloadpacket).removeprefix("aten.")
        dim = args[0] if args and isinstance(args[0], int) else named.get("dim", 0)
        dim = dim % len(strides) if isinstance(dim, int) and strides else 0
        if name == "slice":
            start = args[1] if len(args) > 1 else named.get("start")
            offset = offset + _place(run.sizes, seen.shape[dim], start) * strides[dim]
            step = args[3] if len(args) > 3 else named.get("step", 1)
            strides[dim] = strides[dim] * step
        elif name in ("select", "unbind"):
            at = args[1] if name == "select" else number
            offset = offset + _place(run.sizes, seen.shape[dim], at) * strides[dim]
            del strides[dim]
        elif name == "permute":
            strides = [strides[d] for d in args[0]]
        elif name == "transpose":
            other = args[1] % len(strides)
            strides[dim], strides[other] = strides[other], strides[dim]
        elif name == "t":
            strides = strides[::-1]
        elif name == "unfold":
            strides = [*strides, strides[dim]]
            strides[dim] = strides[dim] * args[2]
        elif name == "expand":
            own = [Length.number(1)] * (len(args[0]) - len(strides)) + list(seen.shape)
            strides = [Length.number(0)] * (len(args[0]) - len(strides)) + strides
            strides = [
                Length.number(0) if n.known == 1 and length(wanted).known not in (1, -1) else s
                for n, wanted, s in zip(own, args[0], strides, strict=True)
            ]
        elif name == "unsqueeze":
            strides.insert(args[0] % (len(strides) + 1), Length.number(1))
        elif name in ("split", "split_with_sizes"):
            dim = (args[1] if len(args) > 1 else named.get("dim", 0)) % len(strides)
            pieces = rule_of(func)(run.sizes, seen, *args, **named)  # type: ignore[misc]
            for piece in pieces[:number]:
                offset = offset + piece.shape[dim] * strides[dim]
        made = rule_of(func)(run.sizes, seen, *args, **named)  # type: ignore[misc]
        after = made[number] if isinstance(made, list) else made
        if name not in _KNOWN_LAYOUT:
            # Views that give axes anew: known of what has no gaps, or as at hand.
            real = tensor.held
            without_gaps = strides == _without_gaps(seen.shape)
            if not without_gaps and (tensor.through[-1][0] is not func or not real.is_contiguous()):
                raise UnreadableError(f"a view of a view is asked how it lies{user_line()}")
            strides = _without_gaps(after.shape)
        seen = after
    return tuple(strides), offset


#: Views whose layout follows from that of what they are views of, whatever that is.
_KNOWN_LAYOUT = {
    "slice", "select", "unbind", "permute", "transpose", "t", "unfold", "expand", "unsqueeze",
    "split", "split_with_sizes", "alias", "detach",
}  # fmt: skip


def _without_gaps(shape: Sequence[Length]) -> list[Length]:
    """Return the strides of a tensor whose elements lie one behind the other."""
    strides: list[Length] = []
    step = Length.number(1)
    for size in reversed(shape):
        strides.insert(0, step)
        step = step * size
    return strides


def _place(sizes: Sizes, size: Length, index: Any) -> Length:
    """Return a place on an axis, which may be counted from its end."""
    place = Length.number(0) if index is None else length(index)
    if not sizes.at_least(place, 0):
        place = sizes.larger(place + size, 0)
    return sizes.smaller(place, size)


def _back_permuted(sizes: Sizes, whole: Regular, part: Regular, dims: Sequence[int]) -> Regular:
    axes = list(part.axes)
    for place, dim in enumerate(dims):
        axes[dim % len(axes)] = part.axes[place]
    return part.with_axes(axes)


def _back_sliced(
    sizes: Sizes, whole: Regular, part: Regular, dim: int = 0, start: Any = None, stop: Any = None,
    step: Any = 1,
) -> Regular:  # fmt: skip
    """Return a tensor some elements of which, from a fixed distance to its ends, were written."""
    number = dim % len(whole.axes)
    if length(step).known != 1:
        raise UnreadableError(f"every few elements are written over{user_line()}")
    own, written = single(whole.axes[number]), single(part.axes[number])
    first = length(0) if start is None else length(start)
    last = own.length if stop is None or length(stop).known == ENDLESS else length(stop)
    if not isinstance(own, Open):
        others = joined(sizes, [whole.with_axis(number, ()), part.with_axis(number, ())])
        return others.with_axis(number, whole.axes[number])
    if not isinstance(written, Open):
        raise UnreadableError(f"an end of an axis is written over{user_line()}")
    sliced(sizes, own, first, last, 1)
    if not sizes.at_least(first, 0):
        first = first + own.length
    before = first.known
    after = (own.length - written.length - first).known
    if before is None or after is None:
        raise UnreadableError(f"a slice that ends at neither end is written over{user_line()}")
    around = padded(written, before, after, numbers=own.axis is None and own.plain)
    assert isinstance(around, Open)
    grown = part.with_axis(number, (around,))
    return joined(sizes, [whole, grown])


def _back_selected(sizes: Sizes, whole: Regular, part: Regular, dim: int, index: Any) -> Regular:
    number = dim % len(whole.axes)
    known_axis(whole, number, "written over at one place")
    others = joined(sizes, [whole.with_axis(number), part])
    axes = list(others.axes)
    axes.insert(number, whole.axes[number])
    return others.with_axes(axes)


def _back_transposed(sizes: Sizes, whole: Regular, part: Regular, one: int, other: int) -> Regular:
    return transposed(sizes, part, one, other)


def _back_squeezed(sizes: Sizes, whole: Regular, part: Regular, dim: int) -> Regular:
    if len(part.axes) == len(whole.axes):
        return part
    place = dim % len(whole.axes)
    return part.with_axes((*part.axes[:place], (), *part.axes[place:]))


def _back_unsqueezed(sizes: Sizes, whole: Regular, part: Regular, dim: int) -> Regular:
    return part.with_axis(dim % len(part.axes))


#: Views through which a tensor can be written over: how the whole of it then grows.
_UNDONE: dict[Any, Any] = {
    aten.squeeze.dim: _back_squeezed,
    aten.unsqueeze.default: _back_unsqueezed,
    aten.slice.Tensor: _back_sliced,
    aten.select.int: _back_selected,
    aten.permute.default: _back_permuted,
    aten.transpose.int: _back_transposed,
    aten.alias.default: lambda sizes, whole, part: part,
    aten.detach.default: lambda sizes, whole, part: part,
}

_SIZES = {
    aten.sym_size.default, aten.size.default, aten.sym_numel.default, aten.numel.default,
}  # fmt: skip
#: Operators that ask a tensor for its sizes, or how it lies in memory.
_ASKING = {
    aten.sym_size.default, aten.size.default, aten.sym_stride.default, aten.stride.default,
    aten.sym_numel.default, aten.numel.default, aten.dim.default, aten.is_contiguous.default,
    aten.is_contiguous.memory_format, aten.is_strides_like_format.default,
    aten.is_non_overlapping_and_dense.default, aten.sym_storage_offset.default,
    aten.storage_offset.default, torch.ops.prim.layout.default, torch.ops.prim.device.default,
}  # fmt: skip


@dataclass
class Traced:
    """What one run on symbols told."""

    sizes: Sizes
    #: How the output grows, or why that is not known.
    state: Regular | str
    calls: list[Call]
    steps: Steps
    #: What the module raised.
    error: BaseException | None = None
    #: What torch refused, if nobody says at which other sizes as well.
    refused: str = ""
    output: Any = field(default=None, repr=False)


def traced(module: Any, input_: Regular, real: torch.Tensor, sizes: Sizes) -> Traced:
    """Run a module on a tensor whose sizes are symbols.

    Args:
        module: What is run.
        input_: How the input grows.
        real: An input of the sizes at hand.
        sizes: The sizes; what the module decides by them is noted there.

    Raises:
        PeriodError: A size is divided by what its period is no multiple of.
    """
    run, steps = Run(sizes), Steps()
    found = Traced(sizes, "it returns no tensor", run.calls, steps)
    with quiet(), torch.enable_grad(), divided_with_remainder(), run, Functions(run):
        x = Growing(real.clone(), run, input_)
        try:
            with steps.followed():
                output = module(x)
        except PeriodError:
            raise
        except UnreadableError as error:
            found.state = str(error)
            return found
        except (Exception, SystemExit) as error:
            found.refused = next(iter(run.refused), "")
            found.error = None if run.unread else error
            found.state = run.unread[0] if run.unread else "it fails"
            return found
        found.output = output
        if isinstance(output, Growing):
            try:
                found.state = run.state(output)
            except UnreadableError as error:
                found.state = str(error)
            found.output = output.held
        elif isinstance(output, torch.Tensor):
            found.state = fixed(output.shape)
        if isinstance(found.state, Regular):
            found.state = next(iter((*run.unread, *run.refused)), found.state)
    return found


def call(func: Any, args: Any, kwargs: Any) -> Call:
    """Return an operator with its numbers, but without its tensors."""
    numbers = tuple(str(v) for v in _leaves((args, kwargs)) if not isinstance(v, torch.Tensor))
    return str(func), numbers


def _leaves(value: Any) -> list[Any]:
    if isinstance(value, tuple | list):
        return [leaf for entry in value for leaf in _leaves(entry)]
    if isinstance(value, dict):
        return [leaf for entry in value.values() for leaf in _leaves(entry)]
    return [value]


def _mapped(value: Any, change: Any) -> Any:
    if isinstance(value, tuple | list):
        made = [_mapped(entry, change) for entry in value]
        return tuple(made) if isinstance(value, tuple) else made
    if isinstance(value, dict):
        return {key: _mapped(entry, change) for key, entry in value.items()}
    return change(value)
