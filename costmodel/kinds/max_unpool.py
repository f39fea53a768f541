"""What max-unpooling costs: no operation, but all that is moved."""

from costmodel.counts import Cost
from pooling.arguments import PoolingArguments


def forward(pooling: PoolingArguments) -> Cost:
    """Return the cost of putting every maximum where its index says: nothing is computed.

    Maxima and their indices are read, and the whole output is written.

    >>> import costmodel
    >>> costmodel.flops("max_unpool2d", (1, 64, 56, 56), 2)
    0
    >>> costmodel.bytes_moved("max_unpool2d", (1, 64, 56, 56), 2)
    5619712
    """
    return Cost(pooling, indices=pooling.inputs)
