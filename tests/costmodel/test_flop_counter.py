from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

import costmodel
from costmodel.flop_counter import PoolingCall, pooling_readers

LAYERS: list[tuple[nn.Module, tuple[int, ...]]] = [
    (nn.MaxPool1d(3, 2, 1), (2, 3, 20)),
    (nn.MaxPool1d(3, 2, 1, dilation=2, ceil_mode=True, return_indices=True), (3, 20)),
    (nn.MaxPool2d(3, 2, 1), (1, 64, 112, 112)),
    (nn.MaxPool2d(2, ceil_mode=True), (3, 9, 9)),
    (nn.MaxPool2d(3, (2, 1), 1, (1, 2), return_indices=True), (2, 3, 9, 9)),
    (nn.MaxPool3d((1, 2, 3), padding=(0, 1, 1)), (2, 3, 7, 8, 9)),
    (nn.AvgPool1d(3, 2, 1, ceil_mode=True), (2, 3, 20)),
    (nn.AvgPool2d(3, 2, 1, count_include_pad=False), (2, 3, 9, 9)),
    (nn.AvgPool2d(3, divisor_override=2), (3, 9, 9)),
    (nn.AvgPool3d((1, 2, 3), ceil_mode=True), (2, 3, 7, 8, 9)),
    (nn.AdaptiveMaxPool1d(3), (2, 3, 20)),
    (nn.AdaptiveMaxPool2d((3, None)), (2, 3, 9, 10)),
    (nn.AdaptiveMaxPool2d(1), (2, 3, 9, 10)),
    (nn.AdaptiveMaxPool3d(4, return_indices=True), (2, 7, 8, 9)),
    (nn.AdaptiveAvgPool1d(3), (2, 3, 20)),
    (nn.AdaptiveAvgPool2d((7, None)), (2, 3, 9, 10)),
    (nn.AdaptiveAvgPool3d(4), (2, 3, 7, 8, 9)),
    (nn.FractionalMaxPool2d(2, output_ratio=0.5), (2, 3, 9, 10)),
    (nn.FractionalMaxPool3d(2, output_size=(3, 2, 4), return_indices=True), (3, 7, 8, 9)),
]
GLOBAL: list[tuple[nn.Module, tuple[int, ...]]] = [
    (nn.AdaptiveAvgPool1d(1), (2, 3, 20)),
    (nn.AdaptiveAvgPool1d(1), (3, 20)),
    (nn.AdaptiveAvgPool2d(1), (2, 2048, 7, 7)),
    (nn.AdaptiveAvgPool2d((1, 1)), (3, 7, 8)),
    (nn.AdaptiveAvgPool3d(1), (2, 3, 7, 8, 9)),
]


def total(work: Callable[[], Any], formulas: dict[Any, Any] | None = None) -> int:
    """Return what torch's counter says of ``work``, with our formulas unless told otherwise."""
    if formulas is None:
        formulas = costmodel.torch_formulas()
    with FlopCounterMode(display=False, custom_mapping=formulas) as counter:
        work()
    count: int = counter.get_total_flops()
    return count


@pytest.mark.parametrize("device", ["cpu", "meta"])
@pytest.mark.parametrize(("layer", "shape"), [*LAYERS, *GLOBAL])
def test_forward(layer: nn.Module, shape: tuple[int, ...], device: str) -> None:
    """Torch's counter agrees with ours on every layer; left alone it counts nothing."""
    x = torch.zeros(shape, device=device)
    flops = costmodel.flops(layer, shape)
    assert flops > 0
    assert total(lambda: layer(x)) == flops
    assert total(lambda: layer(x), {}) == 0
    with torch.inference_mode():
        assert total(lambda: layer(x)) == flops


@pytest.mark.parametrize(("layer", "shape"), LAYERS)
def test_backward(layer: nn.Module, shape: tuple[int, ...]) -> None:
    """The backward pass adds its own count."""
    x = torch.zeros(shape, requires_grad=True)

    def both() -> None:
        y = layer(x)
        (y[0] if isinstance(y, tuple) else y).sum().backward()

    names = type(layer).__name__
    operator = {
        "MaxPool": "max_pool",
        "AvgPool": "avg_pool",
        "AdaptiveMaxPool": "adaptive_max_pool",
        "AdaptiveAvgPool": "adaptive_avg_pool",
        "FractionalMaxPool": "fractional_max_pool",
    }[names[:-2]]
    names_of_arguments = {
        "max_pool": "kernel_size stride padding dilation ceil_mode",
        "avg_pool": "kernel_size stride padding ceil_mode count_include_pad",
        "adaptive_max_pool": "output_size",
        "adaptive_avg_pool": "output_size",
        "fractional_max_pool": "kernel_size output_size output_ratio",
    }[operator].split()
    arguments = {name: getattr(layer, name) for name in names_of_arguments}
    backward = costmodel.flops(f"{operator}{names[-2:]}_backward", shape, **arguments)
    assert backward > 0
    assert total(both) == costmodel.flops(layer, shape) + backward


