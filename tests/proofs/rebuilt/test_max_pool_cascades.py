from __future__ import annotations

import itertools

import pytest
import torch
from torch.nn.functional import max_pool1d


@pytest.mark.parametrize(("k1", "s1", "k2", "s2"), [*itertools.product(range(1, 4), repeat=4)])
def test_the_condition_is_exact_in_torch(k1: int, s1: int, k2: int, s2: int) -> None:
    """On inputs with one large element the cascade is one pool iff s₁ ≤ k₁ or k₂ = 1."""
    kernel, stride = k1 + (k2 - 1) * s1, s1 * s2
    size = kernel + 2 * stride
    x = torch.eye(size).unsqueeze(1)
    cascade = max_pool1d(max_pool1d(x, k1, s1), k2, s2)
    whole = max_pool1d(x, kernel, stride)
    outputs = min(cascade.shape[-1], whole.shape[-1])
    same = torch.equal(cascade[..., :outputs], whole[..., :outputs])
    assert same is (s1 <= k1 or k2 == 1)
    assert cascade.shape == whole.shape


@pytest.mark.parametrize("size", range(1, 9))
def test_same_padding_cascades_in_torch(size: int) -> None:
    """Stride 1 and "same" padding, inputs smaller than the windows included."""
    x = torch.randn(20, 1, size, generator=torch.Generator().manual_seed(size))
    for p1, p2 in itertools.product(range(4), repeat=2):
        cascade = max_pool1d(max_pool1d(x, 2 * p1 + 1, 1, p1), 2 * p2 + 1, 1, p2)
        assert torch.equal(cascade, max_pool1d(x, 2 * (p1 + p2) + 1, 1, p1 + p2))
