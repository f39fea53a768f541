"""What blur pooling costs, as its definition evaluates it."""

from math import prod

from costmodel.counts import Cost
from pooling.arguments import PoolingArguments


def forward(pooling: PoolingArguments) -> Cost:
    """Return the cost of the sum of all elements of a window times their weights, over their sum.

    A window of K elements takes K multiplications, K − 1 additions and one division, whatever of it
    stands outside the input: what is reflected is multiplied like everything else.

    >>> import costmodel
    >>> pooled = costmodel.cost("blur_pool2d", (1, 64, 112, 112), 3)
    >>> pooled.multiplications, pooled.additions, pooled.divisions
    (1806336, 1605632, 200704)
    """
    elements = prod([axis.kernel_size for axis in pooling.windowed])
    outputs = pooling.outputs
    return Cost(
        pooling,
        additions=outputs * (elements - 1),
        multiplications=outputs * elements,
        divisions=outputs,
    )
