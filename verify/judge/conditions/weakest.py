"""The weakest condition found under which a refuted module is right.

Candidates are templates about the taps of a window: its largest, its smallest, all of them, the
reference's own output, that they are equal or whole. Over the reals bounds in them are found by
optimisation: the least c such that no window with, say, a largest tap of c or more is computed
wrongly; in a float format by asking for one after the other. What is returned is proved for every
kind of window by solvers, held against runs on telling inputs, and comes with an input that does
not meet it and on which the module, run there, is wrong. Of several it is one that no other found
is weaker than.
"""

from __future__ import annotations

import re
import time
from collections.abc import Collection, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import combinations
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import numpy

from proofs.systems.floats import FloatFormat, floor_log2
from proofs.systems.integers import WrapAround
from proofs.systems.number_system import NumberSystem, UnsupportedError
from verify.judge.conditions.exactness import Reach, integers_of, never_wraps
from verify.judge.conditions.floating import (
    FloatFormulas,
    SummedFormulas,
    float_formulas,
    passes_nan,
    same_at_nan,
)
from verify.judge.conditions.formulas import ExactFormulas, Formulas, Values
from verify.judge.conditions.tried import Tried
from verify.judge.symbols.classes import Pattern
from verify.judge.tolerance.rounding import Interval

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from verify.judge.conditions.given import Admitted

#: Milliseconds for one question to Z3.
QUESTION = 1000
#: Ranges are made of this many of the numbers that occur, at the most.
MOST_ENDS = 6
#: Seconds of the processor that are spent on a condition.
PATIENCE = 2.5

#: What of a window a template speaks of, in words.
_OF = {
    "largest": "the largest tap of {}",
    "smallest": "the smallest tap of {}",
    "every": "every tap of {}",
    "whole": "every tap of {}",
    "equal": "all taps of {}",
    "output": "the reference's output at {}",
}
#: Those that speak of each tap.
_EACH = {"every", "whole", "equal"}


@dataclass(frozen=True)
class Template:
    """A condition on one window.

    Attributes:
        of: What of the window it speaks of: ``largest``, ``smallest``, ``every``, ``output``,
            ``equal``, ``whole`` of the taps, ``whole output``.
        low: What that is at least; ``None`` for no bound.
        high: What it is at most.
        above: Whether ``low`` itself is left out.
        below: Whether ``high`` is.
    """

    of: str
    low: Fraction | None = None
    high: Fraction | None = None
    above: bool = False
    below: bool = False

    def formula(self, about: Formulas) -> Any:
        """Return it as a formula of a kind's taps."""
        taps = about.tap()
        if self.of == "whole output":
            return about.whole(about.right)
        if self.of not in _EACH:
            return self._bounds(about, _measure(about, self.of))
        each = [self._bounds(about, tap) for tap in taps]
        if self.of == "whole":
            each += [about.whole(tap) for tap in taps]
        if self.of == "equal":
            each += [about.same(tap, taps[0]) for tap in taps[1:]]
        return about.all(each)

    @property
    def admits_zeros(self) -> bool:
        """Whether a window of zeros surely meets it."""
        return (
            self.of in _EACH
            and (self.low is None or self.low < 0 or (self.low == 0 and not self.above))
            and (self.high is None or self.high > 0 or (self.high == 0 and not self.below))
        )

    def _bounds(self, about: Formulas, value: Any) -> Any:
        found = []
        if self.low is not None:
            low = about.number(self.low)
            found.append(about.below(low, value) if self.above else about.least(low, value))
        if self.high is not None:
            high = about.number(self.high)
            found.append(about.below(value, high) if self.below else about.least(value, high))
        return about.all(found)

    def holds(self, taps: NDArray[Any], output: NDArray[Any]) -> NDArray[Any]:
        """Say at which places it holds: ``taps`` (taps, places), the reference's ``output``."""
        if self.of == "whole output":
            return numpy.asarray(output == numpy.round(output))
        measured = {"largest": taps.max(axis=0), "smallest": taps.min(axis=0), "output": output}
        values = taps if self.of in _EACH else measured[self.of][None]
        fine = numpy.ones(values.shape, bool)
        if self.of == "whole":
            fine &= values == numpy.round(values)
        if self.of == "equal":
            fine &= values == values[0]
        if self.low is not None:
            low = float(self.low)
            fine &= values > low if self.above else values >= low
        if self.high is not None:
            high = float(self.high)
            fine &= values < high if self.below else values <= high
        return numpy.asarray(fine.all(axis=0))

    def words(self, windows: str) -> str:
        """Return it in words.

        >>> Template("largest", low=Fraction(0)).words("every window")
        'the largest tap of every window is ≥ 0'
        >>> Template("every", Fraction(-1), Fraction(1, 3)).words("every window")
        'every tap of every window is from −1 to 1/3'
        """
        if self.of == "whole output":
            return f"{_OF['output'].format(windows)} is a whole number"
        low, high = (None if n is None else _in_words(n) for n in (self.low, self.high))
        says = {"whole": ["a whole number"], "equal": ["equal"]}.get(self.of, [])
        if low is not None and high is not None and not (self.above or self.below):
            says.append(f"from {low} to {high}")
        else:
            ends = [f"{'>' if self.above else '≥'} {low}"] if low is not None else []
            ends += [f"{'<' if self.below else '≤'} {high}"] if high is not None else []
            says += [" and ".join(ends)] if ends else []
        verb = "are" if self.of == "equal" else "is"
        return f"{_OF[self.of].format(windows)} {verb} {', '.join(says)}"


