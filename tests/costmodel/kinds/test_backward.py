from __future__ import annotations

import math
from collections import Counter
from typing import Any

import numpy
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

import costmodel
from verify.strategies import windows

F = torch.nn.functional


@given(st.integers(1, 3), st.data())
def test_max_adds_every_gradient_once(dimensions: int, data: st.DataObject) -> None:
    """Adding each gradient at the index of its choice is torch's gradient, and is what is counted.

    Windows that dilation and ceil_mode leave without any tap have no choice, and are left out.
    """
    arguments = data.draw(windows(dimensions, max_size=6, max_kernel_size=3))
    size = arguments.pop("size")
    x = torch.randn(2, *size, dtype=torch.float64, requires_grad=True)
    pool = getattr(F, f"max_pool{dimensions}d")
    y, indices = pool(x, **arguments, return_indices=True)
    gradient = torch.randn_like(y)
    y.backward(gradient)
    summed = numpy.zeros((2, math.prod(size)))
    additions = 0
    for channel in range(2):
        places = indices[channel].flatten().tolist()
        for place, value in zip(places, gradient[channel].flatten().tolist(), strict=True):
            summed[channel, place] += value
            additions += 1
    assert x.grad is not None
    numpy.testing.assert_allclose(summed, x.grad.reshape(2, -1).numpy(), atol=1e-12)
    cost = costmodel.cost(f"max_pool{dimensions}d_backward", (2, *size), **arguments)
    assert (cost.additions, cost.flops, cost.output_shape) == (additions, additions, (2, *size))
    assert cost.bytes_moved("float64") == 8 * (x.numel() + 2 * y.numel())


@given(st.integers(1, 3), st.booleans(), st.data())
def test_average_adds_every_gradient_to_its_taps(
    dimensions: int, adaptive: bool, data: st.DataObject
) -> None:
    """Divided once and added to each tap it is torch's gradient, and that is what is counted."""
    counted: Counter[str] = Counter()
    arguments: dict[str, Any]
    if adaptive:
        size = data.draw(st.lists(st.integers(1, 6), min_size=dimensions, max_size=dimensions))
        output_size = [data.draw(st.integers(1, 5)) for _ in size]
        operator, arguments = f"adaptive_avg_pool{dimensions}d", {"output_size": output_size}
    else:
        arguments = data.draw(windows(dimensions, max_size=6, max_kernel_size=3))
        size = list(map(max, arguments.pop("size"), arguments["kernel_size"]))
        arguments["count_include_pad"] = False
        operator = f"avg_pool{dimensions}d"
    x = torch.randn(1, *size, dtype=torch.float64, requires_grad=True)
    y = getattr(F, operator)(x, **arguments)
    gradient = torch.randn_like(y)
    y.backward(gradient, retain_graph=True)
    summed = numpy.zeros(x.shape)
    for output in numpy.ndindex(*y.shape):
        # The taps of one window are where its output has a gradient.
        (of_output,) = torch.autograd.grad(y[output], x, retain_graph=True)
        taps = of_output.nonzero().tolist()
        share = gradient[output].item() / len(taps)
        counted["divisions"] += 1
        for place in taps:
            summed[tuple(place)] += share
            counted["additions"] += 1
    assert x.grad is not None
    numpy.testing.assert_allclose(summed, x.grad.numpy(), atol=1e-12)
    cost = costmodel.cost(f"{operator}_backward", (1, *size), **arguments)
    assert counted == Counter(additions=cost.additions, divisions=cost.divisions)
    assert cost.bytes_moved("float64") == 8 * (x.numel() + y.numel())


@pytest.mark.parametrize(
    ("operator", "arguments", "flops"),
    [
        ("max_pool1d_backward", dict(kernel_size=2, stride=1), 9),
        ("min_pool1d_backward", dict(kernel_size=2, stride=1), 9),
        ("avg_pool1d_backward", dict(kernel_size=2, stride=1), 9 + 18),
        ("adaptive_max_pool1d_backward", dict(output_size=4), 4),
        ("adaptive_avg_pool1d_backward", dict(output_size=4), 4 + 12),
    ],
)
def test_known_counts(operator: str, arguments: dict[str, Any], flops: int) -> None:
    """Worked out by hand for ten elements."""
    assert costmodel.flops(operator, (1, 10), **arguments) == flops


def test_a_window_without_taps_has_no_choice() -> None:
    """Nothing is added for it."""
    cost = costmodel.cost("max_pool1d_backward", (1, 1), 2, 1, 1, 2)
    assert (cost.additions, cost.inputs_read, cost.outputs) == (0, 1, 1)


def test_fractional() -> None:
    """One addition for every window, wherever it is drawn."""
    assert costmodel.flops("fractional_max_pool2d_backward", (3, 9, 9), 2, 4) == 3 * 16
    assert costmodel.flops("fractional_max_pool3d_backward", (3, 9, 9, 9), 2, 4) == 3 * 64
