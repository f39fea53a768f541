"""What fractional max-pooling costs, wherever its windows are drawn."""

from costmodel.counts import Cost
from costmodel.kinds import max_pool
from pooling.arguments import PoolingArguments

backward = max_pool.backward


def forward(pooling: PoolingArguments) -> Cost:
    """Return the cost of choosing one tap of every window: all k of its elements are taps.

    Drawing the windows is not counted.

    >>> import costmodel
    >>> costmodel.flops("fractional_max_pool2d", (1, 64, 32, 32), kernel_size=2, output_size=22)
    92928
    """
    return max_pool.forward(pooling)
