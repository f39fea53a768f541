"""What generalised-mean pooling costs, as its formula is written: powers, their mean, a root."""

from costmodel.counts import Cost
from pooling.arguments import PoolingArguments


def forward(pooling: PoolingArguments) -> Cost:
    """Return the cost of (mean of max(xᵢ, eps)^p)^(1/p) over every window.

    A window of t taps takes t comparisons with the least tap, t powers, t − 1 additions, one
    division and one root, which is a power. Taps that several windows share are clamped and raised
    in each. Dividing by the largest tap first, as the definition does against overflow, is not
    counted.

    >>> import costmodel
    >>> pooled = costmodel.cost("gem_pool2d", (1, 64, 112, 112), kernel_size=2)
    >>> pooled.comparisons, pooled.powers, pooled.additions, pooled.divisions
    (802816, 1003520, 602112, 200704)
    """
    taps, windows = pooling.taps, pooling.occupied
    return Cost(
        pooling,
        comparisons=taps,
        additions=taps - windows,
        divisions=windows,
        powers=taps + windows,
    )
