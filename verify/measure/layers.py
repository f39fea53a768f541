"""The layers that are measured: real ones, and one or more for every way to fail at the border."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from torch import Tensor


@dataclass(frozen=True)
class Layer:
    """One pooling on one input.

    Attributes:
        name: What to call it, unique in :data:`LAYERS`.
        operator: Its name in :func:`costmodel.operators`.
        shape: The input shape, ``(N, C, *spatial)`` or ``(C, *spatial)``.
        arguments: The operator's arguments by torch's names.
        dtype: The name of torch's dtype.
        layout: ``"contiguous"`` or ``"channels_last"``.

    >>> Layer("stem", "max_pool2d", (1, 64, 112, 112), {"kernel_size": 3, "stride": 2}).dimensions
    2
    """

    name: str
    operator: str
    shape: tuple[int, ...]
    arguments: Mapping[str, Any] = field(default_factory=dict)
    dtype: str = "float32"
    layout: str = "contiguous"

    @property
    def dimensions(self) -> int:
        """The number of spatial axes."""
        return int(self.operator[-2])

    @property
    def family(self) -> str:
        """The operator without its number of axes, such as ``"max_pool"``."""
        return self.operator[:-2]

    @property
    def batched(self) -> bool:
        """Whether the input has a batch axis."""
        return len(self.shape) == self.dimensions + 2

    def input(self, device: str) -> Tensor:
        """Return an input on ``device``, drawn from [1, 2).

        There every division takes the fast path, so that instructions do not depend on the values.
        """
        import torch

        generator = torch.Generator().manual_seed(0)
        values = 1 + torch.rand(self.shape, generator=generator) * 0.99
        x = values.to(device=device, dtype=getattr(torch, self.dtype))
        if self.layout == "channels_last":
            x = x.to(memory_format=torch.channels_last)
        return x

    def native(self, x: Tensor) -> Tensor:
        """Return torch's own pooling of ``x``."""
        import torch

        pooled: Tensor = getattr(torch.nn.functional, self.operator)(x, **self.arguments)
        return pooled

    def to_dict(self) -> dict[str, Any]:
        """Return the layer as what ``json.dumps`` takes."""
        return {
            "name": self.name,
            "operator": self.operator,
            "shape": list(self.shape),
            "arguments": dict(self.arguments),
            "dtype": self.dtype,
            "layout": self.layout,
        }

    @classmethod
    def from_dict(cls, entries: Mapping[str, Any]) -> Layer:
        """Return the layer that :meth:`to_dict` wrote; sizes that were tuples may be lists.

        >>> Layer.from_dict(LAYERS[0].to_dict()) == LAYERS[0]
        True
        """
        arguments = {
            name: tuple(value) if isinstance(value, list) else value
            for name, value in entries["arguments"].items()
        }
        return cls(
            entries["name"],
            entries["operator"],
            tuple(entries["shape"]),
            arguments,
            entries["dtype"],
            entries["layout"],
        )


_STEM: dict[str, Any] = {"kernel_size": 3, "stride": 2, "padding": 1}
_SAME: dict[str, Any] = {"kernel_size": 3, "stride": 1, "padding": 1}
_OVER: dict[str, Any] = {**_STEM, "ceil_mode": True}
_SPPF: dict[str, Any] = {"kernel_size": 5, "stride": 1, "padding": 2}
_UNEVEN: dict[str, Any] = {"kernel_size": (4, 3), "stride": (3, 2), "padding": (2, 0)}
_TO_3, _TO_4, _TO_5, _TO_7 = ({"output_size": size} for size in (3, 4, 5, 7))

