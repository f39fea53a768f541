"""Both sides of a kind at some thousand inputs."""

from __future__ import annotations

from fractions import Fraction

import numpy
import pytest
import torch

from proofs.systems import SYSTEMS
from proofs.systems.floats import FloatFormat
from proofs.systems.integers import WrapAround
from verify.judge.conditions.given import parsed
from verify.judge.conditions.tried import Tried
from verify.judge.symbols.algebra import Algebra
from verify.judge.symbols.classes import Pattern, kinds
from verify.judge.symbols.terms import Terms


def merge_of(name: str) -> Pattern:
    """Return ReLU(a − b) + b beside the maximum."""
    algebra = Algebra(Terms(2), SYSTEMS[name])
    x = algebra.terms.variables
    a, b = x[:1], x[1:]
    merged = algebra.add(algebra.relu(algebra.add(a, b, Fraction(-1))), b)
    (kind,) = kinds(algebra.terms, merged, algebra.maximum(a, b))
    return kind


@pytest.mark.parametrize("name", ["int8", "uint8", "int32", "float16", "bfloat16", "float64"])
def test_wrong_is_what_torch_computes_otherwise(name: str) -> None:
    """Where the merge and the maximum differ, run by hand, and nowhere else."""
    system = SYSTEMS[name]
    assert isinstance(system, FloatFormat | WrapAround)
    tried = Tried(merge_of(name), system)
    a, b = torch.from_numpy(tried.taps).to(getattr(torch, name))
    apart = torch.relu(a - b) + b != torch.maximum(a, b)
    assert numpy.array_equal(tried.wrong, apart.numpy())
    assert numpy.array_equal(tried.right, torch.maximum(a, b).double().numpy())
    assert 0 < tried.wrong.sum() < len(tried.wrong)
    assert numpy.isfinite(tried.taps).all()


def test_all_sizes_are_among_them() -> None:
    """Subnormal numbers, the largest, equal ones, whole ones, and both signs."""
    system = SYSTEMS["float16"]
    assert isinstance(system, FloatFormat)
    a, b = Tried(merge_of("float16"), system).taps
    assert (abs(a)[a != 0] < 2.0**-14).any()
    assert (abs(a) == 65504).any()
    assert ((a == b) & (a != 0)).any() and ((a < 0) & (b > 0)).any()
    assert ((a == a.round()) & (abs(a) < 4) & (b == b.round()) & (abs(b) < 4)).any()


def test_what_is_given_holds_of_all() -> None:
    """Inputs are moved to where it does."""
    system = SYSTEMS["float16"]
    assert isinstance(system, FloatFormat)
    given = parsed("x in [0, 6] and x is integer").within(system, torch.float16)
    taps = Tried(merge_of("float16"), system, given).taps
    assert taps.shape[1] > 100
    assert ((taps >= 0) & (taps <= 6) & (taps == taps.round())).all()
