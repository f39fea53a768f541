"""Classes of sizes, whether they are all, and those of a class from which the others follow.

A class is described by linear conditions on counts of periods. A size follows from one that is
smaller by a period, along one axis or several, if that is of the same class and past the sizes up
to which the rules do not hold. The sizes that follow from none are judged one by one; a solver says
that there are no more of them, and no size outside of all classes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import combinations, product
from typing import Any

from verify.judge.sizes.lengths import Condition, Length, UnreadableError

Counts = Mapping[str, int]
#: Letters of sizes that are made smaller with another, each as often as it is by one.
Ties = Mapping[str, Sequence[str]]

#: Sums of counts up to which a size is looked for at first: small ones are run sooner.
_BOUNDS = (4, 12, 40, 200, 1000)


class Solver:
    """Linear conditions on counts, which are natural numbers, put to Z3."""

    def __init__(self, letters: Sequence[str]) -> None:
        import z3

        self.z3 = z3
        self.letters = tuple(letters)
        self.names = {letter: z3.Int(letter) for letter in letters}
        self.solver = z3.Solver()
        self.solver.set("timeout", 10_000)
        for name in self.names.values():
            self.solver.add(name >= 0)

    def value(self, length: Length, less: Sequence[str] = ()) -> Any:
        """Return a length, with some counts smaller by one for each time they are named."""
        total = self.z3.IntVal(0)
        for monomial, coefficient in length.terms:
            term = self.z3.IntVal(coefficient)
            for letter in monomial:
                term = term * (self.names[letter] - less.count(letter))
            total = total + term
        return total

    def condition(self, condition: Condition, less: Sequence[str] = ()) -> Any:
        """Return a condition, on counts some of which are smaller by one."""
        value = self.value(condition.length, less)
        match condition.relation:
            case ">=":
                return value >= 0
            case "==":
                return value == 0
        return value != 0

    def all(self, conditions: Iterable[Condition], less: Sequence[str] = ()) -> Any:
        """Return that all conditions hold."""
        return self.z3.And([self.condition(c, less) for c in conditions])

    def model(self, *more: Any) -> dict[str, int] | None:
        """Return counts for which all that was asked holds, small ones if there are.

        Raises:
            UnreadableError: The solver does not say.
        """
        total = sum(self.names.values())
        for bound in (*_BOUNDS, None):
            bounds = () if bound is None else (total <= bound,)
            answer = self.solver.check(*more, *bounds)
            if answer == self.z3.sat:
                model = self.solver.model()
                return {
                    letter: model.eval(name, model_completion=True).as_long()
                    for letter, name in self.names.items()
                }
            if answer == self.z3.unknown:
                raise UnreadableError("a solver does not say whether all sizes are covered")
        return None


def outside(letters: Sequence[str], classes: Iterable[Sequence[Condition]]) -> Solver:
    """Return a solver that is asked for sizes in none of the classes."""
    solver = Solver(letters)
    for conditions in classes:
        solver.solver.add(solver.z3.Not(solver.all(conditions)))
    return solver


def steps(letters: Sequence[str]) -> list[tuple[str, ...]]:
    """Return along which sizes, one or several, a size can be made smaller."""
    return [
        chosen for count in range(1, len(letters) + 1) for chosen in combinations(letters, count)
    ]


def chains(
    letters: Sequence[str], depth: Counts, ties: Ties | None = None
) -> list[list[tuple[str, ...]]]:
    """Return along which sizes a size can be made smaller, and at how many smaller ones it rests.

    Each is a list of what is made smaller by one: of a sum along a whole axis, at two or more. What
    is tied to a size is made smaller with it.

    >>> chains("HW", {"H": 2})
    [[('W',)], [('H',), ('H', 'H')]]
    >>> chains("HW", {}, {"W": "HH"})
    [[('W', 'H', 'H')]]
    """
    ties = ties or {}
    tied = {le for several in ties.values() for le in several}
    free = [le for le in letters if le not in depth and le not in tied]

    def whole(chosen: Sequence[str]) -> tuple[str, ...]:
        return (*chosen, *(le for one in chosen for le in ties.get(one, ())))

    return [[whole(chosen)] for chosen in steps(free)] + [
        [whole((letter,) * n) for n in range(1, count + 1)] for letter, count in depth.items()
    ]


def lessened(counts: Counts, chosen: Sequence[str]) -> dict[str, int]:
    """Return counts, smaller by one for each time that a letter is named."""
    return {le: n - chosen.count(le) for le, n in counts.items()}


def smaller(
    counts: Counts, letters: Sequence[str], conditions: Sequence[Condition], steady: Counts,
    depth: Counts, ties: Ties | None = None,
) -> dict[str, int] | None:  # fmt: skip
    """Return counts of the same class from which these follow, ``None`` if there are none."""
    for chain in chains(letters, depth, ties):
        below = [lessened(counts, chosen) for chosen in chain]
        if all(less[le] >= max(steady.get(le, 0), 0) for less in below for le in chain[0]) and all(
            c.holds(less) for less in below for c in conditions
        ):
            return below[0]
    return None


def judged_apart(
    letters: Sequence[str], conditions: Sequence[Condition], steady: Counts, depth: Counts,
    most: int, ties: Ties | None = None,
) -> list[dict[str, int]]:  # fmt: skip
    """Return the counts of a class from which all others of it follow.

    ``depth`` says along which sizes whole axes were made one element of, and from how many sizes
    that follow one another the next one follows there; ``ties`` which sizes grow with another.

    Raises:
        UnreadableError: They are more than ``most``, or the solver does not say.
    """
    reach = {le: steady.get(le, 0) for le in letters}
    solver = Solver(letters)
    solver.solver.add(solver.all(conditions))
    for chain in chains(letters, depth, ties):
        past = [
            solver.names[le] - chain[-1].count(le) >= max(steady.get(le, 0), 0)
            for le in sorted({*chain[0]})
        ]
        there = [solver.all(conditions, chosen) for chosen in chain]
        solver.solver.add(solver.z3.Not(solver.z3.And(*past, *there)))
    while True:
        count = 1
        for le in letters:
            count *= reach[le] + 1
        if count > 40 * most:
            raise UnreadableError("too many sizes would have to be judged one by one")
        found = []
        for each in product(*(range(reach[le] + 1) for le in letters)):
            counts = dict(zip(letters, each, strict=True))
            if all(c.holds(counts) for c in conditions) and (
                smaller(counts, letters, conditions, steady, depth, ties) is None
            ):
                found.append(counts)
        if len(found) > most:
            raise UnreadableError(f"more than {most} sizes would have to be judged one by one")
        beyond = solver.model(
            solver.z3.Or([solver.names[le] > reach[le] for le in letters]) if letters else False
        )
        if beyond is None:
            return found
        for le in letters:
            reach[le] = max(reach[le], beyond[le])
