"""Pooling layers that networks use, and how many operations they take, counted one by one.

What :mod:`benchmarks.other_counters` measures and what it is measured against. No formula of the
cost model is used here: one count runs the definition in :mod:`pooling` on numbers that note what
is done to them, the other walks through the windows of torch's output. They have to agree.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import chain, product
from math import prod
from typing import Any

import numpy
import torch
from torch import nn

import pooling


@dataclass(frozen=True)
class Layer:
    """A pooling layer of torch on an input shape, batch and channels first, that a network has."""

    where: str
    shape: tuple[int, ...]
    kind: type[nn.Module]
    arguments: Mapping[str, Any]

    @cached_property
    def module(self) -> nn.Module:
        """The layer itself."""
        return self.kind(**self.arguments)

    @property
    def operator(self) -> str:
        """The functional name of the layer, such as ``"adaptive_avg_pool2d"``."""
        return re.sub("(?<!^)(?=Pool|Avg|Max)", "_", self.kind.__name__).lower()

    def __str__(self) -> str:
        arguments = ", ".join(f"{name}={value}" for name, value in self.arguments.items())
        return f"{self.kind.__name__}({arguments})"


_STEM = dict(kernel_size=3, stride=2, padding=1)
_SAME = dict(kernel_size=3, stride=1, padding=1)

#: Windows that tile their input, and most of the ways in which they can fail to.
LAYERS = (
    Layer("ResNet, stem", (1, 64, 112, 112), nn.MaxPool2d, _STEM),
    Layer("VGG-16, first", (1, 64, 224, 224), nn.MaxPool2d, dict(kernel_size=2)),
    Layer(
        "GoogLeNet, first",
        (1, 64, 112, 112),
        nn.MaxPool2d,
        dict(kernel_size=3, stride=2, ceil_mode=True),
    ),
    Layer(
        "YOLOv5, SPPF",
        (1, 512, 20, 20),
        nn.MaxPool2d,
        dict(kernel_size=5, stride=1, padding=2),
    ),
    Layer("dilated", (1, 64, 56, 56), nn.MaxPool2d, dict(**_SAME, dilation=2)),
    Layer("DenseNet, transition", (1, 128, 56, 56), nn.AvgPool2d, dict(kernel_size=2)),
    Layer("Inception-v3, branch", (1, 192, 35, 35), nn.AvgPool2d, _SAME),
    Layer(
        "mean of real elements",
        (1, 192, 35, 35),
        nn.AvgPool2d,
        dict(**_SAME, count_include_pad=False),
    ),
    Layer("ResNet-50, global", (1, 2048, 7, 7), nn.AdaptiveAvgPool2d, dict(output_size=1)),
    Layer("VGG-16 on 320 × 320", (1, 512, 10, 10), nn.AdaptiveAvgPool2d, dict(output_size=7)),
    Layer("ragged maximum", (1, 256, 13, 13), nn.AdaptiveMaxPool2d, dict(output_size=5)),
    Layer("one axis", (1, 128, 1000), nn.MaxPool1d, _STEM),
    Layer(
        "C3D, pool5",
        (1, 512, 2, 7, 7),
        nn.MaxPool3d,
        dict(kernel_size=2, stride=2, padding=(0, 1, 1)),
    ),
    Layer(
        "2-norm",
        (1, 64, 112, 112),
        nn.LPPool2d,
        dict(norm_type=2, kernel_size=3, stride=2),
    ),
)


@dataclass(frozen=True)
class Truth:
    """What a layer takes.

    Attributes:
        taps: Positions of windows inside the input.
        outputs: Windows.
        operations: Comparisons, additions, …, one each.
        tiled: Whether every element of the input is a tap of exactly one window.
    """

    taps: int
    outputs: int
    operations: int
    tiled: bool


def truth(layer: Layer) -> Truth:
    """Return what ``layer`` takes, its operations counted twice.

    Raises:
        RuntimeError: The two counts differ.

    >>> truth(LAYERS[0])
    Truth(taps=1784896, outputs=200704, operations=1584192, tiled=False)
    """
    walked = walk_through_windows(layer)
    noted = note_operations(layer)
    if noted != walked.operations:
        raise RuntimeError(
            f"{layer} on {layer.shape}: the definition takes {noted} operations, "
            f"the windows {walked.operations}"
        )
    return walked


class Noted(float):
    """A number that notes each operation on it in ``operations``; signs and equality are free.

    Whether it is below or above a plain 0 is its sign: a root asks so whether there is one.
    """

    operations = 0


_ORDER = ("__ge__", "__le__", "__gt__", "__lt__")


def _noting(name: str) -> Callable[..., Any]:
    def operation(self: Noted, other: float) -> Any:
        sign = type(other) is int and other == 0 and name in _ORDER
        Noted.operations += 0 if sign else 1
        result = getattr(float, name)(float(self), float(other))
        return Noted(result) if type(result) is float else result

    return operation


for _name in (*_ORDER, "__add__", "__mul__", "__truediv__"):
    setattr(Noted, _name, _noting(_name))
setattr(Noted, "__pow__", _noting("__pow__"))  # noqa: B010 - float declares another signature


def note_operations(layer: Layer) -> int:
    """Return the operations of the definition of ``layer``, run on one channel.

    Channels do not interact, so the others take as many.
    """
    spatial = layer.shape[2:]
    definition = _DEFINITIONS[layer.kind.__name__[:-2]]
    arguments = {
        name: getattr(layer.module, name)
        for name in inspect.signature(definition).parameters
        if hasattr(layer.module, name)
    }
    for name in ("kernel_size", "output_size"):  # the definitions take one entry per axis
        if type(arguments.get(name)) is int:
            arguments[name] = (arguments[name],) * len(spatial)
    values = numpy.random.default_rng(0).uniform(1, 2, spatial)
    Noted.operations = 0
    definition(numpy.frompyfunc(Noted, 1, 1)(values), **arguments)
    return Noted.operations * prod(layer.shape[:2])


_DEFINITIONS: dict[str, Callable[..., Any]] = {
    "MaxPool": pooling.max_pool,
    "AvgPool": pooling.avg_pool,
    "AdaptiveAvgPool": pooling.adaptive_avg_pool,
    "AdaptiveMaxPool": pooling.adaptive_max_pool,
    "LPPool": pooling.lp_pool,
}


def walk_through_windows(layer: Layer) -> Truth:
    """Return what ``layer`` takes, window by window of torch's output.

    A window of t taps takes t − 1 comparisons, or t − 1 additions and a division. A 2-norm also
    squares every input, and for every window multiplies by its size and takes a root.
    """
    outputs = layer.module(torch.empty(layer.shape, device="meta")).shape[2:]
    axes = [list(_taps_along(layer, axis, count)) for axis, count in enumerate(outputs)]
    family = layer.kind.__name__[:-2]
    after = {"MaxPool": 0, "AdaptiveMaxPool": 0, "AvgPool": 1, "AdaptiveAvgPool": 1, "LPPool": 3}
    taps = windows = operations = 0
    for window in product(*axes):
        inside = prod(len(places) for places in window)
        taps += inside
        windows += 1
        operations += max(inside - 1, 0) + after[family]
    if family == "LPPool":
        operations += prod(layer.shape[2:])
    channels = prod(layer.shape[:2])
    tiled = all(
        sorted(chain(*places)) == list(range(size))
        for places, size in zip(axes, layer.shape[2:], strict=True)
    )
    return Truth(taps * channels, windows * channels, operations * channels, tiled)


def _taps_along(layer: Layer, axis: int, outputs: int) -> Iterator[list[int]]:
    """Yield the places inside the input of every window along one axis."""
    size = layer.shape[2 + axis]
    if "output_size" in layer.arguments:
        for i in range(outputs):
            yield list(range(i * size // outputs, -(-(i + 1) * size // outputs)))
        return

    def argument(name: str, default: int) -> int:
        value: Any = layer.arguments.get(name, default)
        return int(value if isinstance(value, int) else value[axis])

    kernel_size = argument("kernel_size", 1)
    stride, start = argument("stride", kernel_size), -argument("padding", 0)
    steps = [j * argument("dilation", 1) for j in range(kernel_size)]
    for i in range(outputs):
        places = [start + i * stride + step for step in steps]
        yield [place for place in places if 0 <= place < size]