@dataclass(frozen=True)
class Both:
    """Two conditions on one window at once."""

    first: Template
    second: Template

    @property
    def of(self) -> str:
        """What the first speaks of."""
        return self.first.of

    @property
    def admits_zeros(self) -> bool:
        """Whether a window of zeros surely meets them."""
        return self.first.admits_zeros and self.second.admits_zeros

    def formula(self, about: Formulas) -> Any:
        """Return them as a formula of a kind's taps."""
        return about.all([self.first.formula(about), self.second.formula(about)])

    def holds(self, taps: NDArray[Any], output: NDArray[Any]) -> NDArray[Any]:
        """Say at which places both hold."""
        return numpy.asarray(self.first.holds(taps, output) & self.second.holds(taps, output))

    def words(self, windows: str) -> str:
        """Return them in words.

        >>> whole = Template("whole", Fraction(-8), Fraction(8))
        >>> Both(Template("largest", low=Fraction(0)), whole).words("a window")
        'the largest tap of a window is ≥ 0, and every tap of it is a whole number, from −8 to 8'
        """
        return f"{self.first.words(windows)}, and {self.second.words('it')}"


Condition: TypeAlias = Template | Both


def _in_words(number: Fraction) -> str:
    """Return a number; one that is long as a multiple of a power of two, as floats are.

    >>> _in_words(Fraction(-1, 3)), _in_words(Fraction(2**128 - 2**104))
    ('−1/3', '16777215·2^104')
    """
    text = str(number)
    if len(text) > 20:
        numerator, denominator = number.as_integer_ratio()
        twos = (numerator & -numerator).bit_length() - 1 - (denominator.bit_length() - 1)
        odd = number / Fraction(2) ** twos
        if odd.denominator == 1:
            text = f"{odd}·2^{twos}" if abs(odd) != 1 else f"{odd}"[:-1] + f"2^{twos}"
    return text.replace("-", "−")


@dataclass(frozen=True)
class WeakestCondition:
    """A condition under which a module is right that is wrong without it; printed, a sentence.

    Attributes:
        words: The condition.
        exact: Whether it is right under no other: each window that does not meet it is wrong.
        outside: An input, as nested lists or a tensor, that does not meet it and on which it is
            wrong; of several inputs the first.
        runs: On how many inputs that meet it the module was run, and right.
        cut: Whether time was up before all candidates were tried: there may be a weaker one.
        others: The inputs after the first, of ``outside``.
    """

    words: str
    exact: bool
    outside: Any
    runs: int
    cut: bool = False
    others: tuple[Any, ...] = ()

    def __str__(self) -> str:
        """Return the sentence."""
        more = " (time was up before all were tried: there may be a weaker one)" if self.cut else ""
        return f"right {'exactly ' if self.exact else ''}if {self.words}{more}"

    def to_dict(self) -> dict[str, Any]:
        """Return it as plain data."""
        return {
            "words": self.words,
            "exact": self.exact,
            "outside": self.outside.tolist(),
            "others": [other.tolist() for other in self.others],
            "runs": self.runs,
            "cut": self.cut,
        }


