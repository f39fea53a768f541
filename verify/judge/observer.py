"""Watching a module run: every operator that torch executes, and beside its numbers the terms.

The module runs as it is, eagerly, on a real tensor. What it makes lies in memory of the judge's
own, and beside each piece lies an array with the number of a term for every element, found by the
address of a tensor's data: a view, an alias or a write in place sees it through its own size,
stride and offset, whoever made it. Operators are known by the overload itself; whatever else a
module does with what depends on its input is noted, and such a run proves nothing.
"""

from __future__ import annotations

import ctypes
import sys
import weakref
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Any

import numpy
import torch
from torch.utils._python_dispatch import TorchDispatchMode

from verify.judge.algebra import Algebra, NoTermError
from verify.judge.guarded import GuardedMemory, available
from verify.judge.terms import OPAQUE, TRUTHS, ZERO, Ids, Terms
from verify.judge.weights import constants

if TYPE_CHECKING:
    pass

aten = torch.ops.aten
_TORCH = str(Path(torch.__file__).parent)
_HERE = str(Path(__file__).parent)
#: Kinds of tensors that are nothing but their numbers.
_PLAIN = (torch.Tensor, torch.nn.Parameter, torch.nn.Buffer)
#: More decisions than this on one path are too many to try the other side of each.
MOST_DECISIONS = 4096


@dataclass
class Region:
    """A piece of the judge's memory, with the terms of its elements if some depend on the input."""

    address: int
    size: int
    dtype: torch.dtype
    ids: Ids | None = None

    @property
    def itemsize(self) -> int:
        """The bytes of one element."""
        return self.dtype.itemsize


@dataclass(frozen=True)
class Decision:
    """A truth value that was read: its term, what was answered, and where."""

    term: int
    answer: bool
    where: str


@dataclass
class Observed:
    """What was seen of one run."""

    #: The terms of the output, of its shape; ``None`` if the output is no tensor.
    ids: Ids | None = None
    output: Any = None
    decisions: list[Decision] = field(default_factory=list)
    #: Why the terms do not say all that the run did, the first reason first.
    unseen: list[str] = field(default_factory=list)
    #: What drew random numbers.
    drawn: list[str] = field(default_factory=list)
    #: What the module raised.
    error: BaseException | None = None


