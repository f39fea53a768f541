"""Exhaustion: every tuple of elements of a small number system.

Those of 8 bits are computed by torch, as long as no exact fractions are asked for. The pairs of a
float format are swept by a program that is compiled from the theorem (:mod:`verify.sweeps`): the
2^32 of a 16-bit format in seconds, and those of an 8-bit format faster than fractions are.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, Any

from proofs.claim import Theorem
from proofs.systems.floats import FloatFormat
from proofs.systems.number_system import NumberSystem, UnsupportedError
from proofs.terms import Term, conjunction, subterms
from proofs.verdict import Verdict
from verify.engines.counterexample import confirmed, fails, holds
from verify.engines.engine import Engine, Evidence, Settings

if TYPE_CHECKING:
    from verify.sweeps.program import Program

#: Three 8-bit variables make 2^24 tuples, which is what a moment allows.
MOST_VARIABLES = 3
#: Exact fractions cost a microsecond each, so statements about them stop at pairs.
MOST_EXACT_VARIABLES = 2


class Exhaustive(Engine):
    """Tries every value there is."""

    name = "exhaustive"
    distribution = "torch"
    module = "torch"
    method = "every tuple of elements, in torch or, of 16-bit formats, compiled with LLVM"

    def takes(self, theorem: Theorem, system: NumberSystem) -> bool:
        """Take theorems in few variables over 8-bit systems, and in two over 16-bit floats."""
        if self._program(theorem, system) is not None:
            return True
        most = MOST_EXACT_VARIABLES if _is_exact(theorem) else MOST_VARIABLES
        return (
            system.enumerable
            and not _operators(theorem) & {"sum", "fold", "forall"}
            and 0 < len(theorem.variables) <= most
        )

    def settle(self, theorem: Theorem, system: NumberSystem, settings: Settings) -> Evidence:
        """Try every tuple, up to the first that fails."""
        program = self._program(theorem, system)
        if program is not None:
            return self._sweep(program, theorem, system)
        return self.in_torch(theorem, system, system)

    def _program(self, theorem: Theorem, system: NumberSystem) -> Program | None:
        """Return the program that decides a theorem, ``None`` if there is or need be none."""
        if not isinstance(system, FloatFormat) or system.bits > 16:
            return None
        if system.enumerable and not _is_exact(theorem):
            return None
        from verify.sweeps.program import judging

        try:
            return judging(theorem, system)
        except UnsupportedError:
            return None

    def _sweep(self, program: Program, theorem: Theorem, system: NumberSystem) -> Evidence:
        """Run the program over all pairs, and decide in fractions what it leaves doubtful."""
        from verify.sweeps.elements import elements
        from verify.sweeps.program import DOUBTFUL, MET, WRONG
        from verify.sweeps.sweep import Block, Compiled, Place, Tally, sweep

        values, names = elements(system.name).values, theorem.variables
        size = len(values)
        columns = size if len(names) == 2 else 1

        def at(place: Place) -> dict[str, float]:
            return {name: float(values[index]) for name, index in zip(names, place, strict=False)}

        @cache
        def fails_at(place: Place) -> bool:
            return fails(theorem, at(place), system)

        def failing(tally: Tally) -> list[Place]:
            certain = [tally.first[WRONG]] if WRONG in tally.first else []
            return certain + list(filter(fails_at, tally.doubtful))

        def undecided(tally: Tally) -> int:
            return tally.counts[DOUBTFUL] - len(tally.doubtful)

        whole = Block((0, size), (0, columns))
        tally = sweep(
            Compiled(program),
            whole.cut(),
            until=lambda found: undecided(found) > 0 or bool(failing(found)),
        )
        wrong = failing(tally)
        if wrong:
            row, column = min(wrong)
            shown = confirmed(theorem, at((row, column)), system)
            detail = f"after {row * columns + column + 1:,} tuples"
            return self.evidence(Verdict.REFUTED, detail, counterexample=shown)
        if undecided(tally) > 0:
            said = f"of {tally.pairs:,} tuples {tally.counts[DOUBTFUL]:,} are too close to decide"
            return self.evidence(Verdict.UNKNOWN, said)
        met = tally.counts[MET] + sum(holds(theorem, at(x), system) for x in tally.doubtful)
        return self._exhausted(theorem, tally.pairs, met)

    def in_torch(self, theorem: Theorem, system: NumberSystem, tensors: NumberSystem) -> Evidence:
        """Judge blocks of two variables at a time, the others held fixed.

        ``tensors`` is ``system`` itself, or computes on its tensors in another way.
        """
        from verify.encodings.tensors import TensorInterpreter

        every = system.all_elements()
        names = theorem.variables
        size, inner = len(every), names[-2:]
        # Each along an axis of its own, so that what has one variable is computed once for it.
        columns: dict[str, Any] = {
            name: every.reshape(*shape)
            for name, shape in zip(inner, [(-1, 1), (1, -1)][-len(inner) :], strict=True)
        }
        tried = met = 0
        known: Mapping[Term, Any] = {}
        for fixed in range(size if len(names) == 3 else 1):
            if len(names) == 3:
                columns[names[0]] = every[fixed].reshape(1, 1)
            interpreter = TensorInterpreter(tensors, columns, known)
            meets, conclusion = interpreter.judge(theorem)
            known = known or interpreter.without(names[0])
            tried += size ** len(inner)
            met += int(meets.sum())
            wrong = meets & ~conclusion
            if bool(wrong.any()):
                where = tuple(wrong.nonzero()[0])
                found = {
                    name: system.elements(columns[name].expand(wrong.shape)[where])[0]
                    for name in names
                }
                shown = confirmed(theorem, found, system)
                return self.evidence(
                    Verdict.REFUTED, f"after {tried:,} tuples", counterexample=shown
                )
        return self._exhausted(theorem, tried, met)

    def _exhausted(self, theorem: Theorem, tried: int, met: int) -> Evidence:
        """Return the evidence that no failing tuple amounts to."""
        if met == 0:
            return self.evidence(Verdict.ERROR, "no tuple meets the premises")
        premised = "" if met == tried else f", {met:,} of them within the premises"
        detail = f"all {tried:,} tuples{premised}"
        if theorem.bound:
            return self.evidence(Verdict.PROVED_BOUNDED, f"{detail}, {theorem.bound}")
        return self.evidence(Verdict.EXHAUSTED, detail)


def _operators(theorem: Theorem) -> set[str]:
    whole = conjunction((*theorem.premises, theorem.conclusion))
    return {node.operator for node in subterms(whole)}


def _is_exact(theorem: Theorem) -> bool:
    """Say whether a theorem speaks of the exact values of elements."""
    return bool(_operators(theorem) & {"value", "exact", "in_range"})
