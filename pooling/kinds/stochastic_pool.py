"""Stochastic pooling: a tap drawn by its share of the sum, or the expectation of that."""

from __future__ import annotations

from itertools import accumulate
from math import inf, nan
from typing import TYPE_CHECKING, Any

from pooling.arguments import PoolingArguments
from pooling.checks import holds
from pooling.evaluation import by_window, output_shape, real, weighted_mean
from pooling.kind import Kind, with_options
from pooling.kinds.max_pool import pooling_arguments

if TYPE_CHECKING:
    from numpy.random import Generator

    from pooling.evaluation import Array, Numbers


def _check_training(training: Any) -> None:
    if type(training) is not bool:
        raise TypeError(f"training must be a bool, got {training!r}")


@Kind(
    __name__,
    title="Stochastic pooling",
    computes="a tap of every window drawn with probability xᵢ/Σx, or the expectation of that",
    source='Zeiler and Fergus, "Stochastic Pooling for Regularization of Deep Convolutional '
    'Neural Networks", 2013',
    read=with_options(pooling_arguments, "return_indices", training=(False, _check_training)),
    layers={"StochasticPool": "pooling.modules.stochastic"},
    also=("stochastic",),
    beside={"random_samples": None},
    described={
        "random_samples": "For training the numbers u, of the shape of the result, or a\n"
        "    generator of NumPy that draws them; ``None`` for inference."
    },
)
def stochastic_pool(
    array: Array, arguments: PoolingArguments, random_samples: Numbers | Generator | None = None
) -> Array:
    """Return a tap of every window drawn with probability xᵢ/Σx, or the expectation of that.

    In training a random number u in [0, 1) for each output chooses the first tap, in the order of
    the window, at which the running sum of the taps exceeds u·Σx. At inference the result is the
    expectation Σ xᵢ²/Σ xᵢ, which is the mean of the taps weighted by themselves. Squares of float64
    above 1e154 overflow, and those below 1e-162 vanish; no other float has any as large or small.

    Returns:
        An array of shape ``(*leading, *outputs)``. Floats keep their dtype, integers become
        float64; exact numbers stay exact. A window of zeros, or without any tap, is 0; one with a
        NaN or an infinity is NaN.

    Raises:
        ValueError: A negative number, arguments that torch refuses for a max-pooling, or random
            samples of another shape or outside [0, 1).
        TypeError: A ``kernel_size`` that is no tuple, or values of the wrong type.

    Source: Zeiler and Fergus, "Stochastic Pooling for Regularization of Deep Convolutional Neural
    Networks", 2013.

    >>> stochastic_pool([1.0, 3.0, 0.0, 0.0], (2,)).tolist()
    [2.5, 0.0]
    >>> stochastic_pool([1.0, 3.0, 1.0, 3.0], (2,), random_samples=[0.2, 0.3]).tolist()
    [1.0, 3.0]
    >>> stochastic_pool([1.0, -3.0], (2,))
    Traceback (most recent call last):
    ...
    ValueError: x must not be negative in a stochastic pooling, got -3.0 at (1,)
    """
    array = real(array)
    _check_non_negative(array)
    axes = arguments.windowed
    if random_samples is None:
        return by_window(array, axes, _expected, empty=0)
    samples = _samples(random_samples, output_shape(array, axes))
    return by_window(array, axes, _drawn, 0, samples)


def _check_non_negative(array: Array) -> None:
    import numpy

    # Of symbols only those that are surely negative can be refused.
    below = numpy.frompyfunc(lambda value: holds(value < 0), 1, 1)
    negative = below(array).astype(bool) if array.dtype == object else array < 0
    if negative.any():
        place = tuple(int(axis[0]) for axis in numpy.nonzero(negative))
        raise ValueError(
            f"x must not be negative in a stochastic pooling, got {array[place]} at {place}"
        )


def _samples(random_samples: Any, shape: tuple[int, ...]) -> Array:
    import numpy

    if isinstance(random_samples, numpy.random.Generator):
        return random_samples.random(shape)
    samples = numpy.asarray(random_samples)
    if samples.shape != shape:
        raise ValueError(f"random_samples must have the shape {shape}, got {samples.shape}")
    outside = ~((samples >= 0) & (samples < 1))
    if outside.any():
        raise ValueError(
            f"random_samples must be at least 0 and less than 1, got {samples[outside][0]}"
        )
    return samples


def _expected(taps: list[Array]) -> Array:
    """Return Σ x²/Σ x, and 0 for a window of zeros."""
    return weighted_mean(taps, taps)


def _drawn(taps: list[Array], random: Array) -> Array:
    """Return the first tap at which the running sum exceeds its share ``random`` of the whole."""
    import numpy

    sums = list(accumulate(taps))
    threshold = sums[-1] * random
    chosen = taps[-1]
    for tap, reached in zip(reversed(taps[:-1]), reversed(sums[:-1]), strict=True):
        chosen = numpy.where(reached > threshold, tap, chosen)
    return numpy.where(sums[-1] < inf, chosen, nan)
