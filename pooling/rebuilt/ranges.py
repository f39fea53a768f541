"""Which values can reach a pooling layer, as far as the layers in front of it guarantee it.

A ReLU leaves nothing below 0, a clamp nothing outside its ends, a sigmoid nothing outside [0, 1],
and poolings, reshapes and concatenations keep what they are given. The model is traced by torch.fx,
in training and in evaluation mode, with its optional arguments given and left out; one that it
cannot trace guarantees nothing, and neither does one that asks of what kind its input is, or a
layer with hooks. What is written in place may be seen through every tensor before it. NaN passes
through all of these: ranges are of numbers.
"""

from __future__ import annotations

import inspect
import operator
from collections.abc import Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass
from itertools import product
from math import inf
from types import CodeType
from typing import Any

import torch
import torch.nn.functional as F
from torch import fx, nn


@dataclass(frozen=True)
class Range:
    """The least and the largest number that can occur, and which layer sees to it.

    Attributes:
        low: The least; ``-inf`` without any.
        high: The largest.
        by: The layer or function that guarantees it; empty if nothing does.
    """

    low: float = -inf
    high: float = inf
    by: str = ""

    def joined(self, other: Range) -> Range:
        """Return what holds if either does."""
        by = self.by if self.by == other.by else " and ".join(filter(None, (self.by, other.by)))
        low, high = min(self.low, other.low), max(self.high, other.high)
        return Range(low, high, by if (low, high) != (-inf, inf) else "")

    def cut(self, low: float, high: float, by: str) -> Range:
        """Return the range after a clamp to [low, high]."""
        held = (min(max(self.low, low), high), min(max(self.high, low), high))
        return self if held == (self.low, self.high) else Range(*held, by)


#: Layers and functions whose results are in a range, whatever they are given.
_BOUNDED: Mapping[Any, tuple[float, float]] = {
    **dict.fromkeys(("ReLU", "Softplus", F.relu, torch.relu, "relu"), (0, inf)),
    **dict.fromkeys(("ReLU6", F.relu6), (0, 6)),
    **dict.fromkeys(
        ("Sigmoid", "Hardsigmoid", "Softmax", "Softmax2d", torch.sigmoid, F.sigmoid,
         F.hardsigmoid, F.softmax, torch.softmax, "sigmoid", "softmax"), (0, 1)
    ),
    **dict.fromkeys(("Tanh", "Softsign", torch.tanh, F.tanh, "tanh"), (-1, 1)),
}  # fmt: skip

#: What keeps a range: its results are among its arguments, or means of them.
_KEEPING = {
    "Identity", "Flatten", "Unflatten", "MaxPool", "AdaptiveMaxPool", "AdaptiveAvgPool",
    torch.flatten, F.max_pool1d, F.max_pool2d, F.max_pool3d, F.adaptive_max_pool2d,
    F.adaptive_avg_pool1d, F.adaptive_avg_pool2d, F.adaptive_avg_pool3d,
    "view", "reshape", "flatten", "permute", "transpose", "contiguous", "clone", "detach",
    "squeeze", "unsqueeze", operator.getitem,
}  # fmt: skip
#: What may put zeros beside what it is given, or in its place.
_WITH_ZEROS = {"AvgPool", "ZeroPad", F.avg_pool1d, F.avg_pool2d, F.avg_pool3d}


#: Optional arguments of a model whose every combination is traced, at most.
_MOST_OPTIONAL = 3


class _Written(fx.Proxy):
    """A proxy that tells ``x += 1`` from ``x + 1``, and has no attributes set."""

    def __getattr__(self, name: str) -> Any:
        """Return an attribute, such as the same numbers turned round."""
        return _Attribute(self, name)

    def __setattr__(self, name: str, value: Any) -> None:
        """Refuse what no graph shows, such as other numbers for ``x.data``."""
        if name not in ("tracer", "node", "root", "attr", "_node"):
            raise TypeError(f"{name} of a tensor is set")
        super().__setattr__(name, value)


class _Attribute(fx.proxy.Attribute, _Written):
    """What an attribute of such a proxy is."""


def _in_place(name: str) -> Any:
    def method(self: _Written, other: Any) -> Any:
        return self.tracer.create_proxy("call_function", getattr(operator, name), (self, other), {})

    return method


_NAMES = ("iadd", "isub", "imul", "itruediv", "ifloordiv", "imod", "ipow", "iand", "ior", "ixor")
for _name in _NAMES:
    setattr(_Written, f"__{_name}__", _in_place(_name))
