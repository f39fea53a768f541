"""Operators that make one element of many: sums, means, extremes, products, and running ones."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy
import torch

from verify.judge.operators.arithmetic import fraction, real_only
from verify.judge.operators.registry import interprets
from verify.judge.symbols.algebra import NoTermError
from verify.judge.symbols.terms import Ids

if TYPE_CHECKING:
    from verify.judge.watching.reader import Reader

aten = torch.ops.aten
Dims = int | Sequence[int] | None


def reduced(ids: Ids, dims: Dims, keepdim: bool, make: Callable[[Ids], Ids]) -> Ids:
    """Return what ``make`` makes of every row, the elements along ``dims``."""
    if dims is None or (not isinstance(dims, int) and len(dims) == 0):
        dims = tuple(range(ids.ndim))
    axes = [dims] if isinstance(dims, int) else list(dims)
    if ids.ndim == 0:
        return make(ids.reshape(1, 1)).reshape(())
    axes = sorted(a % ids.ndim for a in axes)
    kept = [a for a in range(ids.ndim) if a not in axes]
    rows = numpy.transpose(ids, (*kept, *axes)).reshape(
        math.prod(ids.shape[a] for a in kept), math.prod(ids.shape[a] for a in axes)
    )
    shape = [1 if a in axes else n for a, n in enumerate(ids.shape)]
    if not keepdim:
        shape = [ids.shape[a] for a in kept]
    return make(rows).reshape(shape)


def _converted(x: torch.Tensor, dtype: Any) -> None:
    if (
        dtype is not None
        and dtype is not x.dtype
        and not (dtype.is_floating_point and x.dtype.is_floating_point)
    ):
        raise NoTermError(f"a sum in {dtype}")


@interprets(aten.sum.default, aten.sum.dim_IntList, computes=True)
def total(
    o: Reader, x: torch.Tensor, dim: Dims = None, keepdim: bool = False, *, dtype: Any = None
) -> Ids:
    """Return sums."""
    if x.dtype is not torch.bool:
        _converted(x, dtype)
    return reduced(o.numeric(x), dim, keepdim, o.algebra.total)


@interprets(aten.mean.default, aten.mean.dim, computes=True)
def mean(
    o: Reader, x: torch.Tensor, dim: Dims = None, keepdim: bool = False, *, dtype: Any = None
) -> Ids:
    """Return means."""
    _converted(x, dtype)
    return reduced(
        o.numeric(x), dim, keepdim, lambda rows: o.algebra.total(rows, Fraction(1, rows.shape[1]))
    )


def _spread(o: Reader, rows: Ids, correction: Any) -> Ids:
    """Return Σ (x − mean)² / (n − correction) of every row."""
    count = rows.shape[1]
    left = count - (1 if correction is None else fraction(correction))
    if left <= 0:
        raise NoTermError(f"a variance of {count} elements with {left} degrees of freedom")
    middle = o.algebra.total(rows, Fraction(1, count))
    apart = o.algebra.add(rows, middle[:, None], Fraction(-1))
    # Kernels go on from one element to the next, and round more on their way.
    return o.algebra.linear(
        o.algebra.multiply(apart, apart), [1 / Fraction(left)] * count, 8 * count
    )


@interprets(aten.var.correction, computes=True)
def variance(
    o: Reader, x: torch.Tensor, dim: Dims = None, *, correction: Any = None, keepdim: bool = False
) -> Ids:
    """Return variances."""
    real_only(o, "var")
    return reduced(o.numeric(x), dim, keepdim, lambda rows: _spread(o, rows, correction))


@interprets(aten.std.correction, computes=True)
def deviation(
    o: Reader, x: torch.Tensor, dim: Dims = None, *, correction: Any = None, keepdim: bool = False
) -> Ids:
    """Return the square roots of variances."""
    real_only(o, "std")
    return o.algebra.function("sqrt", variance(o, x, dim, correction=correction, keepdim=keepdim))


@interprets(aten.amax.default)
def amax(o: Reader, x: torch.Tensor, dim: Dims = None, keepdim: bool = False) -> Ids:
    """Return the largest elements."""
    return reduced(o.numeric(x), dim, keepdim, lambda r: o.algebra.extreme(r, largest=True))


@interprets(aten.amin.default)
def amin(o: Reader, x: torch.Tensor, dim: Dims = None, keepdim: bool = False) -> Ids:
    """Return the smallest elements."""
    return reduced(o.numeric(x), dim, keepdim, lambda r: o.algebra.extreme(r, largest=False))


@interprets(aten.max.default)
def maximum(o: Reader, x: torch.Tensor) -> Ids:
    """Return the largest of all."""
    return amax(o, x)


@interprets(aten.min.default)
def minimum(o: Reader, x: torch.Tensor) -> Ids:
    """Return the smallest of all."""
    return amin(o, x)


@interprets(aten.aminmax.default)
def both(o: Reader, x: torch.Tensor, *, dim: Dims = None, keepdim: bool = False) -> Any:
    """Return the smallest and the largest."""
    return amin(o, x, dim, keepdim), amax(o, x, dim, keepdim)


@interprets(aten.any.default, aten.any.dim, aten.any.dims)
def any_(o: Reader, x: torch.Tensor, dim: Dims = None, keepdim: bool = False) -> Ids:
    """Say whether any is true."""
    return reduced(o.truth(x), dim, keepdim, lambda rows: o.algebra.connected("or", rows))


@interprets(aten.all.default, aten.all.dim, aten.all.dims)
def all_(o: Reader, x: torch.Tensor, dim: Dims = None, keepdim: bool = False) -> Ids:
    """Say whether all are true."""
    return reduced(o.truth(x), dim, keepdim, lambda rows: o.algebra.connected("and", rows))


@interprets(aten.prod.default, aten.prod.dim_int, computes=True)
def product(
    o: Reader, x: torch.Tensor, dim: Dims = None, keepdim: bool = False, *, dtype: Any = None
) -> Ids:
    """Return products."""
    _converted(x, dtype)
    if o.algebra.rounds:
        raise NoTermError(f"a product, whose rounding in {o.algebra.system.name} is not known")

    def make(rows: Ids) -> Ids:
        result = rows[:, 0]
        for k in range(1, rows.shape[1]):
            result = o.algebra.multiply(result, rows[:, k])
        return result

    return reduced(o.numeric(x), dim, keepdim, make)


@interprets(aten.logsumexp.default, computes=True)
def logsumexp(o: Reader, x: torch.Tensor, dim: Dims, keepdim: bool = False) -> Ids:
    """Return log Σ eˣ."""
    powers = o.algebra.function("exp", o.ids(x))
    return o.algebra.function("log", reduced(powers, dim, keepdim, o.algebra.total))


@interprets(aten._softmax.default, computes=True)
def softmax(o: Reader, x: torch.Tensor, dim: int, half_to_float: bool = False) -> Ids:
    """Return eˣ / Σ eˣ."""
    powers = o.algebra.function("exp", o.ids(x))
    return o.algebra.divide(powers, reduced(powers, dim, True, o.algebra.total))


@interprets(aten._log_softmax.default, computes=True)
def log_softmax(o: Reader, x: torch.Tensor, dim: int, half_to_float: bool = False) -> Ids:
    """Return x − log Σ eˣ."""
    ids = o.ids(x)
    powers = o.algebra.function("exp", ids)
    logarithm = o.algebra.function("log", reduced(powers, dim, True, o.algebra.total))
    return o.algebra.add(ids, logarithm, Fraction(-1))


def running(ids: Ids, dim: int, join: Callable[[Ids, Ids], Ids]) -> Ids:
    """Return for every place what all elements up to it come to."""
    if ids.ndim == 0:
        return ids
    moved = numpy.moveaxis(ids, dim, 0)
    rows = [moved[0]]
    for row in moved[1:]:
        rows.append(join(rows[-1], row))
    return numpy.moveaxis(numpy.stack(rows), 0, dim)


@interprets(aten.cumsum.default, computes=True)
def cumsum(o: Reader, x: torch.Tensor, dim: int, *, dtype: Any = None) -> Ids:
    """Return running sums."""
    _converted(x, dtype)
    if o.algebra.rounds:
        raise NoTermError(f"running sums, whose rounding in {o.algebra.system.name} is not known")
    return running(o.numeric(x), dim, o.algebra.add)


@interprets(aten.linalg_vector_norm.default, computes=True)
def vector_norm(
    o: Reader, x: torch.Tensor, order: Any = 2, dim: Dims = None, keepdim: bool = False,
    *, dtype: Any = None,
) -> Ids:  # fmt: skip
    """Return a norm of order 1, 2 or ∞."""
    _converted(x, dtype)
    ids = o.ids(x)
    if order == math.inf:
        magnitude = o.algebra.absolute(ids)
        return reduced(magnitude, dim, keepdim, lambda r: o.algebra.extreme(r, largest=True))
    if order == 1:
        return reduced(o.algebra.absolute(ids), dim, keepdim, o.algebra.total)
    if order == 2:
        squares = reduced(o.algebra.multiply(ids, ids), dim, keepdim, o.algebra.total)
        return o.algebra.function("sqrt", squares)
    raise NoTermError(f"a norm of order {order}")
