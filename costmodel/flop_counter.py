"""The operators that torch dispatches, read as calls of the operators that have a cost.

Apart from the registry because torch dispatches other operators than the functions that users
call: one-dimensional poolings arrive as two-dimensional ones, and adaptive average pooling to one
output as a mean. The reading serves torch's own counter, which wants a number, and
:mod:`costmodel.model`, which wants the whole cost. Torch is loaded when it is asked for.
"""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from costmodel.counts import Cost
from costmodel.registry import cost

_Formula = Callable[..., int]


class PoolingCall(NamedTuple):
    """A dispatched operator as the call of one that has a cost.

    >>> PoolingCall("max_pool2d", (1, 4, 4), ([2, 2],), {}).cost().flops
    12
    """

    operator: str
    shape: Sequence[int]
    args: tuple[Any, ...]
    kwargs: dict[str, Any]

    def cost(self) -> Cost:
        """Return what the call costs; errors are those of :func:`costmodel.cost`."""
        return cost(self.operator, self.shape, *self.args, **self.kwargs)


#: What an operator was called with, shapes in place of tensors → the call, if it is a pooling.
Reader = Callable[..., PoolingCall | None]


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
    return {packet: _formula(reader) for packet, reader in pooling_readers().items()}


def pooling_readers() -> dict[Any, Reader]:
    """Return how to read each operator that torch dispatches for a pooling.

    A reader takes what the operator was called with, shapes in place of tensors, and returns the
    :class:`PoolingCall`, or ``None`` for a call that pools nothing.

    >>> import torch
    >>> call = pooling_readers()[torch.ops.aten.mean]((1, 2048, 7, 7), [-1, -2], True)
    >>> call.operator, call.args
    ('adaptive_avg_pool2d', (1,))
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


def _formula(reader: Reader) -> _Formula:
    """Return the number that torch's counter wants of a call."""

    def formula(*args: Any, out_shape: Any = None, **kwargs: Any) -> int:
        call = reader(*args, **kwargs)
        return 0 if call is None else int(call.cost().flops)

    return formula


def _forward(operator: str, count: int) -> Reader:
    """Return the reader of an operator whose first ``count`` arguments are those of ours.

    What follows them (random samples, indices, a tensor to write into) does not change the count.
    """

    def read(shape: Sequence[int], *args: Any, **kwargs: Any) -> PoolingCall:
        for name in ("out", "indices", "random_samples"):
            kwargs.pop(name, None)
        return PoolingCall(operator, shape, args[:count], kwargs)

    return read


def _backward(operator: str, count: int) -> Reader:
    """Return the reader of a backward pass: the shape of the gradient comes first."""
    read_input = _forward(operator, count)

    def read(
        gradient: Sequence[int], shape: Sequence[int], *args: Any, **kwargs: Any
    ) -> PoolingCall | None:
        return read_input(shape, *args, **kwargs)

    return read


def _adaptive_backward(operator: str, dimensions: int) -> Reader:
    """Return the reader of an adaptive backward pass, whose gradient tells the output size."""

    def read(
        gradient: Sequence[int], shape: Sequence[int], *args: Any, **kwargs: Any
    ) -> PoolingCall:
        return PoolingCall(operator, shape, (tuple(gradient[-dimensions:]),), {})

    return read


def _mean(
    shape: Sequence[int], dim: Sequence[int] | None = None, *args: Any, **kwargs: Any
) -> PoolingCall | None:
    count = len(dim or ())
    if count not in (2, 3) or not count < len(shape) <= count + 2:
        return None
    axes = sorted(axis % len(shape) for axis in dim or ())
    if axes != list(range(len(shape) - count, len(shape))) or 0 in shape[1:]:
        return None
    return PoolingCall(f"adaptive_avg_pool{count}d", shape, (1,), {})