class TimeIsUpError(Exception):
    """Time was up before a condition was found."""


def candidates(
    kinds: Sequence[Pattern], asking: Asking, given: Admitted | None = None,
    summed: Collection[Fraction] | None = None,
) -> tuple[list[tuple[Condition, bool]], list[Formulas]]:  # fmt: skip
    """Return the conditions that are enough, none weaker than one before it, and the wrong kinds.

    With each goes whether it is exact. Wrong kinds are those of which some window is computed
    wrongly.

    Args:
        kinds: The kinds.
        asking: Asks solvers.
        given: What every element meets.
        summed: Of kinds that are read over the reals, though they run in a float format, the
            fractions that stand for other numbers. Wrong are all of them then that may be.

    Raises:
        UnsupportedError: Both sides have no formulas in this system.
        TimeIsUpError: It takes longer than there is time, and none is found until then.
    """
    wrong = []
    for kind in kinds:
        if kind.left == kind.right:
            continue
        about = formulas(kind, asking.system, given, summed)
        if summed is not None or asking.differs_somewhere(about):
            wrong.append(about)
    if not wrong:
        return [], []
    # Windows at other places that are one and the same statement are asked about once.
    unlike = [*{(a.kind.nodes, a.kind.left, a.kind.right): a for a in wrong}.values()]
    found: list[tuple[Condition, bool]] = []
    tried: set[Condition] = set()
    try:
        for template in _templates(unlike, asking):
            if template in tried:
                continue
            tried.add(template)
            if all(asking.enough(about, template) for about in unlike) and any(
                (template.admits_zeros and not about.given)
                or asking.possible(about, template.formula(about))
                for about in unlike
            ):
                if all(asking.needed(about, template) for about in unlike):
                    # It is implied by every other one that is enough.
                    return [(template, True)], wrong
                found.append((template, False))
                asking.found = True
    except TimeIsUpError:
        if not found:
            raise
        asking.cut = True
        asking.patience += 0.5
    return _weakest(found, unlike[0], asking), wrong


def formulas(
    kind: Pattern, system: NumberSystem, given: Admitted | None = None,
    summed: Collection[Fraction] | None = None,
) -> Formulas:  # fmt: skip
    """Return both sides of a kind as formulas of a number system.

    Raises ``UnsupportedError`` for what has none.
    """
    if summed is not None:
        assert isinstance(system, FloatFormat)
        return SummedFormulas(kind, system, None if given is None else given.given, summed)
    if isinstance(system, FloatFormat):
        return float_formulas(kind, system, given)
    return ExactFormulas(kind, system, None if given is None else given.given)


def _weakest(
    found: list[tuple[Condition, bool]], about: Formulas, asking: Asking
) -> list[tuple[Condition, bool]]:
    """Return what nothing found is weaker than, in the order of the templates."""
    kept = []
    for template, exact in found:
        weaker = [
            other for other, _ in found
            if other != template and asking.implies(about, template, other)
            and not asking.implies(about, other, template)
        ]  # fmt: skip
        if not weaker:
            kept.append((template, exact))
    return kept


