from __future__ import annotations

import warnings

import pytest
import torch

from proofs.evaluate import evaluate
from proofs.quantised.max_of_quantised_needs_one_scale import two_codes
from proofs.quantised.relu_of_quantised import cut_at_zero, rebuilt
from proofs.systems import SYSTEMS

REAL = SYSTEMS["real"]


@pytest.mark.parametrize("zero_point", [-128, -3, 0, 40])
def test_relu_of_torch_cuts_at_the_zero_point(zero_point: int) -> None:
    """torch.relu of a quantised tensor is max(q, z) on its integers, scale and z unchanged."""
    codes = torch.arange(-128, 128).to(torch.int8)
    with warnings.catch_warnings():
        # Tensors of quantised dtype are deprecated; what they hold is still torch's word.
        warnings.simplefilter("ignore")
        tensor = torch._make_per_tensor_quantized_tensor(codes, 0.5, zero_point)
        found = torch.relu(tensor)
    assert torch.equal(found.int_repr(), codes.clamp(min=zero_point))
    assert (found.q_scale(), found.q_zero_point()) == (0.5, zero_point)


def test_where_cutting_at_zero_is_right() -> None:
    """Counted out for all small integers and zero points."""
    right = 0
    for z in range(-8, 8):
        for q in range(-8, 8):
            assert evaluate(cut_at_zero.conclusion, {"q": q, "z": z}, REAL)
            right += max(q, 0) == max(q, z)
    assert right == 16 + sum(8 for z in range(-8, 0)) + sum(8 - z for z in range(1, 8))


def test_the_rewritten_maximum_needs_no_zero_point() -> None:
    """On all uint8 codes in int16: ReLU(q − p) + p, whatever the zero point."""
    codes = torch.arange(256, dtype=torch.int16)
    q, p = torch.cartesian_prod(codes, codes).unbind(-1)
    found = torch.relu(q - p) + p
    for z in (0, 7, 128):
        assert torch.equal((found - z) * 0.25, torch.maximum((q - z) * 0.25, (p - z) * 0.25))
    values = {"s": 1, "z": 5, "p": 3, "q": 9}
    assert evaluate(rebuilt.conclusion, values, REAL)


def test_two_codes_share_one_integer() -> None:
    """2·(q − 3) and 3·(q − 5) agree at q = 9 alone, so the premises exclude them."""
    agree = [q for q in range(-50, 50) if 2 * (q - 3) == 3 * (q - 5)]
    assert agree == [9]
    values = {"s": 2, "z": 3, "t": 3, "w": 5, "p": 9, "q": 0}
    met = [evaluate(premise, values, REAL) for premise in two_codes.given]
    assert met == [True, True, True, False]
