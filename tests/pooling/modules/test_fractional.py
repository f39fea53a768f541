"""Fractional max-pooling as a layer: torch's values, gradients and random numbers."""

from __future__ import annotations

import random
from typing import Any

import numpy
import pytest
import torch
import torch.nn.functional as F
from torch import Tensor

import pooling
from pooling.arguments import FractionalAxis
from pooling.modules.fractional import starts

TORCHS: dict[int, Any] = {2: F.fractional_max_pool2d, 3: F.fractional_max_pool3d}
DTYPES = (torch.float64, torch.float32, torch.float16, torch.bfloat16)
ODD = (float("nan"), float("inf"), -float("inf"), -0.0)


def layer(dimensions: int, *args: Any, **kwargs: Any) -> Any:
    """Return the layer over so many axes."""
    return getattr(pooling, f"FractionalMaxPool{dimensions}d")(*args, **kwargs)


def drawn(dimensions: int) -> tuple[Tensor, tuple[int, ...], tuple[int, ...]]:
    """Return an input in which taps tie, with a window and a number of outputs that fit it."""
    sizes = [random.randint(2, 7) for _ in range(dimensions)]
    # Torch wants room for one element more over three axes.
    kernel_size = tuple([random.randint(1, size - (dimensions == 3)) for size in sizes])
    most = [n - k + (dimensions == 2) for n, k in zip(sizes, kernel_size, strict=True)]
    outputs = tuple([random.randint(1, most_) for most_ in most])
    batch = (2,) if random.random() < 0.7 else ()
    x = torch.randint(-3, 4, (*batch, 2, *sizes)).to(random.choice(DTYPES))
    if random.random() < 0.3:
        x[torch.rand(x.shape) < 0.15] = random.choice(ODD)
    return x, kernel_size, outputs


def bits(x: Tensor) -> list[Any]:
    """Return what tells zeros apart by their sign, and takes every NaN for one."""
    return [x.isnan().tolist(), x.nan_to_num(7).signbit().tolist(), x.nan_to_num(7).tolist()]


@pytest.mark.parametrize("dimensions", [2, 3])
def test_values_and_gradients_are_torchs(dimensions: int) -> None:
    """Given the same random numbers, in every dtype, where taps tie, NaN and signed zeros too."""
    for _ in range(60):
        x, kernel_size, outputs = drawn(dimensions)
        samples = torch.rand(*x.shape[:2] if x.ndim > dimensions + 1 else (1, 2), dimensions)
        samples = samples.to(x.dtype)
        ours, theirs = x.clone().requires_grad_(), x.clone().requires_grad_()
        made = layer(dimensions, kernel_size, outputs)(ours, samples)
        wanted = TORCHS[dimensions](theirs, kernel_size, outputs, _random_samples=samples)
        assert made.dtype == wanted.dtype and bits(made.detach()) == bits(wanted.detach())
        # Whole numbers, of which sums are exact.
        above = torch.randint(1, 4, made.shape).to(x.dtype)
        (own,) = torch.autograd.grad(made, ours, above)
        (other,) = torch.autograd.grad(wanted, theirs, above)
        assert torch.equal(own, other)


@pytest.mark.parametrize("dimensions", [2, 3])
def test_it_is_its_definition(dimensions: int) -> None:
    """Of the same random numbers, which an unbatched input may have with a batch of one."""
    for _ in range(30):
        x, kernel_size, outputs = drawn(dimensions)
        x = x.double()
        samples = torch.rand(*x.shape[:-dimensions], dimensions, dtype=torch.float64)
        made = layer(dimensions, kernel_size, outputs)(x, samples)
        wanted = pooling.fractional_max_pool(x.numpy(), kernel_size, samples.numpy(), outputs)
        numpy.testing.assert_array_equal(made.numpy(), wanted)
        if x.ndim == dimensions + 1:
            again = layer(dimensions, kernel_size, outputs)(x, samples[None])
            assert bits(again) == bits(made)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("dimensions", [2, 3])
def test_it_draws_what_torch_draws(dimensions: int, dtype: torch.dtype) -> None:
    """From the default generator, in every call anew, in evaluation as well."""
    x = torch.rand(2, 3, *[9] * dimensions).to(dtype)
    pool, ratio = layer(dimensions, 2, output_ratio=(0.5,) * dimensions).eval(), 4
    torch.manual_seed(7)
    made = [pool(x) for _ in range(4)]
    torch.manual_seed(7)
    wanted = [TORCHS[dimensions](x, 2, ratio) for _ in range(4)]
    assert all(map(torch.equal, made, wanted))
    assert not torch.equal(made[0], made[1])


def test_a_generator_of_its_own() -> None:
    """The same seed gives the same windows, whatever was drawn elsewhere."""
    x = torch.rand(1, 1, 9, 9)
    pools = [layer(2, 2, 4, generator=torch.Generator().manual_seed(3)) for _ in range(2)]
    first = pools[0](x)
    torch.rand(5)
    assert torch.equal(first, pools[1](x))


def test_no_window_is_rounded_out_of_the_input() -> None:
    """In bfloat16 the last but one of 140 windows would begin at 146 of 147 elements."""
    u, axis = torch.tensor([0.76953125], dtype=torch.bfloat16), FractionalAxis(147, 2, 140)
    steps = torch.arange(139, dtype=u.dtype)
    step = u.new_tensor(145) / 139
    assert (((steps + u) * step).long() - (u * step).long()).max() == 146
    assert starts(u, axis).max() == 145
    x = torch.arange(147.0).reshape(1, 1, 147).expand(1, 2, 147)
    pooled = layer(2, (1, 2), (1, 140))(x.bfloat16(), u.expand(1, 2))
    assert pooled.max() == x.max().bfloat16()


def test_no_outputs_at_all() -> None:
    """Torch has them as well: an empty tensor."""
    assert layer(2, 2, (0, 3))(torch.rand(1, 2, 5, 5)).shape == (1, 2, 0, 3)


def test_what_it_says_it_is() -> None:
    """Its operator and its arguments."""
    assert layer(2, 3, output_size=2).as_operator() == (
        "fractional_max_pool2d",
        {"kernel_size": 3, "output_size": 2, "output_ratio": None},
    )


@pytest.mark.parametrize(
    ("x", "samples", "error", "message"),
    [
        (torch.ones(1, 1, 4, 4).int(), None, TypeError, "input must be floating point"),
        (torch.ones(1, 1, 4, 4), [0.5, 0.5], TypeError, "random_samples must be a floating-point"),
        (torch.ones(1, 1, 4, 4), torch.ones(1, 1, 2).int(), TypeError, "random_samples must be"),
        (torch.ones(1, 1, 4, 4), torch.rand(1, 1, 3), ValueError, r"shape \(1, 1, 2\), got"),
        (torch.ones(1, 1, 2, 2), None, ValueError, r"kernel_size \+ output_size must be at most 3"),
    ],
)
def test_refusals(x: Tensor, samples: Any, error: type[Exception], message: str) -> None:
    """Each names what is wrong."""
    with pytest.raises(error, match=message):
        layer(2, 2, 2)(x, samples)
