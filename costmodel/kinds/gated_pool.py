"""What gated pooling costs, as its formula is written."""

from costmodel.counts import Cost
from pooling.arguments import PoolingArguments


def forward(pooling: PoolingArguments) -> Cost:
    """Return the cost of mean + a·(largest − mean), a = e/(e + 1), e = exp(Σ wᵢ·xᵢ).

    A window of t taps takes t multiplications, t − 1 additions, one exponential, one addition and
    one division for its share; t − 1 comparisons; t − 1 additions and one division for the mean;
    two additions and one multiplication for the blend.

    >>> import costmodel
    >>> pooled = costmodel.cost("gated_pool2d", (1, 64, 112, 112), 2)
    >>> pooled.multiplications, pooled.additions, pooled.comparisons, pooled.exponentials
    (1003520, 1806336, 602112, 200704)
    """
    taps, windows = pooling.taps, pooling.occupied
    return Cost(
        pooling,
        comparisons=taps - windows,
        additions=2 * (taps - windows) + 3 * windows,
        multiplications=taps + windows,
        divisions=2 * windows,
        exponentials=windows,
    )
