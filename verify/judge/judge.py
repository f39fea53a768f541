"""Judging a module: the same as the reference for every input of one shape, or an input that tells.

Both sides are run and watched, so that every element of their outputs is a term over the input.
Then both are attacked by telling inputs: where plain runs differ by more than their rounding can
explain, the module is refuted; where a plain run differs from its own terms, the terms say nothing.
Only then is there a proof, one for each kind of output element.
"""

from __future__ import annotations

import contextlib
import math
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import cached_property, partial
from itertools import chain, islice
from typing import TYPE_CHECKING, Any

import numpy
import torch

from proofs.systems import SYSTEMS, NumberSystem
from proofs.systems.floats import FloatFormat
from proofs.systems.number_system import UnsupportedError
from proofs.terms import Term
from proofs.verdict import Verdict
from verify.cores import single_thread
from verify.engines import ENGINES
from verify.engines.smt import SmtEngine
from verify.judge.attack import LARGE, inputs, shrunk
from verify.judge.branches import WayPair, decisions_of, pairs, steering, thresholds, wide
from verify.judge.conditions.formulas import Formulas
from verify.judge.conditions.given import Admitted, Given, parsed
from verify.judge.conditions.weakest import (
    Asking,
    Condition,
    TimeIsUpError,
    WeakestCondition,
    candidates,
    holds,
    outside,
    windows_in_words,
)
from verify.judge.conditions.whole import of_whole_inputs
from verify.judge.gradients import WayBack, with_gradients
from verify.judge.proving import Settled, settle
from verify.judge.rounding.table import established
from verify.judge.side import Judged, Shapes, Side, kind
from verify.judge.symbols.algebra import Algebra
from verify.judge.symbols.classes import Pattern, TooManyKindsError, kinds, made_of, restricted
from verify.judge.symbols.evaluation import Values, real_values, system_values
from verify.judge.symbols.exactly import exact_values
from verify.judge.symbols.maxima import same_maxima
from verify.judge.symbols.terms import ZERO, Ids, Terms, fewer
from verify.judge.ties import Ties, decides
from verify.judge.tolerance.algebra import RoundedReals
from verify.judge.tolerance.around import around
from verify.judge.tolerance.asked import Asked, Between, asking
from verify.judge.tolerance.bounds import UnknownRoundingError
from verify.judge.tolerance.narrowing import narrowed
from verify.judge.tolerance.within import (
    SEARCHING,
    BoundExceededError,
    Runs,
    Tolerance,
    Worst,
    bounded,
    overflown,
    tolerance,
)
from verify.judge.watching.guarded import available
from verify.judge.watching.observer import WatchedTooLongError
from verify.judge.watching.paths import Explored
from verify.judge.watching.running import NotJudgedError, RaisedError, broken, unlogged
from verify.judge.ways import ImpossibleError, input_for
from verify.subnormals import FLUSHED, flushed

if TYPE_CHECKING:
    from numpy.typing import NDArray

#: Seconds for one module, watching and all solver calls together.
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
#: Elements of the inputs that are judged, at most: several hundred bytes are needed for each.
MOST_ELEMENTS = 1 << 26
#: The engines that can be asked: those that take a statement in many variables.
SOLVERS = tuple(name for name, engine in ENGINES.items() if isinstance(engine, SmtEngine))
#: How many elements the input has at most of what is asked for the condition under which it is
#: equal and not only within a bound, and for how many seconds.
FEW_ELEMENTS, EQUAL_SECONDS = 16, 10.0
#: Seconds for asking solvers about what the normal forms have proved already.
CHECKING = 1.0
#: Processor seconds for finding inputs where decisions are close, and how many are tried.
AT_TIES = 3.0
_TIES, _FEW_TIES = 64, 4
#: Outputs of one input that are computed exactly, and the largest terms that are.
_EXACTLY, _LARGEST_EXACT = 8, 2000
#: Numbers that are held for all terms at several inputs at once.
_MOST_VALUES = 1 << 18
#: What the terms of both sides are at an input, of each ``None`` if it has none: over the reals
#: with bounds.
_Own = list[Any]
#: Of a side without terms no rounding is known: a part of a value in which two runs must agree.
TOLERANCE = 1e-3
#: Beyond this size inputs do not count for such a side.
ORDINARY = 1e4


@dataclass(frozen=True)
class TensorCounterexample:
    """An input on which the module and the reference differ, and both outputs."""

    #: The input; of several, the first.
    input: torch.Tensor
    module_output: torch.Tensor
    reference_output: torch.Tensor
    #: The first place in the outputs where they differ.
    index: tuple[int, ...]
    #: What was run to see it.
    replay: str
    #: The inputs after the first.
    others: tuple[torch.Tensor, ...] = ()
    #: What the module raised; it has no output then, which is NaN or 0 everywhere here.
    raised: str = ""
    #: What the inputs are called, where they are not all inputs of the module.
    named: tuple[str, ...] = ()

    @property
    def inputs(self) -> tuple[torch.Tensor, ...]:
        """All inputs."""
        return self.input, *self.others

    @property
    def titles(self) -> tuple[str, ...]:
        """What each of the inputs is."""
        if self.named:
            return self.named
        count = len(self.inputs)
        return ("input",) if count == 1 else tuple(f"input {i + 1}" for i in range(count))

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
        given = [_plain(x.tolist()) for x in self.inputs]
        above = {"gradient_of_output": given.pop()} if self.named else {}
        return {
            "input": given if len(given) > 1 else given[0],
            **above,
            "module_output": None if self.raised else _plain(self.module_output.tolist()),
            "reference_output": _plain(self.reference_output.tolist()),
            "index": list(self.index),
            "module_value": None if self.raised else _plain(self.module_value),
            "reference_value": _plain(self.reference_value),
            "replay": self.replay,
        }  # fmt: skip


@dataclass(frozen=True)
class Equivalence:
    """What was found out about one module."""

    module: str
    reference: str
    #: The shape of the input; of several inputs, the tuple of their shapes.
    input_shape: tuple[Any, ...]
    system: str
    #: ``PROVED_BOUNDED``, ``REFUTED``, ``TESTED``, ``NOT_JUDGED``, ``MISSING``, ``UNKNOWN``, or
    #: ``ERROR`` if two engines disagree.
    verdict: Verdict
    #: Why, in one line.
    reason: str
    counterexample: TensorCounterexample | None = None
    #: How far it may be from the reference, if the verdict is ``WITHIN``.
    tolerance: Tolerance | None = None
    #: Engine → how many of the distinct statements it proved.
    proved_by: Mapping[str, int] | None = None
    #: What the verdict takes for granted and what it rests on, a line each.
    footprint: tuple[str, ...] = ()
    seconds: float = 0.0
    #: Where sizes are open: for which it is proved, in words.
    sizes: str = ""
    #: What every element of the input meets, as it was asked for.
    given: str = ""
    #: Of a module that is refuted: the weakest condition found under which it is right.
    condition: WeakestCondition | None = None
    #: Why none was found.
    no_condition: str = ""
    #: Whether gradients were asked for as well.
    backward: bool = False
    #: What was found about outputs alone, and about gradients; ``None`` if nobody went so far.
    outputs: Equivalence | None = None
    gradients: Equivalence | None = None
    #: The module's dtype, if a solver's difference lies beyond its largest number.
    beyond: str = ""

    @property
    def proved(self) -> bool:
        """Whether it is proved as asked: at every size, if sizes are open."""
        return self.verdict.settles and self.sizes in ("", "all")

    @property
    def statement(self) -> str:
        """What the verdict is about."""
        given = f" with {self.given}" if self.given else ""
        both = ", outputs and gradients," if self.backward else ""
        return (
            f"{self.module} = {self.reference}{both} for every {self.system} input of "
            f"{self.bound[6:]}{given}"
        )

    @property
    def within(self) -> float | None:
        """The proved bound on |module − reference|, if there is one."""
        return None if self.tolerance is None else self.tolerance.absolute

    @property
    def worst(self) -> Worst | None:
        """The worst input that was found within the bound."""
        return None if self.tolerance is None else self.tolerance.worst

    @property
    def bound(self) -> str:
        """The one shape for which it is stated, or letters for sizes that are open."""
        if any(isinstance(size, str) for size in self.input_shape):
            return f"input shape {'×'.join(map(str, self.input_shape))}"
        return f"input shape {self.input_shape}"

    def _repr_html_(self) -> str:
        """Return the finding as a notebook shows it."""
        from costmodel.whole.tables import html_table

        rows = [["", self.statement], ["reason", self.reason]]
        if self.counterexample is not None:
            rows.append(["counterexample", str(self.counterexample)])
        rows += [["given", line] for line in self.footprint]
        return html_table([str(self.verdict), self.system], rows)

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
            "tolerance": None if self.tolerance is None else self.tolerance.to_dict(),
            "proved_by": dict(self.proved_by or {}),
            "footprint": list(self.footprint),
            "sizes": self.sizes,
            "given": self.given,
            "condition": None if self.condition is None else self.condition.to_dict(),
            "no_condition": self.no_condition,
            "backward": self.backward,
            "outputs": _briefly(self.outputs),
            "gradients": _briefly(self.gradients),
            "seconds": round(self.seconds, 3),
        }


