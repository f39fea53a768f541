"""Adaptive max-pooling: the largest tap of windows that follow from their number."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from pooling.arguments import PoolingArguments, Sizes, adaptive_axes, check_leading, split_shape
from pooling.arithmetic import Number
from pooling.evaluation import extreme
from pooling.kind import Kind
from pooling.kinds.max_pool import indices

if TYPE_CHECKING:
    from pooling.evaluation import Array


def adaptive_arguments(
    dimensions: int,
    shape: Sequence[Number],
    output_size: Sizes | Sequence[Number | None],
    return_indices: bool = False,
) -> PoolingArguments:
    """Return the checked arguments of an adaptive pooling over the last ``dimensions`` axes.

    Args:
        dimensions: The number of spatial axes: 1, 2 or 3.
        shape: The input shape, ``(N, C, *spatial)`` or unbatched ``(C, *spatial)``. The first
            entry may be 0 in either.
        output_size: The number of windows: one int, or one per spatial axis, of which each may be
            ``None`` (as many as there are elements) if there is more than one axis. 0 and more
            windows than elements are allowed.
        return_indices: Whether the places of the chosen taps are wanted too.

    Raises:
        ValueError: A negative output_size, a wrong number of dimensions or of entries, an empty
            input. Stricter than torch in one place: an average pooling whose outputs are all 1 is
            a mean there, of any shape, and NaN of nothing.
        TypeError: A value of the wrong type, such as ``None`` in place of all entries.

    Source: the checks of ``torch.nn.functional.adaptive_avg_pool2d`` and its neighbours.

    >>> adaptive_arguments(2, (1, 64, 7, 9), (3, None)).output_shape
    (1, 64, 3, 9)
    >>> adaptive_arguments(2, (1, 64, 7, 9), -1)
    Traceback (most recent call last):
    ...
    ValueError: output_size must be at least 0, got -1
    """
    leading, sizes = split_shape(dimensions, shape)
    check_leading(leading, empty_channels=False)
    return PoolingArguments(leading, adaptive_axes(sizes, output_size), indices(return_indices))


@Kind(
    __name__,
    title="Adaptive max-pooling",
    computes="the largest tap of each of so many windows as are asked for",
    source="``torch.nn.functional.adaptive_max_pool2d``",
    chooses=True,
    read=adaptive_arguments,
    torch_layer="AdaptiveMaxPool",
    layers={
        "AdaptiveMaxPool": "pooling.rebuilt.adaptive",
        "GlobalMaxPool": "pooling.modules.global_pool",
    },
    fixed={"GlobalMaxPool": {"output_size": 1}},
    also=("adaptive maximum", "global maximum"),
)
def adaptive_max_pool(array: Array, arguments: PoolingArguments) -> Array:
    """Return the largest tap of every window of an adaptive pooling.

    Window i of m along an axis of n elements is [⌊i·n/m⌋, ⌈(i + 1)·n/m⌉).

    Returns:
        An array of shape ``(*leading, *output_size)`` and of the dtype of ``x``. A window with a
        NaN is NaN.

    Raises:
        ValueError: Arguments that torch refuses.
        TypeError: An ``output_size`` that is no tuple, or values of the wrong type.

    Source: ``torch.nn.functional.adaptive_max_pool2d``.

    >>> adaptive_max_pool([4, 3, 2, 1, 5], (3,)).tolist()
    [4, 3, 5]
    """
    return extreme(array, arguments.adaptive, largest=True)
