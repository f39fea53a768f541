"""How far a rebuilt layer may be from the exact value of torch's, for inputs in a range.

Apart from the layers because these are bounds that were derived elsewhere, in units that hold in
every float format (``docs/tolerance.md``).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from functools import cache
from math import ceil, frexp, inf, isfinite, nextafter, prod
from typing import Any, NamedTuple

import torch

from pooling.networks import rounding_error, shallow

#: Of shallow networks, what the judge proves of windows of 2 to 9 taps, by whether they take inputs
#: ≥ 0 only. The largest of all formats, as ``benchmarks/tolerances.py`` makes them.
SHALLOW: dict[bool, tuple[float, ...]] = {
    False: (4.0, 21.0, 28.0, 137.0, 36.0, 49.0, 56.0, 394.5),
    True: (1.0, 5.5, 9.0, 68.01, 23.0, 29.5, 33.0, 139.3),
}
#: The precision of every format of torch's that a layer may run in.
PRECISIONS = {torch.float16: 11, torch.bfloat16: 8, torch.float32: 24, torch.float64: 53}
#: What a tolerance may be multiplied by, for windows of n taps at most.
TIMES: dict[str, Callable[[int], int]] = {
    "n": lambda taps: taps,
    "⌈log₂ n⌉": lambda taps: (taps - 1).bit_length(),
}
#: In bfloat16 no bound is told for inputs closer to 0 than this: that for these is.
_LEAST_REACH = 2.0**-40


class LayerTolerance(NamedTuple):
    """A bound on the error of a layer, for inputs in a range.

    >>> print(LayerTolerance(1.5))
    1.5 u·R for inputs up to R, a power of two
    >>> print(LayerTolerance(1.5, 0.0, 6.0, "1 (ReLU6)"))
    0.00585938 in float16 (1.5 u·8) for [0, 6] of 1 (ReLU6)
    """

    #: In units of u·R: R is a power of two that no input exceeds in magnitude, u half the distance
    #: from 1 to the next number of the format. The most of all formats.
    units: float
    #: The range of the input, as far as it is known.
    low: float = -inf
    high: float = inf
    #: The layer that guarantees it; empty if the user says so.
    by: str = ""
    #: How many products may underflow besides, each by half of the tiniest number at most.
    products: int = 0
    #: The same as ``units`` in the formats of :data:`PRECISIONS`, where they differ.
    each: tuple[float, ...] = ()
    #: What ``units`` are multiplied by where windows depend on the size of the input: a key of
    #: :data:`TIMES`, n being the most taps that a window has.
    times: str = ""

    def of_windows(self, taps: int) -> LayerTolerance:
        """Return the tolerance at a size of the input: of windows of at most so many taps.

        >>> LayerTolerance(1.5, times="⌈log₂ n⌉").of_windows(9).units
        6.0
        """
        if not self.times:
            return self
        products = taps * self.products
        return self._replace(
            units=self.units * TIMES[self.times](taps), products=products, times=""
        )

    @property
    def reach(self) -> float | None:
        """R, the least power of two that no input exceeds, ``None`` where no range is known."""
        largest = max(abs(self.low), abs(self.high))
        if not isfinite(largest):
            return None
        share, exponent = frexp(largest)
        return 2.0 ** (exponent - (share == 0.5)) if largest else 0.0

    def within(self, dtype: torch.dtype) -> float | None:
        """Return the bound in a dtype, ``None`` where no range is known or it depends on a size.

        >>> LayerTolerance(1.5, -1.0, 1.0).within(torch.float16) == 1.5 * 2**-11
        True
        """
        if self.reach is None or self.times:
            return None
        info, units, reach = torch.finfo(dtype), self.units_in(dtype), self.reach
        underflows = self.products * info.smallest_normal * info.eps
        if dtype is torch.bfloat16:
            # Matrix instructions take its subnormal numbers for 0, wherever they read or write one.
            underflows += max(2.0**16, 8 * units) * info.smallest_normal * max(reach, 1.0)
            reach = max(reach, _LEAST_REACH)
        return units * info.eps / 2 * reach + underflows

    def units_in(self, dtype: torch.dtype) -> float:
        """Return the units in one format.

        >>> LayerTolerance(2.0, each=(1.0, 2.0, 1.0, 1.0)).units_in(torch.float32)
        1.0
        """
        if not self.each or dtype not in PRECISIONS:
            return self.units
        return self.each[list(PRECISIONS).index(dtype)]

    def __str__(self) -> str:
        """Say it in words, in float16 where a range is known."""
        units = self.units_in(torch.float16)
        reach = "R" if self.reach is None else f"{self.reach:g}"
        bound = f"{units:g}{f'·{self.times}' if self.times else ''} u·{reach}"
        taps = " and windows of n taps" if self.times else ""
        if self.reach is None:
            where = " in float16" if self.each else ""
            return f"{bound}{where} for inputs up to R, a power of two{taps and f',{taps}'}"
        if not self.times:
            bound = f"{self.within(torch.float16):g} in float16 ({bound})"
        by = f" of {self.by}" if self.by else ""
        return f"{bound} for [{self.low:g}, {self.high:g}]{by}{taps}"


def tolerance_of(layer: Any) -> LayerTolerance:
    """Return how far a rebuilt layer may be off, whatever its input.

    >>> import pooling
    >>> print(tolerance_of(pooling.AdaptiveAvgPool2d(2)))
    2·n u·R for inputs up to R, a power of two, and windows of n taps
    """
    sizes = _sizes(layer)
    if not hasattr(layer, "scheme"):
        if sizes is None:
            # The axes may be averaged one after the other: docs/tolerance.md.
            return LayerTolerance(2.0, products=1, times="n")
        taps, divisor = prod(sizes), getattr(layer, "divisor_override", None)
        if divisor is not None:
            return _of_each(_sum_units(taps, divisor), products=taps)
        return LayerTolerance(taps + 1.0, products=taps)
    scheme = str(layer.scheme)
    if sizes is None:
        if scheme == "tree":
            return LayerTolerance(1.5, times="⌈log₂ n⌉")
        return LayerTolerance(1.5 * {"fold": 1, "separable": int(layer.dimensions)}[scheme])
    taps = prod(sizes)
    if taps == 1:
        return LayerTolerance(0.0)
    if layer.skips:
        merges = {
            "fold": 1,
            "tree": (taps - 1).bit_length(),
            "separable": sum(size > 1 for size in sizes),
        }
        return LayerTolerance(1.5 * merges[scheme])
    if scheme == "shallow":
        return _of_shallow(taps, bool(layer.non_negative))
    layers = {
        "fold": (taps - 1,),
        "tree": ((taps - 1).bit_length(),),
        "separable": tuple(size - 1 for size in sizes if size > 1),
    }
    each = tuple(
        network_units(layers[scheme], precision, non_negative=layer.non_negative)
        for precision in PRECISIONS.values()
    )
    return _of_each(each)


def _of_each(each: tuple[float, ...], products: int = 0) -> LayerTolerance:
    alike = len(set(each)) == 1
    return LayerTolerance(max(each), products=products, each=() if alike else each)


@cache
def _sum_units(taps: int, divisor: int) -> tuple[float, ...]:
    """Return a bound on the error of a sum of products with 1/divisor, in units of u·R.

    Each product is rounded, its factor is, and its sum with others taps − 1 times at most.
    """
    each = []
    for precision in PRECISIONS.values():
        unit = Fraction(1, 2**precision)
        off = (1 + unit) ** 2 * (1 + (taps - 1) * unit) - 1
        each.append(_upwards(off / unit * taps / abs(divisor)))
    return tuple(each)


@cache
def _of_shallow(taps: int, non_negative: bool) -> LayerTolerance:
    proved = SHALLOW[non_negative]
    if taps - 2 < len(proved):
        return LayerTolerance(proved[taps - 2])
    network = shallow(taps, non_negative)
    units = (Fraction(1, 2**precision) for precision in PRECISIONS.values())
    each = tuple(_upwards(rounding_error(network, unit) / unit) for unit in units)
    return _of_each(each, products=ceil(max(each)))  # its weights are halves


def network_units(layers: Sequence[int], precision: int, *, non_negative: bool = False) -> float:
    """Return a bound on the error of networks without skips, in units of u·R.

    A network of L layers of ReLUs merges in each of them what is left of its taps, ReLU(t − m) +
    ReLU(m) − ReLU(−m), and passes on what waits. With E the error so far and K = R + E a layer adds
    the rounding of t − m, a sum of six neurons, and that of m, a sum of three. Why no partial sum
    of these is larger than is charged here stands in ``docs/tolerance.md``. As long as E ≤ R/4 it
    is 10 u·R per layer, 4 u·R for inputs ≥ 0.

    Args:
        layers: How many layers of ReLUs each of several networks in a row has.
        precision: How many bits the significand of the format has, u = 2^−precision.
        non_negative: Whether no input is below 0, and values are passed on by one ReLU.

    >>> network_units([1], 24), network_units([8], 24), network_units([8], 24, non_negative=True)
    (2.0, 70.0, 29.5)
    >>> network_units([2, 2], 24), network_units([48], 24), network_units([48], 8)
    (21.0, 470.0, 820.0)
    """
    unit = Fraction(1, 2**precision)

    def added(*sizes: Fraction) -> Fraction:
        """Return what additions cost one after the other, each of at most such a size."""
        error = Fraction(0)
        for size in sizes:
            error += _half_gap(size + error, unit)
        return error

    def passed_on() -> Fraction:
        """Return what m costs: if both ReLUs are above 0 it is small, and there are two sums."""
        if non_negative or not apart:
            return added(reach)
        return added(reach + 4 * apart, reach + 4 * apart)

    error = apart = Fraction(0)
    for count in layers:
        reach = 1 + error
        # Taps are copied, which costs nothing.
        error, apart = error + added(reach if non_negative else 2 * reach), Fraction(0)
        for _ in range(count - 1):
            reach = 1 + error
            if non_negative:
                difference = added(reach, reach, reach)
            else:
                difference = added(3 * reach, 3 * reach, 2 * reach)
            if apart and not non_negative:
                of_one = added(*[2 * reach + 4 * apart] * 4)
                of_both = added(*[reach + 6 * apart] * 5)
                difference = max(difference, of_one, of_both)
            passed = passed_on()
            error, apart = error + difference + passed, passed
        reach = 1 + error
        error += passed_on()
    return _upwards(error / unit)


def _half_gap(size: Fraction, unit: Fraction) -> Fraction:
    """Return the most that a number up to ``size`` is rounded by."""
    exponent = size.numerator.bit_length() - size.denominator.bit_length()
    power = Fraction(2) ** exponent  # within a factor of two of it
    while power < size:
        power *= 2
    while power >= 2 * size:
        power /= 2
    return power / 2 * unit


def _upwards(number: Fraction) -> float:
    near = float(number)
    return nextafter(near, inf) if Fraction(near) < number else near


def _sizes(layer: Any) -> list[int] | None:
    if not hasattr(layer, "kernel_size"):
        return None
    given = layer.kernel_size
    if isinstance(given, int):
        return [given] * int(layer.dimensions)
    return [int(size) for size in given] * (int(layer.dimensions) if len(given) == 1 else 1)
