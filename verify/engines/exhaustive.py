"""Exhaustion: every tuple of elements of an 8-bit number system, computed by torch."""

from __future__ import annotations

from typing import Any

from proofs.claim import Theorem
from proofs.systems.number_system import NumberSystem
from proofs.terms import conjunction, subterms
from proofs.verdict import Verdict
from verify.counterexample import confirmed
from verify.engines.engine import Engine, Evidence, Settings

#: Three 8-bit variables make 2^24 tuples, which is what a moment allows.
MOST_VARIABLES = 3
#: Exact fractions cost a microsecond each, so statements about them stop at pairs.
MOST_EXACT_VARIABLES = 2


class Exhaustive(Engine):
    """Tries every value there is."""

    name = "exhaustive"
    distribution = "torch"
    module = "torch"
    method = "every tuple of elements, in torch"

    def takes(self, theorem: Theorem, system: NumberSystem) -> bool:
        """Take theorems in few variables over 8-bit systems."""
        nodes = list(subterms(conjunction((*theorem.premises, theorem.conclusion))))
        slow = any(node.operator in ("value", "exact", "in_range") for node in nodes)
        return (
            system.enumerable
            and all(node.operator not in ("sum", "fold", "forall") for node in nodes)
            and 0 < len(theorem.variables) <= (MOST_EXACT_VARIABLES if slow else MOST_VARIABLES)
        )

    def settle(self, theorem: Theorem, system: NumberSystem, settings: Settings) -> Evidence:
        """Judge blocks of two variables at a time, the others held fixed."""
        import torch

        from verify.tensors import TensorInterpreter

        every = system.all_elements()
        names = theorem.variables
        size = len(every)
        inner = names[-2:]
        grids = torch.meshgrid(*([torch.arange(size)] * len(inner)), indexing="ij")
        columns: dict[str, Any] = {
            name: every[grid.flatten()] for name, grid in zip(inner, grids, strict=True)
        }
        block = size ** len(inner)
        tried = met = 0
        for fixed in range(size if len(names) == 3 else 1):
            if len(names) == 3:
                columns[names[0]] = every[torch.full((block,), fixed)]
            meets, conclusion = TensorInterpreter(system, columns).judge(theorem)
            tried += block
            met += int(meets.sum())
            wrong = meets & ~conclusion
            if bool(wrong.any()):
                where = int(wrong.nonzero()[0])
                found = {name: system.elements(columns[name][where])[0] for name in names}
                shown = confirmed(theorem, found, system)
                return self.evidence(
                    Verdict.REFUTED, f"after {tried:,} tuples", counterexample=shown
                )
        if met == 0:
            return self.evidence(Verdict.ERROR, "no tuple meets the premises")
        premised = "" if met == tried else f", {met:,} of them within the premises"
        detail = f"all {tried:,} tuples{premised}"
        if theorem.bound:
            return self.evidence(Verdict.PROVED_BOUNDED, f"{detail}, {theorem.bound}")
        return self.evidence(Verdict.EXHAUSTED, detail)
