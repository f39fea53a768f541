"""Running a graph on symbols: every operation of a module, exactly.

A value is a tensor as long as it does not depend on the input, and torch computes it; from the
input on it is an array of :class:`~verify.judge.elements.Element`. What an operation does
with them is said in :mod:`verify.judge.operations`.
"""

from __future__ import annotations

import operator
import time
from typing import TYPE_CHECKING, Any

import numpy
import torch

from proofs.systems.number_system import UnsupportedError
from verify.judge.elements import Arithmetic
from verify.judge.operations import OPERATIONS, SELECTING, Call, Unknown
from verify.judge.tracing import Traced, line_of, name_of

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
    own = traced.input_dtype
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
            values[node] = _value(node, values, arithmetic, own, deadline)
    raise AssertionError("a graph ends with its output")


def _value(
    node: torch.fx.Node,
    values: dict[torch.fx.Node, Any],
    arithmetic: Arithmetic,
    own: torch.dtype,
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
        dtype = _result_dtype(node)
        _check_dtype(name, dtype, own, arithmetic)
        return operation(Call(arithmetic, deadline, node.target, dtype), *args, **kwargs)
    except UnsupportedError as error:
        raise UninterpretedError(f"{where}: {error}") from error
    except (RecursionError, TypeError, ValueError, RuntimeError) as error:
        raise UninterpretedError(f"{where} is called in a way unknown here: {error}") from error


def _result_dtype(node: torch.fx.Node) -> torch.dtype | None:
    """Return the dtype of a node's first tensor, ``None`` if it has none, as an assertion."""
    leaves = torch.utils._pytree.tree_leaves(node.meta.get("val"))
    return next((leaf.dtype for leaf in leaves if isinstance(leaf, torch.Tensor)), None)


def _check_dtype(
    name: str, dtype: torch.dtype | None, own: torch.dtype, arithmetic: Arithmetic
) -> None:
    """Refuse results that leave the number system, such as a sum of int8 that becomes int64.

    A float dtype that has all values of the input's own, as float64 has those of float32, is let
    through where it changes no result: over the reals everywhere, because nothing rounds there
    anyway; in a number system of floats in operations that return values they were given.
    """
    if dtype is None or dtype is torch.bool or dtype is own:
        return
    floats = own.is_floating_point and dtype.is_floating_point
    # Of torch's float dtypes each has all values of those that take fewer bytes.
    wider = floats and dtype.itemsize > own.itemsize
    if wider and (arithmetic.exact or name in SELECTING):
        return
    found = str(dtype).removeprefix("torch.")
    if arithmetic.exact:
        raise UnsupportedError(f"its result is {found}, which rounds")
    raise UnsupportedError(f"its result is {found}, not {arithmetic.system.name}")
