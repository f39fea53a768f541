from __future__ import annotations

from typing import Any

import pytest
from torch import nn

import pooling
from benchmarks import pooling_layers
from benchmarks.pooling_layers import Layer, Truth, note_operations, truth


@pytest.mark.parametrize(
    ("kind", "arguments", "shape", "expected"),
    [
        (nn.MaxPool1d, dict(kernel_size=3, stride=2, padding=1), (2, 3, 6), (48, 18, 30, False)),
        (nn.AvgPool1d, dict(kernel_size=2), (1, 1, 6), (6, 3, 6, True)),
        (nn.AdaptiveAvgPool1d, dict(output_size=2), (1, 1, 3), (4, 2, 4, False)),
        (nn.AdaptiveMaxPool2d, dict(output_size=1), (1, 2, 2, 3), (12, 2, 10, True)),
        (nn.LPPool1d, dict(norm_type=2, kernel_size=2), (1, 1, 4), (4, 2, 12, True)),
        (nn.MaxPool2d, dict(kernel_size=2, stride=3), (1, 1, 5, 5), (16, 4, 12, False)),
        (nn.MaxPool1d, dict(kernel_size=2, padding=1), (1, 1, 7), (7, 4, 3, True)),
        (
            nn.MaxPool2d,
            dict(kernel_size=(2, 1), stride=(1, 2), padding=(1, 0)),
            (1, 1, 2, 2),
            (4, 3, 1, False),
        ),
    ],
)
def test_truth_of_small_layers(
    kind: type[nn.Module],
    arguments: dict[str, Any],
    shape: tuple[int, ...],
    expected: tuple[int, int, int, bool],
) -> None:
    """Taps, outputs, operations and whether the windows tile, worked out by hand."""
    assert truth(Layer("", shape, kind, arguments)) == Truth(*expected)


def test_two_counts_that_differ_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """Were a definition wasteful, or the walk wrong, there would be no truth."""
    layer = Layer("", (1, 1, 4, 4), nn.MaxPool2d, dict(kernel_size=2))
    wasteful = dict(pooling_layers._DEFINITIONS, MaxPool=pooling.avg_pool)
    monkeypatch.setattr(pooling_layers, "_DEFINITIONS", wasteful)
    with pytest.raises(RuntimeError) as caught:
        truth(layer)
    assert str(caught.value) == (
        "MaxPool2d(kernel_size=2) on (1, 1, 4, 4): the definition takes 16 operations, "
        "the windows 12"
    )


def test_operators_are_functional_names() -> None:
    """So that a layer can be asked about by name."""
    names = {layer.operator for layer in pooling_layers.LAYERS}
    assert names == {
        "adaptive_avg_pool2d",
        "adaptive_max_pool2d",
        "avg_pool2d",
        "lp_pool2d",
        "max_pool1d",
        "max_pool2d",
        "max_pool3d",
    }


def test_arguments_change_what_is_noted() -> None:
    """The definition gets the arguments of the layer, not its own defaults."""
    plain = Layer("", (1, 1, 9), nn.MaxPool1d, dict(kernel_size=3))
    dilated = Layer("", (1, 1, 9), nn.MaxPool1d, dict(kernel_size=3, dilation=2))
    assert (note_operations(plain), note_operations(dilated)) == (6, 4)
