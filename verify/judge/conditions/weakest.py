"""The weakest condition found under which a refuted module is right.

Candidates are templates about the taps of a window: its largest, its smallest, all of them, the
reference's own output, that they are equal or whole. Bounds in them are found by optimisation: the
least c such that no window with, say, a largest tap of c or more is computed wrongly. What is
returned is proved for every kind of window by Z3, held against runs on telling inputs, and comes
with an input that does not meet it and on which the module, run there, is wrong. Of several it is
one that no other found is weaker than.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations
from typing import TYPE_CHECKING, Any

import numpy

from proofs.systems.integers import WrapAround
from proofs.systems.number_system import NumberSystem
from verify.judge.conditions.formulas import Formulas
from verify.judge.symbols.classes import Pattern

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from verify.judge.conditions.given import Given

#: Milliseconds for one question to Z3.
QUESTION = 1500
#: Ranges are made of this many of the numbers that occur, at the most.
MOST_ENDS = 6
#: Seconds that are spent on a condition.
PATIENCE = 4.0

#: What of a window a template speaks of, in words.
_OF = {
    "largest": "the largest tap of {}",
    "smallest": "the smallest tap of {}",
    "every": "every tap of {}",
    "output": "the reference's output at {}",
}


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
        z3, taps = about.z3, [about.of[tap] for tap in about.taps]
        if self.of == "equal":
            return z3.And(*[tap == taps[0] for tap in taps[1:]]) if taps[1:] else z3.BoolVal(True)
        if self.of == "whole":
            return z3.And(*[z3.IsInt(tap) for tap in taps])
        if self.of == "whole output":
            return z3.IsInt(about.right)
        if self.of == "every":
            return z3.And(*[self._bounds(about, tap) for tap in taps])
        return self._bounds(about, _measure(about, self.of))

    def _bounds(self, about: Formulas, value: Any) -> Any:
        found = []
        if self.low is not None:
            low = about.number(self.low)
            found.append(about.below(low, value) if self.above else about.least(low, value))
        if self.high is not None:
            high = about.number(self.high)
            found.append(about.below(value, high) if self.below else about.least(value, high))
        return about.z3.And(*found)

    def holds(self, taps: NDArray[Any], output: NDArray[Any]) -> NDArray[Any]:
        """Say at which places it holds: ``taps`` (taps, places), the reference's ``output``."""
        if self.of == "equal":
            return numpy.asarray((taps == taps[0]).all(axis=0))
        if self.of == "whole":
            return numpy.asarray((taps == numpy.round(taps)).all(axis=0))
        if self.of == "whole output":
            return numpy.asarray(output == numpy.round(output))
        measured = {"largest": taps.max(axis=0), "smallest": taps.min(axis=0), "output": output}
        values = taps if self.of == "every" else measured[self.of][None]
        fine = numpy.ones(values.shape, bool)
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
        if self.of == "equal":
            return f"all taps of {windows} are equal"
        if self.of == "whole":
            return f"every tap of {windows} is a whole number"
        if self.of == "whole output":
            return f"{_OF['output'].format(windows)} is a whole number"
        subject = _OF[self.of].format(windows)
        low, high = (None if n is None else str(n).replace("-", "−") for n in (self.low, self.high))
        if low is not None and high is not None and not (self.above or self.below):
            return f"{subject} is from {low} to {high}"
        ends = [f"{'>' if self.above else '≥'} {low}"] if low is not None else []
        ends += [f"{'<' if self.below else '≤'} {high}"] if high is not None else []
        return f"{subject} is {' and '.join(ends)}"


@dataclass(frozen=True)
class WeakestCondition:
    """A condition under which a module is right that is wrong without it; printed, a sentence.

    Attributes:
        words: The condition.
        exact: Whether it is right under no other: each window that does not meet it is wrong.
        outside: An input, as nested lists or a tensor, that does not meet it and on which it is
            wrong; of several inputs the first.
        runs: On how many inputs that meet it the module was run, and right.
    """

    words: str
    exact: bool
    outside: Any
    runs: int

    def __str__(self) -> str:
        """Return the sentence."""
        return f"right {'exactly ' if self.exact else ''}if {self.words}"

    def to_dict(self) -> dict[str, Any]:
        """Return it as plain data."""
        return {
            "words": self.words,
            "exact": self.exact,
            "outside": self.outside.tolist(),
            "runs": self.runs,
        }


class TimeIsUpError(Exception):
    """Time was up before a condition was found."""


def candidates(
    kinds: Sequence[Pattern], asking: Asking, given: Given | None = None
) -> tuple[list[tuple[Template, bool]], list[Formulas]]:
    """Return the conditions that are enough, none weaker than one before it, and the wrong kinds.

    With each goes whether it is exact. Wrong kinds are those of which some window is computed
    wrongly.

    Raises:
        UnsupportedError: Both sides have no formulas in this system.
        TimeIsUpError: It takes longer than there is time.
    """
    wrong = []
    for kind in kinds:
        if kind.left == kind.right:
            continue
        about = Formulas(kind, asking.system, given)
        if asking.possible(about, about.differ):
            wrong.append(about)
    if not wrong:
        return [], []
    found = []
    for template in dict.fromkeys(_templates(wrong, asking)):
        if all(asking.enough(about, template) for about in wrong) and any(
            asking.possible(about, template.formula(about)) for about in wrong
        ):
            exact = all(asking.needed(about, template) for about in wrong)
            found.append((template, exact))
    # One that is exact is implied by every other one that is enough.
    only = [pair for pair in found if pair[1]]
    return only[:1] or _weakest(found, wrong[0], asking), wrong


