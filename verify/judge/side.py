"""One side of a comparison: a module, a function or a named pooling, run plainly and as terms."""

from __future__ import annotations

import copy
import math
import time
import warnings
from collections.abc import Callable, Sequence
from contextlib import ExitStack, suppress
from functools import partial
from itertools import accumulate, combinations
from typing import Any

import numpy
import torch

from proofs.systems import NumberSystem
from verify.cores import threads
from verify.judge.conditions.given import Admitted
from verify.judge.references import NamedPooling, named_pooling
from verify.judge.symbols.algebra import Algebra, NoTermError
from verify.judge.watching.memory import Memory
from verify.judge.watching.merging import Merging, UnmergeableError, replaced
from verify.judge.watching.observer import Observed, Observer
from verify.judge.watching.outside import followed
from verify.judge.watching.paths import Answers, Explored, explored
from verify.judge.watching.reader import Decision
from verify.judge.watching.running import (
    NotJudgedError,
    asking_of,
    changing,
    copied,
    failure,
    quiet,
    run,
    same,
)
from verify.judge.ways import ImpossibleError, input_for

Judged = torch.nn.Module | Callable[..., Any]
Shapes = tuple[tuple[int, ...], ...]


class Side:
    """A module, a function or a pooling by name."""

    def __init__(
        self,
        given: Judged | str,
        system: NumberSystem,
        shapes: Shapes,
        dtype: torch.dtype | None = None,
        *,
        sized: bool = True,
    ) -> None:
        self.system = system
        self.shapes = shapes
        #: The dtype in which it runs although it is read over the reals.
        self._dtype = dtype
        self.pooling: NamedPooling | None = None
        self.module: Any = None
        #: As it was given: what a copy holds is no longer what somebody asks.
        self.given: Any = None
        #: What is watched: the eager code of a compiled module.
        self.watched: Any = None
        #: Whether what runs is made by ``torch.compile``.
        self.compiled = False
        #: What it asks of the clock, the system or the like.
        self.asked: list[str] = []
        #: In how many threads torch computes where nobody judges.
        self.threads = torch.get_num_threads()
        if isinstance(given, str):
            self.pooling = named_pooling(given)
            self.pooling.check(shapes[0], system.name, *shapes[1:], sized=sized)
            self.name = given
            return
        self.name = str(_attribute(given, "__name__") or type(given).__name__)
        self.given, self.module = given, copied(given)
        if dtype is None and system.dtype is not None:
            dtype = getattr(torch, system.dtype)
        floats = dtype is not None and dtype.is_floating_point
        if floats and isinstance(self.module, torch.nn.Module):
            self.module = self.module.to(dtype)
        self.watched = next(
            (
                inner for name in ("_orig_mod", "_torchdynamo_orig_callable")
                if (inner := _attribute(self.module, name)) is not None
            ),
            self.module,
        )  # fmt: skip
        self.compiled = self.watched is not self.module

    @property
    def trains(self) -> bool:
        """Whether it is a module in training mode with parts that behave otherwise there."""
        return isinstance(self.module, torch.nn.Module) and self.module.training

    @property
    def dtype(self) -> torch.dtype:
        """The dtype of inputs: the number system's, over the reals that of the weights."""
        if self._dtype is not None:
            return self._dtype
        if self.system.dtype is not None:
            found = getattr(torch, self.system.dtype)
            assert isinstance(found, torch.dtype)
            return found
        if not isinstance(self.module, torch.nn.Module):
            return torch.float32
        tensors = (*self.module.parameters(), *self.module.buffers())
        return next((t.dtype for t in tensors if t.is_floating_point()), torch.float32)

    def parts(self, flat: torch.Tensor) -> list[torch.Tensor]:
        """Return the inputs whose elements stand in ``flat``, one behind the other."""
        found, start = [], 0
        for shape in self.shapes:
            count = math.prod(shape)
            found.append(flat[start : start + count].reshape(shape))
            start += count
        return found

    def run(self, flat: torch.Tensor) -> torch.Tensor:
        """Return what a plain run makes of an input.

        Raises:
            NotJudgedError: It fails, or returns no tensor.
        """
        found = self._result(flat)
        if not isinstance(found, torch.Tensor):
            raise NotJudgedError(f"it returns {kind(found)}, not a tensor")
        return found.detach()

    def _result(self, flat: torch.Tensor) -> Any:
        parts = self.parts(flat)
        if self.pooling is not None:
            real = self.system.name == "real"
            # Over the reals as exactly as can be; NumPy has no bfloat16, whose extremes are the
            # same numbers in float32.
            wide = torch.float64 if real else torch.float32
            widens = real or flat.dtype is torch.bfloat16
            numbers = [(x.to(wide) if widens else x).numpy() for x in parts]
            try:
                pooled = self.pooling.values(*numbers)
            except ValueError as error:
                raise NotJudgedError(
                    f"{self.name} does not take every input: {error}; say for which it is to be "
                    "judged, such as --given 'x >= 0'"
                ) from error
            return torch.from_numpy(pooled).to(wide if real else flat.dtype)
        return run(self.module, parts)

    def plain(self, dtype: torch.dtype) -> Any:
        """Return what a plain run makes of zeros, whatever it is."""
        zeros = torch.zeros(sum(math.prod(s) for s in self.shapes), dtype=dtype)
        found = self._result(zeros)
        if self.pooling is not None and isinstance(found, torch.Tensor):
            return found.to(dtype)
        return found

    def unsteady(self, dtype: torch.dtype) -> str | None:
        """Say what keeps it from being a function of its input, ``None`` if nothing does.

        Raises:
            NotJudgedError: It does not run at all.
        """
        if self.pooling is not None:
            return None
        count = sum(math.prod(s) for s in self.shapes)
        ramp = torch.arange(count).to(dtype)
        why = changing(self.module, lambda: run(self.module, self.parts(ramp)), self.asked)
        self.asked += asking_of(self.given)
        if self.compiled and why is None:
            followed(lambda: run(self.watched, self.parts(ramp)), self.asked)
        return why

    def doubled(self) -> Side:
        """Return this side with its numbers in float64."""
        other = copy.copy(self)
        if isinstance(self.module, torch.nn.Module):
            other.module = copied(self.module).double()
        return other

    def terms(
        self, algebra: Algebra, dtype: torch.dtype, deadline: float, given: Admitted | None = None
    ) -> Explored:
        """Return the terms of its output, for inputs that meet a condition, if there is one."""
        if self.pooling is not None:
            ends = list(accumulate(map(math.prod, self.shapes)))
            x, *further = [
                part.reshape(shape)
                for part, shape in zip(
                    numpy.split(algebra.terms.variables, ends[:-1]), self.shapes, strict=True
                )
            ]
            try:
                ids = self.pooling.execute(x, algebra, *further)
            except NoTermError as error:
                return Explored(None, None, [str(error)])
            return Explored(ids)
        count = sum(math.prod(s) for s in self.shapes)
        generator = torch.Generator().manual_seed(1)
        start = torch.randint(-4, 5, (count,), generator=generator).to(dtype)
        if given is not None:
            start = given.moved(start)

        merging = Merging()

        def watch(answers: Answers, *, join: bool = False) -> tuple[Observed, Any]:
            observer = Observer(algebra, dtype, answers, deadline=deadline)
            with ExitStack() as stack:
                stack.enter_context(quiet())
                stack.enter_context(torch.enable_grad())
                module = self.watched
                if join:
                    try:
                        module = stack.enter_context(replaced(module, merging))
                    except UnmergeableError as error:
                        return Observed(error=error), None
                    stack.enter_context(merging.watching(observer.reader))
                seen = observer.watch(module, self.parts(start))
                if join and merging.failed:
                    seen.error = UnmergeableError(merging.failed)
            output = observer.result() if isinstance(seen.output, torch.Tensor) else seen.output
            observer.finish()
            return seen, output

        before = Memory(self.module)
        # Telling inputs come after, and refute most of what is wrong.
        now = time.perf_counter()
        limit = now + (deadline - now) / 4

        def impossible(decisions: Sequence[Decision]) -> bool:
            try:
                input_for(decisions, algebra, limit, None if given is None else given.premises)
            except ImpossibleError:
                return True
            return False

        found = explored(
            watch, algebra, limit, lambda answers: watch(answers, join=True), impossible
        )
        change = before.change(Memory(self.module))
        if change is not None:
            raise NotJudgedError(f"{change}, by one of the ways through it")
        if found.error is not None:
            found.unseen.append(failure(found.error, self.parts(start)))
        found.unseen.extend(self.asked[:1])
        return found

    def otherwise(self, flat: torch.Tensor) -> Sequence[tuple[str, torch.Tensor]]:
        """Return what it makes of an input otherwise, with words for how.

        In other modes of torch, in as many threads as where nobody judges, and of an input that
        requires gradients, as in training. A module that cannot be trained is none the worse.
        """
        if self.pooling is not None:
            return ()
        found = []

        def perhaps(words: str, *parts: torch.Tensor) -> None:
            result = self.module(*parts)
            if isinstance(result, torch.Tensor):
                found.append((words, result.clone()))

        for name, mode in (("no_grad", torch.no_grad), ("inference_mode", torch.inference_mode)):
            words = f"under torch.{name}()"
            try:
                with quiet(), mode():
                    result = self.module(*[x.clone() for x in self.parts(flat)])
                    if isinstance(result, torch.Tensor):
                        found.append((words, result.clone()))
            except (Exception, SystemExit) as error:
                raise NotJudgedError(f"{words} {failure(error, self.parts(flat))}") from error
        if self.threads != torch.get_num_threads():
            with threads(self.threads), suppress(NotJudgedError):
                result = self._result(flat)
                if isinstance(result, torch.Tensor):
                    found.append((f"in {self.threads} threads", result))
        if flat.is_floating_point():
            with quiet(), torch.enable_grad(), suppress(Exception, SystemExit):
                parts = [x.clone().requires_grad_().clone() for x in self.parts(flat)]
                perhaps("of an input that requires gradients", *parts)
        axes = max(len(shape) for shape in self.shapes)
        layouts: list[Callable[[torch.Tensor], torch.Tensor]] = [_reversed, _apart, _by_channels]
        layouts += [partial(_exchanged, pair=pair) for pair in combinations(range(axes), 2)]
        for lay in layouts:
            with quiet(), suppress(Exception, SystemExit):
                perhaps("of an input with other strides", *map(lay, self.parts(flat)))
        usual = torch.get_default_dtype()
        with quiet(), suppress(Exception, SystemExit):
            torch.set_default_dtype(torch.float64)
            perhaps("where float64 is the default", *[x.clone() for x in self.parts(flat)])
        torch.set_default_dtype(usual)
        with quiet(), suppress(Exception, SystemExit):
            warnings.simplefilter("error")
            perhaps("where warnings are errors", *[x.clone() for x in self.parts(flat)])
        self._hold_shared(flat)
        return [(words, result.detach()) for words, result in found]

    def _hold_shared(self, flat: torch.Tensor) -> None:
        """Run it of one tensor in the place of several.

        Raises:
            NotJudgedError: It computes something else than of equal ones.
        """
        first, *others = self.parts(flat)
        if not others or any(x.shape != first.shape for x in others):
            return
        alike = True
        with quiet(), suppress(Exception, SystemExit):
            apart = self.module(*[first.clone() for _ in self.shapes])
            alike = same(self.module(*[first.clone()] * len(self.shapes)), apart)
        if not alike:
            raise NotJudgedError("of one tensor for all inputs it computes something else")


