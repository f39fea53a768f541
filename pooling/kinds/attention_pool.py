"""Attention pooling: the mean of the taps of every window, weighted by the softmax of scores."""

from __future__ import annotations

from collections.abc import Sequence
from math import nan
from typing import TYPE_CHECKING

from pooling.arguments import PoolingArguments, Sizes, split_shape
from pooling.arithmetic import Number
from pooling.conventions import Padding
from pooling.evaluation import by_window, real, weighted_mean
from pooling.exponentials import elementwise, exponents, largest_of
from pooling.kind import Kind
from pooling.kinds.max_pool import pooling_arguments

if TYPE_CHECKING:
    from pooling.evaluation import Array, Numbers


def attention_arguments(
    dimensions: int,
    shape: Sequence[Number],
    kernel_size: Sizes | None,
    stride: Sizes | None = None,
    padding: Padding = 0,
    dilation: Sizes = 1,
    ceil_mode: bool = False,
    query: bool = False,
    *,
    padding_convention: str = "torch",
) -> PoolingArguments:
    """Return the checked arguments of an attention pooling.

    Arguments and errors are those of :func:`pooling.pooling_arguments`, but for

    Args:
        dimensions: The number of spatial axes.
        shape: The input shape.
        kernel_size: ``None`` stands for a window as large as the input.
        stride: As there.
        padding: As there.
        dilation: As there.
        ceil_mode: As there.
        query: Whether the scores are those of one query, ⟨q, x⟩/√C, which all channels share, and
            computing them counts.
        padding_convention: As there.

    >>> attention_arguments(2, (1, 64, 7, 5), None).output_shape
    (1, 64, 1, 1)
    """
    if type(query) is not bool:
        raise TypeError(f"query must be a bool, got {query!r}")
    pooling = pooling_arguments(
        dimensions,
        shape,
        split_shape(dimensions, shape)[1] if kernel_size is None else kernel_size,
        stride,
        padding,
        dilation,
        ceil_mode,
        padding_convention=padding_convention,
    )
    return pooling._replace(options={**pooling.options, "query": query})


@Kind(
    __name__,
    title="Attention pooling",
    computes="the mean of the taps of every window, weighted by the softmax of their scores",
    source='Bahdanau, Cho and Bengio, "Neural Machine Translation by Jointly Learning to Align and '
    'Translate", 2015; Gao, Wang and Wu, "LIP: Local Importance-based Pooling", 2019, over windows',
    read=attention_arguments,
    layers={"AttentionPool": "pooling.modules.gated"},
    also=("attention", "local importance"),
    beside={"scores": ...},
    described={
        "scores": "How much each element counts: numbers of the shape of ``x``, or of its spatial\n"
        "    axes, in the logarithm. Of one query q they are ⟨q, xᵢ⟩/√C."
    },
)
def attention_pool(array: Array, arguments: PoolingArguments, scores: Numbers) -> Array:
    """Return Σ xᵢ·exp(sᵢ) / Σ exp(sᵢ) over every window, s being the scores.

    With a window as large as the input it is attention by one query, and where the scores are the
    taps themselves it is softmax pooling. Of numbers the largest score is subtracted first.

    Returns:
        An array of shape ``(*leading, *outputs)``. Floats keep their dtype and are computed in
        float64, integers become float64; symbols stay exact. A window with a NaN, or an infinite
        score, is NaN, and so is one without any tap.

    Raises:
        ValueError: Arguments that torch refuses for a max-pooling, or scores of another shape.
        TypeError: A ``kernel_size`` that is no tuple, or values of the wrong type.

    Source: Bahdanau, Cho and Bengio, 2015, equation 5; Gao, Wang and Wu, 2019, equation 2.

    >>> attention_pool([1.0, 3.0, 5.0, 5.0], (2,), scores=[0.0, 0.0, 7.0, 9.0]).tolist()
    [2.0, 5.0]
    """
    import numpy

    axes = arguments.windowed
    given = numpy.asarray(scores)
    spatial = array.shape[array.ndim - len(axes) :]
    if given.shape not in (array.shape, spatial):
        raise ValueError(
            f"scores must have the shape {array.shape} or {spatial}, got {given.shape}"
        )
    values = real(array)
    both = numpy.stack(numpy.broadcast_arrays(values, real(given))).view(type(array))
    pooled = by_window(both, axes, _pool, nan)
    result: Array = pooled[0]
    return result.astype(values.dtype, copy=False)


def _pool(taps: list[Array]) -> Array:
    """Return the weighted mean of the first half of the places; the other half are the scores."""
    import numpy

    half = len(taps[0]) // 2
    values, scores = [tap[:half] for tap in taps], [tap[half:] for tap in taps]
    shifted = exponents(scores, largest_of(scores), 1)
    mean = weighted_mean([elementwise("exp", one) for one in shifted], values)
    return numpy.concatenate([mean, mean])
