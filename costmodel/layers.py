"""Pooling layers as calls of the operators they apply: torch's, and those that say so themselves.

Apart from the registry because it is the one place that knows torch's classes. It loads nothing:
a layer can only arrive if torch is loaded already.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import cache
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from pooling.kind import kinds

if TYPE_CHECKING:
    from torch.nn import Module

#: What a class has that says which operator its forward applies.
_SAYS = {"operator", "as_operator"}


def layer_call(layer: Module | str) -> tuple[str, tuple[Any, ...], dict[str, Any]] | None:
    """Return the operator that a pooling layer applies, and its arguments by position and by name.

    ``None`` is for what is no module of torch at all. A subclass is its base as long as it keeps
    the base's ``forward``.

    Raises:
        TypeError: A layer that is neither a pooling layer of ``torch.nn`` nor one that says what
            it is, see :func:`described_call`; one that has a forward of its own, or is no one
            operator in the mode it is in.

    >>> from torch import nn
    >>> layer_call(nn.AdaptiveMaxPool2d((3, None)))
    ('adaptive_max_pool2d', ((3, None), False), {})
    """
    kind: Any = type(layer)
    call = _call_of(kind)
    if call is not None:
        operator, arguments = call
        return operator, arguments(layer), {}
    nn = sys.modules.get("torch.nn")
    if nn is None or not isinstance(layer, nn.Module):
        return None
    described = described_call(layer)
    if described is not None:
        return described[0], (), described[1]
    if hasattr(kind, "as_operator"):
        raise TypeError(
            f"layer {layer!r} is not a single operator in its present mode; costmodel.of_model "
            "counts the operators that it calls"
        )
    known = ", ".join(
        f"{of.torch_layer}{{{','.join(map(str, of.dimensions))}}}d"
        for of in kinds()
        if of.torch_layer
    )
    raise TypeError(
        f"layer must be a pooling layer of torch.nn or of pooling, or have a method as_operator, "
        f"got {layer!r}; layers of torch.nn: {known}; costmodel.of_model takes any module"
    )


def described_call(layer: Module) -> tuple[str, dict[str, Any]] | None:
    """Return what a layer itself says that it applies, by a method ``as_operator``.

    That method returns the name of an operator and its arguments, or ``None`` if the layer is no
    operator in the mode it is in. Modules of this project's ``pooling`` have it. Of those that
    :func:`is_rebuilt` the operator is the pooling that they equal, and not what they run.

    Raises:
        TypeError: A subclass that has a forward of its own, and need not be what its base says.

    >>> from pooling import SoftmaxPool1d
    >>> operator, arguments = described_call(SoftmaxPool1d(2))
    >>> operator, arguments["kernel_size"], arguments["temperature"]
    ('softmax_pool1d', 2, 1)
    """
    kind: Any = type(layer)
    if not hasattr(kind, "as_operator"):
        return None
    says = (base for base in kind.__mro__ if _SAYS & vars(base).keys() and hasattr(base, "forward"))
    named = next(says, kind)
    if kind.forward is not named.forward:
        public = next(base for base in kind.__mro__ if base.forward is named.forward)
        raise _own_forward(kind, public)
    call: tuple[str, dict[str, Any]] | None = layer.as_operator()  # type: ignore[operator]
    return call


def is_rebuilt(layer: Module) -> bool:
    """Say whether a layer equals the pooling that it names, but computes it by a network.

    >>> from pooling import MaxPool2d, SoftmaxPool2d
    >>> is_rebuilt(MaxPool2d(2)), is_rebuilt(SoftmaxPool2d(2))
    (True, False)
    """
    return getattr(layer, "rebuilt", False) is True


def _own_forward(kind: type[Module], base: type[Module]) -> TypeError:
    return TypeError(
        f"layer of type {kind.__name__} has a forward of its own, so it need not cost "
        f"what {base.__name__} costs"
    )


@cache
def _call_of(kind: type[Any]) -> tuple[str, Callable[[Any], tuple[Any, ...]]] | None:
    """Return the operator of a class of layers, and what reads its arguments off a layer.

    ``None`` is for what torch does not have, and for layers that say themselves what they are.
    """
    nn = sys.modules.get("torch.nn")
    if nn is None or hasattr(kind, "as_operator"):
        return None
    of_torch = {of.torch_layer: of for of in kinds() if of.torch_layer}
    for base in kind.__mro__:
        of = of_torch.get(base.__name__[:-2])
        if of is not None and getattr(nn, base.__name__, None) is base:
            if kind.forward is not base.forward:
                raise _own_forward(kind, base)
            names = of.positional(int(base.__name__[-2]))
            return f"{of.family}{base.__name__[-2:]}", _reader(names)
    return None


def _reader(names: tuple[str, ...]) -> Callable[[Any], tuple[Any, ...]]:
    """Return what returns a layer's attributes of these names."""
    if len(names) > 1:
        return attrgetter(*names)
    (name,) = names
    return lambda layer: (getattr(layer, name),)
