"""What average pooling costs: additions within a window, and one division per output."""

from costmodel.counting import charge
from costmodel.counts import Cost, backwards
from pooling.arguments import PoolingArguments

#: Makes a named tuple of all its fields in half the time of its constructor.
_new = tuple.__new__

#: Other ways to the same result.
ALGORITHMS = "MEAN"


def forward(pooling: PoolingArguments, counting: str = "exact") -> Cost:
    """Return the cost of adding the taps of every window and dividing the sum.

    A window of t ≥ 1 taps takes t − 1 additions, and every output one division. Which divisor it
    is (``count_include_pad``, ``divisor_override``) changes the result but not the count.

    >>> import costmodel
    >>> pooled = costmodel.cost("avg_pool2d", (1, 64, 112, 112), 3, stride=2, padding=1)
    >>> pooled.additions, pooled.divisions, pooled.flops
    (1584192, 200704, 1784896)
    """
    if counting == "exact":
        return _new(Cost, (pooling, 0, pooling.combinations, 0, pooling.outputs, 0, 0, 0))
    charged = charge(pooling, counting)
    return Cost(charged.windows, additions=charged.combinations, divisions=charged.divisions)


def backward(pooling: PoolingArguments) -> Cost:
    """Return the cost of dividing the gradient of every output and adding it to all its taps.

    One division for every output and one addition for every tap.

    >>> import costmodel
    >>> pooled = costmodel.cost("avg_pool2d_backward", (1, 64, 112, 112), 3, stride=2, padding=1)
    >>> pooled.additions, pooled.divisions
    (1784896, 200704)
    """
    return Cost(backwards(pooling), additions=pooling.taps, divisions=pooling.outputs)
