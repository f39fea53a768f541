from __future__ import annotations

import itertools

import torch
from torch.nn.functional import max_pool1d

from proofs.rebuilt.max_pool_cascades import claim


def test_the_condition_is_exact_in_torch() -> None:
    """On inputs with one large element the cascade is one pool iff s₁ ≤ k₁ or k₂ = 1."""
    for k1, s1, k2, s2 in itertools.product(range(1, 4), repeat=4):
        kernel, stride = k1 + (k2 - 1) * s1, s1 * s2
        size = kernel + 2 * stride
        x = torch.eye(size).unsqueeze(1)
        cascade = max_pool1d(max_pool1d(x, k1, s1), k2, s2)
        whole = max_pool1d(x, kernel, stride)
        assert cascade.shape == whole.shape, (k1, s1, k2, s2)
        assert torch.equal(cascade, whole) is (s1 <= k1 or k2 == 1), (k1, s1, k2, s2)


def test_same_padding_cascades_in_torch() -> None:
    """Stride 1 and "same" padding, inputs smaller than the windows included."""
    for size, p1, p2 in itertools.product(range(1, 9), range(4), range(4)):
        x = torch.randn(20, 1, size, generator=torch.Generator().manual_seed(size))
        cascade = max_pool1d(max_pool1d(x, 2 * p1 + 1, 1, p1), 2 * p2 + 1, 1, p2)
        whole = max_pool1d(x, 2 * (p1 + p2) + 1, 1, p1 + p2)
        assert torch.equal(cascade, whole), (size, p1, p2)


def test_with_ceil_mode_there_may_be_more_outputs() -> None:
    """Of 27 elements the cascade leaves 4 and the one pool 5; those that both have are equal."""
    x = torch.randn(1, 1, 27, generator=torch.Generator().manual_seed(0))
    cascade = max_pool1d(max_pool1d(x, 5, 1, ceil_mode=True), 1, 6, ceil_mode=True)
    whole = max_pool1d(x, 5, 6, ceil_mode=True)
    assert (cascade.shape[-1], whole.shape[-1]) == (4, 5)
    assert torch.equal(cascade, whole[..., :4])
    assert "that both have as many outputs is not stated" in claim.holds
