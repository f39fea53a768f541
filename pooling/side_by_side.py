"""Poolings that put what they pool beside the input: further channels of the same size.

Apart from the entries because those of cascades and of pyramids share their shapes.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import TYPE_CHECKING, Any

from pooling.arguments import PoolingArguments
from pooling.arithmetic import Number

if TYPE_CHECKING:
    from pooling.evaluation import Array


class SideBySide(PoolingArguments):
    """The input, and one pooling after the other beside it: the channels of all in a row.

    Its axes are those of the input, and ``parts`` among its options the poolings.
    """

    __slots__ = ()

    def __eq__(self, other: object) -> bool:
        """Compare the poolings."""
        return isinstance(other, SideBySide) and self.parts == other.parts

    def __hash__(self) -> int:
        return hash(self.parts)

    @property
    def parts(self) -> tuple[PoolingArguments, ...]:
        """What is pooled."""
        parts: tuple[PoolingArguments, ...] = self.options["parts"]
        return parts

    @property
    def output_shape(self) -> tuple[Number, ...]:
        """The shape of the input with so many times the channels."""
        *batch, channels = self.leading
        return (*batch, channels * (1 + len(self.parts)), *[axis.size for axis in self.axes])

    @property
    def outputs(self) -> Number:
        """The elements of the output."""
        return prod(self.output_shape)

    @property
    def taps(self) -> Number:
        """The taps of all windows of all parts."""
        return sum(part.taps for part in self.parts)

    @property
    def occupied(self) -> Number:
        """The windows of all parts that have a tap."""
        return sum(part.occupied for part in self.parts)

    @property
    def combinations(self) -> Number:
        """What it takes to make one number of the taps of each window."""
        return sum(part.combinations for part in self.parts)

    @property
    def touched(self) -> Number:
        """The elements that are read: all."""
        return self.inputs


def in_channels(parts: Sequence[Array], dimensions: int) -> Array:
    """Return arrays of one shape with their channels in a row; without channels they become such.

    >>> import numpy
    >>> in_channels([numpy.zeros((2, 5)), numpy.ones((2, 5))], 1).shape
    (4, 5)
    """
    import numpy

    first = parts[0]
    spatial = first.shape[first.ndim - dimensions :]
    leading = first.shape[: first.ndim - dimensions] or (1,)
    *batch, channels = leading
    result = numpy.empty((*batch, len(parts), channels, *spatial), first.dtype)
    for number, part in enumerate(parts):
        place: Any = (*[slice(None)] * len(batch), number)
        result[place] = part.reshape(*leading, *spatial)
    return result.reshape(*batch, len(parts) * channels, *spatial)