_IN_PLACE = {getattr(operator, _name) for _name in _NAMES}


class _Tracer(fx.Tracer):
    def __init__(self, leaves: list[nn.Module]) -> None:
        super().__init__()
        self.leaves = {id(leaf) for leaf in leaves}

    def is_leaf_module(self, module: nn.Module, name: str) -> bool:
        """Look into the user's modules alone."""
        return id(module) in self.leaves

    def proxy(self, node: fx.Node) -> fx.Proxy:
        """Return a proxy that shows what is written in place."""
        return _Written(node, self)


def ranges(model: nn.Module) -> dict[str, Range]:
    """Return the range of what each layer is given, by the layer's path.

    Layers of which nothing is guaranteed, or that are never called, are left out. A layer that is
    called in several places has the range of them all. The model stays as it is.

    >>> model = nn.Sequential(nn.ReLU6(), nn.MaxPool2d(2), nn.Conv2d(1, 1, 1), nn.MaxPool2d(2))
    >>> ranges(model)["1"]
    Range(low=0, high=6, by='0 (ReLU6)')
    >>> "3" in ranges(model)
    False
    """
    if any(_looks(layer) for layer in model.modules() if not _is_leaf(layer)):
        return {}
    copied = deepcopy(model)
    found = [
        _traced(copied.train(mode), given) for mode in (True, False) for given in _optional(model)
    ]
    first, *others = found
    for other in others:
        first = {path: first[path].joined(other[path]) for path in first.keys() & other.keys()}
    return {path: joined for path, joined in first.items() if joined.by}


#: With these a model could tell that it is traced, and go another way than it goes for tensors.
_LOOKS = {
    "isinstance", "type", "hasattr", "getattr", "callable", "is_grad_enabled", "is_tracing",
    "is_scripting", "is_compiling", "is_exporting", "is_tensor", "__class__", "requires_grad",
}  # fmt: skip


def _looks(layer: nn.Module) -> bool:
    """Return whether a layer's code, or a function that it calls, asks what it was given."""
    waiting: list[object] = [
        method
        for kind in type(layer).__mro__
        if not kind.__module__.startswith("torch.")
        for method in vars(kind).values()
    ]
    seen: set[CodeType] = set()
    while waiting:
        function = waiting.pop()
        code = getattr(function, "__code__", None)
        if not isinstance(code, CodeType) or code in seen:
            continue
        if getattr(function, "__module__", "").split(".")[0] == "torch":
            continue
        seen.add(code)
        names, bound = set(code.co_names), getattr(function, "__globals__", {})
        if names & _LOOKS:
            return True
        waiting += [bound[name] for name in names & bound.keys()]
    return False


def _optional(model: nn.Module) -> Iterator[dict[str, Any] | None]:
    """Yield which arguments of a model are left out, with their defaults; ``None`` for too many."""
    defaults = {
        name: parameter.default
        for name, parameter in inspect.signature(model.forward).parameters.items()
        if parameter.default is not parameter.empty
    }
    if len(defaults) > _MOST_OPTIONAL:
        yield None
        return
    for left_out in product((False, True), repeat=len(defaults)):
        yield {name: defaults[name] for name, out in zip(defaults, left_out, strict=True) if out}


def _traced(model: nn.Module, left_out: dict[str, Any] | None) -> dict[str, Range]:
    if left_out is None:
        return {}
    leaves = [layer for layer in model.modules() if _is_leaf(layer)]
    try:
        for layer in leaves:
            layer.forward = _past_the_layer
        graph = _Tracer(leaves).trace(model, left_out)
    except Exception:  # control flow, or whatever else a module does that cannot be traced
        return {}
    finally:
        for layer in leaves:
            del layer.forward
    of: dict[Any, Range] = {}
    given: dict[str, Range] = {}
    for node in graph.nodes:
        arguments = [of.get(arg, Range()) for arg in node.all_input_nodes]
        if node.op == "call_module":
            layer, path = model.get_submodule(str(node.target)), str(node.target)
            first = arguments[0] if arguments else Range()
            if layer._forward_pre_hooks:
                first = Range()
            given[path] = given[path].joined(first) if path in given else first
            hooked = bool(layer._forward_hooks)
            of[node] = Range() if hooked else _after_layer(layer, path, first)
            written = bool(getattr(layer, "inplace", False))
        elif node.op in ("call_function", "call_method"):
            of[node] = _after_function(node, arguments)
            written = _writes(node)
        else:
            continue
        if written:
            of = {one: _overwritten(before, of[node]) for one, before in of.items()}
    return {path: found for path, found in given.items() if found.by}


