from __future__ import annotations

import pytest
import torch
from torch import nn

from pooling.kind import families, kinds
from proofs.claim import CheckFailedError
from proofs.folklore.channel_wise import convolved, kept_apart, poolings

LAYERS = (nn.MaxPool2d(2), nn.AvgPool2d(3, 1, 1), nn.LPPool2d(2.0, 2), nn.AdaptiveMaxPool2d(3))


@pytest.mark.parametrize("layer", LAYERS, ids=repr)
def test_channels_may_be_exchanged_before_or_after(layer: nn.Module) -> None:
    """Layers of torch commute with a permutation of channels; a convolution does not."""
    x = torch.rand(2, 5, 7, 7, generator=torch.Generator().manual_seed(0))
    order = [3, 0, 4, 1, 2]
    assert torch.equal(layer(x)[:, order], layer(x[:, order]))
    convolution = nn.Conv2d(5, 5, 2)
    assert not torch.allclose(convolution(x)[:, order], convolution(x[:, order]))


def test_every_definition_is_looked_at() -> None:
    """All but those that draw, or that take regions, places or weights beside the input."""
    drawing = {"stochastic_pool", "fractional_max_pool"}
    further = {"attention_pool", "gated_pool", "max_unpool", "roi_align", "roi_max_pool"}
    assert {*families()} - {*poolings()} == drawing | further
    assert all(kind.beside for kind in kinds() if kind.family in drawing | further)


def test_what_reads_other_channels_is_refused() -> None:
    """The message names the output and the channels that it reads."""
    with pytest.raises(CheckFailedError) as caught:
        kept_apart({"sum": convolved})
    assert str(caught.value) == ("sum of (1, 2, 2, 2): output (0, 0, 0, 0) reads [(0, 0), (0, 1)]")
    with pytest.raises(CheckFailedError) as caught:
        kept_apart({"one": lambda x: x[:, :1]})
    assert str(caught.value) == "one: 2 channels become 1"
    with pytest.raises(CheckFailedError) as caught:
        kept_apart({"first": lambda x: x[:, :1] + x})
    assert str(caught.value) == (
        "first of (1, 2, 2, 2): output (0, 1, 0, 0) reads [(0, 0), (0, 1)]"
    )
