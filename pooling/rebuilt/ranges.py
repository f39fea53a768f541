"""Which values can reach a pooling layer, as far as the layers in front of it guarantee it.

A ReLU leaves nothing below 0, a clamp nothing outside its ends, a sigmoid nothing outside [0, 1],
and poolings, reshapes and concatenations keep what they are given. The model is traced by torch.fx,
in training and in evaluation mode; one that it cannot trace guarantees nothing, and neither does a
layer with hooks. NaN passes through all of these: ranges are of numbers.
"""

from __future__ import annotations

import operator
from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass
from math import inf
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


class _Tracer(fx.Tracer):
    def is_leaf_module(self, module: nn.Module, name: str) -> bool:
        """Look into the user's modules alone."""
        ours = module.__module__.partition(".")[0] in ("torch", "pooling")
        return ours and not isinstance(module, nn.Sequential | nn.ModuleList | nn.ModuleDict)


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
    copied = deepcopy(model)
    found = [_traced(copied.train(mode)) for mode in (True, False)]
    return {
        path: joined
        for path in found[0].keys() & found[1].keys()
        if (joined := found[0][path].joined(found[1][path])).by
    }


def _traced(model: nn.Module) -> dict[str, Range]:
    try:
        graph = _Tracer().trace(model)
    except Exception:  # control flow, or whatever else a module does that cannot be traced
        return {}
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
        elif node.op in ("call_function", "call_method"):
            of[node] = _after_function(node, arguments)
    return {path: found for path, found in given.items() if found.by}


def _after_layer(layer: nn.Module, path: str, given: Range) -> Range:
    name = type(layer).__name__
    stem = name.rstrip("123d") if name[-2:] in ("1d", "2d", "3d") else name
    by = f"{path} ({name})"
    if isinstance(layer, nn.Hardtanh) and name == "Hardtanh":
        return given.cut(float(layer.min_val), float(layer.max_val), by)
    if name in _BOUNDED:
        return given.cut(*_BOUNDED[name], by) if name != "Softplus" else Range(0, inf, by)
    if stem.startswith("Dropout") or stem in ("AlphaDropout", "FeatureAlphaDropout"):
        if not layer.training or "Alpha" in stem:
            return Range() if layer.training else given
        # What stays is scaled up, and keeps its sign.
        low, high = (0 if given.low >= 0 else -inf), (0 if given.high <= 0 else inf)
        return Range(low, high, given.by)
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
