from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

import numpy
import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn

import pooling
from pooling.networks import rounding_error, shallow
from pooling.rebuilt.maximum import SCHEMES
from pooling.rebuilt.plain import NETWORKS
from proofs.verdict import Verdict
from verify.judge.judge import equivalent
from verify.strategies import tensors, windows

#: dtype → u, half the distance from 1 to the next number.
UNITS = {
    torch.float16: 2.0**-11,
    torch.bfloat16: 2.0**-8,
    torch.float32: 2.0**-24,
    torch.float64: 2.0**-53,
}

FORMS = [(scheme, True) for scheme in SCHEMES] + [(scheme, False) for scheme in NETWORKS]


def layer(name: str, dimensions: int, **arguments: Any) -> Any:
    """Return the rebuilt module of that name."""
    return getattr(pooling, f"{name}{dimensions}d")(**arguments)


def native(x: Tensor, arguments: dict[str, Any]) -> Tensor:
    """Return torch's maxima, computed in float64, where they are the same."""
    dimensions = len(arguments["kernel_size"])
    pooled: Tensor = getattr(F, f"max_pool{dimensions}d")(x.double(), **arguments)
    return pooled


def draw(data: st.DataObject, dtype: torch.dtype) -> tuple[Tensor, dict[str, Any]]:
    """Return an input, batched or not, of correlated values of all signs, and the arguments."""
    dimensions = data.draw(st.integers(1, 3))
    arguments = data.draw(windows(dimensions, max_size=6, max_kernel_size=3, dilations=True))
    size = arguments.pop("size")
    leading = data.draw(st.sampled_from([(2,), (2, 2), (1, 3)]))
    generator = torch.Generator().manual_seed(data.draw(st.integers(0, 2**31)))
    x = torch.randn(*leading, *size, generator=generator, dtype=torch.float64)
    x = x * data.draw(st.sampled_from([1e-3, 1.0, 300.0])) + data.draw(st.sampled_from([0.0, 5.0]))
    return x.to(dtype), arguments


@given(data=st.data(), dtype=st.sampled_from(list(UNITS)), scheme=st.sampled_from(list(SCHEMES)))
def test_skips_within_the_bound(data: st.DataObject, dtype: torch.dtype, scheme: str) -> None:
    """The error is at most what the module's table says, times max − min of the window."""
    x, arguments = draw(data, dtype)
    dimensions = len(arguments["kernel_size"])
    pooled = layer("MaxPool", dimensions, **arguments, scheme=scheme)(x)
    assert pooled.dtype == dtype
    largest, smallest = native(x, arguments), -native(-x, arguments)
    epsilon = 2 * UNITS[dtype] / (1 + UNITS[dtype])
    taps = math.prod(arguments["kernel_size"])
    levels = {
        "fold": 1,
        "tree": math.ceil(math.log2(taps)),
        "separable": dimensions,
    }[scheme]
    occupied = largest.isfinite()
    error = (pooled.double() - largest)[occupied].abs()
    bound = ((1 + epsilon) ** levels - 1) * (largest - smallest)[occupied]
    # The comparison itself is made in float64.
    slack = 0 if dtype != torch.float64 else 2.0**-52 * largest[occupied].abs()
    assert (error <= bound * (1 + 1e-9) + slack).all()
    assert torch.equal(pooled.double()[~occupied], largest[~occupied])


@pytest.mark.parametrize("non_negative", [False, True])
@given(data=st.data(), dtype=st.sampled_from(list(UNITS)), scheme=st.sampled_from(list(NETWORKS)))
@settings(max_examples=40)
def test_plain_networks_within_the_bound(
    non_negative: bool, data: st.DataObject, dtype: torch.dtype, scheme: str
) -> None:
    """The error is at most what the module's table says, times the largest absolute value."""
    x, arguments = draw(data, dtype)
    x = x.abs() if non_negative else x
    dimensions = len(arguments["kernel_size"])
    form: dict[str, Any] = dict(scheme=scheme, skips=False, non_negative=non_negative)
    module = layer("MaxPool", dimensions, **arguments, **form)
    pooled = module(x)
    assert pooled.dtype == dtype
    largest = native(x, arguments)
    layers = sum(isinstance(part, nn.ReLU) for part in module.network)
    occupied = largest.isfinite()
    scale = native(x.abs(), arguments)[occupied]
    error = (pooled.double() - largest)[occupied].abs()
    bound = (1 + 20 * UNITS[dtype]) ** layers - 1
    if scheme == "shallow":
        taps = math.prod(arguments["kernel_size"])
        bound = float(rounding_error(shallow(taps, non_negative), Fraction(UNITS[dtype])))
    assert (error <= bound * scale).all()
    assert torch.equal(pooled.double()[~occupied], largest[~occupied])


