"""Poolings between the average and the maximum: softmax, log-sum-exp, stochastic and mixed.

Apart from the definitions of torch's operators because torch has none of these, and because each
of them takes the taps of a window together: the formula of a window is written once, for a list of
taps, and applied to one window after the other. Floats are computed in float64 and rounded once,
to their own dtype; fractions, symbols and other objects are computed as they are. Mixed pooling is
a blend of two reference definitions, and is as exact as they are.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from functools import reduce
from itertools import accumulate, chain, product
from math import inf, nan, prod
from operator import add, mul
from typing import TYPE_CHECKING, Any

from pooling.arguments import Axis, Sizes
from pooling.arithmetic import _is_symbol, maximum
from pooling.checks import holds
from pooling.conventions import Padding
from pooling.parameters import (
    Real,
    check_proportion,
    check_temperature,
    check_temperature_in,
)
from pooling.reference import _axes, avg_pool, max_pool

if TYPE_CHECKING:
    from numpy.random import Generator

    from pooling.reference import Array, Numbers


def softmax_pool(
    x: Numbers,
    kernel_size: Sequence[int],
    stride: Sizes | None = None,
    padding: Padding = 0,
    dilation: Sizes = 1,
    ceil_mode: bool = False,
    temperature: Real = 1,
    padding_convention: str = "torch",
) -> Array:
    """Return the mean of the taps of every window, weighted by their softmax.

    That is Σ xᵢ·exp(xᵢ/T) / Σ exp(xᵢ/T), T = ``temperature``: the mean of the taps as T grows, and
    the largest as it goes to 0. Of numbers the largest tap m is subtracted first, exp((xᵢ − m)/T),
    which changes nothing in exact arithmetic and keeps every exponential in [0, 1].

    Args:
        x: Numbers of shape ``(*leading, *spatial)``: an array of any real dtype, or nested lists.
            The leading axes (batch, channels, none at all) are left alone.
        kernel_size: A tuple with one entry per spatial axis, which also says how many there are.
        stride: As in :func:`pooling.arguments.pooling_arguments`, like the arguments after it.
        padding: Elements on each side of an axis. Padding is never a tap.
        dilation: The elements from one position of a window to the next.
        ceil_mode: Whether a last window may overhang the padded input.
        temperature: A positive number, in the units of ``x``.
        padding_convention: What ``padding`` means, one of the names in
            :mod:`pooling.conventions`.

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

    array = _real(x)
    axes = _axes(array, kernel_size, stride, padding, dilation, ceil_mode, padding_convention)
    temperature = _temperature(temperature, array)

    def pool(taps: list[Array]) -> Array:
        largest = _largest(taps)
        exponents = _exponents(taps, largest, temperature)
        weights = [_elementwise("exp", exponent) for exponent in exponents]
        # −inf times its weight, which is 0, would be NaN.
        counted = [numpy.where(tap == -inf, 0, tap) for tap in taps]
        return numpy.where(_infinite(largest), largest, _weighted_mean(weights, counted))

    return _pool(array, axes, pool, empty=nan)


def logsumexp_pool(
    x: Numbers,
    kernel_size: Sequence[int],
    stride: Sizes | None = None,
    padding: Padding = 0,
    dilation: Sizes = 1,
    ceil_mode: bool = False,
    temperature: Real = 1,
    padding_convention: str = "torch",
) -> Array:
    """Return T·log of the mean of exp(xᵢ/T) over the taps of every window, T = ``temperature``.

    The *mean* of the t exponentials, not their sum: so it lies between the mean of the taps, its
    limit as T grows, and the largest, its limit as T goes to 0. The sum gives T·log t more. Of
    numbers it is evaluated as m + T·log1p(mean of expm1((xᵢ − m)/T)), where m is the largest tap:
    less 1, exponentials near 1 keep their digits, which a large T multiplies.

    Arguments, shapes, dtypes and errors are those of :func:`softmax_pool`. A window with a NaN is
    NaN, and so is one without any tap; one with +inf, or of −inf alone, is that infinity.

    Source: Pinheiro and Collobert, "From Image-level to Pixel-level Labeling with Convolutional
    Networks", 2015, with r = 1/T.

    >>> logsumexp_pool([1000.0, 1000.0, 0.0, -2000.0], (2,)).round(4).tolist()
    [1000.0, -0.6931]
    >>> import sympy
    >>> logsumexp_pool(sympy.symbols("a b"), (2,)).tolist()
    [log(exp(a)/2 + exp(b)/2)]
    """
    array = _real(x)
    axes = _axes(array, kernel_size, stride, padding, dilation, ceil_mode, padding_convention)
    temperature = _temperature(temperature, array)

    def pool(taps: list[Array]) -> Array:
        largest = _largest(taps)
        # Symbols, and other numbers that bring an exponential of their own, bring no other one.
        own = taps[0].dtype == object and any(map(_has_exponential, chain(*taps)))
        exp, log = ("exp", "log") if own else ("expm1", "log1p")
        exponents = _exponents(taps, largest, temperature)
        mean = reduce(add, [_elementwise(exp, exponent) for exponent in exponents]) / len(taps)
        logarithm = _elementwise(log, mean)
        return _shift(largest) + (logarithm if temperature == 1 else logarithm * temperature)

    return _pool(array, axes, pool, empty=nan)


