"""Exhaustion: every tuple of elements of a small number system.

Those of 8 bits are computed by torch, as long as no exact fractions are asked for. The pairs of a
float format are swept by a program that is compiled from the theorem (:mod:`verify.sweeps`): the
2^32 of a 16-bit format in seconds, and those of an 8-bit format faster than fractions are. What
takes more than a moment is swept once, and its record read since.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING, Any, cast

from proofs.claim import Check, Theorem
from proofs.operators import Rounds
from proofs.operators import operator as row_of
from proofs.records import RecordError
from proofs.systems.floats import FloatFormat
from proofs.systems.number_system import NumberSystem, UnsupportedError
from proofs.terms import Term, conjunction, subterms
from proofs.verdict import Verdict
from verify.cores import single_thread
from verify.engines.counterexample import confirmed
from verify.engines.engine import Engine, Evidence, Settings

if TYPE_CHECKING:
    import torch

    from verify.sweeps.deciding import Decided
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

    def has_record(self, part: Theorem | Check, system: NumberSystem) -> bool:
        """Say whether the theorem names the format: a sweep of it is on record."""
        return isinstance(part, Theorem) and system.name in part.swept

    def only_reads(self, part: Theorem | Check, system: NumberSystem, settings: Settings) -> bool:
        """Say whether a sweep is on record and is not to be made anew."""
        return self.has_record(part, system) and self.name not in settings.anew

    def settle(self, theorem: Theorem, system: NumberSystem, settings: Settings) -> Evidence:
        """Try every tuple, up to the first that fails, or read what came of it."""
        program = self._program(theorem, system)
        if program is not None:
            assert isinstance(system, FloatFormat)
            if self.has_record(theorem, system):
                anew = not self.only_reads(theorem, system, settings)
                return self._recorded(program, theorem, system if anew else None)
            return self._sweep(program, theorem, system)
        narrow = isinstance(system, FloatFormat)
        return self.in_torch(theorem, system, _widely_held(system) if narrow else system)

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

    def _sweep(self, program: Program, theorem: Theorem, system: FloatFormat) -> Evidence:
        """Have the program go through all tuples, and say what it found.

        Pairs with a telling value come first: of what is false most fail there, and may hold at
        billions of simpler pairs.
        """
        from verify.sweeps.deciding import decide

        found = _at_telling_values(program, theorem, system) or decide(program, theorem, system)
        if found.failing is not None:
            shown = confirmed(theorem, found.failing, system)
            detail = f"after {found.first:,} tuples"
            return self.evidence(Verdict.REFUTED, detail, counterexample=shown)
        if found.undecided > 0:
            said = f"of {found.tuples:,} tuples {found.doubtful:,} are too close to decide"
            return self.evidence(Verdict.UNKNOWN, said)
        return self._exhausted(theorem, found.tuples, found.met)

    def _recorded(self, program: Program, theorem: Theorem, anew: FloatFormat | None) -> Evidence:
        """Say what the record of a sweep says; if the sweep is made anew, whether it is so."""
        from verify.sweeps.record import AGAIN, recorded

        kept = recorded(theorem, program)
        told = self._exhausted(theorem, kept.tuples, kept.met)
        if anew is None:
            return replace(told, detail=f"sweep, recorded {kept.date}: {told.detail}")
        found = self._sweep(program, theorem, anew)
        if found.verdict is Verdict.REFUTED or found == told:
            return found
        raise RecordError(
            f"recorded {kept.date}: {told.detail}; swept again: {found.detail}: {AGAIN}"
        )

    def in_torch(self, theorem: Theorem, system: NumberSystem, tensors: NumberSystem) -> Evidence:
        """Judge blocks of two variables at a time, the others held fixed.

        ``tensors`` is ``system`` itself, or computes on its tensors in another way.
        """
        with single_thread():  # blocks are small, and threads of several workers wait
            return self._in_blocks(theorem, system, tensors)

    def _in_blocks(self, theorem: Theorem, system: NumberSystem, tensors: NumberSystem) -> Evidence:
        import numpy

        from verify.encodings.tensors import TensorInterpreter

        every = tensors.all_elements()
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
            # NumPy counts truth values ten times as fast as torch.
            met += int(numpy.count_nonzero(meets.numpy()))
            wrong = meets & ~conclusion
            if wrong.numpy().any():
                where = tuple(wrong.nonzero()[0])
                found = {
                    name: tensors.elements(columns[name].expand(wrong.shape)[where])[0]
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


@cache
def _widely_held(system: FloatFormat) -> _WidelyHeld:
    return _WidelyHeld(system)


class _WidelyHeld(FloatFormat):
    """A format of 8 bits whose elements stay in the float32 tensors that it is computed in.

    To convert what is computed to 8 bits and back takes ten times as long as to compute it, so
    only what has to be rounded is converted.
    """

    def __init__(self, system: FloatFormat) -> None:
        vars(self).update(vars(system))

    def tensor(self, elements: Sequence[Any]) -> torch.Tensor:
        """Return a tensor of elements."""
        return super().tensor(elements).float()

    def all_elements(self) -> torch.Tensor:
        """Return every element."""
        return super().all_elements().float()

    def tensor_narrowed(self, x: torch.Tensor) -> torch.Tensor:
        """Round to the format."""
        return super().tensor_narrowed(x).float()

    def tensor_apply(self, operator: str, args: Sequence[torch.Tensor]) -> torch.Tensor:
        """Let torch compute an operation, and round where the result may be no element."""
        row = row_of(operator)
        if row.rounds is Rounds.NEVER and row.tensors is not None:
            return cast("torch.Tensor", row.tensors(*args))
        return super().tensor_apply(operator, args)


def _at_telling_values(program: Program, theorem: Theorem, system: FloatFormat) -> Decided | None:
    """Run the program where the first of two variables is a telling value, up to what fails."""
    from verify.sweeps.deciding import Decided
    from verify.sweeps.elements import elements
    from verify.sweeps.program import WRONG
    from verify.sweeps.sweep import Block, Compiled, sweep

    if system.enumerable or len(theorem.variables) != 2:
        return None
    values, telling = elements(system.name).values, set(system.simple_values())
    rows = [row for row, value in enumerate(values.tolist()) if value in telling]
    found = sweep(
        Compiled(program),
        [Block((row, row + 1), (0, len(values))) for row in rows],
        until=lambda tally: WRONG in tally.first,
    )
    if WRONG not in found.first:
        return None
    row, column = found.first[WRONG]
    first = rows.index(row) * len(values) + column + 1
    pair = (float(values[row]), float(values[column]))
    failing = dict(zip(theorem.variables, pair, strict=True))
    return Decided(found.pairs, met=0, doubtful=0, undecided=0, first=first, failing=failing)


def _operators(theorem: Theorem) -> set[str]:
    whole = conjunction((*theorem.premises, theorem.conclusion))
    return {node.operator for node in subterms(whole)}


def _is_exact(theorem: Theorem) -> bool:
    """Say whether a theorem speaks of the exact values of elements."""
    return bool(_operators(theorem) & {"value", "exact", "in_range"})
