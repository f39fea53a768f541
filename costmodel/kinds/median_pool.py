"""What median pooling costs: that of a rank pooling at the middle."""

from costmodel.by_taps import over_windows
from costmodel.counts import Cost
from costmodel.kinds.k_max_pool import passes
from pooling.arguments import PoolingArguments


def forward(pooling: PoolingArguments) -> Cost:
    """Return the cost of ⌊t/2⌋ + 1 passes over the t taps of every window.

    There are ways with fewer comparisons for large windows; this is what the definition does.

    >>> import costmodel
    >>> costmodel.cost("median_pool2d", (1, 64, 112, 112), kernel_size=3).comparisons
    2628480
    """
    comparisons = over_windows(pooling, lambda taps: passes(taps, taps // 2 + 1))
    return Cost(pooling, comparisons=comparisons)