@pytest.mark.parametrize(("scheme", "skips"), FORMS)
@given(data=st.data(), dtype=st.sampled_from(list(UNITS)))
@settings(max_examples=12)
def test_integers_are_exact(
    scheme: str, skips: bool, data: st.DataObject, dtype: torch.dtype
) -> None:
    """Small integers are pooled exactly in every dtype, both ways, whatever the configuration."""
    x, arguments = draw(data, torch.float64)
    x = (x * 3).round().clamp(-9, 9).to(dtype)
    dimensions = len(arguments["kernel_size"])
    largest = layer("MaxPool", dimensions, **arguments, scheme=scheme, skips=skips)(x)
    smallest = layer("MinPool", dimensions, **arguments, scheme=scheme, skips=skips)(x)
    assert torch.equal(largest.double(), native(x, arguments))
    assert torch.equal(smallest.double(), -native(-x, arguments))


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("dtype", [torch.int8, torch.int16, torch.int32, torch.int64])
@given(data=st.data())
@settings(max_examples=10)
def test_signed_integers(scheme: str, dtype: torch.dtype, data: st.DataObject) -> None:
    """Integer tensors are pooled by the definition, windows without any tap included."""
    arguments = data.draw(windows(2, max_size=6, max_kernel_size=3, dilations=True))
    x = torch.randint(-60, 60, (2, *arguments.pop("size"))).to(dtype)
    largest = layer("MaxPool", 2, **arguments, scheme=scheme)(x)
    smallest = layer("MinPool", 2, **arguments, scheme=scheme)(x)
    assert largest.dtype == smallest.dtype == dtype
    numpy.testing.assert_array_equal(largest, pooling.max_pool(x.numpy(), **arguments))
    numpy.testing.assert_array_equal(smallest, pooling.min_pool(x.numpy(), **arguments))


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
@given(data=st.data())
@settings(max_examples=50)
def test_special_values_are_the_definition_or_nan(dtype: str, data: st.DataObject) -> None:
    """NaN always propagates, and one +inf survives; nothing finite comes of a window with NaN."""
    x = data.draw(tensors(dtype, (1, 1, 6)))
    pooled = pooling.MaxPool1d(3, stride=1)(x)
    for window, value in zip(x.flatten().unfold(0, 3, 1), pooled.flatten(), strict=True):
        if window.isnan().any():
            assert value.isnan()
        elif not value.isnan() and window.isfinite().all() and value.isfinite():
            spread = (window.double().max() - window.double().min()).item()
            error = abs(value.double() - window.double().max()).item()
            assert error <= 2 * UNITS[x.dtype] * spread
        elif (window == math.inf).sum() == 1 and window[0] != -math.inf:
            assert value == math.inf


def test_infinities() -> None:
    """As documented: one +inf survives with skips, unless padding repeats it."""
    x = torch.tensor([[math.inf, 1.0, 2.0, 3.0, -math.inf]])
    assert pooling.MaxPool1d(2, stride=1)(x).tolist() == [[math.inf, 2.0, 3.0, 3.0]]
    padded = pooling.MaxPool1d(3, 1, 1)(x)
    assert padded[0, 0].isnan() and padded[0, 1:].tolist() == [math.inf, 3.0, 3.0, 3.0]
    plain = pooling.MaxPool1d(2, stride=1, skips=False)(x)
    assert plain[0, 3].isnan() and plain[0, 1:3].tolist() == [2.0, 3.0]
    assert pooling.MaxPool1d(2, skips=False)(x.flip(1)[:, 3:]).isnan().all()
    assert pooling.MaxPool1d(2)(-x[:, :2]).isnan().all()
    overflowing = torch.tensor([[-60000.0, 60000.0]], dtype=torch.float16)
    assert pooling.MaxPool1d(2)(overflowing).tolist() == [[math.inf]]


