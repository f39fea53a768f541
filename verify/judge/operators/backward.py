"""What autograd executes on its way back, as terms: the derivatives as torch's kernels have them.

Most of what autograd does is made of operators that other files interpret. Here are those that are
there for nothing else: a gradient that goes back through a window, a slice, a convolution, a
function. Where a derivative does not exist the kernel decides, and so does its handler: a ReLU
gives 0 at 0, a maximum gives everything to the place that it noted going forward.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy
import torch

from verify.judge.operators.arithmetic import fraction, real_only
from verify.judge.operators.linear import batch_norm, convolution
from verify.judge.operators.places import handed_out
from verify.judge.operators.pools import adaptive_taps, divisors, pooled_places
from verify.judge.operators.registry import interprets
from verify.judge.operators.scattering import accumulated
from verify.judge.symbols.algebra import NoTermError
from verify.judge.symbols.terms import ZERO, Ids

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from verify.judge.watching.reader import Reader

aten = torch.ops.aten


def gathered_back(o: Reader, grad: Ids, places: NDArray[Any], shape: Sequence[int]) -> Ids:
    """Return, of a shape, the sums of the gradients that came from each of its elements.

    Args:
        o: What is asked for terms.
        grad: Terms.
        places: For each of them the flat place that its element was taken from, −1 for none.
        shape: The shape of what elements were taken from.
    """
    base = numpy.full(tuple(shape), ZERO, numpy.int32)
    flat, where = grad.reshape(-1), places.reshape(-1)
    taken = where >= 0
    return accumulated(o, base, where[taken], flat[taken], "sum")


def _numbered(shape: Sequence[int]) -> torch.Tensor:
    return torch.arange(math.prod(shape)).reshape(tuple(shape))


# -- views and copies ----------------------------------------------------------------------------


def _back_through(overload: Any, forward: Callable[..., torch.Tensor]) -> None:
    """Interpret the way back through an operator that only takes elements from places."""

    @interprets(overload, computes=True)
    def back(o: Reader, grad: torch.Tensor, sizes: Sequence[int], *how: Any, **named: Any) -> Ids:
        places = forward(_numbered(sizes), *how, **named).numpy()
        return gathered_back(o, o.ids(grad), places, sizes)


_back_through(aten.unfold_backward.default, lambda x, dim, size, step: x.unfold(dim, size, step))
_back_through(aten.slice_backward.default, aten.slice.Tensor)
_back_through(aten.select_backward.default, aten.select.int)
_back_through(aten.diagonal_backward.default, aten.diagonal.default)


def _back_through_padding(overload: Any, forward: Any) -> None:
    @interprets(overload, computes=True)
    def back(o: Reader, grad: torch.Tensor, x: torch.Tensor, padding: Sequence[int]) -> Ids:
        places = forward(_numbered(x.shape).double(), padding).long().numpy()
        return gathered_back(o, o.ids(grad), places, x.shape)


for _overload, _forward in (
    (aten.reflection_pad1d_backward.default, aten.reflection_pad1d.default),
    (aten.reflection_pad2d_backward.default, aten.reflection_pad2d.default),
    (aten.reflection_pad3d_backward.default, aten.reflection_pad3d.default),
    (aten.replication_pad1d_backward.default, aten.replication_pad1d.default),
    (aten.replication_pad2d_backward.default, aten.replication_pad2d.default),
    (aten.replication_pad3d_backward.default, aten.replication_pad3d.default),
):
    _back_through_padding(_overload, _forward)


def _back_through_enlarging(overload: Any, forward: Any) -> None:
    @interprets(overload, computes=True)
    def back(
        o: Reader, grad: torch.Tensor, output_size: Any, input_size: Sequence[int], *scales: Any
    ) -> Ids:
        places = forward(_numbered(input_size).double(), output_size, *scales).long().numpy()
        return gathered_back(o, o.ids(grad), places, input_size)


for _overload, _forward in (
    (aten.upsample_nearest1d_backward.default, aten.upsample_nearest1d.default),
    (aten.upsample_nearest2d_backward.default, aten.upsample_nearest2d.default),
    (aten.upsample_nearest3d_backward.default, aten.upsample_nearest3d.default),
):
    _back_through_enlarging(_overload, _forward)


# -- poolings ------------------------------------------------------------------------------------


def _to_places(o: Reader, grad: torch.Tensor, x: torch.Tensor, indices: torch.Tensor,
               count: int) -> Ids:  # fmt: skip
    """Return gradients given, in each plane, to the places that the indices say."""
    plane = math.prod(x.shape[x.ndim - count :])
    given, places = o.ids(grad).reshape(-1), o.ids(indices).reshape(-1)
    whose, targets, sources = handed_out(o, places, given)
    of_a_plane = len(given) // math.prod(x.shape[: x.ndim - count])
    base = numpy.full(tuple(x.shape), ZERO, numpy.int32)
    return accumulated(o, base, whose // of_a_plane * plane + targets, sources, "sum")


def _back_through_max_pool(overload: Any, count: int) -> None:
    @interprets(overload, computes=True)
    def back(
        o: Reader, grad: torch.Tensor, x: torch.Tensor, kernel_size: Any, stride: Any, padding: Any,
        dilation: Any, ceil_mode: bool, indices: torch.Tensor,
    ) -> Ids:  # fmt: skip
        return _to_places(o, grad, x, indices, count)


_back_through_max_pool(aten.max_pool2d_with_indices_backward.default, 2)
_back_through_max_pool(aten.max_pool3d_with_indices_backward.default, 3)


def _back_through_adaptive_max_pool(overload: Any, count: int) -> None:
    @interprets(overload, computes=True)
    def back(o: Reader, grad: torch.Tensor, x: torch.Tensor, indices: torch.Tensor) -> Ids:
        return _to_places(o, grad, x, indices, count)


_back_through_adaptive_max_pool(aten.adaptive_max_pool2d_backward.default, 2)
_back_through_adaptive_max_pool(aten.adaptive_max_pool3d_backward.default, 3)


def _back_through_fractional_max_pool(overload: Any, count: int) -> None:
    @interprets(overload, computes=True)
    def back(
        o: Reader, grad: torch.Tensor, x: torch.Tensor, kernel_size: Any, output_size: Any,
        indices: torch.Tensor,
    ) -> Ids:  # fmt: skip
        return _to_places(o, grad, x, indices, count)


_back_through_fractional_max_pool(aten.fractional_max_pool2d_backward.default, 2)
_back_through_fractional_max_pool(aten.fractional_max_pool3d_backward.default, 3)


def _shared(o: Reader, grad: Ids, divisor: NDArray[Any]) -> Ids:
    """Return every gradient divided by a whole number of its own."""
    flat, by = grad.reshape(-1), numpy.broadcast_to(divisor, grad.shape).reshape(-1)
    result = numpy.empty_like(flat)
    for number in numpy.unique(by):
        here = by == number
        if number <= 0:
            raise NoTermError("a mean of nothing")
        result[here] = o.algebra.linear(flat[here][:, None], [Fraction(1, int(number))])
    return result.reshape(grad.shape)


def _back_through_avg_pool(overload: Any, count: int) -> None:
    @interprets(overload, computes=True)
    def back(
        o: Reader, grad: torch.Tensor, x: torch.Tensor, kernel_size: Any, stride: Any, padding: Any,
        ceil_mode: bool, count_include_pad: bool, divisor_override: int | None,
    ) -> Ids:  # fmt: skip
        how = (kernel_size, stride, padding)
        places = pooled_places(o, x, count, *how, 1, ceil_mode)
        by = divisors(x.shape, tuple(grad.shape), count, *how, count_include_pad, divisor_override)
        shares = _shared(o, o.ids(grad), by).reshape(-1, 1)
        return gathered_back(o, numpy.broadcast_to(shares, places.shape), places, x.shape)


_back_through_avg_pool(aten.avg_pool2d_backward.default, 2)
_back_through_avg_pool(aten.avg_pool3d_backward.default, 3)


def _back_through_adaptive_avg_pool(overload: Any, count: int) -> None:
    @interprets(overload, computes=True)
    def back(o: Reader, grad: torch.Tensor, x: torch.Tensor) -> Ids:
        numbers: Any = _numbered(x.shape).numpy()
        ids: Any = o.ids(grad)
        parts, places = [], []
        for place, taps in adaptive_taps(x.shape[x.ndim - count :], grad.shape[x.ndim - count :]):
            of_place = ids[..., *place].reshape(-1, 1)
            window = numbers[..., *taps].reshape(len(of_place), -1)
            share = _shared(o, of_place, numpy.array(window.shape[1]))
            parts.append(numpy.broadcast_to(share, window.shape).reshape(-1))
            places.append(window.reshape(-1))
        return gathered_back(o, numpy.concatenate(parts), numpy.concatenate(places), x.shape)


_back_through_adaptive_avg_pool(aten._adaptive_avg_pool2d_backward.default, 2)
_back_through_adaptive_avg_pool(aten._adaptive_avg_pool3d_backward.default, 3)


# -- convolutions and normalisation ---------------------------------------------------------------


@interprets(aten.convolution_backward.default, computes=True)
def back_through_convolution(
    o: Reader, grad: torch.Tensor, x: torch.Tensor, weight: torch.Tensor, bias_sizes: Any,
    stride: Sequence[int], padding: Sequence[int], dilation: Sequence[int], transposed: bool,
    output_padding: Sequence[int], groups: int, output_mask: Sequence[bool],
) -> Any:  # fmt: skip
    """Return the gradient of the input: the convolution transposed, or no longer so."""
    if not output_mask[0]:
        raise NoTermError("a gradient of weights")
    count = weight.ndim - 2
    stride, padding, dilation = (tuple(v) * (count // len(v)) for v in (stride, padding, dilation))
    if transposed:
        found = convolution(
            o, grad, weight, None, stride, padding, dilation, False, (0,) * count, groups
        )
        return found, ..., ...
    left_over = [
        n - ((m - 1) * s - 2 * p + d * (k - 1) + 1)
        for n, m, s, p, d, k in zip(
            x.shape[2:], grad.shape[2:], stride, padding, dilation, weight.shape[2:], strict=True
        )
    ]
    found = convolution(o, grad, weight, None, stride, padding, dilation, True, left_over, groups)
    return found, ..., ...


@interprets(aten.native_batch_norm_backward.default, computes=True)
def back_through_batch_norm(
    o: Reader, grad: torch.Tensor, x: torch.Tensor, weight: Any, mean: Any, variance: Any,
    saved_mean: Any, saved_deviation: Any, training: bool, eps: float, output_mask: Any,
) -> Any:  # fmt: skip
    """Return gradients times one known factor for each channel."""
    if variance is None:
        raise NoTermError("statistics of the batch (in training mode: call .eval() first)")
    none = torch.zeros_like(variance)
    made = batch_norm(o, grad, weight, None, none, variance, training, 0.0, eps)
    return made[0], ..., ...


# -- functions -----------------------------------------------------------------------------------


@interprets(aten.threshold_backward.default)
def back_through_threshold(o: Reader, grad: Any, x: torch.Tensor, least: Any) -> Ids:
    """Return 0 where x is at most a number, else the gradient: of a ReLU, 0 at 0."""
    return o.algebra.select(o.algebra.compare("le", o.ids(x), o.number(least)), ZERO, o.ids(grad))


@interprets(aten.hardtanh_backward.default)
def back_through_hardtanh(o: Reader, grad: Any, x: torch.Tensor, low: Any, high: Any) -> Ids:
    """Return the gradient strictly inside an interval, else 0."""
    ids, given = o.ids(x), o.ids(grad)
    below = o.algebra.compare("le", ids, o.number(low))
    above = o.algebra.compare("ge", ids, o.number(high))
    return o.algebra.select(below, ZERO, o.algebra.select(above, ZERO, given))


@interprets(aten.leaky_relu_backward.default, computes=True)
def back_through_leaky_relu(
    o: Reader, grad: Any, x: torch.Tensor, slope: Any, self_is_result: bool
) -> Ids:
    """Return the gradient where x is above 0, else its part."""
    real_only(o, "leaky_relu")
    given = o.ids(grad)
    above = o.algebra.compare("gt", o.ids(x), ZERO)
    return o.algebra.select(above, given, o.algebra.scaled(given, fraction(slope)))


@interprets(aten._prelu_kernel_backward.default, computes=True)
def back_through_prelu(o: Reader, grad: Any, x: torch.Tensor, slope: torch.Tensor) -> Any:
    """Return the gradient where x is above 0, else times the slope; of the slope nothing."""
    real_only(o, "prelu")
    given = o.ids(grad)
    above = o.algebra.compare("gt", o.ids(x), ZERO)
    return o.algebra.select(above, given, o.algebra.multiply(given, o.ids(slope))), ...


@interprets(aten.sigmoid_backward.default, computes=True)
def back_through_sigmoid(o: Reader, grad: Any, y: torch.Tensor) -> Ids:
    """Return grad · y · (1 − y)."""
    real_only(o, "sigmoid")
    rest = o.algebra.add(o.algebra.constant(1), o.ids(y), Fraction(-1))
    return o.algebra.multiply(o.ids(grad), o.algebra.multiply(o.ids(y), rest))


@interprets(aten.tanh_backward.default, computes=True)
def back_through_tanh(o: Reader, grad: Any, y: torch.Tensor) -> Ids:
    """Return grad · (1 − y²)."""
    real_only(o, "tanh")
    square = o.algebra.multiply(o.ids(y), o.ids(y))
    rest = o.algebra.add(o.algebra.constant(1), square, Fraction(-1))
    return o.algebra.multiply(o.ids(grad), rest)


@interprets(aten.softplus_backward.default, computes=True)
def back_through_softplus(o: Reader, grad: Any, x: torch.Tensor, beta: Any, threshold: Any) -> Ids:
    """Return grad · sigmoid(βx), and grad itself where βx is larger than a threshold."""
    real_only(o, "softplus")
    scaled = o.algebra.scaled(o.ids(x), fraction(beta))
    soft = o.algebra.multiply(o.ids(grad), o.algebra.function("sigmoid", scaled))
    above = o.algebra.compare("gt", scaled, o.number(threshold))
    return o.algebra.select(above, o.ids(grad), soft)


@interprets(aten._softmax_backward_data.default, computes=True)
def back_through_softmax(
    o: Reader, grad: torch.Tensor, y: torch.Tensor, dim: int, dtype: Any
) -> Ids:
    """Return y · (grad − Σ grad · y)."""
    real_only(o, "softmax")
    each = o.algebra.multiply(o.ids(grad), o.ids(y))
    total = _summed(o, each, dim)
    return o.algebra.add(each, o.algebra.multiply(o.ids(y), total), Fraction(-1))


@interprets(aten._log_softmax_backward_data.default, computes=True)
def back_through_log_softmax(
    o: Reader, grad: torch.Tensor, y: torch.Tensor, dim: int, dtype: Any
) -> Ids:
    """Return grad − eʸ · Σ grad."""
    real_only(o, "log_softmax")
    power = o.algebra.function("exp", o.ids(y))
    share = o.algebra.multiply(power, _summed(o, o.ids(grad), dim))
    return o.algebra.add(o.ids(grad), share, Fraction(-1))


def _summed(o: Reader, ids: Ids, dim: int) -> Ids:
    rows = numpy.moveaxis(ids, dim, -1)
    total = o.algebra.total(rows.reshape(-1, rows.shape[-1])).reshape(rows.shape[:-1])
    return numpy.broadcast_to(numpy.expand_dims(total, dim), ids.shape)
