from __future__ import annotations

from collections.abc import Callable
from math import prod
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

import costmodel

SHAPE = (2, 3, 4, 6)
TOKENS = (2, 5, 8)


class Calling(nn.Module):
    """A module whose forward is a function."""

    def __init__(self, function: Callable[[Tensor], Any]) -> None:
        super().__init__()
        self.function = function

    def forward(self, x: Tensor) -> Any:
        """Call the function."""
        return self.function(x)


def brute(kind: str, inputs: int, outputs: int) -> dict[str, int]:
    """Return what it takes to reduce, found by doing so group by group."""
    counts: dict[str, int] = {}
    for _ in range(outputs):
        for _ in range(inputs // outputs - 1):
            word = "comparisons" if kind == "max" else "additions"
            counts[word] = counts.get(word, 0) + 1
        if kind == "mean":
            counts["divisions"] = counts.get("divisions", 0) + 1
    return counts


def layer_norm(x: Tensor) -> Tensor:
    """Write out a layer normalisation."""
    mean = x.mean(-1, keepdim=True)
    variance = ((x - mean) ** 2).mean(-1, keepdim=True)
    return (x - mean) / (variance + 1e-5).sqrt()


def moments(x: Tensor) -> Tensor:
    """Write it out by the other formula for the variance."""
    mean = x.mean(-1, keepdim=True)
    variance = x.pow(2).mean(-1, keepdim=True) - mean.pow(2)
    return (x - mean) * torch.rsqrt(variance + 1e-5)


def softmax(x: Tensor) -> Tensor:
    """Write out a softmax."""
    powers = (x - x.amax(-1, keepdim=True)).exp()
    return powers / powers.sum(-1, keepdim=True)


def group_norm(x: Tensor) -> Tensor:
    """Write out the centring of a group normalisation."""
    groups = x.view(2, 3, -1)
    return (groups - groups.mean(2, keepdim=True)).view(x.shape)


def conv_attention(x: Tensor) -> Tensor:
    """Attend to places by the channels' mean and maximum, as CBAM does."""
    pooled = torch.cat([x.mean(1, keepdim=True), x.amax(1, keepdim=True)], 1)
    return x * torch.sigmoid(F.conv2d(pooled, torch.ones(1, 2, 1, 1)))


def normalised(x: Tensor) -> Tensor:
    """Normalise eight channels by the statistics of other data."""
    return F.batch_norm(x, torch.zeros(8), torch.ones(8))


# How it is written, on what, and the reductions of n elements to m that it is.
POOLINGS: dict[str, tuple[Callable[[Tensor], Any], tuple[int, ...], list[tuple[str, int, int]]]] = {
    "mean": (lambda x: x.mean((2, 3)), SHAPE, [("mean", 144, 6)]),
    "channels last": (lambda x: x.mean((1, 2)), (2, 4, 6, 3), [("mean", 144, 6)]),
    "tokens": (lambda x: x.mean(1), TOKENS, [("mean", 80, 16)]),
    "tokens first": (lambda x: x.transpose(0, 1).mean(0), TOKENS, [("mean", 80, 16)]),
    "permuted": (lambda x: x.permute(2, 3, 0, 1).mean((0, 1)), SHAPE, [("mean", 144, 6)]),
    "one axis after the other": (
        lambda x: x.mean(3).mean(2), SHAPE, [("mean", 144, 24), ("mean", 24, 6)],
    ),
    "flatten": (lambda x: x.flatten(2).mean(-1), SHAPE, [("mean", 144, 6)]),
    "batch and channels flattened": (
        lambda x: x.reshape(6, 24).mean(1), SHAPE, [("mean", 144, 6)],
    ),
    "amax": (lambda x: x.amax((2, 3)), SHAPE, [("max", 144, 6)]),
    "amin": (lambda x: x.amin((2, 3)), SHAPE, [("max", 144, 6)]),
    "max": (lambda x: x.flatten(2).max(-1).values, SHAPE, [("max", 144, 6)]),
    "view and mean": (
        lambda x: x.view(2, 3, 2, 2, 3, 2).mean((3, 5)), SHAPE, [("mean", 144, 36)],
    ),
    "view and amax": (
        lambda x: x.view(2, 3, 2, 2, 3, 2).amax((3, 5)), SHAPE, [("max", 144, 36)],
    ),
    "einops": (
        lambda x: x.reshape(2, 3, 2, 2, 3, 2).permute(0, 2, 4, 1, 3, 5).reshape(12, 3, 4).amax(2),
        SHAPE, [("max", 144, 36)],
    ),
    "unfold": (
        lambda x: x.unfold(2, 3, 1).unfold(3, 3, 1).amax((-1, -2)),
        SHAPE, [("max", 6 * 2 * 4 * 9, 6 * 2 * 4)],
    ),
    "im2col": (
        lambda x: F.unfold(x, 2, stride=2).view(2, 3, 4, 6).mean(2), SHAPE, [("mean", 144, 36)],
    ),
    "channels": (conv_attention, SHAPE, [("mean", 144, 48), ("max", 144, 48)]),
    "squeeze and excite": (
        lambda x: x * x.mean((2, 3), keepdim=True).sigmoid(), SHAPE, [("mean", 144, 6)],
    ),
    "sum": (lambda x: x.sum((2, 3)), SHAPE, [("sum", 144, 6)]),
    "sum / n": (lambda x: x.sum((2, 3)) / 24, SHAPE, [("mean", 144, 6)]),
    "sum / n, in place": (lambda x: x.sum((2, 3)).div_(24), SHAPE, [("mean", 144, 6)]),
    "sum / something else": (lambda x: x.sum((2, 3)) / 23, SHAPE, [("sum", 144, 6)]),
    "one by one": (
        lambda x: torch.stack([image.mean((1, 2)) for image in x]), SHAPE, [("mean", 72, 3)] * 2,
    ),
    "functional, no batch": (
        lambda x: F.adaptive_avg_pool2d(x, 1), (3, 4, 6), [("mean", 72, 3)],
    ),
    "after a product": (
        lambda x: (x.transpose(0, 1) @ torch.ones(8, 4)).mean(0), TOKENS, [("mean", 40, 8)],
    ),
    "after normalising flattened tokens": (
        lambda x: normalised(x.flatten(0, 1)).view(x.shape).mean(1), (1, 5, 8), [("mean", 40, 8)],
    ),
    "after other elementwise work": (
        lambda x: torch.relu(x.transpose(0, 1) + 1).mean(0), TOKENS, [("mean", 80, 16)],
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", POOLINGS)
def test_poolings_in_any_spelling(name: str) -> None:
    """Counted as what they compute, by kind, and nothing of them is listed elsewhere."""
    function, shape, reductions = POOLINGS[name]
    cost = costmodel.of_model(Calling(function), shape)
    rows = [row for row in cost.rows if row.pooling]
    expected = [brute(*reduction) for reduction in reductions]
    assert [row.operations for row in rows] == expected
    assert [row.flops for row in rows] == [sum(counts.values()) for counts in expected]
    for row, (_, inputs, outputs) in zip(rows, reductions, strict=True):
        assert (prod(row.input_shape), prod(row.output_shape)) == (inputs, outputs)
    assert not {"mean", "sum", "amax", "amin", "max"} & cost.uncounted.keys()


def test_a_product_by_the_reciprocal_is_a_mean_of_multiplications() -> None:
    """It computes no division."""
    (row,) = costmodel.of_model(Calling(lambda x: x.sum((2, 3)) * (1 / 24)), SHAPE).rows
    assert row.operations == {"additions": 138, "multiplications": 6}


@pytest.mark.parametrize(
    ("function", "listed"),
    [
        (lambda x: x.mean((1, 2)), {"mean": 1}),
        (lambda x: x.mean(), {"mean": 1}),
        (lambda x: ((x - 1) ** 2).sum((1, 2)), {"sub": 1, "pow": 1, "sum": 1}),
        (lambda x: x.mean((0, 1)), {"mean": 1}),
        (lambda x: x.reshape(2, 40).amax(1), {"amax": 1}),
        (lambda x: x - x.mean(1, keepdim=True), {"mean": 1, "sub": 1}),
        (lambda x: x.sub_(x.mean(1, keepdim=True)), {"mean": 1, "sub_": 1}),
        (layer_norm, {"mean": 2, "sub": 2, "pow": 1, "add": 1, "sqrt": 1, "div": 1}),
        (moments, {"mean": 2, "pow": 2, "sub": 2, "add": 1, "rsqrt": 1, "mul": 1}),
        (
            lambda x: x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + 1e-6),
            {"pow": 1, "mean": 1, "add": 1, "rsqrt": 1, "mul": 1},
        ),
        (softmax, {"amax": 1, "sub": 1, "exp": 1, "sum": 1, "div": 1}),
        (lambda x: (x > 0).long().sum(1), {"gt": 1, "_to_copy": 1, "sum": 1}),
    ],
)
def test_what_is_no_pooling(function: Callable[[Tensor], Any], listed: dict[str, int]) -> None:
    """Losses, scores, normalisations and whole numbers."""
    cost = costmodel.of_model(Calling(function), TOKENS)
    assert cost.rows == ()
    assert cost.uncounted == listed


def test_the_last_axis_is_a_score() -> None:
    """One axis after the other: what keeps an axis pools, what leaves the batch alone does not."""
    cost = costmodel.of_model(Calling(lambda x: x.mean(1).mean(1)), TOKENS)
    assert [(row.operator, row.flops) for row in cost.rows] == [("mean", 80)]
    assert cost.uncounted == {"mean": 1}


def test_statistics_of_groups_are_normalisations() -> None:
    """Through views, with their kind."""
    cost = costmodel.of_model(Calling(group_norm), SHAPE)
    assert [(o.operator, o.kind) for o in cost.others] == [
        ("mean", "normalisation"),
        ("sub", "elementwise"),
    ]


@pytest.mark.parametrize(
    ("function", "operations"),
    [
        (lambda x: x.mean((2, 3)), {"additions": 144, "divisions": 6}),
        (lambda x: x.sum((2, 3)), {"additions": 144}),
        (lambda x: x.amax((2, 3)), {"additions": 6}),
        (lambda x: x.flatten(2).max(2).values, {"additions": 6}),
    ],
)
def test_backward(function: Callable[[Tensor], Any], operations: dict[str, int]) -> None:
    """That of an adaptive pooling to one output, once, and nothing else is listed."""

    def forward(x: Tensor) -> Any:
        x = x.detach().requires_grad_()
        y = function(x)
        return torch.autograd.grad(y, x, torch.ones_like(y))

    row = costmodel.of_model(Calling(forward), SHAPE).rows[-1]
    assert row.pooling and row.operator.endswith("_backward")
    assert row.operations == operations
    pool = "max" if len(operations) == 1 and operations["additions"] == 6 else "avg"
    adaptive = costmodel.cost(f"adaptive_{pool}_pool2d_backward", SHAPE, 1)
    divisions = operations.get("divisions", 0)
    assert row.flops == adaptive.flops - (0 if divisions else adaptive.divisions)
    cost = costmodel.of_model(Calling(forward), SHAPE)
    assert len(cost.rows) == 2 and cost.uncounted.keys() <= {"ones_like"}


def test_backward_of_a_normalisation_is_none() -> None:
    """Its statistics are no pooling, whichever way."""

    def forward(x: Tensor) -> Any:
        x = x.detach().requires_grad_()
        return torch.autograd.grad(layer_norm(x).sum(), x)

    cost = costmodel.of_model(Calling(forward), TOKENS)
    assert cost.rows == ()
