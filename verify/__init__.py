"""The checker: engines that settle claims, the runner that asks them, and the command line.

>>> import verify
>>> verify.check("max-is-relu", "int8").verdict.name
'REFUTED'
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from verify import begun as begun  # first of all, so that nothing is loaded before it

if TYPE_CHECKING:
    from verify.judge.asserting import assert_close
    from verify.judge.judge import equivalent
    from verify.run.report import CellReport


def check(claim: str, system: str) -> CellReport:
    """Judge one claim in one number system and return everything that was found out.

    Raises ``KeyError`` that lists what exists if there is no such claim or number system, or if
    the claim says nothing about that system.
    """
    from proofs import claims
    from proofs.systems import SYSTEMS
    from verify.engines.engine import Settings
    from verify.run.runner import examine_cell

    known = claims()
    if claim not in known:
        raise KeyError(f"claim {claim!r} is not one of {', '.join(known)}")
    if system not in SYSTEMS or known[claim].expects(system) is None:
        stated = ", ".join(known[claim].expected)
        raise KeyError(f"{claim} is stated in {stated}, not in {system!r}")
    return examine_cell(known[claim], system, Settings())


def __getattr__(name: str) -> Any:
    if name == "__version__":
        from verify.names import version

        return version()
    places = {"equivalent": "verify.judge", "assert_close": "verify.judge.asserting"}
    if name not in places:
        raise AttributeError(f"module 'verify' has no attribute {name!r}")
    # The judge loads torch, which the command line must not on its way to --help.
    return getattr(import_module(places[name]), name)


__all__ = ["__version__", "assert_close", "check", "equivalent"]
