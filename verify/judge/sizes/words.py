"""For which sizes something is proved, in words: even ones, those below a number, all but one.

Every description is checked against the classes of sizes for which it is not proved: by their
remainders, and by a solver where it speaks of bounds.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from verify.judge.sizes.cover import Solver
from verify.judge.sizes.lengths import Condition, Length

#: Sizes up to this, and beyond every number that is named, are looked at to see which of several
#: descriptions holds more.
GRID = 48
#: Descriptions say this many things at most.
MOST_SAID = 3

#: Period and remainder of every open size.
Periods = Mapping[str, tuple[int, int]]


@dataclass(frozen=True)
class Said:
    """One thing that is said of a size."""

    letter: str
    #: ``mod``, ``not mod``, ``<=``, ``>=`` or ``!=``.
    relation: str
    number: int
    remainder: int = 0

    def holds(self, size: int) -> bool:
        """Say whether it holds of a size."""
        match self.relation:
            case "mod":
                return size % self.number == self.remainder
            case "not mod":
                return size % self.number != self.remainder
            case "<=":
                return size <= self.number
            case ">=":
                return size >= self.number
        return size != self.number

    def condition(self, periods: Periods) -> Condition | bool:
        """Return it as a condition on the count of periods, or whether it holds of all or none."""
        period, rest = periods[self.letter]
        if self.relation == "mod":
            return rest % self.number == self.remainder
        if self.relation == "not mod":
            return rest % self.number != self.remainder
        size = Length.of({(self.letter,): period, (): rest})
        match self.relation:
            case "<=":
                return Condition(">=", self.number - size)
            case ">=":
                return Condition(">=", size - self.number)
        return Condition("!=", size - self.number)

    @property
    def words(self) -> str:
        """What it says, without the letter."""
        if self.relation == "mod":
            if self.number == 2:
                return "odd" if self.remainder else "even"
            if self.remainder == 0:
                return f"a multiple of {self.number}"
            return f"{self.remainder} more than a multiple of {self.number}"
        if self.relation == "not mod":
            more = f"{self.remainder} more than a multiple" if self.remainder else "a multiple"
            return f"not {more} of {self.number}"
        sign = {"<=": "≤", ">=": "≥", "!=": "≠"}[self.relation]
        return f"{sign} {self.number}"


def described(
    letters: Sequence[str],
    proved: Sequence[tuple[Periods, Sequence[Condition]]],
    others: Sequence[tuple[Periods, Sequence[Condition]]],
) -> str:
    """Return words for sizes that are in no class of ``others``, for as many as can be said.

    Args:
        letters: The open sizes.
        proved: The classes for which it is proved.
        others: The classes for which it is not.

    >>> even, odd = ({"W": (2, 2)}, []), ({"W": (2, 1)}, [])
    >>> described("W", [even], [odd])
    'W even'
    >>> low = Condition(">=", Length.of({("W",): -1, (): 38}))
    >>> high = Condition(">=", Length.of({("W",): 1, (): -39}))
    >>> described("W", [({"W": (1, 1)}, [low])], [({"W": (1, 1)}, [high])])
    'W ≤ 39'
    """
    if not proved:
        return ""
    things = list(dict.fromkeys(_things(letters, [*proved, *others])))
    most = max([GRID, *(2 * thing.number for thing in things)])
    best: tuple[int, int, tuple[Said, ...]] | None = None
    for count in range(1, MOST_SAID + 1):
        for chosen in combinations(things, count):
            if len({thing.letter for thing in chosen}) < count:
                continue
            share = _share(letters, chosen, most)
            if (best is None or share > best[0]) and not any(
                _meets(letters, chosen, periods, conditions) for periods, conditions in others
            ) and any(_meets(letters, chosen, *one) for one in proved):  # fmt: skip
                best = share, count, chosen
    if best is None:
        return _as_conditions(proved)
    return _joined(best[2])


def _as_conditions(proved: Sequence[tuple[Periods, Sequence[Condition]]]) -> str:
    """Return the conditions of one class as they are, if they speak of sizes and not of counts.

    >>> apart = Condition(">=", Length.of({("W",): 1, ("H",): -1, (): 20}))
    >>> _as_conditions([({"H": (1, 1), "W": (1, 1)}, [apart])])
    'H ≤ W + 20'
    """
    for periods, conditions in proved:
        if not conditions or any(period != 1 for period, _ in periods.values()):
            continue
        if any(len(m) > 1 for c in conditions for m, _ in c.length.terms):
            continue
        return ", ".join(_relation(c) for c in conditions)
    return ""


def _relation(condition: Condition) -> str:
    """Return a condition on counts, which are sizes less 1, as one on sizes."""
    terms = {m[0]: c for m, c in condition.length.terms if m}
    rest = condition.length.constant - sum(terms.values())
    left = {le: -c for le, c in terms.items() if c < 0}
    right = {le: c for le, c in terms.items() if c > 0}
    sign = {">=": "≤", "==": "=", "!=": "≠"}[condition.relation]
    sides = [_sum(left, max(-rest, 0)), _sum(right, max(rest, 0))]
    if sides[0] == "0" or not left:  # a bound from below reads better the other way round
        return f"{sides[1]} {'≥' if sign == '≤' else sign} {sides[0]}"
    return f"{sides[0]} {sign} {sides[1]}"


def _sum(terms: Mapping[str, int], number: int) -> str:
    words = [le if c == 1 else f"{c}·{le}" for le, c in sorted(terms.items())]
    return " + ".join([*words, *([str(number)] if number or not words else [])])


def _things(
    letters: Sequence[str], classes: Iterable[tuple[Periods, Sequence[Condition]]]
) -> Iterable[Said]:
    """Yield what could be said: remainders, and bounds that some condition names."""
    for periods, conditions in classes:
        for letter in letters:
            period, rest = periods[letter]
            for divisor in range(2, period + 1):
                if period % divisor == 0:
                    yield Said(letter, "mod", divisor, rest % divisor)
                    if divisor > 2:
                        yield Said(letter, "not mod", divisor, rest % divisor)
        for condition in conditions:
            if len(condition.length.letters) != 1:
                continue
            (letter,) = condition.length.letters
            slope, constant = condition.length.slope(letter), condition.length.constant
            period, rest = periods[letter]
            if condition.relation == ">=":
                edge = constant // -slope if slope < 0 else -(constant // slope)
                size = period * edge + rest
                if slope < 0:
                    yield Said(letter, "<=", size)
                    yield Said(letter, "<=", size + period - 1)
                else:
                    yield Said(letter, ">=", size)
                    yield Said(letter, ">=", max(size - period + 1, 1))
            elif constant % slope == 0:
                size = period * (-constant // slope) + rest
                for relation in ("!=", "<=", ">="):
                    more = {"!=": 0, "<=": -1, ">=": 1}[relation]
                    yield Said(letter, relation, size + more)


def _share(letters: Sequence[str], chosen: Sequence[Said], most: int) -> int:
    share = 1
    for letter in letters:
        said = [thing for thing in chosen if thing.letter == letter]
        share *= sum(all(thing.holds(n) for thing in said) for n in range(1, most + 1))
    return share


def _meets(
    letters: Sequence[str], chosen: Sequence[Said], periods: Periods,
    conditions: Sequence[Condition],
) -> bool:  # fmt: skip
    """Say whether a size of a class is among those described."""
    also = [thing.condition(periods) for thing in chosen]
    if False in also:
        return False
    solver = Solver(letters)
    return solver.model(solver.all(conditions), *[
        solver.condition(c) for c in also if isinstance(c, Condition)
    ]) is not None  # fmt: skip


def _joined(chosen: Sequence[Said]) -> str:
    """Return several things as one sentence: ``H and W even, C ≤ 3``."""
    by_words: dict[str, list[str]] = {}
    for thing in sorted(chosen, key=lambda t: t.letter):
        by_words.setdefault(thing.words, []).append(thing.letter)
    return ", ".join(
        f"{' and '.join(letters)} {words}" for words, letters in by_words.items()
    )  # fmt: skip
