from __future__ import annotations

from copy import deepcopy
from typing import Any

import numpy
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn

import pooling
import pooling.modules
from verify.strategies import windows

#: dtype → u, half the distance from 1 to the next number.
UNITS = {
    torch.float16: 2.0**-11,
    torch.bfloat16: 2.0**-8,
    torch.float32: 2.0**-24,
    torch.float64: 2.0**-53,
}
#: Every windowed module: its family, its own arguments, and its definition.
WINDOWED: dict[str, tuple[str, dict[str, Any], Any]] = {
    "softmax": ("SoftmaxPool", dict(temperature=0.5), pooling.softmax_pool),
    "log-sum-exp": ("LogSumExpPool", dict(temperature=0.5), pooling.logsumexp_pool),
    "stochastic": ("StochasticPool", {}, pooling.stochastic_pool),
    "mixed": ("MixedPool", dict(proportion=0.25), pooling.mixed_pool),
    "power average": ("PowerAveragePool", dict(norm_type=3), pooling.lp_pool),
}
SMOOTH: dict[str, nn.Module] = {
    "softmax": pooling.SoftmaxPool2d(2, 1, 1, temperature=0.5),
    "log-sum-exp": pooling.LogSumExpPool2d(3, 2, 1, ceil_mode=True),
    "stochastic": pooling.StochasticPool2d(2, 1, 1).eval(),
    "mixed": pooling.MixedPool2d(2, 1, 1),
    "learnt mixture": pooling.MixedPool2d(2, learnable=True),
    "power average": pooling.PowerAveragePool2d(3, 2, 1),
    "learnt power": pooling.PowerAveragePool2d(2.5, 2, ceil_mode=True, learnable=True),
    "global average": pooling.GlobalAvgPool2d(),
    "global maximum": pooling.GlobalMaxPool2d(),
}


def positive(*shape: int, seed: int = 0, dtype: torch.dtype = torch.float64) -> Tensor:
    """Return distinct numbers from (0, 1), fit for every module."""
    x = torch.rand(shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)
    return x.to(dtype)


@pytest.mark.parametrize("name", WINDOWED)
@settings(max_examples=25)
@given(data=st.data(), dtype=st.sampled_from(list(UNITS)))
def test_values_are_those_of_the_definition(
    name: str, data: st.DataObject, dtype: torch.dtype
) -> None:
    """Over one to three axes, batched or not, with every argument, within some roundings."""
    family, own, definition = WINDOWED[name]
    dimensions = data.draw(st.integers(1, 3))
    dilations = family in ("SoftmaxPool", "LogSumExpPool", "StochasticPool")
    arguments = data.draw(windows(dimensions, max_size=6, max_kernel_size=3, dilations=dilations))
    size = arguments.pop("size")
    if not dilations:
        size = tuple(map(max, size, arguments["kernel_size"]))
    if name == "power average":
        del arguments["padding"]
    leading = data.draw(st.sampled_from([(2,), (2, 2), (0, 3)]))
    x = positive(*leading, *size, seed=data.draw(st.integers(0, 99)), dtype=dtype)
    if name in ("softmax", "log-sum-exp", "mixed"):
        x = 4 * x - 2
    ours = getattr(pooling, f"{family}{dimensions}d")(**arguments, **own).eval()(x)
    if leading[0]:
        exact = torch.from_numpy(numpy.array(definition(x.double().numpy(), **arguments, **own)))
        assert ours.dtype == dtype and ours.shape == exact.shape
        # Exponents of up to 8 and sums of up to 27 taps; halves are rounded at the end alone.
        torch.testing.assert_close(
            ours.double(), exact, rtol=0, atol=200 * UNITS[dtype], equal_nan=True
        )
    else:
        assert ours.shape[:2] == leading


@pytest.mark.parametrize("name", SMOOTH)
def test_gradients(name: str) -> None:
    """First and second derivatives, of the input and of what is learnt, are those of the values."""
    module = SMOOTH[name].double()
    x = positive(1, 1, 4, 3).requires_grad_()
    learnt = tuple(module.parameters())

    def pool(x: Tensor, *_: Tensor) -> Tensor:
        return torch.as_tensor(module(x)) ** 2

    assert torch.autograd.gradcheck(pool, (x, *learnt))
    assert torch.autograd.gradgradcheck(pool, (x, *learnt))


@pytest.mark.parametrize("name", SMOOTH)
def test_dtype_device_and_rank_follow_the_input(name: str) -> None:
    """One sample is a batch of one; halves stay halves; the meta device is as good as any."""
    module = SMOOTH[name].float()
    x = positive(3, 8, 8, dtype=torch.float32)
    assert torch.equal(module(x), module(x[None])[0])
    for dtype in UNITS:
        assert module(x.to(dtype)).dtype == dtype
    on_meta = deepcopy(module).to("meta")(x.to("meta"))
    assert on_meta.device.type == "meta" and on_meta.shape[0] == 3


@pytest.mark.parametrize("name", SMOOTH)
def test_not_contiguous(name: str) -> None:
    """Neither strides nor what follows in memory matter."""
    x = positive(2, 8, 3, 9, dtype=torch.float32)
    module = SMOOTH[name]
    turned = x.permute(0, 2, 1, 3)
    assert torch.allclose(module(turned), module(turned.contiguous()))


