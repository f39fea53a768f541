"""Poolings by name: ``"max_pool2d(kernel_size=3, stride=2, padding=1)"``, executed by definition.

What a module is compared with is never torch's own pooling but the definition in
:mod:`pooling.reference`, run on the same symbols.
"""

from __future__ import annotations

import ast
import inspect
from collections.abc import Callable
from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from pooling import reference

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from verify.judge.elements import Arithmetic

_KINDS: dict[str, Callable[..., Any]] = {
    "max_pool": reference.max_pool,
    "min_pool": reference.min_pool,
    "avg_pool": reference.avg_pool,
    "adaptive_max_pool": reference.adaptive_max_pool,
    "adaptive_avg_pool": reference.adaptive_avg_pool,
}
_DEFINITIONS = {
    f"{kind}{count}d": (definition, count)
    for count in (1, 2, 3)
    for kind, definition in _KINDS.items()
}


@dataclass(frozen=True)
class NamedPooling:
    """A pooling with its arguments."""

    written: str
    definition: Callable[..., Any]
    dimensions: int
    arguments: dict[str, Any]

    @property
    def averages(self) -> bool:
        """Whether its outputs are means."""
        return "avg" in self.definition.__name__

    def check(self, input_shape: tuple[int, ...], system: str = "real") -> None:
        """Refuse an input shape that the pooling does not take, or a number system it is not in.

        Raises:
            ValueError: A number of axes or a size that torch refuses, or a mean that rounds.
        """
        import numpy

        if len(input_shape) not in (self.dimensions + 1, self.dimensions + 2):
            raise ValueError(
                f"the input of {self.written} must have {self.dimensions + 1} or "
                f"{self.dimensions + 2} axes, got {len(input_shape)}: {input_shape}"
            )
        if self.averages and system != "real":
            raise ValueError(
                f"{self.written} has no one value in {system}: the rounding of a mean depends on "
                "the order of its sum; judge it over the reals"
            )
        self.definition(numpy.zeros(input_shape), **self.arguments)

    def execute(self, x: NDArray[Any], arithmetic: Arithmetic) -> NDArray[Any]:
        """Return what the definition makes of an array of elements.

        Raises:
            UnsupportedError: The number system lacks an operation, such as the division of a mean.
        """
        import numpy

        pooled = self.definition(x, **self.arguments)
        result = numpy.empty(pooled.shape, dtype=object)
        for index, entry in numpy.ndenumerate(pooled):
            # A window without taps is an infinity, which the definition writes as a float.
            result[index] = arithmetic.constant(entry) if isinstance(entry, float) else entry
        return result


def named_pooling(written: str) -> NamedPooling:
    """Return the pooling that a call such as ``"max_pool2d(3, stride=2)"`` describes.

    Args:
        written: An operator's functional name in torch, or ``min_pool1d`` to ``min_pool3d``, with
            literal arguments, by place or by name, in torch's order.

    Raises:
        ValueError: Not of this form, an unknown operator, or unknown or missing arguments.

    >>> named_pooling("max_pool2d(3, stride=2)").arguments
    {'kernel_size': (3, 3), 'stride': 2}
    >>> named_pooling("max_pol2d(3)")
    Traceback (most recent call last):
    ...
    ValueError: unknown pooling 'max_pol2d'; did you mean 'max_pool2d'?
    """
    name, args, kwargs = _parsed(written)
    if name not in _DEFINITIONS:
        close = get_close_matches(name, _DEFINITIONS, n=1)
        raise ValueError(
            f"unknown pooling {name!r}; "
            + (f"did you mean {close[0]!r}?" if close else f"one of {', '.join(_DEFINITIONS)}")
        )
    definition, dimensions = _DEFINITIONS[name]
    signature = inspect.signature(definition)
    names = list(signature.parameters)[1:]
    for given in kwargs:
        if given not in names:
            close = get_close_matches(given, names, n=1)
            hint = f"did you mean {close[0]!r}?" if close else f"it takes {', '.join(names)}"
            raise ValueError(f"{name} takes no argument {given!r}; {hint}")
    try:
        bound = signature.bind(None, *args, **kwargs)
    except TypeError as error:
        raise ValueError(f"{written}: {error}") from None
    arguments = dict(list(bound.arguments.items())[1:])
    for size in ("kernel_size", "output_size"):
        if isinstance(arguments.get(size), int):
            arguments[size] = (arguments[size],) * dimensions
    if len(tuple(arguments[names[0]])) != dimensions:
        raise ValueError(f"{written}: {names[0]} must have {dimensions} entries")
    return NamedPooling(written, definition, dimensions, arguments)


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