#: Small enough to be run in a moment on a CPU, all of them. Names say what is special.
LAYERS: tuple[Layer, ...] = (
    Layer("ResNet stem", "max_pool2d", (1, 64, 112, 112), _STEM),
    Layer("VGG-16 pool5", "max_pool2d", (1, 512, 14, 14), {"kernel_size": 2}),
    Layer("YOLOv5n SPPF", "max_pool2d", (1, 128, 20, 20), _SPPF),
    Layer("overhang", "max_pool2d", (2, 3, 20, 23), {**_OVER, "padding": 0}),
    Layer("padding and overhang", "max_pool2d", (2, 3, 20, 23), {**_UNEVEN, "ceil_mode": True}),
    Layer("dilation", "max_pool2d", (2, 3, 19, 17), {**_SAME, "dilation": (2, 3)}),
    Layer("dilated windows without a tap", "max_pool2d", (1, 2, 9, 9), {**_OVER, "dilation": 3}),
    Layer("gaps between windows", "max_pool2d", (1, 4, 17, 17), {"kernel_size": 2, "stride": 5}),
    Layer("maximum in float64", "max_pool2d", (2, 8, 17, 17), _STEM, "float64"),
    Layer("maximum in float16", "max_pool2d", (2, 8, 17, 17), _STEM, "float16"),
    Layer("maximum in bfloat16", "max_pool2d", (2, 8, 17, 17), _STEM, "bfloat16"),
    Layer("maximum, channels last", "max_pool2d", (2, 8, 17, 17), _SAME, layout="channels_last"),
    Layer(
        "maximum, channels last, wide",
        "max_pool2d",
        (1, 32, 112, 112),
        _SAME,
        layout="channels_last",
    ),
    Layer("maximum along one axis", "max_pool1d", (2, 16, 100), _STEM),
    Layer(
        "maximum along three axes",
        "max_pool3d",
        (1, 4, 5, 14, 14),
        {"kernel_size": 2, "padding": (0, 1, 1)},
    ),
    Layer("maximum along three axes in float16", "max_pool3d", (1, 2, 6, 11, 11), _OVER, "float16"),
    Layer("maximum along three axes in float64", "max_pool3d", (2, 6, 11, 11), _STEM, "float64"),
    Layer(
        "maximum in float64, channels last",
        "max_pool2d",
        (2, 8, 17, 17),
        _SAME,
        "float64",
        "channels_last",
    ),
    Layer("DenseNet transition", "avg_pool2d", (1, 128, 56, 56), {"kernel_size": 2}),
    Layer("Inception-v3 branch", "avg_pool2d", (1, 192, 35, 35), _SAME),
    Layer("divided by taps", "avg_pool2d", (2, 3, 17, 17), {**_SAME, "count_include_pad": False}),
    Layer("mean with overhang", "avg_pool2d", (2, 3, 20, 23), _OVER),
    Layer("divisor_override", "avg_pool2d", (2, 3, 17, 17), {**_STEM, "divisor_override": 7}),
    Layer("mean without a batch", "avg_pool2d", (3, 17, 17), _STEM),
    Layer("mean in float64", "avg_pool2d", (2, 8, 17, 17), _STEM, "float64"),
    Layer("mean in float16", "avg_pool2d", (2, 8, 17, 17), _STEM, "float16"),
    Layer("mean in bfloat16", "avg_pool2d", (2, 8, 17, 17), _STEM, "bfloat16"),
    Layer("mean, channels last", "avg_pool2d", (2, 8, 17, 17), _STEM, layout="channels_last"),
    Layer("mean along one axis", "avg_pool1d", (2, 16, 100), {"kernel_size": 4, "padding": 1}),
    Layer("mean along three axes", "avg_pool3d", (1, 4, 5, 14, 14), {"kernel_size": (2, 3, 3)}),
    Layer(
        "mean along three axes, padded",
        "avg_pool3d",
        (1, 3, 6, 11, 11),
        {**_OVER, "count_include_pad": False},
    ),
    Layer("mean along three axes in float64", "avg_pool3d", (1, 3, 6, 11, 11), _STEM, "float64"),
    Layer("ResNet-50 global", "adaptive_avg_pool2d", (1, 2048, 7, 7), {"output_size": 1}),
    Layer("adaptive, tiled", "adaptive_avg_pool2d", (2, 16, 12, 15), {"output_size": (4, 5)}),
    Layer("VGG-16 on 320 x 320", "adaptive_avg_pool2d", (1, 512, 10, 10), _TO_7),
    Layer("adaptive, half ragged", "adaptive_avg_pool2d", (2, 3, 12, 10), {"output_size": (5, 2)}),
    Layer("adaptive along one axis", "adaptive_avg_pool1d", (2, 16, 100), _TO_7),
    Layer("adaptive along three axes", "adaptive_avg_pool3d", (1, 3, 5, 9, 11), _TO_3),
    Layer(
        "adaptive along three axes in float64",
        "adaptive_avg_pool3d",
        (1, 3, 5, 9, 11),
        _TO_3,
        "float64",
    ),
    Layer("adaptive in float16", "adaptive_avg_pool2d", (2, 3, 9, 11), _TO_4, "float16"),
    Layer("adaptive in bfloat16", "adaptive_avg_pool2d", (2, 3, 9, 11), _TO_4, "bfloat16"),
    Layer("adaptive in float64", "adaptive_avg_pool2d", (2, 3, 9, 11), _TO_4, "float64"),
    Layer(
        "adaptive, channels last",
        "adaptive_avg_pool2d",
        (2, 40, 19, 21),
        {"output_size": 17},
        layout="channels_last",
    ),
    Layer(
        "adaptive in float16, channels last",
        "adaptive_avg_pool2d",
        (2, 8, 9, 11),
        _TO_4,
        "float16",
        "channels_last",
    ),
    Layer("ragged maximum", "adaptive_max_pool2d", (1, 64, 13, 13), _TO_5),
    Layer("ragged maximum in float16", "adaptive_max_pool2d", (2, 3, 13, 11), _TO_5, "float16"),
    Layer("ragged maximum in float64", "adaptive_max_pool2d", (2, 3, 13, 11), _TO_5, "float64"),
    Layer("ragged maximum along one axis", "adaptive_max_pool1d", (2, 16, 100), _TO_7),
    Layer("ragged maximum along three axes", "adaptive_max_pool3d", (1, 3, 5, 9, 11), _TO_3),
)
