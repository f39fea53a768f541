"""What antialiased averages cost, axis after axis."""

from math import prod

from costmodel.counts import Cost
from pooling.arguments import PoolingArguments


def forward(pooling: PoolingArguments) -> Cost:
    """Return the cost of weighted means along the last axis, then along the one before it.

    An output of t taps along an axis takes t multiplications and t − 1 additions. The weights,
    which follow from the sizes, are not counted.

    >>> import costmodel
    >>> pooled = costmodel.cost("antialiased_avg_pool2d", (1, 3, 8, 8), 4)
    >>> pooled.multiplications, pooled.additions
    (504, 360)
    """
    multiplications = additions = 0
    rows = prod(pooling.leading)
    for i in reversed(range(len(pooling.axes))):
        axis = pooling.axes[i]
        others = prod([before.size for before in pooling.axes[:i]])
        done = prod([after.outputs for after in pooling.axes[i + 1 :]])
        multiplications += rows * others * done * axis.taps
        additions += rows * others * done * (axis.taps - axis.outputs)
    return Cost(pooling, additions=additions, multiplications=multiplications)
