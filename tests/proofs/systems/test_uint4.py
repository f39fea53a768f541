from __future__ import annotations

import pytest
import torch

import verify
from proofs.systems import SYSTEMS

ONE = SYSTEMS["uint4"]


def test_what_it_says_of_itself() -> None:
    """4 bits from 0 to 15, and nothing of torch that is not so."""
    assert ONE.bytes == 0.5
    assert ONE.exact_constant("smallest") == 0 and ONE.exact_constant("largest") == 15
    assert ONE.assumes == "results are taken modulo 2^4, by hand: torch does not add uint4"
    dtype = getattr(torch, ONE.name)
    with pytest.raises(RuntimeError):
        torch.ones(1, dtype=dtype) + torch.ones(1, dtype=dtype)


def test_max_by_relu_is_the_first() -> None:
    """ReLU(a − b) + b is a, by every solver."""
    cell = verify.check("max-is-relu-unsigned", "uint4")
    assert cell.ok and cell.verdict.name == "PROVED"
    for part in cell.parts:
        said = {e.engine: e.verdict.name for e in part.evidence}
        assert said["z3"] == said["cvc5"] == said["bitwuzla"] == "PROVED"


def test_refuted_within_the_range() -> None:
    """Max by ReLU fails where a < b, replayed in integers wrapped by hand."""
    cell = verify.check("max-is-relu", "uint4")
    assert cell.ok and cell.counterexample is not None
    assert cell.counterexample.replay == ("fails on torch.int64 tensors, wrapped to 4 bits by hand")
    a, b = (int(cell.counterexample.assignment[name]) for name in "ab")
    assert 0 <= a < b <= 15
