"""Convolutions and matrix products: sums of known weights times elements, zeros left out."""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy
import torch

from verify.judge.operators.arithmetic import fraction
from verify.judge.operators.registry import interprets
from verify.judge.symbols.algebra import NoTermError
from verify.judge.symbols.terms import ZERO, Ids
from verify.judge.symbols.weights import simplest_fraction

if TYPE_CHECKING:
    from verify.judge.watching.reader import Reader

aten = torch.ops.aten


def windows(
    ids: Ids,
    sizes: Sequence[int],
    strides: Sequence[int],
    pads: Sequence[tuple[int, int]],
    dilations: Sequence[int],
    fill: int = ZERO,
) -> Ids:
    """Return the terms of every window over the last axes, as a view.

    Returns an array of shape ``(*leading, *outputs, *sizes)``; ``fill`` stands in the padding.
    """
    count = len(sizes)
    leading = ids.ndim - count
    padded = numpy.pad(ids, [(0, 0)] * leading + list(pads), constant_values=fill)
    extents = [d * (k - 1) + 1 for k, d in zip(sizes, dilations, strict=True)]
    axes = tuple(range(leading, ids.ndim))
    view = numpy.lib.stride_tricks.sliding_window_view(padded, extents, axis=axes)
    steps = (*[slice(None)] * leading, *[slice(None, None, s) for s in strides],
             *[slice(None, None, d) for d in dilations])  # fmt: skip
    found: Ids = view[steps]
    return found


def products(o: Reader, args: Ids, weights: Ids) -> Ids:
    """Return Σ weight · element for every row of ``args`` and every column of known ``weights``.

    Args:
        o: What is asked for terms.
        args: Terms of shape ``(rows, k)``.
        weights: Terms, all of known numbers, of shape ``(k, columns)``.

    Returns:
        Terms of shape ``(rows, columns)``.
    """
    result = numpy.empty((len(args), weights.shape[1]), numpy.int32)
    alike: dict[bytes, Ids] = {}
    unbounded = o.terms.unbounded(args)
    partial = numpy.atleast_1d(o.algebra.partial(args).any(axis=0))
    for column in range(weights.shape[1]):
        values = [_number(o, term) for term in weights[:, column]]
        key = weights[:, column].tobytes()
        if key in alike and o.terms.in_many_ways is None:
            result[:, column] = alike[key]
            continue
        if unbounded is not None or o.algebra.rounds:
            found = o.algebra.linear(args, values, by_matrix=True)
        else:
            kept = [i for i, value in enumerate(values) if value or partial[i]]
            found = (
                o.algebra.linear(args[:, kept], [values[i] for i in kept], by_matrix=True) if kept
                else numpy.full(len(args), ZERO, numpy.int32)
            )  # fmt: skip
        alike[key] = result[:, column] = found
    return result


def _number(o: Reader, term: int) -> Fraction:
    value = o.algebra.value(int(term))
    if value is None:
        raise NoTermError("a product of two tensors that depend on the input")
    if isinstance(value, float):
        raise NoTermError(f"a weight that is {value}")
    return Fraction(value)


def _known(o: Reader, ids: Ids) -> bool:
    return bool(o.terms.known(ids).all())


