from __future__ import annotations

import pytest

from pooling.networks import shallow, tree
from proofs.claim import CheckFailedError
from proofs.networks import channels_and_layers
from proofs.networks.channels_and_layers import layers


def test_the_page_says_what_the_networks_are() -> None:
    """The widths written in the answer are those of the networks."""
    page = " ".join((channels_and_layers.__doc__ or "").split())
    for words, widths in (
        ("two layers of {} and {} channels", tree(4).widths),
        ("({} and {} for inputs ≥ 0)", tree(4, True).widths),
        ("three layers of {}, {} and {}", shallow(9).widths),
        ("({}, {} and {} for inputs ≥ 0)", shallow(9, True).widths),
    ):
        assert words.format(*widths) in page


def test_the_popular_answer_is_refuted() -> None:
    """One layer per number is more than the networks here take."""
    with pytest.raises(CheckFailedError) as caught:
        layers(shallow(9), 9)
    assert str(caught.value) == "3 layers of (14, 10, 9) do, not 9"
