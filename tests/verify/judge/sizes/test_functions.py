"""Functions of torch that are met where sizes are still symbols."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch
import torch.nn.functional as F

from proofs.verdict import Verdict
from verify.judge import equivalent

Network = Callable[[torch.Tensor], torch.Tensor]


def remainder_padded(x: torch.Tensor) -> torch.Tensor:
    """Pad by what is left over."""
    _, rest = divmod(x.shape[-1], 2)
    return F.pad(x, (0, rest), value=float("-inf")).unfold(-1, 2, 2).amax(-1)


def halved(x: torch.Tensor) -> torch.Tensor:
    """Take pairs, as many as a shift says."""
    w = x.shape[-1] >> 1
    return torch.maximum(x[..., : 2 * w : 2], x[..., 1 : 2 * w : 2])


def blurred(x: torch.Tensor) -> torch.Tensor:
    """Weigh what is beside, around it a reflection."""
    p = F.pad(x, (1, 1), mode="reflect")
    return (p[..., :-2] + 2 * p[..., 1:-1] + p[..., 2:]) / 4


RIGHT: tuple[tuple[Network, Any], ...] = (
    (torch.nn.MaxPool1d(3, 2, 1), "max_pool1d(3, 2, 1)"),
    (lambda x: F.max_pool1d(x, [2], ceil_mode=True), "max_pool1d(2, ceil_mode=True)"),
    (lambda x: torch.max_pool1d(x, 2, 1, 0, 2), "max_pool1d(2, 1, dilation=2)"),
    (torch.nn.AdaptiveMaxPool2d((None, 1)), lambda x: x.amax(-1, keepdim=True)),
    (lambda x: F.adaptive_max_pool2d(x, (x.shape[1], 1)), lambda x: x.amax(-1, keepdim=True)),
    (lambda x: F.interpolate(x, scale_factor=2.0), lambda x: F.interpolate(x, 2 * x.shape[-1])),
    (lambda x: F.interpolate(x, size=(4 * x.shape[-1],)), lambda x: F.interpolate(
        F.interpolate(x, scale_factor=2), scale_factor=2)),
    (remainder_padded, "max_pool1d(2, ceil_mode=True)"),
    (halved, "max_pool1d(2)"),
    (blurred, lambda x: F.conv1d(
        F.pad(x, (1, 1), mode="reflect"),
        torch.tensor([[[1.0, 2.0, 1.0]]]).expand(x.shape[1], 1, 3) / 4, groups=x.shape[1])),
)  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize(("module", "reference"), RIGHT)
def test_right_and_wrong_far_away(module: Network, reference: Any) -> None:
    """Proved at every size; with what stands 21 elements away, or at one size, it is not."""
    found = equivalent(module, reference, ("N", "C", "W"))
    assert found.verdict is Verdict.PROVED, found.reason
    far = sum(range(7))

    def shifted(x: torch.Tensor) -> torch.Tensor:
        return module(x + F.pad(x, (0, far))[..., far:])

    found = equivalent(shifted, reference, (1, 1, "W"), why=False)
    assert found.verdict in (Verdict.REFUTED, Verdict.PROVED_BOUNDED), found.reason

    def apart(x: torch.Tensor) -> torch.Tensor:
        return module(x) + 1 if x.shape[-1] == 37 else module(x)

    found = equivalent(apart, reference, (1, 1, "W"), why=False)
    assert found.verdict is Verdict.REFUTED
    assert found.reason.startswith("at 1×1×37: ")


@pytest.mark.parametrize(
    ("module", "why"),
    [
        (lambda x: F.interpolate(x, scale_factor=3), "enlarged by what is no power of two"),
        (lambda x: F.max_pool1d(x, 2, return_indices=True)[1].float(), "places"),
    ],
)  # fmt: skip
def test_what_is_not_followed_is_named(module: Network, why: str) -> None:
    """The sizes that were judged stand beside it."""
    found = equivalent(module, module, ("N", 1, "W"), timeout=200)
    assert found.verdict is Verdict.PROVED_BOUNDED, found.reason
    assert why in found.reason


def test_a_reflection_of_more_than_there_is() -> None:
    """At such sizes there is no reference."""
    found = equivalent(blurred, blurred, (1, 1, "W"))
    assert found.verdict is Verdict.PROVED, found.reason
