"""Real pooling layers, and whether torch, the reference and the cost model agree on them.

``layers.toml`` holds the pooling layers of networks people use, with the input shapes they meet
there, and the examples of the textbook chapter, with the results it prints. Proofs speak about all
shapes and values; this is the other half, that what they speak about is what torch computes on
the layers everyone knows. Apart from the claim about them because three implementations are
compared, number by number.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import costmodel
import pooling

if TYPE_CHECKING:
    import torch
    from numpy.typing import NDArray

    Array = NDArray[Any]

#: A layer is run on as many channels as have this many taps together, and on one at least.
TAPS_PER_LAYER = 8_000_000


@dataclass(frozen=True)
class RealLayer:
    """One pooling layer on one input shape.

    Attributes:
        name: What to call it, unique in :data:`LAYERS`.
        network: The network or the text it belongs to.
        operator: ``"max_pool2d"`` or ``"avg_pool2d"``.
        shape: torch's input shape, (N, C, H, W) with N = 1.
        arguments: The operator's arguments by torch's names.
        source: Where shape and arguments can be read.
        values: The input, of ``shape`` without N, if it is given and not drawn at random.
        expected: The output for ``values``, without N, as the source prints it.
    """

    name: str
    network: str
    operator: str
    shape: tuple[int, int, int, int]
    arguments: Mapping[str, Any]
    source: str
    values: tuple[Any, ...] | None = None
    expected: tuple[Any, ...] | None = None


@dataclass(frozen=True)
class Comparison:
    """What came out of comparing torch, the reference and the cost model on one layer.

    Attributes:
        layer: The layer.
        compared: What was compared, each in a few words.
        mismatches: What did not agree, each in one sentence; empty if all did.
        channels: How many of the layer's channels were run. Channels do not interact, so the
            first few stand for all; the cost model is asked about all of them.
    """

    layer: RealLayer
    compared: tuple[str, ...]
    mismatches: tuple[str, ...] = ()
    channels: int = 0

    @property
    def agrees(self) -> bool:
        """Whether nothing disagreed."""
        return not self.mismatches


def _tuples(value: Any) -> Any:
    return tuple(map(_tuples, value)) if isinstance(value, list) else value


def _read() -> Iterator[RealLayer]:
    """Yield the layers of the table, network by network, the chapter's examples last."""
    path = Path(__file__).with_name("layers.toml")
    data = tomllib.loads(path.read_text(encoding="utf-8"))
    for network in data["network"]:
        for row in network["layers"]:
            name, operator, channels, side = map(row.pop, ("name", "operator", "channels", "side"))
            yield RealLayer(
                f"{network['name']} {name}",
                network["name"],
                operator,
                (1, channels, side, side),
                row,
                network["source"],
            )
    for example in data["example"]:
        values = _tuples(example["values"])
        yield RealLayer(
            f"Chapter: {example['name']}",
            "Chapter",
            example["operator"],
            (1, len(values), len(values[0]), len(values[0][0])),
            {name: _tuples(value) for name, value in example["arguments"].items()},
            'Dive into Deep Learning, "Pooling" (d2l.ai, convolutional neural networks)',
            values,
            _tuples(example["expected"]),
        )


#: Every layer of ``layers.toml``.
LAYERS = tuple(_read())


