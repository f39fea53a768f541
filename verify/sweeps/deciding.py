"""A theorem decided by a sweep: every tuple of elements, those in doubt in exact fractions."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from proofs.claim import Theorem
from proofs.evaluate import evaluate
from proofs.systems.floats import FloatFormat
from verify.sweeps.elements import elements
from verify.sweeps.program import DOUBTFUL, MET, WRONG, Program
from verify.sweeps.sweep import Block, Compiled, Place, Tally, sweep


@dataclass(frozen=True)
class Decided:
    """What was found, up to the end or to the first tuples that fail or that nobody can decide."""

    tuples: int
    #: How many are within the premises.
    met: int
    #: How many the program left in doubt: decided in fractions, and too many for that.
    doubtful: int
    undecided: int
    #: The place of the first that fails, and its values.
    first: int = 0
    failing: dict[str, float] | None = None


def decide(program: Program, theorem: Theorem, system: FloatFormat) -> Decided:
    """Run the program over all tuples, and decide in fractions what it leaves doubtful."""
    values, names = elements(system.name).values, theorem.variables
    size = len(values)
    columns = size if len(names) == 2 else 1

    def at(place: Place) -> dict[str, float]:
        return {name: float(values[index]) for name, index in zip(names, place, strict=False)}

    def holds(place: Place) -> bool:
        return all(evaluate(premise, at(place), system) for premise in theorem.premises)

    @cache
    def fails(place: Place) -> bool:
        return holds(place) and not evaluate(theorem.conclusion, at(place), system)

    def failing(tally: Tally) -> list[Place]:
        certain = [tally.first[WRONG]] if WRONG in tally.first else []
        return certain + list(filter(fails, tally.doubtful))

    def undecided(tally: Tally) -> int:
        return tally.counts[DOUBTFUL] - len(tally.doubtful)

    tally = sweep(
        Compiled(program),
        Block((0, size), (0, columns)).cut(),
        until=lambda found: undecided(found) > 0 or bool(failing(found)),
    )
    met = tally.counts[MET] + sum(map(holds, tally.doubtful))
    found = Decided(tally.pairs, met, tally.counts[DOUBTFUL], undecided(tally))
    if wrong := failing(tally):
        row, column = min(wrong)
        place = row * columns + column + 1
        return Decided(**vars(found) | {"first": place, "failing": at((row, column))})
    return found
