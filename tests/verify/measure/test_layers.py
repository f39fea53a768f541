from __future__ import annotations

import json

import pytest
import torch

import costmodel
from verify.measure.layers import LAYERS, Layer


def test_names_are_unique_and_every_case_is_there() -> None:
    """One to three axes, four dtypes, both layouts, and every argument that changes a border."""
    assert len({layer.name for layer in LAYERS}) == len(LAYERS)
    assert {layer.dimensions for layer in LAYERS} == {1, 2, 3}
    assert {layer.dtype for layer in LAYERS} == {"float32", "float64", "float16", "bfloat16"}
    assert {layer.layout for layer in LAYERS} == {"contiguous", "channels_last"}
    assert {layer.batched for layer in LAYERS} == {True, False}
    arguments = {name for layer in LAYERS for name in layer.arguments}
    assert arguments == {
        "kernel_size", "stride", "padding", "dilation", "ceil_mode", "count_include_pad",
        "divisor_override", "output_size",
    }  # fmt: skip


@pytest.mark.parametrize("layer", LAYERS, ids=[layer.name for layer in LAYERS])
def test_every_layer_runs_and_comes_back_from_json(layer: Layer) -> None:
    """The input is as described, with values in [1, 2); torch agrees with us on the output."""
    x = layer.input("cpu")
    assert x.shape == layer.shape
    assert str(x.dtype) == f"torch.{layer.dtype}"
    assert 1 <= float(x.min()) <= float(x.max()) < 2
    if layer.layout == "channels_last":
        assert x.is_contiguous(memory_format=torch.channels_last)
    result = costmodel.cost(layer.operator, layer.shape, **layer.arguments)
    assert layer.native(x).shape == result.output_shape
    assert Layer.from_dict(json.loads(json.dumps(layer.to_dict()))) == layer
