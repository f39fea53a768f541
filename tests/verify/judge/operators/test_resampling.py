"""Interpolation: weights are those of torch's formula, and downsampling by halves is pooling."""

from __future__ import annotations

from typing import Any

import pytest
import torch
import torch.nn.functional as F

from proofs.verdict import Verdict
from verify.judge import equivalent

WAYS: list[dict[str, Any]] = [
    {"scale_factor": 0.5, "mode": "bilinear"},
    {"scale_factor": 1 / 3, "mode": "bilinear"},
    {"scale_factor": 0.4, "mode": "bilinear"},
    {"scale_factor": 2, "mode": "bilinear"},
    {"size": (3, 5), "mode": "bilinear"},
    {"size": (3, 7), "mode": "bilinear", "align_corners": True},
    {"size": (4, 2), "mode": "bilinear", "antialias": True},
    {"size": (3, 4), "mode": "bicubic"},
    {"size": (5, 1), "mode": "bicubic", "align_corners": True},
    {"size": (3, 4), "mode": "area"},
    {"size": (3, 4), "mode": "nearest"},
]


@pytest.mark.parametrize("way", WAYS, ids=str)
def test_weights_are_those_of_the_kernel(way: dict[str, Any]) -> None:
    """Every run is what the terms say, and the mirror image is another."""
    found = equivalent(
        lambda x: F.interpolate(x, **way), lambda x: F.interpolate(x + 0, **way), (1, 1, 6, 5)
    )
    assert found.verdict is Verdict.PROVED_BOUNDED, found.reason
    wrong = equivalent(
        lambda x: F.interpolate(x * 1.001, **way), lambda x: F.interpolate(x, **way), (1, 1, 6, 5)
    )
    assert wrong.verdict is Verdict.REFUTED


@pytest.mark.parametrize(
    ("mode", "reference", "shape"),
    [
        ("linear", "avg_pool1d(2)", (1, 2, 6)),
        ("bilinear", "avg_pool2d(2)", (1, 2, 6, 4)),
        ("trilinear", "avg_pool3d(2)", (1, 1, 2, 4, 2)),
        ("area", "avg_pool2d(2)", (1, 2, 6, 4)),
    ],
)
def test_halves_are_means(mode: str, reference: str, shape: tuple[int, ...]) -> None:
    """Each output lies in the middle of a window; with aligned corners it does not."""
    found = equivalent(lambda x: F.interpolate(x, scale_factor=0.5, mode=mode), reference, shape)
    assert found.verdict is Verdict.PROVED_BOUNDED, found.reason
    if mode != "area":
        wrong = equivalent(
            lambda x: F.interpolate(x, scale_factor=0.5, mode=mode, align_corners=True),
            reference,
            shape,
        )
        assert wrong.verdict is Verdict.REFUTED


def test_weights_far_along_an_axis() -> None:
    """The float of a place far out is less exact, and no run is taken for strange."""

    def resized(x: torch.Tensor) -> torch.Tensor:
        return F.interpolate(x, size=70, mode="linear")

    found = equivalent(resized, lambda x: resized(x + 0), (1, 1, 300))
    assert found.verdict is Verdict.PROVED_BOUNDED, found.reason
