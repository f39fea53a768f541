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
