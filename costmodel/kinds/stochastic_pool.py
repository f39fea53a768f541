"""What stochastic pooling costs, in training and at inference, as its definition evaluates it."""

from costmodel.counts import Cost
from pooling.arguments import PoolingArguments


def forward(pooling: PoolingArguments) -> Cost:
    """Return the cost of Σ xᵢ²/Σ xᵢ over every window or, in training, of drawing one tap of it.

    At inference a window of t taps takes t multiplications, t − 1 additions for either sum and one
    division. In ``training`` it takes t − 1 additions for the running sums, one multiplication of
    the last of them by the random number, and t − 1 comparisons with that. Drawing the random
    numbers, and seeing to it that no tap is negative, is not counted.

    >>> import costmodel
    >>> costmodel.flops("stochastic_pool2d", (1, 64, 112, 112), kernel_size=2)
    2207744
    >>> costmodel.flops("stochastic_pool2d", (1, 64, 112, 112), kernel_size=2, training=True)
    1404928
    """
    taps, windows = pooling.taps, pooling.occupied
    combinations = taps - windows
    if pooling.options["training"]:
        return Cost(
            pooling, comparisons=combinations, additions=combinations, multiplications=windows
        )
    return Cost(pooling, additions=2 * combinations, multiplications=taps, divisions=windows)