def _briefly(found: Equivalence | None) -> dict[str, str] | None:
    """Return a part of a finding as plain data."""
    return None if found is None else {"verdict": str(found.verdict), "reason": found.reason}


#: Hears what was found so far, as a judgement goes on.
Progress = Callable[[str], None]


def equivalent(
    module: Judged,
    reference: Judged | str,
    input_shape: Sequence[int | str] | Sequence[Sequence[int]] | None = None,
    system: str = "real",
    *,
    given: str | Sequence[str] | None = None,
    between: Between | None = None,
    executed: bool = False,
    drawn: bool = False,
    why: bool = True,
    backward: bool = False,
    engines: Sequence[str] = (),
    timeout: float = TIMEOUT,
    name: str = "",
    reference_name: str = "",
    progress: Progress = lambda _: None,
    domain: str | None = None,
) -> Equivalence:
    """Judge whether ``module`` computes what ``reference`` does, for all inputs of given shapes.

    Args:
        module: A module, or a function, from a tensor to a tensor, or from several.
        reference: Another one, or a pooling by name: ``"max_pool2d(3, stride=2, padding=1)"``,
            executed by its definition in :mod:`pooling.reference`.
        input_shape: The shape of the input, in elements; of several inputs, their shapes. Letters
            stand for sizes that are open, equal letters for equal sizes: ``("N", 3, "H", "H")``.
            Without it all sizes are open, if the reference is a pooling by name.
        system: The number system, one of :data:`JUDGED_SYSTEMS`. Over the reals weights stand for
            the simplest fractions that round to them, 0.11111111 for 1/9. In any other the module
            runs in that dtype, and infinities and NaN are inputs like any other.
        given: For inputs only whose every element meets this: ``"x >= 0"``, ``"x in [0, 1]"``,
            ``"x > -1e4"``, ``"x is integer"``, ``"x finite"``, or several that all hold.
        between: For inputs in this range only, its two ends, or one range for each input. In a
            float system what is equal over the reals is then ``WITHIN`` a proved bound; of open
            sizes within one for all of them.
        executed: Whether the reference is what is computed in that system, and not the exact
            value.
        drawn: Whether errors around the worst input are wanted, for a picture:
            ``tolerance.around``.
        why: Whether a module that is refuted is asked on: the weakest condition found under which
            it is right, ``condition``, is searched for a few seconds.
        backward: Whether gradients are judged as well: what autograd gives to the inputs, for any
            gradient of the output, where taps tie too. A pooling by name is trained as torch's
            own is. Outputs that are refuted are all that is told then.
        engines: The solvers to ask, such as ``["z3"]``, and no normal forms besides; without
            it all of them and the normal forms.
        timeout: Seconds for everything, looked at between steps.
        name: What to call the module in the result; its class's name without it.
        reference_name: What to call the reference.
        progress: Is told what was found so far.
        domain: The former name of ``system``.

    Returns:
        A finding. ``PROVED`` is a proof for every value and every size at which there is a
        reference, ``PROVED_BOUNDED`` one for every value, for this shape or for those it names.
        ``REFUTED`` brings an input on which the module was run, or names a wrong shape or dtype,
        of open sizes at the smallest. ``WITHIN`` has a proved bound on the distance for every
        input in range: ``within``, ``worst``. ``TESTED``: it ran, it cannot be read as terms, and
        telling inputs found no difference. ``NOT_JUDGED``: it cannot be run as asked, is no
        function of its input, or a run is not what its terms say. ``UNKNOWN`` says what gave up.

    Raises:
        ValueError: An unknown system, engine or pooling, a shape it does not take, a condition
            that no number meets, or gradients of integers, in a range or at open sizes.

    >>> import torch
    >>> def largest(x):
    ...     return torch.relu(x[..., 0::2] - x[..., 1::2]) + x[..., 1::2]
    >>> print(equivalent(largest, "max_pool1d(2)", (1, 1, 4)).verdict)
    PROVED_BOUNDED
    >>> found = equivalent(lambda x: x[..., 1::2], "max_pool1d(2)", (1, 1, 4))
    >>> print(found.verdict, found.counterexample.input.tolist(), found.counterexample.index)
    REFUTED [[[0.0, -1.0, 0.0, 0.0]]] (0, 0, 0)
    >>> def whole(x):
    ...     return largest(x[..., : x.shape[-1] // 2 * 2])
    >>> print(equivalent(whole, "max_pool1d(2)", ("N", "C", "W")).verdict)
    PROVED
    >>> found = equivalent(largest, "max_pool1d(2)", (1, 1, 2), backward=True)
    >>> print(found.gradients.verdict, found.counterexample.input.tolist())
    REFUTED [[[0.0, 0.0]]]
    """
    started = time.perf_counter()
    system = system if domain is None else domain  # its older name
    for word, asked, known in (("system", [system], JUDGED_SYSTEMS), ("engine", engines, SOLVERS)):
        for one in asked:
            if one not in known:
                raise ValueError(f"{word} {one!r} is not one of {', '.join(known)}")
    if backward:
        refuse_backward(system, input_shape, between)
    if input_shape is None:
        input_shape = _open_shape(reference)
    every_size = input_shape

    def again(found: Equivalence) -> Equivalence:
        """Judge once more, what the module's dtype has alone."""
        words = [f"x within {found.beyond}", *([given] if isinstance(given, str) else given or ())]
        within = equivalent(
            module, reference, every_size, system, given=words, why=why, backward=backward,
            engines=engines, timeout=started + timeout - time.perf_counter(), name=name,
            reference_name=reference_name, progress=progress,
        )  # fmt: skip
        settled = within.verdict.settles
        return replace(within if settled else found, seconds=time.perf_counter() - started)

    if any(isinstance(size, str) for size in input_shape):
        from verify.judge.sizes.everywhere import at_every_size

        _refuse_both(given, between, executed)
        if drawn:
            raise ValueError("errors are drawn at one shape: give input_shape numbers")
        meant = None if given is None else parsed(given)
        bound_at = None
        if between is not None:
            bound_at = partial(_asked_at, between, system, executed)
        found: Equivalence = at_every_size(
            module, reference, input_shape, system if bound_at is None else "real",
            tuple(engines), started + timeout, progress, case=OneShape, finding=Equivalence,
            given=meant, asked=bound_at,
        )  # fmt: skip
        if why and found.verdict is Verdict.REFUTED and found.counterexample is not None:
            found = _asked_on_there(module, reference, found, started + timeout, meant)
        found = replace(
            found,
            module=name or found.module,
            reference=reference_name or found.reference,
            given="" if meant is None else meant.words,
            seconds=time.perf_counter() - started,
        )
        return again(found) if found.beyond else found
    shapes = _shapes(input_shape)
    _refuse_both(given, between, executed)
    about = None if between is None else asking(between, system, shapes, executed=executed)
    # In a range what is computed is read over the reals, and its rounding is bounded.
    read = SYSTEMS[system if about is None else "real"]
    dtype = None if about is None else about.dtype
    mine, theirs = (Side(one, read, shapes, dtype) for one in (module, reference))
    case = OneShape(
        mine, theirs, read, shapes, tuple(engines), started + timeout, progress, about=about
    )
    if given is not None:
        case.given = parsed(given).within(read, mine.dtype)
    found = _judged(case, why)
    if why and found.verdict is Verdict.WITHIN and case.terms.count <= FEW_ELEMENTS:
        found = replace(found, condition=_where_equal(module, reference, case))
    bound, worst = found.tolerance, found.worst
    if drawn and about is not None and bound is not None and worst is not None:
        points = around(mine, theirs, about, worst)
        found = replace(found, tolerance=replace(bound, around=points))
    if backward:
        found = with_gradients(found, module, reference, case, _judged)
    found = replace(
        found,
        module=name or mine.name,
        reference=reference_name or theirs.name,
        given="" if case.given is None else case.given.given.words,
        seconds=time.perf_counter() - started,
    )
    return again(found) if found.beyond else found


def _refuse_both(given: Any, between: Any, executed: bool) -> None:
    if given is not None and between is not None:
        raise ValueError("given and between both say which inputs are meant: give one of them")
    if executed and between is None:
        raise ValueError("executed needs between: the range of the inputs")


def _asked_at(between: Between, system: str, executed: bool, shape: tuple[int, ...]) -> Asked:
    """Return which bound is asked for at a shape."""
    return asking(between, system, (shape,), executed=executed)


