"""Joining the arms of decisions: what converted code calls while a watched run goes both ways.

Of an ``if`` on the input's values the first arm is run, what it has written is rolled back, the
other arm is run, and wherever the two leave other values the outcome is a choice between their
terms; its number is that of the arm which the input takes. Whatever an arm does that could not be
rolled back ends it: then nothing is joined, and the module is run as it stands.
"""

from __future__ import annotations

import builtins
import functools
import itertools
import math
import operator
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import BuiltinFunctionType, BuiltinMethodType, FunctionType, MethodType, ModuleType
from typing import TYPE_CHECKING, Any

import numpy
import torch
from torch.utils._python_dispatch import _disable_current_modes

from verify.judge.symbols.algebra import Algebra
from verify.judge.symbols.terms import OPAQUE, Ids
from verify.judge.watching.conversion import UnconvertibleError, converted, is_plain

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from verify.judge.watching.reader import Reader, Region

#: Built-in functions and classes that do nothing but compute.
_PURE = frozenset({
    range, len, abs, sum, zip, enumerate, reversed, tuple, list, divmod, pow, round, float, int,
    bool, slice, map, iter, next, set, dict,
})  # fmt: skip
#: Methods of a tensor by which numbers or memory get out of sight.
_OUT_OF_SIGHT = frozenset({
    "numpy", "data_ptr", "untyped_storage", "storage", "apply_", "map_", "map2_", "tolist",
    "register_hook", "backward", "requires_grad_", "set_", "resize_", "share_memory_", "__array__",
    "__dlpack__", "retain_grad", "as_subclass", "to_dense", "to_sparse",
})  # fmt: skip
_MATHS: tuple[ModuleType, ...] = (math, operator, itertools, functools)
#: What a name stands for that has no value.
_MISSING = object()


class UnmergeableError(Exception):
    """An arm does what cannot be rolled back, or leaves what cannot be joined."""


@dataclass(frozen=True)
class OpenTruth:
    """A truth value that depends on the input: its term, and what it is at the input at hand."""

    term: int
    actual: bool

    def __bool__(self) -> bool:
        raise UnmergeableError("a truth value is used as a number")


@dataclass
class _Saved:
    """A piece of memory as it was when an arm first wrote to it."""

    region: Region
    #: Keeps the memory alive.
    tensor: torch.Tensor
    bytes: NDArray[numpy.uint8]
    ids: Ids | None


@dataclass
class _Journal:
    regions: dict[int, _Saved] = field(default_factory=dict)
    #: Lists that an arm wrote to, and what they held.
    lists: dict[int, tuple[list[Any], list[Any]]] = field(default_factory=dict)


