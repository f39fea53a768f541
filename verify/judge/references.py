"""Poolings by name: ``"max_pool2d(kernel_size=3, stride=2, padding=1)"``, executed by definition.

What a module is compared with is never torch's own pooling but the definition in its entry,
:mod:`pooling.kinds`, run on the same symbols.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from costmodel.registry import suggestion
from pooling.kind import Kind, kind, kinds, operator_named, split_operator

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from verify.judge.elements import Arithmetic


@dataclass(frozen=True)
class NamedPooling:
    """A pooling with its arguments."""

    written: str
    kind: Kind[Any]
    dimensions: int
    arguments: dict[str, Any]

    def check(self, input_shape: tuple[int, ...], system: str = "real") -> None:
        """Refuse an input shape that the pooling does not take, or a number system it is not in.

        Raises:
            ValueError: A number of axes or a size that torch refuses, or a pooling that rounds.
            TypeError: A value of the wrong type.
        """
        if len(input_shape) not in (self.dimensions + 1, self.dimensions + 2):
            raise ValueError(
                f"the input of {self.written} must have {self.dimensions + 1} or "
                f"{self.dimensions + 2} axes, got {len(input_shape)}: {input_shape}"
            )
        if not self.kind.chooses and system != "real":
            raise ValueError(
                f"{self.written} has no one value in {system}: the rounding of a mean depends on "
                "the order of its sum; judge it over the reals"
            )
        self.kind.read(self.dimensions, input_shape, **self.arguments)

    def values(self, x: NDArray[Any]) -> NDArray[Any]:
        """Return what the definition makes of an array of any numbers."""
        return self.kind.define(x, self.kind.read(self.dimensions, x.shape, **self.arguments))

    def execute(self, x: NDArray[Any], arithmetic: Arithmetic) -> NDArray[Any]:
        """Return what the definition makes of an array of elements.

        Raises:
            UnsupportedError: The number system lacks an operation, such as the division of a mean.
        """
        import numpy

        pooled = self.values(x)
        result = numpy.empty(pooled.shape, dtype=object)
        for index, entry in numpy.ndenumerate(pooled):
            # A window without taps is an infinity, which the definition writes as a float.
            result[index] = arithmetic.constant(entry) if isinstance(entry, float) else entry
        return result


def named_pooling(written: str) -> NamedPooling:
    """Return the pooling that a call such as ``"max_pool2d(3, stride=2)"`` describes.

    Args:
        written: An operator that this project defines, by its functional name or by that of its
            layer, with literal arguments, by place or by name, in torch's order.

    Raises:
        ValueError: Not of this form, an unknown operator, unknown or missing arguments, or one
            whose windows are drawn at random.

    >>> named_pooling("max_pool2d(3, stride=2)").arguments
    {'kernel_size': 3, 'stride': 2}
    >>> named_pooling("max_pol2d(3)")
    Traceback (most recent call last):
    ...
    ValueError: unknown pooling 'max_pol2d'; did you mean 'max_pool2d'?
    """
    from inspect import Signature

    name, args, kwargs = _parsed(written)
    found = operator_named(name)
    if found is None:
        known = [operator for of in kinds() for operator in of.operators]
        hint = suggestion(name, known) or f" one of {', '.join(known)}"
        raise ValueError(f"unknown pooling {name!r};{hint}")
    operator, fixed = found
    split = split_operator(operator)
    assert split is not None
    of, dimensions = kind(split[0]), split[1]
    if of.drawn:
        raise ValueError(f"{name} has no one value: its windows are drawn at random")
    parameters = of.parameters(dimensions)
    for given in kwargs:
        if given not in parameters:
            hint = suggestion(given, parameters) or f" it takes {', '.join(parameters)}"
            raise ValueError(f"{name} takes no argument {given!r};{hint}")
    try:
        bound = Signature(list(parameters.values())).bind(*args, **{**fixed, **kwargs})
    except TypeError as error:
        raise ValueError(f"{written}: {error}") from None
    arguments = dict(bound.arguments)
    entries = arguments.get(of.sizes)
    if isinstance(entries, tuple | list) and len(entries) not in (1, dimensions):
        raise ValueError(f"{written}: {of.sizes} must have {dimensions} entries")
    return NamedPooling(written, of, dimensions, arguments)


def is_call(written: str) -> bool:
    """Say whether a reference is written as a call, and not as the place of a module."""
    return "(" in written


def _parsed(written: str) -> tuple[str, list[Any], dict[str, Any]]:
    try:
        call = ast.parse(written.strip(), mode="eval").body
        assert isinstance(call, ast.Call)
        assert isinstance(call.func, ast.Name)
        args = [ast.literal_eval(arg) for arg in call.args]
        kwargs = {str(k.arg): ast.literal_eval(k.value) for k in call.keywords}
    except (AssertionError, SyntaxError, ValueError):
        raise ValueError(
            f"cannot read {written!r} as a pooling: write it as "
            '"max_pool2d(kernel_size=3, stride=2, padding=1)", with literal arguments'
        ) from None
    return call.func.id, args, kwargs
