"""The tensor interpreter: terms evaluated by torch, whole tensors at a time.

Elements are tensors of the real dtype and torch does the arithmetic. What a statement says *about*
elements (exact values, exactness, range) is computed exactly beside it, because no dtype could
hold it.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, cast

import numpy
import torch

from proofs.operators import UnsupportedError
from proofs.operators import operator as row_of
from proofs.systems.number_system import NumberSystem
from proofs.terms import Sort, Term, conjunction, free_variables
from verify.encodings.exact_arrays import ExactArray

if TYPE_CHECKING:
    from proofs.claim import Theorem


#: A tensor of elements, or a tuple of them for a sequence: its first taps, its second, …
Column = torch.Tensor | tuple[torch.Tensor, ...]


class TensorInterpreter:
    """Evaluates terms over one assignment of tensors.

    Args:
        system: The number system whose elements the tensors hold.
        columns: The tensor of each variable. Their shapes broadcast, so that a term is computed
            for the variables that it has and not for all.
        known: Values of terms that were computed before, on the same tensors.
    """

    def __init__(
        self,
        system: NumberSystem,
        columns: Mapping[str, Column],
        known: Mapping[Term, Any] = MappingProxyType({}),
    ) -> None:
        self.system = system
        self.columns = columns
        tensors = (x if isinstance(x, tuple) else (x,) for x in columns.values())
        self.shape = numpy.broadcast_shapes((1,), *{x.shape for each in tensors for x in each})
        # By the node itself, not its id: an id may come back once a node is gone.
        self.values: dict[Term, Any] = dict(known)

    def without(self, name: str) -> dict[Term, Any]:
        """Return what was computed and does not depend on a variable."""
        return {
            term: value for term, value in self.values.items() if name not in free_variables(term)
        }

    def judge(self, theorem: Theorem) -> tuple[torch.Tensor, torch.Tensor]:
        """Return where the premises hold, and where the conclusion does."""
        meets, conclusion = self(conjunction(theorem.premises)), self(theorem.conclusion)
        return meets.expand(self.shape), conclusion.expand(self.shape)

    def __call__(self, term: Term) -> Any:
        """Return a tensor for elements and propositions, an exact array for exact terms.

        Either has the shape of the variables in the term, broadcast.
        """
        if term not in self.values:
            self.values[term] = self._compute(term)
        return self.values[term]

    def _compute(self, node: Term) -> Any:
        system = self.system
        match node.operator, node.args:
            case "variable", _:
                return self.columns[str(node.leaf)]
            case "applied", (inner,):
                return self(inner)
            case "fold", (start, over, state, tap, step):
                result = self(start)
                for column in self(over):
                    bound = {str(state.leaf): result, str(tap.leaf): column}
                    result = TensorInterpreter(system, {**self.columns, **bound})(step)
                return result
            case "widened", (inner,):
                return system.tensor_narrowed(self._wider()(inner))
            case "true", _:
                return torch.tensor(True)
            case (("sum" | "forall"), _):
                raise UnsupportedError(f"{node.operator} on tensors")
            case (("exact" | "in_range"), (operation,)):
                return self._about(node.operator, operation)
            case "and", (first, second):
                met = self(first)
                return torch.logical_and(met, self(second)) if met.numpy().any() else met
        args = [self(arg) for arg in node.args]
        if node.operator == "select":
            condition, then, otherwise = args
            if node.sort is Sort.EXACT:
                return then.chosen(condition.numpy(), otherwise)
            return torch.where(condition, then, otherwise)
        if node.sort is Sort.NUMBER:
            if node.operator == "constant":
                assert node.leaf is not None and not isinstance(node.leaf, str)
                return system.tensor([system.constant(node.leaf)])
            return system.tensor_apply(node.operator, args)
        if node.sort is Sort.EXACT:
            return self._exact(node, args)
        return self._proposition(node, args)

    def _wider(self) -> TensorInterpreter:
        """Return an interpreter of the same tensors in the wider number system."""
        widen = self.system.tensor_widened
        columns = {
            name: widen(x) if isinstance(x, torch.Tensor) else tuple(map(widen, x))
            for name, x in self.columns.items()
        }
        return TensorInterpreter(self.system.wider, columns)

    def _value(self, x: torch.Tensor) -> ExactArray:
        elements = self.system.elements(x)
        whole = bool(elements) and isinstance(elements[0], int)
        exact = ExactArray.of_integers(elements) if whole else ExactArray.of_floats(elements)
        return exact.reshaped(x.shape)

    def _exact(self, node: Term, args: list[Any]) -> ExactArray:
        if node.operator == "value":
            return self._value(args[0])
        if node.operator == "constant":
            assert node.leaf is not None and not isinstance(node.leaf, str)
            return ExactArray.constant(node.leaf)
        if node.operator == "ulp":
            gaps = self.system.tensor_ulp(args[0])
            return ExactArray.of_floats(gaps.flatten().tolist()).reshaped(gaps.shape)
        if node.operator in ("unit_roundoff", "largest", "smallest"):
            return ExactArray.constant(self.system.exact_constant(node.operator))
        first: ExactArray = args[0]
        return cast(ExactArray, first.apply(node.operator, *args[1:]))

    def _about(self, operator: str, operation: Term) -> torch.Tensor:
        left, right = (self._value(self(arg)) for arg in operation.args)
        true_result = left.apply(operation.operator, right)
        if operator == "in_range":
            return torch.from_numpy(true_result.where(self.system.in_range))
        return torch.from_numpy(self._value(self(operation)).relation("eq", true_result))

    def _proposition(self, node: Term, args: list[Any]) -> torch.Tensor:
        operator, about = node.operator, node.args[0].sort
        match operator, args:
            case "finite", (x,):
                return self.system.tensor_finite(x)
            case (("eq" | "ne" | "lt" | "le"), (x, y)) if about is Sort.EXACT:
                return torch.from_numpy(x.relation(operator, y))
            case (("eq" | "ne"), (x, y)):
                same = self.system.tensor_equal(x, y)
                return same if operator == "eq" else ~same
            case (("lt" | "le"), (x, y)):
                return self.system.tensor_relation(operator, x, y)
        if about is Sort.EXACT:
            return torch.from_numpy(args[0].apply(operator, *args[1:]))
        row = row_of(operator)
        if row.tensors is None:
            raise row.lacks("tensors")
        return cast(torch.Tensor, row.tensors(*args))
