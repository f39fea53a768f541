"""The number systems a claim can be judged in, each described by one module of this folder.

A module registers its systems, and is found by being there. Groups name systems that claims speak
of together: ``expect(Verdict.REFUTED, MACHINE)``.
"""

from __future__ import annotations

import importlib
import pkgutil

from proofs.systems.exact import EXACT
from proofs.systems.integers import INTEGERS, SATURATING, WRAPPING

# isort: split
# Modules give the order of reports as they are imported; those not named here come last.
from proofs.systems.binary import BINARY
from proofs.systems.floats import FLOAT8, FLOAT16, FLOATS, IEEE, NATIVE_FLOATS, ROUNDING
from proofs.systems.number_system import SYSTEMS, NumberSystem, register

for module in pkgutil.iter_modules(__path__, f"{__name__}."):
    importlib.import_module(module.name)

#: What tensors hold: integers of fixed width and float formats.
MACHINE = INTEGERS + FLOATS


def system(name: str) -> NumberSystem:
    """Return the number system called ``name``.

    Raises ``KeyError`` with the list of names for any other.
    """
    if name not in SYSTEMS:
        raise KeyError(f"number system {name!r} is not one of {', '.join(SYSTEMS)}")
    return SYSTEMS[name]


def by_default() -> list[str]:
    """Return the names of the systems that are columns of the matrix without being asked for."""
    return [name for name, one in SYSTEMS.items() if not one.like]


__all__ = [
    "BINARY",
    "EXACT",
    "FLOAT8",
    "FLOAT16",
    "FLOATS",
    "IEEE",
    "INTEGERS",
    "MACHINE",
    "NATIVE_FLOATS",
    "ROUNDING",
    "SATURATING",
    "SYSTEMS",
    "WRAPPING",
    "NumberSystem",
    "by_default",
    "register",
    "system",
]