def _weakest(
    found: list[tuple[Template, bool]], about: Formulas, asking: Asking
) -> list[tuple[Template, bool]]:
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
    """Questions to Z3, until a time on the clock of :func:`time.perf_counter`."""

    def __init__(self, system: NumberSystem, deadline: float) -> None:
        self.system = system
        self.deadline = deadline

    def _time(self) -> int:
        left = int(1000 * (self.deadline - time.perf_counter()))
        if left <= 0:
            raise TimeIsUpError
        return min(left, QUESTION)

    def model(self, about: Formulas, *formulas: Any) -> Any:
        """Return values at which formulas hold: ``False`` if there are none, else ``None``."""
        solver = about.z3.Solver()
        solver.set("timeout", self._time())
        solver.add(*formulas, *about.given)
        said = solver.check()
        if said == about.z3.sat:
            return solver.model()
        return False if said == about.z3.unsat else None

    def possible(self, about: Formulas, formula: Any) -> bool:
        """Say whether something meets a formula; if in doubt, yes."""
        return self.model(about, formula) is not False

    def never(self, about: Formulas, *formulas: Any) -> bool:
        """Say whether it is proved that nothing meets all of them."""
        return self.model(about, *formulas) is False

    def enough(self, about: Formulas, template: Template) -> bool:
        """Say whether both sides are proved equal where a condition holds."""
        return self.never(about, template.formula(about), about.differ)

    def needed(self, about: Formulas, template: Template) -> bool:
        """Say whether both sides are proved to differ where it does not hold."""
        return self.never(about, about.z3.Not(template.formula(about)), about.z3.Not(about.differ))

    def implies(self, about: Formulas, first: Template, second: Template) -> bool:
        """Say whether one condition is proved to imply another."""
        return self.never(about, first.formula(about), about.z3.Not(second.formula(about)))

    def bound(self, about: Formulas, value: Any, *, up: bool) -> tuple[Fraction, bool] | None:
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


def _is_number(found: Any) -> bool:
    return re.fullmatch(r"-?\d+(/\d+)?", str(found)) is not None


def _measure(about: Formulas, of: str) -> Any:
    taps = [about.of[tap] for tap in about.taps]
    if of == "output":
        return about.right
    return about.largest(taps) if of == "largest" else about.smallest(taps)


def _templates(wrong: Sequence[Formulas], asking: Asking) -> Iterator[Template]:
    """Yield candidates, those that say little before those that say much."""
    if isinstance(asking.system, WrapAround):
        yield from _of_integers(asking.system)
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
    numbers = sorted({
        Fraction(node.value)
        for about in wrong for node in about.kind.nodes
        if isinstance(node.value, int | Fraction) and not isinstance(node.value, bool)
    })[:MOST_ENDS]  # fmt: skip
    for of in ("largest", "smallest", *(() if plain else ("output",)), "every"):
        for low, high in sorted(combinations(numbers, 2), key=lambda ends: ends[0] - ends[1]):
            yield Template(of, low=low, high=high)
    yield Template("whole output")
    yield Template("equal")
    yield Template("whole")


def _of_integers(system: WrapAround) -> Iterator[Template]:
    assert system.bits is not None
    signed = not system.name.startswith("uint")
    half = 1 << (system.bits - 1)
    smallest = Fraction(-half if signed else 0)
    yield Template("every", low=smallest, above=True)
    for of in ("largest", "output"):
        yield Template(of, low=Fraction(0))
    yield Template("smallest", high=Fraction(0))
    yield Template("output", high=Fraction(0))
    if signed:
        # Differences of numbers in half the range stay in the range.
        yield Template("every", low=Fraction(-half // 2), high=Fraction(half // 2 - 1))
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
    template: Template, wrong: Sequence[Formulas], x: NDArray[Any], output: NDArray[Any]
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


def outside(
    template: Template, about: Formulas, asking: Asking
) -> Iterator[dict[int, Fraction | int]]:
    """Yield values of a kind's variables that do not meet a condition and are wrong.

    Small whole numbers are tried before others.
    """
    z3 = about.z3
    missed = (z3.Not(template.formula(about)), about.differ)
    variables = [about.of[node] for node in about.kind.elements]
    tries: list[tuple[Any, ...]] = [()]
    if about.bits is None:
        near = [about.least(about.number(-4), v) for v in variables]
        near += [about.least(v, about.number(4)) for v in variables]
        tries = [(*near, *[z3.IsInt(v) for v in variables]), tuple(near), ()]
    for more in tries:
        model = asking.model(about, *missed, *more)
        if model:
            yield {
                node: _value(about, model.eval(about.of[node], model_completion=True))
                for node in about.kind.elements
            }


def _value(about: Formulas, found: Any) -> Fraction | int:
    if about.bits is None:
        # An algebraic number is rounded: whether it is wrong there is seen by running it.
        return Fraction(found.as_fraction()) if about.z3.is_rational_value(found) else Fraction(0)
    return int(found.as_signed_long() if about.signed else found.as_long())