def test_lp_pooling_is_seen_as_its_average() -> None:
    """Powers and roots are elementwise operations, which torch's counter does not know."""
    x = torch.ones(2, 3, 9, 9)
    cost = costmodel.cost(nn.LPPool2d(2, 3), (2, 3, 9, 9))
    assert total(lambda: nn.LPPool2d(2, 3)(x)) == cost.additions + cost.divisions


def test_only_means_that_pool_count() -> None:
    """A mean over the last two or three axes does; a loss or a normalisation does not."""
    x = torch.ones(2, 3, 4, 5)
    assert total(lambda: x.mean((2, 3))) == 120
    assert total(lambda: x.mean((-1, -2), keepdim=True)) == 120
    for dim in (None, -1, (0, 1), (0, 2), (1, 2, 3, 0)):
        assert total(lambda dim=dim: x.mean(dim)) == 0  # type: ignore[misc]
    assert total(lambda: torch.ones(4, 5).mean((0, 1))) == 0


def test_names_and_results_to_write_into() -> None:
    """Arguments by name and ``out=`` reach the formulas too."""
    x = torch.zeros(1, 3, 9, 9)
    out = torch.zeros(1, 3, 4, 4)
    aten = torch.ops.aten
    flops = costmodel.flops("avg_pool2d", (1, 3, 9, 9), 3, 2)
    assert total(lambda: aten.avg_pool2d(x, kernel_size=[3, 3], stride=[2, 2])) == flops
    assert total(lambda: aten.avg_pool2d.out(x, [3, 3], [2, 2], out=out)) == flops


def test_a_whole_network() -> None:
    """Pooling stands beside what torch counts already, layer by layer."""
    network = nn.Sequential(
        nn.Conv2d(3, 4, 3, bias=False), nn.MaxPool2d(2), nn.AdaptiveAvgPool2d(1)
    )
    x = torch.zeros(1, 3, 10, 10)
    convolution = total(lambda: network(x), {})
    assert convolution == 2 * 27 * 4 * 64
    pooling = costmodel.flops(network[1], (1, 4, 8, 8)) + costmodel.flops(network[2], (1, 4, 4, 4))
    assert total(lambda: network(x)) == convolution + pooling


def test_one_reading_for_all() -> None:
    """What the formulas count is the flops of the calls that the readers return."""
    readers, formulas = pooling_readers(), costmodel.torch_formulas()
    assert list(readers) == list(formulas)
    aten = torch.ops.aten
    gradient, shape = (2, 3, 4, 4), (2, 3, 9, 9)
    calls: list[tuple[Any, tuple[Any, ...], PoolingCall]] = [
        (
            aten.max_pool2d_with_indices,
            (shape, [3, 3], [2, 2], [1, 1], [1, 1], True),
            PoolingCall("max_pool2d", shape, ([3, 3], [2, 2], [1, 1], [1, 1], True), {}),
        ),
        (
            aten.fractional_max_pool2d,
            (shape, [2, 2], [4, 4], (2, 3, 2)),
            PoolingCall("fractional_max_pool2d", shape, ([2, 2], [4, 4]), {}),
        ),
        (
            aten.avg_pool2d_backward,
            (gradient, shape, [3, 3], [2, 2], [0, 0], False, True, None),
            PoolingCall(
                "avg_pool2d_backward", shape, ([3, 3], [2, 2], [0, 0], False, True, None), {}
            ),
        ),
        (
            aten._adaptive_avg_pool2d_backward,
            (gradient, shape),
            PoolingCall("adaptive_avg_pool2d_backward", shape, ((4, 4),), {}),
        ),
        (aten.mean, (shape, [-1, 2], True), PoolingCall("adaptive_avg_pool2d", shape, (1,), {})),
    ]
    for packet, arguments, call in calls:
        assert readers[packet](*arguments) == call
        assert formulas[packet](*arguments, out_shape=gradient) == call.cost().flops > 0
    assert readers[aten.mean](shape, [1]) is None
    assert formulas[aten.mean](shape, [1]) == 0
