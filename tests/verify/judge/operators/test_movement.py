"""Operators that move elements: their terms are where torch puts them."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
import torch.nn.functional as F

from proofs.verdict import Verdict
from verify.judge import equivalent

Network = Callable[[torch.Tensor], torch.Tensor]


def in_place(x: torch.Tensor) -> torch.Tensor:
    """Write into what was made, through views and views of views."""
    y = torch.zeros(2, 2, 4, 4)
    y[0].copy_(x[0])
    y[1, :, ::2] = x[0, :, 1::2]
    y.view(-1)[3:5].fill_(7)
    y.T[0, 0].zero_()
    return y.mT.contiguous()


def shifted(x: torch.Tensor) -> torch.Tensor:
    """Write over itself."""
    y = x.clone()
    y[..., 1:] = y[..., :-1].clone()
    return y


MOVED: list[Network] = [
    in_place,
    shifted,
    lambda x: x.flip(-1).roll(1, 2).repeat(1, 2, 1, 1),
    lambda x: x.tril() + x.triu(1),
    lambda x: F.pixel_shuffle(x.repeat(1, 2, 1, 1), 2),
    lambda x: x.rot90(1, (2, 3)),
    lambda x: torch.diag_embed(x[0, 0]),
    lambda x: F.unfold(x, 2, padding=1, dilation=2),
    lambda x: F.pad(x, (1, 1, 2, 0), mode="reflect"),
    lambda x: F.pad(x, (1, 1, 2, 0), mode="replicate"),
    lambda x: F.pad(x, (1, 1, 2, 0), mode="circular"),
    lambda x: F.pad(x, (1, -1, 2, 0), value=-3.0),
    lambda x: F.interpolate(x, scale_factor=2),
    lambda x: F.interpolate(x, size=(3, 5), mode="nearest-exact"),
    lambda x: torch.cat([x, x.new_zeros(1, 2, 4, 1), x.new_ones(1, 2, 4, 1)], -1),
    lambda x: torch.stack([x, torch.full_like(x, 2.0), x.new_full((1, 2, 4, 4), 3.0)]),
    lambda x: x[:, :, torch.tensor([0, 2]), torch.tensor([[1], [3]])],
    lambda x: x.index_select(2, torch.tensor([3, 0])),
    lambda x: x.gather(3, torch.tensor([[[[0, 3]]]]).expand(1, 2, 4, 2)),
    lambda x: x.take(torch.tensor([5, 1])),
    lambda x: x.index_put((torch.tensor([0]), torch.tensor([1])), torch.ones(())),
    lambda x: torch.zeros(3).index_put_((torch.tensor([0, 0, 2]),), x[0, 0, 0, :3], True),
    lambda x: x.contiguous().as_strided((2, 3), (5, 2), 1) + 0,
    lambda x: x.double().float(),
    lambda x: x.unfold(2, 2, 2).reshape(1, 2, -1),
    lambda x: x.permute(0, 2, 3, 1).contiguous().view(1, 4, 8),
    lambda x: x.expand(3, 2, 4, 4).clone(memory_format=torch.channels_last),
    lambda x: torch.from_numpy(x.detach().numpy()),
]


@pytest.mark.parametrize("network", MOVED)
def test_elements_are_where_torch_puts_them(network: Network) -> None:
    """Every run is what the terms say, and no two elements are mistaken for each other."""
    found = equivalent(network, network, (1, 2, 4, 4))
    assert found.verdict is Verdict.PROVED_BOUNDED, found.reason
    apart = equivalent(network, lambda x: network(x.flip(0, 1, 2, 3)), (1, 2, 4, 4))
    assert apart.verdict is Verdict.REFUTED


@pytest.mark.parametrize(
    ("network", "reason"),
    [
        (lambda x: x.half().float(), "its result is float16, which rounds"),
        (lambda x: x.int().float(), "its result is int32, which rounds"),
        (lambda x: (x.view(torch.int32) + 0).view(torch.float32), "the bits of float32 read as"),
        (lambda x: x[x > 9e9].sum() + x, "places that depend on the values of the input, more"),
    ],
)
def test_what_is_no_movement(network: Network, reason: str) -> None:
    """Conversions that round, bits, and places that depend on values prove nothing."""
    found = equivalent(network, lambda x: network(x), (1, 2, 2, 2))
    assert found.verdict is Verdict.TESTED
    assert reason in found.reason
