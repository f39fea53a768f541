from __future__ import annotations

import math
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, settings
from hypothesis import strategies as st

import pooling
from pooling.rebuilt.maximum import SCHEMES

#: dtype → u, half the distance from 1 to the next number.
UNITS = {
    torch.float16: 2.0**-11,
    torch.bfloat16: 2.0**-8,
    torch.float32: 2.0**-24,
    torch.float64: 2.0**-53,
}

sizes = st.lists(st.tuples(st.integers(1, 8), st.integers(0, 9)), min_size=1, max_size=3)


def draw_input(data: st.DataObject, dtype: torch.dtype) -> tuple[torch.Tensor, tuple[int, ...]]:
    """Return an input, batched or not, and the number of outputs of each axis."""
    size, outputs = zip(*data.draw(sizes), strict=True)
    leading = data.draw(st.sampled_from([(2,), (2, 2), (1, 3)]))
    generator = torch.Generator().manual_seed(data.draw(st.integers(0, 2**31)))
    return torch.randn(*leading, *size, generator=generator).to(dtype), outputs


@given(data=st.data(), dtype=st.sampled_from(list(UNITS)))
def test_averages_within_the_bound(data: st.DataObject, dtype: torch.dtype) -> None:
    """Regular and ragged axes, mixed: torch's values but for a rounding per element and axis."""
    x, outputs = draw_input(data, dtype)
    pool = getattr(F, f"adaptive_avg_pool{len(outputs)}d")
    theirs, scale = pool(x.double(), outputs), pool(x.double().abs(), outputs)
    ours = getattr(pooling, f"AdaptiveAvgPool{len(outputs)}d")(outputs)(x)
    assert ours.dtype == dtype and ours.shape == theirs.shape
    roundings = math.prod(x.shape[-len(outputs) :]) + 4 * len(outputs)
    tiny = torch.finfo(dtype).smallest_normal
    assert ((ours - theirs).abs() <= roundings * UNITS[dtype] * scale + tiny).all()


@pytest.mark.parametrize("scheme", SCHEMES)
@given(data=st.data(), dtype=st.sampled_from(list(UNITS)))
@settings(max_examples=40)
def test_maxima_within_the_bound(scheme: str, data: st.DataObject, dtype: torch.dtype) -> None:
    """The bound of max-pooling, over the taps of the longest window."""
    x, outputs = draw_input(data, dtype)
    pool = getattr(F, f"adaptive_max_pool{len(outputs)}d")
    largest, smallest = pool(x.double(), outputs), -pool(-x.double(), outputs)
    ours = getattr(pooling, f"AdaptiveMaxPool{len(outputs)}d")(outputs, scheme=scheme)(x)
    assert ours.dtype == dtype and ours.shape == largest.shape
    levels = {"fold": 1, "tree": 9, "separable": 3}[scheme]
    epsilon = 2 * UNITS[dtype] / (1 + UNITS[dtype])
    bound = ((1 + epsilon) ** levels - 1) * (largest - smallest)
    slack = 2.0**-52 * largest.abs() if dtype == torch.float64 else 0
    assert ((ours.double() - largest).abs() <= bound * (1 + 1e-9) + slack).all()


@pytest.mark.parametrize("name", ["AdaptiveAvgPool2d", "AdaptiveMaxPool2d"])
def test_output_sizes(name: str) -> None:
    """None keeps an axis; 0 outputs are none; an empty batch passes."""
    x = torch.randn(2, 3, 5, 7)
    for output_size in (3, (None, 2), (5, None), (0, 3), 1):
        ours = getattr(pooling, name)(output_size)(x)
        theirs = getattr(torch.nn, name)(output_size)(x)
        assert torch.allclose(ours, theirs, atol=1e-6)
    assert getattr(pooling, name)(2)(x[:0]).shape == (0, 3, 2, 2)


def test_infinities() -> None:
    """A matrix has zeros, so an infinity makes NaN of its neighbours; a convolution does not."""
    x = torch.tensor([[math.inf, 1.0, 1.0, 1.0]])
    assert pooling.AdaptiveAvgPool1d(2)(x).tolist() == [[math.inf, 1.0]]
    ragged = pooling.AdaptiveAvgPool1d(3)(x)
    assert ragged[0, 0] == math.inf and ragged[0, 1:].isnan().all()


@pytest.mark.parametrize("name", ["AdaptiveAvgPool2d", "AdaptiveMaxPool2d"])
def test_double_backward(name: str) -> None:
    """First and second derivatives are right away from ties."""
    values = torch.randperm(12, generator=torch.Generator().manual_seed(0)).double() / 8
    x = values.reshape(1, 1, 4, 3).requires_grad_()
    module = getattr(pooling, name)(2)
    assert torch.autograd.gradcheck(module, (x,))
    assert torch.autograd.gradgradcheck(lambda x: module(x).pow(3), (x,))


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (
            lambda: pooling.AdaptiveAvgPool2d(-1)(torch.zeros(1, 4, 4)),
            "output_size must be at least 0, got -1",
        ),
        (
            lambda: pooling.AdaptiveMaxPool2d(2, return_indices=True),
            "return_indices must be False: convolutions and ReLUs compute the value of the "
            "maximum, which does not say where it stood",
        ),
        (
            lambda: pooling.AdaptiveMaxPool2d(2, scheme="bush"),
            "scheme must be one of fold, tree, separable for an adaptive pooling, whose windows "
            "depend on the size of the input, got 'bush'",
        ),
    ],
)
def test_refused(make: Any, message: str) -> None:
    """What torch refuses, and what a ReLU cannot do."""
    with pytest.raises(ValueError) as caught:
        make()
    assert str(caught.value) == message


def test_no_state() -> None:
    """Nothing is saved, and repr says the arguments."""
    module = pooling.AdaptiveMaxPool2d((2, None), scheme="tree")
    assert not module.state_dict() and not list(module.parameters())
    assert repr(module) == "AdaptiveMaxPool2d(output_size=(2, None), scheme=tree)"
    assert repr(pooling.AdaptiveAvgPool1d(3)) == "AdaptiveAvgPool1d(output_size=3)"