def _judged(case: OneShape, why: bool) -> Equivalence:
    """Return what is found, whatever a module brings about."""
    try:
        with single_thread():  # most of the work is not torch's, and threads wait for each other
            with unlogged():
                found = case.judged()
            if why and found.verdict is Verdict.REFUTED and found.counterexample is not None:
                case.progress(found.reason)
                try:
                    found = case.asked_on(found)
                except (TooManyKindsError, WatchedTooLongError):
                    found = replace(found, no_condition="none was found before time was up")
                except Exception as error:  # a refutation stands whatever comes of the question
                    found = replace(found, no_condition=broken(error))
    except WatchedTooLongError as late:
        found = case.found(Verdict.UNKNOWN, str(late) or "out of time while it was watched")
    except NotJudgedError as reason:
        found = case.found(Verdict.NOT_JUDGED, str(reason))
    except Exception as error:  # whatever a module brings about here is no fault of its user's
        found = case.found(Verdict.NOT_JUDGED, broken(error))
    except (KeyboardInterrupt, GeneratorExit):
        raise
    except BaseException as error:
        how = f"it ends what runs it by a {type(error).__name__}"
        found = case.found(Verdict.NOT_JUDGED, how)
    return found


def _where_equal(
    module: Judged, reference: Judged | str, case: OneShape
) -> WeakestCondition | None:
    """Return the weakest condition found under which a float format has no error at all."""
    assert case.about is not None
    system = case.about.system
    try:
        mine, theirs = (Side(one, system, case.shapes) for one in (module, reference))
    except ValueError:  # a mean, which has no one value there
        return None
    until = min(case.deadline, time.perf_counter() + EQUAL_SECONDS)
    there = OneShape(mine, theirs, system, case.shapes, (), until, case.progress)
    return _judged(there, True).condition


def refuse_backward(system: str, input_shape: Any, between: Any) -> None:
    """Refuse to judge gradients where there are none, or where nobody can.

    Raises ``ValueError``.
    """
    if "int" in system:
        raise ValueError(f"backward needs a system with gradients, real or a float, got {system}")
    if between is not None:
        raise ValueError("backward is not judged between bounds: leave out one of them")
    flat = input_shape or ("N",)
    if any(isinstance(size, str) for size in flat):
        raise ValueError("backward needs an input_shape of numbers")


def _asked_on_there(
    module: Judged, reference: Judged | str, refuted: Equivalence, deadline: float,
    given: Given | None,
) -> Equivalence:  # fmt: skip
    """Return a refutation at open sizes with the condition that was found at its input's shape."""
    assert refuted.counterexample is not None
    shape = tuple(refuted.counterexample.input.shape)
    system = SYSTEMS[refuted.system]
    mine, theirs = (Side(one, system, (shape,), None) for one in (module, reference))
    case = OneShape(mine, theirs, system, (shape,), (), deadline, lambda _: None)
    if given is not None:
        case.given = given.within(system, mine.dtype)
    try:
        there = case.judged()
        if there.verdict is Verdict.REFUTED and there.counterexample is not None:
            there = case.asked_on(there)
    except Exception:  # a refutation stands whatever comes of the question behind it
        return refuted
    condition = there.condition
    if condition is not None:
        at = "×".join(map(str, shape))
        condition = replace(condition, words=f"{condition.words}, at {at}")
    return replace(refuted, condition=condition, no_condition=there.no_condition)


def _open_shape(reference: Judged | str) -> tuple[str, ...]:
    """Return the shape of a pooling's input with all sizes open."""
    if not isinstance(reference, str):
        raise ValueError("input_shape must be given: the rank of the reference is not known")
    from verify.judge.references import named_pooling

    return named_pooling(reference).open_shape


def _shapes(given: Any) -> Shapes:
    shapes = tuple(given)
    if shapes and all(isinstance(shape, tuple | list) for shape in shapes):
        found = tuple(tuple(shape) for shape in shapes)
    else:
        found = (shapes,)
    for shape in found:
        if any(type(size) is not int or size < 1 for size in shape) or not found[0]:
            raise ValueError(f"input_shape must be whole numbers from 1 on, got {shape}")
    return found


@dataclass(frozen=True)
class _Difference:
    """An input on which two runs differ, both outputs, and the first place."""

    x: torch.Tensor
    left: torch.Tensor
    right: torch.Tensor
    index: tuple[int, ...]


