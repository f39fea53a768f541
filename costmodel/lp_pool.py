"""What LP pooling costs, forward and backward: powers and roots around an average pooling.

Apart from average pooling because it is the one operator that raises to powers.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import inf

from costmodel.counts import Cost, Windows
from costmodel.registry import register
from pooling.arguments import Sizes, norm_arguments
from pooling.arithmetic import Number


@register({"lp_pool1d": 1, "lp_pool2d": 2, "lp_pool3d": 3})
def lp_pool(
    dimensions: int,
    shape: Sequence[Number],
    norm_type: float,
    kernel_size: Sizes,
    stride: Sizes | None = None,
    ceil_mode: bool = False,
) -> Cost:
    """Return the cost of (k · mean of xᵖ)^(1/p) over every window.

    As torch computes it: one power for every element of the input, whether a window reads it or
    not; t − 1 additions and one division for a window of t taps; one multiplication by the size
    of a whole window and one root, which is a power, for every output. Powers count one each
    whatever the exponent, 1 and 2 included. An infinite ``norm_type`` is a max-pooling, or a
    min-pooling, of absolute values, and takes t − 1 comparisons. Signs are free.

    Arguments and errors are those of :func:`pooling.arguments.norm_arguments`, in the order and
    with the defaults of ``torch.nn.functional.lp_pool2d``.

    >>> pooled = lp_pool(2, (1, 64, 112, 112), norm_type=2, kernel_size=2)
    >>> pooled.powers, pooled.additions, pooled.multiplications, pooled.divisions
    (1003520, 602112, 200704, 200704)
    """
    pooling = norm_arguments(dimensions, shape, norm_type, kernel_size, stride, ceil_mode)
    if abs(norm_type) == inf:
        return Cost(pooling, comparisons=pooling.combinations)
    outputs = pooling.outputs
    return Cost(
        pooling,
        additions=pooling.combinations,
        multiplications=outputs,
        divisions=outputs,
        powers=pooling.inputs + outputs,
    )


@register({"lp_pool1d_backward": 1, "lp_pool2d_backward": 2, "lp_pool3d_backward": 3})
def lp_pool_backward(
    dimensions: int,
    shape: Sequence[Number],
    norm_type: float,
    kernel_size: Sizes,
    stride: Sizes | None = None,
    ceil_mode: bool = False,
) -> Cost:
    """Return the cost of the gradient of (k · mean of xᵖ)^(1/p) over every window.

    As torch takes it, backwards through root, product, mean and power, from the gradient g of the
    output, the input x and the sums s = k · mean of xᵖ that the forward pass kept:

    - g · (1/p · s^(1/p − 1)) · k: one power and three multiplications for every output,
    - the gradient of the mean: one division for every output and one addition for every tap,
    - its product with p · x^(p − 1): one power and two multiplications for every element of the
      input, whether a window reads it or not.

    Powers count one each whatever the exponent. Of an infinite ``norm_type`` it is the gradient of
    a max-pooling, one addition for every window, with the sign of x. Signs are free: torch's factor
    sign(s) · ReLU(|s|), which is s, is left out here as in :func:`lp_pool`.

    Arguments and errors are those of :func:`pooling.arguments.norm_arguments`; ``shape`` is that
    of the input of the forward pass.

    Source: ``pow_backward`` in torch's FunctionsManual.cpp.

    >>> pooled = lp_pool_backward(2, (1, 64, 112, 112), norm_type=2, kernel_size=2)
    >>> pooled.powers, pooled.additions, pooled.multiplications, pooled.divisions
    (1003520, 802816, 2207744, 200704)
    """
    pooling = norm_arguments(dimensions, shape, norm_type, kernel_size, stride, ceil_mode)
    inputs, outputs, taps = pooling.inputs, pooling.outputs, pooling.taps
    if abs(norm_type) == inf:
        windows = Windows(inputs, taps, pooling.input_shape, touched=outputs + inputs)
        return Cost(windows, additions=pooling.occupied, indices=outputs)
    return Cost(
        Windows(inputs, taps, pooling.input_shape, touched=2 * outputs + inputs),
        additions=taps,
        multiplications=3 * outputs + 2 * inputs,
        divisions=outputs,
        powers=outputs + inputs,
    )
