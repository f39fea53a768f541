"""The number systems a claim can be judged in, in the order reports show them."""

from __future__ import annotations

from proofs.systems.exact import Integer, Real
from proofs.systems.floats import AnyFormat, FloatFormat
from proofs.systems.integers import AnyWidth, Saturating, WrapAround
from proofs.systems.number_system import NumberSystem

SYSTEMS: dict[str, NumberSystem] = {
    system.name: system
    for system in (
        Real(),
        Integer(),
        AnyWidth(),
        WrapAround(8),
        WrapAround(16),
        WrapAround(32),
        WrapAround(64),
        WrapAround(8, signed=False),
        Saturating(8),
        AnyFormat(),
        FloatFormat("float8_e4m3fn", exponent_bits=4, precision=4, infinities=False),
        FloatFormat("float8_e5m2", exponent_bits=5, precision=3),
        FloatFormat("float16", exponent_bits=5, precision=11),
        FloatFormat("bfloat16", exponent_bits=8, precision=8),
        FloatFormat("float32", exponent_bits=8, precision=24),
        FloatFormat("float64", exponent_bits=11, precision=53),
    )
}


def system(name: str) -> NumberSystem:
    """Return the number system called ``name``.

    Raises ``KeyError`` with the list of names for any other.
    """
    if name not in SYSTEMS:
        raise KeyError(f"number system {name!r} is not one of {', '.join(SYSTEMS)}")
    return SYSTEMS[name]


__all__ = ["SYSTEMS", "NumberSystem", "system"]