class Asking:
    """Questions to solvers, until a time on the clock of :func:`time.perf_counter`.

    Patience is of the processor's time, so that what is found does not depend on who else uses it.
    """

    def __init__(
        self, system: NumberSystem, deadline: float, given: Admitted | None = None
    ) -> None:
        self.system = system
        self.deadline = deadline
        self.given = given
        #: Whether a condition was found that is enough.
        self.found = False
        #: What both sides of each kind make of some numbers.
        self._seen: dict[int, Tried] = {}
        #: Seconds of the processor that are left for finding one; for showing it there are more.
        self.patience = PATIENCE
        #: Whether it was used up before all candidates were tried.
        self.cut = False
        self.began = time.perf_counter(), time.process_time()

    def _time(self) -> int:
        elapsed, used = (
            now - then
            for now, then in zip(
                (time.perf_counter(), time.process_time()), self.began, strict=True
            )
        )
        load = max(1.0, elapsed / used) if used > 0.1 else 1.0
        left = min(self.patience - used, (self.deadline - self.began[0] - elapsed) / load)
        if left <= 0:
            raise TimeIsUpError
        return max(1, int(load * min(1000 * left, QUESTION)))

    @property
    def late(self) -> bool:
        """Whether the deadline is over."""
        return time.perf_counter() > self.deadline

    def values(self, about: Formulas, *formulas: Any) -> Values | Literal[False] | None:
        """Return values at which formulas hold: ``False`` if there are none, else ``None``."""
        return about.values(formulas, self._time())

    def possible(self, about: Formulas, formula: Any) -> bool:
        """Say whether something meets a formula; if in doubt, yes."""
        return self.values(about, formula) is not False

    def never(self, about: Formulas, *formulas: Any) -> bool:
        """Say whether it is proved that nothing meets all of them."""
        return self.values(about, *formulas) is False

    def differs_somewhere(self, about: Formulas) -> bool:
        """Say whether some window is computed wrongly; if in doubt, yes."""
        tried = self._tried(about)
        return (tried is not None and bool(tried.wrong.any())) or self.possible(about, about.differ)

    def enough(self, about: Formulas, template: Condition) -> bool:
        """Say whether both sides are proved equal where a condition holds."""
        tried = self._tried(about)
        if tried is not None and (self._met(about, template, tried) & tried.wrong).any():
            return False
        last = template.second if isinstance(template, Both) else template
        of_all = len(about.taps) == len(about.kind.elements)  # the module reads no others
        if isinstance(about, FloatFormulas | SummedFormulas):
            known = about.exactness
            exact = {"whole": known.largest_whole, "every": known.widest}.get(last.of)
            if of_all and exact and last.high is not None and last.high <= exact:
                about = known.formulas  # nothing rounds
            elif last.of == "whole" or isinstance(about, SummedFormulas):
                return False
        if of_all and isinstance(self.system, WrapAround) and isinstance(about, ExactFormulas):
            inside = _interval(last, self.system)
            if inside is not None and never_wraps(Reach(about.kind), inside, self.system):
                about = about.over_the_reals
        if of_all and last.of == "whole" and isinstance(about, ExactFormulas) and not about.bits:
            about = about.of_whole_inputs
            # Where nothing is rounded to whole numbers any more, all numbers may be asked about.
            wider = replace(last, of="every")
            if self.never(about, wider.formula(about), about.differ):
                return True
        return self.never(about, template.formula(about), about.differ)

    def needed(self, about: Formulas, template: Condition) -> bool:
        """Say whether both sides are proved to differ where it does not hold."""
        tried = self._tried(about)
        if isinstance(about, SummedFormulas) or (
            tried is not None and (~self._met(about, template, tried) & ~tried.wrong).any()
        ):
            return False
        return self.never(about, about.no(template.formula(about)), about.no(about.differ))

    def _tried(self, about: Formulas) -> Tried | None:
        """Return what both sides make of some numbers of the system, ``None`` over the reals."""
        if not isinstance(self.system, FloatFormat | WrapAround) or isinstance(
            about, SummedFormulas
        ):
            return None
        if id(about.kind) not in self._seen:
            self._seen[id(about.kind)] = Tried(about.kind, self.system, self.given)
        return self._seen[id(about.kind)]

    def _met(self, about: Formulas, template: Condition, tried: Tried) -> NDArray[Any]:
        places = {node: place for place, node in enumerate(about.kind.elements)}
        return template.holds(tried.taps[[places[tap] for tap in about.taps]], tried.right)

    def implies(self, about: Formulas, first: Condition, second: Condition) -> bool:
        """Say whether one condition is proved to imply another; if time is up, no."""
        if isinstance(about, FloatFormulas) and not {first.of, second.of} & {"output"}:
            about = about.over_the_reals
        try:
            return self.never(about, first.formula(about), about.no(second.formula(about)))
        except TimeIsUpError:
            return False

    def right_at_nan(self, wrong: Sequence[Formulas]) -> bool:
        """Say whether both sides are proved equal where a tap is NaN, if the system has it."""
        try:
            return isinstance(self.system, FloatFormat) and all(
                passes_nan(about.kind) or same_at_nan(about, self.system, self._time())
                for about in wrong
            )
        except TimeIsUpError:
            return False

    def bound(self, about: ExactFormulas, value: Any, *, up: bool) -> tuple[Fraction, bool] | None:
        """Return the supremum of a value over windows that are wrong, or its infimum.

        With it goes whether it is reached; ``None`` if there is no bound, or none is found.
        """
        optimiser = about.z3.Optimize()
        optimiser.set("timeout", self._time())
        optimiser.add(about.differ, *about.given)
        end = optimiser.maximize(value) if up else optimiser.minimize(value)
        if optimiser.check() != about.z3.sat:
            return None
        infinite, number, step = (optimiser.upper_values if up else optimiser.lower_values)(end)
        if not all(map(_is_number, (infinite, number, step))) or Fraction(str(infinite)) != 0:
            return None
        return Fraction(str(number)), Fraction(str(step)) == 0


