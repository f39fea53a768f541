from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

import costmodel
import pooling
from verify.strategies import windows

LP: dict[int, Any] = {1: torch.nn.LPPool1d, 2: torch.nn.LPPool2d, 3: torch.nn.LPPool3d}
POWERS = [0.5, 1, 2, 2.5, 3, 4.0, -1, math.inf, -math.inf]


@settings(max_examples=50)
@given(st.data(), st.sampled_from(POWERS), st.booleans())
def test_values_and_gradients_are_torchs(
    data: st.DataObject, norm_type: float, signed: bool
) -> None:
    """Where torch's powers stay in range, ceil_mode and negative taps included."""
    dimensions = data.draw(st.integers(1, 3))
    arguments = data.draw(windows(dimensions, max_size=6, max_kernel_size=3))
    del arguments["padding"]
    size = tuple(map(max, arguments.pop("size"), arguments["kernel_size"]))
    seed = torch.Generator().manual_seed(data.draw(st.integers(0, 99)))
    x = torch.rand(2, 2, *size, generator=seed, dtype=torch.float64) + 0.1
    if signed:
        x = x * torch.where(torch.rand(x.shape, generator=seed) < 0.3, -1, 1)
    x.requires_grad_()
    ours = getattr(pooling, f"PowerAveragePool{dimensions}d")(
        norm_type, absolute=False, **arguments
    )(x)
    if dimensions == 3 and math.isinf(norm_type):  # torch refuses what its siblings take
        return
    if dimensions == 1:  # where torch takes a tuple for the window and fails on it
        arguments["kernel_size"] = arguments["kernel_size"][0]
    theirs = LP[dimensions](norm_type, **arguments)(x)
    torch.testing.assert_close(ours, theirs, equal_nan=True)
    gradients = [
        torch.autograd.grad(y.nan_to_num().sum(), x, retain_graph=True)[0] for y in (ours, theirs)
    ]
    known = gradients[1].isfinite()
    torch.testing.assert_close(gradients[0][known], gradients[1][known])


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float32, torch.float64])
@pytest.mark.parametrize("norm_type", [2, 3, 8, 2.5])
def test_no_power_leaves_the_range(dtype: torch.dtype, norm_type: float) -> None:
    """A quarter of the largest number, and the smallest normal one, where torch gives inf and 0."""
    limits = torch.finfo(dtype)
    for size in (limits.max / 4, limits.smallest_normal):
        x = torch.full((1, 2), size, dtype=dtype)
        pooled = pooling.PowerAveragePool1d(norm_type, 2)(x).item()
        assert pooled == pytest.approx(size * 2 ** (1 / norm_type), rel=2 * limits.eps)
        assert torch.nn.LPPool1d(norm_type, 2)(x).item() in (0, math.inf)


def test_a_window_of_zeros_has_the_gradient_0() -> None:
    """As in torch, and unlike a formula that divides by the norm; the plain sum's is 1."""
    for norm_type in (1.5, 2, 3):
        for learnable in (False, True):
            x = torch.tensor([[0.0, 0.0, 0.0, 2.0]], requires_grad=True)
            pool = pooling.PowerAveragePool1d(norm_type, 2, learnable=learnable)
            pool(x).sum().backward()
            assert x.grad is not None and x.grad.tolist() == [[0, 0, 0, 1]]
            assert all(p.grad is not None and p.grad.isfinite() for p in pool.parameters())
    for learnable in (False, True):
        x = torch.zeros(1, 2, requires_grad=True)
        pool = pooling.PowerAveragePool1d(1, 2, learnable=learnable, absolute=False)
        pool(x).sum().backward()
        assert x.grad is not None and x.grad.tolist() == [[1, 1]]


def test_the_gradient_of_the_power() -> None:
    """∂‖x‖_p/∂p from the formula, zeros in the window included."""
    x = torch.tensor([[0.0, 1.0, 3.0]], dtype=torch.float64)
    pool = pooling.PowerAveragePool1d(2, 3, learnable=True).double()
    pool(x).sum().backward()
    assert pool.log_norm_type is not None and pool.log_norm_type.grad is not None
    taps, p = x[0, 1:], 2.0
    total = (taps**p).sum()
    by_p = total ** (1 / p) * ((taps**p * taps.log()).sum() / (p * total) - total.log() / p**2)
    assert pool.log_norm_type.grad.item() == pytest.approx(p * by_p.item())


def test_the_power_is_learnt_and_stays_positive() -> None:
    """Gradient descent takes the sum towards the maximum as far as it is told."""
    x = torch.rand(8, 1, 6, generator=torch.Generator().manual_seed(0))
    pool: Any = pooling.PowerAveragePool1d(1.0, 3, learnable=True)
    optimiser = torch.optim.Adam(pool.parameters(), lr=0.3)
    for _ in range(40):
        optimiser.zero_grad()
        (pool(x) - torch.nn.functional.max_pool1d(x, 3)).square().mean().backward()
        optimiser.step()
    assert pool.power(x).item() > 5
    with torch.no_grad():
        next(iter(pool.parameters())).fill_(-50)
    assert pool.power(x).item() > 0