class Merging:
    """What converted code calls: tests, arms, calls and places that are written to."""

    def __init__(self) -> None:
        self._reader: Reader | None = None
        #: The arms that are open, the outermost first.
        self._open: list[_Journal] = []
        #: How many expressions are being computed that perhaps nobody asked for.
        self._perhaps = 0
        self.joined = 0
        #: Why nothing can be joined.
        self.failed = ""
        #: Memory of joined values that stand for numbers of Python's.
        self._numbers: dict[int, Region] = {}
        #: Memory of tensors that live on in joined values, which nobody may write to any more.
        self._lent: dict[int, Region] = {}
        self._made: dict[Any, Any] = {}

    def refused(self, why: str) -> UnmergeableError:
        """Return the error that ends joining, after noting it: nobody may swallow it."""
        self.failed = self.failed or why
        return UnmergeableError(why)

    @property
    def reader(self) -> Reader:
        """What is asked for terms."""
        assert self._reader is not None
        return self._reader

    @property
    def algebra(self) -> Algebra:
        """Where terms are made."""
        return self.reader.algebra

    @contextmanager
    def watching(self, reader: Reader) -> Iterator[None]:
        """Join arms for this run."""
        self._reader, self._open, self._perhaps, self.failed = reader, [], 0, ""
        self._lent, self._numbers = {}, {}
        reader.merging = self
        try:
            yield
        finally:
            reader.merging = None

    # -- functions -------------------------------------------------------------------------------

    def function(self, function: Any) -> FunctionType:
        """Return a user's function, converted.

        Raises:
            UnconvertibleError: It has no such form.
        """
        if function not in self._made:
            self._made[function] = converted(function, self)
        made: FunctionType = self._made[function]
        return made

    def callable(self, function: Any) -> Any:
        """Return what to call instead of ``function``."""
        if function in (builtins.max, builtins.min):
            return functools.partial(self._extreme, function)
        if function is sorted:
            return self._sorted
        if function in (builtins.any, builtins.all):
            return functools.partial(self._of_all, function)
        if isinstance(function, FunctionType) and not _of_torch(function):
            return self._converted(function)
        if isinstance(function, MethodType) and not _of_torch(function.__func__):
            if isinstance(function.__func__, FunctionType):
                return MethodType(self._converted(function.__func__), function.__self__)
            raise self.refused(f"a call of {function!r}")
        if isinstance(function, torch.nn.Module):
            return self._module(function)
        if self._computes(function):
            return function
        raise self.refused(f"a call of {function!r}")

    def _converted(self, function: FunctionType) -> FunctionType:
        try:
            return self.function(function)
        except UnconvertibleError as error:
            raise self.refused(f"{function.__name__}: {error}") from error

    def _module(self, module: torch.nn.Module) -> torch.nn.Module:
        hooks = module._forward_hooks or module._forward_pre_hooks
        known = type(module).__module__.partition(".")[0] == "torch" or "forward" in vars(module)
        if not known or hooks:
            raise self.refused(f"a call of a {type(module).__name__}")
        return module

    def _computes(self, function: Any) -> bool:
        """Say whether a callable does nothing but compute, or change what is noted."""
        name = getattr(function, "__name__", "")
        own = getattr(function, "__self__", None)
        if isinstance(own, torch.Tensor):
            return name not in _OUT_OF_SIGHT
        try:
            if function in _PURE:
                return True
        except TypeError:
            return False
        if isinstance(function, type):
            return function.__module__ in ("itertools", "torch")
        if isinstance(own, ModuleType) and own in _MATHS:
            return True
        if isinstance(function, BuiltinMethodType | BuiltinFunctionType):
            if isinstance(own, list | dict | set):
                return not self._doubtful  # such as append, which is not rolled back
            if isinstance(own, str | tuple | int | float | range):
                return True
            return _of_torch(function) or getattr(function, "__module__", "") in (
                "math", "_operator", "torch._C._nn",
            )  # fmt: skip
        return _of_torch(function)

    # -- what may only be done outside an arm ----------------------------------------------------

    @property
    def _doubtful(self) -> bool:
        return bool(self._open or self._perhaps)

    def outside(self) -> None:
        """Refuse an attribute to be written in an arm."""
        if self._doubtful:
            raise self.refused("an attribute is written where the input decides")

    def stored(self, place: Any) -> Any:
        """Return what is about to be written to, after noting what it holds."""
        if isinstance(place, torch.Tensor) or not self._doubtful:
            return place
        if type(place) is not list or self._perhaps:
            raise self.refused(f"a {type(place).__name__} is written where the input decides")
        for journal in self._open:
            journal.lists.setdefault(id(place), (place, list(place)))
        return place

    def touched(self, tensor: torch.Tensor) -> None:
        """Note what a tensor holds before an operator writes to it."""
        region = self.reader.shadows.region(tensor)
        if region is not None and self._lent.get(region.address) is region:
            raise self.refused("it writes to what a joined value may be a view of")
        if not self._doubtful or tensor.numel() == 0:
            return
        if region is None or self._perhaps:
            raise self.refused("it writes where the input decides into memory made elsewhere")
        for journal in self._open:
            if region.address not in journal.regions:
                journal.regions[region.address] = self._saved(region, tensor)

    def _saved(self, region: Region, tensor: torch.Tensor) -> _Saved:
        ids = None if region.ids is None else region.ids.copy()
        return _Saved(region, tensor, self._bytes(region).copy(), ids)

    def _bytes(self, region: Region) -> NDArray[numpy.uint8]:
        """Return the numbers of a piece of memory, opened."""
        self.reader.shadows.open(region)
        return self.reader.shadows.whole(region)

    def _restore(self, saved: _Saved) -> None:
        self._bytes(saved.region)[:] = saved.bytes
        saved.region.ids = None if saved.ids is None else saved.ids.copy()
        self.reader.shadows.settle(saved.region)

    # -- tests -----------------------------------------------------------------------------------

    def truth(self, value: Any) -> bool | OpenTruth:
        """Return whether a value is true: known, or a condition on the input."""
        if isinstance(value, OpenTruth):
            return value
        if not isinstance(value, torch.Tensor) or value.numel() != 1:
            return bool(value)
        if not self.reader.depends(value):
            return bool(value)
        with _disable_current_modes():
            return self._asked(value)

    def _asked(self, value: torch.Tensor) -> bool | OpenTruth:
        (term,) = self.reader.truth(value).reshape(-1).tolist()
        known = self.algebra.value(term)
        if known is not None:
            return bool(known)
        if term == OPAQUE:
            raise self.refused("a decision on what is not known as a term")
        with self.reader.shadows.opened([value]):
            actual = bool(value.detach().ne(0).numpy().reshape(-1)[0])
        return OpenTruth(term, actual)

    def opposite(self, value: Any) -> bool | OpenTruth:
        """``not value``."""
        found = self.truth(value)
        if isinstance(found, bool):
            return not found
        term = int(self.algebra.negation(numpy.array(found.term)).reshape(()))
        return OpenTruth(term, not found.actual)

    def every(self, first: Any, *others: Callable[[], Any]) -> bool | OpenTruth:
        """``first and … and last``, each asked for only if those before it may hold."""
        return self._connected("and", first, others)

    def some(self, first: Any, *others: Callable[[], Any]) -> bool | OpenTruth:
        """``first or … or last``."""
        return self._connected("or", first, others)

    def _connected(
        self, how: str, first: Any, others: Sequence[Callable[[], Any]]
    ) -> bool | OpenTruth:
        found = self.truth(first)
        for other in others:
            if isinstance(found, bool):
                if found is (how == "or"):
                    return found
                found = self.truth(other())
                continue
            with self._doubt():
                next_ = self.truth(other())
            if isinstance(next_, bool):
                found = next_ if next_ is (how == "or") else found
                continue
            row = numpy.array([[found.term, next_.term]], numpy.int32)
            term = int(self.algebra.connected(how, row).reshape(-1)[0])
            actual = found.actual and next_.actual if how == "and" else found.actual or next_.actual
            found = OpenTruth(term, actual)
        return found

    @contextmanager
    def _doubt(self) -> Iterator[None]:
        self._perhaps += 1
        try:
            yield
        finally:
            self._perhaps -= 1

    # -- arms ------------------------------------------------------------------------------------

    def branch(self, test: Any, there: Mapping[str, Any], names: Sequence[str]) -> Branch:
        """Return the arms that a test leaves open, one after the other."""
        return Branch(self, self.truth(test), {n: there.get(n, _MISSING) for n in names})

    def choose(self, test: Any, then: Callable[[], Any], otherwise: Callable[[], Any]) -> Any:
        """``then if test else otherwise``."""
        found = self.truth(test)
        if isinstance(found, bool):
            return then() if found else otherwise()
        with self._doubt():
            return self.join(found, then(), otherwise())

    def join(self, condition: OpenTruth, then: Any, otherwise: Any) -> Any:
        """Return the choice between two values."""
        if then is otherwise or then is _MISSING or otherwise is _MISSING:
            if then is not otherwise:
                return _MISSING  # whoever uses it fails, and nothing is joined
            return then
        with _disable_current_modes():
            return self._chosen_value(condition, then, otherwise)

    def _chosen_value(self, condition: OpenTruth, then: Any, otherwise: Any) -> Any:
        if isinstance(then, OpenTruth) or isinstance(otherwise, OpenTruth):
            raise self.refused("truth values are left by both arms")
        tensors = [isinstance(v, torch.Tensor) for v in (then, otherwise)]
        if any(tensors):
            return self._joined(condition, then, otherwise)
        if type(then) is type(otherwise):
            if isinstance(then, int | float | str) and (then == otherwise):
                if isinstance(then, float) and math.copysign(1, then) != math.copysign(
                    1, otherwise
                ):
                    raise self.refused("zeros of both signs")
                return then
            if isinstance(then, tuple) and len(then) == len(otherwise):
                pairs = zip(then, otherwise, strict=True)
                return tuple(self.join(condition, a, b) for a, b in pairs)
        numbers = (int, float)
        if type(then) in numbers and type(otherwise) in numbers:
            if not self.algebra.real:
                raise self.refused("numbers of Python's are left by both arms")
            kinds = {type(then), type(otherwise)}
            dtype = torch.int64 if kinds == {int} else torch.get_default_dtype()
            sides = (self._held(v, dtype) for v in (then, otherwise))
            return self._numbered(self._joined(condition, *sides))
        raise self.refused(
            f"a {type(then).__name__} and a {type(otherwise).__name__} are left by the arms"
        )

    def _held(self, value: float, dtype: torch.dtype) -> torch.Tensor:
        """Return a number as a tensor, which must stand for the same one over the reals."""
        tensor = torch.tensor(value, dtype=dtype)
        if self.reader.number(value) != int(self.reader.ids(tensor).reshape(())):
            raise self.refused(f"a number that is none of {dtype}")
        return tensor

    def grown(self, name: str, value: Any, more: Any) -> Any:
        """``value += more`` and the like: in place of a tensor, anew of a number."""
        if isinstance(value, torch.Tensor) and self._numbers and value.ndim == 0:
            # A joined value may stand for a number, of which nobody has a view.
            if not self._is_number(value):
                raise self.refused("a number or a tensor is changed in place")
            return self._numbered(getattr(operator, name)(value, more))
        return getattr(operator, f"i{name.rstrip('_')}")(value, more)

    def _numbered(self, tensor: Any) -> Any:
        region = self.reader.shadows.region(tensor)
        if region is not None:
            self._numbers[region.address] = region
        return tensor

    def perhaps_number(self, value: torch.Tensor) -> bool:
        """Say whether a tensor may stand for a number: Python raises where torch does not."""
        return bool(self._numbers) and value.ndim == 0

    def _is_number(self, value: Any) -> bool:
        if not isinstance(value, torch.Tensor):
            return type(value) in (int, float)
        region = self.reader.shadows.region(value)
        return region is not None and self._numbers.get(region.address) is region

    def _joined(self, condition: OpenTruth, then: Any, otherwise: Any) -> torch.Tensor:
        like = then if isinstance(then, torch.Tensor) else otherwise
        sides = []
        for value in (then, otherwise):
            if isinstance(value, torch.Tensor):
                sides.append(value)
                continue
            # A number stands beside a tensor: the start of a search, such as −∞.
            endless = isinstance(value, float) and math.isinf(value)
            if type(value) not in (int, float) or like.ndim or not (endless or self.algebra.real):
                raise self.refused(f"a {type(value).__name__} and a tensor are left by the arms")
            if not like.is_floating_point():
                raise self.refused("a number and a tensor of whole numbers")
            sides.append(self._held(value, like.dtype))
        a, b = sides
        if a.shape != b.shape or a.dtype != b.dtype or type(a) is not type(b):
            raise self.refused("tensors of other shapes are left by the arms")
        ids = self._chosen(condition.term, self.reader.ids(a), self.reader.ids(b))
        shadows = self.reader.shadows
        for side in sides:
            region = shadows.region(side)
            if region is not None:
                self._lent[region.address] = region
        actual = a if condition.actual else b
        with shadows.opened([actual]):
            numbers = actual.detach().clone()
        self.joined += 1
        made = shadows.place(numbers, ids)
        region = shadows.region(made)
        if region is not None:
            self._lent[region.address] = region
        if any(self._is_number(v) for v in (then, otherwise)):
            # Perhaps a number: nothing of no axes may be changed in place any more.
            both = all(self._is_number(v) for v in (then, otherwise))
            self._numbered(made) if both else self._numbers.setdefault(-1, region)  # type: ignore[arg-type]
        return made

    def _chosen(self, term: int, a: Ids, b: Ids) -> Ids:
        differ = a != b
        if not differ.any():
            return a
        made = a.copy()
        then, otherwise = a[differ], b[differ]
        truths = self.algebra.truths(then), self.algebra.truths(otherwise)
        if truths[0].any() or truths[1].any():
            made[differ] = self._chosen_truths(term, then, otherwise)
        else:
            opaque = (then == OPAQUE) | (otherwise == OPAQUE)
            chosen = self.algebra.select(numpy.full(then.shape, term, numpy.int32), then, otherwise)
            made[differ] = numpy.where(opaque, OPAQUE, chosen)
        return made

    def _chosen_truths(self, term: int, then: Ids, otherwise: Ids) -> Ids:
        given = numpy.full(then.shape, term, numpy.int32)
        both = self.algebra.connected("and", numpy.column_stack([given, then]))
        neither = numpy.column_stack([self.algebra.negation(given), otherwise])
        rest = self.algebra.connected("and", neither)
        return self.algebra.connected("or", numpy.column_stack([both, rest]))

    # -- Python's own searches -------------------------------------------------------------------

    def _extreme(self, function: Any, *args: Any, **named: Any) -> Any:
        items = list(args[0]) if len(args) == 1 else list(args)
        if named or not any(isinstance(v, torch.Tensor) for v in items):
            return function(items, **named) if len(args) == 1 else function(*args, **named)
        best = items[0]
        for item in items[1:]:
            beats = self.truth(item > best if function is builtins.max else item < best)
            if isinstance(beats, bool):
                best = item if beats else best
            else:
                best = self.join(beats, item, best)
        return best

    def _sorted(self, items: Any, **named: Any) -> Any:
        found = list(items)
        if set(named) <= {"reverse"} and any(isinstance(v, torch.Tensor) for v in found):
            if not self.algebra.real:
                raise self.refused("an order, where there is NaN")
            for end in range(len(found) - 1, 0, -1):
                for place in range(end):
                    low, high = found[place], found[place + 1]
                    turned = self.truth(high < low)
                    if isinstance(turned, bool):
                        found[place : place + 2] = [high, low] if turned else [low, high]
                    else:
                        found[place] = self.join(turned, high, low)
                        found[place + 1] = self.join(turned, low, high)
            return found[::-1] if named.get("reverse") else found
        return sorted(found, **named)

    def _of_all(self, function: Any, items: Any) -> Any:
        found = [(lambda v=item: v) for item in items]
        if not found:
            return function([])
        return self._connected("and" if function is builtins.all else "or", found[0](), found[1:])


