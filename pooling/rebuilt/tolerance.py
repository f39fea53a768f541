"""How far a rebuilt layer may be from the exact value of torch's, for inputs in a range.

Apart from the layers because these are numbers that were proved elsewhere: what the judge proves of
one window, in units that hold in every float format (``docs/tolerance.md``).
"""

from __future__ import annotations

from math import frexp, inf, isfinite, prod
from typing import Any, NamedTuple

import torch

#: Of networks without skips, what is proved for windows of 2 to 9 taps: by scheme, and whether it
#: takes inputs ≥ 0 only. The largest of all formats, as ``benchmarks/tolerances.py`` makes them.
NETWORKS: dict[tuple[str, bool], tuple[float, ...]] = {
    ("fold", False): (4.0, 21.0, 29.0, 36.0, 43.0, 50.0, 57.0, 65.0),
    ("fold", True): (1.0, 5.5, 15.0, 36.0, 80.0, 88.0, 264.0, 544.0),
    ("shallow", False): (4.0, 21.0, 28.0, 137.0, 36.0, 49.0, 56.0, 394.5),
    ("shallow", True): (1.0, 5.5, 9.0, 68.01, 23.0, 29.5, 33.0, 139.3),
    ("tree", False): (4.0, 21.0, 28.0, 36.0, 36.0, 49.0, 56.0, 63.0),
    ("tree", True): (1.0, 5.5, 9.0, 22.0, 23.0, 29.5, 33.0, 74.0),
}
#: The same of networks that merge along one axis after the other, by the window.
SEPARABLE: dict[tuple[tuple[int, ...], bool], float] = {
    ((2, 2), False): 9.0,
    ((2, 2), True): 3.5,
    ((2, 2, 2), False): 14.0,
    ((2, 2, 2), True): 13.5,
    ((3, 3), False): 46.0,
    ((3, 3), True): 58.5,
}


class LayerTolerance(NamedTuple):
    """A bound on the error of a layer, for inputs in a range.

    >>> print(LayerTolerance(1.5))
    1.5 u·R for inputs up to R, a power of two
    >>> print(LayerTolerance(1.5, 0.0, 6.0, "1 (ReLU6)"))
    0.00585938 in float16 (1.5 u·8) for [0, 6] of 1 (ReLU6)
    """

    #: In units of u·R: R is a power of two that no input exceeds in magnitude, u half the distance
    #: from 1 to the next number of the format.
    units: float
    #: The range of the input, as far as it is known.
    low: float = -inf
    high: float = inf
    #: The layer that guarantees it; empty if the user says so.
    by: str = ""
    #: How many products may underflow besides, each by half of the tiniest number at most.
    products: int = 0

    @property
    def reach(self) -> float | None:
        """R, the least power of two that no input exceeds, ``None`` where no range is known."""
        largest = max(abs(self.low), abs(self.high))
        if not isfinite(largest):
            return None
        share, exponent = frexp(largest)
        return 2.0 ** (exponent - (share == 0.5)) if largest else 0.0

    def within(self, dtype: torch.dtype) -> float | None:
        """Return the bound in a dtype, ``None`` where no range is known.

        >>> LayerTolerance(1.5, -1.0, 1.0).within(torch.float16) == 1.5 * 2**-11
        True
        """
        if self.reach is None:
            return None
        info = torch.finfo(dtype)
        bound = self.units * info.eps / 2 * self.reach
        bound += self.products * info.smallest_normal * info.eps
        # Matrix instructions take subnormal numbers of bfloat16 for 0.
        flushed = 2.0**16 * info.smallest_normal if dtype is torch.bfloat16 else 0.0
        return bound + flushed * max(self.reach, 1.0)

    def __str__(self) -> str:
        """Say it in words, in float16 where a range is known."""
        if self.reach is None:
            return f"{self.units:g} u·R for inputs up to R, a power of two"
        return (
            f"{self.within(torch.float16):g} in float16 ({self.units:g} u·{self.reach:g}) for "
            f"[{self.low:g}, {self.high:g}]{f' of {self.by}' if self.by else ''}"
        )


def units_of(layer: Any) -> tuple[float, int] | None:
    """Return how far a rebuilt layer may be off, in units of u·R, and its products.

    ``None`` where nothing is known: of a layer whose windows depend on the size of the input,
    unless it merges one after the other, and of networks without skips for larger windows.
    """
    sizes = _sizes(layer)
    if not hasattr(layer, "scheme"):
        if sizes is None or getattr(layer, "divisor_override", None) is not None:
            return None
        return prod(sizes) + 1.0, prod(sizes)
    scheme = str(layer.scheme)
    if sizes is None:
        merges = {"fold": 1, "separable": int(layer.dimensions)}
        return (1.5 * merges[scheme], 0) if scheme in merges else None
    if prod(sizes) == 1:
        return 0.0, 0
    if layer.skips:
        merges = {
            "fold": 1,
            "tree": (prod(sizes) - 1).bit_length(),
            "separable": sum(size > 1 for size in sizes),
        }
        return 1.5 * merges[scheme], 0
    wide = tuple(size for size in sizes if size > 1)
    if scheme == "separable" and len(wide) > 1:
        units = SEPARABLE.get((wide, layer.non_negative))
        return None if units is None else (units, 0)
    if scheme == "separable":
        scheme = "fold"
    proved = NETWORKS.get((scheme, layer.non_negative), ())
    return (proved[prod(sizes) - 2], 0) if prod(sizes) - 2 < len(proved) else None


def _sizes(layer: Any) -> list[int] | None:
    if not hasattr(layer, "kernel_size"):
        return None
    given = layer.kernel_size
    if isinstance(given, int):
        return [given] * int(layer.dimensions)
    return [int(size) for size in given] * (int(layer.dimensions) if len(given) == 1 else 1)
