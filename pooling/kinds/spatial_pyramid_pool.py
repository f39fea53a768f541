"""Spatial pyramid pooling: the largest tap of every bin of several grids, for any input size."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pooling.kind import Kind, kind
from pooling.pyramids import PyramidArguments, pooled_levels, pyramid_arguments

if TYPE_CHECKING:
    from pooling.evaluation import Array


@Kind(
    __name__,
    title="Spatial pyramid pooling",
    computes="the largest tap of every bin of several grids",
    source='He, Zhang, Ren and Sun, "Spatial Pyramid Pooling in Deep Convolutional Networks for '
    'Visual Recognition", 2014',
    chooses=True,
    read=pyramid_arguments,
    layers={"SpatialPyramidPool": "pooling.modules.pyramid"},
    also=("spatial pyramid", "SPP"),
    described={
        "output_size": "The levels: for each of them a tuple with the bins of every spatial axis,\n"
        "    which also says how many axes there are."
    },
    example={"output_size": (1, 2, 4)},
)
def spatial_pyramid_pool(array: Array, arguments: Any) -> Array:
    """Return the largest tap of every bin of several grids, one grid after the other.

    Each level is the adaptive pooling :func:`pooling.adaptive_max_pool`: how many outputs
    there are does not depend on the size of the input.

    Returns:
        An array of shape ``(*leading, bins)``, the bins of all levels in their order, each level
        row by row. Dtypes are those of the adaptive pooling.

    Raises:
        ValueError: No level at all, a level without bins, or what the adaptive pooling refuses.
        TypeError: Levels that are no tuples, or values of the wrong type.

    Source: He, Zhang, Ren and Sun, "Spatial Pyramid Pooling", 2014.

    >>> spatial_pyramid_pool([1.0, 3.0, 2.0, 0.0], ((1,), (2,))).tolist()
    [3.0, 3.0, 2.0]
    """
    levels: PyramidArguments = arguments
    return pooled_levels(array, levels, kind("adaptive_max_pool").define)
