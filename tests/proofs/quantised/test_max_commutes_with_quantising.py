from __future__ import annotations

import warnings

import pytest
import torch
import torch.nn.functional as F

from proofs.claim import CheckFailedError
from proofs.quantised.max_commutes_with_quantising import on_layers


def integers(x: torch.Tensor, scale: float, zero_point: int) -> torch.Tensor:
    """Return the integers of ``x`` quantised to qint8 by torch."""
    with warnings.catch_warnings():
        # Tensors of quantised dtype are deprecated; what they hold is still torch's word.
        warnings.simplefilter("ignore")
        found: torch.Tensor = torch.quantize_per_tensor(
            x, scale, zero_point, torch.qint8
        ).int_repr()
    return found


def pooled(x: torch.Tensor) -> torch.Tensor:
    """Return 2 × 2 max-pooling of integers or floats."""
    return F.max_pool2d(x.float(), 2)


IMAGE = torch.linspace(-40, 40, 64)[torch.randperm(64, generator=torch.Generator().manual_seed(0))]
IMAGE = IMAGE.reshape(1, 1, 8, 8)


def test_layers_of_torch() -> None:
    """Max-pooling commutes in 36 layers; average-pooling does not."""
    assert on_layers(0.1) == "36 layers, the same bit for bit"
    with pytest.raises(CheckFailedError, match="avg_pool2d of 2 × 2 differs"):
        on_layers(0.1, "avg_pool2d")


@pytest.mark.parametrize("zero_point", [-100, 0, 5])
@pytest.mark.parametrize("scale", [0.05, 0.3, 7.0])
def test_quantised_tensors_of_torch(scale: float, zero_point: int) -> None:
    """The integers of the maximum are the maximum of the integers."""
    before = pooled(integers(IMAGE, scale, zero_point))
    assert torch.equal(before, integers(pooled(IMAGE), scale, zero_point).float())


def test_a_negative_scale() -> None:
    """Then the integers of the maximum are their minimum."""
    smallest = -pooled(-integers(IMAGE, -0.3, 0).short())
    assert torch.equal(smallest, integers(pooled(IMAGE), -0.3, 0).float())
    assert not torch.equal(pooled(integers(IMAGE, -0.3, 0)), smallest)


def test_channels_with_scales_of_their_own() -> None:
    """Within a channel it commutes; across channels the integers are no numbers to compare."""
    image = IMAGE.repeat(1, 2, 1, 1)
    scales, zeros = torch.tensor([1.0, 4.0]), torch.zeros(2, dtype=torch.int32)

    def quantised(x: torch.Tensor) -> torch.Tensor:
        found: torch.Tensor = torch.fake_quantize_per_channel_affine(x, scales, zeros, 1, -128, 127)
        return found

    assert torch.equal(pooled(quantised(image)), quantised(pooled(image)))
    codes = torch.tensor([2.0, 1.0])
    assert int(codes.argmax()) == 0 and int((codes * scales).argmax()) == 1


def test_nan_becomes_an_end_of_the_range() -> None:
    """Fake quantisation takes NaN for the lowest number; and so max-pooling no longer commutes."""
    taps = torch.tensor([[[float("nan"), 1.0]]])

    def quantised(x: torch.Tensor) -> torch.Tensor:
        found: torch.Tensor = torch.fake_quantize_per_tensor_affine(x, 1.0, 0, -128, 127)
        return found

    assert F.max_pool1d(quantised(taps), 2).item() == 1.0
    assert quantised(F.max_pool1d(taps, 2)).item() == -128.0
