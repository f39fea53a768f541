"""What adaptive max-pooling costs.

Along an axis of n elements m windows have n + m − gcd(n, m) taps together.
"""

from costmodel.counts import Cost
from costmodel.kinds import max_pool
from pooling.arguments import PoolingArguments

backward = max_pool.backward


def forward(pooling: PoolingArguments) -> Cost:
    """Return the cost of choosing one tap of every window: t − 1 comparisons of t taps.

    >>> import costmodel
    >>> costmodel.cost("adaptive_max_pool2d", (1, 512, 7, 7), output_size=3).comparisons
    36864
    """
    return max_pool.forward(pooling)
