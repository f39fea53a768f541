"""What softmax pooling costs, as its definition evaluates it.

A subtraction is an addition, and a window without any tap, which ``ceil_mode`` and dilation can
bring about, takes nothing.
"""

from costmodel.counts import Cost
from pooling.arguments import PoolingArguments


def forward(pooling: PoolingArguments) -> Cost:
    """Return the cost of Σ xᵢ·eᵢ / Σ eᵢ over every window, eᵢ = exp((xᵢ − max x)/T).

    A window of t taps takes t − 1 comparisons for the largest tap, t subtractions of it, t
    exponentials, t multiplications, t − 1 additions for either sum and one division. A
    ``temperature`` T other than 1 takes t divisions more.

    >>> import costmodel
    >>> pooled = costmodel.cost("softmax_pool2d", (1, 64, 112, 112), kernel_size=2)
    >>> pooled.exponentials, pooled.additions, pooled.multiplications, pooled.divisions
    (802816, 2007040, 802816, 200704)
    """
    taps, windows = pooling.taps, pooling.occupied
    return Cost(
        pooling,
        comparisons=taps - windows,
        additions=taps + 2 * (taps - windows),
        exponentials=taps,
        multiplications=taps,
        divisions=windows if pooling.options["temperature"] == 1 else windows + taps,
    )