@pytest.mark.parametrize(("scheme", "skips"), FORMS)
def test_windows_without_taps(scheme: str, skips: bool) -> None:
    """A window that dilation carries past the input is −inf, and its gradient is 0."""
    x = torch.ones(1, 1, requires_grad=True)
    arguments: dict[str, Any] = dict(kernel_size=2, stride=1, padding=1, dilation=2)
    pooled = layer("MaxPool", 1, **arguments, scheme=scheme, skips=skips)(x)
    assert pooled.tolist() == [[-math.inf]]
    pooled.sum().backward()
    assert x.grad is not None and x.grad.tolist() == [[0.0]]
    smallest = layer("MinPool", 1, **arguments, scheme=scheme, skips=skips)(x)
    assert smallest.tolist() == [[math.inf]]
    bytes_ = torch.ones(1, 1, dtype=torch.int8)
    assert pooling.MaxPool1d(**arguments)(bytes_).tolist() == [[-128]]
    assert pooling.MinPool1d(**arguments)(bytes_).tolist() == [[127]]


@pytest.mark.parametrize("scheme", SCHEMES)
@given(data=st.data())
@settings(max_examples=25)
def test_gradients_of_ties_are_torchs(scheme: str, data: st.DataObject) -> None:
    """At ties, all over these inputs, the gradient goes to the first tap in row-major order."""
    dimensions = data.draw(st.integers(1, 2))
    arguments = data.draw(windows(dimensions, max_size=7, max_kernel_size=4, dilations=True))
    size = arguments.pop("size")
    generator = torch.Generator().manual_seed(data.draw(st.integers(0, 2**31)))
    x = torch.randint(0, 3, (1, 2, *size), generator=generator).double().requires_grad_()
    ours = layer("MaxPool", dimensions, **arguments, scheme=scheme)(x)
    theirs = native(x, arguments)
    weights = torch.randint(1, 99, ours.shape, generator=generator).double()
    empty = ~theirs.isfinite()
    for pooled in (ours, theirs):
        pooled.masked_fill_(empty, 0)
    gradients = [torch.autograd.grad((pooled * weights).sum(), x)[0] for pooled in (ours, theirs)]
    assert torch.equal(*gradients)


@pytest.mark.parametrize("scheme", NETWORKS)
def test_the_gradient_of_zero_without_skips(scheme: str) -> None:
    """As documented, a first tap of exactly 0 gets no gradient; any other maximum does."""
    x = torch.tensor([[0.0, -1.0, -1.0, 2.0]], requires_grad=True)
    pooling.MaxPool1d(2, scheme=scheme, skips=False)(x).sum().backward()
    assert x.grad is not None and x.grad.tolist() == [[0.0, 0.0, 0.0, 1.0]]


@pytest.mark.parametrize(("scheme", "skips"), FORMS)
def test_double_backward(scheme: str, skips: bool) -> None:
    """First and second derivatives are right away from ties."""
    values = torch.randperm(9, generator=torch.Generator().manual_seed(0)).double() + 1
    x = values.reshape(1, 1, 3, 3).requires_grad_()
    module = pooling.MaxPool2d(2, 1, 1, scheme=scheme, skips=skips)
    assert torch.autograd.gradcheck(module, (x,))
    assert torch.autograd.gradgradcheck(lambda x: module(x).pow(3), (x,))


@pytest.mark.parametrize("padding", [((1, 0), (0, 1)), ((0, 0), (1, 1)), ((1, 1), (1, 0))])
@pytest.mark.parametrize(("scheme", "skips"), FORMS)
def test_padding_per_edge(padding: Any, scheme: str, skips: bool) -> None:
    """Each edge may be padded by itself."""
    x = torch.randint(-9, 9, (2, 3, 7, 6), generator=torch.Generator().manual_seed(1)).float()
    arguments: dict[str, Any] = dict(stride=2, padding=padding, ceil_mode=True)
    pooled = pooling.MaxPool2d(3, **arguments, scheme=scheme, skips=skips)(x)
    numpy.testing.assert_array_equal(pooled, pooling.max_pool(x.numpy(), (3, 3), **arguments))


