"""What softmax, log-sum-exp, stochastic and mixed pooling cost, as their definitions evaluate them.

Apart from max- and average pooling, between which they lie, because torch has none of them: what
is counted is the code of ``pooling.generalized``, operation by operation. A subtraction is an
addition, and a window without any tap, which ``ceil_mode`` and dilation can bring about, takes
nothing.
"""

from __future__ import annotations

from collections.abc import Sequence

from costmodel.counts import Cost
from costmodel.registry import register
from pooling.arguments import Sizes, average_arguments, pooling_arguments
from pooling.arithmetic import Number
from pooling.conventions import Padding
from pooling.parameters import Real, check_proportion, check_temperature


@register({"softmax_pool1d": 1, "softmax_pool2d": 2, "softmax_pool3d": 3})
def softmax_pool(
    dimensions: int,
    shape: Sequence[Number],
    kernel_size: Sizes,
    stride: Sizes | None = None,
    padding: Padding = 0,
    dilation: Sizes = 1,
    ceil_mode: bool = False,
    temperature: Real = 1,
    *,
    padding_convention: str = "torch",
) -> Cost:
    """Return the cost of Σ xᵢ·eᵢ / Σ eᵢ over every window, eᵢ = exp((xᵢ − max x)/T).

    A window of t taps takes t − 1 comparisons for the largest tap, t subtractions of it, t
    exponentials, t multiplications, t − 1 additions for either sum and one division. A
    ``temperature`` T other than 1 takes t divisions more.

    Arguments and errors are those of :func:`pooling.arguments.pooling_arguments`, and besides
    those of :func:`pooling.parameters.check_temperature`.

    >>> pooled = softmax_pool(2, (1, 64, 112, 112), kernel_size=2)
    >>> pooled.exponentials, pooled.additions, pooled.multiplications, pooled.divisions
    (802816, 2007040, 802816, 200704)
    """
    check_temperature(temperature)
    pooling = pooling_arguments(
        dimensions, shape, kernel_size, stride, padding, dilation, ceil_mode, padding_convention
    )
    taps, windows = pooling.taps, pooling.occupied
    return Cost(
        pooling,
        comparisons=taps - windows,
        additions=taps + 2 * (taps - windows),
        exponentials=taps,
        multiplications=taps,
        divisions=windows if temperature == 1 else windows + taps,
    )


@register({"logsumexp_pool1d": 1, "logsumexp_pool2d": 2, "logsumexp_pool3d": 3})
def logsumexp_pool(
    dimensions: int,
    shape: Sequence[Number],
    kernel_size: Sizes,
    stride: Sizes | None = None,
    padding: Padding = 0,
    dilation: Sizes = 1,
    ceil_mode: bool = False,
    temperature: Real = 1,
    *,
    padding_convention: str = "torch",
) -> Cost:
    """Return the cost of m + T·log(mean of exp((xᵢ − m)/T)) over every window, m = max x.

    A window of t taps takes t − 1 comparisons for the largest tap, t subtractions of it, t
    exponentials, t − 1 additions and one division for their mean, one logarithm, which counts as
    an exponential, and one addition of the largest tap. A ``temperature`` T other than 1 takes t
    divisions and one multiplication more.

    Arguments and errors are those of :func:`softmax_pool`.

    >>> pooled = logsumexp_pool(2, (1, 64, 112, 112), kernel_size=2)
    >>> pooled.exponentials, pooled.additions, pooled.multiplications, pooled.divisions
    (1003520, 1605632, 0, 200704)
    """
    check_temperature(temperature)
    pooling = pooling_arguments(
        dimensions, shape, kernel_size, stride, padding, dilation, ceil_mode, padding_convention
    )
    taps, windows = pooling.taps, pooling.occupied
    scaled = temperature != 1
    return Cost(
        pooling,
        comparisons=taps - windows,
        additions=2 * taps,
        exponentials=taps + windows,
        multiplications=windows if scaled else 0,
        divisions=windows + taps if scaled else windows,
    )


@register({"stochastic_pool1d": 1, "stochastic_pool2d": 2, "stochastic_pool3d": 3})
def stochastic_pool(
    dimensions: int,
    shape: Sequence[Number],
    kernel_size: Sizes,
    stride: Sizes | None = None,
    padding: Padding = 0,
    dilation: Sizes = 1,
    ceil_mode: bool = False,
    training: bool = False,
    *,
    padding_convention: str = "torch",
) -> Cost:
    """Return the cost of Σ xᵢ²/Σ xᵢ over every window or, in training, of drawing one tap of it.

    At inference a window of t taps takes t multiplications, t − 1 additions for either sum and one
    division. In ``training`` it takes t − 1 additions for the running sums, one multiplication of
    the last of them by the random number, and t − 1 comparisons with that. Drawing the random
    numbers, and seeing to it that no tap is negative, is not counted.

    Arguments and errors are those of :func:`pooling.arguments.pooling_arguments`.

    >>> stochastic_pool(2, (1, 64, 112, 112), kernel_size=2).flops
    2207744
    >>> stochastic_pool(2, (1, 64, 112, 112), kernel_size=2, training=True).flops
    1404928
    """
    if type(training) is not bool:
        raise TypeError(f"training must be a bool, got {training!r}")
    pooling = pooling_arguments(
        dimensions, shape, kernel_size, stride, padding, dilation, ceil_mode, padding_convention
    )
    taps, windows = pooling.taps, pooling.occupied
    combinations = taps - windows
    if training:
        return Cost(
            pooling, comparisons=combinations, additions=combinations, multiplications=windows
        )
    return Cost(pooling, additions=2 * combinations, multiplications=taps, divisions=windows)


@register({"mixed_pool1d": 1, "mixed_pool2d": 2, "mixed_pool3d": 3})
def mixed_pool(
    dimensions: int,
    shape: Sequence[Number],
    kernel_size: Sizes,
    stride: Sizes | None = None,
    padding: Padding = 0,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
    proportion: Real = 0.5,
    *,
    padding_convention: str = "torch",
) -> Cost:
    """Return the cost of a·(max-pooling) + (1 − a)·(average pooling), a = ``proportion``.

    That of both poolings, and two multiplications and one addition for every output. With a
    proportion of 0 or 1 it is that of the average or of the maximum alone.

    Arguments and errors are those of :func:`pooling.arguments.average_arguments`, and besides
    those of :func:`pooling.parameters.check_proportion`.

    >>> [mixed_pool(2, (1, 64, 112, 112), 2, proportion=a).flops for a in (0, 0.5, 1)]
    [802816, 2007040, 602112]
    """
    check_proportion(proportion)
    pooling = average_arguments(
        dimensions,
        shape,
        kernel_size,
        stride,
        padding,
        ceil_mode,
        count_include_pad,
        padding_convention=padding_convention,
    )
    outputs, combinations = pooling.outputs, pooling.combinations
    if proportion == 1:
        return Cost(pooling, comparisons=combinations)
    if proportion == 0:
        return Cost(pooling, additions=combinations, divisions=outputs)
    return Cost(
        pooling,
        comparisons=combinations,
        additions=combinations + outputs,
        multiplications=2 * outputs,
        divisions=outputs,
    )
