"""What a model is called with, read from what a user writes down.

Apart from the counting because it is one set of rules, and the same for meta tensors and values:
tensors are tensors, a tuple of whole numbers is a shape, and everything else is itself.
"""

import copy
import dataclasses
from collections.abc import Callable, Mapping
from inspect import Parameter, signature
from typing import Any

import torch
from torch import Tensor, nn

#: Makes what the model gets of a tensor, or of a shape.
Make = Callable[[Tensor | tuple[int, ...]], Tensor]


def arguments(
    model: nn.Module, args: tuple[Any, ...], kwargs: Mapping[str, Any]
) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """Return the arguments of ``forward`` by position and by name, entries not yet made.

    One tuple that is no shape is all of the inputs. One mapping whose keys are all names of
    parameters of ``forward`` is arguments by name, as a tokenizer returns them.

    >>> arguments(nn.Bilinear(2, 3, 4), (((1, 2), (1, 3)),), {})
    (((1, 2), (1, 3)), {})
    >>> arguments(nn.ReLU(), ({"input": (2, 3)},), {})
    ((), {'input': (2, 3)})
    """
    if len(args) == 1:
        (only,) = args
        if type(only) is tuple and not is_shape(only):
            args = only
        elif isinstance(only, Mapping) and only and set(only) <= _names(model):
            clash = set(only) & set(kwargs)
            if clash:
                raise TypeError(f"{min(clash)!r} is given twice: in the mapping and by its name")
            return (), {**only, **kwargs}
    return args, dict(kwargs)


def _names(model: nn.Module) -> set[Any]:
    try:
        parameters = signature(model.forward).parameters.values()
    except (TypeError, ValueError):
        return set()
    return {
        p.name
        for p in parameters
        if p.kind in (Parameter.POSITIONAL_OR_KEYWORD, Parameter.KEYWORD_ONLY)
    }


def is_shape(value: Any) -> bool:
    """Say whether a value is a tuple of whole numbers alone.

    Raises:
        ValueError: One of them is negative.

    >>> is_shape((1, 3, 8, 8)), is_shape([1, 3]), is_shape((1, 2.0)), is_shape(())
    (True, False, False, False)
    """
    if not isinstance(value, tuple) or not value:
        return False
    if not all(type(size) is int for size in value):
        return False
    if min(value) < 0:
        raise ValueError(f"the sizes of a shape must be at least 0, got {tuple(value)}")
    return True


def made(value: Any, make: Make, shapes: bool = True) -> Any:
    """Return a value with every tensor and every shape in it made into what the model gets.

    Tuples, mappings, lists and dataclasses are gone through; within a list a tuple of whole
    numbers is itself.
    """
    if isinstance(value, Tensor):
        return make(value)
    if isinstance(value, tuple):
        if shapes and is_shape(value):
            return make(tuple(value))
        parts = [made(part, make, shapes) for part in value]
        return type(value)(*parts) if hasattr(value, "_fields") else tuple(parts)
    if isinstance(value, list):
        return [made(part, make, False) for part in value]
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        twin = copy.copy(value)
        for field in dataclasses.fields(value):
            part = getattr(value, field.name)
            changed = made(part, make, shapes)
            if changed is not part:
                object.__setattr__(twin, field.name, changed)
                if isinstance(twin, dict):
                    dict.__setitem__(twin, field.name, changed)
        return twin
    if isinstance(value, Mapping):
        entries = {key: made(part, make, shapes) for key, part in value.items()}
        if type(value) is dict:
            return entries
        try:
            return type(value)(entries)  # type: ignore[call-arg]
        except Exception:
            return entries
    return value


def tensors_in(value: Any) -> list[Tensor]:
    """Return every tensor in a value, dataclasses of outputs included, in order.

    >>> [tuple(t.shape) for t in tensors_in([{"a": torch.zeros(2)}, (torch.zeros(3), None)])]
    [(2,), (3,)]
    """
    if isinstance(value, Tensor):
        return [value]
    if isinstance(value, Mapping):
        return [tensor for part in value.values() for tensor in tensors_in(part)]
    if isinstance(value, list | tuple | set):
        return [tensor for part in value for tensor in tensors_in(part)]
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        fields = dataclasses.fields(value)
        return [tensor for field in fields for tensor in tensors_in(getattr(value, field.name))]
    return []


def has_shapes(value: Any) -> bool:
    """Say whether some tensor is given by its shape alone, or on the meta device."""
    found: list[bool] = []

    def look(entry: Tensor | tuple[int, ...]) -> Tensor:
        found.append(not isinstance(entry, Tensor) or entry.is_meta)
        return torch.empty(0)

    made(value, look)
    return any(found)