def test_the_order_of_the_fold_keeps_it_accurate() -> None:
    """49 taps in float16: fewer than one window in ten is off, against most in the other order."""
    x = torch.randn(1, 8, 40, 40, generator=torch.Generator().manual_seed(0)).half()
    largest = F.max_pool2d(x, 7)
    wrong = (pooling.MaxPool2d(7)(x) != largest).float().mean()
    taps = [x[..., i : i + 29 : 7, j : j + 29 : 7] for i in range(7) for j in range(7)]
    other = taps[0]
    for tap in taps[1:]:
        other = torch.relu(other - tap) + tap
    assert wrong < 0.1 < 0.5 < (other != largest).float().mean()


@pytest.mark.parametrize("name", ["MaxPool", "MinPool"])
@pytest.mark.parametrize(("scheme", "skips"), FORMS)
def test_no_state_and_no_alias(name: str, scheme: str, skips: bool) -> None:
    """Nothing is saved, empty batches pass, and no output shares memory with the input."""
    module = layer(name, 2, kernel_size=1, scheme=scheme, skips=skips)
    assert not module.state_dict() and not list(module.parameters())
    x = torch.zeros(1, 2, 3, 3)
    module(x).add_(1)
    assert not x.any()
    module = layer(name, 2, kernel_size=2, scheme=scheme, skips=skips)
    assert module(torch.zeros(0, 2, 4, 4)).shape == (0, 2, 2, 2)


@pytest.mark.parametrize("skips", [True, False])
def test_dtype_follows_the_input_of_a_cast_model(skips: bool) -> None:
    """Weights of a model that was cast to half and back are what they were."""
    module = pooling.MaxPool2d(2, skips=skips).half().float().half()
    x = torch.randn(1, 1, 4, 4, dtype=torch.float64)
    assert module(x).dtype == torch.float64
    assert torch.allclose(module(x), F.max_pool2d(x, 2), rtol=0, atol=1e-14)


def test_memory_format_is_kept() -> None:
    """Channels-last in, channels-last out; of a plain network it is contiguous."""
    x = torch.randn(2, 8, 6, 6).to(memory_format=torch.channels_last)
    pooled = pooling.MaxPool2d(3, stride=1)(x)
    assert pooled.is_contiguous(memory_format=torch.channels_last)
    plain = pooling.MaxPool2d(3, stride=1, skips=False)(x)
    assert plain.is_contiguous() and torch.allclose(plain, pooled, atol=1e-6)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            dict(return_indices=True),
            "return_indices must be False: convolutions and ReLUs compute the value of the "
            "maximum, which does not say where it stood",
        ),
        (
            dict(scheme="bush"),
            "unknown scheme 'bush'; schemes: fold, tree, separable, shallow",
        ),
        (
            dict(scheme="shallow", skips=True),
            "skips must be False or left out with scheme 'shallow', which has no such form",
        ),
        (
            dict(non_negative=True),
            "non_negative must be False with skips=True, which needs no second ReLU per value",
        ),
        (
            dict(skips=False, padding=2),
            "padding must be at most 1, half of kernel_size 2, got 2"
            " (padding_convention='onnx' allows more)",
        ),
        (dict(skips=False, dilation=0), "dilation must be at least 1, got 0"),
    ],
)
def test_refused_at_once(arguments: dict[str, Any], message: str) -> None:
    """What is known to be wrong before any input is seen."""
    with pytest.raises(ValueError) as caught:
        pooling.MaxPool2d(2, **arguments)
    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("module", "x", "error", "message"),
    [
        (
            pooling.MaxPool2d(3, padding=2),
            torch.zeros(1, 4, 4),
            ValueError,
            "padding must be at most 1, half of kernel_size 3, got 2"
            " (padding_convention='onnx' allows more)",
        ),
        (
            pooling.MinPool2d(2),
            torch.zeros(1, 4, 4, dtype=torch.uint8),
            TypeError,
            "input must be floating point or signed integers, got torch.uint8",
        ),
        (
            pooling.MaxPool2d(2, skips=False),
            torch.zeros(1, 4, 4, dtype=torch.int32),
            TypeError,
            "input must be floating point, got torch.int32",
        ),
        (
            pooling.MaxPool1d(2),
            torch.zeros(4),
            ValueError,
            "input must have 2 or 3 dimensions for 1 spatial axes, got 1: (4,)",
        ),
    ],
)
def test_refused_inputs(module: Any, x: Tensor, error: type[Exception], message: str) -> None:
    """What torch refuses when it sees the input, and unsigned integers, which would be wrong."""
    with pytest.raises(error) as caught:
        module(x)
    assert str(caught.value) == message