@pytest.mark.parametrize(
    "taps", [[math.inf, 1.0], [math.inf] * 2, [math.nan, 1.0], [0.0, 0.0], [-2.0, 1.0]]
)
@pytest.mark.parametrize("norm_type", POWERS)
def test_special_values(taps: list[float], norm_type: float) -> None:
    """NaN, infinities, zeros and negative taps give what torch's formula gives."""
    x = torch.tensor([taps])
    ours, theirs = (
        pool(x)
        for pool in (
            pooling.PowerAveragePool1d(norm_type, 2, absolute=False),
            torch.nn.LPPool1d(norm_type, 2),
        )
    )
    torch.testing.assert_close(ours, theirs, equal_nan=True)


@pytest.mark.parametrize("norm_type", POWERS)
@given(data=st.data(), scale_overhang=st.booleans())
def test_absolute_values_padding_and_dilation(
    norm_type: float, data: st.DataObject, scale_overhang: bool
) -> None:
    """The layer is the definition, which is the formula tap by tap, windows of padding included."""
    arguments = data.draw(windows(2, max_size=6, max_kernel_size=3, dilations=True))
    size = arguments.pop("size")
    arguments["scale_overhang"] = scale_overhang
    generator = numpy.random.default_rng(data.draw(st.integers(0, 99)))
    x = generator.choice([-1.0, 1.0], size) * generator.uniform(0.5, 2, size)
    ours = pooling.lp_pool(x, norm_type, **arguments, absolute=True)
    layer = pooling.PowerAveragePool2d(norm_type, **arguments)
    theirs = layer(torch.from_numpy(x)[None])[0].numpy()
    numpy.testing.assert_allclose(theirs, ours, rtol=1e-12)
    assert costmodel.cost(layer, (1, *size)) == costmodel.cost(
        "lp_pool2d", (1, *size), norm_type, **arguments
    )
    if math.isinf(norm_type):
        return
    axes = pooling.norm_arguments(2, (1, *size), norm_type, **arguments).windowed
    for place in numpy.ndindex(*ours.shape):
        total, whole, counted = 0.0, 1, 1
        positions = [
            [i * a.stride - a.padding[0] + j * a.dilation for j in range(a.kernel_size)]
            for i, a in zip(place, axes, strict=True)
        ]
        for along, a in zip(positions, axes, strict=True):
            whole *= a.kernel_size
            counted *= sum(-a.padding[0] <= p < a.size + a.padding[1] for p in along)
        for p in positions[0]:
            for q in positions[1]:
                if 0 <= p < size[0] and 0 <= q < size[1]:
                    total += abs(x[p, q]) ** norm_type
        total *= whole / counted if scale_overhang else 1
        expected = total ** (1 / norm_type) if total or norm_type > 0 else math.inf
        assert ours[place] == pytest.approx(expected, rel=1e-12)


def test_signs_and_powers() -> None:
    """Of absolute values by default, as the p-norm is defined."""
    x = torch.tensor([[-1.0, -2.0, -3.0]], dtype=torch.float64)
    pooled = [pooling.PowerAveragePool1d(p, 3)(x).item() for p in (3, 2.3)]
    assert pooled == pytest.approx([3.3019272488946263, 3.550677054666726])
    assert pooling.PowerAveragePool1d(2.3, 3, learnable=True)(x).item() == pytest.approx(pooled[1])
    assert math.isnan(pooling.PowerAveragePool1d(2.3, 3, absolute=False)(x).item())
    assert repr(pooling.PowerAveragePool1d(2, 3, padding=1, absolute=False)) == (
        "PowerAveragePool1d(norm_type=2, kernel_size=3, stride=3, ceil_mode=False, padding=1, "
        "absolute=False, learnable=False)"
    )


@pytest.mark.parametrize(
    "arguments",
    [
        dict(kernel_size=5),
        dict(kernel_size=0),
        dict(kernel_size=2, stride=0),
        dict(kernel_size=(2, 2, 2)),
    ],
)
def test_torch_refuses_as_well(arguments: dict[str, Any]) -> None:
    """What is no pooling of a 4 × 4 input is none in torch either."""
    x = torch.rand(1, 4, 4)
    with pytest.raises((RuntimeError, ValueError, TypeError)):
        torch.nn.LPPool2d(2, **arguments)(x)
    with pytest.raises(ValueError, match=r"kernel_size|stride"):
        pooling.PowerAveragePool2d(2, **arguments)(x)


@pytest.mark.filterwarnings("ignore::torch.jit.TracerWarning")
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize("learnable", [False, True])
def test_the_older_exporter_of_onnx_writes_it(learnable: bool, tmp_path: Path) -> None:
    """A truth value of Python beside a tensor of them would stop it."""
    layer = pooling.PowerAveragePool1d(2, 2, learnable=learnable)
    written = tmp_path / "layer.onnx"
    torch.onnx.export(layer, (torch.ones(1, 1, 4),), written, dynamo=False)
    assert written.stat().st_size
