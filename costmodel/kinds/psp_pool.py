"""What pyramid pooling costs: an adaptive average pooling for each level, and stretching it."""

from __future__ import annotations

from math import prod

from costmodel.counts import Cost
from pooling.arguments import PoolingArguments


def forward(pooling: PoolingArguments) -> Cost:
    """Return the cost of the mean of every bin of every level, and of the interpolation.

    Along an axis an element between two bins takes two multiplications and an addition, after the
    axes behind it; a level of one bin along the axis is copied. Weights follow from the sizes.

    >>> import costmodel
    >>> pooled = costmodel.cost("psp_pool2d", (1, 512, 60, 60), output_size=(1, 2))
    >>> pooled.divisions, pooled.multiplications
    (2560, 3809280)
    """
    parts = pooling.options["parts"]
    between = 0
    for level in parts:
        for i, axis in enumerate(level.axes):
            if axis.outputs > 1:
                bins = prod([before.outputs for before in level.axes[:i]])
                between += prod(level.leading) * bins * prod([at.size for at in level.axes[i:]])
    return Cost(
        pooling,
        additions=pooling.combinations + between,
        multiplications=2 * between,
        divisions=sum(level.outputs for level in parts),
    )
