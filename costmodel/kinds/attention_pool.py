"""What attention pooling costs: given the scores, or with those of a query."""

from __future__ import annotations

from math import prod

from costmodel.counts import Cost
from pooling.arguments import PoolingArguments


def forward(pooling: PoolingArguments) -> Cost:
    """Return the cost of Σ xᵢ·eᵢ / Σ eᵢ over every window, eᵢ = exp(sᵢ − max s).

    A window of t taps takes t − 1 comparisons, t subtractions, t exponentials, t multiplications,
    t − 1 additions for either sum and one division, as a softmax pooling does. Scores that channels
    share are counted for each; computing them is not counted.

    With ``query`` it is: a score takes C multiplications, C − 1 additions and one division. All C
    channels then share the scores, the exponentials and their sum.

    >>> import costmodel
    >>> costmodel.flops("attention_pool2d", (1, 64, 7, 7), 7)
    18688
    >>> import pooling
    >>> costmodel.flops(pooling.AttentionPool2d(64), (1, 64, 7, 7))
    12738
    """
    taps, windows = pooling.taps, pooling.occupied
    if not pooling.options["query"]:
        return Cost(
            pooling,
            comparisons=taps - windows,
            additions=taps + 2 * (taps - windows),
            exponentials=taps,
            multiplications=taps,
            divisions=windows,
        )
    channels = pooling.leading[-1]
    shared, at = taps // channels, windows // channels
    positions = prod(pooling.leading[:-1]) * prod([axis.size for axis in pooling.axes])
    return Cost(
        pooling,
        comparisons=shared - at,
        additions=positions * (channels - 1) + shared + (shared - at) + (taps - windows),
        exponentials=shared,
        multiplications=positions * channels + taps,
        divisions=positions + windows,
    )
