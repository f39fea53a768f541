"""What max-pooling of regions costs: it depends on the regions."""

from costmodel.counts import Cost, Windows
from pooling.arguments import PoolingArguments
from pooling.regions import elements


def forward(pooling: PoolingArguments) -> Cost:
    """Return the cost of choosing one element of every bin: t − 1 comparisons of t elements.

    Raises:
        ValueError: Regions that are a number, and not the boxes: their sizes decide.

    >>> import costmodel
    >>> costmodel.flops("roi_max_pool2d", (1, 3, 8, 8), 2, regions=[(0, 0, 3, 3)])
    36
    """
    counted, channels = elements(pooling), pooling.leading[1]
    windows = Windows(pooling.outputs, channels * sum(counted), pooling.output_shape)
    return Cost(windows, comparisons=channels * sum(max(count - 1, 0) for count in counted))
