"""The pooling layers of ``torch.nn`` as calls of the operators they apply.

Apart from the registry because it is the one place that knows torch's classes. It loads nothing:
a layer can only arrive if torch is loaded already.
"""

from __future__ import annotations

import sys
from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from torch.nn import Module

_WINDOW = ("kernel_size", "stride", "padding")

#: The name of a layer → the arguments of its operator, which are attributes of the layer.
_ATTRIBUTES: dict[str, tuple[str, ...]] = {
    "MaxPool": (*_WINDOW, "dilation", "ceil_mode", "return_indices"),
    "AvgPool": (*_WINDOW, "ceil_mode", "count_include_pad", "divisor_override"),
    "LPPool": ("norm_type", "kernel_size", "stride", "ceil_mode"),
    "AdaptiveMaxPool": ("output_size", "return_indices"),
    "AdaptiveAvgPool": ("output_size",),
    "FractionalMaxPool": ("kernel_size", "output_size", "output_ratio", "return_indices"),
}

#: The name of a layer → the name of its operator, both without their dimensions.
_OPERATORS = {
    "MaxPool": "max_pool",
    "AvgPool": "avg_pool",
    "LPPool": "lp_pool",
    "AdaptiveMaxPool": "adaptive_max_pool",
    "AdaptiveAvgPool": "adaptive_avg_pool",
    "FractionalMaxPool": "fractional_max_pool",
}


def layer_call(layer: Module | str) -> tuple[str, dict[str, Any]] | None:
    """Return the operator that a pooling layer of torch applies, and its arguments.

    ``None`` is for what is no layer of torch at all. A subclass is its base as long as it keeps
    the base's ``forward``.

    Raises:
        TypeError: A layer that is no pooling layer of ``torch.nn``, or one that has a forward of
            its own.

    >>> from torch import nn
    >>> layer_call(nn.AdaptiveMaxPool2d((3, None)))
    ('adaptive_max_pool2d', {'output_size': (3, None), 'return_indices': False})
    """
    nn = sys.modules.get("torch.nn")
    if nn is None or not isinstance(layer, nn.Module):
        return None
    kind: Any = type(layer)
    call = _call_of(kind)
    if call is not None:
        operator, names = call
        return operator, {name: getattr(layer, name) for name in names}
    known = ", ".join(
        family + ("{2,3}d" if family == "FractionalMaxPool" else "{1,2,3}d")
        for family in _ATTRIBUTES
    )
    raise TypeError(
        f"layer must be a pooling layer of torch.nn, got {layer!r}; layers: {known}; "
        "costmodel.of_model takes any module"
    )


@cache
def _call_of(kind: type[Module]) -> tuple[str, tuple[str, ...]] | None:
    """Return the operator of a class of layers and the attributes that are its arguments."""
    nn = sys.modules["torch.nn"]
    for base in kind.__mro__:
        family, dimensions = base.__name__[:-2], base.__name__[-2:]
        if family in _ATTRIBUTES and getattr(nn, base.__name__, None) is base:
            if kind.forward is not base.forward:
                raise TypeError(
                    f"layer of type {kind.__name__} has a forward of its own, so it need not cost "
                    f"what {base.__name__} costs"
                )
            names = _ATTRIBUTES[family]
            if base.__name__ == "AvgPool1d":
                names = tuple(name for name in names if name != "divisor_override")
            return f"{_OPERATORS[family]}{dimensions}", names
    return None
