"""What adaptive average pooling costs; global average pooling is ``output_size`` 1.

Along an axis of n elements m windows have n + m − gcd(n, m) taps together.
"""

from costmodel.counts import Cost
from costmodel.kinds import avg_pool
from pooling.arguments import PoolingArguments

backward = avg_pool.backward


def forward(pooling: PoolingArguments) -> Cost:
    """Return the cost of the mean of every window: t − 1 additions and one division of t taps.

    >>> import costmodel
    >>> costmodel.flops("adaptive_avg_pool2d", (1, 2048, 7, 7), output_size=1)
    100352
    """
    return avg_pool.forward(pooling)
