"""Pyramids: adaptive poolings to several grids at once, whose outputs follow each other.

Apart from the entries because pyramids of maxima and of means read the same levels.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import prod
from typing import TYPE_CHECKING, Any

from pooling.arguments import PoolingArguments, Sizes
from pooling.arithmetic import Number
from pooling.kinds.adaptive_max_pool import adaptive_arguments

if TYPE_CHECKING:
    from pooling.evaluation import Array


class PyramidArguments(PoolingArguments):
    """An adaptive pooling for each level, of which the outputs follow each other.

    >>> pyramid_arguments(2, (1, 3, 9, 7), (1, 2)).output_shape
    (1, 3, 5)
    """

    __slots__ = ()

    def __eq__(self, other: object) -> bool:
        """Compare the levels, of which the axes are only the first."""
        return isinstance(other, PyramidArguments) and self.levels == other.levels

    def __hash__(self) -> int:
        return hash(self.levels)

    @property
    def levels(self) -> tuple[PoolingArguments, ...]:
        """The adaptive pooling of each level."""
        levels: tuple[PoolingArguments, ...] = self.options["levels"]
        return levels

    @property
    def output_shape(self) -> tuple[Number, ...]:
        """The leading axes, and one axis with the bins of all levels."""
        bins = sum(prod([axis.outputs for axis in level.axes]) for level in self.levels)
        return (*self.leading, bins)

    @property
    def outputs(self) -> Number:
        """The number of bins of all levels."""
        return prod(self.output_shape)

    @property
    def taps(self) -> Number:
        """The taps of all bins together."""
        return sum(level.taps for level in self.levels)

    @property
    def occupied(self) -> Number:
        """The bins that have a tap: all."""
        return sum(level.occupied for level in self.levels)

    @property
    def combinations(self) -> Number:
        """What it takes to make one number of the taps of each bin."""
        return sum(level.combinations for level in self.levels)

    @property
    def touched(self) -> Number:
        """The elements that some bin reads: all."""
        return self.inputs


def pyramid_arguments(
    dimensions: int, shape: Sequence[Number], output_size: Sequence[Sizes]
) -> PyramidArguments:
    """Return the checked arguments of a pyramid: the bins of each level, one int or one per axis.

    Errors are those of :func:`pooling.adaptive_arguments`, and

    Raises:
        ValueError: No level at all, or a level without bins.
        TypeError: Levels that are no tuple.

    >>> pyramid_arguments(1, (3, 8), ()).levels
    Traceback (most recent call last):
    ...
    ValueError: output_size must have at least 1 level, got ()
    """
    if not isinstance(output_size, tuple | list):
        raise TypeError(f"output_size must be a tuple of levels, got {output_size!r}")
    if not output_size:
        raise ValueError(f"output_size must have at least 1 level, got {output_size}")
    levels = tuple([adaptive_arguments(dimensions, shape, level) for level in output_size])
    for level, made in zip(output_size, levels, strict=True):
        if any(axis.outputs == 0 for axis in made.axes):
            raise ValueError(f"output_size must be at least 1 at every level, got {level}")
    return PyramidArguments(levels[0].leading, levels[0].axes, {"levels": levels})


def pooled_levels(array: Array, arguments: PyramidArguments, define: Callable[..., Array]) -> Array:
    """Return what a definition makes of every level, one after the other along the last axis."""
    import numpy

    leading = array.shape[: array.ndim - len(arguments.axes)]
    shape: Any = (*leading, -1)
    pooled = [define(array, level).reshape(shape) for level in arguments.levels]
    result = numpy.empty((*leading, sum(one.shape[-1] for one in pooled)), pooled[0].dtype)
    start = 0
    for one in pooled:
        result[..., start : start + one.shape[-1]] = one
        start += one.shape[-1]
    return result
