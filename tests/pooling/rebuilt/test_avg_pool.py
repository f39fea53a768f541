from __future__ import annotations

import math
from typing import Any

import numpy
import pytest
import torch
import torch.nn.functional as F
from hypothesis import given
from hypothesis import strategies as st

import pooling
from pooling.arguments import Window
from pooling.rebuilt.avg_pool import extents
from verify.cores import threads
from verify.strategies import windows

#: dtype → u, half the distance from 1 to the next number.
UNITS = {
    torch.float16: 2.0**-11,
    torch.bfloat16: 2.0**-8,
    torch.float32: 2.0**-24,
    torch.float64: 2.0**-53,
}


@given(
    data=st.data(),
    dtype=st.sampled_from(list(UNITS)),
    count_include_pad=st.booleans(),
    divisor_override=st.none() | st.sampled_from([1, 7, -3]),
)
def test_within_the_bound(
    data: st.DataObject,
    dtype: torch.dtype,
    count_include_pad: bool,
    divisor_override: int | None,
) -> None:
    """Shapes and divisors are torch's; values differ by one rounding per tap and a few more."""
    dimensions = data.draw(st.integers(1, 3))
    arguments = data.draw(windows(dimensions, max_size=7, max_kernel_size=3))
    size = arguments.pop("size")
    if dimensions == 3:  # torch alone wants the window to fit without padding here
        size = tuple(map(max, size, arguments["kernel_size"]))
    arguments["count_include_pad"] = count_include_pad
    if dimensions > 1:
        arguments["divisor_override"] = divisor_override
    generator = torch.Generator().manual_seed(data.draw(st.integers(0, 2**31)))
    leading = data.draw(st.sampled_from([(2,), (2, 2), (1, 3)]))
    x = torch.randn(*leading, *size, generator=generator, dtype=torch.float64).to(dtype)
    theirs, scale = (
        getattr(F, f"avg_pool{dimensions}d")(of, **arguments)
        for of in (x.double(), x.double().abs())
    )
    ours = getattr(pooling, f"AvgPool{dimensions}d")(**arguments)(x)
    assert ours.dtype == dtype and ours.shape == theirs.shape
    roundings = math.prod(arguments["kernel_size"]) + 2 + 2 * dimensions
    # Half has subnormals within reach, whose error is absolute.
    tiny = torch.finfo(dtype).smallest_normal * 2 * UNITS[dtype] * roundings
    assert ((ours - theirs).abs() <= roundings * UNITS[dtype] * scale.abs() + tiny).all()


@pytest.mark.parametrize("count_include_pad", [True, False])
@pytest.mark.parametrize("ceil_mode", [True, False])
@pytest.mark.parametrize("padding", [((1, 0), (0, 1)), ((0, 0), (1, 1)), ((1, 1), (1, 0))])
def test_padding_per_edge(padding: Any, ceil_mode: bool, count_include_pad: bool) -> None:
    """Each edge may be padded by itself, with the divisors of the definition."""
    x = torch.randn(2, 3, 7, 6, generator=torch.Generator().manual_seed(1)).double()
    arguments: dict[str, Any] = dict(
        stride=2, padding=padding, ceil_mode=ceil_mode, count_include_pad=count_include_pad
    )
    ours = pooling.AvgPool2d(3, **arguments)(x)
    theirs = pooling.avg_pool(x.numpy(), (3, 3), **arguments)
    numpy.testing.assert_allclose(ours, theirs, rtol=1e-12, atol=1e-14)


@given(windows(1, max_size=9, max_kernel_size=5), st.booleans())
def test_extents_add_up_to_the_taps(arguments: dict[str, Any], count_include_pad: bool) -> None:
    """Without the padding, the extents of all windows are the taps that the arithmetic counts."""
    sizes = arguments.pop("size")
    (axis,) = Window(**arguments).axes(sizes)
    counted = extents(axis, count_include_pad, torch.device("cpu"))
    assert len(counted) == axis.outputs
    if count_include_pad:
        assert (counted >= extents(axis, False, torch.device("cpu"))).all()
    else:
        assert int(counted.sum()) == axis.taps


