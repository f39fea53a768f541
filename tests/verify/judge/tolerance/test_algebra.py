"""Known numbers are computed at once only where a run computes them exactly."""

from __future__ import annotations

from fractions import Fraction

import numpy
import torch

from proofs.systems import SYSTEMS
from proofs.systems.floats import FloatFormat
from verify.judge.operators import COMPUTING
from verify.judge.symbols.terms import Terms
from verify.judge.tolerance.algebra import ROUNDINGS_KNOWN, RoundedReals

FLOAT16 = SYSTEMS["float16"]


def algebra() -> RoundedReals:
    """Return an algebra over one variable."""
    assert isinstance(FLOAT16, FloatFormat)
    return RoundedReals(Terms(1), FLOAT16)


def test_exact_sums_are_known() -> None:
    """Whole numbers up to 2048, multiples of one grid; not what a run would round."""
    over = algebra()
    assert over.value(int(over.add(over.constant(1000), over.constant(1048)))) == 2048
    assert over.value(int(over.add(over.constant(1000), over.constant(1049)))) is None
    half = over.constant(Fraction(1, 2))
    assert over.value(int(over.multiply(half, half))) == Fraction(1, 4)
    third = over.constant(Fraction(1, 3))
    assert over.value(int(over.multiply(third, over.constant(3)))) is None
    row = numpy.array([[half, third]], numpy.int32)
    assert over.value(int(over.total(row)[0])) is None


def test_operators_are_refused_unless_their_rounding_is_known() -> None:
    """Whatever computes and is not listed has no bound; what moves or compares is exact."""
    over = algebra()
    aten = torch.ops.aten
    assert over.refused(aten.exp.default) == "its rounding in float16 is not known"
    assert over.refused(aten.pow.Tensor_Scalar) is not None
    assert over.refused(aten.add.Tensor) is over.refused(aten.relu.default) is None
    known = {operator for operator in COMPUTING if operator.overloadpacket in ROUNDINGS_KNOWN}
    assert {aten.convolution.default, aten.avg_pool2d.default, aten.sum.dim_IntList} <= known
    assert all(over.refused(operator) is None for operator in known)
