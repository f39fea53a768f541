"""What RoIAlign costs, for as many samples as are asked for."""

from costmodel.counts import Cost
from pooling.arguments import PoolingArguments


def forward(pooling: PoolingArguments) -> Cost:
    """Return the cost of the mean of r² samples of every bin, each of four elements.

    A sample takes four multiplications and three additions, and a bin r² − 1 additions and one
    division. All samples are taken to lie inside; their places and weights are not counted.

    Raises:
        ValueError: A sampling ratio below 1, with which the sizes of the regions decide.

    >>> import costmodel
    >>> pooled = costmodel.cost("roi_align2d", (1, 256, 50, 50), 7, sampling_ratio=2, regions=100)
    >>> pooled.multiplications, pooled.additions, pooled.divisions
    (20070400, 18816000, 1254400)
    """
    ratio = pooling.options["sampling_ratio"]
    if ratio < 1:
        raise ValueError(
            f"sampling_ratio must be at least 1, got {ratio}: sizes of regions decide otherwise"
        )
    bins, samples = pooling.outputs, ratio**2
    return Cost(
        pooling,
        additions=bins * (4 * samples - 1),
        multiplications=bins * 4 * samples,
        divisions=bins,
    )
