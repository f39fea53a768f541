"""Tables: every tuple of elements of an 8-bit float format, by operations that are looked up.

Each operation is computed once for every pair, in fractions, and rounded by the format's own few
lines. Tuples are then gone through without any arithmetic, so that neither torch's rounding nor
that of compiled sweeps is believed.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from itertools import product
from typing import TYPE_CHECKING, Any

from proofs.claim import Theorem
from proofs.operators import operator
from proofs.systems.floats import FloatFormat
from proofs.systems.number_system import NumberSystem
from proofs.terms import Sort, conjunction, subterms
from verify.engines.engine import Evidence, Settings
from verify.engines.exhaustive import Exhaustive

if TYPE_CHECKING:
    import torch

#: What is not computed from the elements of this format alone.
_BEYOND = {"sum", "fold", "forall", "widened"}


class Tables(Exhaustive):
    """Tries every value there is, and computes none of them twice."""

    name = "tables"
    method = "every tuple of elements, by tables of operations that are computed in fractions"
    turn = 5

    def takes(self, theorem: Theorem, system: NumberSystem) -> bool:
        """Take theorems in one or two variables over 8-bit float formats."""
        nodes = list(subterms(conjunction((*theorem.premises, theorem.conclusion))))
        computed = {node.operator for node in nodes if node.sort is Sort.NUMBER and node.args}
        return (
            isinstance(system, FloatFormat)
            and system.enumerable
            and 0 < len(theorem.variables) <= 2
            and not {node.operator for node in nodes} & _BEYOND
            and all(operator(name).native for name in computed - {"applied", "select"})
        )

    def settle(self, theorem: Theorem, system: NumberSystem, settings: Settings) -> Evidence:
        """Look every tuple up, to the first that fails."""
        assert isinstance(system, FloatFormat)
        return self.in_torch(theorem, system, _tabulated(system))


@cache
def _tabulated(system: FloatFormat) -> _Tabulated:
    return _Tabulated(system)


class _Tabulated(FloatFormat):
    """A format whose tensors are numbers of places in tables."""

    def __init__(self, system: FloatFormat) -> None:
        vars(self).update(vars(system))
        self.values = [system.from_bits(pattern) for pattern in range(1 << system.bits)]
        #: Zeros of both signs are told apart by how they are written; any NaN stands for all.
        self.places = {repr(x): place for place, x in enumerate(self.values)}
        self.tables: dict[str, torch.Tensor] = {}

    def _looked_up(
        self, name: str, compute: Callable[..., Any], args: Sequence[torch.Tensor]
    ) -> torch.Tensor:
        import torch

        if name not in self.tables:
            found = [compute(*row) for row in product(self.values, repeat=len(args))]
            if not isinstance(found[0], bool):
                found = [self.places[repr(float(x))] for x in found]
            kind = torch.bool if isinstance(found[0], bool) else torch.uint8
            self.tables[name] = torch.tensor(found, dtype=kind).reshape((256,) * len(args))
        return self.tables[name][tuple(x.view(torch.uint8).long() for x in args)]

    def tensor_apply(self, operator: str, args: Sequence[torch.Tensor]) -> torch.Tensor:
        """Look an operation up."""
        import torch

        found = self._looked_up(operator, self.operation(operator), args)
        return found.view(getattr(torch, self.name))

    def tensor_equal(self, left: torch.Tensor, right: torch.Tensor) -> torch.Tensor:
        """Look up whether elements are the same number."""
        return self._looked_up("equal", self.equal, (left, right))

    def tensor_relation(
        self, operator: str, left: torch.Tensor, right: torch.Tensor
    ) -> torch.Tensor:
        """Look an order up."""
        compare = float.__lt__ if operator == "lt" else float.__le__
        return self._looked_up(operator, compare, (left, right))

    def tensor_finite(self, x: torch.Tensor) -> torch.Tensor:
        """Look up which elements are neither NaN nor infinite."""
        return self._looked_up("finite", self.finite, (x,))

    def elements(self, x: torch.Tensor) -> list[Any]:
        """Look the elements up."""
        import torch

        return [self.values[place] for place in x.contiguous().view(torch.uint8).flatten().tolist()]
