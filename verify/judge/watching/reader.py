"""Terms beside numbers: the memory in which a watched run takes place, and how it is read.

Beside each piece of memory lies an array with the number of a term for every element, found by the
address of a tensor's data: a view, an alias or a write in place sees it through its own size,
stride and offset, whoever made it.
"""

from __future__ import annotations

import ctypes
import gc
import sys
import weakref
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Any, Protocol

import numpy
import torch

from verify.judge.symbols.algebra import Algebra, NoTermError
from verify.judge.symbols.terms import OPAQUE, TRUTHS, ZERO, Ids, Terms, possible
from verify.judge.symbols.weights import constants
from verify.judge.watching.guarded import GuardedMemory, available

if TYPE_CHECKING:
    from numpy.typing import NDArray

_TORCH = str(Path(torch.__file__).parent)
_HERE = str(Path(__file__).parents[1])
#: More decisions than this on one path are too many to try the other side of each.
MOST_DECISIONS = 4096
#: A mask of more elements is not decided element by element.
MOST_SETTLED = 6
#: A whole number that is read is one of so many at most.
MOST_ANSWERS = 64


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


class Undoing(Protocol):
    """Whoever may have to undo what an operator writes."""

    def touched(self, tensor: torch.Tensor) -> None:
        """Note what a tensor holds before it is written to."""

    def perhaps_number(self, value: torch.Tensor) -> bool:
        """Say whether a tensor may stand for a number of Python's."""


@dataclass(frozen=True)
class Instead:
    """Arguments with which torch executes the operator in place of its own."""

    args: tuple[Any, ...]


class Shadows:
    """The judge's memory: regions by address, and the terms beside them."""

    def __init__(self, algebra: Algebra) -> None:
        self.algebra = algebra
        self.memory = GuardedMemory() if available() else None
        self._regions: dict[int, Region] = {}
        self._starts: tuple[list[int], list[int]] = ([], [])
        self._over = False

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
            if self._over and not self._regions:
                self.memory.release()

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
        if region.ids is None:
            region.ids = self.ids_of(region, self.whole(region), None)

    @staticmethod
    def whole(region: Region) -> NDArray[numpy.uint8]:
        """Return the bytes of a region, which must be open."""
        held = (ctypes.c_uint8 * region.size).from_address(region.address)
        return numpy.ctypeslib.as_array(held)

    def ids_of(self, region: Region, held: NDArray[numpy.uint8], ids: Ids | None) -> Ids:
        """Return the terms of a region that holds these bytes: its own, or those of constants."""
        if ids is not None:
            return ids
        try:
            numbers = torch.from_numpy(held.copy()).view(region.dtype)
            return constants(numbers, self.algebra).reshape(-1).copy()
        except NoTermError:
            return numpy.full(region.size // region.itemsize, OPAQUE, numpy.int32)

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

    def open(self, region: Region) -> None:
        """Let everybody touch a region."""
        if self.memory is not None:
            self.memory.open(region.address, region.size)

    def settle(self, region: Region) -> None:
        """Close a region if it has terms."""
        if region.ids is not None and self.memory is not None:
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
        if self._regions:
            gc.collect()  # a circle of objects may hold a tensor that nobody has
        if not self._regions:
            self.memory.release()
            return
        self._over = True
        for region in self._regions.values():
            self.memory.open(region.address, region.size)


class Reader:
    """What the handlers of operators ask: the terms of values, and answers to decisions."""

    def __init__(self, algebra: Algebra, forced: Sequence[bool]) -> None:
        self.algebra = algebra
        self.terms: Terms = algebra.terms
        self.shadows = Shadows(algebra)
        #: The truth values that were read.
        self.decisions: list[Decision] = []
        self._forced = list(forced)
        self._answers: dict[int, bool] = {}
        #: What joins the arms of decisions in this run, if anything does.
        self.merging: Undoing | None = None

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

    def settled(self, mask: torch.Tensor) -> torch.Tensor:
        """Return a mask that depends on the input as decided: one decision for each element."""
        with self.shadows.opened([mask]):
            actual = (mask != 0).reshape(-1).tolist()
        terms = self.truth(mask).reshape(-1).tolist()
        if sum(self.algebra.value(int(t)) is None for t in set(terms)) > MOST_SETTLED:
            raise NoTermError(
                "elements at places that depend on the values of the input, more than "
                f"{MOST_SETTLED} of them"
            )
        answers = [self.decide(int(t), a) for t, a in zip(terms, actual, strict=True)]
        return torch.tensor(answers, dtype=torch.bool).reshape(mask.shape)

    @staticmethod
    def instead(*args: Any) -> Instead:
        """Have torch execute the operator with other arguments."""
        return Instead(args)

    def read(self, term: int, actual: int) -> int:
        """Reply a whole number that is one of a few: each is a decision.

        Raises ``NoTermError`` if it is not.
        """
        numbers = possible(self.terms, term)
        if numbers is None or len(numbers) > MOST_ANSWERS:
            raise NoTermError("a number is read out of the input")
        *others, last = sorted(numbers)
        for number in others:
            here = self.algebra.compare("eq", term, self.algebra.constant(number))
            if self.decide(int(here.reshape(())), actual == number):
                return number
        return last

    def depends(self, value: Any) -> bool:
        """Say whether a value is a tensor that depends on the input."""
        return isinstance(value, torch.Tensor) and self.shadows.depends(value)

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

    def decide(self, term: int, actual: bool) -> bool:
        """Reply a question about the input, as forced or as it is, the same every time."""
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
            self._answers[term] = self._forced[number] if number < len(self._forced) else actual
            self.decisions.append(Decision(term, self._answers[term], self.line()))
        return self._answers[term]


def _dtype(dtype: torch.dtype) -> str:
    return str(dtype).removeprefix("torch.")
