"""Max-pooling: the largest tap of every window."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from pooling.arguments import PoolingArguments, Sizes, windowed
from pooling.arithmetic import Number
from pooling.conventions import Padding
from pooling.evaluation import extreme
from pooling.kind import Kind

if TYPE_CHECKING:
    from pooling.evaluation import Array

_WITHOUT = MappingProxyType({"return_indices": False})
_WITH = MappingProxyType({"return_indices": True})


def indices(return_indices: bool) -> Mapping[str, Any]:
    """Return the options of an operator that hands out places of taps on demand.

    Raises ``TypeError`` if it is not said by True or False.
    """
    if return_indices is False:
        return _WITHOUT
    if return_indices is not True:
        raise TypeError(f"return_indices must be a bool, got {return_indices!r}")
    return _WITH


def pooling_arguments(
    dimensions: int,
    shape: Sequence[Number],
    kernel_size: Sizes,
    stride: Sizes | None = None,
    padding: Padding = 0,
    dilation: Sizes = 1,
    ceil_mode: bool = False,
    return_indices: bool = False,
    *,
    padding_convention: str = "torch",
) -> PoolingArguments:
    """Return the checked arguments of a pooling over the last ``dimensions`` axes of ``shape``.

    Args:
        dimensions: The number of spatial axes: 1, 2 or 3.
        shape: The input shape, ``(N, C, *spatial)`` or unbatched ``(C, *spatial)``. Only N may
            be 0.
        kernel_size: The elements of a window, one int or one per spatial axis.
        stride: The elements from one window to the next; ``None``, or an empty tuple, means
            ``kernel_size``.
        padding: The elements added on *each* side of an axis, at most half of ``kernel_size``:
            one int, one per spatial axis, or one pair (before, after) per spatial axis, to pad
            only the top or only the left. ``dilation`` does not raise the limit.
        dilation: The elements from one position of a window to the next.
        ceil_mode: Whether a last window may overhang the padded input.
        return_indices: Whether the places of the chosen taps are wanted too.
        padding_convention: What ``padding`` means, one of the names in
            :mod:`pooling.conventions`; torch's if it is left out.

    Raises:
        ValueError: A value that torch refuses: a kernel_size, stride or dilation below 1, a
            negative or too large padding, an empty output, a wrong number of dimensions or of
            entries, an empty input.
        TypeError: A value of the wrong type, such as a float or a bool for a size.

    Source: the checks of ``torch.nn.functional.max_pool2d`` and its neighbours.

    >>> pooling_arguments(2, (3, 4, 4), (2, 3), stride=(2, 3), padding=(0, 1)).output_shape
    (3, 2, 2)
    >>> pooling_arguments(2, (1, 64, 112, 112), kernel_size=3, padding=2)
    Traceback (most recent call last):
    ...
    ValueError: padding must be at most 1, half of kernel_size 3, got 2 (padding_...
    >>> pooling_arguments(2, (1, 64, 112, 112), 3, 2, ((1, 0), (1, 0))).axes[0].padding
    (1, 0)
    >>> pooling_arguments(2, (1, 64, 112, 112), 3, 2, padding_convention="same").axes[0].padding
    (0, 1)
    """
    return windowed(
        dimensions, shape, indices(return_indices),
        kernel_size, stride, padding, dilation, ceil_mode, padding_convention,
    )  # fmt: skip


@Kind(
    __name__,
    title="Max-pooling",
    computes="the largest tap of every window",
    source='``torch.nn.functional.max_pool2d``; Dive into Deep Learning, "Pooling"',
    chooses=True,
    read=pooling_arguments,
    torch_layer="MaxPool",
    layers={"MaxPool": "pooling.rebuilt.max_pool"},
    also=("maximum",),
)
def max_pool(array: Array, arguments: PoolingArguments) -> Array:
    """Return the largest tap of every window.

    Returns:
        An array of shape ``(*leading, *outputs)`` and of the dtype of ``x``. A window with a NaN
        is NaN. A window without any tap, which ``ceil_mode`` and ``dilation`` can bring about, is
        the smallest value of the dtype: −inf for floats and objects.

    Raises:
        ValueError: Arguments that torch refuses.
        TypeError: A ``kernel_size`` that is no tuple, or values of the wrong type.

    Source: ``torch.nn.functional.max_pool2d``; Dive into Deep Learning, "Pooling".

    >>> max_pool([[0, 1, 2], [3, 4, 5], [6, 7, 8]], (2, 2), stride=1).tolist()
    [[4, 5], [7, 8]]
    >>> from fractions import Fraction
    >>> max_pool([Fraction(1, 3), Fraction(1, 2), Fraction(2, 7)], (3,)).tolist()
    [Fraction(1, 2)]
    """
    return extreme(array, arguments.windowed, largest=True)
