"""Known numbers are computed at once only where a run computes them exactly."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

import numpy
import pytest
import torch

from proofs.systems import SYSTEMS
from proofs.systems.floats import FloatFormat
from verify.judge.operators import COMPUTING
from verify.judge.symbols.algebra import NoTermError
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


def test_what_kernels_round_in_several_ways_is_a_term_for_every_call() -> None:
    """A sum of three, a product, a quotient, a bias; not a sum of two, nor a maximum."""
    assert isinstance(FLOAT16, FloatFormat)
    over = RoundedReals(Terms(3), FLOAT16)
    x, y, z = (int(t) for t in over.terms.variables)
    pair, three = numpy.array([[x, y]], numpy.int32), numpy.array([[x, y, z]], numpy.int32)

    def total() -> int:
        return int(over.total(three)[0])

    def biased(number: Fraction) -> int:
        return int(over.add(over.add(x, y), over.constant(number)))

    several: list[Callable[[], int]] = [
        total,
        lambda: int(over.total(pair, Fraction(1, 2))[0]),
        lambda: int(over.multiply(x, y)),
        lambda: int(over.divide(x, y)),
        lambda: biased(Fraction(1, 2)),
        lambda: int(over.add(x, over.constant(Fraction(1, 10)))),
        lambda: int(over.maximum(x, over.constant(Fraction(1, 10)))),
    ]
    assert all(made() != made() for made in several)
    one: list[Callable[[], int]] = [
        lambda: int(over.total(pair)[0]),
        lambda: int(over.add(x, y, Fraction(-1))),
        lambda: int(over.maximum(x, y)),
        lambda: int(over.add(x, over.constant(Fraction(1, 2)))),
    ]
    assert all(made() == made() for made in one)
    sums = [total(), total()]
    assert int(over.maximum(*sums)) == int(over.maximum(*sums))
    bfloat16 = SYSTEMS["bfloat16"]
    assert isinstance(bfloat16, FloatFormat)
    flushing = RoundedReals(Terms(2), bfloat16)
    pair = flushing.terms.variables[None]
    assert int(flushing.total(pair)[0]) != int(flushing.total(pair)[0])


def test_operators_are_refused_unless_their_rounding_is_known() -> None:
    """Whatever computes and is not listed has no bound; what moves or compares is exact."""
    over = algebra()
    aten = torch.ops.aten
    assert over.refused(aten.exp.default) == "its rounding in float16 is not known"
    assert over.refused(aten.pow.Tensor_Scalar) is over.refused(aten.sqrt.default) is None
    assert over.refused(aten.pow.Tensor_Tensor) is not None
    assert over.refused(aten.add.Tensor) is over.refused(aten.relu.default) is None
    known = {operator for operator in COMPUTING if operator.overloadpacket in ROUNDINGS_KNOWN}
    known -= {aten.pow.Tensor_Tensor, aten.pow.Tensor_Tensor_out, aten.pow_.Tensor}
    assert {aten.convolution.default, aten.avg_pool2d.default, aten.sum.dim_IntList} <= known
    assert all(over.refused(operator) is None for operator in known)


def test_powers_by_products_and_roots_are_known() -> None:
    """Those that kernels compute so, and no others."""
    over = algebra()
    x = over.terms.variables
    for exponent in (1, 2, 3, Fraction(1, 2)):
        over.power(x, Fraction(exponent))
    for exponent in (Fraction(1, 3), Fraction(-1), Fraction(4), Fraction(5, 2)):
        with pytest.raises(NoTermError, match=f"the rounding of a power {exponent} is not known"):
            over.power(x, exponent)