def test_half_does_not_overflow() -> None:
    """The weights divide before anything is added up, in every position."""
    x = torch.full((1, 1, 8, 8), 60000.0, dtype=torch.float16)
    for count_include_pad in (True, False):
        pool = pooling.AvgPool2d(3, 2, 1, count_include_pad=count_include_pad)
        assert pool(x).isfinite().all()


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float32])
@pytest.mark.parametrize(
    ("size", "divisor"), [(4, 10**6), (4, 10**8), (40, -(10**10)), (33, None), (300, None)]
)
def test_the_bound_of_large_windows_and_divisors(
    dtype: torch.dtype, size: int, divisor: int | None
) -> None:
    """Factors that are not subnormal, and one axis after the other, keep what is documented."""
    unit, tiny = UNITS[dtype], torch.finfo(dtype).smallest_normal
    roundings = (size**2 if size**2 <= 1024 else 2 * size + 2) + (4 if divisor else 2)
    drawn = torch.randn(1, 1, size, size, generator=torch.Generator().manual_seed(size)).double()
    for values in (torch.full_like(drawn, 60000), torch.ones_like(drawn), drawn):
        x = values.to(dtype)
        ours = pooling.AvgPool2d(size, divisor_override=divisor)(x).double().item()
        exact = x.double().sum().item() / (divisor or size**2)
        mean = x.double().abs().sum().item() / abs(divisor or size**2)
        assert abs(ours - exact) <= roundings * unit * mean + 2 * unit * tiny
    ones = torch.full((1, 1, 4, 4), 60000, dtype=torch.float16)
    assert pooling.AvgPool2d(4, divisor_override=10**6)(ones).item() == pytest.approx(
        0.96, rel=1e-3
    )


@pytest.mark.parametrize("shape", [(1, 1, 4, 5), (2, 1, 9, 6), (1, 2, 4, 5)])
def test_an_image_laid_out_by_channels_last(shape: tuple[int, ...]) -> None:
    """One channel as well, where torch's own convolution reads beyond it."""
    layer = pooling.AvgPool2d((4, 5), stride=(1, 2), padding=(1, 0))
    with threads(1):  # of several, the last one alone would
        for seed in range(20):
            x = torch.randn(shape, generator=torch.Generator().manual_seed(seed))
            usual = layer(x)
            assert torch.allclose(layer(x.to(memory_format=torch.channels_last)), usual, atol=1e-5)


@pytest.mark.slow
def test_a_window_of_a_million_elements() -> None:
    """Ones average to 1 within the bound, where one convolution is off by nearly 1 %."""
    ones = torch.ones(1, 1, 1000, 1000)
    assert abs(pooling.AvgPool2d(1000)(ones).item() - 1) <= (2 * 1002) * 2.0**-24
    assert abs(pooling.AdaptiveAvgPool2d(1)(ones).item() - 1) <= (2 * 1002) * 2.0**-24


def test_double_backward() -> None:
    """The derivative is the transposed convolution, and the second one is 0."""
    x = torch.randn(1, 1, 3, 3, dtype=torch.float64, requires_grad=True)
    module = pooling.AvgPool2d(3, 2, 1, count_include_pad=False)
    assert torch.autograd.gradcheck(module, (x,))
    assert torch.autograd.gradgradcheck(lambda x: module(x).pow(3), (x,))


def test_no_state() -> None:
    """Nothing is saved; an empty batch passes; a model cast to half and back is what it was."""
    module = pooling.AvgPool2d(3).half()
    assert not module.state_dict() and not list(module.parameters())
    assert module(torch.zeros(0, 2, 6, 6)).shape == (0, 2, 2, 2)
    x = torch.randn(1, 1, 6, 6, dtype=torch.float64)
    assert torch.allclose(module(x), F.avg_pool2d(x, 3), rtol=1e-13)


@pytest.mark.parametrize(
    ("module", "shape", "error", "message"),
    [
        (
            pooling.AvgPool2d(2, divisor_override=0),
            (1, 4, 4),
            ValueError,
            "divisor_override must not be 0, got 0",
        ),
        (
            pooling.AvgPool3d(3, padding=1),
            (1, 2, 2, 2),
            ValueError,
            "kernel_size must be at most 2, the unpadded input of an avg_pool3d, got 3",
        ),
        (
            pooling.AvgPool1d(2),
            (4,),
            ValueError,
            "input must have 2 or 3 dimensions for 1 spatial axes, got 1: (4,)",
        ),
    ],
)
def test_refused(module: Any, shape: tuple[int, ...], error: type[Exception], message: str) -> None:
    """What torch refuses when it sees the input."""
    with pytest.raises(error) as caught:
        module(torch.zeros(shape))
    assert str(caught.value) == message


def test_integers_are_refused() -> None:
    """No convolution of torch takes them, and a mean is no integer."""
    with pytest.raises(TypeError) as caught:
        pooling.AvgPool2d(2)(torch.zeros(1, 4, 4, dtype=torch.int64))
    assert str(caught.value) == "input must be floating point, got torch.int64"


def test_repr() -> None:
    """The arguments, as torch prints them."""
    assert repr(pooling.AvgPool2d(3, 2)) == (
        "AvgPool2d(kernel_size=3, stride=2, padding=0, ceil_mode=False, count_include_pad=True, "
        "divisor_override=None)"
    )
