"""Judging a module: the same as the reference for every input of one shape, or an input that tells.

The order is: trace, compare shape and dtype, run both on symbols, run both on telling inputs, and
only then prove, one output element after the other.
"""

from __future__ import annotations

import math
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy
import torch

from proofs.evaluate import evaluate
from proofs.systems import SYSTEMS, NumberSystem
from proofs.systems.number_system import UnsupportedError
from proofs.terms import Term
from proofs.verdict import Verdict
from verify.engines import ENGINES
from verify.engines.smt import SmtEngine
from verify.judge.attack import (
    Contest,
    Difference,
    Runner,
    from_model,
    inputs,
    module_runner,
    own_dtype,
    pooling_runner,
    shrunk,
)
from verify.judge.elements import Arithmetic, Element
from verify.judge.interpreter import UninterpretedError, interpret
from verify.judge.proving import Obligation, Settled, distinct, settle
from verify.judge.references import NamedPooling, named_pooling
from verify.judge.tracing import (
    Function,
    NotJudgedError,
    Traced,
    copied,
    quiet,
    traced,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[Any]

Judged = torch.nn.Module | Callable[[torch.Tensor], torch.Tensor]

#: Seconds for one module, tracing and all solver calls together.
TIMEOUT = 60.0
#: The number systems in which a tensor can be judged. int64 is left out because torch uses it for
#: places, the 8-bit floats because torch computes on them in other formats.
JUDGED_SYSTEMS = (
    "real",
    "int8",
    "int16",
    "int32",
    "uint8",
    "float16",
    "bfloat16",
    "float32",
    "float64",
)


#: The engines that can be asked: those that take a statement in many variables.
SOLVERS = tuple(name for name, engine in ENGINES.items() if isinstance(engine, SmtEngine))
#: Seconds for asking solvers about what the normal forms have proved already.
CHECKING = 3.0


@dataclass(frozen=True)
class TensorCounterexample:
    """An input on which the module and the reference differ, and both outputs."""

    input: torch.Tensor
    module_output: torch.Tensor
    reference_output: torch.Tensor
    #: The first place in the outputs where they differ.
    index: tuple[int, ...]
    #: What was run to see it.
    replay: str

    @property
    def module_value(self) -> float:
        """The module's value at the place where the outputs differ."""
        return float(self.module_output[self.index].item())

    @property
    def reference_value(self) -> float:
        """The reference's value there."""
        return float(self.reference_output[self.index].item())

    def to_dict(self) -> dict[str, Any]:
        """Return the counterexample as plain data; NaN and infinities are words."""
        return {
            "input": _plain(self.input.tolist()),
            "module_output": _plain(self.module_output.tolist()),
            "reference_output": _plain(self.reference_output.tolist()),
            "index": list(self.index),
            "module_value": _plain(self.module_value),
            "reference_value": _plain(self.reference_value),
            "replay": self.replay,
        }


@dataclass(frozen=True)
class Equivalence:
    """What was found out about one module."""

    module: str
    reference: str
    input_shape: tuple[int, ...]
    system: str
    #: ``PROVED_BOUNDED``, ``REFUTED``, ``UNKNOWN``, or ``ERROR`` if two engines disagree.
    verdict: Verdict
    #: Why, in one line.
    reason: str
    counterexample: TensorCounterexample | None = None
    #: Engine → how many of the distinct obligations it proved.
    proved_by: Mapping[str, int] | None = None
    seconds: float = 0.0

    @property
    def statement(self) -> str:
        """What the verdict is about."""
        kind = "real" if self.system == "real" else self.system
        return f"{self.module} = {self.reference} for every {kind} input of {self.bound[6:]}"

    @property
    def bound(self) -> str:
        """The one shape for which it is stated."""
        return f"input shape {self.input_shape}"

    def to_dict(self) -> dict[str, Any]:
        """Return the finding as plain data."""
        found = self.counterexample
        return {
            "module": self.module,
            "reference": self.reference,
            "statement": self.statement,
            "bound": self.bound,
            "system": self.system,
            "verdict": str(self.verdict),
            "reason": self.reason,
            "counterexample": None if found is None else found.to_dict(),
            "proved_by": dict(self.proved_by or {}),
            "seconds": round(self.seconds, 3),
        }


def equivalent(
    module: Judged,
    reference: Judged | str,
    input_shape: Sequence[int],
    system: str = "real",
    *,
    engines: Sequence[str] = (),
    timeout: float = TIMEOUT,
    name: str = "",
    reference_name: str = "",
    domain: str | None = None,
) -> Equivalence:
    """Judge whether ``module`` computes what ``reference`` does, for all inputs of one shape.

    Args:
        module: A module, or a function, from one tensor to one tensor.
        reference: Another one, or a pooling by name: ``"max_pool2d(3, stride=2, padding=1)"``,
            executed by its definition in :mod:`pooling.reference`.
        input_shape: The shape of the input, in elements.
        system: The number system, one of :data:`JUDGED_SYSTEMS`. Over the reals weights stand for
            the simplest fractions that round to them, 0.11111111 for 1/9. In any other the module
            runs in that dtype, and infinities and NaN are inputs like any other.
        engines: The solvers to ask, such as ``["z3"]``, and no normal forms besides; without
            it all of them and the normal forms.
        timeout: Seconds for everything.
        name: What to call the module in the result; its class's name without it.
        reference_name: What to call the reference.
        domain: The former name of ``system``.

    Returns:
        A finding. ``PROVED_BOUNDED`` is a proof for every value, for this shape. ``REFUTED``
        brings an input on which the real module was run, or names a wrong shape or dtype.
        ``UNKNOWN`` says what gave up.

    Raises:
        NotJudgedError: The module fails on such an input, cannot be traced, changes anything
            that outlasts a run, draws random numbers, or has an operation without an exact
            meaning here; the message names it, and the line where it is known.
        ValueError: An unknown system, engine or pooling, or a shape it does not take.

    >>> import torch
    >>> def largest(x):
    ...     return torch.relu(x[..., 0::2] - x[..., 1::2]) + x[..., 1::2]
    >>> print(equivalent(largest, "max_pool1d(2)", (1, 1, 4)).verdict)
    PROVED_BOUNDED
    >>> found = equivalent(lambda x: x[..., 1::2], "max_pool1d(2)", (1, 1, 4))
    >>> print(found.verdict, found.counterexample.input.tolist(), found.counterexample.index)
    REFUTED [[[0.0, -1.0, 0.0, 0.0]]] (0, 0, 0)
    """
    started = time.perf_counter()
    shape = tuple(input_shape)
    system = system if domain is None else domain  # its older name
    for kind, asked, known in (("system", [system], JUDGED_SYSTEMS), ("engine", engines, SOLVERS)):
        for word in asked:
            if word not in known:
                raise ValueError(f"{kind} {word!r} is not one of {', '.join(known)}")
    if not shape or any(type(size) is not int or size < 1 for size in shape):
        raise ValueError(f"input_shape must be whole numbers from 1 on, got {shape}")
    case = _Case(
        _Side(module, SYSTEMS[system], shape),
        _Side(reference, SYSTEMS[system], shape),
        SYSTEMS[system],
        shape,
        tuple(engines),
        started + timeout,
    )
    found = case.judged()
    return replace(
        found,
        module=name or case.module.name,
        reference=reference_name or case.reference.name,
        seconds=time.perf_counter() - started,
    )


class _Side:
    """A module or a named pooling: how it is traced, run on symbols and run on tensors."""

    def __init__(self, given: Judged | str, system: NumberSystem, shape: tuple[int, ...]) -> None:
        self.system = system
        self.shape = shape
        self.arithmetic = Arithmetic(system)
        self.pooling: NamedPooling | None = None
        self.graph: Traced | None = None
        if isinstance(given, str):
            self.pooling = named_pooling(given)
            self.pooling.check(shape, system.name)
            self.name = given
            return
        self.name = getattr(given, "__name__", type(given).__name__)
        module = given if isinstance(given, torch.nn.Module) else Function(given)
        if self.arithmetic.rounds:
            module = copied(module).to(getattr(torch, system.name))
        self.module = module

    @property
    def dtype(self) -> torch.dtype:
        """The dtype of inputs: the number system's, over the reals that of the weights."""
        if self.system.dtype is not None:
            found = getattr(torch, self.system.dtype)
            assert isinstance(found, torch.dtype)
            return found
        return torch.float32 if self.pooling else own_dtype(self.module)

    def trace(self, dtype: torch.dtype) -> None:
        """Trace the module, once."""
        if self.pooling is None:
            self.graph = traced(self.module, torch.zeros(self.shape, dtype=dtype))

    def plain_output(self, dtype: torch.dtype) -> Any:
        """Return what the module itself makes of zeros."""
        zeros = torch.zeros(self.shape, dtype=dtype)
        if self.pooling is not None:
            return pooling_runner(self.pooling, dtype)(zeros)
        with torch.no_grad(), quiet():
            return self.module(zeros)

    def symbols(self, x: Array, deadline: float) -> Array:
        """Run on an array of elements."""
        if self.pooling is not None:
            return self.pooling.execute(x, self.arithmetic)
        assert self.graph is not None
        return interpret(self.graph, x, self.arithmetic, deadline)

    def runner(self, dtype: torch.dtype) -> Runner:
        """Return how to run on a tensor of ``dtype``."""
        if self.pooling is not None:
            return pooling_runner(self.pooling, dtype)
        return module_runner(self.module, dtype, self.shape)


@dataclass(frozen=True)
class _Case:
    module: _Side
    reference: _Side
    system: NumberSystem
    shape: tuple[int, ...]
    engines: tuple[str, ...]
    deadline: float

    def judged(self) -> Equivalence:
        """Return the finding."""
        dtype = self.module.dtype
        self.module.trace(dtype)
        try:
            self.reference.trace(dtype)
        except NotJudgedError as error:
            raise NotJudgedError(f"the reference: {error}") from error
        unlike = self._outwardly_different(dtype)
        if unlike is not None:
            return self._found(Verdict.REFUTED, unlike)
        running = torch.float64 if self.system.name == "real" else dtype
        contest = Contest(
            self.module.runner(running), self.reference.runner(running), self.system, running
        )
        try:
            pairs = self._pairs()
        except UninterpretedError as error:
            found = self._attacked(contest, lambda x, difference: True)
            if found is None:
                raise NotJudgedError(str(error)) from error
            return self._refuted(found, f"seen by running it ({error})")
        except TimeoutError:
            return self._found(Verdict.UNKNOWN, "out of time before the proof began")
        return self._compared(contest, pairs)

    def _outwardly_different(self, dtype: torch.dtype) -> str | None:
        mine, other = (side.plain_output(dtype) for side in (self.module, self.reference))
        if not isinstance(other, torch.Tensor):
            raise NotJudgedError(f"the reference returns {_kind(other)}, not a tensor")
        if not isinstance(mine, torch.Tensor):
            return f"it returns {_kind(mine)}, not a tensor"
        if mine.shape != other.shape:
            return f"its output has shape {tuple(mine.shape)}, not {tuple(other.shape)}"
        if mine.dtype != other.dtype:
            return f"its output is {_kind(mine.dtype)}, not {_kind(other.dtype)}"
        return None

    def _pairs(self) -> dict[tuple[int, ...], tuple[Element, Element]]:
        x = numpy.empty(self.shape, dtype=object)
        for index in numpy.ndindex(self.shape):
            x[index] = self.module.arithmetic.variable(_name(index))
        mine = self.module.symbols(x, self.deadline)
        try:
            other = self.reference.symbols(x, self.deadline)
        except UnsupportedError as error:
            raise NotJudgedError(f"the reference: {error}") from error
        except UninterpretedError as error:
            raise NotJudgedError(f"the reference: {error}") from error
        both = zip(mine.flat, other.flat, strict=True)
        return dict(zip(numpy.ndindex(other.shape), both, strict=True))

    def _compared(
        self, contest: Contest, pairs: Mapping[tuple[int, ...], tuple[Element, Element]]
    ) -> Equivalence:
        def truly(x: torch.Tensor, difference: Difference) -> bool:
            """Over the reals a difference counts if exact arithmetic sees it as well."""
            return self.system.name != "real" or self._apart(x, *pairs[difference.index])

        found = self._attacked(contest, truly)
        if found is not None:
            return self._refuted(found, "")
        open_pairs = []
        for place, (mine, other) in pairs.items():
            if mine.known and other.known and self.system.equal(mine.content, other.content):
                continue
            try:
                open_pairs.append((place, mine.term, other.term))
            except UnsupportedError as error:
                return self._found(
                    Verdict.UNKNOWN, f"no input shows it, but at {list(place)} {error}"
                )
        return self._proved(contest, open_pairs, len(pairs))

    def _apart(self, x: torch.Tensor, mine: Element, other: Element) -> bool:
        values = {_name(i): Fraction(x[i].item()) for i in numpy.ndindex(self.shape)}
        left, right = (
            evaluate(side.content, values, self.system)
            if isinstance(side.content, Term)
            else side.content
            for side in (mine, other)
        )
        return bool(left != right and not (left != left and right != right))

    def _attacked(
        self, contest: Contest, counts: Callable[[torch.Tensor, Difference], bool]
    ) -> tuple[torch.Tensor, Difference] | None:
        """Return the first telling input on which both differ, made small, and the difference."""

        def fails(x: torch.Tensor) -> bool:
            difference = contest.difference(x)
            return difference is not None and counts(x, difference)

        for x in inputs(self.system, self.shape, contest.dtype):
            if time.perf_counter() > self.deadline:
                return None
            if fails(x):
                small = shrunk(x, fails)
                return small, self._seen_again(contest, small)
        return None

    def _seen_again(self, contest: Contest, x: torch.Tensor) -> Difference:
        """Return the difference on an input on which there was one before."""
        difference = contest.difference(x)
        if difference is None:
            raise NotJudgedError("two runs on the same input differ")
        return difference

    def _proved(
        self, contest: Contest, pairs: list[tuple[tuple[int, ...], Term, Term]], outputs: int
    ) -> Equivalence:
        obligations = distinct(pairs)
        asked = {name: ENGINES[name] for name in self.engines or SOLVERS}
        proved: Counter[str] = Counter()
        checked_until = time.perf_counter() + CHECKING
        for obligation in obligations:
            settled = settle(
                obligation, self.system, asked, self.deadline, f"input shape {self.shape}",
                forms=not self.engines, checked_until=checked_until,
            )  # fmt: skip
            if settled.verdict is Verdict.REFUTED:
                return self._replayed(contest, settled, obligation)
            if not settled.verdict.settles:
                said = "; ".join(f"{e.engine} {e.verdict}: {e.detail}" for e in settled.evidence)
                return self._found(
                    settled.verdict,
                    f"undecided at output {list(obligation.places[0])}: {said or 'out of time'}",
                )
            proved.update(e.engine for e in settled.evidence if e.verdict.settles)
        count = len(obligations)
        by = ", ".join(
            name if number == count else f"{name} ({number} of {count})"
            for name, number in proved.items()
        )
        kinds = f"{outputs} output{'s' * (outputs > 1)}, {count} kind{'s' * (count > 1)} of window"
        return replace(
            self._found(Verdict.PROVED_BOUNDED, f"{kinds}; proved by {by or 'computation'}"),
            proved_by=dict(proved),
        )

    def _replayed(self, contest: Contest, settled: Settled, obligation: Obligation) -> Equivalence:
        """Run a solver's counterexample on the real module; without that it is no refutation."""
        assert settled.model is not None
        place = obligation.places[0]
        names = {_name(index): index for index in numpy.ndindex(self.shape)}
        x = from_model(dict(settled.model), self.shape, contest.dtype, names)
        by = settled.evidence[-1].engine
        difference = contest.difference(x)
        if difference is not None:
            small = shrunk(x, lambda t: contest.difference(t) is not None)
            return self._refuted((small, self._seen_again(contest, small)), f"found by {by}")
        if self.system.name == "real":
            # A small difference counts if both runs are far closer to what they should compute.
            values = {_name(i): Fraction(x[i].item()) for i in numpy.ndindex(self.shape)}
            exact = [evaluate(t, values, self.system) for t in (obligation.left, obligation.right)]
            outputs = contest.left(x), contest.right(x)
            apart = abs(exact[0] - exact[1])
            if apart and all(
                abs(Fraction(output[place].item()) - number) * 4 <= apart
                for output, number in zip(outputs, exact, strict=True)
            ):
                return self._refuted((x, Difference(place, *outputs)), f"found by {by}")
        return self._found(
            Verdict.UNKNOWN,
            f"{by} finds a difference at output {list(place)}, which running the module does not "
            "confirm",
        )

    def _refuted(self, found: tuple[torch.Tensor, Difference], remark: str) -> Equivalence:
        x, difference = found
        index = difference.index
        values = [float(side[index]) for side in (difference.left, difference.right)]
        digits = digits_apart(*values, least=9)
        replay = f"run in {_kind(difference.left.dtype)}"
        reason = f"{values[0]:.{digits}g} instead of {values[1]:.{digits}g} at output {list(index)}"
        return replace(
            self._found(Verdict.REFUTED, f"{reason}, {remark}" if remark else reason),
            counterexample=TensorCounterexample(
                x, difference.left, difference.right, index, replay
            ),
        )

    def _found(self, verdict: Verdict, reason: str) -> Equivalence:
        return Equivalence("", "", self.shape, self.system.name, verdict, reason)


def digits_apart(*numbers: float, least: int) -> int:
    """Return with how many digits, from ``least`` on, numbers that differ look different.

    >>> digits_apart(-1e9, -1e9 - 1, least=6)
    10
    """
    different = len(set(numbers))
    return next(
        digits
        for digits in range(least, 18)  # 17 digits tell all floats apart
        if digits == 17 or len({f"{number:.{digits}g}" for number in numbers}) >= different
    )


def _name(index: tuple[int, ...]) -> str:
    return "x_" + "_".join(map(str, index))


def _kind(value: Any) -> str:
    if isinstance(value, torch.dtype):
        return str(value).removeprefix("torch.")
    if isinstance(value, list | tuple):
        return f"a {type(value).__name__} of {len(value)}"
    return f"a {type(value).__name__}"


def _plain(value: Any) -> Any:
    if isinstance(value, list):
        return [_plain(entry) for entry in value]
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    return value
