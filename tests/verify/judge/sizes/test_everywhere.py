"""Modules at every size: right ones proved, wrong ones refuted at the smallest size."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch
import torch.nn.functional as F

from proofs.verdict import Verdict
from verify.judge import equivalent

Network = Callable[[torch.Tensor], torch.Tensor]
OPEN = ("N", "C", "H", "W")
LOWEST = float("-inf")


def padded(x: torch.Tensor) -> torch.Tensor:
    """Return an image with one element of padding around it."""
    return F.pad(x, (1, 1, 1, 1), value=LOWEST)


def slices(x: torch.Tensor) -> torch.Tensor:
    """Max-pool 3, 2, 1 as the largest of nine slices."""
    h, w = x.shape[-2:]
    taps = [
        padded(x)[..., i : i + 2 * ((h - 1) // 2) + 1 : 2, j : j + 2 * ((w - 1) // 2) + 1 : 2]
        for i in range(3) for j in range(3)
    ]  # fmt: skip
    return torch.stack(taps).amax(0)


def at_width(width: int) -> Network:
    """Return the slices, but for one width."""

    def module(x: torch.Tensor) -> torch.Tensor:
        return slices(x) if x.shape[-1] != width else slices(x) + 1

    return module


def from_width(width: int) -> Network:
    """Return the slices, but for large widths."""

    def module(x: torch.Tensor) -> torch.Tensor:
        return slices(x) if x.shape[-1] < width else slices(x) * 2

    return module


def hidden(width: int) -> Network:
    """Return the slices, but for large widths on plain tensors alone."""

    def module(x: torch.Tensor) -> torch.Tensor:
        return slices(x) if type(x) is not torch.Tensor or x.shape[-1] < width else x

    return module


def test_a_rewrite_is_proved_at_every_size() -> None:
    """Sizes are judged up to those from which the others follow."""
    found = equivalent(slices, "max_pool2d(3, 2, 1)")
    assert found.verdict is Verdict.PROVED, found.reason
    assert found.sizes == "all"
    assert found.input_shape == OPEN
    assert "for every real input of shape N×C×H×W" in found.statement
    assert any(line.startswith("sizes: all from 1 on") for line in found.footprint)


@pytest.mark.parametrize(
    ("module", "smallest", "sizes"),
    [(at_width(23), "1×1×1×23", "W ≠ 23"), (from_width(40), "1×1×1×40", "W ≤ 39")],
)
def test_wrong_at_sizes_that_nobody_tried(module: Network, smallest: str, sizes: str) -> None:
    """One width, or large ones: shown at the smallest size, on an input that was run."""
    found = equivalent(module, "max_pool2d(3, 2, 1)")
    assert found.verdict is Verdict.REFUTED
    assert found.reason.startswith(f"at {smallest}:")
    assert found.sizes == sizes
    assert found.reason.endswith(f"; proved for {sizes}")
    assert found.counterexample is not None
    x = found.counterexample.input
    assert "×".join(map(str, x.shape)) == smallest
    assert not torch.equal(module(x), F.max_pool2d(x, 3, 2, 1))


def test_what_hides_from_symbols_is_no_proof() -> None:
    """Other instructions run on a plain tensor; sizes that the code names are tried."""
    found = equivalent(hidden(40), "max_pool2d(3, 2, 1)")
    assert found.verdict is Verdict.REFUTED
    assert found.reason.startswith("at 1×1×1×40: ")
    found = equivalent(hidden(40 * 10**4), "max_pool2d(3, 2, 1)")
    assert found.verdict is Verdict.PROVED_BOUNDED
    assert "where sizes are symbols" in found.reason


def test_an_exception_refutes() -> None:
    """Where there is a reference there must be a result."""

    def even(x: torch.Tensor) -> torch.Tensor:
        n, c, h, w = x.shape
        return x.reshape(n, c, h // 2, 2, w // 2, 2).amax((3, 5))

    found = equivalent(even, "max_pool2d(2)")
    assert found.verdict is Verdict.REFUTED
    assert found.reason.startswith("at 1×1×2×3: it fails on")
    assert found.sizes == "H and W even"


def test_sizes_without_a_reference_are_left_out() -> None:
    """A window larger than the image is no window."""

    def wide(x: torch.Tensor) -> torch.Tensor:
        return x.unfold(-1, 5, 1).amax(-1)

    assert equivalent(wide, "max_pool1d(5, stride=1)").verdict is Verdict.PROVED


@pytest.mark.parametrize(
    ("module", "why"),
    [
        (lambda x: x.flip(-1).flip(-1), "flip: an open axis is turned round"),
        (lambda x: x if x.sum() > 0 else x * 1, "gt: what depends on whole axes"),
        (lambda x: torch.stack([x[..., i] for i in range(x.shape[-1])], -1),
         "a size becomes a plain number"),
    ],
)  # fmt: skip
def test_what_is_not_followed_is_bounded(module: Network, why: str) -> None:
    """The operation and its line are named, and the sizes that were judged."""
    found = equivalent(module, "max_pool1d(1)")
    assert found.verdict is Verdict.PROVED_BOUNDED
    assert why in found.reason
    assert "test_everywhere.py" in found.reason
    assert " sizes up to " in found.sizes


def test_equal_letters_are_equal_sizes() -> None:
    """What holds of squares only is proved for squares, and numbers stay fixed."""

    def square(x: torch.Tensor) -> torch.Tensor:
        return x.max(1).values if x.shape[-1] == x.shape[-2] else x * 0

    found = equivalent(square, lambda x: x.amax(1), ("N", 3, "H", "H"))
    assert found.verdict is Verdict.PROVED
    found = equivalent(square, lambda x: x.amax(1), ("N", 3, "H", "W"))
    assert found.verdict is Verdict.REFUTED
    assert found.reason.startswith("at 1×3×1×2:")


@pytest.mark.parametrize("shape", [("N", 0, "W"), (1, "a b", 3), ("", 1, 1), (1, 2.5, "W")])
def test_what_is_no_shape_is_refused(shape: Any) -> None:
    """The message says what a shape is."""
    with pytest.raises(ValueError, match="must be whole numbers from 1 on and letters"):
        equivalent(slices, "max_pool2d(3, 2, 1)", shape)


def test_a_module_has_no_rank() -> None:
    """Without a pooling by name the shape must be given."""
    with pytest.raises(ValueError, match="the rank of the reference is not known"):
        equivalent(slices, slices)
