"""What LP pooling costs, forward and backward: powers and roots around an average pooling."""

from math import inf

from costmodel.counts import Cost, Windows
from pooling.arguments import PoolingArguments


def forward(pooling: PoolingArguments) -> Cost:
    """Return the cost of (k · mean of xᵖ)^(1/p) over every window.

    As torch computes it: one power for every element of the input, whether a window reads it or
    not; t − 1 additions and one division for a window of t taps; one multiplication by the size
    of a whole window and one root, which is a power, for every output. Powers count one each
    whatever the exponent, 1 and 2 included. An infinite ``norm_type`` is a max-pooling, or a
    min-pooling, of absolute values, and takes t − 1 comparisons. Signs are free. Without
    ``scale_overhang`` there is neither the division nor the multiplication.

    >>> import costmodel
    >>> pooled = costmodel.cost("lp_pool2d", (1, 64, 112, 112), norm_type=2, kernel_size=2)
    >>> pooled.powers, pooled.additions, pooled.multiplications, pooled.divisions
    (1003520, 602112, 200704, 200704)
    """
    if abs(pooling.options["norm_type"]) == inf:
        return Cost(pooling, comparisons=pooling.combinations)
    outputs = pooling.outputs
    scaled = outputs if pooling.options["scale_overhang"] else 0
    return Cost(
        pooling,
        additions=pooling.combinations,
        multiplications=scaled,
        divisions=scaled,
        powers=pooling.inputs + outputs,
    )


def backward(pooling: PoolingArguments) -> Cost:
    """Return the cost of the gradient of (k · mean of xᵖ)^(1/p) over every window.

    As torch takes it, backwards through root, product, mean and power, from the gradient g of the
    output, the input x and the sums s = k · mean of xᵖ that the forward pass kept:

    - g · (1/p · s^(1/p − 1)) · k: one power and three multiplications for every output,
    - the gradient of the mean: one division for every output and one addition for every tap
      (without ``scale_overhang`` there is neither that division nor the product with k),
    - its product with p · x^(p − 1): one power and two multiplications for every element of the
      input, whether a window reads it or not.

    Powers count one each whatever the exponent. Of an infinite ``norm_type`` it is the gradient of
    a max-pooling, one addition for every window, with the sign of x. Signs are free: torch's factor
    sign(s) · ReLU(|s|), which is s, is left out here as in :func:`forward`.

    Source: ``pow_backward`` in torch's FunctionsManual.cpp.

    >>> import costmodel
    >>> pooled = costmodel.cost("lp_pool2d_backward", (1, 64, 112, 112), 2, kernel_size=2)
    >>> pooled.powers, pooled.additions, pooled.multiplications, pooled.divisions
    (1003520, 802816, 2207744, 200704)
    """
    inputs, outputs, taps = pooling.inputs, pooling.outputs, pooling.taps
    scaled = pooling.options["scale_overhang"]
    if abs(pooling.options["norm_type"]) == inf:
        windows = Windows(inputs, taps, pooling.input_shape, touched=outputs + inputs)
        return Cost(windows, additions=pooling.occupied, indices=outputs)
    return Cost(
        Windows(inputs, taps, pooling.input_shape, touched=2 * outputs + inputs),
        additions=taps,
        multiplications=(3 if scaled else 2) * outputs + 2 * inputs,
        divisions=outputs if scaled else 0,
        powers=outputs + inputs,
    )
