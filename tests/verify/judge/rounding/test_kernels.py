"""Torch's kernels beside their terms: a sample of what is recorded, and that a difference shows."""

from __future__ import annotations

import random

import pytest
import torch

from verify.judge.rounding import kernels
from verify.judge.rounding.exact import RoundingTo, format_named
from verify.judge.rounding.kernels import (
    DTYPES,
    DisagreesError,
    KernelCall,
    UnreadError,
    numbers_of,
    rows,
    terms_of,
    tried,
)
from verify.judge.rounding.table import ALL_PAIRS, established

aten = torch.ops.aten


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make samples small."""
    monkeypatch.setattr(kernels, "SAMPLE", 1 << 13)
    monkeypatch.setattr(kernels, "SAMPLE_OF_VARIANTS", 1 << 10)
    monkeypatch.setattr(kernels, "SAMPLE_IN_FRACTIONS", 1 << 8)
    monkeypatch.setattr(kernels, "ONE_BY_ONE", 1 << 6)


@pytest.mark.slow
@pytest.mark.usefixtures("small")
@pytest.mark.parametrize("dtype", DTYPES)
def test_a_sample_of_what_is_recorded(dtype: str) -> None:
    """Ways to call recorded operators, drawn with a seed, still agree with their terms."""
    recorded = [r for r in rows() if dtype in established().operators.get(r.name, {})]
    count = 0
    for row in random.Random(f"{dtype} 0").sample(recorded, 60):
        try:
            count += tried(row, dtype, seed=1) > 0
        except UnreadError:
            continue
    assert count > 40


@pytest.mark.usefixtures("small")
def test_a_kernel_that_rounds_otherwise_shows(monkeypatch: pytest.MonkeyPatch) -> None:
    """Terms that are rounded after a small change of the exact sum are contradicted."""
    row = next(r for r in rows() if r.overload is aten.add.Tensor and r.whole and r.inputs == 2)
    tried(row, "float16", seed=2)
    genuine = RoundingTo.__call__
    monkeypatch.setattr(RoundingTo, "__call__", lambda own, x: genuine(own, x * (1 - 2.0**-12)))
    with pytest.raises(DisagreesError, match=r"aten.add.Tensor in float16 of .* instead of"):
        tried(row, "float16", seed=2)


@pytest.mark.usefixtures("small")
def test_what_is_not_read_has_no_row() -> None:
    """A scaled sum is refused before any kernel is asked."""
    scaled = KernelCall(aten.add.Tensor, lambda x, y: (x, y), 2, named=(("alpha", 3),))
    with pytest.raises(UnreadError, match="a scaled sum"):
        terms_of(scaled, format_named("float32"))
    with pytest.raises(UnreadError, match="makes no term"):
        tried(KernelCall(aten.flip.default, lambda x: (x, [0]), 1), "float16", seed=0)


def test_all_numbers_of_sixteen_bits() -> None:
    """Every bit pattern once; pairs of them are recorded for the operators that matter most."""
    for dtype in ("float16", "bfloat16"):
        bits = numbers_of(dtype).view(torch.int16)
        assert len(set(bits.tolist())) == 1 << 16
        for name in ("add.Tensor", "sub.Tensor", "mul.Tensor", "maximum.default", "lt.Tensor"):
            assert established().operators[f"aten.{name}"][dtype] >= ALL_PAIRS