def _is_leaf(layer: nn.Module) -> bool:
    """Say whether a layer is torch's or ours, as it was made."""
    ours = type(layer).__module__.partition(".")[0] in ("torch", "pooling")
    containers = nn.Sequential | nn.ModuleList | nn.ModuleDict
    return ours and "forward" not in vars(layer) and not isinstance(layer, containers)


def _past_the_layer(*_: Any, **__: Any) -> Any:
    """Stand for the forward of a layer that is called as such, which no graph shows."""
    raise TypeError("a layer's forward is called past the layer")


def _writes(node: fx.Node) -> bool:
    """Say whether a function or method may write over what it is given."""
    name = node.target if isinstance(node.target, str) else getattr(node.target, "__name__", "")
    functional = getattr(node.target, "__module__", "") == F.__name__
    return (
        (name.endswith("_") and not name.endswith("__")) or name == "__setitem__"
        or node.target in _IN_PLACE or "out" in node.kwargs
        or bool(node.kwargs.get("inplace", False))
        or (functional and any(arg is True for arg in node.args))
    )  # fmt: skip


def _overwritten(before: Range, written: Range) -> Range:
    """Return the range of a tensor that may have been written over."""
    within = before.low <= written.low and written.high <= before.high
    return before if within else before.joined(written)


def _after_layer(layer: nn.Module, path: str, given: Range) -> Range:
    name = type(layer).__name__
    stem = name.rstrip("123d") if name[-2:] in ("1d", "2d", "3d") else name
    by = f"{path} ({name})"
    if isinstance(layer, nn.Hardtanh) and name == "Hardtanh":
        return given.cut(float(layer.min_val), float(layer.max_val), by)
    if isinstance(layer, nn.Softplus):
        return Range(0, inf, by) if layer.beta > 0 and layer.threshold >= 0 else Range()
    if name in _BOUNDED:
        return given.cut(*_BOUNDED[name], by)
    if stem.startswith("Dropout") or stem in ("AlphaDropout", "FeatureAlphaDropout"):
        if not layer.training or "Alpha" in stem:
            return Range() if layer.training else given
        # What stays is scaled up, and keeps its sign.
        low, high = (0 if given.low >= 0 else -inf), (0 if given.high <= 0 else inf)
        return Range(low, high, given.by)
    if getattr(layer, "divisor_override", None) is not None:
        return Range()
    if getattr(layer, "return_indices", False):
        return Range()
    if stem == "MaxPool" and layer.padding != 0 and layer.dilation != 1:
        return Range()  # a window of padding alone gives -inf
    if stem in _WITH_ZEROS:
        return given.joined(Range(0, 0, given.by))
    return given if stem in _KEEPING else Range()


def _after_function(node: fx.Node, arguments: list[Range]) -> Range:
    target: Any = node.target
    name = target if isinstance(target, str) else getattr(target, "__name__", str(target))
    first = arguments[0] if arguments else Range()
    if name in ("clamp", "clip", "hardtanh"):
        return _clamped(node, first, name)
    if target in _BOUNDED:
        return first.cut(*_BOUNDED[target], name)
    if set(node.kwargs) & {"dilation", "return_indices", "divisor_override", "dtype"}:
        return Range()
    if name.startswith(("max_pool", "avg_pool", "boolean_dispatch")) and len(node.args) > 4:
        return Range()  # a dilation, or what a sum is divided by
    if name == "view" and any(isinstance(arg, torch.dtype) for arg in node.args):
        return Range()
    if target in _WITH_ZEROS:
        return first.joined(Range(0, 0, first.by))
    if target in (torch.abs, "abs"):
        return Range(0, max(abs(first.low), abs(first.high)), name)
    if target in (torch.cat, torch.concat, torch.stack) and arguments:
        joined = arguments[0]
        for other in arguments[1:]:
            joined = joined.joined(other)
        return joined if all(one.by for one in arguments) else Range()
    return first if target in _KEEPING else Range()


def _clamped(node: fx.Node, given: Range, name: str) -> Range:
    names = ("min_val", "max_val") if name == "hardtanh" else ("min", "max")
    ends = list((-1.0, 1.0) if name == "hardtanh" else (-inf, inf))
    for place, word in enumerate(names):
        written: Any = node.kwargs.get(word, None)
        if written is None and len(node.args) > place + 1:
            written = node.args[place + 1]
        if written is not None:
            if not isinstance(written, int | float):
                return Range()  # an end that is computed
            ends[place] = float(written)
    return given.cut(ends[0], ends[1], name)