class Branch:
    """The arms of one ``if`` that are run, and what they leave."""

    def __init__(self, merging: Merging, test: bool | OpenTruth, before: dict[str, Any]) -> None:
        self.merging = merging
        self.test = test
        self.before = before
        self.arm = True
        self._left: dict[str, Any] = {}
        self._waiting = [True, False] if isinstance(test, OpenTruth) else [test]

    def more(self) -> bool:
        """Begin the next arm, if there is one."""
        if not self._waiting:
            return False
        self.arm = self._waiting.pop(0)
        if isinstance(self.test, OpenTruth) and self.arm:
            if self.merging._perhaps:
                raise self.merging.refused("an arm where it is not sure that it is reached")
            self.merging._open.append(_Journal())
        return True

    def end(self, there: Mapping[str, Any]) -> tuple[Any, ...]:
        """End an arm; return the values with which its names go on."""
        left = {name: there.get(name, _MISSING) for name in self.before}
        if not isinstance(self.test, OpenTruth):
            return tuple(left.values())
        journal = self.merging._open[-1]
        with _disable_current_modes():
            if self.arm:
                self._left = left
                self._memory = self._turned(journal)
                return tuple(self.before.values())
            self.merging._open.pop()
            self._join_memory(journal)
        return tuple(
            self.merging.join(self.test, self._left[name], left[name]) for name in self.before
        )

    def _turned(self, journal: _Journal) -> tuple[dict[int, _Saved], dict[int, list[Any]]]:
        """Roll back what the first arm has written; return what it left."""
        regions = {}
        for address, saved in journal.regions.items():
            regions[address] = self.merging._saved(saved.region, saved.tensor)
            self.merging._restore(saved)
        lists = {}
        for key, (held, before) in journal.lists.items():
            lists[key] = list(held)
            held[:] = before
        return regions, lists

    def _join_memory(self, journal: _Journal) -> None:
        assert isinstance(self.test, OpenTruth)
        regions, lists = self._memory
        merging = self.merging
        for address, saved in journal.regions.items():
            after = merging._saved(saved.region, saved.tensor)
            then = regions.get(address, saved)  # written by the second arm only
            sides = [merging.reader.shadows.ids_of(s.region, s.bytes, s.ids) for s in (then, after)]
            ids = merging._chosen(self.test.term, *sides)
            merging._bytes(saved.region)[:] = (then if self.test.actual else after).bytes
            saved.region.ids = ids if (ids != sides[1]).any() or after.ids is not None else None
            merging.reader.shadows.settle(saved.region)
            merging.joined += 1
        for key, (held, before) in journal.lists.items():
            then_held = lists.get(key, before)
            if len(then_held) != len(held):
                raise merging.refused("lists of other lengths are left by the arms")
            held[:] = [merging.join(self.test, a, b) for a, b in zip(then_held, held, strict=True)]


