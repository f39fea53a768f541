"""The table of torch's operators that have an exact meaning here, by the overload itself."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from verify.judge.watching.reader import Reader

#: Takes the observer and the operator's arguments; returns the terms of its results, or raises.
Handler = Callable[..., Any]
_Handler = TypeVar("_Handler", bound=Handler)


@dataclass(frozen=True)
class Reply:
    """What the judge answers in torch's place."""

    value: Any


#: What an overload of an operator makes of terms.
HANDLERS: dict[Any, Handler] = {}
#: Overloads that compute and may round, as opposed to those that move or compare.
COMPUTING: set[Any] = set()


def interprets(*overloads: Any, computes: bool = False) -> Callable[[_Handler], _Handler]:
    """Register a function for overloads, and for their variants in place and with ``out``.

    Raises ``ValueError`` if there is a handler already.
    """

    def register(handler: _Handler) -> _Handler:
        for overload in overloads:
            for variant, written in variants(overload):
                if variant in HANDLERS:
                    raise ValueError(f"{variant} has two handlers")
                HANDLERS[variant] = _writing(handler, variant) if written else handler
                if computes:
                    COMPUTING.add(variant)
        return handler

    return register


def variants(overload: Any) -> list[tuple[Any, bool]]:
    """Return an overload, its variant in place and the one with ``out``, if there are any."""
    import torch

    found = [(overload, False)]
    packet = overload.overloadpacket
    name = overload._overloadname
    in_place = getattr(torch.ops.aten, f"{packet._qualified_op_name.split('::')[1]}_", None)
    if in_place is not None and name in in_place.overloads():
        found.append((getattr(in_place, name), False))
    arguments = [str(a.type) for a in overload._schema.arguments]
    for other in packet.overloads():
        candidate = getattr(packet, other)
        schema = candidate._schema.arguments
        outs = [a for a in schema if a.is_out]
        if outs and [str(a.type) for a in schema if not a.is_out] == arguments:
            found.append((candidate, True))
            break
    return found


def _writing(handler: Handler, variant: Any) -> Handler:
    outs = {a.name for a in variant._schema.arguments if a.is_out}

    def without_out(reader: Reader, *args: Any, **kwargs: Any) -> Any:
        kept = {k: v for k, v in kwargs.items() if k not in outs}
        return handler(reader, *args, **kept)

    return without_out