def _interval(template: Template, system: WrapAround) -> Interval | None:
    """Return where every tap is if a condition says so, its ends included."""
    if template.of not in ("every", "whole"):
        return None
    ends = integers_of(system)
    low = ends.low if template.low is None else template.low + template.above
    high = ends.high if template.high is None else template.high - template.below
    return Interval(low, high)


def _is_number(found: Any) -> bool:
    return re.fullmatch(r"-?\d+(/\d+)?", str(found)) is not None


def _measure(about: Formulas, of: str) -> Any:
    if of == "output":
        return about.right
    return about.largest(about.tap()) if of == "largest" else about.smallest(about.tap())


def _templates(wrong: Sequence[Formulas], asking: Asking) -> Iterator[Condition]:
    """Yield candidates, those that say little before those that say much."""
    summed = [about for about in wrong if isinstance(about, SummedFormulas)]
    if summed:
        yield from _where_nothing_rounds(summed, summed, asking)
    elif isinstance(asking.system, WrapAround):
        yield from _of_integers(wrong, asking.system)
    elif isinstance(asking.system, FloatFormat):
        yield from _of_floats(wrong, asking, asking.system)
    else:
        yield from _of_reals([about for about in wrong if isinstance(about, ExactFormulas)], asking)


def _where_nothing_rounds(
    exact: Sequence[ExactFormulas], rounding: Sequence[FloatFormulas | SummedFormulas],
    asking: Asking,
) -> Iterator[Condition]:  # fmt: skip
    """Yield what makes both sides equal over the reals, alone and with what keeps roundings away.

    Args:
        exact: The kinds that may be wrong over the reals, without their roundings.
        rounding: The kinds that round.
        asking: Asks solvers.
    """
    plain = []
    for of, sizes in (
        ("whole", [Fraction(about.exactness.largest_whole) for about in rounding]),
        ("every", [about.exactness.widest or Fraction(0) for about in rounding]),
    ):
        if size := min(sizes, default=Fraction(0)):
            plain.append(Template(of, low=-size, high=size))
    if _rounds_to_whole(exact):
        yield from plain  # bounds on what is rounded to whole numbers are hard to find
    wrong = [about for about in exact if asking.possible(about, about.differ)]
    meant: list[Template] = []
    for template in _of_reals(wrong, asking) if wrong else ():
        yield template
        if plain and template.of not in ("whole", "whole output") and all(
            asking.never(about, template.formula(about), about.differ) for about in wrong
        ):  # fmt: skip
            meant.append(template)
    yield from plain
    for one in plain:
        yield from (Both(template, one) for template in meant if template.of != one.of)


def _rounds_to_whole(kinds: Sequence[Formulas]) -> bool:
    return any(node.operator in ("floor", "round") for about in kinds for node in about.kind.nodes)


