from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy
import pytest
import torch

import costmodel
import pooling
from proofs.windows._layers import LAYERS, RealLayer, compare, window_taps

RESNET = next(layer for layer in LAYERS if layer.name == "ResNet-50 maxpool")
DENSENET = next(layer for layer in LAYERS if layer.name == "DenseNet-121 transition3.pool")
#: The operations of all pooling layers of a network together.
FLOPS = {
    "AlexNet": 706560,
    "VGG-16": 4591104,
    "GoogLeNet": 10393696,
    "ResNet-50": 1684544,
    "DenseNet-121": 2336832,
    "Inception-v3": 23075040,
    "MobileNetV2": 62720,
    "SqueezeNet 1.0": 4552488,
    "SqueezeNet 1.1": 2810408,
    "YOLOv5l": 12957696,
    "Chapter": 111,
}


def test_the_table_is_complete() -> None:
    """Every network that is promised is there, with all its layers, and with their arguments."""
    flops = dict.fromkeys(FLOPS, 0)
    for layer in LAYERS:
        flops[layer.network] += costmodel.flops(layer.operator, layer.shape, **layer.arguments)
    assert flops == FLOPS
    assert len({layer.name for layer in LAYERS}) == len(LAYERS) == 62
    assert all(layer.shape[0] == 1 and layer.source for layer in LAYERS)


def test_the_chapter_is_compared_with_what_it_prints() -> None:
    """Its examples carry their input and their output, and a wrong output is found."""
    chapter = [layer for layer in LAYERS if layer.network == "Chapter"]
    assert len(chapter) == 6
    assert all("the values the source prints" in compare(layer).compared for layer in chapter)
    wrong = compare(replace(chapter[0], expected=(((4, 5), (7, 9)),)))
    assert wrong.mismatches == (
        "values: torch gives [[[4.0, 5.0], [7.0, 8.0]]], the source [[[4.0, 5.0], [7.0, 9.0]]]",
    )


def test_a_wrong_cost_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    """Shape, outputs and taps are each compared with torch's."""
    right = costmodel.cost("max_pool2d", RESNET.shape, **RESNET.arguments)
    wrong = right._replace(windows=costmodel.Windows(1, 2, output_shape=(1, 64, 55, 56)))
    monkeypatch.setattr(costmodel, "cost", lambda *args, **kwargs: wrong)
    assert compare(RESNET).mismatches == (
        "output shape: torch gives (1, 64, 56, 56), the cost model (1, 64, 55, 56)",
        "outputs: torch gives 200704, the cost model 1",
        "taps: torch counts 1784896, the cost model 2",
    )


def test_a_wrong_maximum_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    """One number that differs in the last bit is found, and named."""
    right = pooling.max_pool

    def wrong(x: Any, *args: Any, **kwargs: Any) -> Any:
        result = right(x, *args, **kwargs)
        result[0, 1, 2, 3] = numpy.nextafter(result[0, 1, 2, 3], numpy.float32(9))
        return result

    monkeypatch.setattr(pooling, "max_pool", wrong)
    (mismatch,) = compare(RESNET).mismatches
    assert mismatch.startswith(
        "values: 1 of 200704 differ by more than no difference, the first at (0, 1, 2, 3): "
    )


def test_an_average_beyond_rounding_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    """A relative error of one in a million, which allclose would pass, is found."""
    right = pooling.avg_pool
    monkeypatch.setattr(pooling, "avg_pool", lambda *a, **k: right(*a, **k) * (1 + 1e-6))
    (mismatch,) = compare(DENSENET).mismatches
    assert mismatch.startswith("values: ")
    assert "differ by more than 2.38e-07 of the mean of |taps|" in mismatch


def test_layers_beyond_the_budget_run_on_fewer_channels(monkeypatch: pytest.MonkeyPatch) -> None:
    """The comparison says how many, and still compares the counts of all."""
    monkeypatch.setattr("proofs.windows._layers.TAPS_PER_LAYER", 100_000)
    comparison = compare(RESNET)
    assert (comparison.channels, comparison.mismatches) == (3, ())


@pytest.mark.parametrize("ceil_mode", [False, True])
def test_taps_of_dilated_windows(ceil_mode: bool) -> None:
    """Where average pooling cannot count, a convolution of ones by ones does."""
    arguments: dict[str, Any] = dict(
        kernel_size=(2, 3), stride=2, padding=1, dilation=(3, 2), ceil_mode=ceil_mode
    )
    layer = RealLayer("dilated", "none", "max_pool2d", (1, 2, 9, 12), arguments, "made up")
    inside = [
        sum(0 <= i * 2 + j * d - 1 < size for i in range(outputs) for j in range(kernel_size))
        for size, kernel_size, d, outputs in zip(
            (9, 12),
            (2, 3),
            (3, 2),
            torch.nn.functional.max_pool2d(torch.zeros(1, 2, 9, 12), **arguments).shape[2:],
            strict=True,
        )
    ]
    assert int(window_taps(layer).sum()) == inside[0] * inside[1]
    assert compare(layer).mismatches == ()


def test_other_operators_are_refused() -> None:
    """Only what torch has over two axes can be compared."""
    with pytest.raises(ValueError) as caught:
        compare(replace(RESNET, operator="min_pool2d"))
    assert str(caught.value) == (
        "operator must be 'max_pool2d' or 'avg_pool2d' to be compared, got 'min_pool2d'"
    )
