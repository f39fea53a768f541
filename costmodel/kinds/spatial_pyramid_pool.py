"""What spatial pyramid pooling costs: an adaptive max-pooling for each level."""

from costmodel.counts import Cost
from pooling.arguments import PoolingArguments


def forward(pooling: PoolingArguments) -> Cost:
    """Return the cost of choosing one tap of every bin of every level.

    >>> import costmodel
    >>> costmodel.flops("spatial_pyramid_pool2d", (1, 256, 13, 13), output_size=(1, 2, 4))
    153600
    """
    return Cost(pooling, comparisons=pooling.combinations)
