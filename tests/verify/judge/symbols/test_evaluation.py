"""Values of terms, with bounds on what rounding may do."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

import numpy
import pytest
import torch

from proofs.systems import SYSTEMS
from verify.judge.symbols.algebra import Algebra
from verify.judge.symbols.evaluation import real_values, system_values
from verify.judge.symbols.terms import Terms
from verify.judge.watching.observer import Observer

COUNT = 4
NETWORKS: list[Callable[[torch.Tensor], torch.Tensor]] = [
    lambda x: x.sum() / 3,
    lambda x: (x[0] * x[1] - x[2]) * x[3],
    lambda x: torch.relu(x - 1e3) + 1e3,
    lambda x: (x * x).mean().sqrt(),
    lambda x: x[0] / (x[1].abs() + 0.1),
    lambda x: x.softmax(0),
    lambda x: torch.where(x > x.mean(), x, x * 2),
    lambda x: torch.sigmoid(x).log(),
    lambda x: (x.clamp_min(0.1) ** 3).sum() ** (1 / 3),
    lambda x: x.gather(0, x.argmax(0, keepdim=True)),
]


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64, torch.bfloat16])
@pytest.mark.parametrize("network", NETWORKS)
def test_runs_stay_within_their_bounds(
    network: Callable[[torch.Tensor], torch.Tensor], dtype: torch.dtype
) -> None:
    """Over many inputs of many sizes; the bounds are no wider than a thousand units."""
    algebra = Algebra(Terms(COUNT), SYSTEMS["real"])
    observer = Observer(algebra, dtype)
    seen = observer.watch(network, [torch.ones(COUNT, dtype=dtype)])
    observer.finish()
    assert seen.ids is not None
    generator = torch.Generator().manual_seed(0)
    for scale in (1e-3, 1.0, 10.0):
        for _ in range(20):
            x = (torch.randn(COUNT, generator=generator, dtype=torch.float64) * scale).to(dtype)
            own = real_values(algebra.terms, x.double().numpy()[:, None], dtype, seen.ids)
            run = network(x).double().numpy()
            assert (numpy.abs(run - own.values[..., 0]) <= own.bounds[..., 0]).all()


def test_overflow_and_doubt_have_no_bound() -> None:
    """Where a run may overflow, or divide by what may be 0, nothing is said."""
    algebra = Algebra(Terms(2), SYSTEMS["real"])
    a, b = algebra.terms.variables
    made = numpy.concatenate([
        algebra.multiply(a, b).reshape(1),
        algebra.divide(a, algebra.add(b, b, Fraction(-1, 3))).reshape(1),
    ])  # fmt: skip
    big = numpy.array([[1e30, 1.0], [1e30, 0.0]])
    own = real_values(algebra.terms, big, torch.float32, made)
    assert numpy.isinf(own.bounds[0, 0])
    assert own.bounds[0, 1] < 1e-30
    assert numpy.isinf(own.values[1, 1]) or numpy.isinf(own.bounds[1, 1])


@pytest.mark.parametrize("system", ["int8", "uint8", "float16", "bfloat16", "float32"])
def test_systems_are_computed_by_torch(system: str) -> None:
    """Rows in the dtype, one operator after the other."""
    algebra = Algebra(Terms(2), SYSTEMS[system])
    a, b = algebra.terms.variables
    made = algebra.maximum(algebra.add(a, b), algebra.compare("lt", a, b) * 0 + b)
    dtype = getattr(torch, system)
    x = torch.tensor([[100, 3], [100, 5]]).to(dtype)
    own = system_values(algebra.terms, x, SYSTEMS[system], made.reshape(1))[0]
    assert torch.equal(own, torch.maximum(x[0] + x[1], x[1]))


def test_what_is_undefined_is_told_from_what_overflows() -> None:
    """0 / 0 and the logarithm of −1 have no value; exp of 1000 has one that no float is."""
    algebra = Algebra(Terms(2), SYSTEMS["real"])
    a, b = algebra.terms.variables
    powers = algebra.function("exp", algebra.terms.variables)
    made = numpy.concatenate([
        algebra.divide(a, b).reshape(1),
        algebra.function("log", a).reshape(1),
        algebra.divide(powers[:1], powers[1:]).reshape(1),
        algebra.select(algebra.compare("eq", b, 0), a, algebra.divide(a, b)).reshape(1),
    ])  # fmt: skip
    inputs = numpy.array([[0.0, -1.0, 1000.0], [0.0, 2.0, 1000.0]])
    own = real_values(algebra.terms, inputs, torch.float32, made)
    assert own.undefined.tolist() == [
        [True, False, False], [True, True, False], [False] * 3, [False] * 3
    ]  # fmt: skip


def biased(bias: float) -> torch.nn.Conv1d:
    """Return a convolution of 48 taps with one bias."""
    layer = torch.nn.Conv1d(16, 1, 3)
    torch.nn.init.constant_(layer.bias, bias)  # type: ignore[arg-type]
    return layer


@pytest.mark.parametrize("bias", [0.1, 1e6, -7.7e5, 16777217.0])
@pytest.mark.parametrize("scale", [1e-3, 1.0, 100.0])
def test_a_kernel_begins_with_its_bias(bias: float, scale: float) -> None:
    """Then every product is rounded as a number of the size of the bias is."""
    algebra = Algebra(Terms(48), SYSTEMS["real"])
    observer = Observer(algebra, torch.float32)
    layer = biased(bias)
    product = torch.nn.Linear(48, 1)
    torch.nn.init.constant_(product.bias, bias)
    for network, shape in ((layer, (1, 16, 3)), (product, (1, 48))):
        observer = Observer(algebra, torch.float32)
        seen = observer.watch(network, [torch.ones(shape)])
        observer.finish()
        assert seen.ids is not None
        for _ in range(50):
            x = torch.randn(48) * scale
            own = real_values(algebra.terms, x.double().numpy()[:, None], torch.float32, seen.ids)
            run = network(x.reshape(shape)).detach().double().numpy()
            assert (numpy.abs(run - own.values[..., 0]) <= own.bounds[..., 0]).all()
            assert (own.bounds <= 64 * 2.0**-24 * (abs(bias) + 48 * 4 * scale)).all()


def test_nothing_is_rounded_of_zeros() -> None:
    """Products, means, roots and powers of 0 are 0, and what is divided by them is undefined."""
    algebra = Algebra(Terms(2), SYSTEMS["real"])
    a, b = algebra.terms.variables
    mean = algebra.linear(numpy.array([[a, b]]), [Fraction(1, 3), Fraction(1, 7)])
    roots = [
        algebra.function("sqrt", algebra.multiply(mean, mean)),
        algebra.function("power", algebra.multiply(mean, mean), Fraction(1, 3)),
    ]
    made = numpy.concatenate([*roots, *(algebra.divide(mean, root) for root in roots)])
    found = real_values(algebra.terms, numpy.zeros((2, 1)), torch.float32, made)
    assert (found.bounds[:2] == 0).all()
    assert (found.values[:2] == 0).all()
    assert found.undefined[:, 0].tolist() == [False, False, True, True]


def test_many_terms_are_summed_and_compared_as_few_are() -> None:
    """A sum and a maximum of a hundred are off by no more than their bounds say."""
    algebra = Algebra(Terms(100), SYSTEMS["real"])
    x = algebra.terms.variables[None]
    made = numpy.concatenate([
        algebra.linear(x, [Fraction(1, 100)] * 100),
        algebra.linear(x, [Fraction(1)] * 100),
        algebra.extreme(x, largest=True),
        algebra.extreme(x, largest=False),
    ])  # fmt: skip
    numbers = torch.randn(100, 3, generator=torch.Generator().manual_seed(0))
    found = real_values(algebra.terms, numbers.double().numpy(), torch.float32, made)
    runs = torch.stack([numbers.mean(0), numbers.sum(0), numbers.amax(0), numbers.amin(0)])
    apart = numpy.abs(found.values - runs.double().numpy())
    assert (apart <= found.bounds).all()
    assert (found.bounds[:2] > 0).all()
    assert (found.bounds[:2] < 100 * 2.0**-22 * 100).all()
    assert (apart[2:] == 0).all()