def compare(
    layer: RealLayer, seed: int = 0, cost_model: Callable[..., costmodel.Cost] | None = None
) -> Comparison:
    """Run ``layer`` through torch, the reference and the cost model, and say where they differ.

    Inputs are float32: the layer's own values, or draws from a normal distribution. For
    max-pooling they include NaN, both infinities and both zeros, and results must be equal
    number for number (NaN equals NaN, and the zeros equal each other). For average pooling torch
    may differ from the reference, computed in float64, by the bound for n roundings in any
    order, γₙ·Σ|taps| / |divisor| with γₙ = n·u / (1 − n·u), u = 2⁻²⁴ and n the taps of a whole
    window: n − 1 additions and the division. Expected values printed by a source are compared
    exactly. ``cost_model`` stands in for :func:`costmodel.cost`, so that a wrong one can be seen to
    fail.

    Raises:
        ValueError: An operator other than ``max_pool2d`` and ``avg_pool2d``.

    >>> compare(LAYERS[0]).mismatches
    ()
    """
    if layer.operator not in ("max_pool2d", "avg_pool2d"):
        raise ValueError(
            f"operator must be 'max_pool2d' or 'avg_pool2d' to be compared, got {layer.operator!r}"
        )
    import numpy
    import torch

    cost = (cost_model or costmodel.cost)(layer.operator, layer.shape, **layer.arguments)
    all_channels = layer.shape[1]
    channels = min(all_channels, max(1, TAPS_PER_LAYER * all_channels // cost.taps))
    values = _input(layer, channels, seed)
    operator = getattr(torch.nn.functional, layer.operator)
    computed: Array = operator(torch.from_numpy(values), **layer.arguments).numpy()

    compared = ["output shape", "outputs", "values", "taps", "operations"]
    mismatches = []
    torch_shape = (1, all_channels, *computed.shape[2:])
    if cost.output_shape != torch_shape:
        mismatches.append(
            f"output shape: torch gives {torch_shape}, the cost model {cost.output_shape}"
        )
    torch_outputs = computed.size // channels * all_channels
    if cost.outputs != torch_outputs:
        mismatches.append(f"outputs: torch gives {torch_outputs}, the cost model {cost.outputs}")
    per_window = window_taps(layer)
    torch_taps = int(per_window.sum()) * all_channels
    if cost.taps != torch_taps:
        mismatches.append(f"taps: torch counts {torch_taps}, the cost model {cost.taps}")
    # A window of t taps takes t - 1 comparisons, or t - 1 additions and a division.
    operations = int((per_window - 1).clamp(min=0).sum()) * all_channels
    if layer.operator == "avg_pool2d":
        operations += torch_outputs
    if cost.flops != operations:
        mismatches.append(
            f"operations: torch's taps make {operations}, the cost model {cost.flops}"
        )
    mismatches += _compare_values(layer, values, computed)
    if layer.expected is not None:
        compared.append("the values the source prints")
        expected = numpy.array([layer.expected], dtype=numpy.float32)
        if not numpy.array_equal(computed, expected):
            mismatches.append(
                f"values: torch gives {computed[0].tolist()}, the source {expected[0].tolist()}"
            )
    return Comparison(layer, tuple(compared), tuple(mismatches), channels)


def window_taps(layer: RealLayer) -> torch.Tensor:
    """Return the taps of every window of one channel of ``layer`` as torch counts them.

    An average pooling of ones with divisor 1 gives them, exactly in float64. Average pooling knows
    no dilation; there a convolution of ones by ones does the same.

    >>> int(window_taps(LAYERS[0]).sum())
    6561
    """
    import torch
    from torch.nn.functional import avg_pool2d, conv2d, max_pool2d, pad

    arguments = dict(layer.arguments)
    ones = torch.ones(1, 1, *layer.shape[2:], dtype=torch.float64)
    if arguments.pop("dilation", 1) in (1, (1, 1)):
        arguments.update(divisor_override=1)
        arguments.pop("count_include_pad", None)
        arguments.pop("return_indices", None)
        return avg_pool2d(ones, **arguments)
    outputs: torch.Tensor = max_pool2d(ones, **layer.arguments)
    (window_h, window_w) = _pair(layer.arguments["kernel_size"])
    (padding_h, padding_w) = _pair(layer.arguments.get("padding", 0))
    stride = layer.arguments.get("stride") or layer.arguments["kernel_size"]
    # Enough zeros at the end for every window that ceil_mode lets overhang.
    far = max(layer.shape[2:]) + max(_pair(layer.arguments["dilation"])) * max(window_h, window_w)
    counted = conv2d(
        pad(ones, (padding_w, far, padding_h, far)),
        torch.ones(1, 1, window_h, window_w, dtype=torch.float64),
        stride=stride,
        dilation=layer.arguments["dilation"],
    )
    return counted[..., : outputs.shape[2], : outputs.shape[3]]


def _input(layer: RealLayer, channels: int, seed: int) -> Array:
    import numpy

    if layer.values is not None:
        return numpy.array([layer.values], dtype=numpy.float32)
    generator = numpy.random.default_rng(seed)
    values = generator.standard_normal((1, channels, *layer.shape[2:]), dtype=numpy.float32)
    if layer.operator == "max_pool2d":
        special = numpy.array([numpy.nan, numpy.inf, -numpy.inf, 0.0, -0.0], dtype=numpy.float32)
        places = generator.integers(values.size, size=10)
        values.flat[places] = numpy.tile(special, 2)
    return values


def _compare_values(layer: RealLayer, values: Array, computed: Array) -> list[str]:
    import numpy

    arguments = dict(layer.arguments)
    kernel_size = _pair(arguments.pop("kernel_size"))
    arguments.pop("return_indices", None)
    if layer.operator == "max_pool2d":
        reference = pooling.max_pool(values, kernel_size, **arguments)
        same = (computed == reference) | (numpy.isnan(computed) & numpy.isnan(reference))
        bound = "no difference"
    else:
        exact = values.astype(numpy.float64)
        reference = pooling.avg_pool(exact, kernel_size, **arguments)
        magnitude = numpy.abs(pooling.avg_pool(numpy.abs(exact), kernel_size, **arguments))
        roundings = kernel_size[0] * kernel_size[1]
        gamma = _accumulated(roundings, 2.0**-24) + _accumulated(roundings, 2.0**-53)
        same = numpy.abs(computed - reference) <= gamma * magnitude
        bound = f"{gamma:.3g} of the mean of |taps|"
    if same.all():
        return []
    worst = tuple(int(place) for place in numpy.argwhere(~same)[0])
    return [
        f"values: {int((~same).sum())} of {same.size} differ by more than {bound}, the first at "
        f"{worst}: torch gives {computed[worst]}, the reference {reference[worst]}"
    ]


def _accumulated(roundings: int, unit: float) -> float:
    """Return γₙ, the relative error of n roundings (Higham, Accuracy and Stability, 3.1)."""
    return roundings * unit / (1 - roundings * unit)


def _pair(value: Any) -> tuple[int, int]:
    return (value, value) if isinstance(value, int) else (value[0], value[-1])
