"""Softmax pooling: the mean of the taps of a window, weighted by their softmax."""

from __future__ import annotations

from math import inf, nan
from typing import TYPE_CHECKING

from pooling.arguments import PoolingArguments
from pooling.evaluation import by_window, real, weighted_mean
from pooling.exponentials import elementwise, exponents, infinite, largest_of, temperature_for
from pooling.kind import Kind, with_options
from pooling.kinds.max_pool import pooling_arguments
from pooling.parameters import check_temperature

if TYPE_CHECKING:
    from pooling.evaluation import Array

#: Reads the arguments of a windowed pooling with a temperature.
tempered_arguments = with_options(
    pooling_arguments, "return_indices", temperature=(1, check_temperature)
)


@Kind(
    __name__,
    title="Softmax pooling",
    computes="the mean of the taps of every window, weighted by their softmax",
    source='Boureau, Ponce and LeCun, "A Theoretical Analysis of Feature Pooling in Visual '
    'Recognition", 2010; Dive into Deep Learning, "Pooling", exercise on softmax',
    read=tempered_arguments,
    layers={"SoftmaxPool": "pooling.modules.softmax"},
    also=("softmax",),
    described={"temperature": "A positive number, in the units of ``x``."},
)
def softmax_pool(array: Array, arguments: PoolingArguments) -> Array:
    """Return the mean of the taps of every window, weighted by their softmax.

    That is Σ xᵢ·exp(xᵢ/T) / Σ exp(xᵢ/T), T = ``temperature``: the mean of the taps as T grows, and
    the largest as it goes to 0. Of numbers the largest tap m is subtracted first, exp((xᵢ − m)/T),
    which changes nothing in exact arithmetic and keeps every exponential in [0, 1].

    Returns:
        An array of shape ``(*leading, *outputs)``. Floats keep their dtype, integers become
        float64; the exponentials of fractions are floats, those of symbols stay exact. A tap of
        −inf counts for nothing; a window with +inf, or of −inf alone, is that infinity. One with a
        NaN is NaN, and so is one without any tap. Sums of float64 near 1e308 may be infinite.

    Raises:
        ValueError: Arguments that torch refuses for a max-pooling, or a temperature that is not
            positive and finite, or out of the range of float64, from its smallest normal number
            to a 1024th of its largest, for an array that is computed in it.
        TypeError: A ``kernel_size`` that is no tuple, or values of the wrong type.

    Source: Boureau, Ponce and LeCun, "A Theoretical Analysis of Feature Pooling in Visual
    Recognition", 2010; Dive into Deep Learning, "Pooling", exercise on softmax.

    >>> softmax_pool([0.0, 0.0, 3.0, 3.0], (2,)).tolist()
    [0.0, 3.0]
    >>> softmax_pool([1000.0, 0.0], (2,)).tolist(), softmax_pool([2.0, 0.0], (2,), temperature=1e9)
    ([1000.0], array([1.]))
    >>> import sympy
    >>> softmax_pool(sympy.symbols("a b"), (2,)).tolist()
    [(a*exp(a) + b*exp(b))/(exp(a) + exp(b))]
    """
    import numpy

    array = real(array)
    temperature = temperature_for(array, arguments.options["temperature"])

    def pool(taps: list[Array]) -> Array:
        largest = largest_of(taps)
        weights = [elementwise("exp", one) for one in exponents(taps, largest, temperature)]
        # −inf times its weight, which is 0, would be NaN.
        counted = [numpy.where(tap == -inf, 0, tap) for tap in taps]
        return numpy.where(infinite(largest), largest, weighted_mean(weights, counted))

    return by_window(array, arguments.windowed, pool, empty=nan)