@pytest.mark.parametrize("name", ["MaxPool", "MinPool"])
@pytest.mark.parametrize("scheme", NETWORKS)
def test_skips_are_what_the_scheme_has_if_left_out(name: str, scheme: str) -> None:
    """All have them but the shallow one, three hidden layers for 3 × 3, which needs no asking."""
    module = layer(name, 2, kernel_size=3, scheme=scheme)
    assert module.skips is (scheme != "shallow") is (module.network is None)
    assert f"scheme={scheme}, skips={module.skips}" in repr(module)
    x = torch.randint(-9, 9, (2, 3, 7, 6), generator=torch.Generator().manual_seed(1)).float()
    assert torch.equal(module(x), layer(name, 2, kernel_size=3)(x))
    if scheme == "shallow":
        assert sum(isinstance(part, nn.ReLU) for part in module.modules()) == 3


@pytest.mark.parametrize("scheme", NETWORKS)
def test_inputs_of_at_least_0_take_fewer_channels(scheme: str) -> None:
    """No layer is wider, the first is narrower, and the maxima are the same as long as x ≥ 0."""
    x = torch.randint(0, 9, (2, 3, 7, 6), generator=torch.Generator().manual_seed(1)).float()
    module = pooling.MaxPool2d(3, 2, 1, scheme=scheme, skips=False)
    narrow = pooling.MaxPool2d(3, 2, 1, scheme=scheme, skips=False, non_negative=True)
    widths, fewer = ([len(weight) for weight in parts.buffers()] for parts in (module, narrow))
    assert len(widths) == len(fewer) and fewer[0] < widths[0]
    assert all(less <= more for less, more in zip(fewer, widths, strict=True))
    assert torch.equal(narrow(x), F.max_pool2d(x, 3, 2, 1))
    assert not torch.equal(narrow(-x), F.max_pool2d(-x, 3, 2, 1))


def test_the_judge_of_inputs_of_at_least_0() -> None:
    """Refuted on all inputs, proved behind a ReLU, for every input of this shape."""
    narrow: nn.Module = pooling.MaxPool2d(2, scheme="tree", skips=False, non_negative=True)
    native: nn.Module = nn.MaxPool2d(2)
    assert equivalent(narrow, native, (1, 1, 2, 2)).verdict is Verdict.REFUTED
    narrow, native = (nn.Sequential(nn.ReLU(), pool) for pool in (narrow, native))
    assert equivalent(narrow, native, (1, 1, 2, 2)).verdict is Verdict.PROVED_BOUNDED


def test_min_pooling_is_not_for_inputs_of_at_least_0() -> None:
    """It negates them."""
    with pytest.raises(ValueError) as caught:
        pooling.MinPool2d(2, skips=False, non_negative=True)
    assert str(caught.value) == (
        "non_negative must be False for min-pooling, which negates its input"
    )


def test_repr() -> None:
    """The arguments, as torch prints them."""
    assert repr(pooling.MaxPool2d(3, 2, 1)) == (
        "MaxPool2d(kernel_size=3, stride=2, padding=1, dilation=1, ceil_mode=False, "
        "scheme=fold, skips=True)"
    )
    narrow = pooling.MaxPool2d(3, skips=False, non_negative=True)
    assert repr(narrow).splitlines()[0] == "MaxPool2d("
    assert "skips=False, non_negative=True" in repr(narrow).splitlines()[1]
