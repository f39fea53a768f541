"""What log-sum-exp pooling costs, as its definition evaluates it."""

from costmodel.counts import Cost
from pooling.arguments import PoolingArguments


def forward(pooling: PoolingArguments) -> Cost:
    """Return the cost of m + T·log(mean of exp((xᵢ − m)/T)) over every window, m = max x.

    A window of t taps takes t − 1 comparisons for the largest tap, t subtractions of it, t
    exponentials, t − 1 additions and one division for their mean, one logarithm, which counts as
    an exponential, and one addition of the largest tap. A ``temperature`` T other than 1 takes t
    divisions and one multiplication more.

    >>> import costmodel
    >>> pooled = costmodel.cost("logsumexp_pool2d", (1, 64, 112, 112), kernel_size=2)
    >>> pooled.exponentials, pooled.additions, pooled.multiplications, pooled.divisions
    (1003520, 1605632, 0, 200704)
    """
    taps, windows = pooling.taps, pooling.occupied
    scaled = pooling.options["temperature"] != 1
    return Cost(
        pooling,
        comparisons=taps - windows,
        additions=2 * taps,
        exponentials=taps + windows,
        multiplications=windows if scaled else 0,
        divisions=windows + taps if scaled else windows,
    )
