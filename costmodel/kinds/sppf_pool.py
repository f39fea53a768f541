"""What SPPF costs: its max-poolings; putting them side by side is copying."""

from __future__ import annotations

from costmodel.counts import Cost
from pooling.arguments import PoolingArguments


def forward(pooling: PoolingArguments) -> Cost:
    """Return the cost of choosing one tap of every window of every max-pooling.

    >>> import costmodel
    >>> cost = costmodel.cost("sppf_pool2d", (1, 256, 20, 20))
    >>> cost.output_shape, cost.comparisons
    ((1, 1024, 20, 20), 6478848)
    >>> 3 * costmodel.flops("max_pool2d", (1, 256, 20, 20), 5, 1, 2)
    6478848
    """
    return Cost(pooling, comparisons=pooling.combinations)
