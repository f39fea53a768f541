"""Averages of averages, where they are rounded in between."""

from __future__ import annotations

from itertools import product

from proofs.averages.average_cascades import claim
from proofs.evaluate import evaluate
from proofs.systems import SYSTEMS
from proofs.verdict import Verdict


def test_the_integers_round_between_the_averages() -> None:
    """The mean of means is not the mean there, and the claim expects to be refuted there."""
    (two_blocks,) = [part for part in claim.theorems if part.name == "two blocks of two"]
    integer = SYSTEMS["integer"]
    held = [
        evaluate(two_blocks.conclusion, {"a": a, "b": b}, integer)
        for a, b in product(range(-3, 4), repeat=2)
    ]
    assert not all(held) and any(held)
    assert two_blocks in claim.parts_in("integer")
    assert claim.expected["integer"] is Verdict.REFUTED
