from __future__ import annotations

import torch

from proofs.claim import Check, CheckFailedError, Theorem
from proofs.systems import SYSTEMS
from proofs.terms import variables
from proofs.verdict import Verdict
from verify.engines.engine import Settings
from verify.engines.torch import Torch

(a,) = variables("a")
ENGINE, SINGLE = Torch(), SYSTEMS["float32"]


def _check(run: object) -> Check:
    assert callable(run)
    return Check("layers", ENGINE.name, run, Verdict.TESTED, ("float32",))


def test_a_comparison_is_a_test() -> None:
    """Layers that agree are TESTED, with torch's version at hand."""
    evidence = ENGINE.examine(_check(lambda: "3 layers agree"), SINGLE, Settings())
    assert (evidence.verdict, evidence.detail) == (Verdict.TESTED, "3 layers agree")
    assert torch.__version__.startswith(ENGINE.version().split("+")[0])


def test_a_difference_refutes() -> None:
    """The layer is told."""

    def differs() -> str:
        raise CheckFailedError("pool1 differs")

    evidence = ENGINE.examine(_check(differs), SINGLE, Settings())
    assert (evidence.verdict, evidence.detail) == (Verdict.REFUTED, "pool1 differs")


def test_declines_formulas() -> None:
    """A theorem is nothing for it."""
    assert not ENGINE.supports(Theorem(a == a), SINGLE)
