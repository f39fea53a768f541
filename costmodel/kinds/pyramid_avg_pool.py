"""What pyramid pooling costs: an adaptive average pooling for each level."""

from costmodel.counts import Cost
from pooling.arguments import PoolingArguments


def forward(pooling: PoolingArguments) -> Cost:
    """Return the cost of the mean of every bin of every level.

    >>> import costmodel
    >>> pooled = costmodel.cost("pyramid_avg_pool2d", (1, 512, 60, 60), output_size=(1, 2, 3, 6))
    >>> pooled.additions, pooled.divisions
    (7347200, 25600)
    """
    return Cost(pooling, additions=pooling.combinations, divisions=pooling.outputs)
