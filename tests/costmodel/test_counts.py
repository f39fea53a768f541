from __future__ import annotations

import pytest

from costmodel import Cost


def test_flops_is_the_sum_of_the_four_kinds() -> None:
    """Comparisons, additions, multiplications and divisions count one each."""
    cost = Cost(
        outputs=1,
        taps=2,
        output_shape=(1,),
        comparisons=3,
        additions=50,
        multiplications=700,
        divisions=11000,
    )
    assert cost.flops == 11753


def test_a_cost_cannot_be_changed() -> None:
    """A count that has been handed out stays as it is."""
    cost = Cost(outputs=1, taps=2, output_shape=(1,))
    with pytest.raises(AttributeError):
        cost.taps = 3  # type: ignore[misc]
