"""Telling inputs and small ones."""

from __future__ import annotations

import pytest
import torch

from proofs.systems import SYSTEMS
from verify.judge.attack import LARGE, inputs, shrunk


@pytest.mark.parametrize("system", ["real", "float16", "bfloat16", "int8", "uint8"])
def test_inputs_are_of_the_dtype_and_telling(system: str) -> None:
    """Both signs, ties and ramps; in a dtype its extremes as well."""
    dtype = torch.float32 if system == "real" else getattr(torch, system)
    found = list(inputs(SYSTEMS[system], 6, dtype))
    assert all(x.dtype is dtype and x.shape == (6,) for x in found)
    assert any(bool((x < 0).all()) for x in found) == (system != "uint8")
    assert len({tuple(x.double().nan_to_num().tolist()) for x in found}) > 20
    if system in ("float16", "bfloat16"):
        assert any(bool(x.isinf().any()) for x in found)
        assert any(bool(x.isnan().any()) for x in found)


def test_magnitudes_of_all_kinds() -> None:
    """Tiny, huge, extreme, and zeros of both signs; finite, for the reals."""
    found = list(inputs(SYSTEMS["real"], 8, torch.float32))
    assert all(bool(x.isfinite().all()) for x in found)
    sizes = [float(x.abs().max()) for x in found]
    for low, high in ((1e-39, 1e-28), (1e2, 1e4), (1e28, 1e32), (1e37, 3e38)):
        assert any(low < size < high for size in sizes), (low, high)
    for sign in (1, -1):
        assert any(bool((sign * x > 3.402e38).all()) for x in found), sign
    assert any(bool((x == 0).all() and x.signbit().any()) for x in found)


def test_large_inputs_are_few() -> None:
    """A run of a real layer costs more than one of a toy."""
    assert len(list(inputs(SYSTEMS["real"], LARGE + 1, torch.float32))) < 14


def test_what_fails_is_made_small() -> None:
    """Only the elements that matter stay, as small whole numbers."""
    x = torch.arange(1.0, 25.0) * 3.7
    small = shrunk(x, lambda t: bool(t[15] > t[2] + 1))
    assert small[15] == 2
    assert int((small != 0).sum()) == 1
    assert int((shrunk(x, lambda t: bool(t[3] > 1), [3, 4]) != 0).sum()) == 1
