from __future__ import annotations

import numpy
import pytest
import torch

import pooling


@pytest.mark.parametrize("dimensions", [1, 2, 3])
def test_one_window_is_the_whole_input(dimensions: int) -> None:
    """The definitions' adaptive pooling to 1, torch's, and the plain mean and maximum."""
    x = torch.randn(2, 3, *(5, 4, 3)[:dimensions], dtype=torch.float64)
    axes = tuple(range(-dimensions, 0))
    for family, own in (("Avg", torch.Tensor.mean), ("Max", torch.Tensor.amax)):
        ours = getattr(pooling, f"Global{family}Pool{dimensions}d")()(x)
        definition = getattr(pooling, f"adaptive_{family.lower()}_pool")
        numpy.testing.assert_allclose(
            ours, definition(x.numpy(), (1,) * dimensions), rtol=0, atol=1e-14
        )
        assert torch.allclose(ours, own(x, axes, keepdim=True), rtol=0, atol=1e-14)
        adaptive = getattr(torch.nn, f"Adaptive{family}Pool{dimensions}d")(1)
        assert torch.equal(ours, adaptive(x))


def test_one_convolution() -> None:
    """The mean is a depthwise convolution by one over the number of elements."""
    x = torch.randn(2, 3, 5, 4, dtype=torch.float64)
    weight = torch.full((3, 1, 5, 4), 1 / 20, dtype=torch.float64)
    convolved = torch.nn.functional.conv2d(x, weight, groups=3)
    assert torch.allclose(pooling.GlobalAvgPool2d()(x), convolved, rtol=0, atol=1e-14)
