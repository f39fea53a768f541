"""Log-sum-exp pooling: the logarithm of the mean of the exponentials of the taps."""

from __future__ import annotations

from functools import reduce
from itertools import chain
from math import nan
from operator import add
from typing import TYPE_CHECKING

from pooling.arguments import PoolingArguments
from pooling.evaluation import by_window, real
from pooling.exponentials import (
    elementwise,
    exponents,
    has_exponential,
    largest_of,
    shift,
    temperature_for,
)
from pooling.kind import Kind
from pooling.kinds.softmax_pool import tempered_arguments

if TYPE_CHECKING:
    from pooling.evaluation import Array


@Kind(
    __name__,
    title="Log-sum-exp pooling",
    computes="the logarithm of the mean of the exponentials of the taps of every window",
    source='Pinheiro and Collobert, "From Image-level to Pixel-level Labeling with Convolutional '
    'Networks", 2015, with r = 1/T',
    read=tempered_arguments,
    layers={"LogSumExpPool": "pooling.modules.softmax"},
    also=("log-sum-exp", "LSE"),
    described={"temperature": "A positive number, in the units of ``x``."},
)
def logsumexp_pool(array: Array, arguments: PoolingArguments) -> Array:
    """Return T·log of the mean of exp(xᵢ/T) over the taps of every window, T = ``temperature``.

    The *mean* of the t exponentials, not their sum: so it lies between the mean of the taps, its
    limit as T grows, and the largest, its limit as T goes to 0. The sum gives T·log t more. Of
    numbers it is evaluated as m + T·log1p(mean of expm1((xᵢ − m)/T)), where m is the largest tap:
    less 1, exponentials near 1 keep their digits, which a large T multiplies.

    Arguments, shapes, dtypes and errors are those of :func:`pooling.softmax_pool`. A window with a
    NaN is NaN, and so is one without any tap; one with +inf, or of −inf alone, is that infinity.

    Source: Pinheiro and Collobert, "From Image-level to Pixel-level Labeling with Convolutional
    Networks", 2015, with r = 1/T.

    >>> logsumexp_pool([1000.0, 1000.0, 0.0, -2000.0], (2,)).round(4).tolist()
    [1000.0, -0.6931]
    >>> import sympy
    >>> logsumexp_pool(sympy.symbols("a b"), (2,)).tolist()
    [log(exp(a)/2 + exp(b)/2)]
    """
    array = real(array)
    temperature = temperature_for(array, arguments.options["temperature"])

    def pool(taps: list[Array]) -> Array:
        largest = largest_of(taps)
        # Symbols, and other numbers that bring an exponential of their own, bring no other one.
        own = taps[0].dtype == object and any(map(has_exponential, chain(*taps)))
        exp, log = ("exp", "log") if own else ("expm1", "log1p")
        grown = [elementwise(exp, one) for one in exponents(taps, largest, temperature)]
        logarithm = elementwise(log, reduce(add, grown) / len(taps))
        return shift(largest) + (logarithm if temperature == 1 else logarithm * temperature)

    return by_window(array, arguments.windowed, pool, empty=nan)