def _of_floats(
    wrong: Sequence[Formulas], asking: Asking, system: FloatFormat
) -> Iterator[Condition]:
    """Yield what makes it right over the reals, then what keeps roundings and overflows away."""
    rounding = [about for about in wrong if isinstance(about, FloatFormulas)]
    with suppress(UnsupportedError):
        exact = [about for about in wrong if isinstance(about, ExactFormulas)]
        exact += [about.over_the_reals for about in rounding]
        yield from _where_nothing_rounds(exact, rounding, asking)
    if not rounding:
        return
    yield Template("every", low=-system.greatest, high=system.greatest)
    ranges = [
        _Range(Template(of, low, high), wrong, asking, system)
        for of, low, high in (
            ("largest", None, Fraction(1)), ("smallest", Fraction(-1), None),
            ("every", Fraction(-1), Fraction(1)), ("equal", Fraction(-1), Fraction(1)),
        )
        if of != "equal" or not asking.found  # than what is found it is hardly weaker
    ]  # fmt: skip
    enough = [(one, power) for one in ranges if (power := one.power()) is not None]
    for one, power in enough:
        yield one.reaching(power)
    for one, power in enough:
        yield one.reaching(one.widest(power))


@dataclass(frozen=True)
class _Range:
    """A template whose bounds are to reach as far as they can and still be enough."""

    template: Template
    wrong: Sequence[Formulas]
    asking: Asking
    system: FloatFormat

    def reaching(self, end: Fraction) -> Template:
        """Return the template with bounds of this size."""
        low, high = self.template.low, self.template.high
        return replace(
            self.template, low=None if low is None else -end, high=None if high is None else end
        )

    def power(self) -> Fraction | None:
        """Return the largest power of two that is enough; ``None`` if 1 is not."""
        if not self._enough(Fraction(1)):
            return None
        low, high = 0, floor_log2(self.system.greatest) + 1
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (middle, high) if self._enough(Fraction(2) ** middle) else (low, middle)
        return Fraction(2) ** low

    def widest(self, power: Fraction) -> Fraction:
        """Return the largest number of the format that is enough: from ``power`` on, below twice.

        Mostly it is the first one, or the last.
        """
        gap = self.system.ulp(power)
        assert gap is not None
        first, beyond = 0, min(int(power / gap), int((self.system.greatest - power) / gap) + 1)
        middle = 1
        while beyond - first > 1:
            if self._enough(power + middle * gap):
                middle, first = beyond - 1 if middle == 1 else (middle + beyond) // 2, middle
            else:
                middle, beyond = (first + middle) // 2, middle
        return power + first * gap

    def _enough(self, end: Fraction) -> bool:
        return all(self.asking.enough(about, self.reaching(end)) for about in self.wrong)


def _of_reals(wrong: Sequence[ExactFormulas], asking: Asking) -> Iterator[Template]:
    if _rounds_to_whole(wrong):
        yield from () if asking.found else (Template("whole output"), Template("whole"))
        if asking.found:
            return
    bounds: dict[tuple[str, bool], list[tuple[Fraction, bool]] | None] = {}
    for of in ("largest", "smallest", "output"):
        for up in (True, False):
            each = [asking.bound(about, _measure(about, of), up=up) for about in wrong]
            found = [bound for bound in each if bound is not None]
            bounds[of, up] = found if len(found) == len(each) else None
    # Of a maximum the output is the largest tap, and people know that better.
    plain = [of for of in ("largest", "smallest") if all(
        asking.never(about, about.right != _measure(about, of)) for about in wrong
    )]  # fmt: skip
    for of, up in (("largest", True), ("smallest", False), ("output", True), ("output", False),
                   ("smallest", True), ("largest", False)):  # fmt: skip
        ends = bounds[of, up]
        if ends is None or (of == "output" and plain):
            continue
        number = (max if up else min)(end for end, _ in ends)
        reached = any(reached for end, reached in ends if end == number)
        subject = "every" if (of, up) in (("smallest", True), ("largest", False)) else of
        if up:
            yield Template(subject, low=number, above=reached)
        else:
            yield Template(subject, high=number, below=reached)
    numbers = _numbers(wrong)
    for of in ("largest", "smallest", *(() if plain else ("output",)), "every"):
        for low, high in _pairs(numbers):
            yield Template(of, low=low, high=high)
    yield Template("whole output")
    yield Template("equal")
    yield Template("whole")


