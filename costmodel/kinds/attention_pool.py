"""What attention pooling costs, given the scores."""

from __future__ import annotations

from costmodel.counts import Cost
from pooling.arguments import PoolingArguments


def forward(pooling: PoolingArguments) -> Cost:
    """Return the cost of Σ xᵢ·eᵢ / Σ eᵢ over every window, eᵢ = exp(sᵢ − max s).

    A window of t taps takes t − 1 comparisons, t subtractions, t exponentials, t multiplications,
    t − 1 additions for either sum and one division, as a softmax pooling does. Scores that channels
    share are counted for each; computing them is not counted.

    >>> import costmodel
    >>> costmodel.flops("attention_pool2d", (1, 64, 7, 7), 7)
    18688
    """
    taps, windows = pooling.taps, pooling.occupied
    return Cost(
        pooling,
        comparisons=taps - windows,
        additions=taps + 2 * (taps - windows),
        exponentials=taps,
        multiplications=taps,
        divisions=windows,
    )
