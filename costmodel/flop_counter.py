"""The formulas in the form that torch's own counter of operations takes.

Apart from the registry because torch counts the operators it dispatches, and those are not the
functions that users call: one-dimensional poolings arrive as two-dimensional ones, and adaptive
average pooling to one output as a mean. Torch is loaded when the formulas are asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from costmodel.registry import flops

_Formula = Callable[..., int]


def torch_formulas() -> dict[Any, _Formula]:
    """Return a ``custom_mapping`` that makes torch's ``FlopCounterMode`` count pooling.

    Forward and backward passes of max-, average, adaptive and fractional pooling over one, two
    and three axes. LP pooling is seen by torch as the average pooling within it, and counted as
    that. ``aten.mean`` counts where it is a global average pooling, a mean over the last two or
    three axes of a shape that a pooling takes, and 0 elsewhere; its backward pass, an ordinary
    division of an expanded tensor, is not counted.

    >>> import torch
    >>> from torch.utils.flop_counter import FlopCounterMode
    >>> with FlopCounterMode(display=False, custom_mapping=torch_formulas()) as counter:
    ...     y = torch.nn.MaxPool2d(3, 2, 1)(torch.zeros(1, 64, 112, 112, device="meta"))
    >>> counter.get_total_flops()
    1584192
    """
    from torch import ops

    aten = ops.aten
    return {
        aten.max_pool2d_with_indices: _forward("max_pool2d", 5),
        aten.max_pool3d_with_indices: _forward("max_pool3d", 5),
        aten.avg_pool2d: _forward("avg_pool2d", 6),
        aten.avg_pool3d: _forward("avg_pool3d", 6),
        aten._adaptive_avg_pool2d: _forward("adaptive_avg_pool2d", 1),
        aten._adaptive_avg_pool3d: _forward("adaptive_avg_pool3d", 1),
        aten.adaptive_max_pool2d: _forward("adaptive_max_pool2d", 1),
        aten.adaptive_max_pool3d: _forward("adaptive_max_pool3d", 1),
        aten.fractional_max_pool2d: _forward("fractional_max_pool2d", 2),
        aten.fractional_max_pool3d: _forward("fractional_max_pool3d", 2),
        aten.mean: _mean,
        aten.max_pool2d_with_indices_backward: _backward("max_pool2d_backward", 5),
        aten.max_pool3d_with_indices_backward: _backward("max_pool3d_backward", 5),
        aten.avg_pool2d_backward: _backward("avg_pool2d_backward", 6),
        aten.avg_pool3d_backward: _backward("avg_pool3d_backward", 6),
        aten._adaptive_avg_pool2d_backward: _adaptive_backward("adaptive_avg_pool2d_backward", 2),
        aten._adaptive_avg_pool3d_backward: _adaptive_backward("adaptive_avg_pool3d_backward", 3),
        aten.adaptive_max_pool2d_backward: _adaptive_backward("adaptive_max_pool2d_backward", 2),
        aten.adaptive_max_pool3d_backward: _adaptive_backward("adaptive_max_pool3d_backward", 3),
        aten.fractional_max_pool2d_backward: _backward("fractional_max_pool2d_backward", 2),
        aten.fractional_max_pool3d_backward: _backward("fractional_max_pool3d_backward", 2),
    }


def _forward(operator: str, count: int) -> _Formula:
    """Return the formula of an operator whose first ``count`` arguments are those of ours.

    What follows them (random samples, indices, a tensor to write into) does not change the count.
    """

    def formula(shape: Sequence[int], *args: Any, out_shape: Any = None, **kwargs: Any) -> int:
        for name in ("out", "indices", "random_samples"):
            kwargs.pop(name, None)
        return int(flops(operator, shape, *args[:count], **kwargs))

    return formula


def _backward(operator: str, count: int) -> _Formula:
    """Return the formula of a backward pass: the shape of the gradient comes first."""
    of_input = _forward(operator, count)

    def formula(gradient: Sequence[int], shape: Sequence[int], *args: Any, **kwargs: Any) -> int:
        return of_input(shape, *args, **kwargs)

    return formula


def _adaptive_backward(operator: str, dimensions: int) -> _Formula:
    """Return the formula of an adaptive backward pass, whose gradient tells the output size."""

    def formula(gradient: Sequence[int], shape: Sequence[int], *args: Any, **kwargs: Any) -> int:
        return int(flops(operator, shape, tuple(gradient[-dimensions:])))

    return formula


def _mean(shape: Sequence[int], dim: Sequence[int] | None = None, *args: Any, **kwargs: Any) -> int:
    count = len(dim or ())
    if count not in (2, 3) or not count < len(shape) <= count + 2:
        return 0
    axes = sorted(axis % len(shape) for axis in dim or ())
    if axes != list(range(len(shape) - count, len(shape))) or 0 in shape[1:]:
        return 0
    return int(flops(f"adaptive_avg_pool{count}d", shape, 1))
