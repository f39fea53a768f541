"""Real pooling layers, and whether torch, the reference and the cost model agree on them.

The table holds the pooling layers of networks people use, with the input shapes they meet there,
and the examples of the textbook chapter, with the results it prints. Proofs speak about all
shapes and values; this is the other half, that what they speak about is what torch computes on
the layers everyone knows. Apart from the claim about them because the table is long: three
implementations are compared, number by number.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
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


def _network(
    network: str, source: str, *rows: tuple[str, str, int, int, dict[str, Any]]
) -> tuple[RealLayer, ...]:
    """Return layers from rows of names, operator, channels, side of the square image, arguments."""
    return tuple(
        RealLayer(
            f"{network} {name}", network, operator, (1, channels, side, side), arguments, source
        )
        for names, operator, channels, side, arguments in rows
        for name in names.split(", ")
    )


def _chapter(
    *rows: tuple[str, str, tuple[Any, ...], tuple[Any, ...], dict[str, Any]],
) -> tuple[RealLayer, ...]:
    """Return layers from rows of name, operator, values, what is printed, arguments."""
    source = 'Dive into Deep Learning, "Pooling" (d2l.ai, convolutional neural networks)'
    return tuple(
        RealLayer(
            f"Chapter: {name}",
            "Chapter",
            operator,
            (1, len(values), len(values[0]), len(values[0][0])),
            arguments,
            source,
            values,
            expected,
        )
        for name, operator, values, expected, arguments in rows
    )


_HALVE: dict[str, Any] = {"kernel_size": 2, "stride": 2}
_OVERLAP: dict[str, Any] = {"kernel_size": 3, "stride": 2}
_OVERHANG: dict[str, Any] = {"kernel_size": 3, "stride": 2, "ceil_mode": True}
_STEM: dict[str, Any] = {"kernel_size": 3, "stride": 2, "padding": 1}
_SAME: dict[str, Any] = {"kernel_size": 3, "stride": 1, "padding": 1}
_BRANCH: dict[str, Any] = {**_SAME, "ceil_mode": True}
_BY_ONE: dict[str, Any] = {"kernel_size": 2, "stride": 1}
_UNEVEN: dict[str, Any] = {"kernel_size": (2, 3), "stride": (2, 3), "padding": (0, 1)}

_THREE = (((0, 1, 2), (3, 4, 5), (6, 7, 8)),)
_FOUR = (((0, 1, 2, 3), (4, 5, 6, 7), (8, 9, 10, 11), (12, 13, 14, 15)),)
_FOUR_PLUS_1 = (((1, 2, 3, 4), (5, 6, 7, 8), (9, 10, 11, 12), (13, 14, 15, 16)),)

#: Every layer of the table, network by network, the chapter's examples last.
LAYERS: tuple[RealLayer, ...] = (
    *_network(
        "AlexNet",
        "torchvision.models.alexnet, 224 x 224 input (Krizhevsky, 2014)",
        ("features.2", "max_pool2d", 64, 55, _OVERLAP),
        ("features.5", "max_pool2d", 192, 27, _OVERLAP),
        ("features.12", "max_pool2d", 256, 13, _OVERLAP),
    ),
    *_network(
        "VGG-16",
        "torchvision.models.vgg16, 224 x 224 input (Simonyan and Zisserman, 2014, configuration D)",
        ("features.4", "max_pool2d", 64, 224, _HALVE),
        ("features.9", "max_pool2d", 128, 112, _HALVE),
        ("features.16", "max_pool2d", 256, 56, _HALVE),
        ("features.23", "max_pool2d", 512, 28, _HALVE),
        ("features.30", "max_pool2d", 512, 14, _HALVE),
    ),
    *_network(
        "GoogLeNet",
        "torchvision.models.googlenet, 224 x 224 input (Szegedy et al., 2014); its global pooling "
        "is AdaptiveAvgPool2d(1), which on 7 x 7 is avg_pool2d(7)",
        ("maxpool1", "max_pool2d", 64, 112, _OVERHANG),
        ("maxpool2", "max_pool2d", 192, 56, _OVERHANG),
        ("inception3a.branch4", "max_pool2d", 192, 28, _BRANCH),
        ("inception3b.branch4", "max_pool2d", 256, 28, _BRANCH),
        ("maxpool3", "max_pool2d", 480, 28, _OVERHANG),
        ("inception4a.branch4", "max_pool2d", 480, 14, _BRANCH),
        ("inception4b.branch4, inception4c.branch4, inception4d.branch4", "max_pool2d", 512, 14,
            _BRANCH),
        ("inception4e.branch4", "max_pool2d", 528, 14, _BRANCH),
        ("maxpool4", "max_pool2d", 832, 14, {**_HALVE, "ceil_mode": True}),
        ("inception5a.branch4, inception5b.branch4", "max_pool2d", 832, 7, _BRANCH),
        ("avgpool", "avg_pool2d", 1024, 7, {"kernel_size": 7}),
    ),
    *_network(
        "ResNet-50",
        "torchvision.models.resnet50, 224 x 224 input (He et al., 2015); its global pooling is "
        "AdaptiveAvgPool2d(1), which on 7 x 7 is avg_pool2d(7)",
        ("maxpool", "max_pool2d", 64, 112, _STEM),
        ("avgpool", "avg_pool2d", 2048, 7, {"kernel_size": 7}),
    ),
    *_network(
        "DenseNet-121",
        "torchvision.models.densenet121, 224 x 224 input (Huang et al., 2016); its global pooling "
        "is adaptive_avg_pool2d(1), which on 7 x 7 is avg_pool2d(7)",
        ("pool0", "max_pool2d", 64, 112, _STEM),
        ("transition1.pool", "avg_pool2d", 128, 56, _HALVE),
        ("transition2.pool", "avg_pool2d", 256, 28, _HALVE),
        ("transition3.pool", "avg_pool2d", 512, 14, _HALVE),
        ("global", "avg_pool2d", 1024, 7, {"kernel_size": 7}),
    ),
    *_network(
        "Inception-v3",
        "torchvision.models.inception_v3, 299 x 299 input (Szegedy et al., 2015), in training "
        "mode, which adds AuxLogits; its global pooling is AdaptiveAvgPool2d(1), which on 8 x 8 is "
        "avg_pool2d(8)",
        ("maxpool1", "max_pool2d", 64, 147, _OVERLAP),
        ("maxpool2", "max_pool2d", 192, 71, _OVERLAP),
        ("Mixed_5b.branch_pool", "avg_pool2d", 192, 35, _SAME),
        ("Mixed_5c.branch_pool", "avg_pool2d", 256, 35, _SAME),
        ("Mixed_5d.branch_pool", "avg_pool2d", 288, 35, _SAME),
        ("Mixed_6a.branch_pool", "max_pool2d", 288, 35, _OVERLAP),
        ("Mixed_6b.branch_pool, Mixed_6c.branch_pool, Mixed_6d.branch_pool, Mixed_6e.branch_pool",
            "avg_pool2d", 768, 17, _SAME),
        ("AuxLogits", "avg_pool2d", 768, 17, {"kernel_size": 5, "stride": 3}),
        ("Mixed_7a.branch_pool", "max_pool2d", 768, 17, _OVERLAP),
        ("Mixed_7b.branch_pool", "avg_pool2d", 1280, 8, _SAME),
        ("Mixed_7c.branch_pool", "avg_pool2d", 2048, 8, _SAME),
        ("avgpool", "avg_pool2d", 2048, 8, {"kernel_size": 8}),
    ),
    *_network(
        "MobileNetV2",
        "Sandler et al., 2018, table 2: avgpool 7x7 on 7 x 7 x 1280; "
        "torchvision.models.mobilenet_v2 writes it as adaptive_avg_pool2d(1)",
        ("avgpool", "avg_pool2d", 1280, 7, {"kernel_size": 7}),
    ),
    *_network(
        "SqueezeNet 1.0",
        "torchvision.models.squeezenet1_0, 224 x 224 input (Iandola et al., 2016); its global "
        "pooling is AdaptiveAvgPool2d(1), which on 13 x 13 is avg_pool2d(13)",
        ("features.2", "max_pool2d", 96, 109, _OVERHANG),
        ("features.6", "max_pool2d", 256, 54, _OVERHANG),
        ("features.11", "max_pool2d", 512, 27, _OVERHANG),
        ("classifier.3", "avg_pool2d", 1000, 13, {"kernel_size": 13}),
    ),
    *_network(
        "SqueezeNet 1.1",
        "torchvision.models.squeezenet1_1, 224 x 224 input; its global pooling is "
        "AdaptiveAvgPool2d(1), which on 13 x 13 is avg_pool2d(13)",
        ("features.2", "max_pool2d", 64, 111, _OVERHANG),
        ("features.5", "max_pool2d", 128, 55, _OVERHANG),
        ("features.8", "max_pool2d", 256, 27, _OVERHANG),
        ("classifier.3", "avg_pool2d", 1000, 13, {"kernel_size": 13}),
    ),
    *_network(
        "YOLOv5l",
        "ultralytics/yolov5 models/common.py, SPPF(1024, 1024, k=5), which pools c1 // 2 = 512 "
        "channels three times over; size l on a 640 x 640 input, stride 32",
        ("SPPF.m 1 of 3, SPPF.m 2 of 3, SPPF.m 3 of 3", "max_pool2d", 512, 20,
            {"kernel_size": 5, "stride": 1, "padding": 2}),
    ),
    *_chapter(
        ("maximum of 2 x 2", "max_pool2d", _THREE, (((4, 5), (7, 8)),), _BY_ONE),
        ("mean of 2 x 2", "avg_pool2d", _THREE, (((2, 3), (5, 6)),), _BY_ONE),
        ("stride is the window", "max_pool2d", _FOUR, (((10,),),), {"kernel_size": 3}),
        ("padding and stride", "max_pool2d", _FOUR, (((5, 7), (13, 15)),), _STEM),
        ("a padding for each axis", "max_pool2d", _FOUR, (((5, 7), (13, 15)),), _UNEVEN),
        ("two channels", "max_pool2d", _FOUR + _FOUR_PLUS_1,
            (((5, 7), (13, 15)), ((6, 8), (14, 16))), _STEM),
    ),
)  # fmt: skip


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
