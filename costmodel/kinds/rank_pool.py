"""What rank pooling costs, by as many passes over the taps that are left as the rank says."""

from costmodel.by_taps import over_windows
from costmodel.counts import Cost
from costmodel.kinds.k_max_pool import passes
from pooling.arguments import PoolingArguments
from pooling.arithmetic import minimum


def forward(pooling: PoolingArguments) -> Cost:
    """Return the cost of the tap of rank r: t − 1, t − 2, …, t − r comparisons of t taps.

    >>> import costmodel
    >>> costmodel.cost("rank_pool2d", (1, 64, 112, 112), kernel_size=2, rank=2).comparisons
    1003520
    """
    rank = pooling.options["rank"]
    comparisons = over_windows(pooling, lambda taps: passes(taps, minimum(rank, taps)))
    return Cost(pooling, comparisons=comparisons)
