"""Softmax without a shift fails for one tap above 11.1 in float16, 88.7 in float32; several sooner.

Softmax pooling weighs the taps by exp(x). That overflows as soon as it rounds past the largest
number of the format, which happens at one float and not at the float before it. From there on one
tap is enough to make the denominator infinite, and the result ∞/∞, a NaN. That is no safe limit:
with several taps their sum overflows earlier, with two equal ones at the float before already, and
the products x·exp(x) earlier still, which makes the result infinite.

At the other end exp(x) rounds to 0. A window in which every tap is that small has the denominator
0, and the result 0/0, a NaN as well, although the mean it should be is an ordinary number.

Each threshold is proved by enclosing exp between two fractions on both sides of it. exp of a
fraction other than 0 is irrational, so it is never itself a tie or the largest number, and an
enclosure that is narrow enough decides. torch is then run on both sides.

float8_e4m3fn is left out: it has no infinity, and results past its largest number saturate.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction
from typing import TYPE_CHECKING

from proofs.claim import MEASURED, PROVED, Check, CheckFailedError, Claim, expect
from proofs.systems import SYSTEMS
from proofs.systems.floats import FloatFormat, floor_log2

if TYPE_CHECKING:
    import torch

#: Format → the largest x whose exp is finite, and the largest y whose exp(−y) is not 0.
THRESHOLDS = {
    "float8_e5m2": (10.0, 10.0),
    "float16": (11.0859375, 17.328125),
    "bfloat16": (88.5, 92.5),
    "float32": (88.72283172607422, 103.97207641601562),
    "float64": (709.782712893384, 745.1332191019411),
}
#: The formats that the title names: in float8_e5m2 two taps at the last float do not overflow.
NAMED = tuple(name for name in THRESHOLDS if name != "float8_e5m2")
#: Significant bits of an enclosure; float64 takes about 64.
BITS = 128


def enclosed_exp(x: Fraction) -> tuple[Fraction, Fraction]:
    """Return two fractions, ``BITS`` bits each and nearly equal, with exp(x) between them; x ≥ 0.

    The exponential series of x/2^n, n so large that it is below 2^−7, and then n squarings.
    Everything is rounded downwards for the one and upwards for the other.

    >>> low, high = enclosed_exp(Fraction(1))
    >>> float(low), high - low < Fraction(1, 10**30)
    (2.718281828459045, True)
    """
    halvings = max(0, floor_log2(x) + 1 if x else 0) + 7
    return _series(x / 2**halvings, halvings, up=False), _series(x / 2**halvings, halvings, up=True)


def _series(small: Fraction, squarings: int, up: bool) -> Fraction:
    total = term = Fraction(1)
    index = 0
    while term > Fraction(1, 2**BITS):
        index += 1
        term = _rounded(term * small / index, up)
        total += term
    # All terms left out come to less than the last one: each is 2^−7 of the one before at the most.
    result = _rounded(total + term if up else total, up)
    for _ in range(squarings):
        result = _rounded(result * result, up)
    return result


def _rounded(x: Fraction, up: bool) -> Fraction:
    if not x:
        return x
    quantum = Fraction(2) ** (floor_log2(x) - BITS)
    return (math.ceil(x / quantum) if up else math.floor(x / quantum)) * quantum


def is_below(x: Fraction, limit: Fraction) -> bool:
    """Say whether exp(x) < ``limit``.

    Raises ``CheckFailedError`` if the enclosure does not tell.
    """
    low, high = enclosed_exp(x)
    if low <= limit <= high:
        raise CheckFailedError(f"exp({float(x)}) is too close to the limit to tell")
    return high < limit


def limits(system: FloatFormat) -> tuple[Fraction, Fraction]:
    """Return where exp(x) begins to round to infinity, and where exp(y) does if exp(−y) is 0.

    >>> [float(limit) for limit in limits(SYSTEMS["float16"])]
    [65520.0, 33554432.0]
    """
    last_place = Fraction(2) ** (floor_log2(system.greatest) - system.precision + 1)
    return system.greatest + last_place / 2, 2 / system.tiniest


def next_above(x: float, system: FloatFormat) -> float:
    """Return the next number of the format above a positive normal one."""
    return x + float(Fraction(2) ** (floor_log2(Fraction(x)) - system.precision + 1))


def last_before(format_name: str, thresholds: tuple[float, float]) -> str:
    """Check that exp passes the limits of the format behind the ``thresholds``, not before.

    Raises ``CheckFailedError`` if it does not.
    """
    system = SYSTEMS[format_name]
    assert isinstance(system, FloatFormat)
    told = []
    for what, x, limit in zip(("overflows", "vanishes"), thresholds, limits(system), strict=True):
        following = next_above(x, system)
        if not is_below(Fraction(x), limit):
            raise CheckFailedError(f"exp {what} at {x!r} already")
        if is_below(Fraction(following), limit):
            raise CheckFailedError(f"exp {what} only behind {following!r}")
        sign = "" if what == "overflows" else "-"
        told.append(f"{what} at {sign}{following!r}, not yet at {sign}{x!r}")
    return "exp " + "; ".join(told)


def two_overflow(format_name: str, x: float) -> str:
    """Check that two equal taps ``x`` overflow together, although each has a finite exponential.

    From half the limit on, exp(x) rounds to a number whose double is beyond the format. Raises
    ``CheckFailedError`` if one of the two is not so.
    """
    system = SYSTEMS[format_name]
    assert isinstance(system, FloatFormat)
    limit, _ = limits(system)
    if not is_below(Fraction(x), limit):
        raise CheckFailedError(f"exp overflows at {x!r} already")
    if is_below(Fraction(x), limit / 2):
        raise CheckFailedError(f"exp({x!r}) + exp({x!r}) does not overflow")
    return f"exp({x!r}) does not overflow, twice exp({x!r}) does"


def two_do_not(format_name: str, x: float) -> str:
    """Check that twice the exponential of ``x``, rounded once more, is still a number.

    Raises ``CheckFailedError`` if it is not.
    """
    system = SYSTEMS[format_name]
    assert isinstance(system, FloatFormat)
    limit, _ = limits(system)
    # exp(x) rounds to at most a float that is below half of the limit: so does its double, exactly.
    if not is_below(Fraction(x), limit / 2):
        raise CheckFailedError(f"exp({x!r}) + exp({x!r}) overflows")
    return f"neither exp({x!r}) nor twice exp({x!r}) overflows"


def in_torch(format_name: str, thresholds: tuple[float, float]) -> str:
    """Run softmax pooling without a shift, and exp, on both sides of the ``thresholds``.

    Windows of two equal taps, in tensors long enough for vector instructions. Raises
    ``CheckFailedError`` if torch does not agree.
    """
    import torch

    system = SYSTEMS[format_name]
    assert isinstance(system, FloatFormat)
    kind = getattr(torch, format_name)
    (last, first_over), (least, first_zero) = ((x, next_above(x, system)) for x in thresholds)
    for x, seen in ((last, torch.isfinite), (first_over, torch.isinf),
                    (-least, lambda y: y > 0), (-first_zero, lambda y: y == 0)):  # fmt: skip
        if not bool(seen(torch.full((40,), x, dtype=kind).exp()).all()):
            raise CheckFailedError(f"torch says that exp({x!r}) is {float(torch.tensor(x).exp())}")
    for x in (last, first_over, -first_zero):
        taps = torch.full((40, 2), x, dtype=kind)
        if not bool(naive_softmax_pool(taps).isnan().all()):
            raise CheckFailedError(f"a window of {x!r} survives")
    return "exp agrees on both sides; two equal taps are NaN beyond, and at the last float before"


def naive_softmax_pool(taps: torch.Tensor) -> torch.Tensor:
    """Return Σ x·exp(x) / Σ exp(x) over the last axis, as the formula says."""
    weights = taps.exp()
    return (taps * weights).sum(-1) / weights.sum(-1)


def checked(format_name: str, thresholds: tuple[float, float]) -> Check:
    """Return the proof of the thresholds of one format."""
    return Check(
        "thresholds",
        "certificate",
        lambda: last_before(format_name, thresholds),
        PROVED,
        (format_name,),
    )


def together(format_name: str, x: float, said: Callable[[str, float], str] = two_overflow) -> Check:
    """Return the proof that two equal taps overflow before one does, or what else is ``said``."""
    return Check(
        "two equal taps", "certificate", lambda: said(format_name, x), PROVED, (format_name,)
    )


def run(format_name: str) -> Check:
    """Return the comparison with torch."""
    return Check(
        "torch",
        "torch",
        lambda: in_torch(format_name, THRESHOLDS[format_name]),
        MEASURED,
        (format_name,),
        cross_check=True,
    )


claim = Claim(
    __name__,
    title="Softmax pooling without a shift is NaN once the exponential of a tap overflows, or once "
    "those of all taps vanish.",
    holds="overflow of one tap alone from 11.09375 on in float16, 89 in bfloat16, 88.7229 in "
    "float32 and 709.7828 in float64; of two equal taps at the float before already, except in "
    "float8_e5m2; exp is rounded to nearest",
    why="exp rounds to infinity there, and the result is ∞/∞; far below 0 it is 0/0.",
    source="Blanchard, Higham and Higham 2021, Accurately computing the log-sum-exp and softmax "
    "functions",
    generality="one tap of a window, and two equal ones but in float8_e5m2, exp rounded to "
    "nearest; torch is run on both sides",
    parts=(
        *(checked(name, thresholds) for name, thresholds in THRESHOLDS.items()),
        *(together(name, THRESHOLDS[name][0]) for name in NAMED),
        together("float8_e5m2", THRESHOLDS["float8_e5m2"][0], two_do_not),
        *(run(name) for name in NAMED),
    ),
    expected=expect(PROVED, tuple(THRESHOLDS)),
    mutants={
        "float16 holds out one float longer": checked("float16", (11.09375, 17.328125)),
        "float32 gives up one float earlier": checked(
            "float32", (88.72282409667969, 103.97207641601562)
        ),
        "float64 vanishes with float32": checked("float64", (709.782712893384, 103.97207641601562)),
        "two taps of 10 overflow in float16": together("float16", 10.0),
        "two taps of 10 overflow in float8_e5m2": together("float8_e5m2", 10.0),
        "bfloat16 has the range of float16": checked("bfloat16", (11.0625, 17.25)),
    },
)
