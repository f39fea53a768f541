"""Operators on single elements: sums, products, powers, functions, conversions of sign."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy
import torch

from verify.judge.operators.registry import interprets
from verify.judge.symbols.algebra import NoTermError
from verify.judge.symbols.terms import ZERO, Ids, possible
from verify.judge.symbols.weights import simplest_fraction

if TYPE_CHECKING:
    from verify.judge.watching.reader import Reader

aten = torch.ops.aten


def fraction(value: Any) -> Fraction:
    """Return the fraction that a Python number in a call stands for."""
    if isinstance(value, bool | int):
        return Fraction(int(value))
    if isinstance(value, float) and value == value and abs(value) != float("inf"):
        return simplest_fraction(value)
    raise NoTermError(f"{value!r} as a factor")


def _factor(o: Reader, value: Any) -> Fraction:
    """Return the number that a factor is: over the reals the fraction meant, else itself."""
    return fraction(value) if o.algebra.real or isinstance(value, int) else Fraction(value)


@interprets(aten.add.Tensor, aten.add.Scalar, computes=True)
def add(o: Reader, x: Any, y: Any, alpha: Any = 1) -> Ids:
    """Return x + alpha · y."""
    if _all_truths(x, y):
        return o.algebra.connected("or", _pairs(o.ids(x), o.ids(y))).reshape(_shape(x, y))
    return o.algebra.add(o.numeric(x), o.numeric(y), _factor(o, alpha))


@interprets(aten.sub.Tensor, aten.sub.Scalar, computes=True)
def subtract(o: Reader, x: Any, y: Any, alpha: Any = 1) -> Ids:
    """Return x − alpha · y."""
    return o.algebra.add(o.numeric(x), o.numeric(y), -_factor(o, alpha))


@interprets(aten.rsub.Tensor, aten.rsub.Scalar, computes=True)
def subtract_from(o: Reader, x: Any, y: Any, alpha: Any = 1) -> Ids:
    """Return y − alpha · x."""
    return o.algebra.add(o.numeric(y), o.numeric(x), -_factor(o, alpha))


@interprets(aten.mul.Tensor, aten.mul.Scalar, computes=True)
def multiply(o: Reader, x: Any, y: Any) -> Ids:
    """Return x · y; a truth value chooses between a number and 0."""
    if _all_truths(x, y):
        return o.algebra.connected("and", _pairs(o.ids(x), o.ids(y))).reshape(_shape(x, y))
    for chooser, other in ((x, y), (y, x)):
        truth = isinstance(chooser, torch.Tensor) and chooser.dtype is torch.bool
        if truth and o.algebra.real and o.depends(chooser):
            ids = o.numeric(other)
            if o.terms.unbounded(ids) is None:
                return o.algebra.select(o.ids(chooser), ids, ZERO)
    return o.algebra.multiply(o.numeric(x), o.numeric(y))


def _divisible(o: Reader, x: Any, y: Any, ids: Ids, *, whole: bool = False) -> None:
    """Refuse divisors that may be 0 where that raises, whether or not the quotient is used.

    torch raises where whole numbers are brought to a whole quotient, Python wherever it divides.
    """
    if not o.depends(y):
        return
    python = o.merging is not None and o.merging.perhaps_number(y)
    if not python and not (whole and _is_whole(x) and _is_whole(y)):
        return
    for term in numpy.unique(ids).tolist():
        numbers = possible(o.terms, term)
        if numbers is None or 0 in numbers:
            raise NoTermError("a division by a number that may be 0")


@interprets(aten.div.Tensor, aten.div.Scalar, computes=True)
def divide(o: Reader, x: Any, y: Any) -> Ids:
    """Return x / y."""
    a, b = o.numeric(x), o.numeric(y)
    _divisible(o, x, y, b)
    return o.algebra.divide(a, b)


@interprets(aten.reciprocal.default, computes=True)
def reciprocal(o: Reader, x: Any) -> Ids:
    """Return 1 / x."""
    _divisible(o, 1, x, o.numeric(x))  # Python's n / x becomes it
    return o.algebra.divide(o.algebra.constant(1), o.numeric(x))


@interprets(aten.neg.default)
def negative(o: Reader, x: Any) -> Ids:
    """Return −x."""
    return o.algebra.negative(o.numeric(x))


@interprets(aten.positive.default)
def positive(o: Reader, x: Any) -> Ids:
    """Return x."""
    return o.ids(x)


@interprets(aten.abs.default)
def absolute(o: Reader, x: Any) -> Ids:
    """Return |x|."""
    return o.algebra.absolute(o.ids(x))


@interprets(aten.square.default, computes=True)
def square(o: Reader, x: Any) -> Ids:
    """Return x²."""
    return o.algebra.multiply(o.ids(x), o.ids(x))


@interprets(aten.pow.Tensor_Scalar, computes=True)
def power(o: Reader, x: Any, exponent: Any) -> Ids:
    """Return x to a known power."""
    return o.algebra.power(o.numeric(x), fraction(exponent))


@interprets(aten.pow.Tensor_Tensor, computes=True)
def power_of_tensor(o: Reader, x: Any, exponent: Any) -> Ids:
    """Return x to a power, which must be one known number."""
    if o.depends(exponent) or exponent.numel() != 1:
        raise NoTermError("a power that is not one known number")
    value = o.algebra.value(int(o.ids(exponent).reshape(())))
    if isinstance(value, float) or value is None:
        raise NoTermError(f"the power {value}")
    held: Any = int(value) if Fraction(value).denominator == 1 else float(value)
    return numpy.broadcast_to(power(o, x, held), numpy.broadcast_shapes(x.shape, exponent.shape))


@interprets(aten.sqrt.default, computes=True)
def square_root(o: Reader, x: Any) -> Ids:
    """Return √x."""
    return o.algebra.function("sqrt", o.ids(x))


@interprets(aten.rsqrt.default, computes=True)
def reciprocal_root(o: Reader, x: Any) -> Ids:
    """Return 1 / √x."""
    return o.algebra.divide(o.algebra.constant(1), o.algebra.function("sqrt", o.ids(x)))


@interprets(aten.hypot.default, computes=True)
def hypotenuse(o: Reader, x: Any, y: Any) -> Ids:
    """Return √(x² + y²)."""
    one, other = (o.algebra.multiply(o.ids(v), o.ids(v)) for v in (x, y))
    return o.algebra.function("sqrt", o.algebra.add(one, other))


@interprets(aten.exp.default, computes=True)
def exponential(o: Reader, x: Any) -> Ids:
    """Return eˣ."""
    return o.algebra.function("exp", o.ids(x))


@interprets(aten.log.default, computes=True)
def logarithm(o: Reader, x: Any) -> Ids:
    """Return the natural logarithm."""
    return o.algebra.function("log", o.ids(x))


@interprets(aten.expm1.default, computes=True)
def exponential_less_one(o: Reader, x: Any) -> Ids:
    """Return eˣ − 1."""
    return o.algebra.add(o.algebra.function("exp", o.ids(x)), o.algebra.constant(-1))


@interprets(aten.log1p.default, computes=True)
def logarithm_of_one_more(o: Reader, x: Any) -> Ids:
    """Return log(1 + x)."""
    return o.algebra.function("log", o.algebra.add(o.ids(x), o.algebra.constant(1)))


def _logarithm(o: Reader, x: Any, base: int) -> Ids:
    ids = o.algebra.function("log", o.ids(x))
    return o.algebra.divide(ids, o.algebra.function("log", o.algebra.constant(base)))


@interprets(aten.log2.default, computes=True)
def logarithm_to_two(o: Reader, x: Any) -> Ids:
    """Return the logarithm to the base 2."""
    return _logarithm(o, x, 2)


@interprets(aten.log10.default, computes=True)
def logarithm_to_ten(o: Reader, x: Any) -> Ids:
    """Return the logarithm to the base 10."""
    return _logarithm(o, x, 10)


@interprets(aten.exp2.default, computes=True)
def power_of_two(o: Reader, x: Any) -> Ids:
    """Return 2ˣ = exp(x · log 2)."""
    rate = o.algebra.function("log", o.algebra.constant(2))
    return o.algebra.function("exp", o.algebra.multiply(o.ids(x), rate))


@interprets(aten.logaddexp.default, computes=True)
def log_add_exp(o: Reader, x: Any, y: Any) -> Ids:
    """Return log(eˣ + eʸ)."""
    one, other = (o.algebra.function("exp", o.ids(v)) for v in (x, y))
    return o.algebra.function("log", o.algebra.add(one, other))


@interprets(aten.softplus.default, computes=True)
def softplus(o: Reader, x: Any, beta: Any = 1, threshold: Any = 20) -> Ids:
    """Return log(1 + exp(βx)) / β, and x itself where βx is larger than a threshold."""
    real_only(o, "softplus")
    ids, rate = o.ids(x), fraction(beta)
    scaled = o.algebra.scaled(ids, rate)
    one = o.algebra.constant(1)
    soft = o.algebra.function("log", o.algebra.add(o.algebra.function("exp", scaled), one))
    above = o.algebra.compare("gt", scaled, o.number(threshold))
    return o.algebra.select(above, ids, o.algebra.scaled(soft, 1 / rate))


@interprets(aten.sigmoid.default, computes=True)
def sigmoid(o: Reader, x: Any) -> Ids:
    """Return 1 / (1 + e⁻ˣ)."""
    return o.algebra.function("sigmoid", o.ids(x))


@interprets(aten.log_sigmoid_forward.default, computes=True)
def log_sigmoid(o: Reader, x: Any) -> Any:
    """Return log(1 / (1 + e⁻ˣ))."""
    return o.algebra.function("log", o.algebra.function("sigmoid", o.ids(x))), ...


@interprets(aten.silu.default, computes=True)
def silu(o: Reader, x: Any) -> Ids:
    """Return x / (1 + e⁻ˣ)."""
    ids = o.ids(x)
    return o.algebra.multiply(ids, o.algebra.function("sigmoid", ids))


@interprets(aten.tanh.default, computes=True)
def tangent(o: Reader, x: Any) -> Ids:
    """Return the hyperbolic tangent."""
    return o.algebra.function("tanh", o.ids(x))


@interprets(aten.lerp.Scalar, aten.lerp.Tensor, computes=True)
def interpolated(o: Reader, x: Any, end: Any, weight: Any) -> Ids:
    """Return x + weight · (end − x)."""
    real_only(o, "lerp")
    difference = o.algebra.add(o.ids(end), o.ids(x), Fraction(-1))
    return o.algebra.add(o.ids(x), o.algebra.multiply(o.numeric(weight), difference))


@interprets(aten.addcmul.default, computes=True)
def add_product(o: Reader, x: Any, a: Any, b: Any, value: Any = 1) -> Ids:
    """Return x + value · a · b."""
    real_only(o, "addcmul")
    return o.algebra.add(o.ids(x), o.algebra.multiply(o.ids(a), o.ids(b)), fraction(value))


@interprets(aten.addcdiv.default, computes=True)
def add_quotient(o: Reader, x: Any, a: Any, b: Any, value: Any = 1) -> Ids:
    """Return x + value · a / b."""
    real_only(o, "addcdiv")
    return o.algebra.add(o.ids(x), o.algebra.divide(o.ids(a), o.ids(b)), fraction(value))


def real_only(o: Reader, name: str) -> None:
    """Refuse, but over the reals, what rounds nobody knows how.

    Raises ``NoTermError``.
    """
    if not o.algebra.real:
        raise NoTermError(f"{name}, whose rounding in {o.algebra.system.name} is not known")


@interprets(aten.relu.default)
def relu(o: Reader, x: Any) -> Ids:
    """Return max(x, 0)."""
    return o.algebra.relu(o.ids(x))


@interprets(aten.leaky_relu.default, computes=True)
def leaky_relu(o: Reader, x: Any, slope: Any = 0.01) -> Ids:
    """Return x where it is larger than 0, else slope · x."""
    real_only(o, "leaky_relu")
    ids = o.ids(x)
    low = o.algebra.scaled(ids, fraction(slope))
    return o.algebra.select(o.algebra.compare("gt", ids, ZERO), ids, low)


@interprets(aten.elu.default, computes=True)
def exponential_unit(
    o: Reader, x: Any, alpha: Any = 1, scale: Any = 1, input_scale: Any = 1
) -> Ids:
    """Return scale · x where x is larger than 0, else scale · α · (exp(input_scale · x) − 1)."""
    real_only(o, "elu")
    ids, factor = o.ids(x), fraction(scale)
    power = o.algebra.function("exp", o.algebra.scaled(ids, fraction(input_scale)))
    low = o.algebra.add(power, o.algebra.constant(1), Fraction(-1))
    low = o.algebra.scaled(low, factor * fraction(alpha))
    above = o.algebra.compare("gt", ids, ZERO)
    return o.algebra.select(above, o.algebra.scaled(ids, factor), low)


def _sixth(o: Reader, x: Any) -> Ids:
    """Return min(max(x + 3, 0), 6) / 6."""
    raised = o.algebra.add(o.ids(x), o.algebra.constant(3))
    low = o.algebra.minimum(o.algebra.relu(raised), o.algebra.constant(6))
    return o.algebra.scaled(low, Fraction(1, 6))


@interprets(aten.hardsigmoid.default, computes=True)
def hard_sigmoid(o: Reader, x: Any) -> Ids:
    """Return min(max(x + 3, 0), 6) / 6."""
    real_only(o, "hardsigmoid")
    return _sixth(o, x)


@interprets(aten.hardswish.default, computes=True)
def hard_swish(o: Reader, x: Any) -> Ids:
    """Return x · min(max(x + 3, 0), 6) / 6."""
    real_only(o, "hardswish")
    return o.algebra.multiply(o.ids(x), _sixth(o, x))


@interprets(aten.nan_to_num.default)
def numbers_alone(
    o: Reader, x: Any, nan: Any = None, posinf: Any = None, neginf: Any = None
) -> Ids:
    """Return x, which over the reals is always a number where it is defined everywhere."""
    real_only(o, "nan_to_num")
    ids = o.ids(x)
    if o.algebra.terms.unbounded(ids) is not None or o.algebra.partial(ids).any():
        raise NoTermError("what may be no number")
    return o.algebra.linear(ids.reshape(-1, 1), [Fraction(1)]).reshape(ids.shape)


@interprets(aten._prelu_kernel.default, computes=True)
def parametric_relu(o: Reader, x: Any, slope: Any) -> Ids:
    """Return x where it is larger than 0, else slope · x."""
    real_only(o, "prelu")
    ids = o.ids(x)
    low = o.algebra.multiply(ids, o.ids(slope))
    return o.algebra.select(o.algebra.compare("gt", ids, ZERO), ids, low)


@interprets(aten.threshold.default)
def threshold(o: Reader, x: Any, least: Any, value: Any) -> Ids:
    """Return x where it is larger than a number, else another number."""
    ids = o.ids(x)
    if o.algebra.rounds:  # NaN stays, as in a maximum
        if least != 0 or value != 0:
            raise NoTermError("a threshold other than 0, where there is NaN")
        return o.algebra.relu(ids)
    above = o.algebra.compare("gt", ids, o.number(least))
    return o.algebra.select(above, ids, o.number(value))


@interprets(aten.hardtanh.default)
def bounded(o: Reader, x: Any, low: Any = -1, high: Any = 1) -> Ids:
    """Return x moved into an interval."""
    return clamp(o, x, low, high)


@interprets(aten.clamp.default, aten.clamp.Tensor, aten.clamp_min.default, aten.clamp_min.Tensor)
def clamp(o: Reader, x: Any, low: Any = None, high: Any = None, **named: Any) -> Ids:
    """Return x moved into an interval; its upper end wins."""
    low, high = named.get("min", low), named.get("max", high)
    result = o.numeric(x)
    if low is not None:
        result = o.algebra.maximum(result, o.numeric(low))
    return result if high is None else o.algebra.minimum(result, o.numeric(high))


@interprets(aten.clamp_max.default, aten.clamp_max.Tensor)
def clamp_max(o: Reader, x: Any, high: Any) -> Ids:
    """Return the smaller of x and a number."""
    return o.algebra.minimum(o.numeric(x), o.numeric(high))


@interprets(aten.sign.default, aten.sgn.default)
def sign(o: Reader, x: Any) -> Ids:
    """Return 1, 0 or −1."""
    real_only(o, "sign")
    ids, one = o.ids(x), o.algebra.constant(1)
    below = o.algebra.select(o.algebra.compare("lt", ids, ZERO), o.algebra.constant(-1), ZERO)
    return o.algebra.select(o.algebra.compare("gt", ids, ZERO), one, below)


def _all_truths(*values: Any) -> bool:
    return all(
        isinstance(v, bool) or (isinstance(v, torch.Tensor) and v.dtype is torch.bool)
        for v in values
    )


def _pairs(x: Ids, y: Ids) -> Ids:
    a, b = numpy.broadcast_arrays(x, y)
    return numpy.column_stack([a.reshape(-1), b.reshape(-1)])


def _shape(x: Any, y: Any) -> tuple[int, ...]:
    return numpy.broadcast_shapes(
        *(tuple(v.shape) if isinstance(v, torch.Tensor) else () for v in (x, y))
    )


# -- steps ---------------------------------------------------------------------------------------


def _is_whole(x: Any) -> bool:
    return isinstance(x, bool | int) or (
        isinstance(x, torch.Tensor) and not x.dtype.is_floating_point
    )


def floored(o: Reader, ids: Ids) -> Ids:
    """Return the largest whole numbers that are not above."""
    if not o.algebra.real and not o.terms.known(ids).all():
        raise NoTermError(f"a step, in {o.algebra.system.name}")
    return o.algebra.function("floor", ids)


def _towards_zero(o: Reader, ids: Ids) -> Ids:
    above = o.algebra.compare("ge", ids, ZERO)
    below = o.algebra.negative(floored(o, o.algebra.negative(ids)))
    return o.algebra.select(above, floored(o, ids), below)


@interprets(aten.floor.default)
def floor(o: Reader, x: Any) -> Ids:
    """Return the largest whole number that is not above x."""
    return o.ids(x) if _is_whole(x) else floored(o, o.ids(x))


@interprets(aten.ceil.default)
def ceil(o: Reader, x: Any) -> Ids:
    """Return the smallest whole number that is not below x."""
    if _is_whole(x):
        return o.ids(x)
    return o.algebra.negative(floored(o, o.algebra.negative(o.ids(x))))


@interprets(aten.trunc.default)
def trunc(o: Reader, x: Any) -> Ids:
    """Return x without what stands behind its point."""
    return o.ids(x) if _is_whole(x) else _towards_zero(o, o.ids(x))


@interprets(aten.frac.default, computes=True)
def frac(o: Reader, x: Any) -> Ids:
    """Return what stands behind the point of x."""
    ids = o.ids(x)
    return o.algebra.add(ids, _towards_zero(o, ids), Fraction(-1))


@interprets(aten.round.default)
def rounded(o: Reader, x: Any) -> Ids:
    """Return the nearest whole number, of two the even one."""
    return o.ids(x) if _is_whole(x) else o.algebra.function("round", o.ids(x))


def _quotient(o: Reader, x: Any, y: Any, how: str | None) -> Ids:
    """Return x / y over the reals, as it is or brought to a whole number."""
    if not o.algebra.real and o.algebra.rounds:
        raise NoTermError(f"a whole quotient, in {o.algebra.system.name}")
    a, b = o.numeric(x), o.numeric(y)
    _divisible(o, x, y, b, whole=how is not None)
    if how is None:
        return o.algebra.divide(a, b)
    quotient = o.algebra.divide(a, b)
    return floored(o, quotient) if how == "floor" else _towards_zero(o, quotient)


@interprets(aten.floor_divide.default, aten.floor_divide.Scalar)
def floor_divide(o: Reader, x: Any, y: Any) -> Ids:
    """Return the largest whole number that is not above x / y."""
    return _quotient(o, x, y, "floor")


@interprets(aten.div.Tensor_mode, aten.div.Scalar_mode, computes=True)
def divide_by_mode(o: Reader, x: Any, y: Any, *, rounding_mode: str | None = None) -> Ids:
    """Return x / y, or a whole number below it, or nearer to 0."""
    return _quotient(o, x, y, rounding_mode)


def _remaining(o: Reader, x: Any, y: Any, how: str) -> Ids:
    whole = _quotient(o, x, y, how)
    return o.algebra.add(o.numeric(x), o.algebra.multiply(whole, o.numeric(y)), Fraction(-1))


@interprets(aten.remainder.Tensor, aten.remainder.Scalar, computes=True)
def remainder(o: Reader, x: Any, y: Any) -> Ids:
    """Return x − y · ⌊x / y⌋."""
    return _remaining(o, x, y, "floor")


@interprets(aten.fmod.Tensor, aten.fmod.Scalar, computes=True)
def fmod(o: Reader, x: Any, y: Any) -> Ids:
    """Return x − y · ⌊x / y⌋, the quotient brought nearer to 0."""
    return _remaining(o, x, y, "trunc")
