"""Exact values of terms, in fractions."""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction

import numpy
import pytest
import torch

from proofs.systems import SYSTEMS
from verify.judge.symbols.algebra import Algebra
from verify.judge.symbols.evaluation import real_values
from verify.judge.symbols.exactly import exact_values
from verify.judge.symbols.terms import Terms
from verify.judge.watching.observer import Observer

Network = Callable[[torch.Tensor], torch.Tensor]
NETWORKS: list[Network] = [
    lambda x: (x[0] * x[1] - x[2] / 3).reshape(1),
    lambda x: torch.where((x > 1) & ~(x == 2) | (x <= -1), x.clamp(-2, 2), x / 7),
    lambda x: x / (x.abs() + 1),
    lambda x: (x / 3).floor() + (x / 2).round(),
    lambda x: x.gather(0, (x * x).argmax(0, keepdim=True)),
    lambda x: x[(x / 3).sort(stable=True).indices[1]].reshape(1),
    lambda x: x.amax().reshape(1) - x.amin(),
    lambda x: torch.log(x.abs() + 0.5) - torch.exp(x) / 3,
    lambda x: (x.abs() + 1).sqrt() + torch.tanh(x) * torch.sigmoid(x),
    lambda x: (x.abs() + 0.5) ** 0.3 + torch.where(x.exp() > 1, x, -x),
]


@pytest.mark.parametrize("network", NETWORKS)
def test_they_are_what_floating_point_comes_near_to(network: Network) -> None:
    """The same terms in float64 are as near as rounding leaves them."""
    terms = Terms(4)
    observer = Observer(Algebra(terms, SYSTEMS["real"]), torch.float64)
    seen = observer.watch(network, [torch.tensor([0.5, -2, 3, 1], dtype=torch.float64)])
    observer.finish()
    assert not seen.unseen and seen.ids is not None
    generator = torch.Generator().manual_seed(0)
    for _ in range(10):
        x = torch.randint(-20, 21, (4,), generator=generator).double() / 8
        own = real_values(terms, x.numpy()[:, None], torch.float64, seen.ids)
        exact = exact_values(terms, x.tolist(), seen.ids.reshape(-1).tolist())
        for value, bound, other in zip(
            own.values.reshape(-1), own.bounds.reshape(-1), exact, strict=True
        ):  # fmt: skip
            assert isinstance(other, Fraction)
            assert abs(value - float(other)) <= bound


def test_functions_are_told_apart_as_far_as_they_can_be() -> None:
    """What is made of the same is the same; log 8 and 3 log 2 cannot be told apart."""
    terms = Terms(2)
    algebra = Algebra(terms, SYSTEMS["real"])
    x, y = terms.variables[:1], terms.variables[1:]
    one, other = algebra.function("log", x), algebra.function("log", y)
    thrice = algebra.add(algebra.add(other, other), other)
    minus = algebra.multiply(other, algebra.constant(-1))
    again = algebra.add(algebra.add(one, other), minus)
    asked = [
        algebra.compare("eq", one, other), algebra.compare("lt", one, other),
        algebra.compare("eq", one, again), algebra.compare("le", one, thrice),
    ]  # fmt: skip
    wanted = [int(numpy.asarray(t).reshape(-1)[0]) for t in asked]
    assert exact_values(terms, [8.0, 2.0], wanted) == [False, False, True, None]
    assert exact_values(terms, [2.0, 2.0], wanted) == [True, False, True, True]
    assert exact_values(terms, [-1.0, 2.0], wanted) == [None, None, None, None]


def test_what_is_no_fraction() -> None:
    """A quotient by 0, and what is made of it; not what a choice leaves out."""
    terms = Terms(1)
    algebra = Algebra(terms, SYSTEMS["real"])
    x = terms.variables
    pole = algebra.divide(algebra.constant(1), x)
    power = algebra.function("log", x)
    chosen = algebra.select(algebra.compare("eq", x, algebra.constant(0)), x, pole)
    wanted = [int(numpy.asarray(t).reshape(-1)[0]) for t in (pole, power, chosen)]
    assert exact_values(terms, [0.0], wanted) == [None, None, Fraction(0)]
    half, log, other = exact_values(terms, [2.0], wanted)
    assert half == other == Fraction(1, 2)
    assert float(log) == math.log(2)


def test_a_tie_is_a_tie() -> None:
    """A seventh of 1, seven times: less than 1 for some float64, and never here."""
    terms = Terms(1)
    algebra = Algebra(terms, SYSTEMS["real"])
    x = terms.variables
    part = algebra.linear(x[:, None], [Fraction(1, 49)])
    whole = algebra.linear(numpy.repeat(part[:, None], 49, axis=1), [Fraction(1)] * 49)
    less = algebra.compare("lt", whole, x)
    assert exact_values(terms, [1.0], less.tolist()) == [False]
