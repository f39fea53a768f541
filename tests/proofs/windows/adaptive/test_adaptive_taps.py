from __future__ import annotations

from itertools import product
from math import gcd

import pytest
import torch

from pooling.windows import adaptive_taps
from proofs.claim import CheckFailedError
from proofs.windows.adaptive import adaptive_taps as claim_file
from proofs.windows.adaptive.adaptive_taps import counted


def test_torch_reads_as_many_taps() -> None:
    """A one at each element in turn shows which of torch's windows hold it."""
    for size, outputs in product(range(1, 9), repeat=2):
        eye = torch.eye(size).reshape(size, 1, size)
        read = int(torch.nn.functional.adaptive_max_pool1d(eye, outputs).sum())
        assert read == size + outputs - gcd(size, outputs) == adaptive_taps(size, outputs)


def test_the_count_compares_all_small_sizes() -> None:
    """The line says how far it went."""
    assert counted() == "all n and m up to 32"


def test_the_count_finds_a_wrong_formula(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the divisor the count is refuted where the first windows fall apart."""
    monkeypatch.setattr(claim_file, "adaptive_taps", lambda n, m: n + m - 1)
    with pytest.raises(CheckFailedError) as caught:
        counted()
    assert str(caught.value) == "n = 2, m = 2: 2 taps"