class Shadows:
    """The judge's memory: regions by address, and the terms beside them."""

    def __init__(self, algebra: Algebra) -> None:
        self.algebra = algebra
        self.memory = GuardedMemory() if available() else None
        self._regions: dict[int, Region] = {}
        self._starts: tuple[list[int], list[int]] = ([], [])
        self._kept: list[Any] = []

    def place(self, tensor: torch.Tensor, ids: Ids | None) -> torch.Tensor:
        """Return the same numbers in the judge's memory, with their terms if they have any."""
        extent = 1 + sum((n - 1) * s for n, s in zip(tensor.shape, tensor.stride(), strict=True))
        count = extent if tensor.numel() else 0
        if count == 0:
            return tensor
        size = count * tensor.element_size()
        moved = self._taken(size, tensor, opened=ids is None)
        moved.copy_(tensor)
        region = self._regions[moved.untyped_storage().data_ptr()]
        if ids is not None:
            region.ids = numpy.zeros(count, numpy.int32)
            self.write(moved, ids)
            if self.memory is not None:
                self.memory.close(region.address, region.size)
        return moved

    def _taken(self, size: int, like: torch.Tensor, *, opened: bool) -> torch.Tensor:
        if self.memory is None:
            held: Any = (ctypes.c_byte * size)()
            address = ctypes.addressof(held)
        else:
            address = self.memory.taken(size, opened=opened)
            held = (ctypes.c_byte * size).from_address(address)
        region = Region(address, size, like.dtype)
        self._regions[address] = region
        starts = self._starts[opened]
        starts.insert(bisect_right(starts, address), address)
        weakref.finalize(held, self._forget, address, starts)
        flat = torch.frombuffer(held, dtype=torch.uint8)
        result = torch.empty(0, dtype=like.dtype)
        return result.set_(flat.untyped_storage(), 0, like.shape, like.stride())

    def _forget(self, address: int, starts: list[int]) -> None:
        region = self._regions.pop(address, None)
        place = bisect_right(starts, address) - 1
        if place >= 0 and starts[place] == address:
            del starts[place]
        if region is not None and self.memory is not None:
            self.memory.forget(address, region.size)

    def region(self, tensor: torch.Tensor) -> Region | None:
        """Return the piece of the judge's memory in which a tensor's numbers lie."""
        if tensor.layout is not torch.strided or tensor.device.type != "cpu":
            return None
        address = tensor.untyped_storage().data_ptr()
        found = self._regions.get(address)
        if found is not None:
            return found
        for starts in self._starts:  # an alias that does not begin where the piece does
            place = bisect_right(starts, address) - 1
            if place >= 0:
                found = self._regions[starts[place]]
                if found.address <= address < found.address + found.size:
                    return found
        return None

    def depends(self, tensor: torch.Tensor) -> bool:
        """Say whether any number of a tensor depends on the input."""
        region = self.region(tensor)
        return region is not None and region.ids is not None and tensor.numel() > 0

    def ids(self, tensor: torch.Tensor) -> Ids:
        """Return the terms of a tensor's elements, of its shape.

        Raises ``NoTermError`` for a tensor whose numbers have no terms.
        """
        region = self.region(tensor)
        if region is not None and region.ids is not None:
            return self._seen(region, tensor).copy()
        return constants(tensor, self.algebra)

    def _seen(self, region: Region, tensor: torch.Tensor) -> Ids:
        if tensor.dtype is not region.dtype or tensor.is_neg() or tensor.is_conj():
            raise NoTermError(f"the bits of {_dtype(region.dtype)} read as {_dtype(tensor.dtype)}")
        assert region.ids is not None
        offset = (tensor.data_ptr() - region.address) // region.itemsize
        strides = tuple(4 * s for s in tensor.stride())
        return numpy.lib.stride_tricks.as_strided(region.ids[offset:], tuple(tensor.shape), strides)

    def _make_symbolic(self, region: Region) -> None:
        if region.ids is not None:
            return
        count = region.size // region.itemsize
        held = (ctypes.c_byte * region.size).from_address(region.address)
        flat = torch.frombuffer(held, dtype=torch.uint8).view(region.dtype)
        try:
            region.ids = constants(flat, self.algebra).reshape(-1).copy()
        except NoTermError:
            region.ids = numpy.full(count, OPAQUE, numpy.int32)

    def write(self, tensor: torch.Tensor, ids: Any) -> None:
        """Write terms into the place of a tensor.

        Raises ``NoTermError`` if its numbers lie outside the judge's memory.
        """
        if tensor.numel() == 0:
            return
        region = self.region(tensor)
        if region is None:
            raise NoTermError("it writes what depends on the input into memory made elsewhere")
        self._make_symbolic(region)
        view = self._seen(region, tensor)
        view[...] = numpy.asarray(ids, numpy.int32)

    @contextmanager
    def opened(self, tensors: Sequence[torch.Tensor]) -> Iterator[None]:
        """Let torch touch these tensors."""
        if self.memory is None:
            yield
            return
        regions = {}
        for tensor in tensors:
            region = self.region(tensor)
            if region is not None and region.ids is not None:
                regions[region.address] = region
        for region in regions.values():
            self.memory.open(region.address, region.size)
        try:
            yield
        finally:
            for region in regions.values():
                self.memory.close(region.address, region.size)

    def close(self, tensor: torch.Tensor) -> None:
        """Keep everybody from a tensor that has terms since the last operator."""
        region = self.region(tensor)
        if region is not None and region.ids is not None and self.memory is not None:
            self.memory.close(region.address, region.size)

    def release(self) -> None:
        """Give the memory back, or leave it open to whoever still holds a tensor in it."""
        if self.memory is None:
            return
        if not self._regions:
            self.memory.release()
            return
        for region in self._regions.values():
            self.memory.open(region.address, region.size)


