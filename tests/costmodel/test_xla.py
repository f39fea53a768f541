"""Taps by an oracle that shares nothing with this project: what XLA says a convolution costs.

A max-pooling and a convolution slide the same window, and XLA counts one multiplication and one
addition for every tap that lies inside the input, none for padding. So half of the cost it reports
for a depthwise convolution is the number of taps of the pooling.
"""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pytest
import torch

import costmodel

jax = pytest.importorskip("jax", reason="XLA is asked through JAX, an optional extra")

Configuration = dict[str, Any]


def xla_taps(shape: tuple[int, ...], configuration: Configuration, *, compiled: bool) -> int:
    """Return half of XLA's cost of the depthwise convolution with the windows of a pooling.

    Args:
        shape: ``(N, C, *spatial)``.
        configuration: kernel_size, stride and dilation with an entry per axis, padding with a pair
            per axis.
        compiled: Whether to ask for the cost of the compiled program, or of the one before.
    """
    channels, dimensions = shape[1], len(shape) - 2
    spatial = "DHW"[-dimensions:]

    def convolve(x: Any, ones: Any) -> Any:
        return jax.lax.conv_general_dilated(
            x,
            ones,
            configuration["stride"],
            configuration["padding"],
            rhs_dilation=configuration["dilation"],
            dimension_numbers=(f"NC{spatial}", f"OI{spatial}", f"NC{spatial}"),
            feature_group_count=channels,
        )

    program = jax.jit(convolve).lower(
        jax.ShapeDtypeStruct(shape, "float32"),
        jax.ShapeDtypeStruct((channels, 1, *configuration["kernel_size"]), "float32"),
    )
    # XLA leaves out what is 0: windows without any tap have no entry.
    flops = (program.compile() if compiled else program).cost_analysis().get("flops", 0)
    assert flops % 2 == 0
    return int(flops) // 2


def modelled_taps(shape: tuple[int, ...], configuration: Configuration) -> int:
    """Return the taps of the cost model."""
    return int(costmodel.cost(f"max_pool{len(shape) - 2}d", shape, **configuration).taps)


def window(
    kernel_size: tuple[int, ...],
    stride: tuple[int, ...],
    padding: tuple[tuple[int, int], ...],
    dilation: tuple[int, ...] | None = None,
) -> Configuration:
    """Return a configuration; the dilation is 1 unless it is given."""
    return dict(
        kernel_size=kernel_size,
        stride=stride,
        padding=padding,
        dilation=dilation or (1,) * len(kernel_size),
    )


