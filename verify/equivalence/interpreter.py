"""Running a graph on symbols: every operation of a module, exactly.

A value is a tensor as long as it does not depend on the input, and torch computes it; from the
input on it is an array of :class:`~verify.equivalence.elements.Element`. What an operation does
with them is said in :mod:`verify.equivalence.operations`.
"""

from __future__ import annotations

import operator
import time
from typing import TYPE_CHECKING, Any

import numpy
import torch

from proofs.systems.number_system import UnsupportedError
from verify.equivalence.elements import Arithmetic
from verify.equivalence.operations import OPERATIONS, Call, Unknown
from verify.equivalence.tracing import Traced, line_of, name_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[Any]


class UninterpretedError(Exception):
    """An operation of the module has no exact meaning here; the message names it and its line."""

    def __init__(self, message: str, unknown: bool = False) -> None:
        super().__init__(message)
        #: Whether the operation as such is unknown, so that another spelling of it might do.
        self.unknown = unknown


def interpret(traced: Traced, x: Array, arithmetic: Arithmetic, deadline: float) -> Array:
    """Return what the graph makes of an array of elements.

    Raises:
        UninterpretedError: An operation has no exact meaning in this number system.
        TimeoutError: The clock of :func:`time.perf_counter` has passed ``deadline``.
    """
    try:
        return _interpret(traced, x, arithmetic, deadline)
    except UninterpretedError as error:
        if not error.unknown:
            raise
        try:
            return _interpret(traced.decomposed(), x, arithmetic, deadline)
        except UninterpretedError as second:
            # The names that the module itself uses say more, if both ways end.
            raise error from second


def _interpret(traced: Traced, x: Array, arithmetic: Arithmetic, deadline: float) -> Array:
    given = traced.given
    values: dict[torch.fx.Node, Any] = {}
    for node in traced.nodes:
        if node.op == "placeholder":
            values[node] = given.get(node.name, x)
        elif node.op == "output":
            returned: Any = torch.fx.map_arg(node.args[0], values.__getitem__)
            (result,) = returned
            if isinstance(result, torch.Tensor):
                result = Call(arithmetic, deadline).lifted(result)
            if not isinstance(result, numpy.ndarray):
                raise UninterpretedError(f"the module returns {result}")
            return result
        else:
            values[node] = _value(node, values, arithmetic, deadline)
    raise AssertionError("a graph ends with its output")


def _value(
    node: torch.fx.Node,
    values: dict[torch.fx.Node, Any],
    arithmetic: Arithmetic,
    deadline: float,
) -> Any:
    if time.perf_counter() > deadline:
        raise TimeoutError(f"at {node.name}")
    args: Any = torch.fx.map_arg(node.args, values.__getitem__)
    kwargs: Any = torch.fx.map_arg(node.kwargs, values.__getitem__)
    if node.target is operator.getitem:
        return args[0][args[1]]
    name = name_of(node.target)
    where = f"{name}{line_of(node)}"
    flat = torch.utils._pytree.tree_leaves((args, kwargs))
    for value in flat:
        if isinstance(value, Unknown):
            raise UninterpretedError(f"{where}: {value} is used")
    if not callable(node.target):
        raise UninterpretedError(f"{where} is no operation", unknown=True)
    if not any(isinstance(value, numpy.ndarray) for value in flat):
        with torch.no_grad():
            return node.target(*args, **kwargs)
    operation = OPERATIONS.get(name)
    if operation is None:
        raise UninterpretedError(f"{where} has no exact meaning here", unknown=True)
    try:
        _check_dtype(node, arithmetic)
        return operation(Call(arithmetic, deadline, node.target), *args, **kwargs)
    except UnsupportedError as error:
        raise UninterpretedError(f"{where}: {error}") from error
    except (RecursionError, TypeError, ValueError, RuntimeError) as error:
        raise UninterpretedError(f"{where} is called in a way unknown here: {error}") from error


def _check_dtype(node: torch.fx.Node, arithmetic: Arithmetic) -> None:
    """Refuse results that leave the number system, such as a sum of int8 that becomes int64."""
    for value in torch.utils._pytree.tree_leaves(node.meta.get("val"))[:1]:
        dtype = str(value.dtype).removeprefix("torch.")
        if value.dtype is torch.bool:
            continue
        if arithmetic.exact and not value.is_floating_point():
            raise UnsupportedError(f"its result is {dtype}, which rounds")
        if not arithmetic.exact and dtype != arithmetic.system.name:
            raise UnsupportedError(f"its result is {dtype}, not {arithmetic.system.name}")
