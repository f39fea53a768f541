"""What mixed pooling costs: both poolings, and the blend."""

from costmodel.counts import Cost
from pooling.arguments import PoolingArguments


def forward(pooling: PoolingArguments) -> Cost:
    """Return the cost of a·(max-pooling) + (1 − a)·(average pooling), a = ``proportion``.

    That of both poolings, and two multiplications and one addition for every output. With a
    proportion of 0 or 1 it is that of the average or of the maximum alone.

    >>> import costmodel
    >>> stem = ("mixed_pool2d", (1, 64, 112, 112), 2)
    >>> [costmodel.flops(*stem, proportion=a) for a in (0, 0.5, 1)]
    [802816, 2007040, 602112]
    """
    proportion = pooling.options["proportion"]
    outputs, combinations = pooling.outputs, pooling.combinations
    if proportion == 1:
        return Cost(pooling, comparisons=combinations)
    if proportion == 0:
        return Cost(pooling, additions=combinations, divisions=outputs)
    return Cost(
        pooling,
        comparisons=combinations,
        additions=combinations + outputs,
        multiplications=2 * outputs,
        divisions=outputs,
    )