def _numbers(wrong: Sequence[Formulas]) -> list[Fraction]:
    """Return numbers that occur in the kinds."""
    return sorted({
        Fraction(node.value)
        for about in wrong for node in about.kind.nodes
        if isinstance(node.value, int | Fraction) and not isinstance(node.value, bool)
    })[:MOST_ENDS]  # fmt: skip


def _pairs(numbers: Sequence[Fraction]) -> list[tuple[Fraction, Fraction]]:
    """Return the ranges between two of them, the widest first."""
    return sorted(combinations(numbers, 2), key=lambda ends: ends[0] - ends[1])


def _of_integers(wrong: Sequence[Formulas], system: WrapAround) -> Iterator[Condition]:
    assert system.bits is not None
    signed = not system.name.startswith("uint")
    half = 1 << (system.bits - 1)
    smallest = Fraction(-half if signed else 0)
    yield Template("every", low=smallest, above=True)
    numbers, bounds = _numbers(wrong), list[Template]()
    for low in sorted({Fraction(0), *numbers}):
        bounds += [Template(of, low=low) for of in ("largest", "output")]
    for high in sorted({Fraction(0), *numbers}, reverse=True):
        bounds += [Template(of, high=high) for of in ("smallest", "output")]
    for of in ("largest", "smallest", "output", "every"):
        for low, high in _pairs(numbers):
            bounds.append(Template(of, low=low, high=high))
    yield from bounds
    if signed:
        # Differences of numbers in half the range stay in the range.
        small = Template("every", low=Fraction(-half // 2), high=Fraction(half // 2 - 1))
        yield small
        yield from (Both(bound, small) for bound in bounds if bound.of != "every")
    yield Template("every", low=Fraction(0))
    yield Template("every", high=Fraction(0))
    yield Template("equal")


def windows_in_words(wrong: Sequence[Pattern], every: Sequence[Pattern]) -> str:
    """Return which windows a condition is about: all, those at the border, or some."""
    if len(wrong) == len(every):
        return "every window"
    full = max(len(kind.elements) for kind in every)
    cut = {id(kind) for kind in every if len(kind.elements) < full}
    if cut == {id(kind) for kind in wrong}:
        return "every border window"
    places = sum(len(kind.places) for kind in wrong)
    return f"the {places} windows that it gets wrong" if places > 1 else "the window it gets wrong"


def holds(
    template: Condition, wrong: Sequence[Formulas], x: NDArray[Any], output: NDArray[Any]
) -> bool:
    """Say whether a condition holds at every place that it is about.

    Args:
        template: The condition.
        wrong: The kinds that it is about.
        x: A flat input.
        output: The reference's output there, flat.
    """
    return all(
        bool(
            template.holds(
                numpy.stack([x[about.kind.elements[tap]] for tap in about.taps]),
                output[about.kind.places],
            ).all()
        )
        for about in wrong
    )


def outside(template: Condition, about: Formulas, asking: Asking) -> Iterator[Values]:
    """Yield values of a kind's variables that do not meet a condition and are wrong.

    Small whole numbers are tried before others.
    """
    missed = (about.no(template.formula(about)), about.differ)
    tries: list[tuple[Any, ...]] = [()]
    if not isinstance(asking.system, WrapAround):
        variables = [about.of[node] for node in about.kind.elements]
        near = [about.least(about.number(-4), v) for v in variables]
        near += [about.least(v, about.number(4)) for v in variables]
        tries = [(*near, *[about.whole(v) for v in variables]), tuple(near), ()]
    for more in tries:
        if values := asking.values(about, *missed, *more):
            yield values
    if isinstance(about, SummedFormulas) and (values := asking.values(about, missed[0])):
        yield values  # perhaps wrong, though not over the reals