def _reversed(x: torch.Tensor) -> torch.Tensor:
    """Return the same numbers, laid out from the last axis to the first."""
    axes = [*reversed(range(x.ndim))]
    return x.permute(axes).clone(memory_format=torch.contiguous_format).permute(axes)


def _exchanged(x: torch.Tensor, pair: tuple[int, int]) -> torch.Tensor:
    """Return the same numbers, laid out as if two axes changed places, if there are such axes."""
    if max(pair) >= x.ndim:
        return x.clone()
    return x.transpose(*pair).clone(memory_format=torch.contiguous_format).transpose(*pair)


def _apart(x: torch.Tensor) -> torch.Tensor:
    """Return the same numbers, with gaps between them and before the first."""
    apart = torch.full((*x.shape, 2), 7, dtype=x.dtype)
    apart[..., 1] = x
    return apart[..., 1]


def _by_channels(x: torch.Tensor) -> torch.Tensor:
    """Return the same numbers, laid out so that channels are next to each other."""
    kind = {4: torch.channels_last, 5: torch.channels_last_3d}.get(x.ndim)
    return x.clone() if kind is None else x.clone(memory_format=kind)


def _attribute(given: Any, name: str) -> Any:
    """Return an attribute, ``None`` if there is none or somebody's own code fails at it."""
    try:
        return getattr(given, name, None)
    except Exception:
        return None


def kind(value: Any) -> str:
    """Return what a value is, in words."""
    if isinstance(value, torch.dtype):
        return str(value).removeprefix("torch.")
    if isinstance(value, list | tuple):
        return f"a {type(value).__name__} of {len(value)}"
    return f"a {type(value).__name__}"
