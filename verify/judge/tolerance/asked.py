"""What is asked: for which inputs a bound is to hold, and of which reference."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy
import torch

from proofs.systems import SYSTEMS
from proofs.systems.floats import FloatFormat
from proofs.terms import Term, constant
from verify.judge.attack import LARGE, inputs
from verify.judge.tolerance.rounding import Interval, Rounding

if TYPE_CHECKING:
    from numpy.typing import NDArray

#: The systems in which a bound is given.
FLOAT_SYSTEMS = ("float16", "bfloat16", "float32", "float64")
#: One range for all inputs, or one for each.
Between = tuple[float, float] | Sequence[tuple[float, float]]


@dataclass(frozen=True)
class Asked:
    """A range for every input, a float format, and whether the reference is computed in it."""

    system: FloatFormat
    #: One for each input.
    ends: tuple[Interval, ...]
    #: How many elements each input has.
    sizes: tuple[int, ...]
    executed: bool

    @property
    def dtype(self) -> torch.dtype:
        """The dtype in which is computed."""
        found = getattr(torch, self.system.name)
        assert isinstance(found, torch.dtype)
        return found

    @cached_property
    def input_of(self) -> NDArray[Any]:
        """The number of the input that each element belongs to."""
        return numpy.repeat(numpy.arange(len(self.sizes)), self.sizes)

    def of_element(self, element: int) -> Interval:
        """Return the range of an element."""
        return self.ends[int(self.input_of[element])]

    def of_nodes(self, variables: Mapping[int, int]) -> dict[int, Interval]:
        """Return the ranges of nodes, by the elements that they are."""
        return {node: self.of_element(element) for node, element in variables.items()}

    def premises(self, x: Term) -> tuple[Term, ...]:
        """Say of any element of the input that it is in range, of different ranges in all."""
        low, high = min(e.low for e in self.ends), max(e.high for e in self.ends)
        return constant(low) <= x, x <= constant(high)

    @cached_property
    def limits(self) -> tuple[torch.Tensor, torch.Tensor]:
        """The least and the largest float of every element."""
        low: list[torch.Tensor] = []
        high: list[torch.Tensor] = []
        for end, size in zip(self.ends, self.sizes, strict=True):
            for found, value in ((low, end.low), (high, end.high)):
                found.append(torch.full((size,), float(value), dtype=torch.float64))
        return torch.cat(low).to(self.dtype), torch.cat(high).to(self.dtype)

    def admits(self, x: torch.Tensor) -> bool:
        """Say whether every element of a flat input is in its range."""
        low, high = self.limits
        return bool(((low <= x) & (x <= high)).all())

    def moved(self, x: torch.Tensor) -> torch.Tensor:
        """Return a flat input with what is outside its range moved to the end of it."""
        low, high = self.limits
        return torch.maximum(torch.minimum(x.nan_to_num(0.0), high), low)

    def inputs(self) -> Iterator[torch.Tensor]:
        """Yield telling inputs in range: its ends, its middle, what is told of any module."""
        count = sum(self.sizes)
        low, high = self.limits
        generator = torch.Generator().manual_seed(1)
        wide_low, wide_high = low.double(), high.double()
        large = count > LARGE
        yield self.moved(torch.zeros(count, dtype=self.dtype))
        for share in (1,) if large else (8, 4, 2, 1):
            part = torch.rand(count, generator=generator, dtype=torch.float64)
            yield self.moved((wide_low + (wide_high - wide_low) * part / share).to(self.dtype))
        if not large:
            yield high.clone()
            yield low.clone()
        alternating = torch.arange(count) % 2 == 0
        yield torch.where(alternating, low, high)
        if not large:
            yield torch.where(alternating, high, low)
        for _ in range(1 if large else 8):
            yield torch.where(torch.rand(count, generator=generator) < 0.5, low, high)
        for number, x in enumerate(inputs(SYSTEMS["real"], count, self.dtype)):
            if not large or number in (1, 2):
                yield self.moved(x)

    def lines(self) -> list[str]:
        """Return what a bound takes for granted, for the footprint of a verdict."""
        reference = "as computed in that dtype" if self.executed else "the exact value"
        return [
            f"system: {self.system.name}, rounding to nearest even with gradual underflow",
            f"inputs: between {self.written()}",
            f"reference: {reference}",
            "rounding: sums in any order, products fused with them or not, or in a wider format; "
            "no tensor float 32, no Winograd or Fourier transform; operators run one by one, none "
            "fused with another",
        ]

    def written(self) -> str:
        """Return the ranges in words."""
        words = [f"[{float(e.low):.9g}, {float(e.high):.9g}]" for e in self.ends]
        return words[0] if len(set(words)) == 1 else " × ".join(words)


def asking(
    between: Between, system: str, shapes: Sequence[Sequence[int]], *, executed: bool
) -> Asked:
    """Return what is asked.

    Raises:
        ValueError: No float system, an empty range, or one beyond the largest number.
    """
    if system not in FLOAT_SYSTEMS:
        raise ValueError(f"between needs a system of {', '.join(FLOAT_SYSTEMS)}, got {system}")
    found = SYSTEMS[system]
    assert isinstance(found, FloatFormat)
    given: list[Any] = list(between)
    pairs = [given] if given and not isinstance(given[0], tuple | list) else given
    if len(pairs) == 1:
        pairs = pairs * len(shapes)
    if len(pairs) != len(shapes):
        raise ValueError(f"between must have one range or {len(shapes)}, got {len(pairs)}")
    rounding = Rounding(found)
    ends = []
    for pair in pairs:
        if len(pair) != 2 or not all(math.isfinite(end) for end in pair):
            raise ValueError(f"between must be two finite numbers, got {tuple(pair)}")
        low, high = (Fraction(end) for end in pair)
        if low > high:
            raise ValueError(f"between must be a lower and an upper end, got {tuple(pair)}")
        if max(abs(low), abs(high)) > found.greatest:
            raise ValueError(
                f"between must be within ±{float(found.greatest):.9g}, the largest number of "
                f"{system}, got {tuple(pair)}"
            )
        inner = Interval(-_below(rounding, -low), _below(rounding, high))
        if inner.low > inner.high:
            raise ValueError(f"between {tuple(pair)} there is no number of {system}")
        ends.append(inner)
    sizes = tuple(math.prod(shape) for shape in shapes)
    return Asked(found, tuple(ends), sizes, executed)


def _below(rounding: Rounding, end: Fraction) -> Fraction:
    """Return the largest float that is not above a number."""
    near = rounding.nearest(end)
    if near <= end:
        return near
    exponent = rounding.exponent(near)
    if near > rounding.normal and near == Fraction(2) ** exponent:
        exponent -= 1  # below a power of two the gap is half as wide
    return near - 2 * rounding.half_gap(exponent)