class Observer(TorchDispatchMode):  # type: ignore[no-untyped-call]
    """Sees every operator, lets torch execute it, and notes what it makes."""

    @classmethod
    def _should_skip_dynamo(cls) -> bool:
        # No compiled code runs while one is watched; and skipping would load the whole compiler.
        return False

    def __init__(
        self, algebra: Algebra, input_dtype: torch.dtype, forced: Sequence[bool] = ()
    ) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.algebra = algebra
        self.terms: Terms = algebra.terms
        self.input_dtype = input_dtype
        self.forced = list(forced)
        self.shadows = Shadows(algebra)
        self.seen = Observed()
        self._answers: dict[int, bool] = {}

    # -- what handlers ask -----------------------------------------------------------------------

    def ids(self, value: Any) -> Ids:
        """Return the terms of a tensor or of a number."""
        if isinstance(value, torch.Tensor):
            return self.shadows.ids(value)
        return numpy.array(self.number(value), numpy.int32)

    def number(self, value: Any) -> int:
        """Return the term of a Python number."""
        if not isinstance(value, bool | int | float):
            raise NoTermError(f"a {type(value).__name__}")
        return int(constants(torch.tensor(value, dtype=torch.float64)
                             if isinstance(value, float) else torch.tensor(value),
                             self.algebra))  # fmt: skip

    def numeric(self, value: Any) -> Ids:
        """Return terms that are numbers: truth values count as 1 and 0."""
        ids = self.ids(value)
        if isinstance(value, bool) or (
            isinstance(value, torch.Tensor) and value.dtype is torch.bool
        ):
            return self.algebra.indicator(ids)
        return ids

    def truth(self, value: Any) -> Ids:
        """Return terms that are truth values: numbers are true unless they are 0."""
        ids = self.ids(value)
        if isinstance(value, bool) or (
            isinstance(value, torch.Tensor) and value.dtype is torch.bool
        ):
            return ids
        return self.algebra.compare("ne", ids, ZERO)

    def depends(self, value: Any) -> bool:
        """Say whether a value is a tensor that depends on the input."""
        return isinstance(value, torch.Tensor) and self.shadows.depends(value)

    # -- what is noted ---------------------------------------------------------------------------

    def note(self, what: str) -> None:
        """Note something that terms do not say, with the user's line."""
        self.seen.unseen.append(f"{what}{self.line()}")

    @staticmethod
    def line() -> str:
        """Return the line of the user's code that runs now, as the end of a sentence."""
        frame: FrameType | None = sys._getframe(1)
        while frame is not None:
            name = frame.f_code.co_filename
            if not name.startswith((_TORCH, _HERE, "<")) and Path(name).exists():
                return f", line {frame.f_lineno} of {Path(name).name}"
            frame = frame.f_back
        return ""

    # -- the run ---------------------------------------------------------------------------------

    def watch(self, module: Any, inputs: Sequence[torch.Tensor]) -> Observed:
        """Run a module on inputs; their elements are the variables, in order."""
        ids = self.terms.variables
        placed, start = [], 0
        for tensor in inputs:
            count = tensor.numel()
            placed.append(
                self.shadows.place(tensor, ids[start : start + count].reshape(tuple(tensor.shape)))
            )
            start += count
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
                    self.seen.ids = self.ids(output)
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
        tensors = list(_tensors((args, kwargs)))
        if torch.Tag.nondeterministic_seeded in func.tags:
            self.seen.drawn.append(f"{_name(func)} draws random numbers{self.line()}")
        symbolic = any(type(t) not in _PLAIN or self.shadows.depends(t) for t in tensors)
        if not symbolic:
            return self._known(func, args, kwargs)
        made: Any = None
        try:
            self._plain(tensors)
            if not _is_view(func):
                made = self._interpreted(func, args, kwargs)
        except NoTermError as error:
            self.note(f"{_name(func)}: {error}")
        except Exception as error:  # whatever is wrong with an interpretation proves nothing
            self.note(f"{_name(func)}: the judge cannot read it ({type(error).__name__}: {error})")
        if isinstance(made, _Answer):
            return made.value
        with self.shadows.opened(tensors):
            result = func(*args, **kwargs)
            if _is_view(func):
                return result
            return self._placed(func, result, made)

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
                if func in _UNINITIALIZED and value.is_floating_point():
                    value.fill_(float("nan"))
                return self.shadows.place(value, None)
            return value

        return _mapped(result, returns, moved)

    @staticmethod
    def _ordinary(value: torch.Tensor) -> bool:
        return (
            value.layout is torch.strided and value.device.type == "cpu" and not value.is_quantized
        )

    def _interpreted(self, func: Any, args: Any, kwargs: Any) -> Any:
        from verify.judge.operators import HANDLERS

        if func is aten._local_scalar_dense.default:
            return self._read(args[0])
        handler = HANDLERS.get(func)
        if handler is None:
            raise NoTermError("it has no exact meaning here")
        return handler(self, *args, **kwargs)

    def _read(self, tensor: torch.Tensor) -> Any:
        """Answer the reading of one element: a truth value is a decision."""
        (term,) = self.ids(tensor).reshape(-1).tolist()
        if self.algebra.value(term) is not None:
            return None
        if tensor.dtype is not torch.bool:
            raise NoTermError("a number is read out of the input")
        with self.shadows.opened([tensor]):
            actual = bool(aten._local_scalar_dense.default(tensor))
        return _Answer(self.decide(term, actual))

    def decide(self, term: int, actual: bool) -> bool:
        """Answer a question about the input, as forced or as it is, the same every time."""
        value = self.algebra.value(term)
        if value is not None:
            return bool(value)
        if term == OPAQUE:
            raise NoTermError("a decision on what is not known as a term")
        block = self.terms.block_of(term)
        if block.operator == "not":
            return not self.decide(int(block.args[term - block.start][0]), not actual)
        if term not in self._answers:
            if block.operator not in TRUTHS and block.operator != "select":
                raise NoTermError("a decision on a number")
            number = len(self._answers)
            if number >= MOST_DECISIONS:
                raise NoTermError(f"more than {MOST_DECISIONS} decisions")
            self._answers[term] = self.forced[number] if number < len(self.forced) else actual
            self.seen.decisions.append(Decision(term, self._answers[term], self.line()))
        return self._answers[term]

    def _placed(self, func: Any, result: Any, made: Any) -> Any:
        """Keep the terms of a result beside it, or in the place that was written to."""
        results = list(result) if isinstance(result, tuple | list) else [result]
        terms = list(made) if isinstance(made, tuple | list) else [made] * len(results)
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
                if alias is not None and alias.is_write:
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
        from verify.judge.operators import COMPUTING

        if value.is_complex():
            raise NoTermError(f"its result is {_dtype(value.dtype)}")
        if not self.algebra.real and func in COMPUTING:
            if value.dtype not in (self.input_dtype, torch.bool):
                raise NoTermError(
                    f"its result is {_dtype(value.dtype)}, not {_dtype(self.input_dtype)}"
                )
        elif value.is_floating_point() and self.input_dtype.is_floating_point and (
            torch.finfo(value.dtype).eps > torch.finfo(self.input_dtype).eps
        ):  # fmt: skip
            raise NoTermError(f"its result is {_dtype(value.dtype)}, which rounds")


@dataclass(frozen=True)
class _Answer:
    """What the judge answers in torch's place."""

    value: Any


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
