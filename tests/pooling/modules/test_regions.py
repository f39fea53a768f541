"""RoIAlign whose bins have as many samples as elements, in compiled and in exported code."""

from __future__ import annotations

import random
from typing import Any

import pytest
import torch
from torch import Tensor

import pooling


def regions() -> Tensor:
    """Return three boxes: within the images, far outside, without extent, turned round."""
    corners = torch.rand(3, 4) * random.choice([4, 14, 200]) - random.choice([0, 3, 80])
    if random.random() < 0.8:
        corners[:, 2:] = torch.maximum(corners[:, 2:], corners[:, :2])
    if random.random() < 0.3:
        corners = corners.round()
    if random.random() < 0.2:
        corners[:, 2:] = corners[:, :2]
    return torch.cat([torch.randint(0, 2, (3, 1)), corners], 1).double()


def test_weights_are_those_of_the_samples() -> None:
    """Whatever the boxes, one product of matrices is the mean of samples that are read in turn."""
    for _ in range(200):
        x = torch.randn(2, 2, random.randint(1, 9), random.randint(1, 9)).double()
        outputs = random.randint(1, 4), random.randint(1, 4)
        made: Any = pooling.RoIAlign2d(
            outputs, random.choice([1.0, 0.5]), 0, random.random() < 0.5
        )  # fmt: skip
        boxes = regions()
        down, across = made._weights(boxes, x.shape[2:])
        weighed = down @ x[boxes[:, 0].long()] @ across.mT
        torch.testing.assert_close(weighed, made(x, boxes), rtol=0, atol=1e-12)


def test_it_is_compiled_in_one_piece() -> None:
    """With its way back."""
    made: Any = pooling.RoIAlign2d(2)
    torch.compiler.reset()
    compiled: Any = torch.compile(made, fullgraph=True, backend="aot_eager")
    boxes, x = regions().float(), torch.randn(2, 2, 6, 7)
    gradients: list[Tensor] = []
    for layer in made, compiled:
        leaf = x.clone().requires_grad_()
        gradients += torch.autograd.grad(layer(leaf, boxes).square().sum(), leaf)
    torch.testing.assert_close(*gradients, rtol=1e-4, atol=1e-5)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning")
@pytest.mark.filterwarnings("ignore::UserWarning")
def test_a_program_takes_boxes_of_any_extent() -> None:
    """As onnxruntime runs it, though the boxes shown have other numbers of samples."""
    runtime = pytest.importorskip("onnxruntime")
    layer, x = pooling.RoIAlign2d(2), torch.randn(2, 2, 6, 7)
    program: Any = torch.onnx.export(layer, (x, regions().float()), dynamo=True, verbose=False)
    session = runtime.InferenceSession(
        program.model_proto.SerializeToString(), providers=["CPUExecutionProvider"]
    )
    for _ in range(10):
        boxes = regions().float()
        names = [of.name for of in session.get_inputs()]
        (made,) = session.run(None, dict(zip(names, (x.numpy(), boxes.numpy()), strict=True)))
        wanted = layer(x, boxes)
        torch.testing.assert_close(torch.from_numpy(made), wanted, rtol=1e-4, atol=1e-4)