def stochastic_pool(
    x: Numbers,
    kernel_size: Sequence[int],
    stride: Sizes | None = None,
    padding: Padding = 0,
    dilation: Sizes = 1,
    ceil_mode: bool = False,
    random_samples: Numbers | Generator | None = None,
    padding_convention: str = "torch",
) -> Array:
    """Return a tap of every window drawn with probability xᵢ/Σx, or the expectation of that.

    In training a random number u in [0, 1) for each output chooses the first tap, in the order of
    the window, at which the running sum of the taps exceeds u·Σx. At inference the result is the
    expectation Σ xᵢ²/Σ xᵢ, which is the mean of the taps weighted by themselves. Squares of float64
    above 1e154 overflow, and those below 1e-162 vanish; no other float has any as large or small.

    Args:
        x: Non-negative numbers of shape ``(*leading, *spatial)``, as in :func:`softmax_pool`:
            negative ones would be negative probabilities.
        kernel_size: As in :func:`softmax_pool`, like the arguments after it.
        stride: The elements from one window to the next.
        padding: Elements on each side of an axis. Padding is never a tap.
        dilation: The elements from one position of a window to the next.
        ceil_mode: Whether a last window may overhang the padded input.
        random_samples: For training the numbers u above, of the shape of the result, or a
            generator of NumPy that draws them; ``None`` for inference.
        padding_convention: What ``padding`` means.

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
    array = _real(x)
    axes = _axes(array, kernel_size, stride, padding, dilation, ceil_mode, padding_convention)
    _check_non_negative(array)
    if random_samples is None:
        return _pool(array, axes, _expected, empty=0)
    samples = _samples(random_samples, _output_shape(array, axes))
    return _pool(array, axes, _drawn, 0, samples)


def mixed_pool(
    x: Numbers,
    kernel_size: Sequence[int],
    stride: Sizes | None = None,
    padding: Padding = 0,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
    proportion: Real = 0.5,
    padding_convention: str = "torch",
) -> Array:
    """Return a·(max-pooling) + (1 − a)·(average pooling), a = ``proportion``.

    With 0 or 1 only one of the two is computed: a random choice between them, one per call, is a
    proportion drawn from {0, 1}.

    Args:
        x: Numbers of shape ``(*leading, *spatial)``, as in :func:`softmax_pool`.
        kernel_size: A tuple with one entry per spatial axis.
        stride: As in :func:`pooling.avg_pool`, like the arguments up to ``count_include_pad``.
        padding: Elements on each side of an axis.
        ceil_mode: Whether a last window may overhang the padded input.
        count_include_pad: Whether the divisor of the average counts padding.
        proportion: The share of the maximum, from 0 to 1.
        padding_convention: What ``padding`` means.

    Returns:
        An array of shape ``(*leading, *outputs)``. Floats keep their dtype, integers become
        float64; exact numbers stay exact if the proportion is.

    Raises:
        ValueError: Arguments that torch refuses for either pooling, or a proportion outside
            [0, 1].
        TypeError: A ``kernel_size`` that is no tuple, or values of the wrong type.

    Source: Yu, Wang, Chen and Wei, "Mixed Pooling for Convolutional Neural Networks", 2014 (the
    random choice); Lee, Gallagher and Tu, "Generalizing Pooling Functions in Convolutional Neural
    Networks", 2016 (the mixing proportion a).

    >>> mixed_pool([1.0, 3.0, 5.0, 5.0], (2,), proportion=0.75).tolist()
    [2.75, 5.0]
    """
    array = _real(x)
    check_proportion(proportion)
    share = _as_in(array, proportion)

    def largest() -> Array:
        return max_pool(
            array,
            kernel_size,
            stride,
            padding,
            ceil_mode=ceil_mode,
            padding_convention=padding_convention,
        )

    def mean() -> Array:
        return avg_pool(
            array,
            kernel_size,
            stride,
            padding,
            ceil_mode,
            count_include_pad,
            padding_convention=padding_convention,
        )

    if share == 1:
        return largest()
    if share == 0:
        return mean()
    blend: Array = largest() * share + mean() * (1 - share)
    return blend


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


def _temperature(temperature: Real, array: Array) -> Any:
    check_temperature(temperature)
    if array.dtype != object:
        check_temperature_in(temperature, sys.float_info.min, sys.float_info.max, "float64")
    return _as_in(array, temperature)


def _as_in(array: Array, value: Any) -> Any:
    """Return an argument as a number that the array's numbers can be combined with."""
    return value if array.dtype == object else float(value)


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