def _of_torch(function: Any) -> bool:
    """Say whether a function is torch's own."""
    code = getattr(function, "__code__", None)
    if code is not None:
        return str(code.co_filename).startswith(_TORCH)
    module = str(getattr(function, "__module__", None) or "")
    own = getattr(function, "__self__", None)
    return module.partition(".")[0] == "torch" or (
        str(getattr(own, "__name__", "")).partition(".")[0] == "torch"
    )


_TORCH = str(torch.__file__).rpartition("/")[0] + "/"


@contextmanager
def replaced(module: Any, merging: Merging) -> Iterator[Any]:
    """Give what computes as ``module`` does and joins its arms, for as long as this lasts.

    Raises:
        UnmergeableError: There is no such thing.
    """
    try:
        if is_plain(module):
            yield merging.function(module)
            return
        if not isinstance(module, torch.nn.Module):
            function = getattr(module, "function", None)
            if not is_plain(function) or not hasattr(module, "filled"):
                raise UnmergeableError(f"a {type(module).__name__}")
            yield module.filled(merging.function(function))
            return
        parts = [
            part for part in module.modules()
            if type(part).__module__.partition(".")[0] != "torch"
        ]  # fmt: skip
        for part in parts:
            forward = type(part).forward
            if (
                not is_plain(forward)
                or "forward" in vars(part)
                or (type(part).__call__ is not torch.nn.Module.__call__)
            ):
                raise UnmergeableError(f"a {type(part).__name__}")
            made = merging.function(forward)
            object.__setattr__(part, "forward", MethodType(made, part))
        try:
            yield module
        finally:
            for part in parts:
                vars(part).pop("forward", None)
    except UnconvertibleError as error:
        raise UnmergeableError(str(error)) from error
