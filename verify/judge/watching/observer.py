"""Watching a module run: every operator that torch executes, and beside its numbers the terms.

The module runs as it is, eagerly, on a real tensor, in memory of the judge's own. Operators are
known by the overload itself; whatever else a module does with what depends on its input is noted,
and such a run proves nothing.
"""

from __future__ import annotations

import math
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any

import numpy
import torch
from torch.utils._python_dispatch import TorchDispatchMode

from verify.judge.operators import COMPUTING, HANDLERS, Reply
from verify.judge.rounding.table import Established, established
from verify.judge.symbols.algebra import Algebra, NoTermError
from verify.judge.symbols.spans import Spans
from verify.judge.symbols.terms import OPAQUE, Ids
from verify.judge.watching.reader import Decision, Instead, Reader

aten = torch.ops.aten
#: Where an operator may be replaced so that it is another one of ordinary tensors.
_HERE = ("ADInplaceOrView", "AutocastCPU", "Autograd", "AutogradCPU", "AutogradFunctionality",
         "AutogradNestedTensor", "BackendSelect", "CPU", "CompositeExplicitAutograd",
         "CompositeExplicitAutogradNonFunctional", "CompositeImplicitAutograd",
         "CompositeImplicitAutogradNestedTensor", "Dense", "")  # fmt: skip
#: Kinds of tensors that are nothing but their numbers.
_PLAIN = (torch.Tensor, torch.nn.Parameter, torch.nn.Buffer)


class WatchedTooLongError(BaseException):
    """Time is up while a module is watched; no module is to swallow this."""


@dataclass
class Observed:
    """What was seen of one run."""

    #: The terms of the output, of its shape; ``None`` if the output is no tensor.
    ids: Ids | None = None
    output: Any = None
    decisions: list[Decision] = field(default_factory=list)
    #: Why the terms do not say all that the run did, the first reason first.
    unseen: list[str] = field(default_factory=list)
    #: In a float system the operators that made terms, by torch's names.
    operators: set[str] = field(default_factory=set)
    #: What drew random numbers.
    drawn: list[str] = field(default_factory=list)
    #: What the module raised.
    error: BaseException | None = None


