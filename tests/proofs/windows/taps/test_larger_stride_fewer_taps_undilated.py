from __future__ import annotations

from typing import Any

import pytest

from proofs.claim import CheckFailedError
from proofs.windows.taps import larger_stride_fewer_taps_undilated as claim_file
from proofs.windows.taps.larger_stride_fewer_taps_undilated import counted


def test_every_layer_is_compared() -> None:
    """Sizes, windows, paddings and both modes, each at every stride that leaves two windows."""
    assert counted() == "90,953 layers"


@pytest.mark.parametrize(
    ("given", "found"),
    [
        (
            {"one_sided": True},
            "size 4, kernel_size 4, padding (3, 0), dilation 1, ceil_mode False: 4 taps at stride "
            "2, 5 at stride 3",
        ),
        (
            {"dilation": 3},
            "size 1, kernel_size 2, padding (3, 3), dilation 3, ceil_mode False: 1 taps at stride "
            "2, 2 at stride 3",
        ),
    ],
)
def test_the_neighbours_are_false(given: dict[str, Any], found: str) -> None:
    """Padding on one side, or dilation, and a larger stride brings taps."""
    with pytest.raises(CheckFailedError) as caught:
        counted(**given)
    assert str(caught.value) == found


def test_a_wrong_count_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """Taps of which a large stride has one more fall no longer."""
    monkeypatch.setattr(claim_file, "taps", lambda *layer: int(layer[2] > 1))
    with pytest.raises(CheckFailedError, match=r"0 taps at stride 1, 1 at stride 2$"):
        counted()