def drawn(generator: random.Random) -> tuple[tuple[int, ...], Configuration]:
    """Return a random shape and configuration that torch's limits allow, edge by edge."""
    dimensions = generator.randint(1, 3)
    axes: list[tuple[Any, ...]] = []
    while len(axes) < dimensions:
        size, kernel_size = generator.randint(1, 12), generator.randint(1, 5)
        padding = tuple(generator.randint(0, kernel_size // 2) for _ in range(2))
        dilation = generator.randint(1, 3)
        if size + sum(padding) > dilation * (kernel_size - 1):
            axes.append((size, kernel_size, generator.randint(1, 4), padding, dilation))
    sizes, *arguments = zip(*axes, strict=True)
    shape = (generator.randint(1, 2), generator.randint(1, 3), *sizes)
    return shape, window(*arguments)


@pytest.mark.parametrize(
    ("shape", "configuration", "taps"),
    [
        ((1, 64, 112, 112), window((3, 3), (2, 2), ((1, 1), (1, 1))), 1_784_896),
        ((1, 1, 224, 224), window((2, 2), (2, 2), ((0, 0), (0, 0))), 224 * 224),
        ((1, 2, 20, 20), window((5, 5), (1, 1), ((2, 2), (2, 2))), 2 * 94 * 94),
        ((3, 2, 9), window((3,), (2,), ((1, 0),)), 6 * (2 + 3 + 3 + 3)),
        ((1, 1, 9), window((3,), (1,), ((1, 1),), (3,)), 2 + 3 + 3 + 3 + 2),
        ((1, 1, 4, 4), window((3, 3), (2, 2), ((1, 0), (0, 1))), 5 * 5),
        ((1, 1, 1), window((2,), (1,), ((1, 1),), (2,)), 0),
        ((1, 2, 2, 7, 7), window((2, 2, 2), (2, 2, 2), ((0, 0), (1, 1), (1, 1))), 2 * 2 * 7 * 7),
    ],
)
def test_known_layers(shape: tuple[int, ...], configuration: Configuration, taps: int) -> None:
    """Taps worked out by hand, XLA's (compiled and not) and ours are the same number."""
    assert xla_taps(shape, configuration, compiled=True) == taps
    assert xla_taps(shape, configuration, compiled=False) == taps
    assert modelled_taps(shape, configuration) == taps


@pytest.mark.parametrize(
    ("shape", "arguments"),
    [
        ((1, 1, 54, 54), dict(kernel_size=3, stride=2)),
        ((1, 1, 112, 112), dict(kernel_size=3, stride=2)),
        ((1, 1, 5, 6), dict(kernel_size=2, stride=3, padding=1)),
        ((1, 1, 7, 10), dict(kernel_size=3, stride=2, padding=1, dilation=2)),
        ((1, 1, 4, 4), dict(kernel_size=2, stride=2, padding=1)),
    ],
)
def test_ceil_mode(shape: tuple[int, ...], arguments: dict[str, Any]) -> None:
    """The windows that torch lets overhang: its shape says how far, and XLA counts their taps."""
    pooled = torch.nn.functional.max_pool2d(
        torch.empty(shape, device="meta"), **arguments, ceil_mode=True
    )
    before, dilation = arguments.get("padding", 0), arguments.get("dilation", 1)
    kernel_size, stride = arguments["kernel_size"], arguments["stride"]
    span = dilation * (kernel_size - 1) + 1
    padding = tuple(
        (before, (outputs - 1) * stride + span - size - before)
        for size, outputs in zip(shape[2:], pooled.shape[2:], strict=True)
    )
    overhanging = window((kernel_size,) * 2, (stride,) * 2, padding, (dilation,) * 2)
    ours = costmodel.cost("max_pool2d", shape, **arguments, ceil_mode=True).taps
    assert ours == xla_taps(shape, overhanging, compiled=False)


def test_random_windows() -> None:
    """Fifty configurations over one to three axes, with a padding of its own on each edge."""
    generator = random.Random(0)
    for _ in range(50):
        shape, configuration = drawn(generator)
        assert modelled_taps(shape, configuration) == xla_taps(
            shape, configuration, compiled=False
        ), (shape, configuration)


@pytest.mark.slow
def test_many_random_windows() -> None:
    """A thousand more."""
    generator = random.Random(1)
    for _ in range(1000):
        shape, configuration = drawn(generator)
        assert modelled_taps(shape, configuration) == xla_taps(
            shape, configuration, compiled=False
        ), (shape, configuration)


def test_the_oracle_sees_a_wrong_count(monkeypatch: pytest.MonkeyPatch) -> None:
    """A model that charges padding is caught."""
    shape, configuration = (1, 1, 8, 8), window((3, 3), (1, 1), ((1, 1), (1, 1)))
    right = costmodel.cost

    def charging_padding(*args: Any, **kwargs: Any) -> costmodel.Cost:
        cost = right(*args, **kwargs)
        charged = costmodel.Windows(cost.outputs, cost.outputs * 9, cost.output_shape)
        return cost._replace(windows=charged)

    assert modelled_taps(shape, configuration) == xla_taps(shape, configuration, compiled=False)
    monkeypatch.setattr(costmodel, "cost", charging_padding)
    assert modelled_taps(shape, configuration) != xla_taps(shape, configuration, compiled=False)


#: The maxima of docs/counters.md whose windows XLA can slide as they are.
MAXIMA: list[tuple[tuple[int, ...], dict[str, int]]] = [
    ((1, 64, 112, 112), dict(kernel_size=3, stride=2, padding=1)),
    ((1, 64, 224, 224), dict(kernel_size=2, stride=2)),
    ((1, 512, 20, 20), dict(kernel_size=5, stride=1, padding=2)),
    ((1, 64, 56, 56), dict(kernel_size=3, stride=1, padding=1, dilation=2)),
    ((1, 128, 1000), dict(kernel_size=3, stride=2, padding=1)),
]


def xla_maximum(shape: tuple[int, ...], arguments: dict[str, int]) -> tuple[int, int]:
    """Return the operations and bytes that XLA gives for a maximum over windows."""
    dimensions = len(shape) - 2
    sizes = [(1, 1, *[arguments.get(name, default)] * dimensions) for name, default in
             (("kernel_size", 1), ("stride", 1), ("dilation", 1))]  # fmt: skip
    edge = arguments.get("padding", 0)
    padding = ((0, 0), (0, 0), *[(edge, edge)] * dimensions)

    def pool(x: Any) -> Any:
        return jax.lax.reduce_window(
            x, -float("inf"), jax.lax.max, *sizes[:2], padding, None, sizes[2]
        )

    analysis = jax.jit(pool).lower(jax.ShapeDtypeStruct(shape, "float32")).cost_analysis()
    return int(analysis["flops"]), int(analysis["bytes accessed"])


@pytest.mark.parametrize(("shape", "arguments"), MAXIMA)
def test_xla_charges_windows_in_full(shape: tuple[int, ...], arguments: dict[str, int]) -> None:
    """Its count is the textbook's; its bytes include the value that a window starts with."""
    operator = f"max_pool{len(shape) - 2}d"
    flops, moved = xla_maximum(shape, arguments)
    assert flops == costmodel.flops(operator, shape, **arguments, counting="window")
    whole_input = costmodel.bytes_moved(operator, shape, **arguments)
    assert moved == whole_input + 4
    page = (Path(__file__).parents[2] / "docs" / "counters.md").read_text("utf-8")
    assert f" {flops:,} | {moved:,} |" in page


def test_an_average_by_xla() -> None:
    """A sum over windows in full and a quotient for each output."""

    def pool(x: Any) -> Any:
        ones = (1, 1, 2, 2)
        return jax.lax.reduce_window(x, 0.0, jax.lax.add, ones, ones, "VALID") / 4.0

    shape = (1, 128, 56, 56)
    analysis = jax.jit(pool).lower(jax.ShapeDtypeStruct(shape, "float32")).cost_analysis()
    assert int(analysis["flops"]) == costmodel.flops("avg_pool2d", shape, 2, counting="window")