class Observer(TorchDispatchMode):  # type: ignore[no-untyped-call]
    """Sees every operator, lets torch execute it, and notes what it makes."""

    @classmethod
    def _should_skip_dynamo(cls) -> bool:
        # No compiled code runs while one is watched; and skipping would load the whole compiler.
        return False

    def __init__(
        self,
        algebra: Algebra,
        input_dtype: torch.dtype,
        forced: Sequence[bool] = (),
        record: Established | None = None,
        deadline: float = math.inf,
    ) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.algebra = algebra
        self.record = record or established()
        #: When to stop, on the clock of :func:`time.perf_counter`.
        self.deadline = deadline
        self.input_dtype = input_dtype
        self.spans = Spans(algebra.terms)
        self.reader = Reader(algebra, forced)
        self.shadows = self.reader.shadows
        self.seen = Observed(decisions=self.reader.decisions)

    # -- what is noted ---------------------------------------------------------------------------

    def note(self, what: str) -> None:
        """Note something that terms do not say, with the user's line."""
        self.seen.unseen.append(f"{what}{self.reader.line()}")

    # -- the run ---------------------------------------------------------------------------------

    def watch(self, module: Any, inputs: Sequence[torch.Tensor]) -> Observed:
        """Run a module on inputs; their elements are the variables, in order."""
        ids = self.algebra.terms.variables
        placed, start = [], 0
        for tensor in inputs:
            count = tensor.numel()
            placed.append(
                self.shadows.place(tensor, ids[start : start + count].reshape(tuple(tensor.shape)))
            )
            start += count
        for key in torch.library._impls:
            name, _, kernel = key.removeprefix("aten/").rpartition("/")
            if key.startswith("aten/") and kernel in _HERE:
                self.seen.unseen.append(f"torch's own {name} has been replaced")
        memory = self.shadows.memory
        with ExitStack() as stack:
            if memory is not None:
                stack.enter_context(memory.watched())
            if "torch._dynamo" in sys.modules:  # else nothing is compiled
                stack.enter_context(torch.compiler.set_stance("force_eager"))
            with self:
                try:
                    self.seen.output = module(*placed)
                except (Exception, SystemExit) as error:
                    self.seen.error = error
            if memory is not None and memory.faults:
                self.seen.unseen.append(
                    "it reads its input's numbers out of memory, by NumPy, tolist or the like"
                )
            output = self.seen.output
            if isinstance(output, torch.Tensor):
                try:
                    self._plain([output])
                    self.seen.ids = self.reader.ids(output)
                    if (self.seen.ids == OPAQUE).any():
                        raise NoTermError("made of what has no terms")
                except NoTermError as error:
                    self.note(f"its output is {error}")
        return self.seen

    def result(self) -> torch.Tensor:
        """Return a copy of the output tensor in ordinary memory."""
        output = self.seen.output
        with self.shadows.opened([output]):
            copied: torch.Tensor = output.detach().clone()
        return copied

    def finish(self) -> None:
        """Give the memory back."""
        self.seen.output = None
        self.shadows.release()

    def _plain(self, tensors: Sequence[torch.Tensor]) -> None:
        for tensor in tensors:
            if type(tensor) not in _PLAIN:
                raise NoTermError(f"a {type(tensor).__name__}, no plain tensor")
            if tensor.layout is not torch.strided or tensor.is_quantized:
                raise NoTermError(f"a tensor of layout {tensor.layout}")
            if tensor.device.type != "cpu":
                raise NoTermError(f"a tensor on {tensor.device}")

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        """Let torch execute an operator, and note the terms of what it makes."""
        kwargs = kwargs or {}
        if time.perf_counter() > self.deadline:
            raise WatchedTooLongError
        tensors = list(_tensors((args, kwargs)))
        if torch.Tag.nondeterministic_seeded in func.tags:
            self.seen.drawn.append(f"{_name(func)} draws random numbers{self.reader.line()}")
        if self.reader.merging is not None:
            self._touched(func, args, kwargs)
        symbolic = any(type(t) not in _PLAIN or self.shadows.depends(t) for t in tensors)
        if not symbolic:
            return self._known(func, args, kwargs)
        made: Any = None
        try:
            self._plain(tensors)
            if not _is_view(func):
                made = self._interpreted(func, args, kwargs)
                if self.algebra.rounds:
                    self._rounded(func, tensors, made)
        except NoTermError as error:
            self.note(f"{_name(func)}: {error}")
        except Exception as error:  # whatever is wrong with an interpretation proves nothing
            self.note(f"{_name(func)}: the judge cannot read it ({type(error).__name__}: {error})")
        if isinstance(made, Reply):
            return made.value
        if isinstance(made, Instead):
            return self.__torch_dispatch__(func, types, made.args)
        with self.shadows.opened(tensors):
            result = func(*args, **kwargs)
            if _is_view(func):
                return result
            return self._placed(func, result, made)

    def _touched(self, func: Any, args: Any, kwargs: Any) -> None:
        """Note what an operator is about to write to, for it may have to be rolled back."""
        assert self.reader.merging is not None
        for number, argument in enumerate(func._schema.arguments):
            if argument.alias_info is not None and argument.alias_info.is_write:
                value = args[number] if number < len(args) else kwargs.get(argument.name)
                for tensor in _tensors(value):
                    self.reader.merging.touched(tensor)

    def _known(self, func: Any, args: Any, kwargs: Any) -> Any:
        """Execute an operator on what is known; what it makes may be written to later."""
        result = func(*args, **kwargs)
        if func.namespace != "aten" or (_is_view(func) and func is not aten.lift_fresh.default):
            return result
        fresh = func is aten.lift_fresh.default
        returns = func._schema.returns

        def moved(value: Any, alias: Any) -> Any:
            if (
                isinstance(value, torch.Tensor)
                and type(value) in _PLAIN
                and (alias is None or fresh)
                and self._ordinary(value)
                and value.numel()
                and self.shadows.region(value) is None
            ):
                if func in _UNINITIALIZED:
                    # Whatever was there before: a number that has no term.
                    value.fill_(float("nan") if value.is_floating_point() else 1)
                    return self.shadows.place(
                        value, numpy.full(tuple(value.shape), OPAQUE, numpy.int32)
                    )
                return self.shadows.place(value, None)
            return value

        return _mapped(result, returns, moved)

    @staticmethod
    def _ordinary(value: torch.Tensor) -> bool:
        return (
            value.layout is torch.strided and value.device.type == "cpu" and not value.is_quantized
        )

    def _interpreted(self, func: Any, args: Any, kwargs: Any) -> Any:
        if func is aten._local_scalar_dense.default:
            return self._read(args[0])
        handler = HANDLERS.get(func)
        if handler is None:
            raise NoTermError("it has no exact meaning here")
        refused = self.algebra.refused(func)
        if refused is not None:
            raise NoTermError(refused)
        return handler(self.reader, *args, **kwargs)

    def _rounded(self, func: Any, tensors: Sequence[torch.Tensor], made: Any) -> None:
        """Refuse an operator that makes terms and whose kernel was not seen to round as they do."""
        if func is aten._local_scalar_dense.default:
            return
        if made is not None and not isinstance(made, Reply):
            results = made if isinstance(made, tuple | list) else [made]
            there = [self.reader.ids(t).reshape(-1) for t in tensors]
            ids = [r.reshape(-1) for r in results if isinstance(r, numpy.ndarray)]
            new = numpy.setdiff1d(
                numpy.concatenate(ids) if ids else numpy.zeros(0, numpy.int32),
                numpy.concatenate(there),
            )
            if self.algebra.terms.known(new).all():
                return  # elements were moved, or constants written
        name = str(func)
        why = self.record.refusal(name, _dtype(self.input_dtype), torch.__version__)
        if why is not None:
            raise NoTermError(why)
        self.seen.operators.add(name)

    def _read(self, tensor: torch.Tensor) -> Any:
        """Reply the reading of one element: a truth value is a decision."""
        (term,) = self.reader.ids(tensor).reshape(-1).tolist()
        known = self.algebra.value(term)
        if known is not None and not tensor.dtype.is_floating_point:
            return Reply(bool(known) if tensor.dtype is torch.bool else int(known))
        if tensor.dtype.is_floating_point:
            raise NoTermError("a number is read out of the input")
        with self.shadows.opened([tensor]):
            actual = aten._local_scalar_dense.default(tensor)
        if tensor.dtype is torch.bool:
            return Reply(self.reader.decide(term, bool(actual)))
        return Reply(self.reader.read(term, int(actual)))

    def _placed(self, func: Any, result: Any, made: Any) -> Any:
        """Keep the terms of a result beside it, or in the place that was written to."""
        results = list(result) if isinstance(result, tuple | list) else [result]
        terms = list(made) if isinstance(made, tuple | list) else [made]  # of the first alone
        returns = func._schema.returns
        placed: list[Any] = []
        for number, value in enumerate(results):
            if not isinstance(value, torch.Tensor):
                if made is None and not self.seen.unseen:
                    self.note(f"{_name(func)}: a value is read out of the input")
                placed.append(value)
                continue
            ids = terms[number] if number < len(terms) else None
            shape = tuple(value.shape)
            if ids is None or ids is Ellipsis:
                ids = numpy.full(shape, OPAQUE, numpy.int32)
            alias = returns[min(number, len(returns) - 1)].alias_info
            try:
                if ids.size != value.numel():
                    raise NoTermError(f"{ids.shape} terms for a result of shape {shape}")
                self._same_kind(func, value)
                self._within(value, ids)
                if alias is not None and alias.is_write:
                    if value.dtype is not torch.bool and self.algebra.truths(ids).any():
                        ids = self.algebra.indicator(ids)  # such as of x.lt_(0)
                    self.shadows.write(value, numpy.broadcast_to(ids.reshape(shape), shape))
                    self.shadows.close(value)
                    placed.append(value)
                    continue
            except NoTermError as error:
                self.note(f"{_name(func)}: {error}")
                if alias is not None and alias.is_write:
                    placed.append(value)
                    continue
                ids = numpy.full(shape, OPAQUE, numpy.int32)
            if type(value) in _PLAIN and self._ordinary(value):
                value = self.shadows.place(value, ids.reshape(shape))
            placed.append(value)
        if isinstance(result, tuple):
            return tuple(placed)
        return placed if isinstance(result, list) else placed[0]

    def _same_kind(self, func: Any, value: torch.Tensor) -> None:
        """Refuse a result in a dtype in which it is rounded elsewhere than in the system."""
        if value.is_complex():
            raise NoTermError(f"its result is {_dtype(value.dtype)}")
        if self.algebra.own_dtype_only and func in COMPUTING:
            if value.dtype not in (self.input_dtype, torch.bool):
                raise NoTermError(
                    f"its result is {_dtype(value.dtype)}, not {_dtype(self.input_dtype)}"
                )
        elif value.is_floating_point() and self.input_dtype.is_floating_point and (
            torch.finfo(value.dtype).eps > torch.finfo(self.input_dtype).eps
        ):  # fmt: skip
            raise NoTermError(f"its result is {_dtype(value.dtype)}, which rounds")

    def _within(self, value: torch.Tensor, ids: Ids) -> None:
        """Refuse whole numbers that may be none of their dtype, which wraps there."""
        if not self.algebra.real or value.is_floating_point() or value.dtype is torch.bool:
            return
        held = ids[ids != OPAQUE]
        if held.size == 0:
            return
        (low, high), info = self.spans.of(held), torch.iinfo(value.dtype)
        if low < info.min or high > info.max or 2.0**63 <= max(-low - 1, high):
            raise NoTermError(f"its result is {_dtype(value.dtype)}, which may wrap")


