"""x·fl(1/k) is x/k for every x if k is a power of two, and otherwise almost never.

If 1/k is a number of the format, both are the same real number, rounded once. That is so for powers
of two and for no other k. For those, 1/k is rounded before the product is, and somewhere the two
roundings together miss: in float32 a ninth of all sums of nine come out wrong in the last place,
the smallest of them at 8388610 units.

Almost: a k may be lucky. In float8_e4m3fn 1/13 is rounded so well that none of the 8 significands
notices, and in bfloat16 so are 1/151, 1/163 and 1/183. In float16 it takes 1705 taps until one of
them is. A format of p bits is tried up to 2^p taps, and up to 256 at most, so 26, 52 and 104, which
are as lucky as 13, are beyond what is tried in float8_e4m3fn. No window in use is among the lucky
ones.

Only the significand of x matters, as a power of two in front changes neither side: so all x of a
format without underflow are a few thousand numbers at the most.
"""

from collections.abc import Iterable
from fractions import Fraction

from proofs.claim import EXHAUSTED, PROVED, Check, CheckFailedError, Claim, expect
from proofs.systems import SYSTEMS
from proofs.systems.floats import AnyFormat, FloatFormat


def first_difference(format_name: str, taps: int, most: int | None = None) -> int | None:
    """Return the smallest significand of which division and multiplication differ.

    Tries the first ``most`` significands of the format, or all; ``None`` if they all agree.
    """
    chosen = SYSTEMS[format_name]
    assert isinstance(chosen, FloatFormat)
    system = AnyFormat(chosen.precision)
    reciprocal = Fraction(system.rounded(Fraction(1, taps)))
    if reciprocal == Fraction(1, taps):
        return None
    lowest = 1 << (chosen.precision - 1)
    for significand in range(lowest, lowest + (most or lowest)):
        if system.rounded(Fraction(significand, taps)) != system.rounded(significand * reciprocal):
            return significand
    return None


def lucky(format_name: str, taps: Iterable[int], declared: tuple[int, ...]) -> str:
    """Find the windows for which the reciprocal will do although it is no number of the format.

    Raises ``CheckFailedError`` if they are not those ``declared``.
    """
    tried = [k for k in taps if k & (k - 1)]
    found = tuple(k for k in tried if first_difference(format_name, k) is None)
    if found != declared:
        raise CheckFailedError(f"the reciprocal will do for {found}, not for {declared}")
    said = ", ".join(map(str, found)) or "none"
    return f"all sums of {len(tried)} windows that are no powers of two: lucky are {said}"


def example(format_name: str, taps: Iterable[int], most: int = 4096) -> str:
    """Find a sum that shows the difference for each number of taps that is no power of two.

    Of a power of two 1/k must be a number of the format. Raises ``CheckFailedError`` if it is not,
    and where there is no such sum among the first ``most``.
    """
    found = {}
    system = SYSTEMS[format_name]
    assert isinstance(system, FloatFormat)
    for k in taps:
        if not k & (k - 1):
            if system.rounded(Fraction(1, k)) != Fraction(1, k):
                raise CheckFailedError(f"1/{k} is no number of {format_name}")
            continue
        significand = first_difference(format_name, k, most)
        if significand is None:
            raise CheckFailedError(f"the first {most} sums over {k} are the same either way")
        found[k] = significand
    shown = ", ".join(f"{significand}/{k}" for k, significand in found.items() if k in (3, 9, 49))
    return f"{len(found)} windows each have a sum that shows it ({shown}); powers of two are exact"


COMPARED = "every window of the range"


def enumerated(format_name: str, declared: tuple[int, ...]) -> Check:
    """Return the check over every sum, for every whole k of the format with 2^p at the most."""
    most = 1 << getattr(SYSTEMS[format_name], "precision", 0)
    # Numbers above 2^8 are no windows; and in the 8-bit formats not every k is a number at all.
    return Check(
        COMPARED,
        "certificate",
        lambda: lucky(format_name, range(2, min(most, 256) + 1), declared),
        EXHAUSTED,
        (format_name,),
    )


def exemplified(format_name: str, taps: Iterable[int], most: int = 4096) -> Check:
    """Return the check that finds an example per window, which is a proof."""
    return Check(
        COMPARED, "certificate", lambda: example(format_name, taps, most), PROVED, (format_name,)
    )


claim = Claim(
    __name__,
    title="Multiplying by the rounded 1/k is dividing by k, for every x, iff k is a power of two, "
    "with four exceptions.",
    holds="k up to 256, but up to 16 in float8_e4m3fn and up to 8 in float8_e5m2; no underflow; "
    "the exceptions are 13 in float8_e4m3fn and 151, 163, 183 in bfloat16",
    why="1/k is a number of a binary format only then; otherwise there are two roundings where the "
    "division has one.",
    source="Brisebarre, Muller and Raina 2004, Accelerating correctly rounded floating-point "
    "division when the divisor is known in advance",
    generality="all sums without underflow and all k up to 256, or 2^p if that is less; in float32 "
    "and float64 one sum for each such k that is no power of two",
    parts=(
        enumerated("float8_e4m3fn", (13,)),
        enumerated("float8_e5m2", ()),
        enumerated("bfloat16", (151, 163, 183)),
        enumerated("float16", ()),
        exemplified("float32", range(2, 257)),
        exemplified("float64", range(2, 257)),
    ),
    expected=expect(EXHAUSTED, "float8_e4m3fn float8_e5m2 bfloat16 float16")
    | expect(PROVED, "float32 float64"),
    mutants={
        "no luck in bfloat16": enumerated("bfloat16", ()),
        "no luck in float8_e4m3fn": enumerated("float8_e4m3fn", ()),
        "13 differs in float8_e4m3fn as well": exemplified("float8_e4m3fn", (13,), most=8),
    },
)