@pytest.mark.parametrize(
    ("make", "x", "error", "message"),
    [
        (
            lambda: pooling.SoftmaxPool2d(2, temperature=0),
            None,
            ValueError,
            "temperature must be positive and finite, got 0",
        ),
        (
            lambda: pooling.SoftmaxPool2d(2, padding=2),
            torch.zeros(1, 4, 4),
            ValueError,
            "padding must be at most 1, half of kernel_size 2, got 2"
            " (padding_convention='onnx' allows more)",
        ),
        (
            lambda: pooling.LogSumExpPool1d(2),
            torch.zeros(1, 4, dtype=torch.int64),
            TypeError,
            "input must be floating point, got torch.int64",
        ),
        (
            lambda: pooling.StochasticPool2d(2).eval(),
            torch.tensor([[[1.0, 0.0], [-0.5, 2.0]]]),
            ValueError,
            "input must not be negative in a stochastic pooling, got -0.5 at (0, 1, 0)",
        ),
        (
            lambda: pooling.MixedPool2d(2, proportion=1.5),
            None,
            ValueError,
            "proportion must lie between 0 and 1, got 1.5",
        ),
        (
            lambda: pooling.MixedPool2d(2, proportion=1, learnable=True),
            None,
            ValueError,
            "proportion must lie strictly between 0 and 1 to be learnable, got 1",
        ),
        (
            lambda: pooling.MixedPool2d(2, draw="batch"),
            None,
            ValueError,
            "unknown draw 'batch'; draws: layer, channel, window",
        ),
        (
            lambda: pooling.MixedPool2d(2, draw="layer", learnable=True),
            None,
            ValueError,
            "learnable must be False with draw: a choice has no gradient",
        ),
        (
            lambda: pooling.PowerAveragePool2d(0, 2),
            None,
            ValueError,
            "norm_type must not be 0, got 0",
        ),
        (
            lambda: pooling.PowerAveragePool2d(-1, 2, learnable=True),
            None,
            ValueError,
            "norm_type must be positive and finite to be learnable, got -1",
        ),
        (
            lambda: pooling.PowerAveragePool1d(2, 2, learnable=True, absolute=False),
            torch.tensor([[1.0, -1.0]]),
            ValueError,
            "input must not be negative in a power average whose power is learnt, got -1.0 at "
            "(0, 1)",
        ),
        (
            lambda: pooling.GlobalAvgPool2d(),
            torch.zeros(4, 4),
            ValueError,
            "input must have 3 or 4 dimensions for 2 spatial axes, got 2: (4, 4)",
        ),
    ],
)
def test_refused(make: Any, x: Any, error: type[Exception], message: str) -> None:
    """What cannot be pooled is refused, with the argument, the value and the limit."""
    with pytest.raises(error) as caught:
        make()(x)
    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("module", "text"),
    [
        (
            pooling.SoftmaxPool2d(3, 2),
            "SoftmaxPool2d(kernel_size=3, stride=2, padding=0, dilation=1, ceil_mode=False, "
            "temperature=1)",
        ),
        (
            pooling.StochasticPool1d(2),
            "StochasticPool1d(kernel_size=2, stride=2, padding=0, dilation=1, ceil_mode=False)",
        ),
        (
            pooling.MixedPool2d(2, draw="channel"),
            "MixedPool2d(kernel_size=2, stride=2, padding=0, ceil_mode=False, "
            "count_include_pad=True, proportion=0.5, learnable=False, draw=channel)",
        ),
        (
            pooling.PowerAveragePool3d(2, 3, learnable=True),
            "PowerAveragePool3d(norm_type=2, kernel_size=3, stride=3, ceil_mode=False, "
            "learnable=True)",
        ),
        (pooling.GlobalMaxPool2d(), "GlobalMaxPool2d()"),
    ],
)
def test_repr(module: nn.Module, text: str) -> None:
    """The arguments, as torch prints them."""
    assert repr(module) == text


def test_state() -> None:
    """Only what is learnt is saved, and comes back."""
    for name, module in SMOOTH.items():
        assert len(module.state_dict()) == ("learnt" in name)
    power = pooling.PowerAveragePool1d(3, 2, learnable=True)
    other = pooling.PowerAveragePool1d(2, 2, learnable=True)
    other.load_state_dict(power.state_dict())
    x = positive(1, 4)
    assert torch.equal(other(x), power(x))


@pytest.mark.parametrize("name", SMOOTH)
@pytest.mark.slow
def test_export(name: str) -> None:
    """The exported program gives the same outputs, for any batch."""
    shapes = ({0: torch.export.Dim("batch", min=1)},)
    module = SMOOTH[name].float()
    program = torch.export.export(module, (positive(2, 3, 8, 8).float(),), dynamic_shapes=shapes)
    x = positive(5, 3, 8, 8).float()
    assert torch.allclose(program.module()(x), module(x), atol=1e-6)


@pytest.mark.parametrize("name", [*SMOOTH, "drawn"])
@pytest.mark.slow
def test_trace_without_breaks(name: str) -> None:
    """The compiler's front end takes each module in one piece, and again for another size."""
    module = SMOOTH[name].float() if name in SMOOTH else pooling.StochasticPool2d(2)
    torch.compiler.reset()
    compiled = torch.compile(module, fullgraph=True, backend="eager")
    for shape in ((2, 3, 8, 8), (5, 3, 8, 8), (2, 3, 8, 9)):
        x = positive(*shape).float()
        torch.manual_seed(0)
        ours = compiled(x)
        torch.manual_seed(0)
        assert torch.allclose(ours, module(x), atol=1e-6)


def test_compiled_code_says_nan_where_it_cannot_refuse() -> None:
    """A negative tap poisons its window, and no other, where elements are not looked at."""
    pool = pooling.StochasticPool1d(2).eval()
    program = torch.export.export(pool, (torch.ones(1, 4),)).module()
    x = torch.tensor([[3.0, -1.0, 1.0, 3.0]])
    torch.testing.assert_close(program(x), torch.tensor([[torch.nan, 2.5]]), equal_nan=True)