@interprets(aten.convolution.default, computes=True)
def convolution(
    o: Reader,
    x: torch.Tensor,
    weight: torch.Tensor,
    bias: torch.Tensor | None,
    stride: Sequence[int],
    padding: Sequence[int],
    dilation: Sequence[int],
    transposed: bool,
    output_padding: Sequence[int],
    groups: int,
) -> Ids:
    """Return a convolution with known weights, or of a known tensor with a kernel of terms."""
    ids, kernel = o.ids(x), o.ids(weight)
    if not _known(o, kernel):
        raise NoTermError("a kernel that depends on the input")
    count = weight.ndim - 2
    stride, padding, dilation, output_padding = (
        tuple(v) * (count // len(v)) for v in (stride, padding, dilation, output_padding)
    )
    if transposed:
        ids, kernel, padding_pairs = _transposed(
            ids, kernel, stride, padding, dilation, output_padding, groups
        )
        stride = (1,) * count
    else:
        padding_pairs = [(p, p) for p in padding]
    view = windows(ids, kernel.shape[2:], stride, padding_pairs, dilation)
    batch, outputs = ids.shape[0], view.shape[2 : 2 + count]
    taps = math.prod(kernel.shape[1:])
    channels, inputs = kernel.shape[0] // groups, kernel.shape[1]
    parts = []
    for group in range(groups):
        part = view[:, group * inputs : (group + 1) * inputs]
        part = numpy.moveaxis(part, 1, 1 + count)  # batch, outputs, channels, kernel
        args = part.reshape(-1, taps)
        known = kernel[group * channels : (group + 1) * channels].reshape(channels, taps).T
        parts.append(products(o, args, known))
    result = numpy.concatenate(parts, axis=1)
    if bias is not None:
        if o.terms.in_many_ways is not None and not _known(o, o.ids(bias)):
            raise NoTermError("a bias that depends on the input, which may be added first")
        result = _added(o, result, o.ids(bias)[None, :], taps)
    moved: Ids = numpy.moveaxis(result.reshape(batch, *outputs, -1), -1, 1)
    return moved


def _transposed(
    ids: Ids,
    kernel: Ids,
    stride: Sequence[int],
    padding: Sequence[int],
    dilation: Sequence[int],
    output_padding: Sequence[int],
    groups: int,
) -> tuple[Ids, Ids, list[tuple[int, int]]]:
    """Return the input with zeros between, the kernel turned round, and the padding instead."""
    count = len(stride)
    sizes = [(n - 1) * s + 1 for n, s in zip(ids.shape[2:], stride, strict=True)]
    apart = numpy.full((*ids.shape[:2], *sizes), ZERO, numpy.int32)
    apart[(slice(None), slice(None), *[slice(None, None, s) for s in stride])] = ids
    inputs, channels = kernel.shape[0] // groups, kernel.shape[1]
    turned = kernel.reshape(groups, inputs, channels, *kernel.shape[2:])
    turned = numpy.swapaxes(turned, 1, 2).reshape(groups * channels, inputs, *kernel.shape[2:])
    turned = numpy.flip(turned, tuple(range(2, 2 + count)))
    pads = [
        (d * (k - 1) - p, d * (k - 1) - p + more)
        for k, p, d, more in zip(kernel.shape[2:], padding, dilation, output_padding, strict=True)
    ]
    if any(before < 0 or after < 0 for before, after in pads):
        raise NoTermError("a transposed convolution with more padding than kernel")
    return apart, turned, pads


def matrix_product(o: Reader, a: Ids, b: Ids) -> Ids:
    """Return the product of two matrices of terms."""
    if _known(o, b):
        return products(o, a, b)
    if _known(o, a):
        return products(o, b.T, a.T).T
    if not o.algebra.real:
        raise NoTermError("a product of two tensors that depend on the input")
    rows, k, columns = a.shape[0], a.shape[1], b.shape[1]
    left = numpy.repeat(a, columns, axis=0).reshape(-1)
    right = numpy.tile(b.T, (rows, 1)).reshape(-1)
    each = o.algebra.multiply(left, right).reshape(-1, k)
    return o.algebra.total(each).reshape(rows, columns)


@interprets(aten.mm.default, computes=True)
def mm(o: Reader, a: torch.Tensor, b: torch.Tensor) -> Ids:
    """Return a matrix product."""
    return matrix_product(o, o.ids(a), o.ids(b))


@interprets(aten.bmm.default, computes=True)
def bmm(o: Reader, a: torch.Tensor, b: torch.Tensor) -> Ids:
    """Return matrix products one by one."""
    pairs = zip(o.ids(a), o.ids(b), strict=True)
    return numpy.stack([matrix_product(o, left, right) for left, right in pairs])


@interprets(aten.mv.default, computes=True)
def mv(o: Reader, a: torch.Tensor, b: torch.Tensor) -> Ids:
    """Return a matrix times a vector."""
    return matrix_product(o, o.ids(a), o.ids(b)[:, None])[:, 0]


@interprets(aten.dot.default, computes=True)
def dot(o: Reader, a: torch.Tensor, b: torch.Tensor) -> Ids:
    """Return the product of two vectors."""
    return matrix_product(o, o.ids(a)[None], o.ids(b)[:, None]).reshape(())


@interprets(aten.addmm.default, computes=True)
def addmm(
    o: Reader, x: Any, a: torch.Tensor, b: torch.Tensor, beta: Any = 1, alpha: Any = 1
) -> Ids:
    """Return beta · x + alpha · a b."""
    if o.algebra.rounds:
        raise NoTermError("addmm, which rounds otherwise than a product and a sum")
    found = o.algebra.scaled(matrix_product(o, o.ids(a), o.ids(b)), fraction(alpha))
    return _added(o, found, o.algebra.scaled(o.ids(x), fraction(beta)), a.shape[1])


def _added(o: Reader, sums: Ids, bias: Ids, count: int) -> Ids:
    """Return sums of so many products and what a kernel may begin each of them with.

    Every addition is then rounded as the bias is, whatever small numbers are added.
    """
    if not o.algebra.real or (bias == ZERO).all():
        return o.algebra.add(sums, bias)
    one, other = numpy.broadcast_arrays(sums, bias)
    args = numpy.column_stack([one.reshape(-1), other.reshape(-1)])
    return o.algebra.linear(args, [Fraction(1), Fraction(1)], count + 1).reshape(one.shape)


@interprets(aten.native_batch_norm.default, aten.cudnn_batch_norm.default, computes=True)
def batch_norm(
    o: Reader,
    x: torch.Tensor,
    weight: Any,
    bias: Any,
    mean: Any,
    variance: Any,
    training: bool,
    momentum: float,
    eps: float,
) -> Any:
    """Return a normalisation by known statistics: one factor and one summand for each channel."""
    if training or mean is None or variance is None:
        raise NoTermError("statistics of the batch (in training mode: call .eval() first)")
    if not o.algebra.real:
        raise NoTermError(f"its rounding in {o.algebra.system.name} is not known")
    ids = o.ids(x)
    parts = []
    dtype = str(x.dtype).removeprefix("torch.")
    means, variances = _numbers(o, mean), _numbers(o, variance)
    weights = [1.0] * len(means) if weight is None else _numbers(o, weight)
    biases = [0.0] * len(means) if bias is None else _numbers(o, bias)
    for channel in range(x.shape[1]):
        scale = weights[channel] / math.sqrt(variances[channel] + eps)
        shift = biases[channel] - means[channel] * scale
        factor, summand = (simplest_fraction(v, dtype) if v else Fraction(0)
                           for v in (float(torch.tensor(scale, dtype=x.dtype)),
                                     float(torch.tensor(shift, dtype=x.dtype))))  # fmt: skip
        flat = ids[:, channel].reshape(-1)
        found = o.algebra.add(o.algebra.scaled(flat, factor), o.algebra.constant(summand))
        parts.append(found.reshape(ids[:, channel].shape))
    return numpy.stack(parts, axis=1), ..., ...


def _numbers(o: Reader, vector: torch.Tensor) -> list[float]:
    """Return the numbers of a vector that the module has, or makes without its input."""
    if not o.depends(vector):
        return [float(v) for v in vector.tolist()]
    known = [o.algebra.value(t) for t in o.ids(vector).tolist()]
    if None in known:
        raise NoTermError("statistics or weights that depend on the input")
    return torch.tensor([float(v) for v in known], dtype=vector.dtype).tolist()  # type: ignore[arg-type]


@interprets(aten._native_batch_norm_legit_no_training.default, computes=True)
def batch_norm_in_eval(
    o: Reader, x: torch.Tensor, weight: Any, bias: Any, mean: Any, variance: Any,
    momentum: float, eps: float,
) -> Any:  # fmt: skip
    """Return a normalisation by known statistics."""
    return batch_norm(o, x, weight, bias, mean, variance, False, momentum, eps)