#: Operators whose result holds whatever was in memory before.
_UNINITIALIZED = {
    aten.empty.memory_format,
    aten.empty_like.default,
    aten.empty_strided.default,
    aten.new_empty.default,
    aten.new_empty_strided.default,
}


def _is_view(func: Any) -> bool:
    """Say whether an operator of torch itself only looks at its input in another way."""
    return func.namespace == "aten" and bool(getattr(func, "is_view", False))


def _tensors(value: Any) -> Iterator[torch.Tensor]:
    if isinstance(value, torch.Tensor):
        yield value
    elif isinstance(value, tuple | list):
        for entry in value:
            yield from _tensors(entry)
    elif isinstance(value, dict):
        for entry in value.values():
            yield from _tensors(entry)


def _mapped(result: Any, returns: Any, change: Any) -> Any:
    if isinstance(result, tuple | list):
        made = [
            change(value, returns[min(i, len(returns) - 1)].alias_info)
            for i, value in enumerate(result)
        ]
        return tuple(made) if isinstance(result, tuple) else made
    return change(result, returns[0].alias_info if returns else None)


def _name(func: Any) -> str:
    """Return an operator's name, with its namespace unless it is torch's own."""
    name = str(func.overloadpacket).removeprefix("aten.")
    return name


def _dtype(dtype: torch.dtype) -> str:
    return str(dtype).removeprefix("torch.")
