"""A proof for every size: classes of sizes, the small sizes of each, and why the others follow.

Both sides are run on symbols, for every class of remainders of the sizes and every way in which
their decisions about sizes can go. Where both outputs grow regularly, the sizes of a class that do
not follow from smaller ones are finitely many, and each is judged as any module of one size is:
by real runs, whose terms are proved equal.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import product
from types import CodeType, FunctionType, MethodType, ModuleType
from typing import TYPE_CHECKING, Any

import numpy
import torch

from proofs.systems import SYSTEMS
from proofs.verdict import Verdict
from verify.cores import single_thread
from verify.judge.conditions.given import Given
from verify.judge.equivalence import Equivalence
from verify.judge.shape.one_shape import OneShape
from verify.judge.shape.question import Question
from verify.judge.side import Judged, Side
from verify.judge.sizes.cover import Solver, Ties, chains, judged_apart, lessened, outside
from verify.judge.sizes.lengths import (
    Condition,
    Length,
    PeriodError,
    Sizes,
    UnreadableError,
    conditions_of,
)
from verify.judge.sizes.named import UndefinedError, growing
from verify.judge.sizes.regular import Axis, Fixed, Open, Regular, Uniform, from_length, joined
from verify.judge.sizes.steps import Steps
from verify.judge.sizes.tracing import Traced, traced
from verify.judge.sizes.words import described
from verify.judge.tolerance.within import SEARCHING, Tolerance
from verify.judge.watching.observer import WatchedTooLongError
from verify.judge.watching.running import NotJudgedError, broken, first_line, quiet

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from verify.judge.tolerance.asked import Asked

#: Sizes that are judged one by one, at most.
MOST_SIZES = 1500
#: Classes of one class of remainders, at most.
MOST_CLASSES = 60
#: Of these, classes that are not read; if there are more, all of these remainders are one.
MOST_UNREAD = 12
#: Periods, at most.
LONGEST_PERIOD = 64
#: Seconds, from the beginning, in which solvers check what is proved without them.
CHECKED = 2.0
#: A size that is larger than most windows, and not 1.
USUAL = 7
#: Telling inputs at each size but the first ones.
FEW = 4
#: Sizes that are judged where all cannot be.
SEVERAL = 60
#: Sizes that are judged so where a bound is asked for, which takes longer.
WITH_BOUNDS = 6
#: Sizes up to so many are named one by one.
NAMED = 3
#: Sizes beyond those that are judged apart at which both are run.
BEYOND = (3, 7, 19)
MOST_BEYOND = 40
#: Decisions by products of sizes for which a size is looked for.
MOST_ASKED = 8
#: Smaller sizes than one that fails that are judged, where it need not be the smallest.
MOST_SMALLER = 250
#: Of these, along one axis.
MOST_ALONG = 40
#: Sizes that are tried at which such a decision goes one way, and the other.
MOST_EITHER = 6
#: Pairs of sizes that are looked at for the smallest at which a decision goes one way.
MOST_PAIRS = 100_000
#: Processor seconds in which a worst input is searched for at each size, of a bound.
SEARCHED = 0.1
#: Elements of an input that is run to look beyond.
LARGEST = 1 << 18

#: A size of the input: a number, or a letter for one that is open.
OpenShape = tuple[int | str, ...]


@dataclass
class Class:
    """Sizes at which both sides do the same, but for how often."""

    periods: Mapping[str, tuple[int, int]]
    #: Sizes that are one number in this class.
    closed: Mapping[str, int]
    conditions: tuple[Condition, ...]
    steady: Mapping[str, int]
    steps: tuple[Steps | None, Steps | None]
    #: How both outputs grow, and from which counts on they do.
    output: Regular | None = None
    grows: Mapping[str, int] = field(default_factory=dict)
    #: Counts that are said by another in this class.
    tied: Mapping[str, Length] = field(default_factory=dict)
    #: Sizes along which whole axes are folded: from how many smaller ones the next follows.
    depth: Mapping[str, int] = field(default_factory=dict)
    #: Why there is no reference at these sizes.
    undefined: str | None = None
    #: Where a size was made a plain number.
    plain: str = ""
    #: Why no such output can be right, unless its shape is so by chance.
    unlike: str = ""
    #: Why nobody says what becomes of these sizes.
    unread: str = ""
    #: The counts at which it was found.
    seen: Mapping[str, int] = field(default_factory=dict)
    #: The counts from which all others follow; of sizes that are not read, or of such an output,
    #: the smallest.
    apart: list[dict[str, int]] = field(default_factory=list)

    @property
    def letters(self) -> tuple[str, ...]:
        """The sizes that are open."""
        return tuple(self.periods)

    @property
    def ties(self) -> Ties:
        """The sizes that grow with another, each as often as it does by one period."""
        found: dict[str, list[str]] = {}
        for letter, count in self.tied.items():
            (base,) = count.letters
            found.setdefault(base, []).extend([letter] * count.slope(base))
        return found

    def sizes(self, counts: Mapping[str, int]) -> dict[str, int]:
        """Return the sizes that counts of periods stand for."""
        return {le: p * counts[le] + r for le, (p, r) in self.periods.items()}

    def follows(self, counts: Mapping[str, int]) -> NDArray[numpy.bool_] | None:
        """Say which outputs are as at a smaller size, from the left or from the right."""
        if self.output is None:
            return None
        found = numpy.zeros([n.at(counts) for n in self.output.shape], bool)
        for chain in chains(self.letters, self.depth, self.ties):
            below = [lessened(counts, chosen) for chosen in chain]
            if all(less[le] >= self.grows.get(le, 0) for less in below for le in chain[0]) and all(
                c.holds(less) for less in below for c in self.conditions
            ):
                found |= carried(self.output, counts, below[0], chain[0])
        return found


_LATE = "out of time"
_OTHERWISE = "at {} it goes another way than where sizes are symbols"


class EverySize:
    """A module and a reference, at every size."""

    def __init__(
        self, module: Judged, reference: Judged | str, shape: OpenShape, system: str,
        engines: tuple[str, ...], deadline: float, progress: Callable[[str], None], *,
        given: Given | None, asked: Callable[[tuple[int, ...]], Asked] | None = None,
    ) -> None:  # fmt: skip
        #: Which bound is asked for at a shape, if one is.
        self.bound_at = asked
        self.shape = shape
        self.letters = tuple(dict.fromkeys(n for n in shape if isinstance(n, str)))
        self.system = SYSTEMS[system]
        self.engines, self.deadline, self.progress = engines, deadline, progress
        at = self.numbers(dict.fromkeys(self.letters, 1))
        dtype = None if asked is None else asked(at).dtype
        self.sides = tuple(
            Side(given, self.system, (at,), dtype, sized=False) for given in (module, reference)
        )
        #: What every element of the input meets: what holds of all such inputs at one size holds of
        #: their parts, which are what the next size is made of.
        self.given = None if given is None else given.within(self.system, self.sides[0].dtype)
        self.proved: dict[Any, Any] = {}
        self.checked_until = time.perf_counter() + CHECKED
        self.agreed = 0
        #: How many sizes beyond were run.
        self.ran = 0
        #: Whole numbers that stand in the code, and those beside them.
        self.named = sorted({
            number + more for side in self.sides for number in numbers_in(side.watched)
            for more in (-1, 0, 1)
        })  # fmt: skip
        #: What came of every shape that was judged.
        self.at: dict[tuple[int, ...], Equivalence | None] = {}
        #: What was decided by products of sizes.
        self.asked: dict[tuple[tuple[tuple[str, tuple[int, int]], ...], Condition], None] = {}
        #: Shapes of which some outputs were not looked at, as they follow from smaller ones.
        self.following: set[tuple[int, ...]] = set()

    @property
    def name(self) -> str:
        """The number system: that in which a bound is asked for, if one is."""
        if self.bound_at is None:
            return self.system.name
        return self.bound_at(self.numbers(dict.fromkeys(self.letters, 1))).system.name

    def numbers(self, sizes: Mapping[str, int]) -> tuple[int, ...]:
        """Return the shape at known sizes."""
        return tuple(sizes[n] if isinstance(n, str) else n for n in self.shape)

    # -- one size --------------------------------------------------------------------------------

    def judge(
        self, shape: tuple[int, ...], known: NDArray[numpy.bool_] | None = None
    ) -> Equivalence | None:
        """Return what comes of one size, ``None`` if there is no reference.

        Of outputs that are ``known`` nothing is proved; they are run, and held against their terms.
        """
        if shape not in self.at:
            if known is not None and known.any():
                self.following.add(shape)
            self.at[shape] = self._judged(shape, known)
        return self.at[shape]

    def _judged(
        self, shape: tuple[int, ...], known: NDArray[numpy.bool_] | None
    ) -> Equivalence | None:
        mine, theirs = self.sides
        for side in self.sides:
            side.shapes = (shape,)
        about = None if self.bound_at is None else self.bound_at(shape)
        question = Question(mine, theirs, self.system, (shape,), self.deadline, about, self.given)
        case = OneShape(
            question, self.engines, lambda _: None, most=FEW if self.at else None,
            searching=SEARCHING if about is None else SEARCHED, settled=self.proved,
            checked_until=self.checked_until, known=known if about is None else None,
        )  # fmt: skip
        try:
            theirs.plain(mine.dtype)
        except NotJudgedError:
            return None
        try:
            mine.plain(mine.dtype)
        except NotJudgedError as failure:
            return question.found(Verdict.REFUTED, str(failure))
        try:
            found = case.judged()
        except WatchedTooLongError as late:
            found = question.found(Verdict.UNKNOWN, str(late) or "out of time while it was watched")
        except NotJudgedError as reason:
            found = question.found(Verdict.NOT_JUDGED, str(reason))
        self.agreed += case.agreed
        return found

    # -- classes ---------------------------------------------------------------------------------

    def classes(self) -> list[Class]:
        """Return classes that hold every size.

        Raises:
            UnreadableError: Nobody says what becomes of some size.
        """
        periods = dict.fromkeys(self.letters, 1)
        while True:
            try:
                found: list[Class] = []
                spans = [range(1, periods[le] + 1) for le in self.letters]
                for remainders in product(*spans):
                    of = {le: (periods[le], r) for le, r in zip(self.letters, remainders,
                                                                strict=True)}  # fmt: skip
                    found += self._classes_of(of)
                return found
            except PeriodError as error:
                periods[error.letter] *= error.factor
                if math.prod(periods.values()) > LONGEST_PERIOD**2:
                    raise UnreadableError("sizes are divided by too many numbers") from None

    def _classes_of(self, periods: Mapping[str, tuple[int, int]]) -> list[Class]:
        """Return the classes of all sizes with the same remainders."""
        found: list[Class] = []
        solver = outside(self.letters, [])
        z3 = solver.z3
        # At first sizes that are typical: larger than a window, and not 1.
        usual: dict[str, int] | None = {
            le: -(-(USUAL - r) // p) if p < USUAL else 1 for le, (p, r) in periods.items()
        }
        while True:
            counts = usual or solver.model()
            usual = None
            if counts is None:
                return found
            if time.perf_counter() > self.deadline:
                raise UnreadableError(_LATE)
            of = self._class(periods, counts, first=not found)
            if not all(c.holds(counts) for c in of.conditions):
                raise AssertionError("a class without the sizes it was found at")
            of.seen = counts
            if not found and of.plain:
                # So it is at the first size that was looked at: each would be a class of its own.
                raise UnreadableError(f"a size becomes a plain number{of.plain}")
            found.append(of)
            solver.solver.add(z3.Not(solver.all(of.conditions)))
            unread = [one for one in found if one.unread]
            if len(unread) > MOST_UNREAD or (unread and len(found) > MOST_CLASSES):
                # Nobody says what becomes of these remainders; of others it may be known.
                least = min(unread, key=lambda one: tuple(one.seen.values()))
                return [replace(least, closed={}, conditions=(), unread=unread[0].unread)]
            if len(found) > MOST_CLASSES:
                raise UnreadableError(f"it treats sizes apart in more than {MOST_CLASSES} ways")

    def _class(
        self, periods: Mapping[str, tuple[int, int]], counts: Mapping[str, int], *, first: bool
    ) -> Class:
        """Return the class of one size, of the ``first`` one as it is."""
        try:
            found = self._class_with(periods, counts, {}, {}, first=first)
        except _Closing as closing:
            # Where a size can only be one number, it is no longer open.
            return self._class_with(periods, counts, closing.sizes, {}, first=first)
        tied: dict[str, Length] = {}
        while found.undefined is None and (more := tie(found.conditions, tied)):
            # Where a size is said by another, they grow together.
            tied |= more
            again = self._class_with(periods, counts, {}, tied, first=first)
            if again.unread and not (found.unread or found.depth):
                break
            found = again
        return found

    def _class_with(
        self, periods: Mapping[str, tuple[int, int]], counts: Mapping[str, int],
        closed: Mapping[str, int], tied: Mapping[str, Length], *, first: bool,
    ) -> Class:  # fmt: skip
        whole = Sizes(periods, counts)
        numbers = {le: whole.number(whole.size(le)) for le in periods}
        if math.prod(self.numbers(numbers)) > LARGEST:
            raise UnreadableError(f"sizes as large as {self.numbers(numbers)} are classes apart")
        own = {le: p for le, p in periods.items() if le not in closed and le not in tied}
        lengths = {le: tied[le] * periods[le][0] + periods[le][1] for le in tied}
        along = {
            place: lengths[n].slope(*lengths[n].letters)
            for place, n in enumerate(self.shape) if n in lengths
        }  # fmt: skip
        sides = [Sizes(own, counts, along=along) for _ in self.sides]
        pins = tuple(Condition("==", Length.of({(le,): 1, (): -counts[le]})) for le in closed)
        for le, count in tied.items():
            pins += (Condition("==", Length.of({(le,): 1}) - count), Condition(">=", count))
        try:
            found = self._traced(periods, closed, lengths, pins, sides, numbers)
            return replace(found, tied=tied)
        except UnreadableError as error:
            conditions = (*conditions_of(*sides), *pins)
            plain = next((line for side in sides for line in side.plain), "")
            if not (first and plain) and not tied:
                self._close(conditions, own, counts, closed, numbers)
            return Class(periods, closed, conditions, {}, (None, None), plain=plain, tied=tied,
                         unread=str(error))  # fmt: skip
        finally:
            if not tied:
                known = tuple(own.items())
                self.asked |= {(known, c): None for side in sides for c in side.asked}

    def _traced(
        self, periods: Mapping[str, tuple[int, int]], closed: Mapping[str, int],
        lengths: Mapping[str, Length], pins: tuple[Condition, ...], sides: Sequence[Sizes],
        numbers: Mapping[str, int],
    ) -> Class:  # fmt: skip
        """Return the class of the sizes at hand, by running both sides on symbols.

        Raises:
            UnreadableError: It is not known what becomes of them.
        """
        axes = tuple(
            self._axis(place, n, sides[0], numbers, closed, lengths)
            for place, n in enumerate(self.shape)
        )
        real = _ramp(self.numbers(numbers), self.sides[0].dtype)
        try:
            theirs = self._reference(Regular(axes), real, sides[1])
        except UnreadableError:
            # Nothing will be proved, but what the module asks of sizes is to be known.
            self._seen(0, Regular(axes), real, sides[0])
            raise
        if isinstance(theirs, str):
            return Class(periods, closed, (*conditions_of(sides[1]), *pins), {}, (None, None),
                         undefined=theirs)  # fmt: skip
        mine = self._seen(0, Regular(axes), real, sides[0])
        conditions = (*conditions_of(*sides), *pins)
        plain = next((line for side in sides for line in side.plain), "")
        if mine.error is not None:
            # At these sizes it is a refutation, which running shows. What torch refuses is no
            # condition that was noted: at others of them it may not fail.
            why = f"it fails where sizes are symbols: {first_line(mine.error)}"
            return Class(periods, closed, conditions, {}, (None, None), plain=plain, unread=why)
        if isinstance(mine.state, str):
            raise UnreadableError(f"a size becomes a plain number{plain}" if plain else mine.state)
        if mine.state.shape != theirs.shape:
            why = f"its output has shape {_words(mine.state)}, not {_words(theirs)}"
            return Class(periods, closed, conditions, {}, (mine.steps, None),
                         plain=plain, unlike=why)  # fmt: skip
        output, grows, steady = self._steady(mine.state, theirs, sides)
        depth = depths(output)
        return Class(periods, closed, conditions, steady, (mine.steps, self._steps),
                     output, grows, depth=depth, plain=plain)  # fmt: skip

    def _close(
        self, conditions: Sequence[Condition], own: Mapping[str, Any], counts: Mapping[str, int],
        closed: Mapping[str, int], numbers: Mapping[str, int],
    ) -> None:  # fmt: skip
        """Ask for a class in which sizes that can only be one number are not open."""
        if closed:
            return
        solver = Solver(list(own))
        solver.solver.add(solver.all(conditions))
        only = {}
        for le in own:
            if solver.model(solver.names[le] != counts[le]) is None:
                only[le] = numbers[le]
        if only:
            raise _Closing(only)

    def _axis(
        self, place: int, size: int | str, sizes: Sizes, numbers: Mapping[str, int],
        closed: Mapping[str, int], lengths: Mapping[str, Length],
    ) -> Axis:  # fmt: skip
        if isinstance(size, int) or size in closed:
            number = size if isinstance(size, int) else numbers[size]
            return () if number == 1 else (Fixed(number),)
        if size in lengths:
            (base,) = lengths[size].letters
            return (Open(base, place, lengths[size], plain=True),)
        return (Open(size, place, sizes.size(size), plain=True),)

    def _reference(self, input_: Regular, real: torch.Tensor, sizes: Sizes) -> Regular | str:
        """Return how the reference's output grows, or why there is none."""
        pooling = self.sides[1].pooling
        self._steps: Steps | None = None
        if pooling is not None:
            try:
                return growing(pooling, input_, sizes)
            except UndefinedError as error:
                return str(error)
        seen = self._seen(1, input_, real, sizes)
        if seen.error is not None and not seen.refused:
            return f"the reference fails: {type(seen.error).__name__}"
        if seen.error is not None:
            raise UnreadableError(f"the reference: {seen.refused}")
        self._steps = seen.steps
        if isinstance(seen.state, str):
            if sizes.plain:
                raise UnreadableError(
                    f"the reference: a size becomes a plain number{sizes.plain[0]}"
                )
            raise UnreadableError(f"the reference: {seen.state}")
        return seen.state

    def _seen(self, number: int, input_: Regular, real: torch.Tensor, sizes: Sizes) -> Traced:
        """Run a side on symbols and on numbers, and hold the one against the other."""
        module = self.sides[number].watched
        found = traced(module, input_, real, sizes)
        steps, error = stepped(module, real)
        whose = "the reference: " if number else ""
        if isinstance(found.state, str) and found.error is None:
            return found  # it was not run to its end
        if (error is None) != (found.error is None) or steps != found.steps:
            why = "" if found.error is None else f": {first_line(found.error)}"
            raise UnreadableError(f"{whose}it does otherwise where sizes are symbols{why}")
        return found

    def _steady(
        self, mine: Regular, theirs: Regular, sides: Sequence[Sizes]
    ) -> tuple[Regular, dict[str, int], dict[str, int]]:
        """Return how both outputs grow, from which counts on, and from which on all is covered.

        Raises:
            UnreadableError: The outputs do not grow alike.
        """
        both = joined(sides[0], [mine, theirs])
        if both.scaled and self.name != "real":
            # A sum that is rounded is not what its parts say, and its error grows with it.
            raise UnreadableError(f"what was made of whole axes, in {self.name}")
        carried_ = Sizes(sides[0].periods, sides[0].counts)
        for axis in both.axes:
            for factor in axis:
                if isinstance(factor, Open):
                    from_length(carried_, factor, factor.step + factor.left + factor.right)
        letters = sides[0].periods
        grows = {le: max(0, *(s.steady.get(le, 0) for s in sides)) for le in letters}
        steady = {le: max(grows[le], carried_.steady.get(le, 0)) for le in letters}
        return both, grows, steady

    # -- what it comes to ------------------------------------------------------------------------

    def _steady_first(self) -> None:
        """Hold both sides to be functions of their input, before anything is run otherwise."""
        shape = self.numbers(dict.fromkeys(self.letters, USUAL))
        for side, whose in zip(self.sides, ("", "the reference: "), strict=True):
            side.shapes = (shape,)
            try:
                why = side.unsteady(self.sides[0].dtype)
            except NotJudgedError:  # it takes no such input
                continue
            if why is not None and not why.startswith("it draws random numbers from torch"):
                raise NotJudgedError(f"{whose}{why}")

    def found(self) -> Equivalence:
        """Return the finding."""
        self._steady_first()
        try:
            classes = self.classes()
            self._choose(classes)
        except UnreadableError as reason:
            return self._bounded(str(reason))
        defined = [one for one in classes if one.undefined is None]
        unread = next((one.unread for one in defined if one.unread), "")
        if unread and self.bound_at is not None:
            return self._bounded(unread)
        of = {
            self.numbers(one.sizes(counts)): (one, counts)
            for one in defined for counts in one.apart
        }  # fmt: skip
        every = sorted(of, key=_order)
        refuted: Equivalence | None = None
        for number, shape in enumerate(every):
            if time.perf_counter() > self.deadline:
                if refuted is not None:
                    break
                return self._bounded(_LATE, every[:number], defined)
            one, counts = of[shape]
            found = self.judge(shape, one.follows(counts))
            if found is None and one.unread:
                continue
            if found is None:
                return self._bounded(f"there is no reference at {_shape(shape)}")
            if found.verdict is Verdict.REFUTED:
                refuted = refuted or found
            elif not found.verdict.settles:
                if refuted is None:
                    return self._undecided(found, shape)
                break
            elif not one.unread and not self._same_way(one, shape):
                return self._bounded(_OTHERWISE.format(_shape(shape)), every[: number + 1])
            self.progress(f"{number + 1} of {len(every)} sizes judged")
        if refuted is not None:
            # Of classes that are read the smallest is among those that were judged.
            read = not any(one.unread or one.unlike for one in defined)
            return self._refuted(refuted, defined, smallest=read)
        for one in defined:
            if one.unlike:
                return self._bounded(one.unlike, every)
        strange = self._beyond([one for one in defined if not one.unread])
        if strange is not None:
            return strange
        if unread:
            return self._bounded(unread, [s for s in every if self.at.get(s)] or None, defined)
        return self._all(classes, every)

    def _all(self, classes: list[Class], every: list[tuple[int, ...]]) -> Equivalence:
        if not every:
            return self._bounded("there is a reference at no size")
        defined = [one for one in classes if one.undefined is None]
        words = (
            f"{len(every)} size{'s' * (len(every) > 1)} up to {_shape(_largest(every))} judged, in "
            f"{len(defined)} class{'es' * (len(defined) > 1)}; all others follow"
        )
        found = self._finding(Verdict.PROVED, words)
        found = replace(found, sizes="all", footprint=self._footprint(classes))
        largest = self._largest_bound()
        if largest is None:
            return found
        bound, shape = largest
        if bound.absolute == 0:
            return replace(found, tolerance=bound, reason=f"nothing rounds; {words}")
        words = f"{bound.in_words()}, as at {_shape(shape)}; {words}"
        return replace(found, verdict=Verdict.WITHIN, tolerance=bound, reason=words)

    def _largest_bound(self) -> tuple[Tolerance, tuple[int, ...]] | None:
        """Return the largest bound that was found and its shape, if anything is rounded."""
        rounded = [
            (found.tolerance, shape) for shape, found in self.at.items()
            if found is not None and found.tolerance is not None
        ]  # fmt: skip
        return max(rounded, key=lambda one: one[0].absolute, default=None)

    def _footprint(self, classes: list[Class]) -> tuple[str, ...]:
        """Return what a proof for every size takes for granted, and what it rests on."""
        kept = [f"system: {self.system.name}"]
        if self.bound_at is not None:
            kept = self.bound_at(self.numbers(dict.fromkeys(self.letters, 1))).lines()
        periods = {le: p for one in classes for le, (p, _) in one.periods.items()}
        kept.append(
            "sizes: all from 1 on at which there is a reference, by "
            + ", ".join(f"{le} in steps of {p}" for le, p in periods.items())
        )
        if self.given is not None:
            kept.append(f"given: {self.given.given.words}, for every element of the input")
        kept.append(f"runs: {self.agreed} inputs held against their terms; {self.ran} sizes beyond")
        kept.append("taken: torch's operators do at every size what they do at these")
        return tuple(kept)

    def _finding(self, verdict: Verdict, reason: str) -> Equivalence:
        return Equivalence("", "", self.shape, self.name, verdict, reason)

    def _refuted(
        self, found: Equivalence, classes: Sequence[Class], *, smallest: bool = False
    ) -> Equivalence:
        """Return the refutation at one size, with the sizes for which it is proved all the same.

        Unless it is known to be the ``smallest``, one that is smaller is looked for.
        """
        if not smallest:
            found, smallest = self._lowered(found)
        at = _shape(found.input_shape)
        words = self._in_words(classes)
        several = self._several()
        reason = f"at {at}: {found.reason}"
        if words or several:
            reason = f"{reason}; proved for {words or several}"
        if not smallest:
            reason = f"{reason}; of smaller sizes not all were tried"
        return replace(
            found, input_shape=self.shape, sizes=words or several or "none", reason=reason
        )

    def _lowered(self, found: Equivalence) -> tuple[Equivalence, bool]:
        """Return the refutation at the smallest size found, and whether there is no smaller one."""
        lower = self._along(found)
        while lower is not None:
            found, lower = lower, self._along(lower)
        shape = found.input_shape
        for smaller in self._least(shape):
            other = self._fails(smaller)
            if other is not None and _order(smaller) < _order(shape):
                found, shape = other, smaller
        tried = 0
        for smaller in self._below(shape):
            if smaller in self.at:
                continue
            tried += 1
            if tried > MOST_SMALLER or time.perf_counter() > self.deadline:
                return found, False
            other = self._fails(smaller)
            if other is not None:
                return other, True
        return found, True

    def _fails(self, shape: tuple[int, ...]) -> Equivalence | None:
        found = self.judge(shape)
        return found if found is not None and found.verdict is Verdict.REFUTED else None

    def _along(self, found: Equivalence) -> Equivalence | None:
        """Return a refutation at a size that is smaller along one axis, the smallest there."""
        at = dict(zip(self.shape, found.input_shape, strict=True))
        sizes = {letter: at[letter] for letter in self.letters}
        for letter, most in sizes.items():
            for number in range(1, most)[:MOST_ALONG]:
                if time.perf_counter() > self.deadline:
                    return None
                other = self._fails(self.numbers({**sizes, letter: number}))
                if other is not None:
                    return other
            # Beyond those as if all from some size on failed.
            least: Equivalence | None = None
            low, high = MOST_ALONG, most
            while high - low > 1 and time.perf_counter() < self.deadline:
                middle = (low + high) // 2
                other = self._fails(self.numbers({**sizes, letter: middle}))
                low, high, least = (middle, high, least) if other is None else (low, middle, other)
            if least is not None:
                return least
        return None

    def _least(self, most: tuple[int, ...]) -> Iterator[tuple[int, ...]]:
        """Yield the smallest shapes at which decisions by products of two sizes go either way."""
        for known, condition in [*self.asked][:MOST_ASKED]:
            periods = dict(known)
            letters = sorted(condition.length.letters)
            room = math.prod(most)
            if len(letters) != 2 or room > MOST_PAIRS or len(periods) < len(self.letters):
                continue
            (p, r), (q, s) = (periods[le] for le in letters)
            left = {True: MOST_EITHER, False: MOST_EITHER}
            pairs = [(h, w) for h in range(r, room + 1, p) for w in range(s, room // h + 1, q)]
            for h, w in sorted(pairs, key=lambda pair: (pair[0] * pair[1], pair)):
                holds = condition.holds({letters[0]: (h - r) // p, letters[1]: (w - s) // q})
                left[holds] -= 1
                if left[holds] >= 0:
                    sizes = {le: rest for le, (_, rest) in periods.items()}
                    yield self.numbers({**sizes, letters[0]: h, letters[1]: w})
                if max(left.values()) <= 0:
                    break

    def _below(self, shape: tuple[int, ...]) -> list[tuple[int, ...]]:
        """Return shapes before one, in order: all of them, or more than are ever tried."""
        most = 1
        while True:
            most = min(2 * most, math.prod(shape))
            found = [
                self.numbers(dict(zip(self.letters, each, strict=True)))
                for each in self._within(self.letters, most // math.prod(
                    n for n in self.shape if isinstance(n, int)))
            ]  # fmt: skip
            found = [one for one in found if _order(one) < _order(shape)]
            if most == math.prod(shape) or len(set(found) - self.at.keys()) > MOST_SMALLER:
                return sorted(found, key=_order)

    def _within(self, letters: Sequence[str], most: int) -> Iterator[tuple[int, ...]]:
        """Yield sizes of letters of whose axes there are at most so many elements."""
        if not letters:
            yield ()
            return
        first, *others = letters
        times, size = self.shape.count(first), 1
        while size**times <= most:
            yield from ((size, *rest) for rest in self._within(others, most // size**times))
            size += 1

    def _proved_at(self, shape: tuple[int, ...]) -> bool:
        """Say whether it is proved at a size that was judged."""
        found = self.at.get(shape)
        return found is not None and (
            found.verdict.settles and found.verdict is not Verdict.REFUTED
        )

    def _in_words(self, classes: Sequence[Class]) -> str:
        """Return for which classes of sizes it is proved, nothing if for none."""
        proved: list[tuple[Mapping[str, tuple[int, int]], Sequence[Condition]]] = []
        others: list[tuple[Mapping[str, tuple[int, int]], Sequence[Condition]]] = []
        for one in classes:
            shapes = [self.numbers(one.sizes(counts)) for counts in one.apart]
            fine = (
                not one.unlike and not one.unread and bool(shapes)
                and all(self._proved_at(shape) for shape in shapes)
            )  # fmt: skip
            (proved if fine else others).append((one.periods, one.conditions))
        late = time.perf_counter() > self.deadline
        return "" if late or not proved else described(self.letters, proved, others)

    def _several(self) -> str:
        """Return the sizes at which it is proved, one by one: how many and which is the largest."""
        refuted = any(f is not None and f.verdict is Verdict.REFUTED for f in self.at.values())
        # Where a smaller size failed, nothing follows from it.
        without = self.following if refuted else set()
        shapes = sorted(
            (shape for shape in self.at if shape not in without and self._proved_at(shape)),
            key=_order,
        )
        if not shapes:
            return ""
        if len(shapes) <= NAMED:
            return ", ".join(map(_shape, shapes))
        return f"{len(shapes)} sizes up to {_shape(shapes[-1])}"

    def _same_way(self, one: Class, shape: tuple[int, ...]) -> bool:
        """Say whether both sides go through the same instructions as where sizes were symbols."""
        for side, way in zip(self.sides, one.steps, strict=True):
            if way is not None:
                seen, error = stepped(side.watched, _ramp(shape, self.sides[0].dtype))
                if error is not None or seen != way:
                    return False
        return True

    def _beyond(self, classes: list[Class]) -> Equivalence | None:
        """Run both at sizes that follow from others, and at those that the code names."""
        for one in classes:
            for sizes in self._farther(one):
                shape = self.numbers(sizes)
                x = _ramp(shape, self.sides[0].dtype)
                if time.perf_counter() > self.deadline:
                    return self._bounded(_LATE, list(self.at))
                for side in self.sides:
                    side.shapes = (shape,)
                flat = x.reshape(-1) if self.given is None else self.given.moved(x.reshape(-1))
                most = 1e-3
                if self.bound_at is not None:
                    asked, largest = self.bound_at(shape), self._largest_bound()
                    low, high = (end.double() for end in asked.limits)
                    flat = (low + (high - low) * (flat.double() / 100)).to(asked.dtype)
                    # The reference may be rounded as well.
                    most = 0.0 if largest is None else 4 * largest[0].absolute
                left, right = (side.run(flat) for side in self.sides)
                same = left.shape == right.shape and torch.allclose(
                    left.double(), right.double(), rtol=1e-3, atol=most, equal_nan=True
                )
                if not same:
                    found = self.judge(shape)
                    if found is not None and found.verdict is Verdict.REFUTED:
                        return self._refuted(found, classes)
                if not same or not self._same_way(one, shape):
                    return self._bounded(_OTHERWISE.format(_shape(shape)), list(self.at))
                self.ran += 1
        return None

    def _farther(self, one: Class) -> list[dict[str, int]]:
        """Return sizes of a class beyond those that were judged."""
        most = {le: max((c[le] for c in one.apart), default=0) for le in one.letters}
        wanted = [{le: n + more for le, n in most.items()} for more in BEYOND]
        wanted += [{**most, le: most[le] + more} for le in most for more in BEYOND]
        for number in self.named:
            for le, (period, remainder) in one.periods.items():
                if (number - remainder) % period == 0 and number > remainder:
                    wanted.append({**most, le: (number - remainder) // period})
        found = []
        for chosen in wanted:
            counts = {**chosen, **{le: count.at(chosen) for le, count in one.tied.items()}}
            sizes = one.sizes(counts)
            if all(c.holds(counts) for c in one.conditions) and (
                math.prod(self.numbers(sizes)) <= LARGEST
            ):
                found.append(sizes)
        return found[:MOST_BEYOND]

    def _choose(self, classes: list[Class]) -> None:
        """Choose the sizes of every class that are judged."""
        left = MOST_SIZES
        share = max(4, SEVERAL // max(1, sum(bool(c.unlike or c.unread) for c in classes)))
        for one in classes:
            if one.undefined is not None:
                continue
            if not (one.unlike or one.unread):
                try:
                    one.apart = judged_apart(
                        one.letters, one.conditions, one.steady, one.depth, left, one.ties
                    )
                except UnreadableError as reason:
                    one.unread = str(reason)
            if one.unlike or one.unread:
                one.apart = self._smallest(one, share)
                if dict(one.seen) not in one.apart:
                    one.apart.append(dict(one.seen))
            left -= len(one.apart)

    def _smallest(self, one: Class, most: int) -> list[dict[str, int]]:
        """Return the smallest sizes of a class: at one of them shapes are seen to differ."""
        solver = Solver(one.letters)
        solver.solver.add(solver.all(one.conditions))
        first = solver.model()
        assert first is not None  # it was found at some size
        spans = [range(max(8, first[le] + 4)) for le in one.letters]
        every = [dict(zip(one.letters, each, strict=True)) for each in product(*spans)]
        members = [counts for counts in every if all(c.holds(counts) for c in one.conditions)]
        return sorted(members, key=lambda counts: _order(self.numbers(one.sizes(counts))))[:most]

    def _bounded(
        self, why: str, judged: Sequence[tuple[int, ...]] | None = None,
        classes: Sequence[Class] = (),
    ) -> Equivalence:  # fmt: skip
        """Judge small sizes, and say why not all, and for which of the classes it is proved."""
        sizes = list(judged or ())
        several = SEVERAL if self.bound_at is None else WITH_BOUNDS
        for shape in self._ascending():
            if time.perf_counter() > self.deadline or len(sizes) >= several:
                break
            if shape in sizes:
                continue
            found = self.judge(shape)
            if found is None:
                continue
            if found.verdict is Verdict.REFUTED:
                return self._refuted(found, classes)
            if not found.verdict.settles:
                return self._undecided(found, shape)
            sizes.append(shape)
        for shape in (*self._asked(), *self._named(sizes)) if why != _LATE else ():
            found = self.judge(shape)
            if found is not None and found.verdict is Verdict.REFUTED:
                return self._refuted(found, classes)
        if not sizes:
            return replace(
                self._finding(Verdict.UNKNOWN, f"no size was judged: {why}"), sizes="none"
            )
        if self.bound_at is not None:
            why = f"no bound is known for every size: {why}; ask for one at a shape"
            return replace(self._finding(Verdict.UNKNOWN, why), sizes="none")
        words, listed = self._in_words(classes), self._several()
        return replace(
            self._finding(Verdict.PROVED_BOUNDED, f"{len(sizes)} sizes up to "
                          f"{_shape(_largest(sizes))} judged; not more: {why}"),
            sizes=f"{words}; besides {listed}" if words else listed,
        )  # fmt: skip

    def _undecided(self, found: Equivalence, shape: tuple[int, ...]) -> Equivalence:
        """Return what is no proof at one size, with the sizes for which there is one."""
        reason = f"at {_shape(shape)}: {found.reason}"
        return replace(
            found, input_shape=self.shape, reason=reason, sizes=self._several() or "none"
        )

    def _asked(self) -> Iterator[tuple[int, ...]]:
        """Yield shapes at which decisions by products of sizes go the one way, and the other."""
        for periods, condition in [*self.asked][:MOST_ASKED]:
            letters = [le for le, _ in periods]
            solver = Solver(letters)
            holds = solver.condition(condition)
            found: list[Mapping[str, int] | None] = [*_flips(periods, condition)]
            for wanted in (holds, solver.z3.Not(holds)):
                try:
                    found.append(solver.model(wanted))
                except UnreadableError:
                    continue
            for counts in found:
                if counts is None or len(letters) < len(self.letters):
                    continue
                shape = self.numbers({le: p * counts[le] + r for le, (p, r) in periods})
                if math.prod(shape) <= LARGEST and time.perf_counter() < self.deadline:
                    yield shape

    def _named(self, judged: Sequence[tuple[int, ...]]) -> Iterator[tuple[int, ...]]:
        """Yield shapes with one size that the code names, beside the smallest that was judged."""
        smallest = min(judged, key=_order, default=None)
        if smallest is None:
            return
        at = dict(zip(self.shape, smallest, strict=True))
        shapes = {
            self.numbers({**{le: at[le] for le in self.letters}, letter: number})
            for letter in self.letters for number in self.named
        }  # fmt: skip
        for shape in sorted(shapes, key=_order)[:MOST_BEYOND]:
            if math.prod(shape) <= LARGEST and time.perf_counter() < self.deadline:
                yield shape

    def _ascending(self) -> Iterator[tuple[int, ...]]:
        """Yield shapes, small ones first."""
        seen: set[tuple[int, ...]] = set()
        for most in (4, 16, 48, 100, 200, 400):
            spans = [range(1, min(most, 24) + 1) for _ in self.letters]
            shapes = [
                self.numbers(dict(zip(self.letters, each, strict=True)))
                for each in product(*spans) if math.prod(each) <= most
            ]  # fmt: skip
            for shape in sorted(set(shapes) - seen, key=_order):
                seen.add(shape)
                yield shape


def _flips(
    periods: Sequence[tuple[str, tuple[int, int]]], condition: Condition
) -> Iterator[dict[str, int]]:
    """Yield counts, small but for one, at which a condition that grows with them is decided.

    >>> area = Condition(">=", Length.of({("H", "W"): 1, (): -100}))
    >>> [*_flips((("H", (1, 1)), ("W", (1, 1))), area)]
    [{'H': 100, 'W': 1}, {'H': 1, 'W': 100}]
    """
    few = {letter: 1 for letter, _ in periods}
    first = condition.holds(few)
    for letter, _ in periods:
        if letter not in condition.length.letters:
            continue
        low, high = 1, 2
        while high <= LARGEST and condition.holds({**few, letter: high}) == first:
            low, high = high, 2 * high
        if high > LARGEST:
            continue
        while high - low > 1:
            middle = (low + high) // 2
            same = condition.holds({**few, letter: middle}) == first
            low, high = (middle, high) if same else (low, middle)
        yield {**few, letter: high}


def tie(conditions: Iterable[Condition], tied: Mapping[str, Length]) -> dict[str, Length]:
    """Return a count that another one says, and by what, if there is one that is not tied yet.

    >>> h, w = Length.of({("H",): 1}), Length.of({("W",): 1})
    >>> {le: str(count) for le, count in tie([Condition("==", h - w * 2 - 1)], {}).items()}
    {'H': '2·W + 1'}
    >>> tie([Condition("==", h + w - 9)], {})
    {}

    Raises:
        PeriodError: It is so for some remainders only.
    """
    for condition in conditions:
        terms = dict(condition.length.terms)
        linear = all(len(monomial) < 2 for monomial in terms)
        if condition.relation != "==" or not linear or len(terms) - (() in terms) != 2:
            continue
        rest = terms.pop((), 0)
        ((first,), a), ((other,), b) = terms.items()
        if a * b > 0 or {first, other} & tied.keys():
            continue
        shared = math.gcd(a, b, rest)
        a, b, rest = a // shared, b // shared, rest // shared
        if abs(a) > 1 and abs(b) > 1:
            raise PeriodError(other, abs(a))
        both = (
            (letter, Length.of({(base,): -slope * own, (): -rest * own}))
            for letter, own, base, slope in ((first, a, other, b), (other, b, first, a))
            if abs(own) == 1
        )  # fmt: skip
        # Of two that say one another, the one that is never negative.
        letter, count = max(both, key=lambda one: one[1].constant)
        return {letter: count}
    return {}


class _Closing(Exception):  # noqa: N818 - it is no error
    """Some sizes can only be one number; the argument tells which."""

    def __init__(self, sizes: Mapping[str, int]) -> None:
        super().__init__(sizes)
        self.sizes = sizes


def at_every_size(
    module: Judged, reference: Judged | str, shape: Sequence[Any], system: str,
    engines: tuple[str, ...], deadline: float, progress: Callable[[str], None], *,
    given: Given | None = None, asked: Callable[[tuple[int, ...]], Asked] | None = None,
) -> Equivalence:  # fmt: skip
    """Judge a module at every size.

    Args:
        module: What is judged.
        reference: What it is compared with.
        shape: Numbers, and letters for sizes that are open.
        system: The number system.
        engines: The solvers to ask.
        deadline: On the clock of :func:`time.perf_counter`.
        progress: Is told what was found so far.
        given: What every element of the input meets.
        asked: Which bound is asked for at a shape, if one is; the system is that of reals then.

    Raises:
        ValueError: A shape that is none, or one the reference does not take.
    """
    for size in shape:
        letter = isinstance(size, str) and size.isidentifier()
        if not letter and (type(size) is not int or size < 1):
            raise ValueError(
                f"input_shape must be whole numbers from 1 on and letters, got {tuple(shape)}"
            )
    every = EverySize(
        module, reference, tuple(shape), system, engines, deadline, progress,
        given=given, asked=asked,
    )  # fmt: skip
    try:
        with single_thread():
            found = every.found()
    except NotJudgedError as reason:
        found = every._finding(Verdict.NOT_JUDGED, str(reason))
    except Exception as error:  # whatever a module brings about here is no fault of its user's
        found = every._finding(Verdict.NOT_JUDGED, broken(error))
    mine, theirs = every.sides
    return replace(found, module=mine.name, reference=theirs.name, sizes=found.sizes or "none")


def carried(
    output: Regular, counts: Mapping[str, int], less: Mapping[str, int], chosen: Sequence[str]
) -> NDArray[numpy.bool_]:
    """Say which elements are as at counts smaller by one, from the left or from the right."""
    parts: list[NDArray[numpy.bool_]] = []
    for axis in output.axes:
        along = numpy.ones(1, bool)
        for factor in axis:
            size = factor.length.at(counts)
            here = numpy.ones(size, bool)
            if isinstance(factor, Open) and factor.letter in chosen:
                i = numpy.arange(size)
                left = i < factor.length.at(less) - factor.right
                here = left | (i >= factor.step + factor.left)
            elif isinstance(factor, Uniform):
                here[:] = not factor.length.letters & set(chosen)
            along = (along[:, None] & here).reshape(-1)
        parts.append(along)
    found = numpy.ones((), bool)
    for part in parts:
        found = found[..., None] & part
    return numpy.asarray(found)


def depths(output: Regular) -> dict[str, int]:
    """Return from how many sizes that follow one another the next follows, of folded axes.

    A maximum of the whole is one of two that were there before. A sum is two less a third, at the
    size before that; and along two axes of one size twice so.
    """
    if output.fold is None:
        return {}
    letters = output.fold.letters
    return {le: 1 if output.fold.kind != "sum" else 2 ** letters.count(le) for le in letters}


def numbers_in(module: Any) -> set[int]:
    """Return whole numbers that stand in the code of a module, sizes that it may treat apart."""
    waiting: list[Any] = [module]
    if isinstance(module, torch.nn.Module):
        waiting += [*module.modules()]
    seen: set[int] = set()
    found: set[int] = set()
    while waiting:
        value = waiting.pop()
        if id(value) in seen or len(seen) > 2000:
            continue
        seen.add(id(value))
        if type(value) is int:
            found.add(value)
        elif isinstance(value, CodeType):
            waiting += value.co_consts
        elif isinstance(value, FunctionType):
            waiting += [value.__code__, *(value.__defaults__ or ())]
            waiting += [value.__globals__.get(name) for name in value.__code__.co_names]
            waiting += [cell.cell_contents for cell in value.__closure__ or ()]
        elif isinstance(value, tuple | list | set | frozenset):
            waiting += list(value)
        elif isinstance(value, dict):
            waiting += [*value, *value.values()]
        elif isinstance(value, MethodType):
            waiting += [value.__func__, value.__self__]
        elif hasattr(value, "__dict__") and not isinstance(value, ModuleType):
            waiting += list(vars(value).values())
            if not isinstance(value, type):
                waiting += [v for c in type(value).__mro__ for v in vars(c).values()
                            if not c.__module__.startswith(("torch.", "builtins"))]  # fmt: skip
    return {number for number in found if 1 < number <= 4096}


def _order(shape: tuple[int, ...]) -> tuple[int, tuple[int, ...]]:
    return math.prod(shape), shape


def _largest(shapes: Sequence[tuple[int, ...]]) -> tuple[int, ...]:
    return max(shapes, key=_order)


def _shape(shape: Sequence[Any]) -> str:
    return "×".join(map(str, shape))


def _words(tensor: Regular) -> str:
    return "×".join(str(n) for n in tensor.shape)


def _ramp(shape: tuple[int, ...], dtype: torch.dtype) -> torch.Tensor:
    return (torch.arange(math.prod(shape)) % 100).to(dtype).reshape(shape)


def stepped(module: Any, real: torch.Tensor) -> tuple[Steps, BaseException | None]:
    """Return the instructions of a plain run, and what it raised."""
    steps = Steps()
    with quiet(), torch.enable_grad():
        try:
            with steps.followed():
                module(real.clone())
        except (Exception, SystemExit) as error:
            return steps, error
    return steps, None
