from __future__ import annotations

from fractions import Fraction

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from proofs.averages.average_schemes_in_torch import FORMATS, SCHEMES, bound, within
from proofs.claim import CheckFailedError
from proofs.systems import SYSTEMS


def test_a_smaller_bound_is_refused() -> None:
    """The plain loop in float16 needs more than two units for 49 taps."""
    with pytest.raises(CheckFailedError, match=r"u off, 2\.00 u allowed"):
        within("sum in turn, then divide", "float16", lambda taps, more: 2.0)


def test_the_bound_to_first_order() -> None:
    """It is k·u and (k + 1)·u, and a little more."""
    for more in (1, 2):
        charge = bound("float32")(49, more)
        assert 48 + more < charge < 48 + more + 1e-4
    u = Fraction(1, 2**11)
    exact = ((1 + 8 * u) * (1 + u) - 1) / u
    assert bound("float16")(9, 1) == pytest.approx(float(exact), rel=1e-12)


@settings(max_examples=60, deadline=None)
@given(
    taps=st.integers(2, 49),
    name=st.sampled_from(list(SCHEMES)),
    dtype=st.sampled_from(FORMATS),
    data=st.data(),
)
def test_drawn_windows(taps: int, name: str, dtype: str, data: st.DataObject) -> None:
    """Windows with taps of all magnitudes and signs keep the bound, by exact fractions."""
    exponents = data.draw(st.lists(st.integers(-3, 3), min_size=taps, max_size=taps))
    seed = data.draw(st.integers(0, 2**16))
    generator = torch.Generator().manual_seed(seed)
    scale = torch.tensor([2.0**e for e in exponents])
    numbers = (torch.randn(1, taps, generator=generator) * scale).to(getattr(torch, dtype))
    exact = [Fraction(x) for x in numbers.double().flatten().tolist()]
    scheme, more = SCHEMES[name]
    true = sum(exact, Fraction(0)) / taps
    off = abs(Fraction(scheme(numbers).double().item()) - true)
    u = SYSTEMS[dtype].exact_constant("unit_roundoff")
    allowed = (1 + (taps - 1) * u) * (1 + u) ** more - 1
    magnitude = sum((abs(x) for x in exact), Fraction(0)) / taps
    assert off <= allowed * magnitude


def test_underflow_is_outside_the_bound() -> None:
    """Half of the smallest subnormal number rounds to 0: no relative bound survives that."""
    taps = torch.tensor([[2.0**-24, 0.0]], dtype=torch.float16)
    assert taps[0, 0] > 0
    for name in ("sum in turn, then divide", "avg_pool1d of torch"):
        assert SCHEMES[name][0](taps).item() == 0.0
