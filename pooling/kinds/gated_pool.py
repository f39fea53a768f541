"""Gated pooling: a blend of maximum and mean whose share each window decides for itself."""

from __future__ import annotations

from functools import reduce
from math import nan
from operator import add
from typing import TYPE_CHECKING, Any

from pooling.arguments import PoolingArguments
from pooling.arithmetic import maximum
from pooling.evaluation import by_window, real
from pooling.exponentials import elementwise
from pooling.kind import Kind, with_options
from pooling.kinds.max_pool import pooling_arguments

if TYPE_CHECKING:
    from pooling.evaluation import Array, Numbers


@Kind(
    __name__,
    title="Gated pooling",
    computes="a blend of the maximum and the mean of every window, with a share of its own",
    source='Lee, Gallagher and Tu, "Generalizing Pooling Functions in Convolutional Neural '
    'Networks: Mixed, Gated, and Tree", 2016',
    read=with_options(pooling_arguments, "return_indices"),
    layers={"GatedPool": "pooling.modules.gated"},
    also=("gated", "gated max-average"),
    beside={"weights": ...},
    described={
        "weights": "The gating mask, a number for each position of a window, of the shape\n"
        "    ``kernel_size``."
    },
)
def gated_pool(array: Array, arguments: PoolingArguments, weights: Numbers) -> Array:
    """Return a·(largest tap) + (1 − a)·(mean of the taps), with a = σ(Σ wᵢ·xᵢ) of every window.

    w are the ``weights``, one for each position of the window, and σ(s) = 1/(1 + exp(−s)).
    Positions outside the input are no taps. It is evaluated as mean + a·(largest − mean).

    Returns:
        An array of shape ``(*leading, *outputs)``. Floats keep their dtype and are computed in
        float64, integers become float64; symbols stay exact. A window with a NaN or an infinity is
        NaN, and so is one without any tap.

    Raises:
        ValueError: Arguments that torch refuses for a max-pooling, or weights of another shape.
        TypeError: A ``kernel_size`` that is no tuple, or values of the wrong type.

    Source: Lee, Gallagher and Tu, 2016, section 3.2.

    >>> gated_pool([1.0, 3.0, 0.0, 8.0], (2,), weights=[0.0, 0.0]).tolist()
    [2.5, 6.0]
    """
    import numpy

    axes = arguments.windowed
    mask = numpy.asarray(weights)
    if mask.shape != (shape := tuple([axis.kernel_size for axis in axes])):
        raise ValueError(f"weights must have the shape {shape}, got {mask.shape}")

    def pool(taps: list[Array], positions: list[tuple[int, ...]]) -> Array:
        score = reduce(add, [tap * mask[at] for tap, at in zip(taps, positions, strict=True)])
        mean: Array = reduce(add, taps) / len(taps)
        larger: Any = numpy.maximum
        if score.dtype == object:
            larger = numpy.frompyfunc(maximum, 2, 1)
            grown = elementwise("exp", score)
            share = grown / (grown + 1)
        else:
            share = (1 + numpy.tanh(score / 2)) / 2  # which does not overflow
        blend: Array = (reduce(larger, taps) - mean) * share + mean
        return blend

    return by_window(real(array), axes, pool, nan, positions=True)
