"""What k-max pooling costs, by k passes over the taps that are left."""

from costmodel.by_taps import over_windows
from costmodel.counts import Cost
from pooling.arguments import PoolingArguments
from pooling.arithmetic import Number, halve, minimum


def forward(pooling: PoolingArguments) -> Cost:
    """Return the cost of the mean of the k largest taps of every window.

    The largest of t taps takes t − 1 comparisons, the next t − 2, and so on, k of them in all; then
    k − 1 additions and one division. Of a window with fewer taps than k, all count.

    >>> import costmodel
    >>> pooled = costmodel.cost("k_max_pool2d", (1, 64, 112, 112), kernel_size=2, k=2)
    >>> pooled.comparisons, pooled.additions, pooled.divisions
    (1003520, 200704, 200704)
    """
    k = pooling.options["k"]
    return Cost(
        pooling,
        comparisons=over_windows(pooling, lambda taps: passes(taps, minimum(k, taps))),
        additions=over_windows(pooling, lambda taps: minimum(k, taps) - 1),
        divisions=pooling.occupied,
    )


def passes(taps: Number, count: Number) -> Number:
    """Return the comparisons that find the ``count`` largest of so many taps, one after the other.

    >>> passes(4, 1), passes(4, 2), passes(4, 4)
    (3, 5, 6)
    """
    return count * (taps - 1) - halve(count * (count - 1))