@dataclass
class OneShape:
    """Two sides at one shape, as far as they have been judged."""

    module: Side
    reference: Side
    system: NumberSystem
    shapes: Shapes
    engines: tuple[str, ...]
    deadline: float
    progress: Progress
    #: The range of the inputs, and the float format, if a tolerance is asked for.
    about: Asked | None = None
    #: What every element of the input meets.
    given: Admitted | None = None
    #: Inputs on which both were run and agreed.
    agreed: int = 0
    #: How many of them are close to where a decision by computed values turns; ``None`` if none is.
    close: int | None = None
    #: What a run decided otherwise than its terms.
    turned: str = ""
    _places: dict[Any, Any] = field(default_factory=dict)
    #: What is to be said of runs → the first input of which it is to be said.
    remarks: dict[str, str] = field(default_factory=dict)
    #: How many telling inputs are tried; all without it.
    most: int | None = None
    #: Processor seconds in which a worst input is searched for.
    searching: float = SEARCHING
    #: Statements that were settled, at this shape or at another one.
    settled: dict[Any, Settled] = field(default_factory=dict)
    #: When solvers are no longer asked about what is proved without them; else it is as long as
    #: one shape is worth.
    checked_until: float | None = None
    #: The outputs that are known to be equal from elsewhere: where it is true.
    known: NDArray[numpy.bool_] | None = None
    #: What is peculiar to gradients, if it is these that are judged.
    back: WayBack | None = None

    def found(self, verdict: Verdict, reason: str) -> Equivalence:
        """Return a finding without names."""
        shape: Any = self.shapes if len(self.shapes) > 1 else self.shapes[0]
        system = self.system if self.about is None else self.about.system
        return Equivalence("", "", shape, system.name, verdict, reason)

    @property
    def late(self) -> bool:
        """Whether time is up."""
        return time.perf_counter() > self.deadline

    def judged(self) -> Equivalence:
        """Return the finding."""
        self.dtype = self.module.dtype
        elements = sum(math.prod(shape) for shape in self.shapes)
        if elements > MOST_ELEMENTS:
            raise NotJudgedError(
                f"an input of {elements:,} elements is larger than the {MOST_ELEMENTS:,} that are "
                "judged: ask for a smaller one, or for every size, by letters"
            )
        self._steady()
        unlike = self._outwardly_different()
        if unlike is not None:
            return self.found(Verdict.REFUTED, unlike)
        self.terms = Terms(elements)
        self.algebra = (
            Algebra(self.terms, self.system) if self.about is None
            else RoundedReals(self.terms, self.about.system)
        )  # fmt: skip
        given = self.given if self.back is None else None
        if given is not None:
            self.algebra.least, self.algebra.most = given.given.low, given.given.high
        self.left = self.module.terms(self.algebra, self.dtype, self.deadline, given)
        self.right = self.reference.terms(self.algebra, self.dtype, self.deadline, given)
        for side, whose in ((self.left, ""), (self.right, "the reference: ")):
            if side.drawn:
                hint = " (in training mode: call .eval() first)" if any(
                    s.trains for s in (self.module, self.reference)) else ""  # fmt: skip
                raise NotJudgedError(f"{whose}{side.drawn[0]}{hint}")
        self.progress("both were run and read as terms")
        refuted = self._attacked(self._telling()) or self._attacked_all_ways()
        if refuted is not None:
            return refuted
        found = self._by_ways() if self._pairs else None
        if found is not None:
            return found
        refuted = self._attacked_at_ties() or self._attacked(self._standing_out())
        if refuted is not None:
            return refuted
        self.progress(f"{self.agreed} inputs agree")
        if self.left.astray:
            astray = self._astray()
            if astray is not None:
                return astray
        unseen = [*self.left.unseen, *(f"the reference: {why}" for why in self.right.unseen)]
        if unseen and self.about is not None:
            return self.found(Verdict.UNKNOWN, f"no bound is known: {unseen[0]}")
        if unseen:
            return replace(
                self.found(Verdict.TESTED, f"{self.agreed} inputs agree; not read: {unseen[0]}"),
                footprint=self._footprint(),
            )
        if self.late:
            return self.found(Verdict.UNKNOWN, f"out of time after {self.agreed} inputs agreed")
        return self._proved()

    # -- runs ------------------------------------------------------------------------------------

    def _steady(self) -> None:
        for side, whose in ((self.module, ""), (self.reference, "the reference: ")):
            try:
                why = side.unsteady(self.dtype)
            except NotJudgedError as error:
                raise NotJudgedError(f"{whose}{error}") from error
            if why is not None and not why.startswith("it draws random numbers from torch"):
                raise NotJudgedError(f"{whose}{why}")

    def _outwardly_different(self) -> str | None:
        mine, other = (side.plain(self.dtype) for side in (self.module, self.reference))
        if not isinstance(other, torch.Tensor):
            raise NotJudgedError(f"the reference returns {kind(other)}, not a tensor")
        if not isinstance(mine, torch.Tensor):
            return f"it returns {kind(mine)}, not a tensor"
        if mine.shape != other.shape:
            return f"its output has shape {tuple(mine.shape)}, not {tuple(other.shape)}"
        if mine.dtype != other.dtype:
            return f"its output is {kind(mine.dtype)}, not {kind(other.dtype)}"
        return None

    def _telling(self) -> Iterator[torch.Tensor]:
        """Yield the inputs that both are attacked by."""
        every: Iterator[torch.Tensor]
        if self.back is not None:
            every = self.back.telling()
        elif self.about is not None:
            every = self.about.inputs()
        else:
            every = inputs(self.system, self.terms.count, self.dtype)
        every = islice(every, self.most)
        return every if self.given is None else self.given.inputs(every)

    def _attacked(self, every: Iterator[torch.Tensor]) -> Equivalence | None:
        """Run both on telling inputs; return what they refute, or that terms are not the runs."""
        for number, (x, own) in enumerate(self._valued(every)):
            if self.late:
                break
            try:
                outputs = self.module.run(x), self.reference.run(x)
            except RaisedError:
                raising = self._raising(x)
                if raising is not None:
                    return raising
                continue  # both refuse it
            apart = self._apart(x, *outputs, own)
            if apart is not None:
                again = self.module.run(x), self.reference.run(x)
                if not all(_same(a, b) for a, b in zip(outputs, again, strict=True)):
                    raise NotJudgedError("two runs on the same input differ")
                return apart
            if self.agreed < (3 if len(x) <= LARGE else 1):
                self._other_modes(x, outputs[0])
            self.agreed += 1
            if number == 2:
                self.progress("the first inputs agree")
        return None

    @cached_property
    def _pairs(self) -> list[WayPair]:
        """The ways through both sides, where one decides by its input as a whole; else none."""
        sides = self.left, self.right
        if (
            any(side.ids is None or side.unseen for side in sides)
            or self.about is not None
            or self.back is not None
            or self.known is not None
            or not wide(self.terms, decisions_of(*sides))
        ):
            return []
        return pairs(self.terms, *sides, real=self.system.name == "real")

    def _attacked_all_ways(self) -> Equivalence | None:
        """Run both where decisions by the whole input go one way, and the other.

        Their terms are asked only where the two runs differ.
        """
        decisions = decisions_of(self.left, self.right)
        unread = any(side.ids is None or side.unseen for side in (self.left, self.right))
        if self.about is not None or self.back is not None or self.most is not None:
            return None
        if not (unread and self.terms.count > LARGE) and not wide(self.terms, decisions):
            return None
        numbers = thresholds(self.terms, decisions)
        every = steering(self.terms.count, self.dtype, numbers)
        return self._attacked_plainly(every if self.given is None else self.given.inputs(every))

    def _attacked_plainly(self, every: Iterable[torch.Tensor]) -> Equivalence | None:
        """Run both on inputs, and hold them against their terms where they differ."""
        for x in every:
            if self.late:
                break
            if not self._admits(x):
                continue
            try:
                left, right = self.module.run(x), self.reference.run(x)
                alike = left.shape == right.shape and _same(left, right)
            except RaisedError:
                alike = False
            refuted = None if alike else self._attacked(iter([x]))
            if refuted is not None:
                return refuted
        return None

    def _by_ways(self) -> Equivalence | None:
        """Judge every pair of ways by itself; ``None`` if one of them is not the same everywhere.

        Then it matters which way is gone, and of a large input nobody can say more.
        """
        every = [
            (one, pair)
            for pair in self._pairs
            for one in self._told_apart(pair.left, pair.right)
        ]  # fmt: skip
        joined = self.terms.count <= LARGE
        self._kinds = [one for one, _ in every]
        refuted = self._attacked_at_ties() or self._attacked(self._standing_out())
        if refuted is not None:
            return refuted
        found = self._proved(every)
        if found.verdict.settles or found.verdict is Verdict.NOT_JUDGED or not joined:
            return found
        del self._kinds
        return None

    def _attacked_at_ties(self) -> Equivalence | None:
        """Run both where a decision by computed values is close to turning."""
        sides = (self.left, self.right)
        if (
            self.system.name != "real"
            or self.about is not None
            or not decides(self.terms)
            or any(side.ids is None or side.unseen for side in sides)
        ):
            return None
        now, worked = time.perf_counter(), time.process_time()
        until = now + (self.deadline - now) / 2

        def late() -> bool:
            return time.process_time() - worked > AT_TIES or time.perf_counter() > until

        every = (Ties(kind, self.dtype, late) for kind in self._kinds)
        chosen = [ties for ties in every if ties.computed]
        if not chosen:
            return None
        before, self.close = self.agreed, 0
        each = max(1, (_FEW_TIES if self.terms.count > LARGE else _TIES) // len(chosen))

        def close() -> Iterator[torch.Tensor]:
            for ties in chosen:
                for elements in islice(ties.inputs(), each):
                    x = self._plainest()
                    x[ties.elements] = torch.from_numpy(elements).to(x.dtype)
                    if self._admits(x):
                        yield x
                if late():
                    return

        refuted = self._attacked(close())
        self.close = self.agreed - before
        return refuted

    def _standing_out(self) -> Iterator[torch.Tensor]:
        """Yield inputs in which an element stands out that one side alone depends on.

        A fold of thousands of taps that leaves one out differs where that tap is the largest, and
        nowhere that inputs drawn at random are likely to be.
        """
        sides = (self.left, self.right)
        if self.about is not None or any(s.ids is None or s.unseen for s in sides):
            return
        for one in self._kinds[:_EXACTLY]:
            alone = sorted(one.depends_on(one.left) ^ one.depends_on(one.right))
            for node in dict.fromkeys((*alone[:2], *alone[-2:])):
                for number in (1, -1):
                    x = self._plainest()
                    x[one.variables[node]] = number
                    if (number > 0 or self.dtype.is_signed) and self._admits(x):
                        yield x

    @cached_property
    def _kinds(self) -> list[Pattern]:
        """The kinds of output, but for those that are known to be equal from elsewhere."""
        left, right = self.left.ids, self.right.ids
        assert left is not None and right is not None
        if self.known is not None:
            left, right = (numpy.where(self.known, ZERO, ids) for ids in (left, right))
        return self._told_apart(left, right)

    def _told_apart(
        self, left: Ids, right: Ids, labels: NDArray[Any] | None = None
    ) -> list[Pattern]:
        """Return the kinds of some outputs; where each is one of its own, that takes long."""
        try:
            return kinds(self.terms, left, right, labels, late=lambda: self.late)
        except TooManyKindsError as error:
            raise WatchedTooLongError(f"out of time: {error}") from error

    def _raising(self, x: torch.Tensor) -> Equivalence | None:
        """Return that the module raises where the reference does not, ``None`` if both do."""
        try:
            self.module.run(x)
        except RaisedError as error:
            why = str(error)
        else:
            self.reference.run(x)  # which says what is wrong with it
            return None
        try:
            output = self.reference.run(x)
        except RaisedError:
            return None
        latest = x, why, output

        def fails(smaller: torch.Tensor) -> bool:
            nonlocal latest
            if not self._admits(smaller):
                return False
            try:
                expected = self.reference.run(smaller)
                self.module.run(smaller)
            except RaisedError as error:
                latest = smaller, str(error), expected
                return True
            except NotJudgedError:
                pass
            return False

        shrunk(x, fails)
        x, why, output = latest
        parts = self.module.parts(x)
        nothing = torch.full_like(output, math.nan) if output.is_floating_point() else output * 0
        return replace(
            self.found(Verdict.REFUTED, f"{why}, and the reference does not"),
            counterexample=TensorCounterexample(
                parts[0], nothing, output, (0,) * output.ndim, f"run in {kind(x.dtype)}",
                tuple(parts[1:]), raised=why, named=() if self.back is None else self.back.titles,
            ),
        )  # fmt: skip

    def _astray(self) -> Equivalence | None:
        """Return that the module raises, or has another shape, on an input that goes that way."""
        try:
            elements = input_for(self.left.astray, self.algebra, self.deadline)
        except ImpossibleError:
            return None
        if elements is None:
            return None
        x = self._with(elements, torch.zeros(self.terms.count, dtype=self.dtype))
        if x is None or not self._admits(x):
            return None
        try:
            left, right = self.module.run(x), self.reference.run(x)
        except RaisedError:
            return self._raising(x)
        return None if left.shape == right.shape else self._unlike(x, left, right)

    def _unlike(self, x: torch.Tensor, left: torch.Tensor, right: torch.Tensor) -> Equivalence:
        return self.found(
            Verdict.REFUTED,
            f"its output has shape {tuple(left.shape)}, not {tuple(right.shape)} at input "
            f"{_shown(x)}",
        )

    def _valued(self, every: Iterator[torch.Tensor]) -> Iterator[tuple[torch.Tensor, _Own]]:
        """Yield inputs and what both sides' terms are there: of many inputs at once."""
        wanted = numpy.zeros(0, numpy.int32)
        #: Where each side's outputs stand among those that are wanted, and their shape.
        places: list[tuple[slice | None, tuple[int, ...]]] = []
        for side in (self.left, self.right):
            if side.ids is None or side.unseen:
                places.append((None, ()))
                continue
            places.append((slice(len(wanted), len(wanted) + side.ids.size), side.ids.shape))
            wanted = numpy.concatenate([wanted, side.ids.reshape(-1)])
        size = 1
        while some := list(islice(every, size)):
            columns = torch.stack(some, 1)
            values: Any
            if self.system.name == "real":
                values = real_values(self.terms, columns.double().numpy(), self.dtype, wanted)
            else:
                values = system_values(self.terms, columns, self.system, wanted)
            for number, x in enumerate(some):
                yield x, [
                    None if place is None
                    else values.at((place, number), shape) if self.system.name == "real"
                    else values[place, number].reshape(shape)
                    for place, shape in places
                ]  # fmt: skip
            # The first inputs refute most, and large terms leave no room for many at once.
            size = min(2 * size, max(1, _MOST_VALUES // self.terms.size))

    def _apart(
        self, x: torch.Tensor, left: torch.Tensor, right: torch.Tensor, own: _Own
    ) -> Equivalence | None:
        """Return the refutation that two outputs are, after holding each against its terms."""
        if left.shape != right.shape:
            return self._unlike(x, left, right)
        if self.system.name == "real":
            return self._apart_over_reals(x, left, right, own)
        differs = ~self.system.tensor_equal(left, right)
        if bool(differs.any()):
            return self._refuted(_Difference(x, left, right, _first(differs)), "")
        for side, output, meant in zip(
            (self.left, self.right), (left, right), own, strict=True
        ):  # fmt: skip
            if meant is None:
                continue
            strange = ~self.system.tensor_equal(meant.to(output.dtype), output)
            if bool(strange.any()):
                self._strange(x, output, meant, _first(strange), side)
        return None

    def _apart_over_reals(
        self, x: torch.Tensor, left: torch.Tensor, right: torch.Tensor, here: _Own
    ) -> Equivalence | None:
        sides = (self.left, self.right)
        numbers = [output.double().numpy() for output in (left, right)]
        differs = self._differs(x, numbers, here)
        if self.about is not None and here[0] is not None:
            differs |= overflown(numbers[0], here[0].values, self.about.system)
            differs |= self._overflown_exactly(x, numbers[0], here[0].values)
        if differs.any():
            index = tuple(int(i) for i in numpy.argwhere(differs)[0])
            return self._refuted(_Difference(x, left, right, index), self._seen_by_running())
        for side, output, known in zip(sides, numbers, here, strict=True):
            if known is not None:
                self._held(x, output, known, side)
        return None

    def _overflown_exactly(
        self, x: torch.Tensor, output: NDArray[Any], value: NDArray[Any]
    ) -> NDArray[numpy.bool_]:
        """Say where a run has no number and the exact value, which float64 lacks too, is in range.

        Few places are looked at, as fractions are slow.
        """
        found = numpy.zeros(output.shape, bool)
        doubtful = ~numpy.isfinite(output) & ~numpy.isfinite(value)
        for place in numpy.argwhere(doubtful)[:_EXACTLY]:
            index = tuple(int(i) for i in place)
            found[index] = self._is_overflown(x, float(output[index]), index)
        return found

    def _is_overflown(self, x: torch.Tensor, output: float, index: tuple[int, ...]) -> bool:
        assert self.about is not None
        if math.isfinite(output):
            return False
        exact = self._exact(x, index, self.left)
        return isinstance(exact, Fraction) and abs(exact) <= self.about.system.greatest

    def _seen_by_running(self) -> str:
        unseen = [*self.left.unseen, *self.right.unseen]
        return f"seen by running it ({unseen[0]})" if unseen else ""

    def _differs(
        self, x: torch.Tensor, numbers: list[Any], own: Sequence[Values | None]
    ) -> NDArray[Any]:
        """Say where two runs differ by more than rounding."""
        left, right = numbers
        mine, theirs = own
        if self.back is not None and (mine is None or theirs is None):
            return self.back.apart(x, left, right)
        if mine is None or theirs is None:
            largest = float(x.abs().max()) if len(x) else 0.0
            if not 1 / ORDINARY <= largest <= ORDINARY and largest != 0:
                return numpy.zeros(left.shape, bool)
            coarse = max(TOLERANCE, 16 * torch.finfo(self.dtype).eps)
            close = numpy.isclose(left, right, rtol=coarse, atol=coarse, equal_nan=True)
            far: NDArray[Any] = numpy.asarray(~close)
            return far
        with numpy.errstate(invalid="ignore"):
            room = mine.bounds + theirs.bounds
            apart = numpy.abs(left - right) > room
        apart = numpy.asarray(apart)
        for own_values, number in ((mine, left), (theirs, right)):
            apart &= ~self._lost(x, number, own_values)
        ends = [numpy.isfinite(side) for side in numbers]
        # A run without a number, where its own terms say so too or no overflow explains it.
        for one, other, a, b in ((mine, theirs, *ends), (theirs, mine, *ends[::-1])):
            meant = one.undefined | (numpy.isfinite(one.bounds) & ~one.spilled)
            apart |= ~a & b & meant & numpy.isfinite(other.bounds)
        both = ~ends[0] & ~ends[1]
        unlike = (numpy.isnan(left) != numpy.isnan(right)) | (
            ~numpy.isnan(left) & ~numpy.isnan(right) & (left != right)
        )
        apart |= both & unlike & (room == 0)
        if self.back is not None and self.terms.as_kernels_like():
            apart |= self.back.apart(x, left, right)
        found: NDArray[Any] = apart
        return found

    def _lost(self, x: torch.Tensor, output: NDArray[Any], known: Values) -> NDArray[numpy.bool_]:
        """Say where an overflow took the run away from its own terms, back to a number or not.

        Of an input so large that twice an element overflows that needs no other explanation: what
        is multiplied by 0 is NaN then, and a decision by that may be 0 again.
        """
        if len(x) == 0 or float(x.abs().max()) <= torch.finfo(self.dtype).max / 2:
            return numpy.zeros(output.shape, bool)
        with numpy.errstate(invalid="ignore"):
            strays = ~(numpy.abs(output - known.values) <= known.bounds)
        return numpy.asarray(strays & (known.spilled | ~numpy.isfinite(output)))

    def _held(self, x: torch.Tensor, output: NDArray[Any], known: Values, side: Explored) -> None:
        """Hold a run against its own terms.

        Raises:
            NotJudgedError: It is not what they say.
        """
        value, bound = known.values, known.bounds
        with numpy.errstate(invalid="ignore"):
            within = numpy.abs(output - value) <= bound
        unknown = ~numpy.isfinite(bound) | (known.spilled & ~numpy.isfinite(output))
        unknown |= self._lost(x, output, known)
        alike = (output == value) | (numpy.isnan(output) & numpy.isnan(value))
        fine = within | unknown | alike
        if not fine.all():
            index = tuple(int(i) for i in numpy.argwhere(~fine)[0]) if fine.ndim else ()
            self._strange(x, torch.from_numpy(output), torch.from_numpy(value), index, side)
        self._turns(x, output, known, side)
        if unknown.any() or (known.spilled & (bound > numpy.abs(value))).any():
            self.remarks.setdefault("values overflow, or are undefined,", _shown(x))
        with numpy.errstate(invalid="ignore"):
            swamped = ~known.spilled & numpy.isfinite(bound) & (bound > numpy.abs(value)) & (
                bound > float(x.abs().max()) * 1e-2
            )  # fmt: skip
        if swamped.any():
            self.remarks.setdefault("rounding may be as large as the result,", _shown(x))

    def _turns(self, x: torch.Tensor, output: NDArray[Any], known: Values, side: Explored) -> None:
        """Note where a run decides otherwise than the exact values do, which are its terms'."""
        if self.turned or self.about is not None:
            return
        doubted = numpy.isfinite(output) & (known.steady < known.bounds)
        if not doubted.any():
            return
        with numpy.errstate(invalid="ignore"):
            excess = numpy.where(doubted, numpy.abs(output - known.values) - known.steady, -1)
        places = numpy.argwhere(doubted)
        for place in places[numpy.argsort(-excess[doubted], kind="stable")][:_EXACTLY]:
            index = tuple(int(i) for i in place)
            exact = self._exact(x, index, side)
            number = float(output[index])
            if exact is None or abs(number - exact) <= float(known.steady[index]):
                continue
            largest = float(x.abs().max())
            if largest > torch.finfo(self.dtype).max / 2 and known.spilled[index]:
                # Twice an element overflows: whoever adds two before comparing decides by that.
                self.remarks.setdefault("values overflow, or are undefined,", _shown(x))
                continue
            if largest < 1 / ORDINARY and abs(number - exact) <= largest:
                words = "products become 0, and decisions by them fall otherwise,"
                self.remarks.setdefault(words, _shown(x))
                continue
            hint = "" if largest <= ORDINARY else (
                "; say in which range it is to be judged, such as --given 'x in [-1000, 1000]'"
            )  # fmt: skip
            if self.back is not None and largest <= ORDINARY:
                hint = "; where nothing rounds, --given 'x in [-1000, 1000] and x is integer'"
            self.turned = (
                f"{self._whose(side)} does not compute what its trace says at input {_shown(x)}: "
                f"{_number(number)} instead of {_number(exact)} at output {list(index)}; a "
                f"decision by computed values falls otherwise than by exact ones{hint}"
            )
            return

    def _exact(
        self, x: torch.Tensor, index: tuple[int, ...], side: Explored
    ) -> Fraction | float | None:
        """Return the exact value of a side's output at a place, ``None`` if it is no fraction."""
        if index not in self._places:
            ends = [int(s.ids[index]) for s in (self.left, self.right) if s.ids is not None]
            few = fewer(self.terms, ends, _LARGEST_EXACT)
            self._places[index] = self._local(index) if few else None
        local = self._places[index]
        if local is None:
            return None
        terms, ends, elements = local
        end = int(ends[0 if side is self.left else 1])
        (value,) = exact_values(terms, x[elements].double().tolist(), [end])
        if value is None or isinstance(value, float):
            return value
        return Fraction(value)

    def _whose(self, side: Explored) -> str:
        return "the module" if side is self.left else "the reference"

    def _strange(
        self, x: torch.Tensor, output: torch.Tensor, own: torch.Tensor, index: tuple[int, ...],
        side: Explored,
    ) -> None:  # fmt: skip
        raise NotJudgedError(
            f"{self._whose(side)} does not compute what its trace says at input {_shown(x)}: "
            f"{_number(output[index])} instead of {_number(own[index])} at output {list(index)}"
        )

    def _other_modes(self, x: torch.Tensor, output: torch.Tensor) -> None:
        unit = torch.finfo(output.dtype).eps if output.is_floating_point() else 0.0
        for how, result in self.module.otherwise(x):
            if result.shape != output.shape or not torch.allclose(
                result.double(),
                output.double(),
                rtol=max(1e-5, 4 * unit),
                atol=max(1e-6, 4 * unit),
                equal_nan=True,
            ):
                raise NotJudgedError(f"{how} it computes something else at input {_shown(x)}")

    # -- refutations -----------------------------------------------------------------------------

    def _refuted(self, found: _Difference, remark: str) -> Equivalence:
        small = self._smaller(found)
        values = [float(side[small.index]) for side in (small.left, small.right)]
        digits = digits_apart(*values, least=9)
        replay = f"run in {kind(small.left.dtype)}"
        index = small.index
        reason = f"{values[0]:.{digits}g} instead of {values[1]:.{digits}g} at output {list(index)}"
        if self.about is not None and not any(map(math.isfinite, values)):
            exact = self._exact(small.x, index, self.right)
            if isinstance(exact, Fraction):  # the reference overflows as well
                meant = f"{float(exact):.9g}, as is the reference in {self.about.system.name},"
                reason = f"{values[0]:g} instead of {meant} at output {list(index)}"
        parts = self.module.parts(small.x)
        return replace(
            self.found(Verdict.REFUTED, f"{reason}, {remark}" if remark else reason),
            counterexample=TensorCounterexample(
                parts[0], small.left, small.right, index, replay, tuple(parts[1:]),
                named=() if self.back is None else self.back.titles,
            ),
        )  # fmt: skip

    def _smaller(self, found: _Difference) -> _Difference:
        """Return a difference on a smaller input."""
        latest = found
        local = self._local(found.index)

        def fails(x: torch.Tensor) -> bool:
            nonlocal latest
            if not self._admits(x):
                return False
            try:
                left, right = self.module.run(x), self.reference.run(x)
                where = self._where(x, left, right, found.index, local)
            except NotJudgedError:
                return False
            if where is None:
                return False
            latest = _Difference(x, left, right, where)
            return True

        shrunk(found.x, fails, None if local is None else local[2])
        return latest

    @property
    def _whole_inputs(self) -> bool:
        """Whether all that the terms speak of are whole numbers."""
        whole = self.given is not None and self.given.given.whole and self.system.name == "real"
        return whole and self.back is None

    def _premises_of(
        self, one: Pattern, pair: WayPair | None = None
    ) -> Callable[[Term], Iterable[Term]] | None:
        """What holds of each variable of a kind that is an element of the input, for solvers."""
        if self.back is not None:
            return self.back.premises(one, self.given)
        if pair is None or pair.given is None:
            return self._premises
        there, always = Admitted(pair.given, self.system, self.dtype).premises, self._premises
        return lambda x: chain(there(x), always(x) if always is not None else ())

    def _never_negative(self, one: Pattern, pair: WayPair | None = None) -> frozenset[int]:
        """Return the nodes of a kind that are elements of the input and at least 0."""
        if self.back is not None or self._whole_inputs:
            return frozenset()
        known = (None if self.given is None else self.given.given,
                 None if pair is None else pair.given)  # fmt: skip
        plain = any(g is not None and g.low is not None and g.low >= 0 for g in known)
        return frozenset(one.elements if plain else ())

    @property
    def _premises(self) -> Callable[[Term], Iterable[Term]] | None:
        """What holds of every element of the input, for solvers."""
        if self.about is not None:
            return self.about.premises
        return None if self.given is None else self.given.premises

    def _admits(self, x: torch.Tensor) -> bool:
        """Say whether an input is one that is asked about."""
        meant = self.given is None or self.given.admits(x)
        return meant and (self.about is None or self.about.admits(x))

    def _plainest(self) -> torch.Tensor:
        """Return zeros, moved to where the inputs that are asked about are."""
        x = torch.zeros(self.terms.count, dtype=self.dtype)
        for asked in (self.given, self.about):
            x = x if asked is None else asked.moved(x)
        return x

    def _local(self, index: tuple[int, ...]) -> tuple[Terms, Any, list[int]] | None:
        """Return the terms at one place of both outputs alone, if they are known."""
        if any(s.ids is None or s.unseen for s in (self.left, self.right)):
            return None
        left, right = (numpy.asarray(s.ids[index]).reshape(1) for s in (self.left, self.right))  # type: ignore[index]
        if not fewer(self.terms, [int(left[0]), int(right[0])], _LARGEST_EXACT):
            return made_of(self.terms, numpy.concatenate([left, right]))
        (only,) = kinds(self.terms, left, right)
        return restricted(only)

    def _where(
        self, x: torch.Tensor, left: torch.Tensor, right: torch.Tensor, index: tuple[int, ...],
        local: tuple[Terms, Any, list[int]] | None,
    ) -> tuple[int, ...] | None:  # fmt: skip
        """Return where two outputs differ, at ``index`` if terms are known there."""
        if left.shape != right.shape:
            return None
        if self.system.name != "real":
            differs = ~self.system.tensor_equal(left, right)
            return _first(differs) if bool(differs.any()) else None
        numbers = [left.double().numpy(), right.double().numpy()]
        if local is None:
            differs_ = self._differs(x, numbers, [None, None])
            return _first(torch.from_numpy(differs_)) if differs_.any() else None
        terms, ends, elements = local
        own = real_values(terms, x[elements].double().numpy().reshape(-1, 1), self.dtype, ends)
        here = [numpy.asarray(n[index]).reshape(1) for n in numbers]
        parts = [own.at(([i], 0)) for i in (0, 1)]
        differs_here = self._differs(x, here, parts)
        if self.about is not None:
            differs_here |= overflown(here[0], parts[0].values, self.about.system)
            if not differs_here.any() and not math.isfinite(parts[0].values[0]):
                return index if self._is_overflown(x, here[0][0], index) else None
        return index if differs_here.any() else None

    def asked_on(self, refuted: Equivalence) -> Equivalence:
        """Return a refutation with the weakest condition found under which the module is right."""
        every, summed = self._read(), None
        if every is None and isinstance(self.system, FloatFormat):
            algebra = RoundedReals(Terms(self.terms.count), self.system)
            every = self._read(algebra)
            summed = set(algebra.readings.values())
        if every is None:
            return replace(refuted, no_condition="it is not read as terms")
        # Nobody is to wait so long for a condition that the refutation comes too late.
        asking = Asking(self.system, self.deadline - 1, self.given)
        assert refuted.counterexample is not None
        known = torch.cat([x.reshape(-1) for x in refuted.counterexample.inputs]).to(self.dtype)
        try:
            found, wrong = candidates(every, asking, self.given, summed)
            asking.patience += 1
            for template, exact in found:
                condition = self._confirmed(
                    template, exact, wrong, every, asking, known.to(self.dtype)
                )
                if condition is not None:
                    return replace(refuted, condition=condition)
        except UnsupportedError as error:
            return replace(refuted, no_condition=f"nothing is known of {error}")
        except TimeIsUpError:
            return replace(refuted, no_condition="none was found before time was up")
        return replace(refuted, no_condition="none of those that were tried makes it right")

    def _read(self, algebra: RoundedReals | None = None) -> list[Pattern] | None:
        """Return the kinds of window, ``None`` if there are none; in another algebra read anew."""
        left, right = self.left, self.right
        terms = self.terms
        if algebra is not None:
            terms = algebra.terms
            left, right = (
                side.terms(algebra, self.dtype, self.deadline, self.given)
                for side in (self.module, self.reference)
            )
        if any(side.ids is None or side.unseen or side.drawn for side in (left, right)):
            return None
        assert left.ids is not None and right.ids is not None
        return kinds(terms, left.ids, right.ids, late=lambda: self.late)

    def _confirmed(
        self, template: Condition, exact: bool, wrong: Sequence[Formulas],
        every: Sequence[Pattern], asking: Asking, known: torch.Tensor,
    ) -> WeakestCondition | None:  # fmt: skip
        """Return a condition that runs confirm: right where it holds, and wrong somewhere else.

        On the input ``known`` it is wrong.
        """
        without = self._wrong_without(template, wrong, asking, known)
        if without is None:
            return None
        runs = 0
        tried = inputs(self.system, self.terms.count, self.dtype)
        for x in tried if self.given is None else self.given.inputs(tried):
            if asking.late:
                break
            left, right = self.module.run(x), self.reference.run(x)
            flat = x.double().numpy()
            if not numpy.isfinite(flat).all():
                continue
            if not holds(template, wrong, flat, right.double().numpy().reshape(-1)):
                continue
            if self._where(x, left, right, (), None) is not None:
                return None
            runs += 1
        if not runs:
            return None
        words = template.words(windows_in_words([about.kind for about in wrong], every))
        nan_is_meant = self.given is None or self.given.admits(torch.full((1,), torch.nan))
        if nan_is_meant and asking.right_at_nan(wrong):
            words += ", or NaN"
        first, *others = self.module.parts(without)
        return WeakestCondition(words, exact, first, runs, asking.cut, tuple(others))

    def _wrong_without(
        self, template: Condition, wrong: Sequence[Formulas], asking: Asking, known: torch.Tensor
    ) -> torch.Tensor | None:
        """Return an input that does not meet a condition, on which the module, run, is wrong.

        One of infinities only if there is no other.
        """
        endless = None
        for x in chain(self._perhaps_without(template, wrong, asking), [known], inputs(
            self.system, self.terms.count, self.dtype
        )):  # fmt: skip
            if not self._admits(x):
                continue
            left, right = self.module.run(x), self.reference.run(x)
            flat, output = x.double().numpy(), right.double().numpy().reshape(-1)
            if holds(template, wrong, flat, output):
                continue
            if self._where(x, left, right, (), None) is not None:
                if bool(x.isfinite().all()):
                    return x
                endless = x
        return endless

    def _perhaps_without(
        self, template: Condition, wrong: Sequence[Formulas], asking: Asking
    ) -> Iterator[torch.Tensor]:
        """Yield what solvers find."""
        with contextlib.suppress(TimeIsUpError):
            for about in wrong:
                for values in outside(template, about, asking):
                    elements = {about.kind.variables[node]: v for node, v in values.items()}
                    x = self._with(elements, self._plainest())
                    if x is not None:
                        yield x

    # -- proofs ----------------------------------------------------------------------------------

    def _proved(self, ways: Sequence[tuple[Pattern, WayPair]] = ()) -> Equivalence:
        """Prove every kind of window; of ``ways``, those of every pair of ways by itself."""
        assert self.left.ids is not None and self.right.ids is not None
        asked = {name: ENGINES[name] for name in self.engines or SOLVERS}
        proved: Counter[str] = Counter()
        checked_until = self.checked_until or time.perf_counter() + CHECKING
        left, right = self.left.ids, self.right.ids
        if self.known is not None:
            known = self.known
            if not self.engines and time.perf_counter() > checked_until:
                known = known | same_maxima(self.terms, left, right)
            left, right = (numpy.where(known, ZERO, ids) for ids in (left, right))
        labels = None if self.about is None else self.about.input_of
        every = (
            [one for one, _ in ways] if ways
            else self._kinds if self.known is None and labels is None
            else self._told_apart(left, right, labels)
        )  # fmt: skip
        whole = self._whole_inputs
        for number, one in enumerate(map(of_whole_inputs, every) if whole else every):
            if self.late:
                return self.found(
                    Verdict.UNKNOWN,
                    f"out of time: {number} of {len(every)} kinds of window proved, "
                    f"{self.agreed} inputs agree",
                )
            pair = ways[number][1] if ways else None
            if self.about is not None:
                one = narrowed(one, self.about.of_nodes(one.variables))
            statement = one.nodes, one.left, one.right, None if pair is None else pair.given
            settled = self.settled.get(statement) or settle(
                one, self.system, asked, self.deadline, f"input shape {self.shapes[0]}",
                forms=not self.engines, checked_until=checked_until,
                given=self._premises_of(one, pair), never_negative=self._never_negative(one, pair),
            )  # fmt: skip
            if settled.verdict.settles and settled.verdict is not Verdict.REFUTED:
                self.settled[statement] = settled
            if settled.verdict is Verdict.REFUTED:
                assert settled.model is not None
                if pair is not None:
                    return self._led_there(one, settled.model, pair)
                return self._replayed(one, settled.model, settled.evidence[-1].engine)
            if not settled.verdict.settles:
                said = "; ".join(f"{e.engine} {e.verdict}: {e.detail}" for e in settled.evidence)
                index = numpy.unravel_index(int(one.places[0]), self.left.ids.shape)
                found = self.found(
                    settled.verdict,
                    f"undecided at output {[int(i) for i in index]}: {said or 'out of time'}; "
                    f"{self.agreed} inputs agree",
                )
                numbers = self.terms.values.values()
                ends = [n for n in numbers if not isinstance(n, bool) and math.isfinite(n)]
                return replace(found, beyond=self._beyond(ends))
            proved.update(e.engine for e in settled.evidence if e.verdict.settles)
            self.progress(f"{number + 1} of {len(every)} kinds of window proved")
        if self.turned:
            return self.found(Verdict.NOT_JUDGED, self.turned)
        count, outputs = len(every), self.left.ids.size
        if self.about is not None:
            return self._bounded(every, dict(proved))
        by = ", ".join(
            name if number == count else f"{name} ({number} of {count})"
            for name, number in proved.items()
        )
        kinds_ = f"{outputs} output{'s' * (outputs > 1)}, {count} kind{'s' * (count > 1)} of window"
        return replace(
            self.found(Verdict.PROVED_BOUNDED, f"{kinds_}; proved by {by}"),
            proved_by=dict(proved),
            footprint=self._footprint(),
        )

    def _bounded(self, every: Sequence[Pattern], proved: dict[str, int]) -> Equivalence:
        """Return within which tolerance what is equal over the reals is computed."""
        assert self.about is not None
        assert self.left.ids is not None
        try:
            bounds = bounded(every, self.about, self.algebra.readings)
        except UnknownRoundingError as error:
            return self.found(Verdict.UNKNOWN, f"no bound is known: {error}")
        runs = Runs(
            self.about, self.module.run, self.reference.run, self.module.parts, self.deadline,
            self.searching,
        )  # fmt: skip
        if any(one.overflows for one in bounds):
            return self.found(
                Verdict.UNKNOWN,
                f"it may overflow in {self.about.written()}, in some order of its sums at least; "
                f"{self.agreed} inputs agree",
            )
        try:
            worst = runs.worst(every, bounds, self.left.ids.shape)
        except BoundExceededError as error:
            return self.found(Verdict.ERROR, str(error))
        found = tolerance(bounds, self.about, worst)
        outputs, kinds_ = self.left.ids.size, len(every)
        counted = (
            f"{outputs} output{'s' * (outputs > 1)}, {kinds_} kind{'s' * (kinds_ > 1)} of window"
        )
        verdict = Verdict.WITHIN if found.absolute else Verdict.PROVED_BOUNDED
        words = found.in_words() if found.absolute else "nothing rounds"
        reason = f"{words}; {counted}"
        return replace(
            self.found(verdict, reason),
            tolerance=found,
            proved_by=proved,
            footprint=self._footprint(),
        )

    def _led_there(self, one: Pattern, model: Mapping[int, Any], pair: WayPair) -> Equivalence:
        """Run a difference between two ways on inputs that may go both of them."""
        numbers = thresholds(self.terms, decisions_of(self.left, self.right))

        def led() -> Iterator[torch.Tensor]:
            for place in dict.fromkeys((0, len(one.places) // 2, len(one.places) - 1)):
                elements = {int(every[place]): model[node]
                            for node, every in one.elements.items() if node in model}  # fmt: skip
                for x in steering(self.terms.count, self.dtype, numbers):
                    there = self._with(elements, x)
                    if there is not None:
                        yield there

        refuted = self._attacked_plainly(led())
        if refuted is not None:
            return refuted
        return self.found(
            Verdict.UNKNOWN,
            f"it decides by its input as a whole{pair.where}, and no input was found that goes "
            f"where its output would be another one; {self.agreed} inputs agree",
        )

    def _replayed(self, one: Pattern, model: Mapping[int, Any], by: str) -> Equivalence:
        """Run a solver's counterexample on the real module; without that it is no refutation."""
        assert self.left.ids is not None
        elements = {e: model[node] for node, e in one.variables.items() if node in model}
        index = tuple(int(i) for i in numpy.unravel_index(int(one.places[0]), self.left.ids.shape))
        tried = False
        for x in self._near(elements, self._plainest()):
            if not self._admits(x):
                continue
            tried = True
            try:
                left, right = self.module.run(x), self.reference.run(x)
            except RaisedError:
                raising = self._raising(x)
                if raising is not None:
                    return raising
                return self.found(Verdict.UNKNOWN, f"{by} finds an input that both sides refuse")
            where = self._where(x, left, right, index, self._local(index))
            ends = {math.isfinite(float(side[index])) for side in (left, right)}
            if where is None and len(ends) > 1:
                where = index  # a difference was found there, and one side has no number
            if where is not None:
                return self._refuted(_Difference(x, left, right, where), f"found by {by}")
        if not tried and self.given is not None:
            return self.found(Verdict.UNKNOWN, f"{by} finds no difference in range")
        beyond = self._beyond(elements.values())
        if beyond:
            why = f"{by} finds a difference beyond the largest number of {beyond} alone"
            return replace(self.found(Verdict.UNKNOWN, why), beyond=beyond)
        doubled = self._in_double(elements, index)
        if doubled is not None:
            return self._refuted(doubled, f"found by {by}, run in float64")
        return self.found(
            Verdict.UNKNOWN,
            f"{by} finds a difference at output {list(index)}, which running the module does not "
            "confirm",
        )

    def _beyond(self, numbers: Iterable[Any]) -> str:
        """Return the dtype if it ends with one of some numbers, or before it."""
        if self.system.name != "real" or self.about is not None or self.back is not None:
            return ""
        given = None if self.given is None else self.given.given
        if given is not None and None not in (given.low, given.high):
            return ""
        largest = Fraction(torch.finfo(self.dtype).max)
        return kind(self.dtype) if any(abs(number) >= largest for number in numbers) else ""

    def _in_double(self, elements: Mapping[int, Any], index: tuple[int, ...]) -> _Difference | None:
        """Run both sides in float64 on a counterexample that their own dtype cannot show."""
        local = self._local(index)
        off = torch.finfo(torch.float64).eps
        read = self.algebra.logarithms or any(  # of weights that float64 does not have
            abs(meant - Fraction(number)) > abs(meant) * Fraction(off)
            for number, meant in self.algebra.readings.items()
        )
        if self.system.name != "real" or self.dtype is torch.float64 or local is None or read:
            return None
        sides = self.module.doubled(), self.reference.doubled()
        terms, ends, places = local
        for x in self._near(elements, self._plainest().double()):
            if not self._admits(x):
                continue
            try:
                left, right = (side.run(x) for side in sides)
            except (NotJudgedError, RuntimeError, TypeError):
                return None
            if left.dtype is not torch.float64 or left.shape != right.shape:
                return None
            own = real_values(terms, x[places].numpy().reshape(-1, 1), torch.float64, ends)
            here = [numpy.asarray(side.numpy()[index]).reshape(1) for side in (left, right)]
            differs = self._differs(x, here, [own.at(([i], 0)) for i in (0, 1)])
            if differs.any():
                return _Difference(x, left, right, index)
        return None

    @staticmethod
    def _with(elements: Mapping[int, Any], x: torch.Tensor) -> torch.Tensor | None:
        """Return an input with some elements set, ``None`` if its dtype has none that large."""
        for element, value in elements.items():
            try:
                x[element] = float(value) if x.is_floating_point() else int(value)
            except (OverflowError, RuntimeError):
                return None
        return x

    def _near(self, elements: Mapping[int, Any], x: torch.Tensor) -> Iterator[torch.Tensor]:
        """Yield an input with some elements set, and with the numbers beside them.

        A solver's numbers are often just beyond one that decides, where the dtype has none.
        """
        made = self._with(elements, x)
        if made is None:
            return
        yield made
        if self.system.name != "real":
            return
        places = list(elements)
        for towards in (torch.inf, -torch.inf, 2 * made[places], 0 * made[places]):
            near = made.clone()
            ends = torch.as_tensor(towards, dtype=made.dtype)
            near[places] = torch.nextafter(made[places], ends.expand(len(places)))
            if bool(near.isfinite().all()):
                yield near

    def _kernels(self) -> str:
        """Return which kernels a verdict rests on, and on how many cases they were tried."""
        used = sorted(self.left.operators | self.right.operators)
        names = [
            f"{name.removeprefix('aten.')} ({established().cases(name, self.system.name)})"
            for name in used
        ]
        if not names:
            return "kernels: none that makes a number"
        line = f"kernels: {', '.join(names)}, each as its terms round it"
        here = torch.backends.cpu.get_cpu_capability()
        tried_on = established().processor
        return line if here == tried_on else f"{line}; tried on {tried_on}, this is {here}"

    def _footprint(self) -> tuple[str, ...]:
        """Return what a verdict takes for granted, and what it rests on."""
        lines = [f"system: {self.system.name}"]
        if self.about is not None:
            lines = self.about.lines()
        elif self.system.name == "real":
            lines[0] += f"; the rounding of {kind(self.dtype)} is bounded in every run, not proved"
        if self.given is not None:
            lines.append(f"given: {self.given.given.words}, for every element of the input")
        shapes = ", ".join(str(shape) for shape in self.shapes)
        lines.append(f"sizes: {shapes} only")
        lines.append(f"runs: {self.agreed} inputs, each held against its terms")
        if self.close is not None:
            seen = f"{self.close} inputs where they are close" if self.close else "no such input"
            lines.append(
                f"decisions: by computed values, taken as if they were exact; {seen} "
                f"{'agree' if self.close else 'was found on which that matters'}"
            )
        if self.algebra.rounds:
            lines.append(self._kernels())
        if self.algebra.readings:
            read = [
                f"{number:.9g} as {meant} ({'+' if meant > number else '−'}"
                f"{abs(float(meant) - number):.1g})"
                for number, meant in list(self.algebra.readings.items())[:4]
            ]
            more = len(self.algebra.readings) - len(read)
            lines.append(f"weights: {', '.join(read)}" + (f" and {more} more" if more else ""))
        if self.algebra.logarithms:
            read = [f"{n:.9g} as {'−' * (n < 0)}log {k}"
                    for n, k in list(self.algebra.logarithms.items())[:4]]  # fmt: skip
            lines.append(f"weights: {', '.join(read)}")
        for side, whose in ((self.module, "module"), (self.reference, "reference")):
            if isinstance(side.module, torch.nn.Module):
                lines.append(f"{whose}: in {'training' if side.trains else 'eval'} mode")
            if side.compiled:
                lines.append(f"{whose}: read as its eager code; the compiled one was run")
        for explored, whose in ((self.left, "module"), (self.right, "reference")):
            if explored.joined:
                lines.append(f"{whose}: read with both arms of its decisions joined; run as it is")
            if explored.decided:
                where = ", ".join(w or "unknown" for w in explored.decided[:3])
                lines.append(f"{whose}: decides at {where}; all {explored.paths} ways were gone")
        lines += [f"{words} at inputs such as {x}" for words, x in self.remarks.items()]
        if flushed():
            lines.append(FLUSHED)
        if not available():
            lines.append("reads of memory around torch's operators are not noticed on this system")
        return tuple(lines) if self.back is None else self.back.footprint(lines)


def _same(first: torch.Tensor, second: torch.Tensor) -> bool:
    from verify.judge.watching.running import same

    return same(first, second)


def _first(differs: torch.Tensor) -> tuple[int, ...]:
    return tuple(int(i) for i in differs.nonzero()[0]) if differs.ndim else ()


def _shown(x: torch.Tensor) -> str:
    """Return an input in a few words."""
    head = ", ".join(f"{v:.6g}" for v in x[:6].tolist())
    return f"[{head}{', …' if len(x) > 6 else ''}]"


def _number(value: Any) -> str:
    return f"{float(value):.9g}"


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


def _plain(value: Any) -> Any:
    if isinstance(value, list):
        return [_plain(entry) for entry in value]
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    return value
