from __future__ import annotations

import platform

from proofs.claim import Check, CheckFailedError, Theorem
from proofs.systems import SYSTEMS
from proofs.terms import variables
from proofs.verdict import Verdict
from verify.engines.certificate import Certificate
from verify.engines.engine import Settings

(a,) = variables("a")
ENGINE, REAL = Certificate(), SYSTEMS["real"]


def _check(run: object) -> Check:
    assert callable(run)
    return Check("sum", ENGINE.name, run, Verdict.PROVED, ("real",))


def test_a_certificate_that_holds_proves() -> None:
    """It needs no package but Python, and takes no formula."""
    evidence = ENGINE.examine(_check(lambda: "adds up"), REAL, Settings())
    assert (evidence.verdict, evidence.detail) == (Verdict.PROVED, "adds up")
    assert ENGINE.missing() is None and ENGINE.version() == platform.python_version()


def test_a_certificate_that_does_not_hold_refutes() -> None:
    """The reason is told."""

    def wrong() -> str:
        raise CheckFailedError("adds up to 2")

    evidence = ENGINE.examine(_check(wrong), REAL, Settings())
    assert (evidence.verdict, evidence.detail) == (Verdict.REFUTED, "adds up to 2")


def test_declines_formulas() -> None:
    """A theorem is nothing for it, and forcing one on it is an error."""
    theorem = Theorem(a == a)
    assert not ENGINE.supports(theorem, REAL)
    evidence = ENGINE.examine(theorem, REAL, Settings())
    assert (evidence.verdict, evidence.detail) == (
        Verdict.ERROR,
        "NotImplementedError: certificate runs checks only",
    )
