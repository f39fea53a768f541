from __future__ import annotations

import pytest
from torch import nn

from proofs.claim import CheckFailedError
from proofs.folklore.no_parameters import convolutions, given_its_samples, layers, nothing_kept


def test_every_kind_of_pooling_is_looked_at() -> None:
    """Whatever torch.nn calls a pooling is among the layers."""
    named = {name for name in dir(nn) if "pool" in name.lower() and name[0].isupper()}
    assert {type(layer).__name__ for layer in layers()} == named
    assert len(named) >= 20


def test_what_keeps_something_is_named() -> None:
    """A layer with a parameter or a state is refused with the name of what it keeps."""
    for made, message in (
        (convolutions, "Conv2d keeps weight"),
        (given_its_samples, "FractionalMaxPool2d keeps _random_samples"),
    ):
        with pytest.raises(CheckFailedError) as caught:
            nothing_kept(made)
        assert str(caught.value) == message