def _real(x: Numbers) -> Array:
    """Return ``x`` as an array of floats, or of objects as they are."""
    import numpy

    array = numpy.asarray(x)
    return array.astype(numpy.float64) if array.dtype.kind in "biu" else array


def _expected(taps: list[Array]) -> Array:
    """Return Σ x²/Σ x, and 0 for a window of zeros."""
    return _weighted_mean(taps, taps)


def _drawn(taps: list[Array], random: Array) -> Array:
    """Return the first tap at which the running sum exceeds its share ``random`` of the whole."""
    import numpy

    sums = list(accumulate(taps))
    threshold = sums[-1] * random
    chosen = taps[-1]
    for tap, reached in zip(reversed(taps[:-1]), reversed(sums[:-1]), strict=True):
        chosen = numpy.where(reached > threshold, tap, chosen)
    return numpy.where(sums[-1] < inf, chosen, nan)


def _weighted_mean(weights: list[Array], taps: list[Array]) -> Array:
    """Return Σ weight·tap / Σ weight, and 0 if every weight is."""
    import numpy

    total = reduce(add, weights)
    mean: Array = reduce(add, map(mul, weights, taps)) / numpy.where(total == 0, 1, total)
    return mean


def _has_exponential(value: Any) -> bool:
    return _is_symbol(value) or hasattr(value, "exp")


def _exponents(taps: list[Array], largest: Array, temperature: Any) -> list[Array]:
    """Return (tap − largest)/T for every tap, so that no exponential overflows."""
    shift = _shift(largest)
    shifted = [tap - shift for tap in taps]
    return shifted if temperature == 1 else [value / temperature for value in shifted]


def _largest(taps: list[Array]) -> Array:
    """Return the largest tap, or NaN; 0 of symbols, which have no order and do not overflow."""
    import numpy

    larger: Callable[[Array, Array], Array] = numpy.maximum
    if taps[0].dtype == object:
        if any(map(_is_symbol, chain(*taps))):
            return numpy.zeros_like(taps[0])
        larger = numpy.frompyfunc(lambda a, b: a if a != a else maximum(a, b), 2, 1)
    return reduce(larger, taps)


def _shift(largest: Array) -> Array:
    """Return what is subtracted of every tap: nothing in place of an infinity."""
    import numpy

    return numpy.where(_infinite(largest), 0, largest)


def _infinite(values: Array) -> Array:
    infinite: Array = (values == inf) | (values == -inf)
    return infinite


def _elementwise(function: str, values: Array) -> Array:
    """Return exp or log of every value: NumPy's, a symbol's, or that of a number of its own."""
    import numpy

    if values.dtype != object:
        result: Array = getattr(numpy, function)(values)
        return result

    def of(value: Any) -> Any:
        if _is_symbol(value):
            return getattr(sys.modules["sympy"], function)(value)
        if hasattr(value, function):
            return getattr(value, function)()
        return float(getattr(numpy, function)(float(value)))

    mapped: Array = numpy.frompyfunc(of, 1, 1)(values)
    return mapped


def _pool(
    array: Array,
    axes: tuple[Axis, ...],
    pool: Callable[..., Array],
    empty: float,
    *beside: Array,
) -> Array:
    """Return ``pool`` of the taps of every window, and ``empty`` for a window without any.

    ``pool`` takes the taps in the order of the window, each for all places of the leading axes at
    once, and the entry of the window in each of the arrays ``beside``, which have the shape of the
    result.
    """
    import numpy

    shape = _output_shape(array, axes)
    places = prod(array.shape[: array.ndim - len(axes)])
    flat = array.reshape(places, *[axis.size for axis in axes])
    if array.dtype != object:
        flat = flat.astype(numpy.result_type(array.dtype, numpy.float64))
    outputs = [axis.outputs for axis in axes]
    given = [one.reshape(places, *outputs) for one in beside]
    result = numpy.full((places, *outputs), empty, array.dtype)
    with numpy.errstate(all="ignore"):  # NaN and infinities are results here and no accidents
        for window in numpy.ndindex(*outputs):
            taps = [flat[place] for place in _taps_of(axes, window)]
            if taps:
                output: Any = (slice(None), *window)
                result[output] = pool(taps, *[one[output] for one in given])
    return result.reshape(shape)


def _output_shape(array: Array, axes: tuple[Axis, ...]) -> tuple[int, ...]:
    leading = array.shape[: array.ndim - len(axes)]
    return (*leading, *[axis.outputs for axis in axes])


def _taps_of(axes: tuple[Axis, ...], window: tuple[int, ...]) -> Iterator[Any]:
    """Yield the index of every tap of one window, in its order, for all leading places at once."""
    along = []
    for axis, i in zip(axes, window, strict=True):
        start = i * axis.stride - axis.padding[0]
        places = [start + j * axis.dilation for j in range(axis.kernel_size)]
        along.append([place for place in places if 0 <= place < axis.size])
    return ((slice(None), *place) for place in product(*along))
