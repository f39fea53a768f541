from __future__ import annotations

from fractions import Fraction

import pytest
import torch

from proofs.claim import CheckFailedError
from proofs.max_by_relu.folds.fold_error_bound import folded
from proofs.max_by_relu.folds.other_fold_drifts import drift, drifting_taps, turned_round
from proofs.systems import SYSTEMS
from proofs.systems.floats import FloatFormat

NAMES = ["float16", "bfloat16", "float32", "float64"]


def _format(name: str) -> FloatFormat:
    one = SYSTEMS[name]
    assert isinstance(one, FloatFormat)
    return one


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("number", [1, 3, 48])
def test_in_torch_as_well(name: str, number: int) -> None:
    """Torch's own tensors drift by one ulp a tap, and do not in the other order."""
    one = _format(name)
    taps = one.tensor(list(drifting_taps(one.precision, number)))
    maximum = exact = one.tensor([1.0])[0]
    for tap in taps:
        maximum = torch.relu(maximum - tap) + tap
        exact = torch.relu(tap - exact) + exact
    assert float(maximum) == 1 + number * 2.0 ** (1 - one.precision)
    assert float(exact) == 1


@pytest.mark.parametrize("name", NAMES)
def test_three_taps_break_the_bound_of_the_other_order(name: str) -> None:
    """2u/(1+u)·(max − min) holds after two drifting taps, and no longer after three."""
    one = _format(name)
    u = one.exact_constant("unit_roundoff")
    for number, broken in ((1, False), (2, False), (3, True), (48, True)):
        spread = 1 - Fraction(min(drifting_taps(one.precision, number)))
        assert (number * 2 * u > 2 * u / (1 + u) * spread) is broken


def test_taps_are_floats() -> None:
    """Every drifting tap is an element of the format."""
    for name in NAMES:
        one = _format(name)
        for tap in drifting_taps(one.precision, 8):
            assert one.constant(Fraction(tap)) == tap


def test_says_where_it_stops() -> None:
    """A fold that does not drift as said is refused at the first number of taps."""
    assert drift("float16", turned_round, 1).startswith("1 becomes 1.046875 after 48")
    with pytest.raises(CheckFailedError, match=r"^after 1 taps the result is 1.0$"):
        drift("float16", folded, 1)
