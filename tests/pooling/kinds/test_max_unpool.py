"""Max-unpooling: definition, layer, cost."""

from __future__ import annotations

from typing import Any

import numpy
import pytest
import torch
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import costmodel
import pooling
from verify.strategies import windows


@settings(max_examples=60)
@given(data=st.data(), dimensions=st.integers(1, 3))
def test_it_is_torchs(data: st.DataObject, dimensions: int) -> None:
    """Definition and layer give torch's values, with the size of the input and without."""
    case = data.draw(windows(dimensions, 6, 3))
    case.pop("ceil_mode", None)
    size = tuple(map(max, case.pop("size"), case["kernel_size"]))
    x = torch.randn(2, 2, *size, generator=torch.Generator().manual_seed(1))
    functional: Any = torch.nn.functional
    maxima, indices = getattr(functional, f"max_pool{dimensions}d")(x, **case, return_indices=True)
    axes = zip(maxima.shape[2:], case["stride"], case["padding"], case["kernel_size"], strict=True)
    assume(all((n - 1) * s - 2 * p + k > 0 for n, s, p, k in axes))  # torch makes nothing of it
    layer = getattr(pooling, f"MaxUnpool{dimensions}d")(**case)
    named = {**case, "output_size": size}
    for given_, output_size in ((case, None), (named, x.shape)):
        try:
            theirs = getattr(functional, f"max_unpool{dimensions}d")(maxima, indices, **given_)
        except (RuntimeError, ValueError):  # indices or sizes that do not fit
            with pytest.raises((RuntimeError, ValueError)):
                pooling.max_unpool(maxima.numpy(), **given_, indices=indices.numpy())
            continue
        ours = pooling.max_unpool(maxima.numpy(), **given_, indices=indices.numpy())
        assert numpy.array_equal(ours, theirs.numpy())
        assert torch.equal(layer(maxima, indices, output_size), theirs)
        cost = costmodel.cost(f"max_unpool{dimensions}d", tuple(maxima.shape), **given_)
        assert cost.output_shape == tuple(theirs.shape) and cost.flops == 0
        assert cost.indices == indices.numel()


def test_gradients_and_programs() -> None:
    """Autograd, the compiler's front end and an exported program agree with the module."""
    layer: torch.nn.Module = pooling.MaxUnpool2d(2)
    x = torch.randn(1, 2, 4, 4, dtype=torch.float64)
    maxima, indices = torch.nn.MaxPool2d(2, return_indices=True)(x)
    assert torch.autograd.gradcheck(lambda m: layer(m, indices), (maxima.requires_grad_(),))
    compiled = torch.compile(layer, fullgraph=True, backend="eager")
    program = torch.export.export(layer, (maxima, indices)).module()
    assert torch.equal(compiled(maxima, indices), layer(maxima, indices))
    assert torch.equal(program(maxima, indices), layer(maxima, indices))
    theirs = torch.nn.MaxUnpool2d(2)
    assert costmodel.cost(theirs, (1, 2, 2, 2)) == costmodel.cost(layer, (1, 2, 2, 2))
    _, (change,) = pooling.rebuild(theirs)
    assert change.reason == "it needs indices, which a rebuilt max-pooling does not return"


@pytest.mark.parametrize(
    ("indices", "error", "message"),
    [
        ([4, 0], ValueError, "indices must be from 0 to 3, got 4"),
        ([0], ValueError, "indices must have the shape (2,), got (1,)"),
        ([0.0, 1.0], TypeError, "indices must be integers, got float64"),
    ],
)
def test_refusals(indices: Any, error: type[Exception], message: str) -> None:
    """Indices that are none of this output."""
    with pytest.raises(error) as caught:
        pooling.max_unpool([1.0, 2.0], (2,), indices=indices)
    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("indices", "output_size", "error", "message"),
    [
        ([[0]], None, TypeError, "indices must be a tensor of int32 or int64, got list"),
        (
            torch.zeros(1, 2),
            None,
            TypeError,
            "indices must be a tensor of int32 or int64, got torch.float32",
        ),
        (torch.tensor([[0, 2]]), 4, TypeError, "output_size must be a tuple, got 4"),
        (
            torch.tensor([[0, 2]]),
            (1, 1, 4),
            ValueError,
            "output_size must have 1 or 2 entries, got 3: (1, 1, 4)",
        ),
    ],
)
def test_refusals_of_the_layer(
    indices: Any, output_size: Any, error: type[Exception], message: str
) -> None:
    """By the name of the argument, before torch sees it."""
    with pytest.raises(error) as caught:
        pooling.MaxUnpool1d(2)(torch.ones(1, 2), indices, output_size)
    assert str(caught.value) == message
