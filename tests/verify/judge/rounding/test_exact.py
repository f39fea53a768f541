"""Values of terms computed without kernels: against the format's own definition."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy
import pytest
import torch

from verify.judge.rounding.exact import RoundingTo, format_named, values
from verify.judge.symbols.algebra import Algebra
from verify.judge.symbols.terms import Terms

SPECIAL = [0.0, 1.0, -1.0, 1e-50, 3e38, -3.5e38, 65519.0, 65520.0, 2.0**-25, 3 * 2.0**-26, 1e300]


@pytest.mark.parametrize("dtype", ["float16", "bfloat16", "float32"])
def test_rounding_is_the_formats_own(dtype: str) -> None:
    """Numbers of all magnitudes, ties and neighbours of ties, subnormals, beyond the largest."""
    system = format_named(dtype)
    draw = numpy.random.default_rng(7)
    some = numpy.ldexp(draw.standard_normal(2000), draw.integers(-170, 130, 2000))
    ties = numpy.ldexp(draw.integers(1, 1 << 12, 2000) * 2.0 + 1, draw.integers(-150, 100, 2000))
    every = numpy.concatenate([some, ties, SPECIAL])
    rounded = RoundingTo(system)(every)
    for given, found in zip(every.tolist(), rounded.tolist(), strict=True):
        meant = float(system.rounded(Fraction(given))) if given else 0.0
        assert found == meant, (given, found, meant)
    assert RoundingTo(system)(numpy.array([math.inf, -math.inf])).tolist() == [math.inf, -math.inf]
    assert math.isnan(RoundingTo(system)(numpy.array([math.nan]))[0])


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
@pytest.mark.parametrize("operator", ["add", "sub", "mul", "div"])
def test_operations_round_once(dtype: str, operator: str) -> None:
    """Each operation is the exact one, rounded; NaN and infinities as in IEEE 754."""
    system = format_named(dtype)
    terms = Terms(2)
    a, b = terms.variables
    made = Algebra(terms, system)._rows(operator, numpy.array([[a, b]]))
    numbers = [v for v in system.simple_values() if math.isfinite(v)]
    pairs = [(x, y) for x in numbers for y in numbers if y != 0]
    columns = [numpy.array(c) for c in zip(*pairs, strict=True)]
    (found,) = values(terms, columns, system, made)
    exact = {"add": Fraction.__add__, "sub": Fraction.__sub__,
             "mul": Fraction.__mul__, "div": Fraction.__truediv__}[operator]  # fmt: skip
    for (x, y), seen in zip(pairs, found.tolist(), strict=True):
        wanted = exact(Fraction(x), Fraction(y))
        assert seen == (float(system.rounded(wanted)) if wanted else 0.0), (x, y)
    zero, endless = numpy.zeros(1), numpy.array([math.inf])
    (lost,) = values(terms, [endless * (-1 if operator == "add" else 1),
                             zero if operator == "mul" else endless], system, made)  # fmt: skip
    assert math.isnan(lost[0])


def test_choices_are_those_of_terms() -> None:
    """What does not round: signs, extremes with NaN, comparisons and choices."""
    system = format_named("float32")
    terms = Terms(2)
    algebra = Algebra(terms, system)
    a, b = terms.variables
    less = algebra.compare("lt", a, b)
    wanted = numpy.array([
        algebra.maximum(a, b), algebra.minimum(a, b), less, algebra.negation(less),
        algebra.select(less, a, b), algebra.negative(a), algebra.absolute(a),
    ]).reshape(-1)  # fmt: skip
    x = numpy.array([1.0, 2.0, math.nan, -3.0])
    y = numpy.array([2.0, 1.0, 1.0, -3.0])
    found = [c.tolist() for c in values(terms, [x, y], system, wanted)]
    tensors = torch.from_numpy(x), torch.from_numpy(y)
    assert numpy.array_equal(found[0], torch.maximum(*tensors).numpy(), equal_nan=True)
    assert numpy.array_equal(found[1], torch.minimum(*tensors).numpy(), equal_nan=True)
    assert found[2] == [True, False, False, False]
    assert found[3] == [False, True, True, True]
    assert found[4] == [1.0, 1.0, 1.0, -3.0]
    assert found[5][:2] == [-1.0, -2.0]
    assert found[6][3] == 3.0
